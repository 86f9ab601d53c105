"""Requests whose card nobody judged for ten days: they stand on top of the queue until it goes, at day 14."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.models import Case, Evidence
from portal.cases.retention import CARD_DAYS
from portal.review.wanted import Condition, Wanted

ON_TOP = timedelta(days=10)
MOST = 25
"""More than a page of them is not shown on top: the oldest."""
VIEWS = frozenset({"due", "mine", "new", "identity"})


def fading(session: Session, at: datetime) -> list[str]:
    """Return the ids of the requests whose card goes soon, the oldest card first; with one query."""
    old = Evidence.created_at.between(at - timedelta(days=CARD_DAYS + 1), at - ON_TOP)
    living = select(Evidence.case_id).where(Evidence.destroyed_at.is_(None), old, Evidence.case_id.is_not(None))
    return [str(each) for each in session.scalars(living.order_by(Evidence.created_at).limit(MOST))]


def on_top(session: Session, wanted: Wanted, kept: Condition, faded: list[str]) -> list[Case]:
    """Return which of the requests ``faded`` stand above the first page of ``wanted``, whose condition is ``kept``."""
    if not faded or wanted.after or wanted.before or wanted.view.slug not in VIEWS:
        return []
    found = session.scalars(select(Case).where(Case.id.in_(faded), kept))
    return sorted(found, key=lambda each: faded.index(each.id))
