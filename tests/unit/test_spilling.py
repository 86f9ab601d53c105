"""Values that make rows a person's: any number of them, in memory that stays the same, and nothing readable on disk."""

import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from benchmarks.ledger import ME, OWN_ROWS, fill
from portal.fulfilment.collect import collect
from portal.fulfilment.locate import Subject
from portal.sources import reading, spilling
from portal.sources.model import Value
from portal.sources.spilling import Values
from portal.sources.values import spelled


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of three and six values in memory at most, so that few values go to disk."""
    monkeypatch.setattr(spilling, "BLOCK", 3)
    monkeypatch.setattr(spilling, "IN_MEMORY", 6)


def taken(values: Values, start: int = 0, stop: int | None = None, size: int = 4) -> list[Value]:
    return [value for piece in values.pieces(start, stop, size) for value in piece.values()]


@pytest.mark.usefixtures("small")
def test_every_value_comes_back_once_with_its_type_and_in_the_order_of_arrival() -> None:
    given: list[Value] = [
        *range(10),
        "7th",
        Decimal("1.50"),
        UUID(int=5),
        datetime(2026, 3, 1, tzinfo=UTC),
        b"\0\xff",
        [1, "two"],
        True,
        "\ud800",
        2.5,
    ]
    values = Values()
    assert [values.add(spelled(each), each) for each in given] == [True] * len(given)
    assert [values.add(spelled(each), each) for each in given] == [False] * len(given)
    assert len(values) == len(given)
    found = taken(values)
    assert found == given
    assert list(map(type, found)) == list(map(type, given))
    assert all(spelled(each) in values for each in given)
    assert "nobody" not in values


@pytest.mark.usefixtures("small")
def test_many_at_once_are_taken_as_one_by_one() -> None:
    chance = random.Random(7)
    values, known = Values(), dict[str, Value]()
    for _ in range(40):
        some: list[Value] = [chance.randrange(60) for _ in range(chance.randrange(9))]
        new = {spelled(each): each for each in some if spelled(each) not in known}
        assert values.take({spelled(each): each for each in some}) == len(new)
        known |= new
        assert taken(values) == list(known.values())


@pytest.mark.usefixtures("small")
def test_any_stretch_is_given_while_more_arrive() -> None:
    values = Values()
    chance = random.Random(6)
    for each in range(50):
        values.add(str(each), each)
        start = chance.randrange(each + 1)
        stop = chance.randrange(start, each + 1)
        assert taken(values, start, stop, chance.randrange(1, 9)) == list(range(start, stop))
    reading = values.pieces(0, 20, 5)
    first = next(reading)
    for each in range(50, 80):
        values.add(str(each), each)
    assert [*first.values(), *(value for piece in reading for value in piece.values())] == list(range(20))


@pytest.mark.usefixtures("small")
def test_nothing_readable_is_put_away() -> None:
    values = Values()
    for each in range(12):
        values.add(f"ada-{each}@example.org", f"ada-{each}@example.org")
    assert values._disk is not None
    content = values._disk._database.serialize()
    assert len(content) > 4096
    assert b"ada-" not in content
    assert b"example" not in content


@pytest.mark.usefixtures("small")
def test_a_person_of_many_keys_is_collected_as_one_of_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK", 7)
    ledger = fill(f"sqlite:///{tmp_path}/ledger.db", 600)
    sources = ledger.open(tmp_path / "map")
    found = {each.name: [row["id"] for row in rows] for each, rows in collect(sources, Subject((ME,)))}
    with sources["ledger"].reading() as connection:
        own = {name: [row[0] for row in connection.exec_driver_sql(query)] for name, query in OWN_ROWS.items()}
    sources.close()
    assert {name: sorted(ids) for name, ids in found.items()} == own
    assert len(found["orders"]) > 6
