"""A list that names several people: each gets and loses the own elements only, on whatever way their row was found."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from portal.config import SourceUrls
from portal.fulfilment.apply import apply, carry_out, prepare, prepare_named
from portal.fulfilment.collect import collect
from portal.fulfilment.locate import Subject
from portal.fulfilment.mask_elements import without_theirs
from portal.fulfilment.plans import ErasePlan, LegalHold
from portal.fulfilment.promises import named
from portal.sources import Sources, load_data_map
from portal.sources.elements import Mark, only_theirs
from portal.sources.model import Row

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"

MANIFEST = """
dataset:
  - fides_key: inn
    name: Inn
    collections:
      - name: people
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - name: others
            data_categories: [user.contact.email]
            fides_meta: {identity: email, data_type: "string[]"}
      - name: stays
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: booker, fides_meta: {references: [{dataset: inn, field: people.id, direction: from}]}}
          - name: guests
            fides_meta: {data_type: "object[]"}
            fields:
              - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
              - {name: diet, data_categories: [user.health_and_medical]}
      - name: seats
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - name: plan
            fides_meta: {data_type: object}
            fields:
              - name: taken
                fides_meta: {data_type: "object[]"}
                fields:
                  - name: by
                    fides_meta: {references: [{dataset: inn, field: people.id, direction: from}]}
                  - {name: wish, data_categories: [user.content.private]}
                  - name: card
                    fides_meta: {references: [{dataset: inn, field: cards.no, direction: to}]}
      - name: cards
        fields:
          - {name: no, fides_meta: {primary_key: true}}
          - {name: holder, data_categories: [user.name]}
      - name: trips
        fides_meta: {}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - name: people
            data_categories: [user.contact.email]
            fides_meta: {identity: email, data_type: "string[]", return_all_elements: true}
