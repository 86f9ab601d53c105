"""Checking the whole chain by a job, and keeping what came out, for the page of the record."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.desk_events import RecordChecked
from portal.audit.record import SYSTEM, exported_head, faults, head, record
from portal.clock import now
from portal.config import settings_of
from portal.db import Base, Database, UtcDateTime, new_id
from portal.jobs import outbox as jobs
from portal.jobs.worker import Finish

CHECK = "audit.check"
SHOWN = 5


class RecordCheck(Base):
    """What one check of the chain found. ``first_fault`` names entries, never what they say."""

    __tablename__ = "record_checks"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entries: Mapped[int] = mapped_column(BigInteger)
    faults: Mapped[int]
    first_fault: Mapped[str | None] = mapped_column(String(200))

    @property
    def holds(self) -> bool:
        """Whether the chain was whole."""
        return self.faults == 0


def ask_check(session: Session) -> None:
    """Have the chain checked soon; nothing happens where a check waits already."""
    if not is_waiting(session):
        jobs.queue(session, CHECK, {})


def is_waiting(session: Session) -> bool:
    """Whether a check was asked for and has not ended."""
    waiting = select(jobs.Job.id).where(jobs.Job.kind == CHECK, jobs.Job.done_at.is_(None), jobs.Job.dead_at.is_(None))
    return session.scalar(waiting.limit(1)) is not None


def last_checks(session: Session) -> list[RecordCheck]:
    """Return the newest checks, the last one first."""
    return list(session.scalars(select(RecordCheck).order_by(RecordCheck.started_at.desc()).limit(SHOWN)))


def check_job(database: Database, _payload: Mapping[str, str]) -> Finish:
    """Read the whole chain, compare it with what was exported, and keep what came out."""
    started = now()
    with database.reader() as session:
        found = list(faults(session, exported_head(settings_of(session).data_dir)))
        entries = head(session)[0]
    checked = RecordCheck(
        started_at=started,
        ended_at=now(),
        entries=entries,
        faults=len(found),
        first_fault=found[0][:200] if found else None,
    )

    def finish(session: Session) -> None:
        session.add(checked)
        record(session, RecordChecked(entries=entries, faults=len(found)), SYSTEM)

    return finish
