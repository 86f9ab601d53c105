"""References among rows that all go, where the database lets none of them go first: these are emptied beforehand.

A table that refers to itself, or two that refer to each other. SQLite looks at references when the transaction ends;
PostgreSQL at the end of each statement, unless told otherwise; MariaDB at every single row.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table

from portal.fulfilment.plans import Key
from portal.sources.engines import ForeignKey, SqlSource

MARIADB = frozenset({"mysql", "mariadb"})


def in_the_way(
    connection: Connection, source: SqlSource, deletes: Mapping[str, Sequence[Key]], at_once: int
) -> list[ForeignKey]:
    """Return the references of rows that go, in that order of tables, to rows that go before or with them.

    Args:
        connection: an open connection to the source.
        source: the source.
        deletes: primary keys by table, tables in the order they are emptied.
        at_once: how many rows one statement deletes.
    """
    dialect, order = connection.dialect.name, [name for name, keys in deletes.items() if keys]
    if dialect == "sqlite" or not order:
        return []
    found = [fk for fk in source.foreign_keys(connection) if fk.table in order and fk.parent in order]
    return [
        fk
        for fk in found
        if order.index(fk.table) > order.index(fk.parent)
        or (fk.table == fk.parent and (dialect in MARIADB or len(deletes[fk.table]) > at_once))
    ]


def loose_columns(table: Table, columns: Sequence[str], key: Sequence[str]) -> list[str]:
    """Return those of ``columns`` that may be emptied."""
    return [name for name in columns if table.c[name].nullable and name not in key and table.c[name].computed is None]
