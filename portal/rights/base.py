"""What a right is made of. Pure: no Flask, no SQLAlchemy, no database; words are English source strings (``N_``)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Answer: TypeAlias = str | list[str] | list[dict[str, str]]
Answers: TypeAlias = Mapping[str, Answer]
"""Answers by question key: text, chosen slugs, or items (each a mapping of field key to text)."""

ABOUT = "about"  # key of the question "which uses"; every right but rectify has it
CAPACITY = "capacity"  # key of the question "for yourself or for a company" (3.2.1 is two rows)
EVERYTHING = "everything"  # answer to ABOUT: every activity this right may touch
SOME = "some"  # answer to ABOUT on the form only: "only what I choose"; never stored
UNSURE = "unsure"  # answer to ABOUT: the desk looks at it together with the person


class Kind(StrEnum):
    """How a question is answered."""

    ONE = "one"  # one option: radios
    MANY = "many"  # any number of options: check boxes
    LINE = "line"  # one line of text
    TEXT = "text"  # free text of any length up to max_length
    ITEMS = "items"  # a list of items, each with the same few fields (rectify)
    PERIOD = "period"  # two optional dates, "from" and "to", as ISO dates in items[0]
    FIELDS = "fields"  # a few short fields on one turn; the answer is one item: [{field key: text}]
    ACTIVITIES = "activities"  # activities of the register that this right may touch; the rest shown with the reason


class Input(StrEnum):
    """How one field of a FIELDS or ITEMS question is filled in."""

    LINE = "line"  # one line of text
    TEXT = "text"  # several lines of text
    CHOICE = "choice"  # one of the field's options
    TICK = "tick"  # one box; "yes" or ""
    DATE = "date"  # a day, kept as YYYY-MM-DD
    EMAIL = "email"  # one mail address
    ACTIVITY = "activity"  # one activity of the register, or "" for "I am not sure"


class Chapter(StrEnum):
    """The parts of the conversation a person sees as progress."""

    WISH = "wish"
    ABOUT = "about"
    SITUATION = "situation"
    WHO = "who"
    IDENTITY = "identity"
    SIGN = "sign"
    CHECK = "check"


class Effect(StrEnum):
    """What carrying a right out means; fulfilment holds one function for each."""

    COLLECT = "collect"
    RECTIFY = "rectify"
    ERASE = "erase"
    RESTRICT = "restrict"
    OBJECT = "object"
    WITHDRAW = "withdraw"


class Proof(StrEnum):
    """What a right asks as proof of identity before it is granted (the ladder of clause 7.1 and 7.9)."""

    ID_FRONT = "id_front"
    EMAIL = "email"


class Basis(StrEnum):
    """The legal bases of Art. 6(1) GDPR that the register uses."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGITIMATE_INTEREST = "legitimate_interest"


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of the register of processing, as far as a right needs to know it."""

    slug: str
    basis: Basis
    clause: str
    switch: bool = False  # the committee (4.1) and marketing: a row and a switch of their own
    identifiable: bool = True  # server logs are said not to identify anyone (Art. 11)
    consequential: bool = False  # rows of 3.4: follow from the others, never chosen on their own


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whether a right may touch an activity, and the sentence that says why not."""

    yes: bool
    why: str = ""


YES = Allowed(True)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice under a question."""

    slug: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an item, or of a FIELDS question."""

    key: str
    label: str
    hint: str = ""
    required: bool = True
    options: tuple[Option, ...] = ()
    max_length: int = 2000
    input: Input = Input.LINE
    preset: str = ""  # filled in beforehand; the person may change it
    missing: str = ""  # what the person reads when a required field is empty
    unless: tuple[str, str] | None = None  # (field key, value): not required when that field has that value
    autocomplete: str = ""  # HTML autocomplete token


def always(_answers: Answers) -> bool:
    """Ask in every case."""
    return True


def no_faults(_answer: Answer, _answers: Answers) -> Mapping[str, str]:
    """Find nothing wrong with an answer."""
    return {}


@dataclass(frozen=True, slots=True)
class Question:
    """One turn of the conversation: one decision for the person."""

    key: str
    title: str
    why: str
    kind: Kind
    chapter: Chapter
    short: str  # the label on the check page and the desk
    options: tuple[Option, ...] = ()
    fields: tuple[Field, ...] = ()
    required: bool = True
    max_length: int = 5000
    when: Callable[[Answers], bool] = always
    preset: str = ""  # chosen beforehand; the person may change it
    missing: str = ""  # what the person reads when a required question is not answered
    check: Callable[[Answer, Answers], Mapping[str, str]] = no_faults
    """Faults no single field can see: field key ("" is the question itself) to English source sentence."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A second right that goes well with this one; offered, never added by itself (7.9).

    ``fill`` returns what the answers to this right tell of the other: whole answers, or parts that are still asked on.
    ``when`` says for which answers to this right it is offered.
    """

    right: str
    sentence: str
    fill: Callable[[Answers, Sequence[Activity]], Answers]
    when: Callable[[Answers], bool] = always


@dataclass(frozen=True, slots=True)
class Right:
    """One of the rights: its words, questions, limits, checks and effect. One right, one file."""

    slug: str
    order: int
    article: str  # "15", as in Art. 15 GDPR
    clause: str  # clause of the policy
    title: str  # plain label: "See what you have on me"
    caption: str  # legal name: "Right of access, art. 15"
    wish: str  # desk headline: "%(name)s wants to see their data"
    effect: Effect
    questions: tuple[Question, ...]
    allowed: Callable[[Activity], Allowed]
    checks: tuple[str, ...]  # what the reviewer looks at before deciding
    grounds: tuple[str, ...]  # slugs of cases.grounds a refusal may rest on
    proof: Callable[[Answers], Proof] = field(default=lambda _answers: Proof.ID_FRONT)
    decided: Callable[[Answers], bool] = field(default=lambda _answers: True)  # False: carried out at once
    four_eyes_on_grant: bool = False
    gives_package: bool = False
    done: str = ""  # sentence for the person when it was carried out
    offers: tuple[Offer, ...] = ()


def activities_for(right: Right, register: Sequence[Activity]) -> list[tuple[Activity, Allowed]]:
    """Return every activity a person may choose, in register order, with whether ``right`` may touch it."""
    return [(activity, right.allowed(activity)) for activity in register if not activity.consequential]


def fields_of(answers: Answers, key: str) -> dict[str, str]:
    """Return the fields of a FIELDS answer; empty when it was not answered."""
    answer = answers.get(key)
    if isinstance(answer, list) and answer and isinstance(answer[0], dict):
        return dict(answer[0])
    return {}


def slugs_of(answers: Answers, key: str) -> tuple[str, ...]:
    """Return the chosen slugs of an ACTIVITIES, MANY or ONE answer; empty when not answered."""
    answer = answers.get(key)
    if isinstance(answer, str):
        return (answer,) if answer else ()
    return tuple(item for item in answer or () if isinstance(item, str))
