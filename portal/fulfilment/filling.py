"""Fills the values of a rule: literals, ``{now}``, ``{activity}``, ``{statement}`` and the person's own values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any

from sqlalchemy import Table, and_, select
from sqlalchemy.types import Boolean, Date, DateTime, Float, Integer, Numeric, String, TypeEngine

from portal.clock import local
from portal.errors import InputRejected, SourceDown
from portal.fulfilment.plans import Key
from portal.fulfilment.steps import plain
from portal.sources.agreement import OWN_PLACES, PLACE
from portal.sources.engines import Reader
from portal.sources.model import Collection, Value
from portal.sources.reach import Reach
from portal.sources.reading import rows
from portal.sources.values import DoesNotFit, fitted
from portal.words import N_

NOW = "{now}"
_EMPTY = N_("This cannot be left empty. Write what it should say.")
_LONG = N_("This is too long: write at most %(length)s characters.")
_WRONG: tuple[tuple[type, str], ...] = (
    (Boolean, N_("Write yes or no.")),
    (Integer, N_("Write a whole number, such as 12.")),
    (Numeric, N_("Write a number, such as 12.5.")),
    (Float, N_("Write a number, such as 12.5.")),
    (DateTime, N_("Write a date and a time as 2026-03-12 14:30.")),
    (Date, N_("Write a date as 2026-03-12.")),
)


@dataclass(frozen=True, slots=True)
class Filling:
    """What the places of a rule stand for.

    Args:
        reader: the open read transactions.
        own: how far the person reaches, without mentions.
        now: the moment of the change.
        places: further places, like ``{"activity": "research"}``.
        row: one collection pinned to one row, by collection key: the row a statement is about.
    """

    reader: Reader
    own: Reach
    now: datetime
    places: Mapping[str, str]
    row: Mapping[str, Key]

    def plain_value(self, value: Value, kind: TypeEngine[object]) -> Value:
        """Return ``value`` for a column of type ``kind``: a literal, ``{now}`` or one of the places.

        Raises:
            SourceDown: the rule's literal does not fit the column; ``sources check`` would have told.
        """
        if value == NOW:
            return stamp(self.now, kind)
        found = PLACE.fullmatch(value) if isinstance(value, str) else None
        try:
            return fitted(self.places[found[1]] if found else value, kind)
        except DoesNotFit:
            raise SourceDown from None

    def new_rows(self, collection: Collection, values: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
        """Yield the rows to insert into ``collection``: one per combination of the person's values; known ones not."""
        table = self.reader.table(collection)
        fixed = {name: self.plain_value(value, table.c[name].type) for name, value in values.items() if not _ref(value)}
        wanted: dict[str, dict[str, str]] = {}
        for name, value in values.items():
            if ref := _ref(value):
                wanted.setdefault(ref[0], {})[name] = ref[1]
        choices = [list(self._own_values(collection, key, names)) for key, names in wanted.items()]
        for combination in product(*choices):
            row = dict(fixed)
            for chosen in combination:
                row |= {name: self.plain_value(value, table.c[name].type) for name, value in chosen.items()}
            if not self._is_there(collection, table, row, values):
                yield {name: row[name] for name in values}

    def _own_values(self, into: Collection, name: str, fields: Mapping[str, str]) -> Iterator[dict[str, Value]]:
        """Yield each distinct combination of the person's own values in the collection ``name``, by target field."""
        collection = self.reader.sources.data_map.find(name, into.source)
        if collection is None:
            return
        selectors = self.own.selectors(collection.key)
        pinned = self.row.get(collection.key)
        seen: set[Key] = set()
        names = [*fields.values(), *collection.primary_key]
        for row in rows(self.reader, collection, selectors, names) if selectors else ():
            key = tuple(row[each] for each in collection.primary_key)
            found = tuple(row[each] for each in fields.values())
            if (pinned is None or key == pinned) and None not in found and found not in seen:
                seen.add(found)
                yield dict(zip(fields, found, strict=True))

    def _is_there(
        self, collection: Collection, table: Table, row: Mapping[str, Value], values: Mapping[str, Value]
    ) -> bool:
        """Return whether the row exists: by its primary key, else by everything but the moment."""
        connection = self.reader.connection(collection.source)
        key = collection.primary_key
        names = key if key and set(key) <= set(row) else [name for name in row if values[name] != NOW]
        where = and_(*(plain(connection, table.c[name]) == row[name] for name in names))
        return connection.execute(select(table.c[next(iter(names))]).where(where).limit(1)).first() is not None


def stamp(now: datetime, kind: TypeEngine[Any]) -> Value:
    """Return ``now`` as a column of type ``kind`` keeps moments: UTC, or the day in Brussels."""
    moment = now.astimezone(UTC)
    if isinstance(kind, DateTime):
        return moment if kind.timezone else moment.replace(tzinfo=None)
    if isinstance(kind, Date):
        return local(now).date()
    if isinstance(kind, Integer):
        return int(moment.timestamp())
    return moment.isoformat() if isinstance(kind, String) else moment


def taken(text: str, kind: TypeEngine[object], nullable: bool) -> Value:
    """Return what a person wrote as a value for a column of type ``kind``; an empty text is no value.

    Raises:
        InputRejected: it is no such value, it is too long, or something must stand there.
    """
    if not text.strip():
        if nullable:
            return None
        raise InputRejected(_EMPTY)
    try:
        value = fitted(text.strip(), kind)
    except DoesNotFit:
        raise InputRejected(next((words for family, words in _WRONG if isinstance(kind, family)), None)) from None
    if isinstance(kind, String) and kind.length and len(str(value)) > kind.length:
        raise InputRejected(_LONG, {"length": kind.length})
    if isinstance(kind, DateTime) and isinstance(value, datetime):
        return stamp(value if value.tzinfo else value.replace(tzinfo=UTC), kind)
    return value


def refers(value: Value) -> bool:
    """Return whether ``value`` of a rule stands for a value of the person, like ``{accounts.id}``."""
    return _ref(value) is not None


def _ref(value: Value) -> tuple[str, str] | None:
    """Return collection and field of a place like ``{accounts.id}``; nothing for a literal or a place of our own."""
    found = PLACE.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[1] in OWN_PLACES:
        return None
    collection, _, name = found[1].rpartition(".")
    return collection, name
