"""Questions that several rights ask in the same words, so that an answer survives a change of right. Holds no right."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address

from portal.rights.base import (
    ABOUT,
    CAPACITY,
    EVERYTHING,
    SOME,
    UNSURE,
    YES,
    Activity,
    Allowed,
    Answer,
    Answers,
    Chapter,
    Field,
    Input,
    Kind,
    Option,
    Question,
    slugs_of,
)
from portal.rights.scope import COMPANY, INDIVIDUAL, picked_contract
from portal.words import N_

SOME_OPTION = Option(SOME, N_("Only what I choose"))
UNSURE_OPTION = Option(UNSURE, N_("I am not sure"), N_("A member of staff looks at it with you."))

COMMON_CHECKS = (
    N_("The name and the address match an account, or the difference is explained."),
    N_("The request is signed and dated (7.9)."),
    N_("Earlier requests: is this the same one again (7.10)?"),
)

COMMON_GROUNDS = (
    "unfounded",
    "repeated",
    "excessive",
    "not-identified",
    "no-mandate",
    "not-controller",
    "not-personal",
    "no-data",
)


def any_activity(_activity: Activity) -> Allowed:
    """Allow every activity: for rights that do not depend on the legal basis."""
    return YES


def same_uses(answers: Answers, _register: Sequence[Activity] = ()) -> dict[str, Answer]:
    """Return what ``answers`` say of the uses they are about, for another right that is about the same ones."""
    return {key: answers[key] for key in (ABOUT, TRACE.key, CAPACITY) if key in answers}


def everything(label: str, hint: str = "") -> Option:
    """Return the option that takes every activity the right may touch."""
    return Option(EVERYTHING, label, hint)


TRACE = Question(
    key="trace",
    title=N_("How can we find your visit in the server logs?"),
    why=N_("The logs contain no name. With your IP address and the day we can look. You may skip this (art. 11)."),
    kind=Kind.FIELDS,
    chapter=Chapter.ABOUT,
    short=N_("Your visit"),
    required=False,
    when=lambda answers: "logs" in slugs_of(answers, ABOUT),
    check=lambda answer, _answers: _ip_faults(answer),
    fields=(
        Field("ip", N_("IP address"), N_("For example 192.0.2.10."), required=False, max_length=45),
        Field("at", N_("Day of your visit"), required=False, input=Input.DATE, max_length=10),
    ),
)


def capacity(refused: Mapping[str, str]) -> Question:
    """Return the question for whom the person made the contract.

    Args:
        refused: the capacity this right does not allow ("individual" or "company"), with the sentence that says why.
    """

    def check(answer: Answer, _answers: Answers) -> Mapping[str, str]:
        return {"": refused[answer]} if isinstance(answer, str) and answer in refused else {}

    return Question(
        key=CAPACITY,
        title=N_("Who did you make the contract for?"),
        why=N_("The legal basis differs, so the answer decides whether this right applies (3.2.1)."),
        kind=Kind.ONE,
        chapter=Chapter.ABOUT,
        short=N_("Contract"),
        options=(
            Option(INDIVIDUAL, N_("For myself")),
            Option(COMPANY, N_("For a company or another organisation"), N_("For example as its contact person.")),
        ),
        when=picked_contract,
        check=check,
        missing=N_("Choose who you made the contract for."),
    )


def facts(label: str, hint: str = "") -> Field:
    """Return an optional field for the story behind a choice."""
    return Field("facts", label, hint, required=False, max_length=20_000, input=Input.TEXT)


def _ip_faults(answer: Answer) -> Mapping[str, str]:
    item = answer[0] if isinstance(answer, list) and answer else {}
    given = item.get("ip", "") if isinstance(item, dict) else ""
    if given and isinstance(item, dict) and not item.get("at"):
        return {"at": N_("Write the day too: somebody else may have had this address on another day.")}
    try:
        if given:
            ip_address(given)
    except ValueError:
        return {"ip": N_("Enter an IP address such as 192.0.2.10, or leave this empty.")}
    return {}
