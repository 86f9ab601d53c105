"""When two values count as one: as the database of the column compares them, and mail addresses in any case.

A database finds rows by the rules of the column: with case or without, with blanks at the end or without. Each row that
it found is looked at once more here (see ``reading``), and that look must not be stricter than the column is.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import Column, Table
from sqlalchemy.types import ARRAY, JSON, NullType, String

from portal.sources.model import Collection, Value
from portal.sources.values import spelled

Spelling: TypeAlias = Callable[[Value], str]
"""Makes of a value the text that it is compared as."""

Line: TypeAlias = Sequence[Value]
"""The values of one row, in the order they were asked for."""

ALIKE = "alike"
"""Where a live column keeps its ``Alike``, among what SQLAlchemy calls its info."""

ADDRESS = "user.contact.email"


class Alike(StrEnum):
    """What makes no difference between two texts in a column, beside what is the same."""

    BLANKS = "blanks"  # blanks at the end
    CASE = "case"
    LOOSE = "loose"  # case, accents, and blanks at the end


def spelling(column: Column[object], *, exactly: bool = False) -> Spelling:
    """Return how values of ``column`` are compared; with ``exactly`` case counts whatever the column says."""
    alike = column.info.get(ALIKE)
    if exactly:
        alike = Alike.BLANKS if alike in {Alike.BLANKS, Alike.LOOSE} else None
    return _SPELLINGS.get(alike, spelled)


def minds_case(column: Column[object]) -> bool:
    """Return whether ``column`` holds texts that differ where only their case does."""
    return isinstance(column.type, String | ARRAY | JSON) and column.info.get(ALIKE) not in {Alike.CASE, Alike.LOOSE}


def bare(column: Column[object], value: Value) -> Value:
    """Return ``value`` of ``column`` without blanks that only fill it up: elsewhere they would make a difference."""
    return value.rstrip(" ") if isinstance(value, str) and column.info.get(ALIKE) is Alike.BLANKS else value


class Bare:
    """Takes the blanks that only fill up a column out of many rows.

    Args:
        table: the table the rows are of.
        names: what stands in a row, in this order.
    """

    def __init__(self, table: Table, names: Iterable[str]) -> None:
        self._columns = [(place, table.c[name]) for place, name in enumerate(names)]
        self._columns = [each for each in self._columns if each[1].info.get(ALIKE) is Alike.BLANKS]

    def lines(self, found: list[Line]) -> list[Line]:
        """Return ``found`` without such blanks."""
        if not self._columns:
            return found
        bared: list[Line] = []
        for line in found:
            new = list(line)
            for place, column in self._columns:
                new[place] = bare(column, line[place])
            bared.append(tuple(new))
        return bared


def tells_address(collection: Collection, name: str, path: tuple[str, ...] = ()) -> bool:
    """Return whether a mail address stands at ``path`` in the field ``name``: as an identity, or by its category."""
    each = collection.field(name)
    said = next((inner.categories for inner in each.inner if inner.path == path), () if path else each.categories)
    return ADDRESS in said or collection.identity_at(name, path) == "email"


def is_address(collection: Collection, name: str, column: Column[object], path: tuple[str, ...] = ()) -> bool:
    """Return whether a mail address stands at ``path`` in the field ``name``, and its ``column`` can hold one."""
    holds_text = isinstance(column.type, String | ARRAY | JSON | NullType)
    return holds_text and tells_address(collection, name, path)


def _without_case(value: Value) -> str:
    return spelled(value).lower()


def _loosely(value: Value) -> str:
    plain = unicodedata.normalize("NFKD", spelled(value).casefold())
    return "".join(each for each in plain if not unicodedata.combining(each)).rstrip(" ")


_SPELLINGS: dict[object, Spelling] = {
    Alike.BLANKS: lambda value: spelled(value).rstrip(" "),
    Alike.CASE: _without_case,
    Alike.LOOSE: _loosely,
}
