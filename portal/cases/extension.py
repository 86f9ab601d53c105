"""The one extension of the term (Art. 12(3)): two months more, told in time and with the reason."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.events import TermExtended
from portal.audit.record import Actor, record
from portal.cases.access import answers_of, open_json, right_of, seal_json
from portal.cases.deadlines import extended, may_extend
from portal.cases.disagreements import open_of
from portal.cases.lifecycle import RULES, Move
from portal.cases.models import Case
from portal.cases.moves import move
from portal.clock import today
from portal.db import changed
from portal.errors import MoveRefused
from portal.files.keys import Purpose
from portal.words import N_


class Because(StrEnum):
    """The two reasons the law knows."""

    COMPLEX = "complex"
    NUMBER = "number"

    @property
    def label(self) -> str:
        """What staff choose."""
        return TITLES[self]

    @property
    def sentence(self) -> str:
        """What the person reads."""
        return SENTENCES[self]


TITLES = {Because.COMPLEX: N_("The request is complex"), Because.NUMBER: N_("There are many requests")}
SENTENCES = {
    Because.COMPLEX: N_("Your request is complex."),
    Because.NUMBER: N_("We received many requests."),
}
AGAIN = N_("The person disagrees with an answer: the term for that is never extended.")
AT_ONCE = N_("This is carried out at once: its term is never extended.")
ONCE = N_("The term was extended before. That can be done only once.")
TOO_LATE = N_("The first term is over. It could be extended only before that.")
NOT_NOW = N_("The term can be extended only while a decision is open and nobody else looks at it.")


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension as the person reads it."""

    because: Because
    reason: str = field(repr=False)
    first: date
    until: date


def why_not_extend(session: Session, case: Case, on: date) -> str | None:
    """Return why the term of ``case`` cannot be extended on ``on``, a source string; None where it can."""
    right = right_of(case)
    if case.status not in RULES[Move.EXTEND].before:
        return NOT_NOW
    if case.at_once or not right.decided(answers_of(session, case)):
        return AT_ONCE
    if case.first_due_on is not None:
        return ONCE
    if open_of(session, case) is not None:
        return AGAIN
    return None if may_extend(case.received_on, on) else TOO_LATE


def extend(session: Session, case: Case, because: Because, reason: str, version: int, by: Actor) -> None:
    """Extend the term of ``case`` by two months and tell the person, in the caller's transaction.

    Args:
        session: a write session.
        case: the case.
        because: one of the two reasons of Art. 12(3).
        reason: the same in words about this case, in the language of the person.
        version: of the case as the member of staff saw it.
        by: who does it.

    Raises:
        MoveRefused: it cannot be extended (any more), or it changed since.
    """
    if refused := why_not_extend(session, case, today()):
        raise MoveRefused(refused)
    first, until = case.due_on, extended(case.due_on)
    sealed = seal_json(session, case.id, Purpose.DECISION, {"because": because.value, "reason": reason})
    once = update(Case).where(Case.id == case.id, Case.version == version, Case.first_due_on.is_(None))
    if not changed(session, once.values(first_due_on=first, due_on=until, extension=sealed)):
        raise MoveRefused
    session.refresh(case)
    event = TermExtended(because=because.value, first=first.isoformat(), until=until.isoformat())
    record(session, event, by, case.id)
    move(session, case, Move.EXTEND, by, {"first_on": first.isoformat()})


def extension_of(session: Session, case: Case) -> Extension | None:
    """Return the extension of ``case``; None without one, or once its content was forgotten."""
    if case.extension is None or case.first_due_on is None or case.forgotten_at is not None:
        return None
    said = open_json(session, case.id, Purpose.DECISION, case.extension)
    return Extension(Because(said["because"]), said["reason"], case.first_due_on, extended(case.first_due_on))
