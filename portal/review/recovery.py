"""When work on a case got stuck: what the desk may do then. Searching again, carrying out again, opening again, and
lifting a stop; each goes on record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.events import WorkRepeated
from portal.audit.record import Actor, record
from portal.cases.access import decision_of, is_granted
from portal.cases.holds import held_anew
from portal.cases.lifecycle import UNDECIDED, Move, Status
from portal.cases.models import Case
from portal.cases.moves import lift_stop, move
from portal.clock import now
from portal.db import new_id
from portal.errors import MoveRefused
from portal.jobs import outbox as jobs
from portal.jobs.outbox import Job
from portal.review.handling import must_be_anothers, write_note

LOCATE, FULFIL = "case.locate", "case.fulfil"


@dataclass(frozen=True, slots=True)
class Silence:
    """A source that did not answer a job of a case: its key and title, how often it was tried, and when it will be.

    ``refused``: it did answer, and its own rules forbid the change; that is not tried again.
    """

    source: str
    titles: Mapping[str, str]
    tries: int
    again_at: datetime | None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Stuck:
    """Where a case got stuck, and the ways on.

    Attributes:
        failed: carrying out was given up.
        reopen: whether a new decision may be taken.
        held: a legal hold was set after the decision: nothing is carried out while it stands.
        retry: whether it may be carried out again.
        take_up: whether the desk may take it up before every source was searched.
        search: whether the sources may be searched again: not once an answer stands.
        silence: the source that the work on it waits for, or that refused it.
    """

    failed: bool
    held: bool
    reopen: bool
    retry: bool
    take_up: bool
    search: bool
    silence: Silence | None


def stuck(session: Session, case: Case) -> Stuck:
    """Return where ``case`` got stuck."""
    decision = decision_of(session, case)
    granted = case.status is Status.ANSWERED and is_granted(decision)
    answered = granted or (case.status is Status.ANSWERED and case.at_once and decision is None)
    stopped = case.stopped_at is not None
    held = granted and decision is not None and held_anew(session, case, decision.decided_at)
    failed = answered and _was_given_up(session, case)
    return Stuck(
        failed=failed,
        held=held,
        reopen=granted and (failed or stopped or held),
        retry=failed and not stopped,
        take_up=case.status is Status.RECEIVED,
        search=case.status in UNDECIDED,
        silence=_silence(session, case),
    )


def reopen(session: Session, case: Case, by: Actor) -> None:
    """Take a granted case back to deciding; the person is told that the answer no longer counts.

    Raises:
        MoveRefused: carrying it out still goes on, or went well, and nobody stopped it and no legal hold was set.
    """
    _only_if(stuck(session, case).reopen)
    waits = update(Job).where(Job.case_id == case.id, Job.kind == FULFIL, Job.done_at.is_(None))
    session.execute(waits.where(Job.dead_at.is_(None), Job.lease_until.is_(None)).values(done_at=now()))
    move(session, case, Move.REOPEN, by)


def take_up(session: Session, case: Case, by: Actor) -> None:
    """Go on to the identity check although not every source was searched.

    Raises:
        MoveRefused: the case is past that already.
    """
    move(session, case, Move.TAKE_UP, by)


def carry_out_again(session: Session, case: Case, by: Actor) -> None:
    """Have what was given up carried out again.

    Raises:
        MoveRefused: it was not given up, or it is stopped.
    """
    _only_if(stuck(session, case).retry)
    _queue(session, case, FULFIL, by)


def search_again(session: Session, case: Case, by: Actor) -> None:
    """Have the sources searched again, now; a search that waits for its time is brought forward.

    Raises:
        MoveRefused: an answer stands already.
    """
    _only_if(stuck(session, case).search)
    if _open_jobs(session, case, LOCATE):
        waiting = update(Job).where(Job.case_id == case.id, Job.kind == LOCATE, Job.lease_until.is_(None))
        session.execute(waiting.where(Job.done_at.is_(None), Job.dead_at.is_(None)).values(run_at=now()))
        record(session, WorkRepeated(job=LOCATE), by, case.id)
    else:
        _queue(session, case, LOCATE, by)


def lift(session: Session, case: Case, why: str, by: Actor) -> None:
    """Lift the stop, with a note that says why; the view lets only the privacy manager do this.

    Raises:
        MoveRefused: it is not stopped (any more), or it is the manager's own request.
    """
    must_be_anothers(session, case, by)
    lift_stop(session, case, by)
    write_note(session, case, why, by)


def _queue(session: Session, case: Case, kind: str, by: Actor) -> None:
    jobs.queue(session, kind, {"case": case.id}, case_id=case.id, dedup=f"{kind}:{case.id}:{new_id()}")
    record(session, WorkRepeated(job=kind), by, case.id)


def _silence(session: Session, case: Case) -> Silence | None:
    newest = select(Job).where(Job.case_id == case.id, Job.kind.in_((LOCATE, FULFIL)), Job.done_at.is_(None))
    job = session.scalars(newest.order_by(Job.created_at.desc(), Job.id).limit(1)).one_or_none()
    if job is None:
        return None
    refusing = jobs.refusing_source(job)
    source = jobs.silent_source(job) if refusing is None else refusing
    if source is None:
        return None
    titles = session.info["source_titles"]().get(source, {})
    return Silence(source, titles, job.attempts, None if job.dead_at else job.run_at, refusing is not None)


def _was_given_up(session: Session, case: Case) -> bool:
    dead = select(Job.id).where(Job.case_id == case.id, Job.kind == FULFIL, Job.dead_at.is_not(None)).limit(1)
    return session.scalar(dead) is not None and not _open_jobs(session, case, FULFIL)


def _open_jobs(session: Session, case: Case, kind: str) -> bool:
    still = select(Job.id).where(Job.case_id == case.id, Job.kind == kind, Job.done_at.is_(None))
    return session.scalar(still.where(Job.dead_at.is_(None)).limit(1)) is not None


def _only_if(allowed: bool) -> None:
    if not allowed:
        raise MoveRefused
