"""What somebody had in hand when they stop working on cases: it is free again, so that no deadline waits for them."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Staff
from portal.audit.desk_events import CaseReleased
from portal.audit.record import Actor, record
from portal.cases.lifecycle import OPEN
from portal.cases.models import Case
from portal.db import changed
from portal.review.desk import DESK


def release_cases(session: Session, member: Staff, by: Actor) -> int:
    """Free the open cases of ``member`` if they may work on none any more; return how many."""
    if member.role in DESK and member.disabled_at is None:
        return 0
    theirs = select(Case.id).where(Case.assigned_to == member.id, Case.status.in_(OPEN))
    freed = 0
    for case_id in session.scalars(theirs).all():
        still = update(Case).where(Case.id == case_id, Case.assigned_to == member.id).values(assigned_to=None)
        if changed(session, still):
            record(session, CaseReleased(staff=member.id), by, case_id)
            freed += 1
    return freed
