"""Ending a restriction from the desk: the person is told first, and what was paused goes on days later (Art. 18(3))."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.audit.record import Actor
from portal.cases.markings import RESTRICT, announce_lift, markings_of
from portal.cases.models import Case
from portal.review.handling import must_be_anothers, write_note


@dataclass(frozen=True, slots=True)
class Pause:
    """A restriction that stands because of a case.

    Attributes:
        activities: how many kinds of use it covers.
        ends_on: the day the person was told it ends; None before that.
    """

    activities: int
    ends_on: date | None


def pause_of(session: Session, case: Case) -> Pause | None:
    """Return the restriction that stands because of ``case``, if one does."""
    if case.right_slug != RESTRICT:
        return None
    standing = [each for each in markings_of(session, case) if each.lifted_at is None]
    if not standing:
        return None
    return Pause(len(standing), max((each.lift_on for each in standing if each.lift_on), default=None))


def end_pause(session: Session, case: Case, why: str, by: Actor) -> None:
    """Tell the person that the restriction ends, with a note that says why.

    Raises:
        MoveRefused: none stands, the person was told already, or it is the member's own request.
    """
    must_be_anothers(session, case, by)
    announce_lift(session, case, by)
    write_note(session, case, why, by)
