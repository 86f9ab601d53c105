"""From what a form sent to an answer, and back to the form. Pure: knows no web and no rows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.errors import InputRejected
from portal.intake.wording import PERIOD_FIELDS, Words
from portal.register import Register
from portal.rights.base import (
    EVERYTHING,
    SOME,
    UNSURE,
    Answer,
    Answers,
    Field,
    Input,
    Kind,
    Question,
    Right,
)
from portal.rights.scope import eligible_activities
from portal.ui.forms import clean, is_address, one_line
from portal.words import N_

MAX_ITEMS = 20

UNKNOWN = N_("This choice is not on the list. Choose one of the answers shown.")
TOO_LONG = N_("This is too long. Use at most %(limit)s characters.")
TOO_MANY = N_("That is too many entries. Use at most %(limit)s, and send the rest in a second request.")
NOT_A_DATE = N_("Enter a date such as 31-12-2025.")
NOT_AN_ADDRESS = N_("Enter an e-mail address such as name@example.com.")
EITHER_OR = N_("You made a general choice and also chose single uses. Keep one of the two.")
NOTHING_CHOSEN = N_("Choose at least one use from the list.")
MISSING = N_("Answer this question to go on.")

Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Context:
    """What an answer is judged against."""

    right: Right
    answers: Answers
    register: Register


class AnswerFault(InputRejected):
    """An answer that cannot be taken, with a sentence for each input that is not right.

    Args:
        faults: input name (see ``input_name``) to the sentence; never the person's own text.
    """

    def __init__(self, faults: Mapping[str, Words]) -> None:
        super().__init__()
        self.faults = dict(faults)


def input_name(question: Question, field_key: str = "", index: int = 0) -> str:
    """Return the name of an input in the form: ``about``, ``contact-email`` or ``items-0-what``."""
    match question.kind:
        case Kind.ITEMS:
            return f"{question.key}-{index}-{field_key}" if field_key else question.key
        case Kind.FIELDS | Kind.PERIOD:
            return f"{question.key}-{field_key}" if field_key else question.key
        case _:
            return question.key


def validate(question: Question, form: Form, context: Context) -> Answer:
    """Return the answer that ``form`` holds, cleaned.

    Raises:
        AnswerFault: a sentence for every input that is missing, unknown, too long, or not allowed for this right.
    """
    faults: dict[str, Words] = {}
    answer = _read(question, form, context, faults)
    if not faults:
        for key, sentence in question.check(answer, context.answers).items():
            faults[input_name(question, key)] = Words(sentence)
    if faults:
        raise AnswerFault(faults)
    return answer


def as_form(question: Question, answer: Answer) -> dict[str, list[str]]:
    """Return the form that would give ``answer``: to show it again, or to judge it anew."""
    if isinstance(answer, str):
        return {question.key: [answer]}
    form: dict[str, list[str]] = {}
    parts: Sequence[str | dict[str, str]] = answer
    for index, item in enumerate(parts):
        if isinstance(item, str):
            form.setdefault(question.key, []).append(item)
        else:
            form |= {input_name(question, key, index): [value] for key, value in item.items()}
    return form


def spared(each: Field, fields: Sequence[Field]) -> bool:
    """Say whether ``each`` need not be filled in as long as the person leaves what was filled in beforehand."""
    presets = {other.key: other.preset for other in fields}
    return each.unless is not None and presets.get(each.unless[0]) == each.unless[1]


def _read(question: Question, form: Form, context: Context, faults: dict[str, Words]) -> Answer:
    match question.kind:
        case Kind.ACTIVITIES:
            return _activities(question, form, context, faults)
        case Kind.ITEMS:
            return _items(question, form, context, faults)
        case Kind.FIELDS | Kind.PERIOD:
            fields = question.fields or PERIOD_FIELDS
            return [_item(question, fields, form, 0, context, faults)]
        case Kind.MANY:
            return _many(question, form, faults)
        case Kind.ONE:
            only = Field(question.key, question.title, "", question.required, question.options, input=Input.CHOICE)
        case Kind.LINE | Kind.TEXT:
            wide = Input.TEXT if question.kind is Kind.TEXT else Input.LINE
            only = Field(
                question.key, question.title, "", question.required, max_length=question.max_length, input=wide
            )
    return _value(only, question.missing, _first(form, question.key), question.key, context, faults)


def _activities(question: Question, form: Form, context: Context, faults: dict[str, Words]) -> list[str]:
    chosen = list(dict.fromkeys(each for each in form.get(question.key, ()) if each))
    offered = {option.slug for option in question.options}
    verdicts = {
        activity.slug: verdict
        for activity, verdict in eligible_activities(context.right, context.answers, context.register.activities)
    }
    general = [each for each in chosen if each in (EVERYTHING, UNSURE) and each in offered]
    single = [each for each in chosen if each in verdicts]
    fault = None
    if any(each not in verdicts and each not in offered for each in chosen):
        fault = UNKNOWN
    elif len(general) + bool(single) > 1 or (general and SOME in chosen):
        fault = EITHER_OR
    elif refused := [verdicts[each].why for each in single if not verdicts[each].yes]:
        fault = refused[0]
    elif SOME in chosen and not single:
        fault = NOTHING_CHOSEN
    elif not general and not single and question.required:
        fault = question.missing or MISSING
    if fault:
        faults[question.key] = Words(fault)
    return general or [slug for slug in verdicts if slug in single]


def _many(question: Question, form: Form, faults: dict[str, Words]) -> list[str]:
    chosen = [each for each in form.get(question.key, ()) if each]
    offered = [option.slug for option in question.options]
    if any(each not in offered for each in chosen):
        faults[question.key] = Words(UNKNOWN)
    elif not chosen and question.required:
        faults[question.key] = Words(question.missing or MISSING)
    return [slug for slug in offered if slug in chosen]


def _items(question: Question, form: Form, context: Context, faults: dict[str, Words]) -> list[dict[str, str]]:
    pattern = re.compile(rf"{re.escape(question.key)}-([0-9]{{1,3}})-")
    indexes = sorted({int(match[1]) for name in form if (match := pattern.match(name))})
    filled = [index for index in indexes if _is_filled(question, form, index)]
    if len(filled) > MAX_ITEMS:
        faults[question.key] = Words(TOO_MANY, values={"limit": MAX_ITEMS})
        return []
    if not filled and question.required:
        filled = indexes[:1] or [0]
        faults[question.key] = Words(question.missing or MISSING)
    return [_item(question, question.fields, form, index, context, faults) for index in filled]


def _is_filled(question: Question, form: Form, index: int) -> bool:
    return any(_first(form, input_name(question, each.key, index)).strip() for each in question.fields)


def _item(
    question: Question,
    fields: Sequence[Field],
    form: Form,
    index: int,
    context: Context,
    faults: dict[str, Words],
) -> dict[str, str]:
    given = {each.key: _first(form, input_name(question, each.key, index)) for each in fields}
    for each in fields:
        if each.unless and given.get(each.unless[0]) == each.unless[1]:
            each = _optional(each)
        name = input_name(question, each.key, index)
        given[each.key] = _value(each, each.missing, given[each.key], name, context, faults)
    return given


def _optional(each: Field) -> Field:
    return Field(
        each.key, each.label, required=False, options=each.options, max_length=each.max_length, input=each.input
    )


def _value(each: Field, missing: str, raw: str, name: str, context: Context, faults: dict[str, Words]) -> str:
    """Return one cleaned value; put a sentence into ``faults`` under ``name`` when it cannot be taken."""
    value = clean(raw) if each.input is Input.TEXT else one_line(raw)
    if not value:
        if each.required:
            faults[name] = Words(missing or MISSING)
        return ""
    if len(value) > each.max_length:
        faults[name] = Words(TOO_LONG, values={"limit": each.max_length})
        return value
    match each.input:
        case Input.CHOICE if value not in {option.slug for option in each.options}:
            faults[name] = Words(UNKNOWN)
        case Input.ACTIVITY:
            _known_activity(value, name, context, faults)
        case Input.TICK:
            return "yes"
        case Input.DATE:
            return _day(value, name, faults)
        case Input.EMAIL if not is_address(value):
            faults[name] = Words(NOT_AN_ADDRESS)
        case _:
            pass
    return value


def _known_activity(slug: str, name: str, context: Context, faults: dict[str, Words]) -> None:
    entries = eligible_activities(context.right, context.answers, context.register.activities)
    verdict = {activity.slug: verdict for activity, verdict in entries}.get(slug)
    if verdict is None or not verdict.yes:
        faults[name] = Words(verdict.why if verdict else UNKNOWN)


def _day(value: str, name: str, faults: dict[str, Words]) -> str:
    """Read 2025-12-31, 31-12-2025, 31/12/2025 or 31.12.2025; keep it as 2025-12-31."""
    parts = re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", value)
    iso = f"{parts[3]}-{parts[2]:0>2}-{parts[1]:0>2}" if parts else value
    try:
        return date.fromisoformat(iso).isoformat()
    except ValueError:
        faults[name] = Words(NOT_A_DATE)
        return value


def _first(form: Form, name: str) -> str:
    values = form.get(name, ())
    return values[0] if values else ""
