"""The table of jobs and how one is queued, claimed and finished. A payload holds ids, never personal data."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import JSON, ColumnElement, Index, String, Update, and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.clock import now
from portal.db import Base, UtcDateTime, changed, new_id
from portal.errors import SourceDown, SourceRefused

LEASE = timedelta(minutes=10)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=72)
LEFT_BEHIND = "LeftBehind"
"""Fault of a job whose worker ended in the middle of it."""


class Job(Base):
    """One piece of work: waiting (no lease), running (lease), done or dead.

    ``created_at`` is the moment from which it could run: giving up is counted from there. A lease is told from the
    next one by its end, so that a worker whose lease ran out changes nothing any more.
    """

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_open", "done_at", "dead_at", "run_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(48))
    payload: Mapped[dict[str, str]] = mapped_column(JSON)
    dedup: Mapped[str | None] = mapped_column(String(96), unique=True)
    case_id: Mapped[str | None] = mapped_column(String(32), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None] = mapped_column(String(96))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dead_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def queue(
    session: Session,
    kind: str,
    payload: Mapping[str, str],
    *,
    case_id: str | None = None,
    run_at: datetime | None = None,
    dedup: str | None = None,
) -> Job | None:
    """Queue a job in the caller's transaction; with a ``dedup`` key that is known already, nothing happens.

    Returns:
        The job, or None where the key was known.
    """
    if dedup and session.scalar(select(Job.id).where(Job.dedup == dedup)):
        return None
    start = run_at or now()
    job = Job(
        id=new_id(), kind=kind, payload=dict(payload), dedup=dedup, case_id=case_id, created_at=start, run_at=start
    )
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:  # another transaction queued it first
        return None
    return job


def _due(moment: datetime) -> ColumnElement[bool]:
    free = or_(Job.lease_until.is_(None), Job.lease_until < moment)
    return and_(Job.done_at.is_(None), Job.dead_at.is_(None), Job.run_at <= moment, free)


def is_due(session: Session) -> bool:
    """Whether there is a job to claim; takes no lock."""
    return session.scalar(select(Job.id).where(_due(now())).limit(1)) is not None


def claim(session: Session) -> Job | None:
    """Lease the next job that is due to the caller, who commits; None where nothing is due."""
    moment = now()
    due = select(Job).where(_due(moment)).order_by(Job.run_at, Job.id).limit(1).with_for_update(skip_locked=True)
    job = session.scalars(due).one_or_none()
    if job is not None:
        job.fault = LEFT_BEHIND if job.lease_until is not None else job.fault
        job.lease_until = moment + LEASE
        job.attempts += 1
        session.flush()
    return job


def finish(session: Session, job_id: str) -> bool:
    """Mark a job done; False where somebody else already did, whose work then counts."""
    open_still = update(Job).where(Job.id == job_id, Job.done_at.is_(None))
    return changed(session, open_still.values(done_at=now(), dead_at=None, lease_until=None, fault=None)) > 0


def postpone(session: Session, job: Job, until: datetime) -> bool:
    """Put a job back for later without counting it as a failure; False where somebody else has it by now.

    Args:
        session: a write session; the caller commits.
        job: the job as it was claimed.
        until: when to go on.
    """
    later = _held(job).values(run_at=until, created_at=until, lease_until=None, fault=None, attempts=0)
    return changed(session, later) > 0


def wake(session: Session, kind: str, case_id: str, at: datetime | None = None) -> None:
    """Let the jobs of a case that wait for later run now, or at ``at``: what they waited for has come."""
    waiting = update(Job).where(Job.kind == kind, Job.case_id == case_id, Job.done_at.is_(None), Job.dead_at.is_(None))
    session.execute(waiting.where(Job.lease_until.is_(None)).values(run_at=at or now()))


def fail(session: Session, job: Job, fault: str, *, final: bool = False) -> bool:
    """Note a failed attempt: wait longer each time, and give up after three days.

    Args:
        session: a write session; the caller commits.
        job: the job as it was claimed; if somebody else has it by now, nothing is noted.
        fault: name of the error (see ``name_of``); never its message, which may hold personal data.
        final: whether trying again makes no sense.

    Returns:
        Whether the job is dead now.
    """
    moment = now()
    wait = min(FIRST_WAIT * 2 ** min(job.attempts - 1, 16), LONGEST_WAIT)
    dead = final or moment - job.created_at > GIVE_UP_AFTER
    noted = _held(job).values(
        fault=fault[:96], lease_until=None, run_at=moment + wait, dead_at=moment if dead else None
    )
    return changed(session, noted) > 0 and dead


def given_up_since(session: Session, kind: str, since: datetime) -> frozenset[str]:
    """Return the ids of the cases for which a job of this ``kind`` was given up at ``since`` or later."""
    query = select(Job.case_id).where(Job.kind == kind, Job.done_at.is_(None), Job.dead_at >= since)
    return frozenset(found for found in session.scalars(query) if found)


def name_of(fault: Exception) -> str:
    """Return what is kept of ``fault``: the name of its class, and the key of the source that failed."""
    source = str(fault.values.get("source", "")) if isinstance(fault, SourceDown | SourceRefused) else ""
    return f"{type(fault).__name__} {source}".rstrip()


def silent_source(job: Job) -> str | None:
    """Return the key of the source for which ``job`` waits: empty where it is unknown, None for another fault."""
    kind, _, source = (job.fault or "").partition(" ")
    return source if kind == SourceDown.__name__ else None


def refusing_source(job: Job) -> str | None:
    """Return the key of the source that refused what ``job`` wanted to change; None for another fault."""
    kind, _, source = (job.fault or "").partition(" ")
    return source if kind == SourceRefused.__name__ else None


def _held(job: Job) -> Update:
    return update(Job).where(Job.id == job.id, Job.lease_until == job.lease_until, Job.done_at.is_(None))
