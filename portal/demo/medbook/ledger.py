"""Collects rows while history is told, and writes them table by table. Knows no person."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import TypeAlias

from sqlalchemy import Connection, Integer, MetaData, Table, insert, text

Cell: TypeAlias = bool | int | str | bytes | date | datetime | Mapping[str, object] | None


class Ledger:
    """Rows by table, numbered as they come.

    Args:
        now: the moment the demo is built; every history ends before it.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.rows: dict[Table, list[dict[str, Cell]]] = defaultdict(list)

    def add(self, table: Table, **row: Cell) -> int:
        """Note one row of ``table``; return its number when the table numbers its rows."""
        number = len(self.rows[table]) + 1
        if "id" in table.c and isinstance(table.c.id.type, Integer):
            row.setdefault("id", number)
        self.rows[table].append(row)
        return number

    def ago(self, chance: Random, fewest: float, most: float) -> datetime:
        """Return a moment between ``fewest`` and ``most`` days before the demo is built, to the second."""
        return self.now - timedelta(seconds=int(86_400 * chance.uniform(fewest, max(fewest, most))))

    def write(self, connection: Connection, catalogue: MetaData) -> None:
        """Insert every row of the tables of ``catalogue``, parents first."""
        for table in catalogue.sorted_tables:
            names = [column.name for column in table.columns]
            if rows := self.rows.get(table):
                connection.execute(insert(table), [{name: row.get(name) for name in names} for row in rows])
                _let_numbers_follow(connection, table)


def _let_numbers_follow(connection: Connection, table: Table) -> None:
    if connection.dialect.name == "postgresql" and "id" in table.c and isinstance(table.c.id.type, Integer):
        place = {"table": table.name}
        connection.execute(
            text(f"SELECT setval(pg_get_serial_sequence(:table, 'id'), (SELECT max(id) FROM {table.name}))"),  # noqa: S608 our own table name
            place,
        )
