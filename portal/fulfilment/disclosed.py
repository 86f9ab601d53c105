"""Finds who must be told of a change (Art. 19): to whom data was given, by the rows that record it, read before
anything is erased; and who by the register keeps a copy of what an activity uses.
"""

from collections import defaultdict
from collections.abc import Iterable

from portal.cases.recipients import Disclosed
from portal.fulfilment.locate import Subject, reach_of
from portal.fulfilment.plans import Effect, ErasePlan, FlagPlan, Line, Plan
from portal.register import Register
from portal.sources.engines import Sources
from portal.sources.model import Collection, DataMap, Recipients
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


def touched(data_map: DataMap, plan: Plan, lines: Iterable[Line]) -> frozenset[str]:
    """Return the activities in which ``plan`` changes something, as slugs of the register; ``*`` is every activity.

    Args:
        data_map: says which activity a collection serves.
        plan: a restriction counts for all it is about, also where no row says so.
        lines: what the plan was found to do.
    """
    changed = [line for line in lines if line.rows and line.effect is not Effect.KEEP]
    if isinstance(plan, FlagPlan):
        return plan.activities if changed else frozenset()
    return frozenset(_collection(data_map, line.key).activity for line in changed)


def _collection(data_map: DataMap, key: str) -> Collection:
    """Return the collection that a line is about: it names the collection, or for a correction one of its fields."""
    return data_map.collections.get(key) or data_map.collections[key.rpartition(".")[0]]


def registered(
    register: Register, activities: frozenset[str], accounts: tuple[str, ...], known: Iterable[Disclosed]
) -> list[Disclosed]:
    """Return each party that by the register keeps a copy of its own of what ``activities`` use, once each.

    Args:
        register: who keeps a copy of what.
        activities: slugs, as ``touched`` gave them.
        accounts: the person's account numbers.
        known: who is told already, by the rows that record it.
    """
    names = {each.name for each in known}
    parties: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in register.rows:
        if row.slug in activities or "*" in activities:
            for party in (party for recipient in row.recipients for party in recipient.named):
                if party.keeps_copy and party.name not in names:
                    parties[party.name, party.contact].append(row.slug)
    return [
        Disclosed(name, contact, slugs[0] if len(slugs) == 1 else "", (), accounts)
        for (name, contact), slugs in sorted(parties.items())
    ]


def _place(rule: Recipients, row: Found) -> tuple[str, str, str]:
    """Return name, address and activity as ``row`` says them."""
    return tuple(str(row[name] or "").strip() if name else "" for name in (rule.name, rule.email, rule.activity))  # type: ignore[return-value]
