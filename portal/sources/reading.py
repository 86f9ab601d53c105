"""Reads the person's rows of one collection: parameters only, streamed in batches, each row checked to be theirs.

A *selector* is a set of values for one field; a row is the person's when one of its fields is in its selector.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias, cast
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Dialect, Table, collate, func, literal_column, or_, select, type_coerce
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.mysql import BIT, FLOAT
from sqlalchemy.dialects.postgresql import CITEXT, DOMAIN
from sqlalchemy.exc import CompileError
from sqlalchemy.types import ARRAY, Double, Enum, Integer, NullType, Text

from portal.errors import SourceDown
from portal.sources.alike import Spelling
from portal.sources.engines import Reader
from portal.sources.model import Collection, Field, Value
from portal.sources.places import Place, joined
from portal.sources.spilling import Values
from portal.sources.streaming import FEW, Line, streamed
from portal.sources.values import BINARIES, day_of, folded, in_other_words, spelled

CHUNK = 500
_EQUAL_AS_SPELLED: tuple[set[type], ...] = ({int}, {str}, {UUID})
"""Of these alone, two values are equal just where they are compared as the same text: each is looked at once."""
_NAMED = (DOMAIN, CITEXT, Enum, NullType)
"""Types that a database names itself: what reads for us does not know lists of these apart from a text."""

Found: TypeAlias = dict[str, Value]


@dataclass(slots=True)
class Selector:
    """The values of one field that make a row the person's.

    Args:
        name: the field, or the label of ``place``.
        fold: compare as mail addresses.
        place: where the values stand when they are not simply in the column ``name``.
        moment: the field that dates a row, when only rows of certain days are the person's (Art. 11(2)).
        days: those days.
        spellings: how the values of each of its columns are compared, where that is not as they are spelled.
        values: the values, by the text they are compared as.
        start: which of them it asks for: those from this place on,
        stop: up to this one; all when None.
    """

    name: str
    fold: bool = False
    moment: str | None = None
    days: frozenset[date] = frozenset()
    spellings: tuple[Spelling, ...] = ()
    values: Values = field(default_factory=Values)
    place: Place | None = None
    start: int = 0
    stop: int | None = None

    @property
    def size(self) -> int:
        """How many values it asks for."""
        return (len(self.values) if self.stop is None else self.stop) - self.start

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it looks at to tell whose a row is."""
        return self.place.columns if self.place else (self.name,)

    def add(self, *values: Value) -> int:
        """Add ``values``; return how many of them are new."""
        keyed: dict[str, Value] = {}
        for value in values:
            key = self.key(value)
            keyed.setdefault(key, key if self.fold else value)
        return self.values.take(keyed)

    def key(self, value: Value) -> str:
        """Return ``value`` as it is compared."""
        if isinstance(value, list):
            return joined(value, self.spellings)
        if self.fold:
            return folded(str(value))
        return self.spellings[0](value) if self.spellings else spelled(value)

    def holds(self, row: Mapping[str, Value]) -> bool:
        """Return whether ``row`` is the person's by this field."""
        if self.place is not None:
            if not any(self.key(value) in self.values for value in self.place.values(row)):
                return False
        elif (value := row[self.name]) is None or self.key(value) not in self.values:
            return False
        return self.moment is None or day_of(row[self.moment]) in self.days

    def since(self, start: int) -> "Selector":
        """Return this selector asking only for the values there are now from place ``start`` on."""
        return replace(self, start=start, stop=len(self.values))

    def pieces(self, size: int) -> Iterator["Selector"]:
        """Yield selectors that together ask for the same, each for at most ``size`` values and knowing no others."""
        for values in self.values.pieces(self.start, self.stop, size):
            yield replace(self, values=Values(values), start=0, stop=None)

    def asked(self) -> list[Value]:
        """Return the values it asks for; only for few of them."""
        return [value for piece in self.values.pieces(self.start, self.stop) for value in piece.values()]


Selectors: TypeAlias = Mapping[str, Selector]


def is_own(selectors: Selectors, row: Mapping[str, Value]) -> bool:
    """Return whether any selector makes ``row`` the person's."""
    return any(selector.holds(row) for selector in selectors.values())


def looked_at(selectors: Selectors) -> list[str]:
    """Return the columns that tell whether a row is the person's by ``selectors``."""
    columns = [name for each in selectors.values() for name in each.columns]
    return list(dict.fromkeys([*columns, *(each.moment for each in selectors.values() if each.moment)]))


def raw(column: Column[object]) -> ColumnElement[object]:
    """Return ``column`` without its type, so that its value comes as the database keeps it; bits come as a number.

    MariaDB writes six digits of a FLOAT, so that it is read as the DOUBLE that it is.
    """
    if isinstance(column.type, FLOAT):
        return cast("ColumnElement[object]", (type_coerce(column, Double) + literal_column("0e0")).label(column.name))
    if isinstance(column.type, BIT):
        return cast("ColumnElement[object]", (type_coerce(column, Integer) + 0).label(column.name))
    if isinstance(column.type, ARRAY) and isinstance(column.type.item_type, _NAMED):
        texts = as_type(type_coerce(column, NullType()), ARRAY(Text))
        return cast("ColumnElement[object]", type_coerce(texts, NullType()).label(column.name))
    return cast("ColumnElement[object]", type_coerce(column, NullType()).label(column.name))


