"""Streams the rows of one statement through a server-side cursor, in lists that weigh about the same.

Rows with a photo each come one or a few at a time, rows of numbers by the thousand: memory does not depend on them.
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Executable

from portal.errors import SourceDown
from portal.sources.alike import Line as Line
from portal.sources.connecting import NAME, go_on, told_as_down

FEW, MANY = 16, 1000
"""Rows in the first list, unless told otherwise, and in the largest."""

WEIGHT = 256 << 10
"""Bytes of text and binary content that one list holds, about."""

GROWTH = 8
"""How many times longer than the one before a list may be."""

SAMPLES = 8
"""Rows of a list that are weighed."""


def streamed(connection: Connection, statement: Executable, first: int = FEW) -> Iterator[list[Line]]:
    """Yield the rows of ``statement`` in lists, ``first`` rows in the first one.

    Its columns carry no type (see ``reading.raw``): the values come as the driver gives them.

    Raises:
        SourceDown: the source does not answer, or stops half-way.
    """
    size = first
    with told_as_down(), connection.execute(statement, execution_options={"stream_results": True}) as result:
        found = [tuple(line) for line in result.fetchmany(size)]
        while found:
            size = max(1, min(MANY, size * GROWTH, WEIGHT // _weight(found)))
            yield cast("list[Line]", found)
            go_on(connection)
            found = _more(connection, result, size)


def _more(connection: Connection, result: CursorResult[Any], size: int) -> list[tuple[Any, ...]]:
    """Return the next rows straight from the driver: SQLAlchemy wraps each one, which costs more than to read it.

    The one row that it reads ahead came with the first list.
    """
    if result.cursor is None:  # it closed itself at the end
        return []
    try:
        return cast("list[tuple[Any, ...]]", result.cursor.fetchmany(size))
    except connection.dialect.loaded_dbapi.Error as failure:
        raise SourceDown(values={"kind": type(failure).__name__, "source": connection.info[NAME]}) from None


def _weight(found: Sequence[tuple[Any, ...]]) -> int:
    """Return what the heaviest of a few rows weighs, in bytes, at least one."""
    step = max(1, len(found) // SAMPLES)
    return max(1, *(sum(len(value) for value in line if isinstance(value, str | bytes)) for line in found[::step]))
