"""The writes that carry a plan out at one source: built beforehand, then done in one transaction.

Order: changes first (they cut references), then inserts, then deletes from the leaves up. Values are bound, never
written into a statement.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.types import Double, Float, NullType

from portal.fulfilment.plans import Change, Effect, Key, ValueChanged
from portal.fulfilment.rings import MARIADB, in_the_way, loose_columns
from portal.sources.connecting import told_as_down
from portal.sources.engines import Reader, SqlSource
from portal.sources.model import Collection, Value
from portal.sources.reading import Found, raw

CHUNK = 500

SINGLE = 1e-6
"""How far a number kept in four bytes may be from what it is read as, in parts of itself."""


@dataclass(frozen=True, slots=True)
class Update:
    """New values for one row; with ``old`` only where the fields still hold these."""

    key: Key
    values: Mapping[str, Value] = field(repr=False)
    effect: Effect
    old: Mapping[str, Value] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Insert:
    """A new row."""

    values: Mapping[str, Value] = field(repr=False)
    effect: Effect = Effect.INSERT


@dataclass(slots=True)
class SourceSteps:
    """Everything to be written at one source, by table.

    Args:
        keys: the primary key's fields of each table that is touched.
        updates, inserts: by table.
        deletes: primary keys by table, tables in the order they are emptied, rows children before parents.
    """

    source: str
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    updates: dict[str, list[Update]] = field(default_factory=lambda: defaultdict(list))
    inserts: dict[str, list[Insert]] = field(default_factory=lambda: defaultdict(list))
    deletes: dict[str, list[Key]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (any(self.updates.values()) or any(self.inserts.values()) or any(self.deletes.values()))


def run(source: SqlSource, steps: SourceSteps) -> tuple[Change, ...]:
    """Carry ``steps`` out in one transaction of ``source``: all of them, or none.

    Raises:
        SourceDown: the source does not answer.
        SourceRefused: the rules of the source forbid a change.
        ValueChanged: a value to be replaced was changed meanwhile.
    """
    if steps.empty:
        return ()
    changes: list[Change] = []
    with source.writing() as connection:
        _defer_checks(connection)
        for name, updates in steps.updates.items():
            table = source.table(name, connection)
            for effect in dict.fromkeys(each.effect for each in updates):
                chosen = [each for each in updates if each.effect is effect]
                _update(connection, table, steps.keys[name], chosen)
                changes.append(_change(steps, name, effect, [each.key for each in chosen]))
        for name, inserts in steps.inserts.items():
            table = source.table(name, connection)
            for row in inserts:
                connection.execute(insert(table).values(dict(row.values)))
            if inserts:
                changes.append(_change(steps, name, inserts[0].effect, [tuple(row.values.values()) for row in inserts]))
        alone = _untie(connection, source, steps)
        for name, keys in steps.deletes.items():
            table = source.table(name, connection)
            for chunk in _chunks(keys, 1 if name in alone else CHUNK):
                connection.execute(delete(table).where(key_in(connection, table, steps.keys[name], chunk)))
            if keys:
                changes.append(_change(steps, name, Effect.DELETE, keys))
    return tuple(changes)


def _untie(connection: Connection, source: SqlSource, steps: SourceSteps) -> set[str]:
    """Empty the references that stand in the way of deletes; return the tables whose rows must go one by one."""
    alone: set[str] = set()
    for fk in in_the_way(connection, source, steps.deletes, CHUNK):
        table, key = source.table(fk.table, connection), steps.keys[fk.table]
        names = loose_columns(table, fk.columns, key)
        if not names and fk.table == fk.parent and connection.dialect.name in MARIADB:
            alone.add(fk.table)
        for chunk in _chunks(steps.deletes[fk.table], CHUNK) if names else ():
            where = key_in(connection, table, key, chunk), *(table.c[name].is_not(None) for name in names)
            connection.execute(update(table).where(*where).values(dict.fromkeys(names)))
    return alone


def _chunks(keys: Sequence[Key], size: int) -> Iterator[Sequence[Key]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def key_in(connection: Connection, table: Table, names: Sequence[str], keys: Iterable[Key]) -> ColumnElement[bool]:
    """Return the condition that the fields ``names`` of ``table`` hold one of ``keys``."""
    columns = [plain(connection, table.c[name]) for name in names]
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(list(keys))


def rows_of(reader: Reader, collection: Collection, keys: Iterable[Key], names: Iterable[str]) -> Iterator[Found]:
    """Yield the rows of ``collection`` that have one of ``keys``, with the fields ``names``; those that are there.

    Raises:
        SourceDown: the source does not answer.
    """
    table, connection = reader.table(collection), reader.connection(collection.source)
    columns = [raw(table.c[name]) for name in dict.fromkeys([*collection.primary_key, *names])]
    wanted = list(keys)
    for start in range(0, len(wanted), CHUNK):
        where = key_in(connection, table, collection.primary_key, wanted[start : start + CHUNK])
        with told_as_down():
            for found in connection.execute(select(*columns).where(where)).mappings():
                yield cast("Found", dict(found))


def plain(connection: Connection, column: Column[object]) -> ColumnElement[object]:
    """Return ``column`` as it is compared with values as they were read: SQLite compares them untyped."""
    if connection.dialect.name == "sqlite":
        untyped: ColumnElement[object] = type_coerce(column, NullType())
        return untyped
    return column


def _update(connection: Connection, table: Table, key: Sequence[str], updates: Iterable[Update]) -> None:
    alike: dict[tuple[str, ...], list[Update]] = defaultdict(list)
    for each in updates:
        if each.old:
            _update_if_unchanged(connection, table, key, each)
        else:
            alike[tuple(each.values)].append(each)
    for names, chosen in alike.items():
        where = and_(*(plain(connection, table.c[name]) == bindparam(f"key_{name}") for name in key))
        statement = update(table).where(where).values({name: bindparam(f"new_{name}") for name in names})
        connection.execute(
            statement,
            [
                {f"key_{name}": value for name, value in zip(key, each.key, strict=True)}
                | {f"new_{name}": each.values[name] for name in names}
                for each in chosen
            ],
        )


def _update_if_unchanged(connection: Connection, table: Table, key: Sequence[str], each: Update) -> None:
    still = [_still(connection, table.c[name], value) for name, value in each.old.items() if value is not None]
    still += [table.c[name].is_(None) for name, value in each.old.items() if value is None]
    where = and_(key_in(connection, table, key, [each.key]), *still)
    if connection.execute(update(table).where(where).values(dict(each.values))).rowcount != 1:
        raise ValueChanged


def _still(connection: Connection, column: Column[object], value: Value) -> ColumnElement[bool]:
    """Return the condition that ``column`` holds ``value``; a number of four bytes is not what it is read as."""
    short = isinstance(column.type, Float) and not isinstance(column.type, Double)
    if short and isinstance(value, float) and connection.dialect.name != "sqlite":
        return func.abs(column - value) <= abs(value) * SINGLE
    return plain(connection, column) == value


def _defer_checks(connection: Connection) -> None:
    """Let references be checked when the transaction ends, where the database can."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("pragma defer_foreign_keys=on")
    elif connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")


def _change(steps: SourceSteps, name: str, effect: Effect, keys: Sequence[Key]) -> Change:
    digest = hashlib.sha256("\n".join(sorted(repr(key) for key in keys)).encode()).hexdigest()
    return Change(f"{steps.source}.{name}", effect, len(keys), digest)
