"""The script of the conversation: given what a person wants, the turns. Pure; no web, no database, no clock.

The same list drives the next question, progress, transcript, check page and tests. Each wish has its turns, one after
the other; who the person is, card and signature are asked once for all of them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.intake.contact import CONTACT
from portal.intake.replies import AnswerFault, Context, as_form, input_name, spared, validate
from portal.intake.wishes import Wish
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
    Question,
    Right,
    fields_of,
    slugs_of,
)
from portal.rights.ladder import Ladder
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
    "Wish",
    "Words",
    "as_form",
    "asks_card",
    "input_name",
    "inputs",
    "keep",
    "may_visit",
    "next_step",
    "progress",
    "questions",
    "readable",
    "right_key",
    "steps",
    "undone",
    "validate",
]

RIGHT, CODE, IDENTITY, SIGN, CHECK = "right", "code", "identity", "sign", "check"
"""Keys of the turns that are no question of a right: which right, mailed code, card, signature, check your answers."""

THE_POLICYS = Ladder()
"""Nothing is set by the operator: each right asks what the policy says."""

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
    """One turn: a question, or one of the special turns when ``question`` is None.

    ``number`` says which wish it belongs to, counted from 1; 0 is for all of them.
    """

    name: str
    chapter: Chapter
    question: Question | None = None
    number: int = 0

    @property
    def key(self) -> str:
        """What the turn is called in its address: ``about``, and ``2-about`` for the second wish."""
        return f"{self.number}-{self.name}" if self.number > 1 else self.name


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


def right_key(number: int) -> str:
    """Return the key of the turn that asks the right of the wish ``number``, counted from 1."""
    return Step(RIGHT, Chapter.WISH, None, number).key


def questions(right: Right, answers: Answers) -> list[Question]:
    """Return the questions of ``right`` that apply to ``answers``."""
    return [each for each in right.questions if each.when(answers)]


def asks_card(wishes: Sequence[Wish], *, known: bool = False, ladder: Ladder = THE_POLICYS) -> bool:
    """Say whether a card is asked: for one wish is enough, as ``ladder`` has it. So it is while a right is not chosen.

    Never from somebody who is ``known``: signed in at the controller's app, which handed them over.
    """
    return not known and any(wish.right is None or ladder.asks_card(wish.right, wish.answers) for wish in wishes)


def steps(wishes: Sequence[Wish], *, known: bool = False, ladder: Ladder = THE_POLICYS) -> list[Step]:
    """Return every turn from the choice of a right to the check page, for this state of the wishes.

    The mailed code comes before the card (7.1). For ``known`` and ``ladder`` see ``asks_card``.
    """
    turns: list[Step] = []
    for number, wish in enumerate(wishes, 1):
        asked = questions(wish.right, wish.answers) if wish.right else []
        turns.append(Step(RIGHT, Chapter.WISH, None, number))
        turns += (Step(each.key, each.chapter, each, number) for each in asked)
    turns += [Step(CONTACT.key, CONTACT.chapter, CONTACT), Step(CODE, Chapter.WHO)]
    if asks_card(wishes, known=known, ladder=ladder):
        turns.append(Step(IDENTITY, Chapter.IDENTITY))
    return [*turns, Step(SIGN, Chapter.SIGN), Step(CHECK, Chapter.CHECK)]


def next_step(
    wishes: Sequence[Wish], person: Answers, done: Collection[str], *, known: bool = False, ladder: Ladder = THE_POLICYS
) -> Step:
    """Return the first turn that is still open; the check page when none is.

    Args:
        wishes: what the person wants, one at least.
        person: the answer to the question about the person, by its key; empty before that turn.
        done: keys of the special turns that are finished (code, identity, sign). A question is finished by its answer,
            an empty one too.
        known, ladder: see ``asks_card``.
    """
    turns = steps(wishes, known=known, ladder=ladder)
    return next((each for each in turns if not _finished(each, wishes, person, done)), turns[-1])


def may_visit(
    wishes: Sequence[Wish],
    person: Answers,
    done: Collection[str],
    key: str,
    *,
    known: bool = False,
    ladder: Ladder = THE_POLICYS,
) -> bool:
    """Say whether the turn ``key`` exists in this state and every turn before it is finished."""
    for each in steps(wishes, known=known, ladder=ladder):
        if each.key == key:
            return True
        if not _finished(each, wishes, person, done):
            return False
    return False


def progress(
    wishes: Sequence[Wish], key: str, *, known: bool = False, ladder: Ladder = THE_POLICYS, given: Collection[str] = ()
) -> Progress:
    """Return where the turn ``key`` stands. Several wishes are one chapter each, called as their right is.

    ``given`` are keys of turns that were answered for the person: each counts only where it is looked at.

    Raises:
        ValueError: there is no such turn.
    """
    turns = [each for each in steps(wishes, known=known, ladder=ladder) if each.key == key or each.key not in given]
    number = [each.key for each in turns].index(key)
    parts = [_part(each, wishes) for each in turns]
    chapters = {part: each.chapter for part, each in zip(reversed(parts), reversed(turns), strict=True)}
    order = list(dict.fromkeys(parts))
    current = order.index(parts[number])
    marks = (ChapterMark(chapters[part], part[1], _mark(place - current)) for place, part in enumerate(order))
    return Progress(number + 1, len(turns), current + 1, tuple(marks))


def inputs(wishes: Sequence[Wish]) -> int:
    """Count what a person must fill in or choose: required, and not filled in beforehand (bar for one right: ten)."""
    turns = steps(wishes)
    special = [each for each in turns if each.question is None and each.name != CHECK]
    return len(special) + sum(_required_inputs(each.question) for each in turns if each.question)


def keep(old: Right | None, new: Right, answers: Answers, register: Register) -> Kept:
    """Return the answers that still apply to ``new``, each judged again as if it were given now.

    "Everything" does not survive a change to a right with another effect: to see all is not to delete all.
    With ``old`` and ``new`` the same, this drops what an earlier change has made pointless.
    """
    kept: dict[str, Answer] = {}
    for question in new.questions:
        answer = answers.get(question.key)
        if answer is None or not question.when(kept) or _means_something_else(question, answer, old, new):
            continue
        if _fits(question, answer, Context(new, kept, register)):
            kept[question.key] = answer
    return Kept(kept, tuple(key for key in answers if key not in kept))


def undone(before: Answers, after: Answers) -> frozenset[str]:
    """Return the special turns that a change opens again: of the answers of one wish, or of who the person is.

    A signature covers every answer, so any change asks it anew; another address needs a code of its own.
    """
    if dict(before) == dict(after):
        return frozenset()
    moved = _address(before) != _address(after)
    return frozenset({CODE, SIGN}) if moved else frozenset({SIGN})


def _finished(step: Step, wishes: Sequence[Wish], person: Answers, done: Collection[str]) -> bool:
    if not step.number:
        return step.name in (person if step.question else done)
    wish = wishes[step.number - 1]
    return step.name in wish.answers if step.question else wish.right is not None


def _part(step: Step, wishes: Sequence[Wish]) -> tuple[int, str]:
    """Return what one line of the way stands for: the wish where there are several, else the chapter; and its title."""
    right = wishes[step.number - 1].right if step.number and len(wishes) > 1 else None
    return (step.number, right.title) if right else (0, CHAPTERS[step.chapter])


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
