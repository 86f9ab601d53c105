"""Where in a row a value stands when it is not simply in a column: a key of several columns, an array, a document.

Such values are compared here, in Python, and exactly; the database only narrows down which rows come at all.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import ColumnElement, Table, Text, and_, func, or_, true, tuple_, type_coerce
from sqlalchemy import cast as as_type
from sqlalchemy.types import ARRAY, JSON, NullType, TypeEngine

from portal.sources.alike import Spelling
from portal.sources.model import Field, Value
from portal.sources.numbers import read_json
from portal.sources.values import spelled

HAS_TUPLES = frozenset({"sqlite", "postgresql", "mysql", "mariadb"})
MOST_NEEDLES = 100
"""With more values than this, every row is read: so many patterns cost more than they save."""

_WORD = re.compile(r"[0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Several columns that are one key together, or a column and a path into the document it holds.

    Args:
        columns: the columns; more than one only for a key, and then ``path`` is empty.
        path: names inside the document, from the outside in; arrays on the way are looked through.
    """

    columns: tuple[str, ...]
    path: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The place's name among the selectors of a collection; never that of a plain column."""
        return "\n".join((" + ".join(self.columns), *self.path))

    def values(self, row: Mapping[str, Value]) -> Iterator[Value]:
        """Yield what stands at this place of ``row``: a key as a list of its parts, else each single value."""
        if len(self.columns) > 1:
            parts = [row[name] for name in self.columns]
            if None not in parts:
                yield cast("list[object]", parts)
            return
        yield from single(row[self.columns[0]], self.path)

    def condition(self, table: Table, dialect: str, values: Iterable[Value]) -> ColumnElement[bool]:
        """Return a condition that every row of ``table`` with one of ``values`` at this place meets."""
        if len(self.columns) > 1:
            return self._is_key(table, dialect, [cast("list[Value]", value) for value in values])
        return _may_hold(table, self.columns[0], list(values))

    def _is_key(self, table: Table, dialect: str, keys: list[list[Value]]) -> ColumnElement[bool]:
        columns: list[ColumnElement[object]] = [table.c[name] for name in self.columns]
        if dialect == "sqlite":
            columns = [type_coerce(column, NullType()) for column in columns]
        if dialect in HAS_TUPLES:
            return tuple_(*columns).in_([tuple(key) for key in keys])
        return or_(*(and_(*(one == part for one, part in zip(columns, key, strict=True))) for key in keys))


def is_many(each: Field, kind: TypeEngine[object]) -> bool:
    """Return whether the column of ``each`` holds an array or a document rather than one value."""
    return (each.data_type or "").endswith("[]") or isinstance(kind, ARRAY | JSON)


def joined(parts: list[object], spellings: Sequence[Spelling] = ()) -> str:
    """Return a key of several columns as the text it is compared as, each part by its own one of ``spellings``."""
    told = zip(spellings or [spelled] * len(parts), parts, strict=True)
    return "\x1f".join(spell(cast("Value", part)) for spell, part in told)


def single(value: object, path: tuple[str, ...] = ()) -> Iterator[Value]:
    """Yield every single value at ``path`` inside ``value``; documents kept as text are read."""
    if isinstance(value, str) and (path or value[:1] in {"[", "{", '"'}):
        try:
            value = read_json(value)
        except ValueError:
            if path:
                return
    if isinstance(value, list):
        for each in value:
            yield from single(each, path)
    elif isinstance(value, dict):
        if path and path[0] in value:
            yield from single(value[path[0]], path[1:])
    elif value is not None and not path:
        yield cast("Value", value)


def _may_hold(table: Table, name: str, values: list[Value]) -> ColumnElement[bool]:
    """Return that the text of the column holds a part of one of ``values``, or letters written as ``\\u00e9``."""
    column = table.c[name]
    needles = {max(_WORD.findall(str(value)), key=len, default="").lower() for value in values}
    if "" in needles or len(needles) > MOST_NEEDLES:
        return cast("ColumnElement[bool]", column.is_not(None)) if values else true()
    text = func.lower(as_type(type_coerce(column, NullType()), Text))
    return or_(*(text.contains(needle) for needle in sorted(needles)), text.contains("\\u", autoescape=True))
