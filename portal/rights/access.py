"""The right of access: art. 15 GDPR, clause 7.2. What a person asks and what the reviewer checks."""

from collections.abc import Mapping
from datetime import date

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
)
from portal.words import N_

COPY = "copy"
INFORMATION = "information"


def wants_copy(answers: Answers) -> bool:
    """Say whether the person wants the data themselves; no answer means yes, the kinder reading of 15(3)."""
    return fields_of(answers, "form").get("form", COPY) != INFORMATION


def period(answers: Answers) -> tuple[date | None, date | None]:
    """Return the first and last day the person asked for, both included; None is an open end."""
    given = fields_of(answers, "form")
    first, last = given.get("from", ""), given.get("to", "")
    return date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None


def _backwards(answer: Answer, _answers: Answers) -> Mapping[str, str]:
    first, last = period({"form": answer})
    if first and last and first > last:
        return {"to": N_("The last day comes before the first day. Change one of the two.")}
    return {}


RIGHT = Right(
    slug="access",
    order=10,
    article="15",
    clause="7.2",
    title=N_("See what you have on me"),
    caption=N_("Right of access, art. 15"),
    wish=N_("%(name)s wants to see their data"),
    effect=Effect.COLLECT,
    allowed=any_activity,
    gives_package=True,
    grounds=(*COMMON_GROUNDS, "not-identifiable", "rights-of-others", "trade-secret", "secrecy"),
    checks=(
        *COMMON_CHECKS,
        N_("The copy shows nothing that harms someone else; what does is left out, with a reason (7.10, 15(4))."),
        N_("The recipients are named, not only their kind."),
        N_("For server logs: did the person give an IP address and a time (art. 11)?"),
    ),
    done=N_("Your file is ready. It contains the information and the data you asked for."),
    questions=(
        Question(
            key=ABOUT,
            title=N_("What do you want to know about?"),
            why=N_("We use data for different purposes. Choose the ones you mean, or take everything."),
            kind=Kind.ACTIVITIES,
            chapter=Chapter.ABOUT,
            short=N_("About"),
            options=(
                everything(N_("Everything you have on me")),
                SOME_OPTION,
                UNSURE_OPTION,
            ),
            missing=N_("Choose what you want to know about."),
        ),
        TRACE,
        Question(
            key="form",
            title=N_("Do you also want a copy of your data?"),
            why=N_("The information says what we use, why, for how long and who gets it. The copy is the data."),
            kind=Kind.FIELDS,
            chapter=Chapter.SITUATION,
            short=N_("What you get"),
            check=_backwards,
            fields=(
                Field(
                    "form",
                    N_("What do you want to receive?"),
                    input=Input.CHOICE,
                    preset=COPY,
                    missing=N_("Choose whether you also want a copy."),
                    options=(
                        Option(COPY, N_("The information and a copy of my data")),
                        Option(INFORMATION, N_("Only the information")),
                    ),
                ),
                Field(
                    "from",
                    N_("From"),
                    N_("Leave both days empty for all years."),
                    required=False,
                    input=Input.DATE,
                    max_length=10,
                ),
                Field("to", N_("Up to and including"), required=False, input=Input.DATE, max_length=10),
            ),
        ),
    ),
)
