"""Finds what the sources hold on one person: counts, proof of search, and the name and addresses on file.

Knows no case: it takes a ``Subject`` and gives values back. Nothing found here is ever logged.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.errors import SourceDown
from portal.sources.afterwards import Afterwards
from portal.sources.engines import Reader, Sources
from portal.sources.model import Collection, Row
from portal.sources.reach import Reach, walk
from portal.sources.reading import rows
from portal.sources.values import folded, instant, spelled

FRESH = timedelta(days=30)
"""An address changed this recently does not count as on file (product.md, proof of identity)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is looked for: the only thing about a person that leaves towards a source.

    Args:
        emails: mail addresses that were proven or checked.
        ips: IP addresses the person supplied for data that does not identify them (Art. 11(2)).
        ip_days: the days on which those were theirs; empty means every day.
        phones: telephone numbers.
        user_ids: numbers in the controller's own systems.
        more: values by any other kind of identity the data map speaks of, such as a loyalty number.
    """

    emails: tuple[str, ...]
    ips: tuple[str, ...] = ()
    ip_days: frozenset[date] = frozenset()
    phones: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def identities(self) -> Mapping[str, tuple[str, ...]]:
        """Values by the kind of identity the data map speaks of."""
        known = {
            "email": self.emails,
            "ip_address": self.ips,
            "phone_number": self.phones,
            "user_id": self.user_ids,
        }
        return {kind: (*known.get(kind, ()), *self.more.get(kind, ())) for kind in (*known, *self.more)}


def reach_of(
    reader: Reader,
    subject: Subject,
    *,
    mentions: bool = False,
    tolerant: bool = False,
    afterwards: Afterwards | None = None,
) -> Reach:
    """Return how far ``subject`` reaches through the sources (see ``sources.reach.walk``)."""
    return walk(
        reader,
        reader.sources.data_map,
        subject.identities,
        days=subject.ip_days,
        mentions=mentions,
        tolerant=tolerant,
        afterwards=afterwards,
    )


class SearchState(StrEnum):
    """How the search of one collection ended."""

    FOUND = "found"
    EMPTY = "empty"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Searched:
    """Proof that one collection was searched; ``seconds`` is what it took."""

    collection: str
    rows: int
    state: SearchState
    seconds: float


@dataclass(frozen=True, slots=True)
class AddressOnFile:
    """A mail address a source holds for the person; since when and whether it is in use, as far as the source tells."""

    address: str = field(repr=False)
    changed_at: datetime | None = None
    in_use: bool = True

    def counts(self, at: datetime) -> bool:
        """Return whether it is in use, and was there long enough at ``at`` to count as on file."""
        return self.in_use and (self.changed_at is None or self.changed_at <= at - FRESH)


@dataclass(frozen=True, slots=True)
class Located:
    """What the sources hold on the person.

    Args:
        counts: rows by collection key, only where there are any.
        searched: every collection of the data map, in reading order.
        names_on_file: the names the sources know the person by.
        addresses_on_file: where a notice "someone asked in your name" goes.
        failed: keys of the sources that did not answer.
        accounts: the numbers of the person's accounts, as the controller's app writes them.
    """

    counts: Mapping[str, int]
    searched: tuple[Searched, ...]
    names_on_file: tuple[str, ...] = field(repr=False)
    addresses_on_file: tuple[AddressOnFile, ...] = field(repr=False)
    failed: tuple[str, ...] = ()
    accounts: frozenset[str] = field(repr=False, default=frozenset())

    @property
    def found(self) -> bool:
        """Whether any source holds a row of the person."""
        return bool(self.counts)

    def address_is_on_file(self, mailbox: str, now: datetime) -> bool:
        """Return whether ``mailbox`` is on file at ``now``: the same address, not changed in the last 30 days."""
        return any(folded(each.address) == folded(mailbox) and each.counts(now) for each in self.addresses_on_file)


def locate(sources: Sources, subject: Subject) -> Located:
    """Return what ``sources`` hold on ``subject``; a source that is down is told in the result, not raised."""
    gathered = _Gathered()
    with sources.reading() as reader:
        reach = reach_of(reader, subject, tolerant=True)
        searched = tuple(_search(reader, reach, each, gathered) for each in sources.data_map.in_order())
    down = {each.collection.split(".")[0] for each in searched if each.state is SearchState.FAILED}
    return Located(
        counts={each.collection: each.rows for each in searched if each.rows},
        searched=searched,
        names_on_file=tuple(gathered.names),
        addresses_on_file=tuple(gathered.addresses.values()),
        failed=tuple(sorted(down)),
        accounts=frozenset(gathered.accounts),
    )


@dataclass(slots=True)
class _Gathered:
    """Names, addresses and accounts met on the way."""

    names: dict[str, None] = field(default_factory=dict)
    addresses: dict[str, AddressOnFile] = field(default_factory=dict)
    accounts: set[str] = field(default_factory=set)

    def take(self, collection: Collection, row: Row) -> None:
        """Keep what ``row`` tells."""
        for each in collection.fields:
            value = row.get(each.name)
            if each.is_account and value is not None:
                self.accounts.add(spelled(value))
            if not isinstance(value, str) or not value.strip():
                continue
            if each.is_name:
                self.names[value.strip()] = None
            if each.on_file and (each.on_file_if is None or row.get(each.on_file_if) is not None):
                changed = instant(row.get(collection.changed_at)) if collection.changed_at else None
                in_use = each.on_file_until is None or row.get(each.on_file_until) is None
                self.keep(AddressOnFile(value.strip(), changed, in_use))

    def keep(self, told: AddressOnFile) -> None:
        """Keep ``told``: of two dates for one address the later one, the careful way; in use where one row uses it."""
        known = self.addresses.get(folded(told.address), told)
        dates = [each for each in (known.changed_at, told.changed_at) if each is not None]
        both = AddressOnFile(known.address, max(dates, default=None), known.in_use or told.in_use)
        self.addresses[folded(told.address)] = both


def _search(reader: Reader, reach: Reach, collection: Collection, gathered: _Gathered) -> Searched:
    started = time.perf_counter()
    found = 0
    state = SearchState.FAILED
    if collection.key not in reach.failed:
        try:
            for row in rows(reader, collection, reach.selectors(collection.key), _wanted(collection)):
                gathered.take(collection, row)
                found += 1
            reader.table(collection)
            state = SearchState.FOUND if found else SearchState.EMPTY
        except SourceDown:
            found = 0
    return Searched(collection.key, found, state, time.perf_counter() - started)


def _wanted(collection: Collection) -> list[str]:
    wanted = [each.name for each in collection.fields if each.is_name or each.on_file or each.is_account]
    wanted += [name for each in collection.fields for name in (each.on_file_if, each.on_file_until) if name]
    return wanted + ([collection.changed_at] if collection.changed_at else [])