def typed(reader: Reader, collection: Collection, fields: Iterable[Field]) -> tuple[Field, ...]:
    """Return ``fields`` of ``collection``, each with what the database calls the type of its column."""
    table, dialect = reader.table(collection), reader.connection(collection.source).dialect
    return tuple(replace(each, column_type=_type_name(table.c[each.name], dialect)) for each in fields)


def _type_name(column: Column[object], dialect: Dialect) -> str:
    try:
        return column.type.compile(dialect)
    except CompileError:  # SQLAlchemy does not know it
        return ""


def within(reader: Reader, table: Table, source: str, selector: Selector) -> ColumnElement[bool]:
    """Return the condition that a row of ``table`` holds one of the values of ``selector``."""
    dialect = reader.connection(source).dialect.name
    if selector.place is not None:
        return selector.place.condition(table, dialect, selector.asked())
    column: ColumnElement[object] = table.c[selector.name]
    asked = selector.asked()
    if dialect == "sqlite":
        asked += in_other_words(asked, table.c[selector.name].type)
        column = type_coerce(column, NullType())
    if selector.fold:
        plain: ColumnElement[str] = func.trim(column)
        column = cast("ColumnElement[object]", func.lower(collate(plain, "C") if dialect == "postgresql" else plain))
    return column.in_(asked)


def rows(reader: Reader, collection: Collection, selectors: Selectors, names: Iterable[str]) -> Iterator[Found]:
    """Yield the person's rows of ``collection``, each once, in the order of the primary key.

    Args:
        reader: the open read transactions.
        collection: the collection to read.
        selectors: what makes a row the person's, by field.
        names: the fields wanted; those of the selectors come along.

    Raises:
        SourceDown: the source does not answer, or stops half-way.
    """
    wanted = wanted_with(selectors, names)
    for found in batches(reader, collection, selectors, wanted):
        for line in found:
            yield dict(zip(wanted, line, strict=True))


def wanted_with(selectors: Selectors, names: Iterable[str]) -> list[str]:
    """Return ``names`` and what the selectors look at, each once."""
    return list(dict.fromkeys([*names, *looked_at(selectors)]))


def batches(reader: Reader, collection: Collection, selectors: Selectors, wanted: list[str]) -> Iterator[list[Line]]:
    """Yield what ``rows`` yields as lists of lines, each line in the order of ``wanted`` (see ``wanted_with``).

    A list holds few rows where rows are large, so that the memory it takes stays the same.

    Raises:
        SourceDown: the source does not answer, or stops half-way.
    """
    table = reader.table(collection)
    if not set(wanted) <= set(table.c.keys()):
        raise SourceDown(
            values={"kind": "NoSuchColumn", "source": collection.source}
        )  # the schema changed under the data map
    order = [table.c[name] for name in collection.primary_key or reader.primary_key(collection)]
    first = 1 if any(isinstance(table.c[name].type, BINARIES) for name in wanted) else FEW
    done: list[Selector] = []
    for piece, before in _pieces(selectors, done):
        where = or_(*(within(reader, table, collection.source, each) for each in piece))
        statement = select(*(raw(table.c[name]) for name in wanted)).where(where).order_by(*order)
        for found in streamed(reader.connection(collection.source), statement, first):
            own = _own_lines(found, wanted, piece, before)
            if own:
                yield own


def _own_lines(found: Sequence[Line], wanted: list[str], piece: list[Selector], before: list[Selector]) -> list[Line]:
    """Return the lines that are the person's by ``piece`` and by nothing in ``before``, whatever the database says."""
    if len(piece) == 1 and not before and piece[0].moment is None and piece[0].place is None:
        place, values = wanted.index(piece[0].name), piece[0].values.lookup()
        key = piece[0].key if piece[0].fold or piece[0].spellings else spelled
        column = [line[place] for line in found]
        if set(map(type, column)) in _EQUAL_AS_SPELLED:
            strange = {value for value in set(column) if key(value) not in values}
            return [line for line in found if line[place] not in strange] if strange else list(found)
        return [line for line in found if line[place] is not None and key(line[place]) in values]
    own = []
    for line in found:
        row = dict(zip(wanted, line, strict=True))
        if any(each.holds(row) for each in piece) and not any(each.holds(row) for each in before):
            own.append(line)
    return own


def count(reader: Reader, collection: Collection, selectors: Selectors) -> int:
    """Return how many rows of ``collection`` are the person's."""
    return sum(1 for _ in rows(reader, collection, selectors, ()))


def _pieces(selectors: Selectors, done: list[Selector]) -> Iterator[tuple[list[Selector], list[Selector]]]:
    """Yield what one statement asks for, with the selectors whose rows have been given already."""
    filled = [selector for selector in selectors.values() if selector.size]
    if filled and sum(each.size for each in filled) <= CHUNK:
        yield filled, []
        return
    for selector in filled:
        for piece in selector.pieces(CHUNK):
            yield [piece], done
        done.append(selector)
