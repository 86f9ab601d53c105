"""Whether a live column takes what erasing would write into it, told before it is tried."""

from collections.abc import Iterator

from sqlalchemy import ARRAY, Column, Connection
from sqlalchemy.types import JSON, Boolean, Date, DateTime, Enum, Float, Integer, Numeric, String, Time

from portal.sources.engines import SqlSource
from portal.sources.faults import Fault
from portal.sources.model import Collection, Field, Mask
from portal.sources.values import BINARIES

TOKENS = frozenset({Mask.HASH, Mask.RANDOM})
TEXTS = frozenset({Mask.REDACT, *TOKENS})

APART = 20
"""Characters that a token needs so that no two are alike: its beginning, and enough letters drawn at random."""


def masking_faults(
    file: str, live: SqlSource, connection: Connection, collection: Collection, each: Field, column: Column[object]
) -> Iterator[Fault]:
    """Yield what is wrong with the way erasing changes the live ``column`` of ``each``; ``file`` is the manifest."""
    place = f"collections.{collection.name}.fields.{each.name}"
    if not each.mask_assumed:
        place = f"meta.{collection.name}.{each.name}.erase"
    for what, todo in _assumed(each, column) if each.mask_assumed else _written(each, column):
        yield Fault(file, place, what, todo)
    if each.mask in TOKENS and not each.mask_assumed and each.name in _linked(live, connection, collection):
        yield Fault(file, place, "Rows are told apart or linked by this column.", "Use unlink, or delete the row.")
    elif each.mask in TEXTS and (length := _room(each, column)) is not None and length < APART:
        if each.name in live.unique_columns(collection.name, connection):
            what = f"It is unique, and {length} characters are too few for tokens that differ."
            yield Fault(file, place, what, "Use null, delete the row, or make the column longer.")
        elif each.mask is Mask.HASH and not each.mask_assumed:
            what = f"With {length} characters, different values may get the same token."
            yield Fault(file, place, what, "Use random where that does no harm, or make the column longer.")


def can_be_emptied(column: Column[object]) -> bool:
    """Return whether something empty can stand in ``column``: its null, or a text, list or file without content."""
    return bool(column.nullable) or isinstance(column.type, (ARRAY, JSON, *BINARIES)) or is_text(column)


def is_text(column: Column[object]) -> bool:
    """Return whether any text can stand in ``column``; of a list of words only those can."""
    return isinstance(column.type, String) and not isinstance(column.type, Enum)


def _written(each: Field, column: Column[object]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an effect that our own notes name, each with what to do."""
    if each.mask in {Mask.NULL, Mask.UNLINK} and not column.nullable:
        yield "The column does not take null.", "Use redact, hash or keep, or delete the row."
    if each.mask in TEXTS and isinstance(
        column.type, (*BINARIES, Integer, Date, DateTime, Time, Numeric, Float, Boolean, Enum)
    ):
        yield "The column holds no text.", "Use null or keep, or delete the row."


def _assumed(each: Field, column: Column[object]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the effect that Fides' masking has."""
    if each.mask in {Mask.NULL, Mask.HASH} and not can_be_emptied(column):
        what = "What stands here stays when a person is erased: the column takes neither null nor any text."
        yield what, "Write `erase: delete` for the collection in `meta`, or let the column take null."


def _linked(live: SqlSource, connection: Connection, collection: Collection) -> frozenset[str]:
    """Return the columns that make up the primary key or a foreign key."""
    name = collection.name
    linked = {column for fk in live.foreign_keys(connection) if fk.table == name for column in fk.columns}
    return frozenset(linked | set(live.primary_key(name, connection)))


def _room(each: Field, column: Column[object]) -> int | None:
    lengths = [column.type.length if isinstance(column.type, String) else None, each.length]
    return min((length for length in lengths if length), default=None)
