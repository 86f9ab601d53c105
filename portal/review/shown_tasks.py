"""The manual tasks of a request as the desk shows them, with what was answered. Reads only."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.accounts.models import Staff
from portal.cases.attachments import Sent, attachments_of
from portal.cases.models import Case
from portal.cases.tasks import Found, Task, found_of, is_theirs, tasks_of


@dataclass(frozen=True, slots=True)
class ShownTask:
    """One task.

    Args:
        task: which.
        theirs: whether who looks may answer it.
        found: what was answered; None while it waits, and once it is forgotten.
        files: what was added to the answer.
    """

    task: Task
    theirs: bool
    found: Found | None
    files: tuple[Sent, ...]


def shown_tasks(session: Session, case: Case, member: Staff) -> tuple[ShownTask, ...]:
    """Return the tasks of ``case`` for ``member``, the first due first."""
    tasks = tasks_of(session, case)
    files = attachments_of(session, case) if any(each.answered_at for each in tasks) else {}
    return tuple(
        ShownTask(
            each,
            is_theirs(each, member),
            found_of(session, each) if each.answer is not None and case.forgotten_at is None else None,
            files.get(each.id, ()),
        )
        for each in tasks
    )
