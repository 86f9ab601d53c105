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

from portal.fulfilment.columns import Spelled, csv_lines, exact, json_lines, one_by_one, spelled
from portal.fulfilment.encoding import as_json, as_text, kind_of, schema_of
from portal.sources.model import Collection, Field, Value
from portal.ui.csvsafe import safe, unsafe

ODD = ["\\u001e", "u001e", '","', "a,b", "two\r\nlines"]
texts = st.text(
    st.one_of(st.sampled_from([*"=+-@'\t\r\n ＝＋", '"', ",", "\u200b", "\x1e"]), st.characters(codec="utf-8"))
) | st.sampled_from(ODD)
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


def some(kind: st.SearchStrategy[Value]) -> st.SearchStrategy[list[Value]]:
    """Return lists of a few values of ``kind``."""
    return st.lists(kind, min_size=1, max_size=20)


columns: st.SearchStrategy[list[Value]] = st.one_of(
    *(some(kind) | some(st.none() | kind) for kind in KINDS.values()),
    some(st.none() | st.one_of(*KINDS.values())),
)
"""Some values of one kind, with and without gaps, or of any kinds."""

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


def numbered(column: list[Value]) -> Spelled:
    """Return a column of numbers from zero to stand beside ``column``."""
    return spelled(exact(list(range(len(column)))))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_rows_come_back_from_json_with_their_types(kind: type, data: st.DataObject) -> None:
    column = data.draw(st.lists(st.none() | KINDS[kind], min_size=1, max_size=20))
    text = b"[" + json_lines(["a", "b"], [spelled(exact(column)), numbered(column)]) + b"]"
    assert text.count(b"\n") == len(column) - 1
    kinds = {"a": {kind_of(type(value)) for value in column}, "b": {"integer"}}
    schema = schema_of(Collection("s", "c", {}, (Field("a"), Field("b"))), kinds, "en")
    found = json.loads(text)
    assert [row["b"] for row in found] == list(range(len(column)))
    assert all(same(typed(schema, "a", row["a"]), value) for row, value in zip(found, column, strict=True))


@given(columns)
def test_a_column_is_told_as_its_values_one_by_one(column: list[Value]) -> None:
    told = exact(column)
    assert all(same(one, as_json(value)) for one, value in zip(told.values, column, strict=True))
    assert told.kinds == set(map(type, told.values))


@given(columns)
def test_a_column_is_written_as_its_values_one_by_one(column: list[Value]) -> None:
    told = [as_json(value) for value in column]
    written = spelled(exact(column))
    assert [json.loads(written.quote + each + written.quote) for each in written.json] == [
        json.loads(json.dumps(each)) for each in told
    ]
    for beside in (0, 1):
        target = io.StringIO(newline="")
        lines = [[safe(as_text(each)), *["x"] * beside] for each in told]
        csv.writer(target, lineterminator="\r\n").writerows(lines)
        assert csv_lines([written, *[spelled(one_by_one(["x"] * len(told)))] * beside]).decode() == target.getvalue()


def test_half_a_character_is_written_as_a_question_mark_and_spoils_no_other_row() -> None:
    written = spelled(exact(["a,b", "half \ud83d", None, 'quote "']))
    assert json_lines(["t"], [written]).decode() == '{"t":"a,b"},\n{"t":"half ?"},\n{"t":null},\n{"t":"quote \\""}'
    assert csv_lines([written]).decode() == '"a,b"\r\nhalf ?\r\n""\r\n"quote """\r\n'


@given(columns)
def test_rows_come_back_from_csv_by_the_documented_rule(column: list[Value]) -> None:
    told = one_by_one([each.replace("\0", "") if isinstance(each, str) else each for each in exact(column).values])
    file = io.StringIO(csv_lines([spelled(told), numbered(column)]).decode(), newline="")
    lines = [[unsafe(cell) for cell in line] for line in csv.reader(file)]
    assert lines == [[as_text(each), str(number)] for number, each in enumerate(told.values)]
