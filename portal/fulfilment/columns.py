"""Values of one field for many rows at once, as JSON and CSV: ``encoding`` and ``csvsafe``, only faster. Pure.

A column whose values are all of one kind needs one look at the kind, not one call for each value.
"""

import csv
import io
import json
import math
import string
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from types import NoneType
from typing import cast
from uuid import UUID

import orjson

from portal.fulfilment.encoding import Json, as_json, as_text
from portal.sources.model import Value
from portal.ui.csvsafe import APOSTROPHE, DANGEROUS, safe

_NATIVE = frozenset({str, int, bool, NoneType})
_MOMENTS = frozenset({datetime, date, time, NoneType})
_WORDS = frozenset({Decimal, UUID, NoneType})
_HARMLESS = frozenset(string.ascii_letters + string.digits + string.punctuation) - DANGEROUS - {APOSTROPHE}
"""A text that starts with one of these is no formula in any spreadsheet."""

_SPELLED = {None: "", True: "true", False: "false"}


def exact(column: Sequence[Value]) -> Sequence[Json]:
    """Return every value of ``column`` as ``encoding.as_json`` does."""
    kinds = set(map(type, column))
    if kinds <= _NATIVE or (kinds <= _NATIVE | {float} and all(map(math.isfinite, _floats(column)))):
        return column  # type: ignore[return-value] # looked at above
    if kinds <= _MOMENTS:
        return [None if value is None else value.isoformat() for value in column]  # type: ignore[union-attr]
    if kinds <= _WORDS:
        return [None if value is None else str(value) for value in column]
    return [as_json(value) for value in column]


def cells(column: Sequence[Json]) -> Sequence[object]:
    """Return every value of ``column`` as the CSV cell that ``csvsafe.safe`` makes of its text."""
    kinds = set(map(type, column))
    if kinds <= {str, NoneType}:
        texts = cast("Sequence[str | None]", column)
        return ["" if text is None else text if text[:1] in _HARMLESS else safe(text) for text in texts]
    if kinds <= {bool, NoneType}:
        return [_SPELLED[value] for value in column]  # type: ignore[index]
    if kinds <= {int, float, NoneType}:
        return ["" if value is None else _number(repr(value)) for value in column]
    return [safe(as_text(value)) for value in column]


def csv_lines(columns: Sequence[Sequence[Json]]) -> bytes:
    """Return the rows of ``columns`` as lines of a CSV file; a lone surrogate becomes a question mark."""
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\r\n").writerows(zip(*map(cells, columns), strict=True))
    return target.getvalue().encode("utf-8", "replace")


def json_lines(names: Sequence[str], columns: Sequence[Sequence[Json]]) -> bytes:
    """Return the rows of ``columns`` as JSON objects, one a line, with commas between."""
    found = [dict(zip(names, line, strict=True)) for line in zip(*columns, strict=True)]
    try:
        return b",\n".join(map(orjson.dumps, found))
    except TypeError:  # a number beyond 64 bits, or a lone surrogate
        return ",\n".join(json.dumps(each, ensure_ascii=False) for each in found).encode("utf-8", "replace")


def _number(text: str) -> str:
    return APOSTROPHE + text if text[0] == "-" else text


def _floats(column: Sequence[Value]) -> list[float]:
    return [value for value in column if type(value) is float]
