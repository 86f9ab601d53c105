"""Collects the person's rows, restricted to what was asked and what the law lets out, and tells what was left out.

Streams: a row is in memory while it is handed over. Knows no file format (``package``) and no case.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import TypeAlias

from portal.fulfilment.locate import Subject, reach_of
from portal.fulfilment.plans import NOTHING, Withheld
from portal.rights.base import Basis
from portal.sources.engines import Reader, Sources
from portal.sources.model import Collection, Field, Provided, Row, Texts, Value
from portal.sources.reach import Reach
from portal.sources.reading import Selectors, batches, count, wanted_with
from portal.sources.streaming import Line
from portal.sources.values import day_of, latest_day

ACCESS = "access"
PORT = "port"
Period: TypeAlias = tuple[date | None, date | None]
Columns: TypeAlias = Sequence[Sequence[Value]]
"""Some rows of a collection: for each of its fields the values, all of the same length."""

Timer: TypeAlias = Callable[[], float]

PORTABLE_BASES = frozenset({Basis.CONSENT, Basis.CONTRACT})
"""Art. 20(1)(a): portability covers consent and contract only."""

PORTABLE_PROVIDED = frozenset({Provided.PERSON, Provided.OBSERVED})
"""Art. 20(1): provided by the person, which includes what was observed from use (WP 242), not what was derived."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is collected.

    Args:
        right: ``access`` or ``port``.
        activities: slugs of the register; None means all.
        period: first and last day, both included; an open end is None. Rows without a date are always given.
        bases: legal basis by activity, for ``port``; an activity of a company is not in it.
        without: what the decision does not grant.
    """

    right: str = ACCESS
    activities: frozenset[str] | None = None
    period: Period | None = None
    bases: Mapping[str, Basis] = field(default_factory=dict)
    without: Withheld = NOTHING


class Why(StrEnum):
    """Why something was left out."""

    NOT_ASKED = "not_asked"
    REFUSED = "refused"
    OUTSIDE_PERIOD = "outside_period"
    WITHHELD = "withheld"
    THIRD_PARTY = "third_party"
    OTHER_BASIS = "other_basis"
    DERIVED = "derived"
    BY_OTHERS = "by_others"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something of the person that is not in the copy: how many rows of which collection or field, and why."""

    collection: Collection
    field: Field | None
    why: Why
    rows: int
    said: Texts


@dataclass(slots=True)
class Tally:
    """What was seen of one collection while its rows passed by; holds no row.

    Args:
        rows: rows handed over.
        latest_end: the last day any of them is kept, by the collection's own rule.
        without_end: rows whose end cannot be told yet.
        held_until: the last day a law keeps any of them.
        recipients: recipients named in the rows, with the activity they were told for.
    """

    rows: int = 0
    latest_end: date | None = None
    without_end: int = 0
    held_until: date | None = None
    recipients: dict[tuple[str, str], None] = field(default_factory=dict)

    def take(self, collection: Collection, columns: Mapping[str, Sequence[Value]], rows: int) -> None:
        """Note what ``rows`` rows tell, given by ``columns``."""
        self.rows += rows
        if collection.retention:
            start, dateless = latest_day(columns[collection.retention.start])
            self.latest_end = _later(self.latest_end, collection.retention.duration.after(start) if start else None)
            self.without_end += dateless
        if collection.hold:
            start, _ = latest_day(columns[collection.hold.start])
            self.held_until = _later(self.held_until, collection.hold.duration.after(start) if start else None)
        if collection.recipients:
            names = columns[collection.recipients.name]
            activities = columns[collection.recipients.activity] if collection.recipients.activity else [""] * rows
            for name, activity in zip(names, activities, strict=True):
                if name:
                    self.recipients[(str(name), str(activity or ""))] = None


