"""Finds to whom a person's data was given, in the rows that record it; read before anything is erased (Art. 19)."""

from collections import defaultdict

from portal.cases.recipients import Disclosed
from portal.fulfilment.locate import Subject, reach_of
from portal.fulfilment.plans import ErasePlan, FlagPlan, Plan
from portal.sources.engines import Sources
from portal.sources.model import Recipients
from portal.sources.reading import Found, rows
from portal.sources.values import day_of

MUST_BE_TOLD = frozenset({"rectify", "erase", "restrict"})
"""Rights whose exercise is told to recipients: Art. 16, 17(1) and 18."""


def disclosed(sources: Sources, subject: Subject, plan: Plan, accounts: tuple[str, ...]) -> list[Disclosed]:
    """Return each recipient of ``subject``'s data within what ``plan`` is about, once for each activity.

    Args:
        sources: the opened sources.
        subject: whose data.
        plan: only recipients of its activities count; a correction may concern all of them.
        accounts: the person's account numbers, by which a recipient may know them.

    Raises:
        SourceDown: a source does not answer.
    """
    wanted = plan.activities if isinstance(plan, ErasePlan | FlagPlan) else None
    days: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    with sources.reading() as reader:
        reach = reach_of(reader, subject)
        for collection in sources.data_map.in_order():
            rule, selectors = collection.recipients, reach.selectors(collection.key)
            if rule is None or not selectors:
                continue
            names = [name for name in (rule.name, rule.activity, rule.at, rule.email) if name]
            for row in rows(reader, collection, selectors, names):
                place = _place(rule, row)
                if place[0] and (wanted is None or "*" in wanted or not place[2] or place[2] in wanted):
                    days[place] |= {day.isoformat()} if rule.at and (day := day_of(row[rule.at])) else set()
    return [Disclosed(*place, tuple(sorted(found)), accounts) for place, found in sorted(days.items())]


def _place(rule: Recipients, row: Found) -> tuple[str, str, str]:
    """Return name, address and activity as ``row`` says them."""
    return tuple(str(row[name] or "").strip() if name else "" for name in (rule.name, rule.email, rule.activity))  # type: ignore[return-value]
