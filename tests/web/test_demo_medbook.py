"""The made-up Medbook on real databases: what is in it, whose it is, and that erasing can reach all of it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from sqlalchemy import Connection, RowMapping, Table, func, insert, inspect, select

from portal.db import make_engine
from portal.demo.medbook import (
    build,
    demo_people,
    planted_values,
    schema_people,
    schema_portfolio,
)
from portal.demo.medbook import schema_business as business
from portal.demo.medbook.oracle import NAMED, OWN, Key, oracle_rows
from portal.sources import Collection, DataMap, load_data_map
from portal.sources.model import Erase, Mask
from tests.support.medbook import CATALOGUES, NOW, Built, build_both
from tests.support.postgres import PostgresServer

MANIFESTS = Path(__file__).parents[2] / "portal" / "sources" / "manifests"
ONLY_COMPANIES = {"medbook.company_contacts", "medbook.company_contracts"}


Cell: TypeAlias = tuple[str, Key, str, str | bytes]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    yield from build_both(tmp_path_factory.mktemp("medbook"))


@pytest.fixture(scope="module")
def cells(built: Built) -> list[Cell]:
    with built.open() as databases:
        return list(_cells(databases))


@pytest.fixture(scope="module")
def data_map() -> DataMap:
    return load_data_map(MANIFESTS)


def test_the_databases_hold_the_tables_and_people_they_promise(built: Built) -> None:
    counts = {name: len(inspect(engine).get_table_names()) for name, engine in built.engines.items()}
    assert counts["medbook"] >= 22
    assert counts["medbook_support"] >= 5
    with built.open() as databases:
        assert databases["medbook"].scalar(select(func.count()).select_from(schema_people.accounts)) == 500
        for source, catalogue in CATALOGUES.items():
            for table in catalogue.sorted_tables:
                assert databases[source].scalar(select(func.count()).select_from(table)), table.name
    assert built.seconds < 10


def test_building_again_changes_nothing(built: Built) -> None:
    with built.open() as databases:
        before = databases["medbook"].scalar(select(func.count()).select_from(business.usage_events))
    medbook_url, support_url = (str(engine.url) for engine in built.engines.values())
    again = build(medbook_url, support_url, NOW + timedelta(days=9))
    with built.open() as databases:
        after = databases["medbook"].scalar(select(func.count()).select_from(business.usage_events))
    assert again == built.world
    assert before == after


def test_the_databases_can_be_built_on_postgresql(postgres_server: PostgresServer) -> None:
    names = [postgres_server.create_database() for _ in CATALOGUES]
    urls = [postgres_server.url(name) for name in names]
    world = build(urls[0], urls[1], NOW, people=60)
    built = Built(world, dict(zip(CATALOGUES, map(make_engine, urls), strict=True)), 0)
    try:
        with built.open() as databases:
            found = oracle_rows(databases, world.ada.email, (world.ada.ip,), named=True)
            empty = {name for name, keys in found.items() if not keys}
            assert empty == ONLY_COMPANIES | {"medbook.processing_flags"}
            statement = {"assessment_id": 1, "account_id": 1, "statement": "x", "made_at": NOW}
            databases["medbook"].execute(insert(schema_portfolio.assessment_statements).values(statement))
    finally:
        for name, engine in zip(names, built.engines.values(), strict=True):
            engine.dispose()
            postgres_server.drop_database(name)


def test_every_shown_person_has_something_in_every_table(built: Built) -> None:
    with built.open() as databases:
        for person in built.world.shown.values():
            found = oracle_rows(databases, person.email, (person.ip,))
            empty = {name for name, keys in found.items() if not keys}
            assert empty == ONLY_COMPANIES | {"medbook.processing_flags"}
            assert all(oracle_rows(databases, person.email, named=True)[name] > found[name] for name in NAMED)


def test_the_contact_of_a_company_is_found_without_an_account(built: Built) -> None:
    with built.open() as databases:
        found = {name: keys for name, keys in oracle_rows(databases, built.world.contact.email).items() if keys}
    assert "medbook.accounts" not in found
    assert found.keys() >= ONLY_COMPANIES | {"medbook.invoices", "medbook.invoice_lines", "medbook_support.tickets"}


def test_neighbours_share_no_row_save_those_about_both(built: Built) -> None:
    shared_by_nature = {"medbook.messages", "medbook.supervisions"}
    with built.open() as databases:
        for one, other in built.world.neighbours:
            mine, theirs = (oracle_rows(databases, person.email) for person in (one, other))
            for name in OWN.keys() - shared_by_nature:
                assert not mine[name] & theirs[name], name


def test_who_has_almost_nothing_has_one_row(built: Built) -> None:
    poor = [person for person in built.world.people if person.wealth == 0]
    with built.open() as databases:
        found = oracle_rows(databases, poor[0].email)
    assert sum(map(len, found.values())) == len(found["medbook.accounts"]) == 1


def test_the_history_is_long_nested_and_full_of_odd_characters(built: Built) -> None:
    with built.open() as databases:
        medbook = databases["medbook"]
        items = schema_portfolio.portfolio_items
        assert (medbook.scalar(select(func.max(func.length(items.c.body)))) or 0) > 10_000
        part, whole = items.alias(), items.alias()
        nested = select(func.count()).select_from(part.join(whole, part.c.parent_id == whole.c.id))
        assert medbook.scalar(nested.where(whole.c.parent_id.is_not(None)))
        first, last = medbook.execute(
            select(func.min(business.invoices.c.issued_on), func.max(business.invoices.c.issued_on))
        ).one()
        assert last - first > timedelta(days=9 * 365)
        assert medbook.scalar(select(func.count()).where(items.c.body.contains("🙂")))
        recent = schema_people.accounts.c.email_changed_at > NOW - timedelta(days=30)
        assert medbook.scalar(select(func.count()).where(recent)) == 2


def test_erasing_reaches_every_place_where_something_was_planted(
    built: Built, data_map: DataMap, cells: list[Cell]
) -> None:
    with built.open() as databases:
        for person in (built.world.shown["erase"], built.world.shown["restrict"], built.world.contact):
            own = oracle_rows(databases, person.email)
            reached = oracle_rows(databases, person.email, named=True)
            seen: set[str | bytes] = set()
            for name, key, column, value in cells:
                planted = _found(value, planted_values(person))
                seen.update(planted)
                if planted:
                    collection = data_map.collections[name]
                    assert key in reached[name], f"{name}.{column} {key} is out of reach"
                    assert _erased(collection, column, own=key in own[name]), f"{name}.{column} keeps a value"
            assert seen == set(planted_values(person))


def test_planted_values_stand_in_free_text_and_json_too(built: Built, cells: list[Cell]) -> None:
    words = {value for value in planted_values(built.world.ada) if isinstance(value, str)}
    for place in (("medbook.portfolio_items", "body"), ("medbook.audit_entries", "details")):
        text = " ".join(str(value) for name, _, column, value in cells if (name, column) == place)
        assert {word for word in words if word not in text} <= {built.world.ada.former_email}


def _cells(databases: Mapping[str, Connection]) -> Iterator[Cell]:
    for source, catalogue in CATALOGUES.items():
        for table in catalogue.sorted_tables:
            for row in databases[source].execute(select(table)).mappings():
                key = _key(table, row)
                for column in table.columns:
                    value = row[column]
                    if isinstance(value, bytes):
                        yield f"{source}.{table.name}", key, column.name, value
                    elif isinstance(value, str | dict | list):
                        yield f"{source}.{table.name}", key, column.name, str(value)


def _key(table: Table, row: RowMapping) -> Key:
    return tuple(row[column] for column in table.primary_key)


def _found(value: str | bytes, planted: list[str | bytes]) -> set[str | bytes]:
    if isinstance(value, bytes):
        return {each for each in planted if isinstance(each, bytes) and each in value}
    small = value.lower()
    return {each for each in planted if isinstance(each, str) and each.lower() in small}


def _erased(collection: Collection, column: str, own: bool) -> bool:
    """Return whether erasing removes what stands in ``column``: with the row, by redacting, or later, by law."""
    mask = collection.field(column).mask
    if own and (collection.hold or collection.erase is Erase.DELETE):
        return True
    return mask is Mask.REDACT or (own and mask in {Mask.NULL, Mask.HASH})


def test_the_demo_needs_no_database_to_know_its_people(built: Built) -> None:
    assert demo_people() == built.world
