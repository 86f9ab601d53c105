"""Disagreeing with an answer, and taking that back. The caller commits."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.desk_events import PersonDisagreed
from portal.audit.record import PERSON, record
from portal.cases.access import decision_of
from portal.cases.attachments import Sealed
from portal.cases.deadlines import add_months
from portal.cases.disagreements import TERM_MONTHS, Disagreement, Ending, may_disagree, settle
from portal.cases.lifecycle import Move
from portal.cases.models import Case
from portal.cases.moves import move
from portal.clock import now, today
from portal.db import changed, new_id
from portal.errors import MoveRefused
from portal.tracking.actions import reply_to


def disagree(session: Session, case: Case, text: str, files: Sequence[Sealed] = ()) -> None:
    """Have ``case`` looked at again, within a month, by somebody who did not decide it; ``text`` says why.

    Raises:
        MoveRefused: there is no answer to disagree with, or they disagreed with it before.
    """
    decision = decision_of(session, case)
    if decision is None or not may_disagree(session, case):
        raise MoveRefused
    due_on = add_months(today(), TERM_MONTHS)
    row = Disagreement(
        id=new_id(),
        case_id=case.id,
        decision_id=decision.id,
        due_before=case.due_on,
        due_on=due_on,
        made_at=now(),
    )
    free = update(Case).where(Case.id == case.id, Case.version == case.version)
    if not changed(session, free.values(due_on=due_on, assigned_to=None)):
        raise MoveRefused
    session.refresh(case)
    session.add(row)
    session.flush()
    record(session, PersonDisagreed(version=decision.version, until=due_on.isoformat()), PERSON, case.id)
    move(session, case, Move.DISAGREE, PERSON)
    reply_to(session, case, text, files)


def relent(session: Session, case: Case) -> None:
    """Take the disagreement back: our answer stands as it did.

    Raises:
        MoveRefused: nobody disagrees (any more).
    """
    move(session, case, Move.RELENT, PERSON)
    settle(session, case, Ending.TAKEN_BACK, PERSON)
