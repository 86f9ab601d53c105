"""A person who does not agree with an answer: once for each decision, looked at by somebody who did not decide it.

The law gives no term for this. We keep one month, as for a request (Art. 12(3) GDPR by analogy).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.desk_events import DisagreementEnded
from portal.audit.record import Actor, record
from portal.cases.access import decision_of, is_granted, open_json
from portal.cases.lifecycle import Status
from portal.cases.models import Case, Decision
from portal.cases.remedies import Remedies, remedies
from portal.cases.undo import is_held
from portal.clock import local, now
from portal.db import Base, UtcDateTime, changed, enum_column, new_id
from portal.files.keys import Purpose

TERM_MONTHS = 1
DAYS = 30
"""Days after the answer in which a person can disagree; the request closes after them."""


class Ending(StrEnum):
    """How it ended."""

    UPHELD = "upheld"
    ANEW = "anew"
    TAKEN_BACK = "taken_back"


class Disagreement(Base):
    """One disagreement with one decision. Why stands in the message that came with it."""

    __tablename__ = "disagreements"
    __table_args__ = (
        Index("ix_disagreements_case", "case_id"),
        Index("ix_disagreements_decision", "decision_id", unique=True),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    decision_id: Mapped[str] = mapped_column(ForeignKey("decisions.id"))
    due_before: Mapped[date] = mapped_column(Date)  # the deadline of the request itself
    due_on: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ending: Mapped[Ending | None] = mapped_column(enum_column(Ending))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[bytes | None]  # why the decision is kept, for the person: JSON, purpose decision


@dataclass(frozen=True, slots=True)
class Again:
    """A disagreement as both sides read it. ``reason`` and ``remedies`` say why our answer was kept, and what now."""

    made_on: date
    due_on: date
    is_open: bool
    upheld_on: date | None
    reason: str = field(repr=False)
    remedies: Remedies
    version: int
    decided: frozenset[str]  # ids of who decided and confirmed


def open_of(session: Session, case: Case) -> Disagreement | None:
    """Return the disagreement that waits for an answer, or None."""
    waits = select(Disagreement).where(Disagreement.case_id == case.id, Disagreement.ending.is_(None))
    return session.scalars(waits).one_or_none()


def disagreements_of(session: Session, case: Case) -> list[Disagreement]:
    """Return every disagreement with ``case``, the first one first."""
    every = select(Disagreement).where(Disagreement.case_id == case.id).order_by(Disagreement.made_at, Disagreement.id)
    return list(session.scalars(every))


def contested(session: Session, case_ids: Sequence[str]) -> set[str]:
    """Return the ids of those cases whose person disagrees, with one query."""
    waits = select(Disagreement.case_id).where(Disagreement.case_id.in_(case_ids), Disagreement.ending.is_(None))
    return set(session.scalars(waits))


def again_of(session: Session, case: Case) -> Again | None:
    """Return the last disagreement with ``case``; None without one, or once its content was forgotten."""
    last = select(Disagreement).where(Disagreement.case_id == case.id).order_by(Disagreement.made_at.desc()).limit(1)
    row = session.scalars(last).one_or_none()
    if row is None or case.forgotten_at is not None or row.ending is Ending.TAKEN_BACK:
        return None
    decision = session.get_one(Decision, row.decision_id)
    upheld_on = local(row.ended_at).date() if row.ended_at and row.ending is Ending.UPHELD else None
    said = open_json(session, case.id, Purpose.DECISION, row.answer) if row.answer else {}
    return Again(
        made_on=local(row.made_at).date(),
        due_on=row.due_on,
        is_open=row.ending is None,
        upheld_on=upheld_on,
        reason=said.get("reason", ""),
        remedies=remedies(case.residence, upheld_on),
        version=decision.version,
        decided=frozenset({decision.decided_by, decision.confirmed_by or decision.decided_by}),
    )


def may_disagree(session: Session, case: Case) -> bool:
    """Whether the person can disagree now: an answer was carried out, or says no, and they did not disagree with it."""
    decision = decision_of(session, case)
    over = case.status is Status.CARRIED_OUT or (case.status is Status.ANSWERED and not is_granted(decision))
    if decision is None or not over or case.forgotten_at is not None or is_held(case, now()):
        return False
    return session.scalar(select(Disagreement.id).where(Disagreement.decision_id == decision.id)) is None


def last_day(case: Case) -> date | None:
    """Return the last day on which the person can disagree; None before there is an answer."""
    return local(case.answered_at + timedelta(days=DAYS)).date() if case.answered_at else None


def barred(session: Session, case: Case, staff_id: str) -> bool:
    """Whether this member of staff decided or confirmed what the person disagrees with, so that others look at it."""
    row = open_of(session, case)
    if row is None:
        return False
    decision = session.get_one(Decision, row.decision_id)
    return staff_id in {decision.decided_by, decision.confirmed_by}


def settle(session: Session, case: Case, end: Ending, by: Actor, answer: bytes | None = None) -> None:
    """End the open disagreement of ``case``, if there is one. Unless it was decided anew, all is as it was before."""
    row = open_of(session, case)
    if row is None:
        return
    once = update(Disagreement).where(Disagreement.id == row.id, Disagreement.ending.is_(None))
    if not changed(session, once.values(ending=end, ended_at=now(), answer=answer)):
        return
    session.refresh(row)
    if end is not Ending.ANEW:
        kept = update(Case).where(Case.id == case.id)
        changed(session, kept.values(decision_id=row.decision_id, due_on=row.due_before))
        session.refresh(case)
    record(session, DisagreementEnded(end=end.value), by, case.id)
