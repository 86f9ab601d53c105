"""What de-identifying a row leaves in each of its fields. Decides; writes nothing."""

from collections.abc import Iterable, Mapping
from typing import cast

from sqlalchemy import Column, Table
from sqlalchemy.types import JSON, String

from portal.fulfilment.emptying import empty_value
from portal.fulfilment.known import Known, names_the_person
from portal.fulfilment.listing import Lists
from portal.fulfilment.mask import Tokens, marker
from portal.fulfilment.plans import Key
from portal.sources.across import references_of
from portal.sources.engines import Reader
from portal.sources.masked import can_be_emptied, is_text
from portal.sources.model import Collection, Field, FieldRef, Mask, Value
from portal.sources.numbers import read_json
from portal.sources.outside import outside_of
from portal.sources.reading import Found

ALL_MASKS = frozenset(Mask)
MENTION_MASKS = frozenset({Mask.REDACT, Mask.UNLINK})
"""What is done to a row of others that names the person: it loses the name, nothing else."""


class Masking:
    """The new values of rows that stay.

    Args:
        reader: the open read transactions.
        known: what is known of the person.
        origins: from which fields values flow into a field.
    """

    def __init__(self, reader: Reader, known: Known, origins: Mapping[FieldRef, Iterable[FieldRef]]) -> None:
        self.reader = reader
        self.known = known
        self.origins = origins
        self.tokens = Tokens()
        self.lists = Lists(reader.sources.data_map, known, self.tokens)

    def changes(self, collection: Collection, row: Found, key: Key, masks: frozenset[Mask]) -> dict[str, Value]:
        """Return the new values of the fields of ``row`` that one of ``masks`` changes.

        What the database computes from other fields is not written: it changes with them.
        """
        table = self.reader.table(collection)
        values: dict[str, Value] = {}
        for each in collection.fields:
            if each.mask in masks and row[each.name] is not None and table.c[each.name].computed is None:
                new = self._masked(collection, each, table, row, key)
                if new != row[each.name]:
                    values[each.name] = new
        return values

    def _masked(self, collection: Collection, each: Field, table: Table, row: Found, key: Key) -> Value:
        value, kind = row[each.name], table.c[each.name].type
        room = kind.length if isinstance(kind, String) else None
        length = _shortest(room, each.length)
        listed = self.lists.masked(collection, each, key, value, kind)
        if listed is not None:
            return listed
        if each.mask_assumed:
            return self._assumed(collection, each, table, row, key)
        match each.mask:
            case Mask.NULL:
                return None
            case Mask.UNLINK:
                origins = self.origins.get(FieldRef(collection.key, each.name), ())
                return None if self.known.holds(origins, value) else value
            case Mask.HASH:
                return self.tokens.token(value, length)
            case Mask.RANDOM:
                return self.tokens.random(value, length)
            case Mask.REDACT if names_the_person(each) and isinstance(value, str):
                return self._whole(value, marker(length, key if each.name in self._unique(collection) else ()))
            case Mask.REDACT:
                return self._redacted(value, isinstance(kind, JSON), room)
            case _:
                return value

    def _assumed(self, collection: Collection, each: Field, table: Table, row: Found, key: Key) -> Value:
        """Return what Fides' masking leaves in a field, as far as the column takes it."""
        column, value = table.c[each.name], row[each.name]
        if self._is_bound(collection, each.name):
            return value
        if each.mask is Mask.HASH and is_text(column):
            return self._rewritten(collection, each, column, value)
        if each.mask in {Mask.NULL, Mask.HASH} and can_be_emptied(column):
            return empty_value(column, key)
        return value

    def _rewritten(self, collection: Collection, each: Field, column: Column[object], value: Value) -> str:
        """Return the text that Fides' strategy writes: its own words only where rows may say the same."""
        said, unique = each.rewrite, each.name in self._unique(collection)
        own = None if unique or said.length is None else said.length + len(said.suffix)
        length = _shortest(cast("String", column.type).length, each.length, own)
        if said.text is not None and not unique:
            return f"{said.text}{said.suffix}"[:length]
        return self.tokens.token(value, length, said.suffix)

    def _unique(self, collection: Collection) -> frozenset[str]:
        connection = self.reader.connection(collection.source)
        return self.reader.sources.of(collection).unique_columns(collection.name, connection)

    def _is_bound(self, collection: Collection, name: str) -> bool:
        """Return whether a reference that the database itself keeps hangs on the column ``name``."""
        here = collection.source, collection.name
        return any(
            (here == (fk.source, fk.table) and name in fk.columns)
            or (here == (fk.parent_source, fk.parent) and name in fk.parent_columns)
            for fk in (*references_of(self.reader, collection.source), *outside_of(self.reader, collection.source))
        )

    def _whole(self, value: str, new: str) -> str:
        """Replace a value that says who somebody is; in rows of others only when it says who this person is."""
        return new if self.known.words.redacted(value) != value else value

    def _redacted(self, value: Value, is_json: bool, length: int | None) -> Value:
        words = self.known.words
        if isinstance(value, str) and not is_json:
            return words.redacted(value)[:length]
        if isinstance(value, str):
            clean = words.redacted(value)
            parsed = cast("Value", read_json(clean))
            return value if clean == value else parsed
        if isinstance(value, list | dict):
            found = words.redacted_json(value)
            return found if isinstance(found, list | dict) else None
        return value


def _shortest(*lengths: int | None) -> int | None:
    return min((each for each in lengths if each), default=None)
