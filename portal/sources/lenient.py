"""Dates of PostgreSQL that Python has no value for (``infinity``, the year 10000), read as their text."""

from typing import Any

from psycopg import Connection, DataError
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

KINDS = ("date", "timestamp", "timestamptz")


def read_endless_dates(connection: Connection[Any]) -> None:
    """Let ``connection`` hand over such a date as text, instead of failing on the row it stands in."""
    for name in KINDS:
        about = connection.adapters.types[name]
        usual = connection.adapters.get_loader(about.oid, Format.TEXT)
        if usual is not None:
            connection.adapters.register_loader(about.oid, _lenient(usual))


def _lenient(usual: Any) -> type[Loader]:
    class Lenient(Loader):
        """Reads as ``usual`` does, and what that cannot read as text."""

        def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
            super().__init__(oid, context)
            self._read = usual(oid, context).load

        def load(self, data: Buffer) -> Any:
            try:
                return self._read(data)
            except DataError:
                return bytes(data).decode()

    return Lenient
