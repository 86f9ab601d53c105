"""Values of one field for many rows at once, as JSON and CSV: ``encoding`` and ``csvsafe``, only faster. Pure.

A column whose values are all of one kind needs one look at the kind, not one call for each value; and texts that no
format has to change are looked at all together, and written as they are.
"""

import math
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import chain, repeat
from types import NoneType
from typing import TypeAlias, cast
from uuid import UUID

import orjson

from portal.fulfilment.encoding import Json, as_json, as_text
from portal.sources.model import Value
from portal.sources.numbers import write_json
from portal.ui.csvsafe import APOSTROPHE, DANGEROUS, safe

Kinds: TypeAlias = frozenset[type]

_TEXT, _TEXTS = frozenset({str}), frozenset({str, NoneType})
_NATIVE = frozenset({str, int, bool, NoneType})
_MOMENTS = frozenset({datetime, date, time, NoneType})
_WORDS = frozenset({Decimal, UUID, NoneType})
_WHOLE, _NUMBERS = frozenset({int, bool, NoneType}), frozenset({int, float, NoneType})

_BETWEEN = "\x1e"
"""Stands between texts that are looked at together; where one of them holds it, each is looked at by itself."""

_ESCAPED = "\\u001e"
"""The same, as JSON writes it."""

_HARMLESS = frozenset(string.ascii_letters + string.digits + string.punctuation) - DANGEROUS - {APOSTROPHE}
"""A text that starts with one of these is no formula in any spreadsheet."""

_SUSPECT = re.compile(f"{_BETWEEN}[^{re.escape(''.join(sorted(_HARMLESS)))}]")
_QUOTED = ',"\r\n'
"""A cell with one of these stands between quotes."""

_SMALL = ("0.0000", "e-")
"""What the text of a number may hold that JSON and Python write in two ways: one so close to zero."""


@dataclass(frozen=True, slots=True)
class Told:
    """The values of one field as JSON has them, and of which types they are."""

    values: Sequence[Json]
    kinds: Kinds


@dataclass(frozen=True, slots=True)
class Spelled:
    """The values of one field as they are written.

    Args:
        json: each in JSON, without the ``quote`` on both sides.
        quote: a quote where all of them are texts, else nothing.
        cells: each as a CSV cell.
    """

    json: Sequence[str]
    quote: str
    cells: Sequence[str]


def exact(column: Sequence[Value], kinds: Kinds | None = None) -> Told:
    """Return every value of ``column`` as ``encoding.as_json`` does; its ``kinds``, if they were looked at already."""
    kinds = kinds or frozenset(map(type, column))
    if kinds <= _NATIVE or (kinds <= _NATIVE | {float} and all(map(math.isfinite, _floats(column)))):
        return Told(column, kinds)  # type: ignore[arg-type] # looked at above
    texts = frozenset(kind if kind is NoneType else str for kind in kinds)
    if kinds == {datetime} and {value.tzinfo for value in cast("Sequence[datetime]", column)} <= {None, UTC}:
        return Told(orjson.dumps(column).decode()[2:-2].split('","'), texts)
    if kinds <= _MOMENTS:
        return Told([None if value is None else value.isoformat() for value in column], texts)  # type: ignore[union-attr]
    if kinds <= _WORDS:
        return Told([None if value is None else str(value) for value in column], texts)
    return one_by_one([as_json(value) for value in column])


def one_by_one(values: Sequence[Json]) -> Told:
    """Return ``values``, which are as JSON has them."""
    return Told(values, frozenset(map(type, values)))


def spelled(told: Told) -> Spelled:
    """Return how ``told`` is written: in JSON exactly, in CSV as ``csvsafe.safe`` makes it of its text."""
    if told.kinds == _TEXT:
        return _texts(cast("Sequence[str]", told.values))
    if told.kinds <= _TEXTS:
        return _with_gaps(cast("Sequence[str | None]", told.values))
    if told.kinds <= _WHOLE or told.kinds <= _NUMBERS:
        try:
            return _numbers(cast("Sequence[int | float | None]", told.values), told.kinds)
        except TypeError:  # beyond 64 bits
            pass
    return Spelled(
        [_in_json(value) for value in told.values], "", [_quoted(safe(as_text(each))) for each in told.values]
    )