"""

ADAS, BOBS, EVES = ({"email": who, "diet": f"of {who[:3]}", "nr": 1.5} for who in (ADA, BOB, EVE))


def guests(*given: dict[str, object]) -> str:
    return json.dumps(given)


PLAN = {"hall": "A", "taken": [{"by": 1, "wish": "door", "card": 71}, {"by": 2, "wish": "window", "card": 72}]}


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def sources(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sources]:
    url = f"sqlite:///{tmp_path}/inn.db"
    if request.param != "sqlite":
        url = request.getfixturevalue({"postgresql": "postgres_url", "mariadb": "mariadb_url"}[request.param])
    engine = create_engine(url)
    with engine.begin() as connection:
        for table in (
            "people (id INTEGER PRIMARY KEY, email VARCHAR(40), others JSON)",
            "stays (id INTEGER PRIMARY KEY, booker INTEGER, guests JSON)",
            "seats (id INTEGER PRIMARY KEY, plan JSON)",
            "cards (no INTEGER PRIMARY KEY, holder VARCHAR(40))",
            "trips (id INTEGER PRIMARY KEY, people JSON)",
        ):
            connection.exec_driver_sql(f"CREATE TABLE {table}")
        for row in (
            f"people VALUES (1, '{ADA}', '[\"ada.two@example.org\"]'), (2, '{BOB}', NULL)",
            f"stays VALUES (1, 2, '{guests(ADAS, BOBS)}'), (2, 1, '{guests(BOBS, EVES)}'),"
            f" (3, 1, '{guests(EVES, ADAS)}'), (4, 2, '{guests(BOBS)}')",
            f"seats VALUES (1, '{json.dumps(PLAN)}')",
            "cards VALUES (71, 'Ada'), (72, 'Bob')",
            f'trips VALUES (1, \'["{ADA}", "ada.two@example.org"]\')',
        ):
            connection.exec_driver_sql(f"INSERT INTO {row}")
    engine.dispose()
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "inn.yml").write_text(MANIFEST, encoding="utf-8")
    opened = Sources(load_data_map(tmp_path / "map"), {"inn": SourceUrls(url, url)})
    yield opened
    opened.close()


def said(value: object) -> object:
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value


def keyed(rows: Iterator[Row], key: str) -> dict[object, list[object]]:
    return {row[key]: [said(each) for name, each in row.items() if name != key] for row in rows}


def copy_of(sources: Sources, address: str) -> dict[str, dict[object, list[object]]]:
    return {
        collection.name: keyed(rows, collection.primary_key[0])
        for collection, rows in collect(sources, Subject((address,)))
    }


def everything(sources: Sources) -> dict[str, dict[object, list[object]]]:
    found = {}
    with sources["inn"].reading() as connection:
        for name in ("people", "stays", "seats", "cards", "trips"):
            lines = connection.exec_driver_sql(f"SELECT * FROM {name}").all()  # noqa: S608 - a name from here
            found[name] = {line[0]: [said(each) for each in line[1:]] for line in lines}
    return found


def test_a_copy_holds_the_persons_elements_and_no_neighbours(sources: Sources) -> None:
    assert copy_of(sources, ADA) == {
        "people": {1: [ADA, ["ada.two@example.org"]]},
        "stays": {1: [2, [ADAS]], 2: [1, []], 3: [1, [ADAS]]},
        "seats": {1: [{"hall": "A", "taken": [PLAN["taken"][0]]}]},
        "cards": {71: ["Ada"]},
        "trips": {1: [[ADA, "ada.two@example.org"]]},
    }
    assert copy_of(sources, EVE) == {"stays": {2: [1, [EVES]], 3: [1, [EVES]]}}


def test_an_erasure_leaves_the_elements_of_others_as_they_are_also_the_second_time(sources: Sources) -> None:
    apply(sources, Subject((ADA,)), ErasePlan(), NOW)
    after = everything(sources)
    assert after["people"] == {1: [None, None], 2: [BOB, None]}
    assert after["stays"] == {1: [2, [BOBS]], 2: [1, [BOBS, EVES]], 3: [1, [EVES]], 4: [2, [BOBS]]}
    assert after["seats"][1] == [{"hall": "A", "taken": [PLAN["taken"][1]]}]
    assert after["cards"][72] == ["Bob"]
    assert after["trips"] == {1: [None]}
    assert apply(sources, Subject((ADA,)), ErasePlan(), NOW).rows == 0
    assert everything(sources) == after


def test_what_a_law_keeps_is_erased_later_without_the_elements_of_others(sources: Sources) -> None:
    """As on the day of a promise: the rows are known by their keys, and nobody is looked for any more."""
    held = ErasePlan(hold=LegalHold(None, NOW.date()))
    kept = prepare(sources, Subject((ADA,)), held, NOW).kept
    later = prepare_named(sources, ErasePlan(), named(kept), NOW)
    carry_out(sources, later.steps)
    after = everything(sources)
    assert after["people"] == {1: [None, None], 2: [BOB, None]}
    assert after["stays"] == {1: [2, [BOBS]], 2: [1, [BOBS, EVES]], 3: [1, [EVES]], 4: [2, [BOBS]]}
    assert after["seats"][1] == [{"hall": "A", "taken": [PLAN["taken"][1]]}]


@pytest.mark.parametrize(
    ("document", "left"),
    [
        ({"in": [{"who": [{"m": "a"}, {"m": "b"}]}, {"who": [{"m": "b"}]}]}, {"in": [{"who": [{"m": "a"}]}]}),
        ({"in": {"who": {"m": "b"}}}, {"in": {"who": {"m": "b"}}}),
        ({"in": [{"who": {"m": ["b", "a"]}}, {"x": 1}, None]}, {"in": [{"who": {"m": ["a"]}}]}),
        ({"in": []}, {"in": []}),
        ("text", "text"),
    ],
)
def test_lists_in_lists_are_taken_apart_down_to_the_persons_element(document: object, left: object) -> None:
    marks = [Mark(("in", "who", "m"), "a".__eq__)]
    assert only_theirs(document, marks) == left


def test_an_element_shared_with_others_loses_the_person_only() -> None:
    marks = [Mark(("in", "who", "m"), "a".__eq__)]
    rooms = {"in": [{"no": 1, "who": [{"m": "a"}, {"m": "b"}]}, {"no": 2, "who": [{"m": "b"}]}], "at": "sea"}
    left = {"in": [{"no": 1, "who": [{"m": "b"}]}, {"no": 2, "who": [{"m": "b"}]}], "at": "sea"}
    assert without_theirs(rooms, marks, None, lambda _part: None) == left
    owned = [Mark(("in", "who", "m"), "a".__eq__, owned=True)]
    assert without_theirs(rooms, owned, None, lambda _part: None) == {**left, "at": None}
