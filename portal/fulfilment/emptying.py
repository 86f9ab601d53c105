"""What stands in a row that cannot go and loses its content instead."""

from hashlib import sha256
from typing import cast

from sqlalchemy import Column, Table
from sqlalchemy.types import ARRAY, BINARY, JSON, VARBINARY, String

from portal.fulfilment.mask import marker
from portal.fulfilment.plans import Key
from portal.sources.masked import can_be_emptied
from portal.sources.model import Collection, Mask, Value
from portal.sources.values import BINARIES


def emptied(collection: Collection, table: Table, key: Key, unique: frozenset[str]) -> dict[str, Value]:
    """Return new values that leave nothing of a row but its key and what is no text."""
    values: dict[str, Value] = {}
    kept = {each.name for each in collection.fields if each.mask is Mask.KEEP} | set(collection.primary_key)
    for column in table.columns:
        if column.name not in kept and column.computed is None and can_be_emptied(column):
            values[column.name] = empty_value(column, key if column.name in unique else ())
    return values


def empty_value(column: Column[object], unique: Key) -> Value:
    """Return the emptiest value that ``column`` takes, made ``unique`` where a key is given."""
    if column.nullable:
        return None
    if isinstance(column.type, JSON):
        return {}
    if isinstance(column.type, ARRAY):
        return []
    if isinstance(column.type, BINARY | VARBINARY) and unique:
        return sha256(repr(unique).encode()).digest()[: column.type.length]
    if isinstance(column.type, BINARIES):
        return b""
    return marker(cast("String", column.type).length, unique)
