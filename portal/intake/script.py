"""The script of the conversation: given a right and answers, the turns. Pure; no web, no database, no clock.

The same list drives the next question, progress, transcript, check page and tests.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from portal.intake.contact import CONTACT
from portal.intake.replies import AnswerFault, Context, as_form, input_name, spared, validate
from portal.intake.wording import Words, readable
from portal.register import Register
from portal.rights.base import (
    ABOUT,
    EVERYTHING,
    Answer,
    Answers,
    Chapter,
    Field,
    Kind,
    Proof,
    Question,
    Right,
    fields_of,
    slugs_of,
)
from portal.words import N_

__all__ = [
    "CHAPTERS",
    "CHECK",
    "CODE",
    "CONTACT",
    "IDENTITY",
    "RIGHT",
    "SIGN",
    "AnswerFault",
    "ChapterMark",
    "Context",
    "Kept",
    "Mark",
    "Progress",
    "Step",
    "Words",
    "as_form",
    "input_name",
    "inputs",
    "keep",
    "may_visit",
    "next_step",
    "progress",
    "questions",
    "readable",
    "steps",
    "undone",
    "validate",
]

RIGHT, CODE, IDENTITY, SIGN, CHECK = "right", "code", "identity", "sign", "check"
"""Keys of the turns that are no question of a right: which right, mailed code, card, signature, check your answers."""

CHAPTERS: dict[Chapter, str] = {
    Chapter.WISH: N_("What you want"),
    Chapter.ABOUT: N_("What it is about"),
    Chapter.SITUATION: N_("Your situation"),
    Chapter.WHO: N_("Who you are"),
    Chapter.IDENTITY: N_("Identity card"),
    Chapter.SIGN: N_("Sign"),
    Chapter.CHECK: N_("Check"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One turn: a question, or one of the special turns when ``question`` is None."""

    key: str
    chapter: Chapter
    question: Question | None = None


class Mark(StrEnum):
    """Where a chapter stands."""

    DONE = "done"
    CURRENT = "current"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """One line of the progress list; ``title`` is a source string."""

    chapter: Chapter
    title: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a person is: turn ``number`` of ``total``, chapter ``chapter_number`` of ``len(chapters)``; both from 1."""

    number: int
    total: int
    chapter_number: int
    chapters: tuple[ChapterMark, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """Which answers survive a change, and the keys of those that do not, in the order they were given."""

    answers: dict[str, Answer]
    dropped: tuple[str, ...]


def questions(right: Right, answers: Answers) -> list[Question]:
    """Return the questions of ``right`` that apply to ``answers``, then the one about the person."""
    return [*(each for each in right.questions if each.when(answers)), CONTACT]


def steps(right: Right | None, answers: Answers, *, known: bool = False) -> list[Step]:
    """Return every turn from the choice of a right to the check page, for this state of the answers.

    The mailed code comes before the card (7.1); the card only where the right asks it (the ladder of 7.9), and not from
    somebody who is ``known``: signed in at the controller's app, which handed them over.
    """
    asked = questions(right, answers) if right else [CONTACT]
    turns = [Step(RIGHT, Chapter.WISH), *(Step(each.key, each.chapter, each) for each in asked)]
    turns.append(Step(CODE, Chapter.WHO))
    if not known and (right is None or right.proof(answers) is Proof.ID_FRONT):
        turns.append(Step(IDENTITY, Chapter.IDENTITY))
    return [*turns, Step(SIGN, Chapter.SIGN), Step(CHECK, Chapter.CHECK)]


def next_step(right: Right | None, answers: Answers, done: Collection[str], *, known: bool = False) -> Step:
    """Return the first turn that is still open; the check page when none is.

    Args:
        done: keys of the special turns that are finished (code, identity, sign). A question is finished by its answer,
            an empty one too.
        known: see ``steps``.
    """
    turns = steps(right, answers, known=known)
    return next((each for each in turns if not _finished(each, right, answers, done)), turns[-1])


def may_visit(right: Right | None, answers: Answers, done: Collection[str], key: str, *, known: bool = False) -> bool:
    """Say whether the turn ``key`` exists in this state and every turn before it is finished."""
    for each in steps(right, answers, known=known):
        if each.key == key:
            return True
        if not _finished(each, right, answers, done):
            return False
    return False


def progress(turns: list[Step], key: str) -> Progress:
    """Return where the turn ``key`` stands among ``turns``.

    Raises:
        ValueError: ``key`` is not among them.
    """
    number = [each.key for each in turns].index(key)
    chapters = list(dict.fromkeys(each.chapter for each in turns))
    current = chapters.index(turns[number].chapter)
    marks = (ChapterMark(chapter, CHAPTERS[chapter], _mark(place - current)) for place, chapter in enumerate(chapters))
    return Progress(number + 1, len(turns), current + 1, tuple(marks))


def inputs(right: Right, answers: Answers) -> int:
    """Count what a person must fill in or choose: required, and not filled in beforehand (bar: ten)."""
    special = [each for each in steps(right, answers) if each.question is None and each.key != CHECK]
    return len(special) + sum(_required_inputs(each) for each in questions(right, answers))


def keep(old: Right | None, new: Right, answers: Answers, register: Register) -> Kept:
    """Return the answers that still apply to ``new``, each judged again as if it were given now.

    "Everything" does not survive a change to a right with another effect: to see all is not to delete all.
    With ``old`` and ``new`` the same, this drops what an earlier change has made pointless.
    """
    kept: dict[str, Answer] = {}
    for question in [*new.questions, CONTACT]:
        answer = answers.get(question.key)
        if answer is None or not question.when(kept) or _means_something_else(question, answer, old, new):
            continue
        if _fits(question, answer, Context(new, kept, register)):
            kept[question.key] = answer
    return Kept(kept, tuple(key for key in answers if key not in kept))


def undone(before: Answers, after: Answers) -> frozenset[str]:
    """Return the special turns that a change of answers opens again.

    A signature covers every answer, so any change asks it anew; another address needs a code of its own.
    """
    if dict(before) == dict(after):
        return frozenset()
    moved = _address(before) != _address(after)
    return frozenset({CODE, SIGN}) if moved else frozenset({SIGN})


def _finished(step: Step, right: Right | None, answers: Answers, done: Collection[str]) -> bool:
    if step.question:
        return step.key in answers
    return right is not None if step.key == RIGHT else step.key in done


def _mark(distance: int) -> Mark:
    if distance == 0:
        return Mark.CURRENT
    return Mark.DONE if distance < 0 else Mark.AHEAD


def _required_inputs(question: Question) -> int:
    if question.kind in (Kind.FIELDS, Kind.ITEMS):
        return sum(_is_required(each) and not spared(each, question.fields) for each in question.fields)
    return int(question.required and not question.preset)


def _is_required(each: Field) -> bool:
    return each.required and not each.preset


def _means_something_else(question: Question, answer: Answer, old: Right | None, new: Right) -> bool:
    sweeping = question.key == ABOUT and EVERYTHING in slugs_of({ABOUT: answer}, ABOUT)
    return sweeping and (old is None or old.effect is not new.effect)


def _fits(question: Question, answer: Answer, context: Context) -> bool:
    try:
        validate(question, as_form(question, answer), context)
    except AnswerFault:
        return False
    return True


def _address(answers: Answers) -> str:
    return fields_of(answers, CONTACT.key).get("email", "").casefold()
