"""Manual tasks that a reviewer asks: to whom, what, and by when; or why nobody looks any more.

The request is neither refused nor carried out while one of them waits.
"""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Role
from portal.audit.desk_events import TaskDropped
from portal.audit.record import Actor
from portal.cases.access import decision_of, is_granted, seal_json
from portal.cases.lifecycle import Status
from portal.cases.models import Case
from portal.cases.tasks import Task, add_task, settle_task
from portal.clock import now
from portal.db import new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose
from portal.words import N_

MARK = "asked-"
MOST = 10
NOT_NOW = N_("No task can be asked for this request now.")
FULL = N_("This request has 10 tasks that were asked already.")


@dataclass(frozen=True, slots=True)
class Errand:
    """What a reviewer asks: of a role, or of one colleague by their login."""

    title: str = field(repr=False)
    look_for: str = field(repr=False)
    role: Role
    colleague: str
    due_on: date


def may_ask_hand(session: Session, case: Case) -> bool:
    """Whether a task may be asked: the request is being decided, or was granted and is not carried out yet."""
    granted = case.status is Status.ANSWERED and is_granted(decision_of(session, case))
    return (case.status is Status.DECIDING or granted) and case.stopped_at is None


def ask_hand(session: Session, case: Case, errand: Errand, by: Actor) -> None:
    """Keep what is asked, sealed, and tell whose it is by mail; the caller commits.

    Raises:
        MoveRefused: nothing can be asked any more, or too much was.
    """
    if not may_ask_hand(session, case):
        raise MoveRefused(NOT_NOW)
    if len(_asked(session, case)) >= MOST:
        raise MoveRefused(FULL)
    task_id = new_id()
    words = {"title": errand.title, "look_for": errand.look_for}
    task = Task(
        id=task_id,
        case_id=case.id,
        source=f"{MARK}{task_id}",
        title={},
        look_for={},
        role=errand.role,
        colleague=errand.colleague,
        due_on=errand.due_on,
        created_at=now(),
        asked=seal_json(session, case.id, Purpose.DECISION, words),
    )
    add_task(session, case, task, by)


def drop_task(session: Session, case: Case, task: Task, why: str, by: Actor) -> None:
    """Ask no longer, and say for the file why; the request goes on once it was the last. The caller commits.

    Raises:
        MoveRefused: the data map asks it, so that it can only be answered; or it was answered.
    """
    if task.asked is None or task.case_id != case.id:
        raise MoveRefused(NOT_NOW)
    settle_task(session, task, {"text": "", "dropped": why}, TaskDropped(source=task.source), by)


def waits_for_hand(session: Session, case: Case) -> bool:
    """Whether something that a reviewer asked is not answered or dropped yet."""
    return any(each.answered_at is None for each in _asked(session, case))


def _asked(session: Session, case: Case) -> list[Task]:
    return list(session.scalars(select(Task).where(Task.case_id == case.id, Task.asked.is_not(None))))