class Collected:
    """The person's data as a stream; iterate once.

    Iterating yields each collection that holds rows, with only the fields that may be given, and its rows. Afterwards
    ``left_out``, ``tallies``, ``searched`` (rows) and ``seconds`` (what reading them took) are complete.

    Raises:
        SourceDown: while iterating, when a source does not answer; what was yielded before is not complete then.
    """

    def __init__(self, sources: Sources, subject: Subject, scope: Scope | None, timer: Timer) -> None:
        self.sources = sources
        self.scope = scope
        self.left_out: list[LeftOut] = []
        self.tallies: dict[str, Tally] = {}
        self.searched: dict[str, int] = {}
        self.seconds: dict[str, float] = {}
        self._subject, self._timer = subject, timer

    def __iter__(self) -> Iterator[tuple[Collection, Iterator[Row]]]:
        for collection, batches_of_it in self.tables():
            yield collection, _as_rows(collection, batches_of_it)

    def tables(self) -> Iterator[tuple[Collection, Iterator[Columns]]]:
        """Yield what iterating yields, many rows at once: one sequence of values for each field."""
        with self.sources.reading() as reader:
            reach = reach_of(reader, self._subject)
            for collection in self.sources.data_map.in_order():
                yield from self._collection(reader, reach, collection)

    def _collection(
        self, reader: Reader, reach: Reach, collection: Collection
    ) -> Iterator[tuple[Collection, Iterator[Columns]]]:
        selectors = reach.selectors(collection.key)
        kept_back = _kept_back(collection, self.scope)
        given = [each for each in collection.fields if each.name not in kept_back]
        why = _whole(collection, self.scope) or _nothing_left(collection, given, kept_back)
        if why is not None:
            started = self._timer()
            found = count(reader, collection, selectors) if selectors else 0
            self.searched[collection.key], self.seconds[collection.key] = found, self._timer() - started
            if found:
                self.left_out.append(LeftOut(collection, None, why, found, collection.reason))
            return
        stream = self._batches(reader, selectors, collection, kept_back)
        first = next(stream, None)
        if first is not None:
            yield replace(collection, fields=tuple(given)), chain([first], stream)
            for _ in stream:
                pass  # whoever took only some rows still gets true counts
        self.searched[collection.key] = self.tallies[collection.key].rows

    def _batches(
        self, reader: Reader, selectors: Selectors, collection: Collection, kept_back: Mapping[str, Why]
    ) -> Iterator[Columns]:
        tally = self.tallies.setdefault(collection.key, Tally())
        hidden = dict.fromkeys(kept_back, 0)
        outside = 0
        names = [each.name for each in collection.fields]
        wanted = wanted_with(selectors, names)
        given = [place for place, name in enumerate(names) if name not in kept_back]
        for found in self._timed(collection, batches(reader, collection, selectors, wanted) if selectors else iter(())):
            inside = _inside(collection, wanted, found, self.scope)
            outside += len(found) - len(inside)
            if not inside:
                continue
            columns = list(zip(*inside, strict=True))
            by_name = dict(zip(wanted, columns, strict=True))
            tally.take(collection, by_name, len(inside))
            for name in kept_back:
                hidden[name] += len(inside) - by_name[name].count(None)
            yield [columns[place] for place in given]
        if outside:
            self.left_out.append(LeftOut(collection, None, Why.OUTSIDE_PERIOD, outside, {}))
        for name, rows in hidden.items():
            if rows:
                each = collection.field(name)
                self.left_out.append(LeftOut(collection, each, kept_back[name], rows, each.reason))

    def _timed(self, collection: Collection, stream: Iterator[list[Line]]) -> Iterator[list[Line]]:
        """Yield what ``stream`` yields, and note what the source takes for it."""
        spent = 0.0
        while True:
            started = self._timer()
            found = next(stream, None)
            spent += self._timer() - started
            self.seconds[collection.key] = spent
            if found is None:
                return
            yield found


def collect(
    sources: Sources, subject: Subject, scope: Scope | None = None, timer: Timer = time.perf_counter
) -> Collected:
    """Return the stream of what ``sources`` hold on ``subject`` within ``scope``.

    Args:
        sources: the opened sources.
        subject: whose data.
        scope: what may be given; None gives every mapped field of every row, for checks only.
        timer: what measures how long each collection takes, in seconds.
    """
    return Collected(sources, subject, scope, timer)


def _whole(collection: Collection, scope: Scope | None) -> Why | None:
    """Return why nothing of ``collection`` is given, if so."""
    if scope is None:
        return None
    if scope.activities is not None and collection.activity not in scope.activities:
        return Why.NOT_ASKED
    if scope.without.covers(collection.key, collection.activity):
        return Why.REFUSED
    if not collection.release:
        return Why.WITHHELD
    if scope.right == PORT and scope.bases.get(collection.activity) not in PORTABLE_BASES:
        return Why.OTHER_BASIS
    return None


def _kept_back(collection: Collection, scope: Scope | None) -> dict[str, Why]:
    """Return the fields that are not given, each with the reason."""
    found: dict[str, Why] = {}
    for each in collection.fields if scope is not None else ():
        why = _field(collection, each, scope.right if scope else ACCESS)
        if why is not None:
            found[each.name] = why
    return found


def _field(collection: Collection, each: Field, right: str) -> Why | None:
    provider = collection.provider(each)
    if not each.release:
        return Why.WITHHELD
    if each.third_party and provider is not Provided.PERSON:
        return Why.THIRD_PARTY
    if right == PORT and provider not in PORTABLE_PROVIDED and not each.primary_key:
        return Why.DERIVED if provider is Provided.DERIVED else Why.BY_OTHERS
    return None


def _nothing_left(collection: Collection, given: list[Field], kept_back: Mapping[str, Why]) -> Why | None:
    """Return why a collection is left out as a whole: nothing but its keys would remain."""
    if kept_back and all(each.primary_key for each in given):
        reasons = list(kept_back.values())
        return max(reasons, key=reasons.count)
    return None


def _as_rows(collection: Collection, columns: Iterator[Columns]) -> Iterator[Row]:
    names = [each.name for each in collection.fields]
    for each in columns:
        for line in zip(*each, strict=True):
            yield dict(zip(names, line, strict=True))


def _inside(collection: Collection, wanted: list[str], found: list[Line], scope: Scope | None) -> list[Line]:
    """Return the lines of ``found`` within the period that was asked for."""
    if scope is None or scope.period is None or collection.moment is None:
        return found
    place = wanted.index(collection.moment)
    first, last = scope.period

    def asked(line: Line) -> bool:
        day = day_of(line[place])
        return day is None or ((first is None or day >= first) and (last is None or day <= last))

    return [line for line in found if asked(line)]


def _later(one: date | None, other: date | None) -> date | None:
    return max(filter(None, (one, other)), default=None)
