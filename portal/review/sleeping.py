"""Putting a request aside until the person replies or a day comes; never longer than to three days before its date."""

from datetime import date, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.desk_events import CasePutAside, CaseWoken
from portal.audit.record import Actor, record
from portal.cases.lifecycle import OPEN
from portal.cases.models import Case
from portal.clock import today
from portal.db import changed
from portal.errors import MoveRefused
from portal.review.wanted import NEVER_HIDDEN
from portal.words import N_

TOO_LATE = N_("It is due within three days: it stays in the queue.")


def may_sleep_until(case: Case, on: date) -> date | None:
    """Return the last day until which the case may be put aside on the day ``on``; None where it may not."""
    last = case.due_on - NEVER_HIDDEN
    return last if case.status in OPEN and last > on else None


def put_aside(session: Session, case: Case, until: date | None, by: Actor) -> date:
    """Hide the case from the queue until the person replies, or until ``until``; return that day.

    None is as long as it may be. A reply, any move of the case and handing it over bring it back at once.

    Raises:
        MoveRefused: it is due within three days, or over; or somebody else was first.
    """
    last = may_sleep_until(case, today())
    if last is None:
        raise MoveRefused(TOO_LATE)
    day = min(max(until or last, today() + timedelta(days=1)), last)
    same = update(Case).where(Case.id == case.id, Case.version == case.version, Case.assigned_to == by.id)
    if not changed(session, same.values(sleeps_until=day)):
        raise MoveRefused
    record(session, CasePutAside(until=day.isoformat()), by, case.id)
    return day


def bring_back(session: Session, case: Case, by: Actor) -> None:
    """Show the case in the queue again."""
    if changed(
        session, update(Case).where(Case.id == case.id, Case.sleeps_until.is_not(None)).values(sleeps_until=None)
    ):
        record(session, CaseWoken(), by, case.id)