def csv_lines(columns: Sequence[Spelled]) -> bytes:
    """Return the rows of ``columns`` as lines of a CSV file; a lone surrogate becomes a question mark."""
    cells = [each.cells for each in columns]
    if len(cells) == 1:  # an empty line is no row
        cells = [[cell or '""' for cell in cells[0]]]
    return ("\r\n".join(map(",".join, zip(*cells, strict=True))) + "\r\n").encode("utf-8", "replace")


def json_lines(names: Sequence[str], columns: Sequence[Spelled]) -> bytes:
    """Return the rows of ``columns`` as JSON objects, one a line, with commas between."""
    starts, before = [], ""
    for name, each in zip(names, columns, strict=True):
        starts.append(f"{before}{_in_json(name)}:{each.quote}")
        before = f"{each.quote},"
    end = columns[-1].quote + "}"
    turn = end + ",\n{"
    starts[0] = turn + starts[0]
    pieces = chain.from_iterable((repeat(start), each.json) for start, each in zip(starts, columns, strict=True))
    found = "".join(chain.from_iterable(zip(*pieces, strict=False)))
    return f"{{{found[len(turn) :]}{end}".encode("utf-8", "replace")


def _texts(texts: Sequence[str]) -> Spelled:
    """Return how ``texts`` are written; at least one."""
    together = _BETWEEN.join(texts)
    if together.count(_BETWEEN) != len(texts) - 1:
        return Spelled([_in_json(text)[1:-1] for text in texts], '"', [_quoted(safe(text)) for text in texts])
    return Spelled(_escaped(texts, together), '"', _cells(texts, together))


def _escaped(texts: Sequence[str], together: str) -> Sequence[str]:
    """Return ``texts`` as JSON writes them, without quotes; ``together`` they stand between separators."""
    try:
        found = orjson.dumps(together)
    except TypeError:  # a lone surrogate
        return [_in_json(text)[1:-1] for text in texts]
    size = len(together) if together.isascii() else len(together.encode())
    if len(found) == size + len('""') + (len(_ESCAPED) - len(_BETWEEN)) * (len(texts) - 1):
        return texts
    if _ESCAPED[1:] in together:  # after a backslash that would read as a separator
        return [_in_json(text)[1:-1] for text in texts]
    return found[1:-1].decode().split(_ESCAPED)


def _cells(texts: Sequence[str], together: str) -> Sequence[str]:
    """Return ``texts`` as safe CSV cells."""
    if _SUSPECT.search(f"{_BETWEEN}{together}{_BETWEEN}"):
        texts = [text if text[:1] in _HARMLESS else safe(text) for text in texts]
    special = [mark for mark in _QUOTED if mark in together]
    if special == [","]:
        return [f'"{text}"' if "," in text else text for text in texts]
    return [_quoted(text) for text in texts] if special else texts


def _with_gaps(values: Sequence[str | None]) -> Spelled:
    """Return how texts are written of which some, or all, are not there."""
    there = [value for value in values if value is not None]
    found = _texts(there) if there else Spelled((), "", ())
    texts, cells = iter(found.json), iter(found.cells)
    written = ["null" if value is None else f'"{next(texts)}"' for value in values]
    return Spelled(written, "", ["" if value is None else next(cells) for value in values])


def _numbers(values: Sequence[int | float | None], kinds: Kinds) -> Spelled:
    """Return how numbers or truth values are written.

    Raises:
        TypeError: one of them is beyond 64 bits.
    """
    together = orjson.dumps(values).decode()[1:-1]
    texts = together.split(",")
    apart = float in kinds and any(mark in together for mark in _SMALL)
    cells = [repr(value) for value in values] if apart else texts
    if NoneType in kinds:
        cells = ["" if value is None else cell for value, cell in zip(values, cells, strict=True)]
    if "-" in together:
        cells = [APOSTROPHE + cell if cell.startswith("-") else cell for cell in cells]
    return Spelled(texts, "", cells)


def _in_json(value: Json) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # a number that a float rounds, one beyond 64 bits, a lone surrogate
        return write_json(value)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in _QUOTED) else cell


def _floats(column: Sequence[Value]) -> list[float]:
    return [value for value in column if type(value) is float]
