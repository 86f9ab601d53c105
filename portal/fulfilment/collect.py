"""Collects the person's rows, restricted to what was asked and what the law lets out, and tells what was left out.

Streams: a row is in memory while it is handed over. Knows no file format (``package``) and no case.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import TypeAlias

from portal.fulfilment.hiding import Sieve, Watch
from portal.fulfilment.locate import Subject, reach_of
from portal.fulfilment.plans import NOTHING, Withheld
from portal.fulfilment.tally import Tally
from portal.fulfilment.timing import Timer, timed
from portal.rights.base import Basis
from portal.sources.engines import Reader, Sources
from portal.sources.model import Collection, Field, Provided, Row, Texts, Value
from portal.sources.reach import Reach
from portal.sources.reading import batches, count, typed, wanted_with
from portal.sources.streaming import Line
from portal.sources.values import day_of

ACCESS = "access"
PORT = "port"
Period: TypeAlias = tuple[date | None, date | None]
Columns: TypeAlias = Sequence[Sequence[Value]]
"""Some rows of a collection: for each of its fields the values, all of the same length."""

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
    REDACTED = "redacted"
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
    ground: str = ""  # where a reviewer hid it


class Collected:
    """The person's data as a stream; iterate once.

    Iterating yields each collection that holds rows, with only the fields that may be given, and its rows. Afterwards
    ``left_out``, ``tallies``, ``searched`` (rows) and ``seconds`` (what reading them took) are complete.

    Raises:
        SourceDown: while iterating, when a source does not answer; what was yielded before is not complete then.
    """

    def __init__(
        self, sources: Sources, subject: Subject, scope: Scope | None, watch: Watch | None, timer: Timer
    ) -> None:
        self.sources = sources
        self.scope = scope
        self.watch = watch
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
        sieve = self._sieve(reader, collection, given) if selectors else None
        covered = self.watch.columns(collection.key) if self.watch else {}
        given = [each for each in given if each.name not in covered]
        kept_back |= {name: Why.REDACTED for name in covered if name not in kept_back}
        stream = self._batches(reader, reach, collection, kept_back, sieve)
        first = next(stream, None)
        if first is not None:
            yield replace(collection, fields=typed(reader, collection, given)), chain([first], stream)
            for _ in stream:
                pass  # whoever took only some rows still gets true counts
        self.searched[collection.key] = self.tallies[collection.key].rows

    def _batches(
        self,
        reader: Reader,
        reach: Reach,
        collection: Collection,
        kept_back: Mapping[str, Why],
        sieve: Sieve | None,
    ) -> Iterator[Columns]:
        tally = self.tallies.setdefault(collection.key, Tally())
        selectors, narrowing = reach.selectors(collection.key), reach.narrowing(collection)
        hidden = dict.fromkeys(kept_back, 0)
        outside = 0
        names = [each.name for each in collection.fields]
        wanted = wanted_with(selectors, [*names, *(sieve.row_key if sieve else ())])
        given = [place for place, name in enumerate(names) if name not in kept_back]
        stream = batches(reader, collection, selectors, wanted) if selectors else iter(())
        for found in timed(stream, self._timer, self.seconds, collection.key):
            inside = _inside(collection, wanted, found, self.scope)
            outside += len(found) - len(inside)
            inside = narrowing.lines(wanted, inside)
            inside = sieve.sift(wanted, inside) if sieve else inside
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
                self._leave_out(collection, each, kept_back[name], rows)
        for (name, ground), rows in sieve.hidden.items() if sieve else ():
            where = collection.field(name) if name else None
            self.left_out.append(LeftOut(collection, where, Why.REDACTED, rows, {}, ground))

    def _sieve(self, reader: Reader, collection: Collection, given: Sequence[Field]) -> Sieve | None:
        if self.watch is None:
            return None
        row_key = collection.primary_key or reader.primary_key(collection)
        return self.watch.sieve(collection.key, row_key, [each.name for each in given])

    def _leave_out(self, collection: Collection, each: Field, why: Why, rows: int) -> None:
        hidden = self.watch.columns(collection.key) if self.watch else {}
        ground = hidden[each.name].ground if why is Why.REDACTED else ""
        self.left_out.append(LeftOut(collection, each, why, rows, {} if ground else each.reason, ground))


def collect(
    sources: Sources,
    subject: Subject,
    scope: Scope | None = None,
    watch: Watch | None = None,
    timer: Timer = time.perf_counter,
) -> Collected:
    """Return the stream of what ``sources`` hold on ``subject`` within ``scope`` (None: all, for checks only).

    ``watch`` looks at each row that passes by, and takes out what a reviewer hid; ``timer`` measures what reading is.
    """
    return Collected(sources, subject, scope, watch, timer)


def is_given(collection: Collection, each: Field, scope: Scope) -> bool:
    """Return whether ``scope`` lets values of ``each`` out."""
    return _whole(collection, scope) is None and _field(collection, each, scope.right) is None


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
