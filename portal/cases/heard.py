"""Something came from outside about a case: it is no longer put aside, and whoever is deciding looks at it again."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.record import PERSON
from portal.cases.lifecycle import OPEN, Move, Status
from portal.cases.models import Case
from portal.cases.moves import move


def hear(session: Session, case: Case) -> None:
    """Take note that the person wrote: a wait ends, and a letter that was written before they did is not sent unseen.

    Never refused for what the desk does at the same moment: nothing that somebody wrote is lost.
    """
    still = update(Case).where(Case.id == case.id, Case.status.in_(OPEN))
    session.execute(still.values(version=Case.version + 1, sleeps_until=None))
    session.refresh(case)
    if case.status is Status.WAITING:
        move(session, case, Move.REPLY, PERSON)


def wake(session: Session, case_id: str) -> None:
    """Bring a case back that was put aside: what it waited for will not come, or something else needs a look."""
    session.execute(update(Case).where(Case.id == case_id).values(sleeps_until=None))
