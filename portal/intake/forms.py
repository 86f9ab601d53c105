"""The form of one question: what the template shows, in the language of the page. Decides nothing about answers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.intake.replies import MAX_ITEMS, Context, input_name, spared
from portal.intake.wording import PERIOD_FIELDS, Words
from portal.rights.base import SOME, Effect, Field, Input, Kind, Option, Question
from portal.rights.scope import eligible_activities
from portal.ui.choices import Choice
from portal.words import N_

Form = Mapping[str, Sequence[str]]

NOT_SAID = N_("I leave this open")
NOT_SURE = N_("I am not sure")
WHICH = N_("If you choose only some: which ones?")


@dataclass(frozen=True, slots=True)
class Control:
    """One input. ``shape``: radios, checks, select, tick, area, or line."""

    shape: str
    name: str
    label: str
    hint: str = ""
    error: str = ""
    values: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    type: str = "text"
    autocomplete: str = ""
    optional: bool = False
    max_length: int = 0
    bare: bool = False  # the question itself is its label
    id: str = ""

    @property
    def value(self) -> str:
        """The one thing that was typed or chosen."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything the page of one question shows."""

    title: str
    why: str
    controls: tuple[Control, ...] = ()
    entries: tuple[tuple[Control, ...], ...] = ()
    refused: tuple[Choice, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    grouped: bool = False
    may_add: bool = False


def say(words: Words) -> str:
    """Return ``words`` in the language of the page."""
    return str(_(words.text, **words.values)) if words.translate and words.text else words.text


def sheet(
    question: Question, form: Form, context: Context, language: str, faults: Mapping[str, Words] | None = None
) -> Sheet:
    """Return the page of ``question`` with ``form`` filled in and a sentence at each input in ``faults``."""
    sentences = {name: say(words) for name, words in (faults or {}).items()}
    maker = _Maker(question, form, context, language, sentences)
    controls, entries, refused = maker.controls(), maker.entries(), maker.refused()
    shown = [(each.id or each.name, each.error) for row in (controls, *entries) for each in row if each.error]
    known = {sentence for _id, sentence in shown}
    loose = [("", text) for text in sentences.values() if text not in known]
    return Sheet(
        title=_(question.title),
        why=_(question.why) if question.why else "",
        controls=controls,
        entries=entries,
        refused=refused,
        errors=(*loose, *shown),
        grouped=question.kind in (Kind.ONE, Kind.MANY, Kind.ACTIVITIES),
        may_add=question.kind is Kind.ITEMS and len(entries) < MAX_ITEMS,
    )


def presets(question: Question) -> dict[str, list[str]]:
    """Return the form as it is before the person touches it."""
    form = {input_name(question, each.key): [each.preset] for each in question.fields if each.preset}
    return form | ({question.key: [question.preset]} if question.preset else {})


def with_another_item(question: Question, form: Form) -> tuple[dict[str, list[str]], int]:
    """Return ``form`` with one empty item more, numbered from 0, and the number of that item."""
    items = _items(question, form)
    number = min(len(items), MAX_ITEMS - 1)
    return _numbered(question, [*items, {}][:MAX_ITEMS]), number


def without_item(question: Question, form: Form, index: int) -> dict[str, list[str]]:
    """Return ``form`` without the item at ``index``, numbered from 0."""
    items = _items(question, form)
    return _numbered(question, [item for place, item in enumerate(items) if place != index] or [{}])


def _items(question: Question, form: Form) -> list[dict[str, str]]:
    pattern = re.compile(rf"{re.escape(question.key)}-([0-9]{{1,3}})-")
    indexes = sorted({int(match[1]) for name in form if (match := pattern.match(name))})
    return [
        {each.key: (form.get(input_name(question, each.key, index)) or [""])[0] for each in question.fields}
        for index in indexes
    ]


def _numbered(question: Question, items: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    return {
        input_name(question, each.key, index): [item.get(each.key, "")]
        for index, item in enumerate(items)
        for each in question.fields
    }


@dataclass(frozen=True, slots=True)
class _Maker:
    question: Question
    form: Form
    context: Context
    language: str
    sentences: Mapping[str, str]

    def controls(self) -> tuple[Control, ...]:
        match self.question.kind:
            case Kind.ACTIVITIES:
                return self._general(), self._uses()
            case Kind.ONE:
                return (self._choosing("radios", self.question.options),)
            case Kind.MANY:
                return (self._choosing("checks", self.question.options),)
            case Kind.LINE | Kind.TEXT:
                return (self._writing(),)
            case Kind.FIELDS:
                return tuple(self._field(each, 0) for each in self.question.fields)
            case Kind.PERIOD:
                return tuple(self._field(each, 0) for each in PERIOD_FIELDS)
            case Kind.ITEMS:
                return ()

    def entries(self) -> tuple[tuple[Control, ...], ...]:
        if self.question.kind is not Kind.ITEMS:
            return ()
        count = max(len(_items(self.question, self.form)), 1)
        return tuple(tuple(self._field(each, index) for each in self.question.fields) for index in range(count))

    def refused(self) -> tuple[Choice, ...]:
        if self.question.kind is not Kind.ACTIVITIES:
            return ()
        return tuple(each for each in self._activities() if each.reason)

    def _activities(self) -> list[Choice]:
        register, effect = self.context.register, self.context.right.effect
        key = "purpose" if effect in (Effect.RESTRICT, Effect.OBJECT, Effect.WITHDRAW) else "data"
        entries = eligible_activities(self.context.right, self.context.answers, register.activities)
        return [
            Choice(
                activity.slug,
                register.row(activity.slug).text("title", self.language),
                register.row(activity.slug).text(key, self.language),
                "" if verdict.yes else _(verdict.why),
            )
            for activity, verdict in entries
        ]

    def _general(self) -> Control:
        offered = {option.slug for option in self.question.options}
        chosen = [value for value in self.form.get(self.question.key, ()) if value]
        if not set(chosen) & offered and chosen and SOME in offered:
            chosen = [SOME, *chosen]
        return self._choosing("radios", self.question.options, tuple(chosen))

    def _uses(self) -> Control:
        key = self.question.key
        allowed = tuple(each for each in self._activities() if not each.reason)
        return Control("checks", key, _(WHICH), values=tuple(self.form.get(key, ())), choices=allowed, id=f"{key}-uses")

    def _choosing(self, shape: str, options: Sequence[Option], chosen: tuple[str, ...] | None = None) -> Control:
        key = self.question.key
        values = chosen if chosen is not None else tuple(self.form.get(key, ()))
        error = self.sentences.get(key, "")
        return Control(shape, key, _(self.question.title), "", error, values, _choices(options), bare=True)

    def _writing(self) -> Control:
        key, long = self.question.key, self.question.kind is Kind.TEXT
        return Control(
            "area" if long else "line",
            key,
            _(self.question.title),
            error=self.sentences.get(key, ""),
            values=tuple(self.form.get(key, ())),
            optional=not self.question.required,
            max_length=self.question.max_length,
            bare=True,
        )

    def _field(self, each: Field, index: int) -> Control:
        name = input_name(self.question, each.key, index)
        choices, shape = _choices(each.options), _shape(each)
        if each.input is Input.ACTIVITY:
            open_ones = [use for use in self._activities() if not use.reason]
            choices = (Choice("", _(NOT_SURE)), *open_ones)
        elif shape == "select":
            choices = (Choice("", _(NOT_SAID)), *choices)
        return Control(
            shape,
            name,
            _(each.label),
            _(each.hint) if each.hint else "",
            self.sentences.get(name, ""),
            tuple(self.form.get(name, ())),
            choices,
            type="email" if each.input is Input.EMAIL else "text",
            autocomplete=each.autocomplete,
            optional=not each.required or spared(each, self.question.fields),
            max_length=each.max_length,
        )


def _shape(each: Field) -> str:
    match each.input:
        case Input.CHOICE:
            return "radios" if each.required else "select"
        case Input.ACTIVITY:
            return "select"
        case Input.TICK:
            return "tick"
        case Input.TEXT:
            return "area"
        case _:
            return "date" if each.input is Input.DATE else "line"


def _choices(options: Sequence[Option]) -> tuple[Choice, ...]:
    return tuple(Choice(each.slug, _(each.label), _(each.hint) if each.hint else "") for each in options)
