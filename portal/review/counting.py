"""Counting in the queue, never further than to a thousand: a number that nobody reads is not worth the wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ScalarSelect, func, literal_column, select
from sqlalchemy.orm import Session

from portal.accounts.models import Staff
from portal.cases.by_post import count_waiting
from portal.cases.lifecycle import OPEN
from portal.cases.models import Case
from portal.cases.tasks import counted_for
from portal.review.wanted import DUE, VIEWS, Condition, has_one_of

MOST = 1000
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the head of the queue says. A number above ``MOST`` means more than that."""

    open: int
    late: int
    soon: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted for a page of the desk; more than ``MOST`` is not told apart.

    Attributes:
        views: how many requests each counted view holds, by slug.
        tasks: how many manual tasks wait for who looks.
        posts: how many letters wait for the post.
        summary: how much is open, late, and due within a week; also what was put aside, which is owed as well.
    """

    views: Mapping[str, int]
    tasks: int
    posts: int
    summary: Summary


def counts(session: Session, member: Staff, today: date) -> Counted:
    """Return what is counted for ``member``, with one query."""
    views = [view for view in VIEWS.values() if view.counted and view.slug != DUE]
    owed = has_one_of(OPEN)
    late, soon = owed & (Case.due_on < today), owed & Case.due_on.between(today, today + WEEK)
    each = [view.condition(member, today) for view in views]
    wanted = [*(up_to_most(kept) for kept in (owed, late, soon, *each)), counted_for(member), count_waiting()]
    found = [int(number) for number in session.execute(select(*wanted)).one()]
    named = zip((view.slug for view in views), found[3:-2], strict=True)
    return Counted(dict(named), found[-2], found[-1], Summary(*found[:3]))


def in_short(number: int | None) -> str | None:
    """Return a number of these as it is shown: ``1000+`` beyond what is counted."""
    if number is None:
        return None
    return str(number) if number <= MOST else f"{MOST}+"


def up_to_most(kept: Condition) -> ScalarSelect[int]:
    """Return the query for how many cases fulfil ``kept``: at most ``MOST`` and one, which stands for more."""
    some = select(literal_column("1").label("one")).select_from(Case).where(kept).limit(MOST + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()
