"""Manual tasks: what somebody looks up, or does, by hand in a system without a database, once a request is granted.

A request is not carried out before each of its tasks is answered. What was answered is content of the case, and so is
what a reviewer asks in words of their own (``asked_by_hand``); all other tasks follow from the data map.
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
from portal.audit.events import Event
from portal.audit.record import SYSTEM, Actor, record
from portal.cases.access import open_json, seal_json
from portal.cases.attachments import Attachment, Sealed, attach_found
from portal.cases.letters import case_facts, queue_case_letter_to, queue_staff_letter
from portal.cases.lifecycle import Status
from portal.cases.models import Case
from portal.clock import now, today
from portal.config import LANGUAGES
from portal.db import Base, UtcDateTime, changed, enum_column, new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose
from portal.jobs import outbox as jobs
from portal.words import N_

GONE = N_("This task was answered before, or is not there any more.")
TOLD = "staff-task"
CARRIED = frozenset({Status.ANSWERED, Status.CARRIED_OUT})
EARLY = frozenset({Status.IDENTITY, Status.DECIDING, Status.SECOND, Status.WAITING})
"""Where a request already has tasks, of those that a reviewer asked."""


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
    """What was answered to a task: nothing found, or words and files of who looked, for the person.

    ``dropped`` says why nobody looks any more, for staff; nothing of it goes to the person.
    """

    title: Mapping[str, str]
    source: str
    nothing: bool
    text: str = field(repr=False)
    role: str
    at: datetime
    files: tuple[Attachment, ...] = ()
    dropped: str = field(default="", repr=False)


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
    asked: Mapped[bytes | None]  # title and what to look for of one that a reviewer asked: JSON, purpose decision


def words_of(session: Session, task: Task) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the title of ``task`` and what to look for, by language; a reviewer's own words stand in each language.

    Raises:
        KeyDestroyed: a reviewer asked it, and the content of its case was forgotten.
    """
    if task.asked is None:
        return task.title, task.look_for
    said = open_json(session, task.case_id, Purpose.DECISION, task.asked)
    return dict.fromkeys(LANGUAGES, str(said["title"])), dict.fromkeys(LANGUAGES, str(said["look_for"]))


def make_tasks(session: Session, case: Case, wanted: Sequence[Wanted]) -> None:
    """Make each task that ``case`` needs and does not have, and tell whose it is by mail."""
    there = set(session.scalars(select(Task.source).where(Task.case_id == case.id)))
    for each in wanted:
        if each.source not in there:
            add_task(
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
                SYSTEM,
            )


def tasks_of(session: Session, case: Case) -> list[Task]:
    """Return the tasks of ``case``, the first due first."""
    return list(session.scalars(select(Task).where(Task.case_id == case.id).order_by(Task.due_on, Task.source)))


def found_by_hand(session: Session, case: Case, sources: Sequence[str]) -> list[Found]:
    """Return what was answered about ``sources``, and to what a reviewer asked; those that wait are not in it."""
    there = [task for task in tasks_of(session, case) if task.source in sources or task.asked is not None]
    answered = [found_of(session, task) for task in there if task.answer is not None]
    return [each for each in answered if not each.dropped]


def found_of(session: Session, task: Task) -> Found:
    """Return what was answered to ``task``.

    Raises:
        KeyDestroyed: the content of its case was forgotten.
    """
    said = open_json(session, task.case_id, Purpose.DECISION, task.answer or b"")
    with_it = select(Attachment).where(Attachment.task_id == task.id, Attachment.file.is_not(None))
    files = tuple(session.scalars(with_it.order_by(Attachment.place)))
    at = task.answered_at or task.created_at
    title, dropped = words_of(session, task)[0], said.get("dropped", "")
    return Found(title, task.source, not (said["text"] or files), said["text"], said["role"], at, files, dropped)


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


def is_open(task: Task, case: Case) -> bool:
    """Whether ``task`` of ``case`` may be answered now."""
    due = case.status in CARRIED or (task.asked is not None and case.status in EARLY)
    return due and case.stopped_at is None and task.answered_at is None


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
    attach_found(session, task.case_id, task.id, files)
    answered = TaskAnswered(source=task.source, nothing=not (text or files), files=len(files))
    settle_task(session, task, {"text": text}, answered, by)


def settle_task(session: Session, task: Task, said: Mapping[str, str], event: Event, by: Actor) -> None:
    """Keep what was ``said`` to ``task``, and let the request go on once it was the last.

    Raises:
        MoveRefused: it was answered before.
    """
    sealed = seal_json(session, task.case_id, Purpose.DECISION, {**said, "role": by.role})
    once = update(Task).where(Task.id == task.id, Task.answered_at.is_(None))
    if not changed(session, once.values(answered_at=now(), answered_by=by.id, answer=sealed)):
        raise MoveRefused(GONE)
    record(session, event, by, task.case_id)
    left = select(Task.id).where(Task.case_id == task.case_id, Task.answered_at.is_(None)).limit(1)
    if session.scalar(left) is None:
        jobs.wake(session, "case.fulfil", task.case_id)


def add_task(session: Session, case: Case, task: Task, by: Actor) -> None:
    """Keep a new task, and tell the colleague whose it is; where it is a role's, the mailbox of the desk."""
    session.add(task)
    record(session, TaskMade(source=task.source), by, case.id)
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
        or_(Case.status.in_(CARRIED), and_(Task.asked.is_not(None), Case.status.in_(EARLY))),
        Case.stopped_at.is_(None),
        Task.answered_at.is_(None),
    ]
    if member.role is Role.MANAGER:
        return open_now
    by_role = and_(Task.colleague == "", Task.role == member.role)
    return [*open_now, or_(Task.colleague == member.login, by_role)]
