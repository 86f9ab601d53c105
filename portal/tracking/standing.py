"""What the person's page says of later: what had to stay and until when, and when a pause ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.cases.markings import RESTRICT, markings_of
from portal.cases.models import Case
from portal.cases.promises import Why, promises_of
from portal.tracking.pages import carried


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows that had to stay: their title by language, how many, until when, and when they were deleted."""

    title: Mapping[str, str]
    rows: int
    due_on: date
    ends: bool
    paused: bool
    done_at: datetime | None


def kept(session: Session, case: Case) -> list[Kept]:
    """Return what had to stay when ``case`` was carried out, the first to go first."""
    if case.carried_out_at is None:
        return []
    titles = {line["key"]: line["title"] for line in carried(session, case) if "key" in line}
    return [
        Kept(titles.get(each.collection, {}), each.rows, each.due_on, each.ends, each.why is Why.PAUSE, each.done_at)
        for each in promises_of(session, case.id)
        if each.rows
    ]


def pause_ends_on(session: Session, case: Case) -> date | None:
    """Return the day the pause of ``case`` ends, once the person was told and until then."""
    if case.right_slug != RESTRICT:
        return None
    days = [each.lift_on for each in markings_of(session, case) if each.lift_on and each.lifted_at is None]
    return max(days, default=None)
