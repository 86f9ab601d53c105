"""Manual tasks: what somebody looks up, or does, by hand in a system without a database, once a request is granted.

A request is not carried out before each of its tasks is answered. What was answered is content of the case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    ScalarSelect,
    String,
    UniqueConstraint,
    and_,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.accounts.models import Role, Staff
from portal.audit.desk_events import TaskAnswered, TaskMade
from portal.audit.record import SYSTEM, Actor, record
from portal.cases.access import open_json, seal_json
from portal.cases.attachments import Attachment, Sealed, attach_found
from portal.cases.letters import case_facts, queue_case_letter_to, queue_staff_letter
from portal.cases.lifecycle import Status
from portal.cases.models import Case
from portal.clock import now, today
from portal.db import Base, UtcDateTime, changed, enum_column, new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose
from portal.jobs import outbox as jobs
from portal.words import N_

GONE = N_("This task was answered before, or is not there any more.")
TOLD = "staff-task"
CARRIED = frozenset({Status.ANSWERED, Status.CARRIED_OUT})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task that a granted request needs: where to look, whose it is, what to look for; texts by language."""

    source: str
    title: Mapping[str, str]
    look_for: Mapping[str, str]
    role: str
    colleague: str
    days_before: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was answered to a task: nothing found, or words and files of who looked, for the person."""

    title: Mapping[str, str]
    source: str
    nothing: bool
    text: str = field(repr=False)
    role: str
    at: datetime
    files: tuple[Attachment, ...] = ()


class Task(Base):
    """One task. Its source names it once for each request, so that an answer stays when the request is decided anew."""

    __tablename__ = "manual_tasks"
    __table_args__ = (UniqueConstraint("case_id", "source"), Index("ix_manual_tasks_open", "answered_at", "due_on"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    source: Mapped[str] = mapped_column(String(64))
    title: Mapped[dict[str, Any]] = mapped_column(JSON)  # by language, from the data map, as are the words that follow
    look_for: Mapped[dict[str, Any]] = mapped_column(JSON)
    role: Mapped[Role] = mapped_column(enum_column(Role))
    colleague: Mapped[str] = mapped_column(String(254))
    due_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    answer: Mapped[bytes | None]  # what was found, in words: JSON, purpose decision


def make_tasks(session: Session, case: Case, wanted: Sequence[Wanted]) -> None:
    """Make each task that ``case`` needs and does not have, and tell whose it is by mail."""
    there = set(session.scalars(select(Task.source).where(Task.case_id == case.id)))
    for each in wanted:
        if each.source not in there:
            _tell(
                session,
                case,
                Task(
                    id=new_id(),
                    case_id=case.id,
                    source=each.source,
                    title=dict(each.title),
                    look_for=dict(each.look_for),
                    role=Role(each.role),
                    colleague=each.colleague,
                    due_on=max(case.due_on - timedelta(days=each.days_before), today()),
                    created_at=now(),
                ),
            )
            record(session, TaskMade(source=each.source), SYSTEM, case.id)


def tasks_of(session: Session, case: Case) -> list[Task]:
    """Return the tasks of ``case``, the first due first."""
    return list(session.scalars(select(Task).where(Task.case_id == case.id).order_by(Task.due_on, Task.source)))


def found_by_hand(session: Session, case: Case, sources: Sequence[str]) -> list[Found]:
    """Return what was answered about ``sources``; those that wait are not in it."""
    answered = [task for task in tasks_of(session, case) if task.source in sources and task.answer is not None]
    return [found_of(session, task) for task in answered]


def found_of(session: Session, task: Task) -> Found:
    """Return what was answered to ``task``.

    Raises:
        KeyDestroyed: the content of its case was forgotten.
    """
    said = open_json(session, task.case_id, Purpose.DECISION, task.answer or b"")
    with_it = select(Attachment).where(Attachment.task_id == task.id, Attachment.file.is_not(None))
    files = tuple(session.scalars(with_it.order_by(Attachment.place)))
    at = task.answered_at or task.created_at
    return Found(task.title, task.source, not (said["text"] or files), said["text"], said["role"], at, files)


def tasks_for(session: Session, member: Staff) -> list[tuple[Task, Case]]:
    """Return the open tasks of ``member``, the first due first; see ``_theirs``."""
    wanted = select(Task, Case).join(Case, Case.id == Task.case_id).where(*_theirs(member))
    return [(task, case) for task, case in session.execute(wanted.order_by(Task.due_on, Task.id))]


def count_for(session: Session, member: Staff, before: date | None = None) -> int:
    """Return how many open tasks ``member`` has, or how many of them were due before a day."""
    return session.scalar(select(counted_for(member, before))) or 0


def counted_for(member: Staff, before: date | None = None) -> ScalarSelect[int]:
    """Return the same as a part of another query."""
    counted = select(func.count(Task.id)).join(Case, Case.id == Task.case_id).where(*_theirs(member))
    return (counted.where(Task.due_on < before) if before else counted).scalar_subquery()


def is_theirs(task: Task, member: Staff) -> bool:
    """Whether ``member`` may answer ``task``, as far as it is open."""
    named = task.colleague == member.login if task.colleague else task.role is member.role
    return named or member.role is Role.MANAGER


def task_for(session: Session, task_id: str, member: Staff) -> tuple[Task, Case] | None:
    """Return an open task that ``member`` may answer, with its case."""
    return next(((task, case) for task, case in tasks_for(session, member) if task.id == task_id), None)


def answer_task(session: Session, task: Task, text: str, by: Actor, files: Sequence[Sealed] = ()) -> None:
    """Keep what was found, and let the request go on once it was the last.

    Args:
        session: a write session.
        task: which.
        text: for the person; neither this nor a file means that nothing was found.
        by: who looked.
        files: what ``take_files`` gave.

    Raises:
        MoveRefused: it was answered before.
    """
    said = seal_json(session, task.case_id, Purpose.DECISION, {"text": text, "role": by.role})
    once = update(Task).where(Task.id == task.id, Task.answered_at.is_(None))
    if not changed(session, once.values(answered_at=now(), answered_by=by.id, answer=said)):
        raise MoveRefused(GONE)
    attach_found(session, task.case_id, task.id, files)
    record(session, TaskAnswered(source=task.source, nothing=not (text or files), files=len(files)), by, task.case_id)
    left = select(Task.id).where(Task.case_id == task.case_id, Task.answered_at.is_(None)).limit(1)
    if session.scalar(left) is None:
        jobs.wake(session, "case.fulfil", task.case_id)


def _tell(session: Session, case: Case, task: Task) -> None:
    """Keep a new task, and tell the colleague whose it is; where it is a role's, the mailbox of the desk."""
    session.add(task)
    facts = {**case_facts(case), "task_id": task.id, "answer_on": task.due_on.isoformat()}
    colleague = session.scalars(select(Staff).where(Staff.login == task.colleague)).one_or_none()
    if colleague is not None and colleague.is_active:
        queue_case_letter_to(session, case, colleague, TOLD, facts)
    else:
        queue_staff_letter(session, case, TOLD, facts)


def _theirs(member: Staff) -> list[ColumnElement[bool]]:
    """Return what makes a task an open one of ``member``: of their role, or theirs by name; a manager sees all.

    A request that is decided anew, or was stopped, has no tasks meanwhile.
    """
    open_now: list[ColumnElement[bool]] = [
        Case.status.in_(CARRIED),
        Case.stopped_at.is_(None),
        Task.answered_at.is_(None),
    ]
    if member.role is Role.MANAGER:
        return open_now
    by_role = and_(Task.colleague == "", Task.role == member.role)
    return [*open_now, or_(Task.colleague == member.login, by_role)]
