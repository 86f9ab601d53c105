"""The right to object: art. 21 GDPR, clause 7.7, with the switches of their own: the committee (4.1) and marketing."""

from collections.abc import Mapping, Sequence

from portal.rights.base import (
    ABOUT,
    YES,
    Activity,
    Allowed,
    Answer,
    Answers,
    Basis,
    Chapter,
    Effect,
    Kind,
    Offer,
    Proof,
    Question,
    Right,
    slugs_of,
)
from portal.rights.erase import because
from portal.rights.restrict import meanwhile
from portal.rights.scope import INDIVIDUAL
from portal.rights.shared import COMMON_CHECKS, COMMON_GROUNDS, SOME_OPTION, UNSURE_OPTION, capacity, same_uses
from portal.words import N_

MARKETING = "marketing"
COMMITTEE = "committee"
NO_REASON_NEEDED = frozenset({MARKETING, COMMITTEE})

WHY_NOT = {
    Basis.CONTRACT: N_(
        "We need this for our contract with you, so you cannot refuse it. You can have your account deleted instead."
    ),
    Basis.CONSENT: N_("This rests on your permission. You can take it back at once: choose “Take back a permission”."),
    Basis.LEGAL_OBLIGATION: N_("The law obliges us to do this, so you cannot refuse it."),
}
FOR_YOURSELF = N_(
    "You made the contract for yourself, and we need these data for it. So you cannot refuse this use. "
    "Change your choice above and leave the contract out."
)


def allowed(activity: Activity) -> Allowed:
    """Allow what rests on legitimate interest, and the two uses with a switch of their own."""
    if activity.switch or activity.basis is Basis.LEGITIMATE_INTEREST:
        return YES
    return Allowed(False, WHY_NOT[activity.basis])


def only_marketing(answers: Answers) -> bool:
    """Say whether the objection is to marketing alone: then it is carried out at once (21(2), 21(3), 7.7)."""
    return set(slugs_of(answers, ABOUT)) == {MARKETING}


def needs_circumstances(answers: Answers) -> bool:
    """Say whether the person is asked for their situation (21(1)); marketing and the committee ask for no reason."""
    chosen = set(slugs_of(answers, ABOUT))
    return not chosen or not chosen <= NO_REASON_NEEDED


def is_weighed(answers: Answers) -> bool:
    """Say whether the objection is weighed; one to marketing alone is carried out, and there is nothing to wait for."""
    return not only_marketing(answers)


def _marketing_alone(answer: Answer, _answers: Answers) -> Mapping[str, str]:
    chosen = slugs_of({ABOUT: answer}, ABOUT)
    if MARKETING in chosen and len(chosen) > 1:
        return {
            "": N_(
                "We stop advertising at once and without an identity card. "
                "Choose it alone, send that, and make a second request for the rest."
            )
        }
    return {}


def pause_of_the_same(answers: Answers, _register: Sequence[Activity]) -> Answers:
    """Return the request to pause the uses that are objected to (18(1)(d))."""
    return {**same_uses(answers), **meanwhile("objection")}


def deletion_of_the_same(answers: Answers, _register: Sequence[Activity]) -> Answers:
    """Return the request to delete what the uses that are objected to rest on (17(1)(c))."""
    return {**same_uses(answers), **because("objected")}


RIGHT = Right(
    slug="object",
    order=50,
    article="21",
    clause="7.7",
    title=N_("Stop a certain use"),
    caption=N_("Right to object, art. 21"),
    wish=N_("%(name)s objects to a use of their data"),
    effect=Effect.OBJECT,
    allowed=allowed,
    proof=lambda answers: Proof.EMAIL if only_marketing(answers) else Proof.ID_FRONT,
    decided=lambda answers: not only_marketing(answers),
    grounds=(*COMMON_GROUNDS, "compelling-interest", "legal-claims-objection", "research-needed", "other-basis"),
    checks=(
        *COMMON_CHECKS,
        N_("We must show compelling grounds; the person need not show anything more. An even balance grants."),
        N_("The recognition committee: no reason is needed (4.1). Grant."),
        N_("The use is paused while you weigh, if the person asked for that (18(1)(d))."),
    ),
    done=N_("We stopped using your data for this."),
    offers=(
        Offer("restrict", N_("Do you want us to pause this use until we have decided?"), pause_of_the_same, is_weighed),
        Offer("erase", N_("Do you also want these data deleted if we agree?"), deletion_of_the_same, is_weighed),
        Offer("erase", N_("Do you also want these data deleted?"), deletion_of_the_same, only_marketing),
    ),
    questions=(
        Question(
            key=ABOUT,
            title=N_("Which use should stop?"),
            why=N_("You can refuse a use that rests on our own interest. Next to the others we say why not."),
            kind=Kind.ACTIVITIES,
            chapter=Chapter.ABOUT,
            short=N_("Use"),
            options=(SOME_OPTION, UNSURE_OPTION),
            check=_marketing_alone,
            missing=N_("Choose which use should stop."),
        ),
        capacity({INDIVIDUAL: FOR_YOURSELF}),
        Question(
            key="circumstances",
            title=N_("What in your situation makes you refuse this?"),
            why=N_("We weigh your situation against our interest. A few words are enough, and more is welcome."),
            kind=Kind.TEXT,
            chapter=Chapter.SITUATION,
            short=N_("Your situation"),
            max_length=100_000,
            when=needs_circumstances,
            missing=N_("Tell us in your own words why you refuse this use."),
        ),
    ),
)
