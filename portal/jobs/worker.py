"""The worker: claims a job, runs its handler, commits once, and never lets one bad job stop the others."""

import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import FrameType
from typing import TypeAlias

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.clock import local, now
from portal.db import Database
from portal.errors import SourceRefused
from portal.jobs import outbox

log = structlog.get_logger("portal.jobs")


class TryLater(Exception):
    """The job cannot go on yet; it is not a failure."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__("later")


class NeverAgain(Exception):
    """The job can never succeed; trying again makes no sense."""


class LeftBehind(NeverAgain):
    """Worker after worker ended in the middle of this job for three days."""


Finish: TypeAlias = Callable[[Session], None]
"""What a handler wants written, in the transaction that also marks its job done."""

Handler: TypeAlias = Callable[[Database, Mapping[str, str]], Finish | None]
"""Runs outside any transaction (network, rendering, crypto), must bear being run twice."""


@dataclass(frozen=True, slots=True)
class Nightly:
    """A job that runs once a day, at ``hour`` in Brussels."""

    kind: str
    hour: int


class Worker:
    """Runs jobs of one database with the given handlers.

    Args:
        database: the portal's database.
        handlers: handler by kind of job.
        nightly: jobs to queue once a day.
        on_dead: told, in the same transaction, of a job that is given up.
    """

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        nightly: tuple[Nightly, ...] = (),
        on_dead: Callable[[Session, outbox.Job], None] | None = None,
    ) -> None:
        self.database, self.handlers, self.nightly, self.on_dead = database, handlers, nightly, on_dead
        self.stopping = False

    def run_until_idle(self, limit: int = 10_000) -> int:
        """Run every job that is due, at most ``limit``; return how many ran."""
        ran = 0
        while ran < limit and self.run_one():
            ran += 1
        return ran

    def run_for_ever(self, pause: float = 0.5) -> None:
        """Run jobs as they fall due, until told to stop; sleep ``pause`` seconds where there is nothing to do.

        SIGTERM and SIGINT stop it after the job in hand. A database that does not answer is asked again.
        """
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._stop)
            signal.signal(signal.SIGINT, self._stop)
        while not self.stopping:
            try:
                self.queue_nightly()
                if not self.run_one():
                    time.sleep(pause)
            except SQLAlchemyError as fault:
                log.error("database does not answer", fault=type(fault).__name__)
                time.sleep(pause)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def queue_nightly(self) -> None:
        """Queue today's nightly jobs once their hour has come."""
        here = local(now())
        due = [nightly for nightly in self.nightly if here.hour >= nightly.hour]
        if not due:
            return
        with self.database.reader() as session:
            waiting = [nightly for nightly in due if not _known(session, _dedup(nightly, here))]
        if waiting:
            with self.database.writer() as session:
                for nightly in waiting:
                    outbox.queue(session, nightly.kind, {}, dedup=_dedup(nightly, here))
                session.commit()

    def run_one(self) -> bool:
        """Run the next job that is due; False where there is none."""
        with self.database.reader() as session:
            if not outbox.is_due(session):
                return False
        with self.database.writer() as session:
            job = outbox.claim(session)
            session.commit()
        if job is None:
            return False
        if job.fault == outbox.LEFT_BEHIND and now() - job.created_at > outbox.GIVE_UP_AFTER:
            self._note_failure(job, LeftBehind())
        else:
            self._run(job)
        return True

    def _run(self, job: outbox.Job) -> None:
        try:
            write = self.handlers[job.kind](self.database, job.payload)
            with self.database.writer() as session:
                if not outbox.finish(session, job.id):
                    log.warning("job was done by another", job=job.id, kind=job.kind)
                    return
                if write is not None:
                    write(session)
                session.commit()
            log.info("job done", job=job.id, kind=job.kind)
        except TryLater as later:
            with self.database.writer() as session:
                outbox.postpone(session, job, later.until)
                session.commit()
        except Exception as fault:
            self._note_failure(job, fault)

    def _note_failure(self, job: outbox.Job, fault: Exception) -> None:
        kind, final = outbox.name_of(fault), isinstance(fault, NeverAgain | SourceRefused)
        log.warning("job failed", job=job.id, kind=job.kind, fault=kind, attempts=job.attempts)
        with self.database.writer() as session:
            dead = outbox.fail(session, job, kind, final=final)
            if dead and self.on_dead is not None:
                self.on_dead(session, job)
            session.commit()


def _dedup(nightly: Nightly, here: datetime) -> str:
    return f"{nightly.kind}:{here.date().isoformat()}"


def _known(session: Session, dedup: str) -> bool:
    return session.query(outbox.Job.id).filter(outbox.Job.dedup == dedup).first() is not None
