"""What had to stay when somebody's data was erased, and until when: kept in a ledger, and erased when its day comes.

A promise is about rows of one collection by their keys, sealed under a key of its own, which lives as long as the
promise does and not as long as the request.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.cases.models import Case
from portal.db import Base, UtcDateTime, changed, enum_column, new_id
from portal.files.keys import Purpose, destroy_key


class Why(StrEnum):
    """What keeps the rows for now."""

    LAW = "law"
    ORDER = "order"
    PAUSE = "pause"


class Promise(Base):
    """Rows of one collection that stay until ``due_on``; then they are erased, or without ``ends`` looked at again."""

    __tablename__ = "promises"
    __table_args__ = (Index("ix_promises_due", "done_at", "due_on"), Index("ix_promises_case", "case_id"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    source: Mapped[str] = mapped_column(String(64))
    collection: Mapped[str] = mapped_column(String(128))
    why: Mapped[Why] = mapped_column(enum_column(Why))
    ground: Mapped[str] = mapped_column(String(200))  # law and article, in English, as the data map cites them
    rows: Mapped[int]
    kept: Mapped[bytes | None]  # keys, and words that name the person where text is to be cleaned: purpose decision
    due_on: Mapped[date] = mapped_column(Date)
    ends: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str | None] = mapped_column(String(64))


def due_cases(session: Session, on: date) -> list[str]:
    """Return the ids of the carried out cases with a promise whose last day is before ``on``."""
    carried_out = select(Case.id).where(Case.carried_out_at.is_not(None))
    due = select(Promise.case_id).where(Promise.done_at.is_(None), Promise.due_on < on).distinct()
    return sorted(session.scalars(due.where(Promise.case_id.in_(carried_out))))


def due_promises(session: Session, case_id: str, on: date) -> list[Promise]:
    """Return the promises of one case whose day has come, all of which are erased together."""
    due = select(Promise).where(Promise.case_id == case_id, Promise.done_at.is_(None), Promise.due_on < on)
    return list(session.scalars(due.order_by(Promise.source, Promise.collection, Promise.id)))


def promises_of(session: Session, case_id: str) -> list[Promise]:
    """Return every promise of one case, by the day it is due."""
    return list(session.scalars(select(Promise).where(Promise.case_id == case_id).order_by(Promise.due_on, Promise.id)))


def close(session: Session, promise: Promise, at: datetime, rows: int, digest: str) -> bool:
    """Note that ``promise`` was kept and destroy its key; False where that was done before."""
    once = update(Promise).where(Promise.id == promise.id, Promise.done_at.is_(None))
    if not changed(session, once.values(done_at=at, changed=rows, digest=digest, kept=None)):
        return False
    destroy_key(session, promise.id, Purpose.DECISION)
    session.refresh(promise)
    return True
