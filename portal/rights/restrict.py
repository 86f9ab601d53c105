"""The right to restriction: art. 18 GDPR, clause 7.6. Always fileable; granted when one of the four cases holds."""

from portal.rights.base import (
    ABOUT,
    Answer,
    Answers,
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
from portal.rights.shared import (
    COMMON_CHECKS,
    COMMON_GROUNDS,
    SOME_OPTION,
    TRACE,
    UNSURE_OPTION,
    any_activity,
    everything,
    facts,
)
from portal.words import N_


def case_of(answers: Answers) -> str | None:
    """Return the slug of the case of 18(1) the person chose: accuracy, unlawful, claim or objection."""
    return fields_of(answers, "pause_why").get("case") or None


def meanwhile(case: str) -> dict[str, Answer]:
    """Return the reason of a pause until another request is decided: ``accuracy`` or ``objection``."""
    return {"pause_why": [{"case": case, "facts": "", "until": ""}]}


RIGHT = Right(
    slug="restrict",
    order=40,
    article="18",
    clause="7.6",
    title=N_("Pause the use of my data"),
    caption=N_("Right to restriction, art. 18"),
    wish=N_("%(name)s wants the use of data paused"),
    effect=Effect.RESTRICT,
    allowed=any_activity,
    grounds=(*COMMON_GROUNDS, "not-identifiable", "no-case-for-pause", "use-still-allowed"),
    checks=(
        *COMMON_CHECKS,
        N_("One of the four cases of 18(1) holds. In the first and the last, a dispute is enough."),
        N_("Paused data may still be kept, and used only as 18(2) allows."),
        N_("The person is told before the pause ends (18(3))."),
        N_("Everyone who received the data is told, unless that is impossible (art. 19)."),
    ),
    done=N_("We paused the use of these data. We still keep them, and we tell you before the pause ends."),
    questions=(
        Question(
            key=ABOUT,
            title=N_("Which use should we pause?"),
            why=N_("We keep the data, but we do not use them meanwhile."),
            kind=Kind.ACTIVITIES,
            chapter=Chapter.ABOUT,
            short=N_("About"),
            options=(everything(N_("Every use of my data")), SOME_OPTION, UNSURE_OPTION),
            missing=N_("Choose which use we should pause."),
        ),
        TRACE,
        Question(
            key="pause_why",
            title=N_("Which of these fits your situation?"),
            why=N_("The law allows a pause in four cases."),
            kind=Kind.FIELDS,
            chapter=Chapter.SITUATION,
            short=N_("Your reason"),
            fields=(
                Field(
                    "case",
                    N_("Your situation"),
                    input=Input.CHOICE,
                    missing=N_("Choose the situation that fits best."),
                    options=(
                        Option(
                            "accuracy",
                            N_("The data are not right"),
                            N_("Pause until you have checked them. Art. 18(1)(a)"),
                        ),
                        Option(
                            "unlawful",
                            N_("You may not use the data, but do not delete them"),
                            N_("Art. 18(1)(b)"),
                        ),
                        Option(
                            "claim",
                            N_("You no longer need the data, but I do, for a legal claim"),
                            N_("Art. 18(1)(c)"),
                        ),
                        Option(
                            "objection",
                            N_("I objected to the use"),
                            N_("Pause until you have weighed my objection. Art. 18(1)(d)"),
                        ),
                    ),
                ),
                facts(N_("Tell us what happened"), N_("If you like. It helps us to decide sooner.")),
                Field("until", N_("Until when?"), N_("Only if you know."), required=False, max_length=200),
            ),
        ),
    ),
)
