"""A list that names several people: each gets and loses the own elements only, on whatever way their row was found."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from portal.cases.tombstones import Hasher, set_tombstones
from portal.config import SourceUrls
from portal.db import Database
from portal.fulfilment.apply import apply, carry_out, prepare, prepare_named
from portal.fulfilment.collect import collect
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import ErasePlan, LegalHold
from portal.fulfilment.promises import named
from portal.fulfilment.restored import erase_restored, tombstones_of
from portal.sources import Sources, load_data_map
from portal.sources.model import Erase, Mask, Row
from tests.support.factories import submit_case
from tests.support.shopfront import WHO, shopfront

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


def test_a_row_is_not_deleted_for_one_of_the_people_its_list_names(sources: Sources) -> None:
    collections = dict(sources.data_map.collections)
    collections["inn.stays"] = replace(collections["inn.stays"], erase=Erase.DELETE)
    sources.data_map = replace(sources.data_map, collections=collections)
    apply(sources, Subject((EVE,)), ErasePlan(), NOW)
    assert everything(sources)["stays"] == {1: [2, [ADAS, BOBS]], 2: [1, [BOBS]], 3: [1, [ADAS]], 4: [2, [BOBS]]}
    apply(sources, Subject((ADA,)), ErasePlan(), NOW)
    assert everything(sources)["stays"] == {1: [2, [BOBS]], 4: [2, [BOBS]]}


@pytest.mark.parametrize("sources", ["sqlite"], indirect=True)
def test_a_backup_brings_nobody_elses_element_into_danger(sources: Sources, tmp_path: Path, migrated: Path) -> None:
    prepared = prepare(sources, Subject((ADA,)), ErasePlan(), NOW)
    before = everything(sources)
    (tmp_path / "front").mkdir()
    with shopfront(tmp_path / "front", migrated, backup_days=35) as (app, _shop):
        database: Database = app.extensions["portal_db"]
        with database.writing() as session:
            case = submit_case(session, "erase", who=WHO)
            set_tombstones(session, case.id, tombstones_of(Hasher(session), prepared))
        assert everything(sources) == before, "as a backup brings it back"
        with database.reader() as session:
            erase_restored(session, sources)
    after = everything(sources)
    assert after["people"] == {1: [None, None], 2: [BOB, None]}
    assert after["stays"] == {1: [2, [BOBS]], 2: [1, [BOBS, EVES]], 3: [1, [EVES]], 4: [2, [BOBS]]}
    assert after["seats"][1] == [{"hall": "A", "taken": [PLAN["taken"][1]]}]


@pytest.mark.parametrize("sources", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("mask", "left"),
    [
        (Mask.HASH, {"email": "erased-", "diet": "erased-", "nr": None}),
        (Mask.REDACT, {"email": "[erased]", "diet": "of ada", "nr": 1.5}),
        (Mask.UNLINK, None),
        (Mask.KEEP, ADAS),
    ],
)
def test_what_the_map_says_is_done_to_the_persons_element_alone(sources: Sources, mask: Mask, left: object) -> None:
    stays = sources.data_map.collections["inn.stays"]
    fields = tuple(replace(each, mask=mask, mask_assumed=False) for each in stays.fields if each.name == "guests")
    stays = replace(stays, fields=(*stays.fields[:2], *fields), erase=Erase.DEIDENTIFY)
    sources.data_map = replace(sources.data_map, collections={**sources.data_map.collections, "inn.stays": stays})
    apply(sources, Subject((ADA,)), ErasePlan(), NOW)
    shown = json.loads(re.sub("(erased-)[0-9a-f]{64}", r"\1", json.dumps(everything(sources)["stays"][1][1])))
    assert shown == ([left, BOBS] if left else [BOBS])
