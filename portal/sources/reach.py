"""Follows a person through the data map: from identities along the edges, set by set, until nothing new is found.

What it returns are selectors (which values of which fields make a row the person's), not rows: memory grows with the
keys that lead somewhere, never with the rows themselves. Two walks exist: own rows, and rows that merely mention them.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from portal.errors import SourceDown
from portal.sources.engines import Reader
from portal.sources.model import Collection, DataMap, FieldRef, Value
from portal.sources.reading import Selector, Selectors, rows
from portal.sources.values import DoesNotFit, fitted


@dataclass(slots=True)
class Reach:
    """How far a person reaches.

    Args:
        by_collection: the selectors of every collection that is reached, by its key.
        failed: keys of the collections that could not be searched.
    """

    by_collection: dict[str, dict[str, Selector]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def selectors(self, key: str) -> Selectors:
        """Return the selectors of the collection ``key``; none when nothing leads there."""
        return self.by_collection.get(key, {})


def walk(
    reader: Reader,
    data_map: DataMap,
    identities: Mapping[str, tuple[str, ...]],
    *,
    days: frozenset[date] = frozenset(),
    mentions: bool = False,
    tolerant: bool = False,
) -> Reach:
    """Return how far the person with ``identities`` reaches.

    Args:
        reader: the open read transactions.
        data_map: the data map.
        identities: values by kind of identity, like ``{"email": ("ada@example.com",)}``.
        days: the days an IP address was the person's; without any, every day counts (Art. 11(2)).
        mentions: also follow edges to rows of others that merely name the person.
        tolerant: note a source that is down in ``failed`` and go on, instead of stopping.

    Raises:
        SourceDown: a source does not answer and ``tolerant`` is off.
    """
    return _Walk(reader, data_map, mentions, tolerant, days).run(identities)


class _Walk:
    """One walk: what is known so far and what has yet to be followed."""

    def __init__(
        self, reader: Reader, data_map: DataMap, mentions: bool, tolerant: bool, days: frozenset[date]
    ) -> None:
        self.reader = reader
        self.data_map = data_map
        self.tolerant = tolerant
        self.days = days
        self.reach = Reach()
        self.targets: dict[str, dict[str, list[FieldRef]]] = defaultdict(lambda: defaultdict(list))
        for edge in data_map.edges:
            if mentions or not edge.mention:
                self.targets[edge.origin.collection][edge.origin.field].append(edge.target)
        self.waiting: dict[str, dict[str, Selector]] = {}

    def run(self, identities: Mapping[str, tuple[str, ...]]) -> Reach:
        """Follow the identities until nothing new is found."""
        for identity in self.data_map.identities:
            for value in identities.get(identity.kind, ()):
                self.give(identity.ref, value)
        while self.waiting:
            key = next(iter(self.waiting))
            try:
                self.follow(key, self.waiting.pop(key))
            except SourceDown:
                if not self.tolerant:
                    raise
                self.reach.failed.add(key)
        return self.reach

    def follow(self, key: str, fresh: dict[str, Selector]) -> None:
        """Read the rows that ``fresh`` selects and give the values they lead on with to the next collections."""
        onward = self.targets.get(key)
        if not onward:
            return
        for row in rows(self.reader, self.data_map.collections[key], fresh, onward):
            for name, targets in onward.items():
                if row[name] is not None:
                    for target in targets:
                        self.give(target, row[name])

    def give(self, target: FieldRef, value: Value) -> None:
        """Add ``value`` to what selects rows by ``target``, and queue the collection when it is new."""
        collection = self.data_map.collections[target.collection]
        known = self.reach.by_collection.setdefault(target.collection, {})
        selector = known.setdefault(target.field, self.selector(collection, target.field))
        if selector.key(value) in selector.values:
            return
        try:
            fit = fitted(value, self.reader.table(collection).c[target.field].type)
        except (DoesNotFit, KeyError):
            return
        except SourceDown:
            if not self.tolerant:
                raise
            self.reach.failed.add(target.collection)
            return
        if selector.add(fit):
            queue = self.waiting.setdefault(target.collection, {})
            queue.setdefault(target.field, selector.empty()).add(fit)

    def selector(self, collection: Collection, name: str) -> Selector:
        """Return an empty selector for the field ``name``: addresses fold, IP addresses count on the given days."""
        identity = collection.field(name).identity
        dated = bool(self.days) and identity == "ip_address"
        return Selector(
            name,
            fold=identity == "email",
            moment=collection.moment if dated else None,
            days=self.days if dated else frozenset(),
        )
