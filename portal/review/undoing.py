"""The bar that offers to take back the letter that was just sent, on whatever page of the desk comes next."""

from dataclasses import dataclass
from math import ceil

from flask import session as browser
from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.cases.undo import is_held
from portal.clock import now

SENT = "just_sent"


@dataclass(frozen=True, slots=True)
class Undo:
    """A letter that can still be taken back, by who looks, for so many seconds."""

    case_id: str
    reference: str
    seconds: int


def offer_undo(case: Case) -> bool:
    """Offer it to who is signed in here, from the next page on until the letter leaves; False where nothing waits."""
    if case.undo_until is None:
        return False
    browser[SENT] = case.id, case.undo_until.timestamp()
    return True


def undoable(session: Session) -> Undo | None:
    """Return what who is signed in here may take back; None mostly, and without a query."""
    case_id, until = browser.get(SENT, ("", 0.0))
    if until <= now().timestamp():
        return None
    case = session.get(Case, case_id)
    if case is None or case.undo_until is None or not is_held(case, now()):
        return None
    return Undo(case.id, case.reference, ceil((case.undo_until - now()).total_seconds()))
