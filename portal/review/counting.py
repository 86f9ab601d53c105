"""Counting in the queue, never further than to a thousand: a number that nobody reads is not worth the wait."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ScalarSelect, func, literal_column, select
from sqlalchemy.orm import Session

from portal.accounts.models import Staff
from portal.cases.lifecycle import OPEN
from portal.cases.models import Case
from portal.cases.tasks import counted_for
from portal.review.wanted import DUE, VIEWS, Condition, has_one_of

MOST = 1000
TASKS = "tasks"
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the head of the queue says. A number above ``MOST`` means more than that."""

    open: int
    late: int
    soon: int


def counts(session: Session, member: Staff, today: date) -> dict[str, int]:
    """Return how many requests each counted view holds, with one query; more than ``MOST`` is not told apart.

    Under ``TASKS`` stands how many manual tasks wait for ``member``.
    """
    views = [view for view in VIEWS.values() if view.counted and view.slug != DUE]
    wanted = [*(up_to_most(view.condition(member, today)) for view in views), counted_for(member)]
    slugs = [*(view.slug for view in views), TASKS]
    return {slug: int(number) for slug, number in zip(slugs, session.execute(select(*wanted)).one(), strict=True)}


def summary(session: Session, today: date) -> Summary:
    """Return how much is open, late, and due within a week; also what was put aside, which is owed as well."""
    owed = has_one_of(OPEN)
    late, soon = owed & (Case.due_on < today), owed & Case.due_on.between(today, today + WEEK)
    found = session.execute(select(up_to_most(owed), up_to_most(late), up_to_most(soon))).one()
    return Summary(*(int(number) for number in found))


def in_short(number: int | None) -> str | None:
    """Return a number of these as it is shown: ``1000+`` beyond what is counted."""
    if number is None:
        return None
    return str(number) if number <= MOST else f"{MOST}+"


def up_to_most(kept: Condition) -> ScalarSelect[int]:
    """Return the query for how many cases fulfil ``kept``: at most ``MOST`` and one, which stands for more."""
    some = select(literal_column("1").label("one")).select_from(Case).where(kept).limit(MOST + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()
