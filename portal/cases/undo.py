"""The half minute between sending an answer and its letter leaving, in which who sent it can take it back.

Until then the answer is nobody's but the desk's: the person's pages say what they said before. The letter and the work
that follows from it wait in the outbox; taking back removes them there, or is refused once a worker has one of them.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.cases.letters import waiting_letter
from portal.cases.lifecycle import OPEN, Status
from portal.cases.models import Case
from portal.clock import local
from portal.config import settings_of
from portal.db import changed
from portal.errors import MoveRefused
from portal.jobs.outbox import Job
from portal.words import N_

DECISION = "decision"
LETTER = "case.letter"
"""The job that writes the letter down as PDF."""
LEFT = N_("The letter has left: it can no longer be taken back.")


def undo_until(session: Session, at: datetime) -> datetime | None:
    """Return until when an answer sent at ``at`` waits; None where it leaves at once.

    It never waits over midnight: the day an answer is sent is the day its letter leaves, which the deadline counts.
    """
    ends = at + timedelta(seconds=settings_of(session).undo_seconds)
    return ends if ends > at and local(ends).date() == local(at).date() else None


def is_held(case: Case, at: datetime) -> bool:
    """Whether the answer to ``case`` can still be taken back at ``at``: nobody outside the desk sees it yet."""
    return case.undo_until is not None and at < case.undo_until


def shown_status(case: Case, at: datetime) -> Status:
    """Return where ``case`` is for the person, who does not see an answer that can still be taken back."""
    return Status.DECIDING if is_held(case, at) else case.status


def is_told(case: Case, at: datetime) -> bool:
    """Whether the person may read the answer to ``case``: it was sent for good, is in force and not forgotten."""
    answered = case.answered_at is not None and case.status not in OPEN  # what is opened again may hold a proposal
    return answered and not is_held(case, at) and case.forgotten_at is None


def call_back(session: Session, case: Case, work: str, *, granted: bool, at: datetime) -> None:
    """Take the letter of ``case``, and the jobs of kind ``work`` that follow from it, out of the outbox, all or none.

    Args:
        session: a write session.
        case: the case, answered.
        work: kind of the job that carries the answer out.
        granted: whether there must be such a job.
        at: the moment, aware.

    Raises:
        MoveRefused: its time is over, or a worker has one of them already; the caller rolls back.
    """
    letter = waiting_letter(session, case, DECISION)
    if letter is None or not is_held(case, at):
        raise MoveRefused(LEFT)
    open_jobs = select(Job).where(Job.case_id == case.id, Job.done_at.is_(None), Job.dead_at.is_(None))
    jobs = session.scalars(open_jobs).all()
    follows = [job.id for job in jobs if job.kind == work]
    together = [letter[1], *follows, *(job.id for job in jobs if job.kind == LETTER)]
    untouched = delete(Job).where(Job.id.in_(together), Job.lease_until.is_(None), Job.attempts == 0)
    if bool(follows) != granted or changed(session, untouched.where(Job.done_at.is_(None))) < len(together):
        raise MoveRefused(LEFT)
    session.delete(letter[0])
    session.flush()
