"""Rows in a package come back: from JSON with their types by the schema, from CSV by the documented rule."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isnan
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.fulfilment.columns import cells, csv_lines, exact, json_lines
from portal.fulfilment.encoding import as_json, as_text, kind_of, schema_of
from portal.sources.model import Collection, Field, Value
from portal.ui.csvsafe import safe, unsafe

texts = st.text(st.one_of(st.sampled_from([*"=+-@'\t\r\n ＝＋", '"', ",", "\u200b"]), st.characters(codec="utf-8")))
KINDS: dict[type, st.SearchStrategy[Value]] = {
    str: texts,
    bool: st.booleans(),
    int: st.integers(-(2**70), 2**70),
    float: st.floats(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    datetime: st.datetimes() | st.datetimes(timezones=st.just(UTC)),
    date: st.dates(),
    time: st.times(),
    timedelta: st.timedeltas(timedelta(days=-9999), timedelta(days=9999)),
    UUID: st.uuids(),
    dict: st.dictionaries(texts, st.lists(st.integers(-9, 9) | texts)),  # type: ignore[dict-item]
}
BACK: dict[str, Callable[[object], object]] = {
    "number": lambda value: float(str(value)),
    "number:seconds": lambda value: timedelta(seconds=float(str(value))),
    "string:decimal": lambda value: Decimal(str(value)),
    "string:uuid": lambda value: UUID(str(value)),
    "string:date-time": lambda value: datetime.fromisoformat(str(value)),
    "string:date": lambda value: date.fromisoformat(str(value)),
    "string:time": lambda value: time.fromisoformat(str(value)),
}


def typed(schema: object, name: str, value: object) -> object:
    """Return ``value`` of ``data.json`` as the type that ``schema.json`` names for the field ``name``."""
    about = schema["items"]["properties"][name]  # type: ignore[index]
    kind = next(iter(set(about["type"]) - {"null"}), "null")
    kind += f":{about['format']}" if "format" in about else ""
    return value if value is None else BACK.get(kind, lambda same: same)(value)


def same(one: object, other: object) -> bool:
    """Whether two values are equal and of one type; what is no number equals itself."""
    alike = isinstance(one, float) and isinstance(other, float) and isnan(one) and isnan(other)
    return alike or (type(one) is type(other) and one == other)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_rows_come_back_from_json_with_their_types(kind: type, data: st.DataObject) -> None:
    column = data.draw(st.lists(st.none() | KINDS[kind], min_size=1, max_size=20))
    text = b"[" + json_lines(["a", "b"], [exact(column), list(range(len(column)))]) + b"]"
    assert text.count(b"\n") == len(column) - 1
    kinds = {"a": {kind_of(type(value)) for value in column}, "b": {"integer"}}
    schema = schema_of(Collection("s", "c", {}, (Field("a"), Field("b"))), kinds, "en")
    found = json.loads(text)
    assert [row["b"] for row in found] == list(range(len(column)))
    assert all(same(typed(schema, "a", row["a"]), value) for row, value in zip(found, column, strict=True))


@given(st.lists(st.none() | st.one_of(*KINDS.values()), min_size=1, max_size=20))
def test_a_column_is_written_as_its_values_one_by_one(column: list[Value]) -> None:
    one_by_one = [as_json(value) for value in column]
    assert all(same(one, other) for one, other in zip(exact(column), one_by_one, strict=True))
    assert [str(cell) for cell in cells(exact(column))] == [safe(as_text(value)) for value in one_by_one]


@given(st.lists(st.none() | st.one_of(*KINDS.values()), min_size=1, max_size=20))
def test_rows_come_back_from_csv_by_the_documented_rule(column: list[Value]) -> None:
    told = [text.replace("\0", "") if isinstance(text, str) else text for text in exact(column)]
    file = io.StringIO(csv_lines([told, ["end"] * len(told)]).decode(), newline="")
    assert [[unsafe(cell) for cell in line] for line in csv.reader(file)] == [[as_text(each), "end"] for each in told]
