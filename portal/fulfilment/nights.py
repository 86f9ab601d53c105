"""What is done at the sources by night: promises kept, announced restrictions lifted, old tombstones forgotten."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.cases.markings import Marking, forget_lifted, lift, lifting_due, stands_elsewhere, subjects_of
from portal.cases.tombstones import forget_expired
from portal.clock import now, today
from portal.db import Database
from portal.fulfilment.apply import apply
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import LiftPlan
from portal.fulfilment.promises import KEEP, NIGHTLY, Promises
from portal.jobs import outbox as jobs
from portal.jobs.worker import Finish, Handler
from portal.sources.engines import Sources

LIFTING = "markings.nightly"
LIFT = "markings.lift"
NIGHTS = (NIGHTLY, LIFTING)
HEARD = timedelta(days=90)
"""Systems that read the flags had this long to hear that one was lifted."""


def nights_at_sources(sources: Sources) -> dict[str, Handler]:
    """Return the handlers of the nightly jobs, and of the jobs these queue."""
    promises, lifting = Promises(sources), Lifting(sources)
    return {NIGHTLY: promises.queue_due, KEEP: promises.keep, LIFTING: lifting.queue_due, LIFT: lifting.lift}


class Lifting:
    """The handlers that lift restrictions of which the person was told.

    Args:
        sources: the opened sources.
    """

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def queue_due(self, database: Database, _payload: Mapping[str, str]) -> Finish:
        """Queue one job for each request whose restriction ends today; forget what was lifted, or erased, long ago."""
        with database.reader() as session:
            due = sorted({each.case_id for each in lifting_due(session, today())})

        def finish(session: Session) -> None:
            for case_id in due:
                jobs.queue(session, LIFT, {"case": case_id}, case_id=case_id, dedup=f"{LIFT}:{case_id}:{today()}")
            forget_lifted(session, now() - HEARD)
            forget_expired(session, now())

        return finish

    def lift(self, database: Database, payload: Mapping[str, str]) -> Finish:
        """Take back what one request restricted, in every activity at once, then note that it no longer stands.

        What another request of the same person restricts too stays at the sources until that one ends.

        Raises:
            SourceDown: a source does not answer; the job is tried again.
        """
        with database.reader() as session:
            due = [each for each in lifting_due(session, today()) if each.case_id == payload["case"]]
            alone = [each for each in due if not stands_elsewhere(session, each, today())]
            plans = [(LiftPlan(each.right_slug, each.activity), subjects_of(session, each)) for each in alone]
        for plan, subjects in plans:
            for email in subjects["emails"]:
                apply(self.sources, Subject((email,)), plan, now())

        def finish(session: Session) -> None:
            for each in due:
                lift(session, session.get_one(Marking, each.id))

        return finish
