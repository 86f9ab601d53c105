"""Follows a person through the data map: from identities along the edges, set by set, until nothing new is found.

What it returns are selectors (which values of which fields make a row the person's), not rows; memory stays the same
however many values those hold (see ``spilling``). Two walks exist: own rows, and rows that merely mention them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from portal.errors import SourceDown
from portal.sources.afterwards import Afterwards
from portal.sources.alike import Bare, is_address
from portal.sources.direction import flowing
from portal.sources.edges import FieldRef
from portal.sources.elements import Narrowing, listed
from portal.sources.engines import Reader
from portal.sources.keys import Flow, Keys
from portal.sources.meeting import meeting
from portal.sources.model import Collection, DataMap, Value
from portal.sources.places import Place, is_many
from portal.sources.reading import Selector, Selectors, batches, wanted_with
from portal.sources.streaming import Line
from portal.sources.values import DoesNotFit, fitted, spelled

SUPPLIED = frozenset({"ip_address"})
"""Identities that a person supplies for one collection, which knows nobody (Art. 11(2)). Many may share one, so a row
found by it never leads on to another collection."""


@dataclass(slots=True)
class Reach:
    """How far a person reaches.

    Args:
        by_collection: the selectors of every collection that is reached, by its key.
        failed: keys of the collections that could not be searched.
        entries: the places where a person with such identities may be found, by the key of the collection.
    """

    by_collection: dict[str, dict[str, Selector]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    entries: dict[str, dict[Place, None]] = field(default_factory=dict)

    def selectors(self, key: str) -> Selectors:
        """Return the selectors of the collection ``key``; none when nothing leads there."""
        return self.by_collection.get(key, {})

    def listed(self, collection: Collection) -> Iterator[tuple[Place, Selector | None]]:
        """Yield the places in lists of ``collection`` that tell whose an element is, each with what it asks for."""
        return listed(collection, self.selectors(collection.key), self.entries.get(collection.key, ()))

    def narrowing(self, collection: Collection) -> Narrowing:
        """Return what takes the elements of others out of the lists in rows of ``collection``."""
        return Narrowing(collection, self.selectors(collection.key), self.entries.get(collection.key, ()))


def walk(
    reader: Reader,
    data_map: DataMap,
    identities: Mapping[str, tuple[str, ...]],
    *,
    days: frozenset[date] = frozenset(),
    mentions: bool = False,
    tolerant: bool = False,
    afterwards: Afterwards | None = None,
) -> Reach:
    """Return how far the person with ``identities`` reaches.

    Args:
        reader: the open read transactions.
        data_map: the data map.
        identities: values by kind of identity, like ``{"email": ("ada@example.com",)}``.
        days: the days an IP address was the person's; without any, every day counts (Art. 11(2)).
        mentions: also follow edges to rows of others that merely name the person.
        tolerant: note a source that is down in ``failed`` and go on, instead of stopping.
        afterwards: walk over the rows as they will be once what is decided is done.

    Raises:
        SourceDown: a source does not answer and ``tolerant`` is off.
    """
    found = _Walk(reader, data_map, mentions, tolerant, days)
    found.afterwards = afterwards
    return found.run(identities)


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
        self.mentions = mentions
        self.afterwards: Afterwards | None = None
        self.targets: dict[str, dict[str, list[FieldRef]]] = defaultdict(lambda: defaultdict(list))
        self.flows: dict[str, list[Flow]] = defaultdict(list)
        self.waiting: dict[str, dict[str, int]] = {}
        """By collection and selector, the place of the first value that has not been followed."""

    def run(self, identities: Mapping[str, tuple[str, ...]]) -> Reach:
        """Follow the identities until nothing new is found."""
        self.lead(frozenset(kind for kind, values in identities.items() if values))
        # Supplied ones come first: what follows on from a place in a selector never takes one of them along.
        for identity in sorted(self.data_map.identities, key=lambda each: each.kind not in SUPPLIED):
            for value in identities.get(identity.kind, ()):
                self.give(identity.ref, [value], leads_on=identity.kind not in SUPPLIED)
        while self.waiting:
            key = next(iter(self.waiting))
            try:
                fresh = self.waiting.pop(key).items()
                self.follow(key, {name: self.reach.by_collection[key][name].since(start) for name, start in fresh})
            except SourceDown:
                if not self.tolerant:
                    raise
                self.reach.failed.add(key)
        return self.reach

    def lead(self, kinds: frozenset[str]) -> None:
        """Settle which way values lead for a person known by identities of ``kinds``.

        A source that does not answer counts as not searched even if it answers later: its keys are not known.
        """
        edges = flowing(self.data_map, kinds, mentions=self.mentions)
        ways = [each.ref for each in self.data_map.identities if each.kind in kinds]
        finder = Keys(self.reader, self.data_map)
        alone, keys = finder.sort(edges)
        if finder.down and not self.tolerant:
            raise SourceDown(values={"source": min(finder.down)})
        self.reach.failed.update(each.key for each in self.data_map.collections.values() if each.source in finder.down)
        for ref in [*ways, *(edge.target for edge in alone)]:
            self.reach.entries.setdefault(ref.collection, {})[Place((ref.field,), ref.path)] = None
        for edge in alone:
            origin = self.data_map.collections[edge.origin.collection].field(edge.origin.field)
            if edge.origin.path or edge.target.path or (origin.data_type or "").endswith("[]"):
                source, into = (Place((ref.field,), ref.path) for ref in (edge.origin, edge.target))
                keys.append(Flow(edge.origin.collection, source, edge.target.collection, into))
            else:
                self.targets[edge.origin.collection][edge.origin.field].append(edge.target)
        for flow in keys:
            self.flows[flow.origin].append(flow)

    def follow(self, key: str, fresh: dict[str, Selector]) -> None:
        """Read the rows that ``fresh`` selects and give the values they lead on with to the next collections."""
        onward, flows = self.targets.get(key, {}), self.flows.get(key, [])
        wanted = dict.fromkeys([*onward, *(name for flow in flows for name in flow.source.columns)])
        if not wanted:
            return
        collection = self.data_map.collections[key]
        narrowing = self.reach.narrowing(collection)
        keys = collection.primary_key if self.afterwards else ()
        names = wanted_with(fresh, [*wanted, *keys, *narrowing.columns])
        filled = Bare(self.reader.table(collection), names)
        for found in batches(self.reader, collection, fresh, names):
            left = self.afterwards.lines(collection, names, found, fresh) if self.afterwards else found
            left = filled.lines(narrowing.lines(names, left))
            if left:
                self.lead_on(names, left, onward, flows)

    def lead_on(
        self, names: list[str], found: list[Line], onward: Mapping[str, list[FieldRef]], flows: list[Flow]
    ) -> None:
        """Give what the rows in ``found`` lead on with to the next collections."""
        columns = dict(zip(names, zip(*found, strict=True), strict=True))
        for name, targets in onward.items():
            values = list(_each(_distinct(columns[name])))
            for target in targets:
                self.give(target, values)
        for line in found if flows else ():
            row = dict(zip(names, line, strict=True))
            for flow in flows:
                self.give_at(flow.target, flow.into, flow.source.values(row))

    def give(self, target: FieldRef, values: Iterable[Value], *, leads_on: bool = True) -> None:
        """Add ``values`` to what selects rows by ``target``."""
        self.give_at(target.collection, Place((target.field,), target.path), values, leads_on=leads_on)

    def give_at(self, key: str, place: Place, values: Iterable[Value], *, leads_on: bool = True) -> None:
        """Add ``values`` to what selects rows of the collection ``key`` by ``place``; queue those that may lead on."""
        given = list(values)
        if not given:
            return
        collection = self.data_map.collections[key]
        try:
            selector = self.known(collection, place)
            fit = self.fitting(collection, selector)
        except KeyError:
            return
        except SourceDown:
            if not self.tolerant:
                raise
            self.reach.failed.add(key)
            return
        before = len(selector.values)
        if selector.add(*_fitting(given, fit)) and leads_on:
            self.waiting.setdefault(key, {}).setdefault(selector.name, before)

    def known(self, collection: Collection, place: Place) -> Selector:
        """Return the selector of ``collection`` for ``place``, made where there is none yet.

        Raises:
            KeyError: its table has no such column. SourceDown: it does not answer.
        """
        selectors = self.reach.by_collection.setdefault(collection.key, {})
        found = selectors.get(place.columns[0]) if not place.path and len(place.columns) == 1 else None
        found = found or selectors.get(place.label)
        if found is None:
            found = self.selector(collection, place)
            selectors[found.name] = found
        return found

    def fitting(self, collection: Collection, selector: Selector) -> Callable[[Value], Value]:
        """Return what makes of a value what the columns of ``selector`` take, or raises ``DoesNotFit``.

        Raises:
            KeyError: its table has no such column. SourceDown: it does not answer.
        """
        columns = self.reader.table(collection).c
        dialect = self.reader.sources.of(collection).dialect
        if len(selector.columns) > 1:
            kinds = [columns[name].type for name in selector.columns]
            return lambda value: [
                fitted(part, kind, dialect) for part, kind in zip(cast("list[Value]", value), kinds, strict=True)
            ]
        if selector.place:
            return lambda value: value
        only = columns[selector.name].type
        return lambda value: fitted(value, only, dialect)

    def selector(self, collection: Collection, place: Place) -> Selector:
        """Return an empty selector for ``place``: addresses fold, IP addresses count on the given days."""
        name = place.columns[0]
        columns = self.reader.table(collection).c
        alone = len(place.columns) == 1
        simple = alone and not place.path and not is_many(collection.field(name), columns[name].type)
        identity = collection.identity_at(name, place.path) if alone else None
        dated = bool(self.days) and identity == "ip_address"
        spellings = tuple(meeting(self.reader, collection, each) for each in place.columns)
        return Selector(
            name if simple else place.label,
            fold=alone and is_address(collection, name, columns[name], place.path),
            moment=collection.moment if dated else None,
            days=self.days if dated else frozenset(),
            spellings=() if set(spellings) == {spelled} or place.path else spellings,
            place=None if simple else place,
        )


def _fitting(values: Iterable[Value], fit: Callable[[Value], Value]) -> Iterator[Value]:
    """Yield of ``values`` what ``fit`` makes of them, where they fit."""
    for value in values:
        try:
            yield fit(value)
        except DoesNotFit:
            continue


def _each(values: Iterable[Value]) -> Iterator[Value]:
    """Yield ``values``, and of lists what stands in them."""
    for value in values:
        if isinstance(value, list):
            yield from cast("list[Value]", value)
        else:
            yield value


def _distinct(column: Iterable[Value]) -> Iterable[Value]:
    """Return the values there are in ``column``, each once where they can be told apart quickly."""
    there = [value for value in column if value is not None]
    try:
        return dict.fromkeys(there)
    except TypeError:  # lists and objects
        return there
