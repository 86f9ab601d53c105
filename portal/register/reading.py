"""Answers as a person reads them: in the transcript, on the check page and at the desk. Pure.

Stands with the register because activities are read by the titles of its rows; every stage may use it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from babel.dates import format_date

from portal.register.model import Register
from portal.rights.base import Answer, Answers, Field, Input, Kind, Option, Question
from portal.words import N_

OWN_WORDS = N_("Own words")
LABELLED = N_("%(label)s: %(answer)s")

NOT_GIVEN = N_("Not provided")
PERIOD_FIELDS = (
    Field("from", N_("From"), required=False, input=Input.DATE, max_length=10),
    Field("to", N_("Up to and including"), required=False, input=Input.DATE, max_length=10),
)


@dataclass(frozen=True, slots=True)
class Words:
    """Something a person reads: an English source string to translate, or text that stays as it is."""

    text: str
    translate: bool = True
    values: Mapping[str, object] = field(default_factory=dict)
    label: str = ""  # English source string in front of it; empty when the question says enough
    item: int = 0  # which entry of a list it belongs to


def readable(question: Question, answer: Answer, register: Register, language: str) -> list[Words]:
    """Return an answer as a person reads it in the transcript, on the check page and at the desk.

    Activities come in ``language`` already; options and labels are source strings to translate; the person's own text
    stays as it is.
    """
    lines: list[Words] = []
    parts: Sequence[str | dict[str, str]] = [answer] if isinstance(answer, str) else answer
    for index, part in enumerate(parts):
        if isinstance(part, dict):
            lines += _readable_item(question, part, index, register, language)
        elif part:
            lines.append(_readable_value(part, question.options, _plain(question.kind), register, language))
    return lines or [Words(NOT_GIVEN)]


def retold(
    questions: Sequence[Question], answers: Answers, register: Register, language: str, say: Callable[..., str]
) -> list[tuple[str, str]]:
    """Return every answer with the short name of its question, the person's own words first; lines end with a newline.

    Args:
        questions: of the right.
        answers: as they were signed.
        register: of processing.
        language: of the reader.
        say: translates a source string, with values for its places, into that language.
    """
    own_words = answers.get("own_words", "")
    told = [(say(OWN_WORDS), own_words)] if isinstance(own_words, str) and own_words else []
    for question in questions:
        if question.key in answers and question.when(answers):
            words = readable(question, answers[question.key], register, language)
            told.append((say(question.short), "\n".join(_lines(words, say))))
    return told


def _lines(words: Sequence[Words], say: Callable[..., str]) -> list[str]:
    lines, item = [], 0
    for each in words:
        text = say(each.text, **each.values) if each.translate else each.text
        if each.item != item:
            lines.append("")
            item = each.item
        asks_again = len(words) == 1 and each.label.endswith("?")
        lines.append(text if asks_again or not each.label else _labelled(say(each.label), text, say))
    return lines


def _labelled(label: str, text: str, say: Callable[..., str]) -> str:
    return f"{label} {text}" if label.endswith(("?", ".", ":")) else say(LABELLED, label=label, answer=text)


def _long(value: str, language: str) -> str:
    """Return an ISO date as people of ``language`` write it; what is no date stays as it is."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    return str(format_date(day, "long", locale="en_GB" if language == "en" else language))


def _plain(kind: Kind) -> Input:
    return {Kind.ACTIVITIES: Input.ACTIVITY, Kind.ONE: Input.CHOICE, Kind.MANY: Input.CHOICE}.get(kind, Input.LINE)


def _readable_item(
    question: Question, item: Mapping[str, str], index: int, register: Register, language: str
) -> list[Words]:
    lines = []
    for each in question.fields or PERIOD_FIELDS:
        if value := item.get(each.key, ""):
            words = _readable_value(value, each.options, each.input, register, language)
            lines.append(Words(words.text, words.translate, label=each.label, item=index))
    return lines


def _readable_value(value: str, options: Sequence[Option], kind: Input, register: Register, language: str) -> Words:
    for option in options:
        if option.slug == value:
            return Words(option.label)
    if kind is Input.ACTIVITY:
        return Words(register.row(value).text("title", language), translate=False)
    if kind is Input.TICK:
        return Words(N_("Yes"))
    if kind is Input.DATE:
        return Words(_long(value, language), translate=False)
    return Words(value, translate=False)
