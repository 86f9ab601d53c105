"""Values of PostgreSQL that Python has no type for, or rounds: read as the text that the database writes.

``infinity`` and the year 10000, 24:00 o'clock, months in an interval, ranges; of numbers in a document see ``numbers``.
"""

from typing import Any

from psycopg import Connection, DataError
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.json import set_json_loads
from psycopg.types.multirange import MultirangeInfo
from psycopg.types.range import RangeInfo
from psycopg.types.string import TextLoader

from portal.sources.numbers import read_json

SOMETIMES = ("date", "timestamp", "timestamptz", "time", "timetz")
"""Read as Python does, where it can."""

ALWAYS = ("interval",)


def read_leniently(connection: Connection[Any]) -> None:
    """Let ``connection`` hand over such a value as text, instead of failing on the row it stands in."""
    adapters = connection.adapters
    for name in SOMETIMES:
        about = adapters.types[name]
        usual = adapters.get_loader(about.oid, Format.TEXT)
        if usual is not None:
            adapters.register_loader(about.oid, _lenient(usual))
    for each in adapters.types:
        if each.name in ALWAYS or isinstance(each, RangeInfo | MultirangeInfo):
            adapters.register_loader(each.oid, TextLoader)
    set_json_loads(read_json, connection)


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
