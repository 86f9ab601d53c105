"""The manual tasks of a request as the desk shows them, with what was answered. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.accounts.models import Role, Staff
from portal.cases.attachments import Sent, attachments_of
from portal.cases.lifecycle import Status
from portal.cases.models import Case
from portal.cases.tasks import Found, Task, found_of, is_open, is_theirs, tasks_of, words_of
from portal.words import N_

ROLES = {Role.REVIEWER: N_("Any reviewer"), Role.MANAGER: N_("The privacy manager")}
"""Whose a task may be that no colleague has by name."""
OVER = frozenset({Status.CLOSED, Status.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class ShownTask:
    """One task.

    Args:
        task: which.
        title: where to look, by language.
        look_for: what to look for, by language, where a reviewer asked it.
        theirs: whether who looks may answer it now.
        droppable: whether a reviewer asked it and it waits.
        found: what was answered; None while it waits, and once it is forgotten.
        files: what was added to the answer.
    """

    task: Task
    title: Mapping[str, str]
    look_for: Mapping[str, str]
    theirs: bool
    droppable: bool
    found: Found | None
    files: tuple[Sent, ...]


def shown_tasks(session: Session, case: Case, member: Staff) -> tuple[ShownTask, ...]:
    """Return the tasks of ``case`` for ``member``, the first due first."""
    tasks = tasks_of(session, case)
    files = attachments_of(session, case) if any(each.answered_at for each in tasks) else {}
    return tuple(_shown(session, case, each, member, files.get(each.id, ())) for each in tasks)


def _shown(session: Session, case: Case, task: Task, member: Staff, files: tuple[Sent, ...]) -> ShownTask:
    kept = case.forgotten_at is None
    title, look_for = words_of(session, task) if kept or task.asked is None else ({}, {})
    return ShownTask(
        task,
        title,
        look_for if task.asked is not None else {},
        is_theirs(task, member) and is_open(task, case),
        task.asked is not None and task.answered_at is None and case.status not in OVER,
        found_of(session, task) if task.answer is not None and kept else None,
        files,
    )
