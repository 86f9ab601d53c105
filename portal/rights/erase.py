"""The right to erasure: art. 17 GDPR, clauses 7.5 and 5.3. A whole account asks no ground, chosen uses do."""

from collections.abc import Sequence

from portal.rights.base import (
    ABOUT,
    EVERYTHING,
    Activity,
    Answer,
    Answers,
    Chapter,
    Effect,
    Field,
    Input,
    Kind,
    Offer,
    Option,
    Question,
    Right,
    fields_of,
    slugs_of,
)
from portal.rights.shared import (
    COMMON_CHECKS,
    COMMON_GROUNDS,
    SOME_OPTION,
    TRACE,
    UNSURE_OPTION,
    any_activity,
    everything,
    facts,
    same_uses,
)
from portal.words import N_


def whole_account(answers: Answers) -> bool:
    """Say whether the person wants their whole account deleted, which asks no ground (5.3)."""
    return EVERYTHING in slugs_of(answers, ABOUT)


def reason(answers: Answers) -> str | None:
    """Return the slug of the case of 17(1) the person chose; None for a whole account."""
    return None if whole_account(answers) else fields_of(answers, "erase_why").get("reason") or None


def copy_of_the_same(answers: Answers, _register: Sequence[Activity]) -> Answers:
    """Return the request for a copy of what is to go."""
    return {**same_uses(answers), "form": [{"form": "copy", "from": "", "to": ""}]}


def because(why: str) -> dict[str, Answer]:
    """Return the reason of a request to delete that follows from another one; the person still says they understood."""
    return {"erase_why": [{"reason": why, "facts": "", "understood": ""}]}


UNDERSTOOD = Field(
    "understood",
    N_("I understand that some data stay because a law says so."),
    N_("For example invoices. The answer says which, why and until when."),
    input=Input.TICK,
    max_length=3,
    missing=N_("Tick the box to say that you understand that some data stay."),
)

REASONS = (
    Option("not-needed", N_("You no longer need them"), N_("For example: I stopped using Medbook. Art. 17(1)(a)")),
    Option("withdrawn", N_("I took back my permission"), N_("Art. 17(1)(b)")),
    Option("objected", N_("I objected to the use"), N_("Art. 17(1)(c)")),
    Option("unlawful", N_("You should never have had or used them"), N_("Art. 17(1)(d)")),
    Option("law", N_("A law says that they must be deleted"), N_("Art. 17(1)(e)")),
    Option("child", N_("They were collected online when I was a child"), N_("Art. 17(1)(f)")),
    Option("unsure", N_("I am not sure"), N_("We look for the reason that fits.")),
)

RIGHT = Right(
    slug="erase",
    order=30,
    article="17",
    clause="7.5",
    title=N_("Delete data"),
    caption=N_("Right to erasure, art. 17"),
    wish=N_("%(name)s wants data deleted"),
    effect=Effect.ERASE,
    allowed=any_activity,
    four_eyes_on_grant=True,
    grounds=(
        *COMMON_GROUNDS,
        "not-identifiable",
        "still-needed",
        "duty-to-keep",
        "order-to-keep",
        "legal-claims",
        "research-harmed",
        "public-health",
        "free-expression",
    ),
    checks=(
        *COMMON_CHECKS,
        N_("A whole account needs no reason (5.3). Chosen uses need one of the cases of 17(1)."),
        N_("The person was not sure what to delete? Ask before you decide."),
        N_("Every record that stays has a law, an article and an end date. Legal claims need facts (17(3))."),
        N_("Assessments by others: the name goes, the assessment may stay. Does the person know?"),
        N_("The person was offered a copy first. Deleting cannot be undone."),
        N_("Everyone who received the data is told, unless that is impossible (art. 19)."),
    ),
    done=N_("We deleted the data. The answer lists what stays, why and until when."),
    offers=(Offer("access", N_("Do you want a copy first? Deleting cannot be undone."), copy_of_the_same),),
    questions=(
        Question(
            key=ABOUT,
            title=N_("Which data should go?"),
            why=N_("Some records we must keep by law, such as invoices. Our answer says which and until when."),
            kind=Kind.ACTIVITIES,
            chapter=Chapter.ABOUT,
            short=N_("About"),
            options=(
                everything(
                    N_("Everything, my account too"),
                    N_("You can no longer sign in afterwards. Take a copy of your portfolio first."),
                ),
                SOME_OPTION,
                UNSURE_OPTION,
            ),
            missing=N_("Choose which data should go."),
        ),
        TRACE,
        Question(
            key="erase_why",
            title=N_("Why should these data go?"),
            why=N_("The law lists the cases. Choose the one that fits best; we look at the others too."),
            kind=Kind.FIELDS,
            chapter=Chapter.SITUATION,
            short=N_("Your reason"),
            when=lambda answers: not whole_account(answers),
            fields=(
                Field(
                    "reason",
                    N_("Reason"),
                    input=Input.CHOICE,
                    options=REASONS,
                    missing=N_("Choose a reason, or “I am not sure”."),
                ),
                facts(N_("Do you want to add something?")),
                UNDERSTOOD,
            ),
        ),
        Question(
            key="erase_all",
            title=N_("Before we delete your account"),
            why=N_("You need not give a reason. Deleting cannot be undone."),
            kind=Kind.FIELDS,
            chapter=Chapter.SITUATION,
            short=N_("What stays"),
            when=whole_account,
            fields=(UNDERSTOOD,),
        ),
    ),
)
