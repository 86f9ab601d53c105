"""Something came from outside about a case: it is no longer put aside, and whoever is deciding looks at it again."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.record import PERSON
from portal.cases.lifecycle import OPEN, Move, Status
from portal.cases.models import Case
from portal.cases.moves import move
from portal.db import changed
from portal.errors import MoveRefused


def hear(session: Session, case: Case) -> None:
    """Take note that the person wrote: a wait ends; a letter that was written before they did is not sent unseen.

    Raises:
        MoveRefused: the case was closed, or answered, at the same moment.
    """
    if case.status is Status.WAITING:
        move(session, case, Move.REPLY, PERSON)
        return
    same = update(Case).where(Case.id == case.id, Case.status == case.status)
    if case.status in OPEN and not changed(session, same.values(version=Case.version + 1, sleeps_until=None)):
        raise MoveRefused
    session.refresh(case)


def wake(session: Session, case_id: str) -> None:
    """Bring a case back that was put aside: what it waited for will not come, or something else needs a look."""
    session.execute(update(Case).where(Case.id == case_id).values(sleeps_until=None))
