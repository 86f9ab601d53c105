"""Acting at the same moment, and what happened to a case: its letters and the jobs that carry it out."""

import threading
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.jobs.outbox import Job
from portal.mail.outbox import Mail


def letters(session: Session, case: Case) -> list[str]:
    return sorted(session.scalars(select(Mail.letter).where(Mail.case_id == case.id)))


def fulfil_jobs(session: Session, case: Case) -> int:
    wanted = select(func.count()).where(Job.case_id == case.id, Job.kind == "case.fulfil")
    return session.scalar(wanted) or 0


def together(times: int, act: Callable[[int], bool]) -> list[bool]:
    """Let ``times`` threads act at the same moment; return what each said."""
    found: list[bool] = []
    gate = threading.Barrier(times)

    def run(number: int) -> None:
        gate.wait()
        found.append(act(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == times, "nobody fell over"
    return found
