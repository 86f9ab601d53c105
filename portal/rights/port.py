"""The right to data portability: art. 20 GDPR, clause 7.8. Only consent, or a contract with an individual."""

from portal.rights.base import (
    ABOUT,
    YES,
    Activity,
    Allowed,
    Answers,
    Basis,
    Chapter,
    Effect,
    Field,
    Input,
    Kind,
    Option,
    Question,
    Right,
    fields_of,
)
from portal.rights.scope import COMPANY, CONTRACT_COMPANY
from portal.rights.shared import (
    COMMON_CHECKS,
    COMMON_GROUNDS,
    SOME_OPTION,
    UNSURE_OPTION,
    capacity,
    everything,
)
from portal.words import N_

TO_ME = "me"
TO_OTHER = "other"

OWN_INTEREST = N_(
    "This rests on our own interest. You can take along only what rests on a permission or a contract. "
    "You can ask for a copy: choose “See what you have on me”."
)
LEGAL_DUTY = N_(
    "The law obliges us to do this. You can take along only what rests on a permission or a contract. "
    "You can ask for a copy: choose “See what you have on me”."
)
FOR_A_COMPANY = N_(
    "You act for a company here, so the contract is not with you yourself. This right does not apply then. "
    "You can ask for a copy: choose “See what you have on me”."
)


def allowed(activity: Activity) -> Allowed:
    """Allow what rests on consent or on a contract with an individual (20(1)(a)); else say why not."""
    if activity.slug == CONTRACT_COMPANY:
        return Allowed(False, FOR_A_COMPANY)
    match activity.basis:
        case Basis.CONSENT | Basis.CONTRACT:
            return YES
        case Basis.LEGITIMATE_INTEREST:
            return Allowed(False, OWN_INTEREST)
        case Basis.LEGAL_OBLIGATION:
            return Allowed(False, LEGAL_DUTY)


def other_controller(answers: Answers) -> str | None:
    """Return the other controller to whom the data should go; None when they go to the person."""
    given = fields_of(answers, "destination")
    return given.get("controller") or None if given.get("to") == TO_OTHER else None


RIGHT = Right(
    slug="port",
    order=60,
    article="20",
    clause="7.8",
    title=N_("Take my data elsewhere"),
    caption=N_("Right to data portability, art. 20"),
    wish=N_("%(name)s wants to take their data along"),
    effect=Effect.COLLECT,
    allowed=allowed,
    gives_package=True,
    grounds=(
        *COMMON_GROUNDS,
        "not-portable",
        "not-provided",
        "not-automated",
        "not-feasible",
        "rights-of-others-port",
    ),
    checks=(
        *COMMON_CHECKS,
        N_("Only what the person provided, use included. Not what others wrote or what we derived."),
        N_("For another controller: is direct sending feasible? If not, the answer says why (20(2))."),
        N_("What is left out is listed with the reason."),
    ),
    done=N_("Your data are ready in files that other programs can read."),
    questions=(
        Question(
            key=ABOUT,
            title=N_("Which data do you want to take along?"),
            why=N_("You get what you gave us and what your use produced. Assessments by others stay out."),
            kind=Kind.ACTIVITIES,
            chapter=Chapter.ABOUT,
            short=N_("About"),
            options=(everything(N_("Everything I may take along")), SOME_OPTION, UNSURE_OPTION),
            missing=N_("Choose which data you want to take along."),
        ),
        capacity({COMPANY: FOR_A_COMPANY}),
        Question(
            key="destination",
            title=N_("Where should the data go?"),
            why=N_("We can send them straight to another organisation if that is technically possible."),
            kind=Kind.FIELDS,
            chapter=Chapter.SITUATION,
            short=N_("Send to"),
            fields=(
                Field(
                    "to",
                    N_("Send to"),
                    input=Input.CHOICE,
                    preset=TO_ME,
                    options=(Option(TO_ME, N_("To me")), Option(TO_OTHER, N_("To another organisation"))),
                    missing=N_("Choose where the data should go."),
                ),
                Field(
                    "controller",
                    N_("Name and address of that organisation"),
                    N_("A mail address or a website is enough."),
                    max_length=500,
                    unless=("to", TO_ME),
                    missing=N_("Write which organisation should get the data."),
                ),
            ),
        ),
    ),
)
