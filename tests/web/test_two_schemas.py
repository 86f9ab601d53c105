"""Two Datasets for two schemas of one database: what the database keeps between them is honoured when a person goes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.config import SourceUrls
from portal.errors import SourceRefused
from portal.fulfilment.apply import apply, preview
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import Effect, ErasePlan
from portal.sources import Sources, load_data_map

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ADA, BEN = Subject(("ada@two.example",)), Subject(("ben@two.example",))

TABLES = """
DROP SCHEMA IF EXISTS crm CASCADE; DROP SCHEMA IF EXISTS shop CASCADE; DROP SCHEMA IF EXISTS aside CASCADE;
CREATE SCHEMA crm; CREATE SCHEMA shop; CREATE SCHEMA aside;
CREATE TABLE crm.people (id int PRIMARY KEY, email text, name text);
CREATE TABLE shop.orders (id int PRIMARY KEY, person_id int REFERENCES crm.people, what text);
CREATE TABLE shop.invoices (id int PRIMARY KEY, person_id int NOT NULL REFERENCES crm.people, total int);
CREATE TABLE shop.cards (person_id int PRIMARY KEY REFERENCES crm.people, points int);
CREATE TABLE aside.log (id int PRIMARY KEY, person_id int NOT NULL REFERENCES crm.people);
INSERT INTO crm.people VALUES (1, 'ada@two.example', 'Ada'), (2, 'ben@two.example', 'Ben');
INSERT INTO shop.orders VALUES (1, 1, 'tea'), (2, 2, 'ink');
INSERT INTO shop.cards VALUES (1, 10), (2, 20);
"""

MANIFEST = """
dataset:
  - fides_key: aa_crm
    fides_meta: {namespace: {schema: crm}}
    meta: {people: {erase: delete}}
    collections:
      - name: people
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: name, data_categories: [user.name]}
  - fides_key: shop
    fides_meta: {namespace: {schema: shop}}
    meta: {orders: {erase: delete}, cards: {erase: delete}, invoices: {erase: keep}}
    collections:
      - name: orders
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: person_id, fides_meta: {references: [{dataset: aa_crm, field: people.id, direction: from}]}}
          - {name: what, data_categories: [user.behavior]}
      - name: invoices
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: person_id, fides_meta: {references: [{dataset: aa_crm, field: people.id, direction: from}]}}
          - {name: total, data_categories: [user.financial]}
      - name: cards
        fields:
          - name: person_id
            fides_meta:
              primary_key: true
              references: [{dataset: aa_crm, field: people.id, direction: from}]
          - {name: points, data_categories: [user.behavior]}
"""


@pytest.fixture
def two(tmp_path: Path, postgres_url: str) -> Iterator[Sources]:
    sources = made(tmp_path, postgres_url)
    yield sources
    with sources["shop"].writer.begin() as connection:
        connection.execute(text("DROP SCHEMA crm CASCADE; DROP SCHEMA shop CASCADE; DROP SCHEMA aside CASCADE"))
    sources.close()


def made(folder: Path, url: str) -> Sources:
    (folder / "two.yml").write_text(MANIFEST, encoding="utf-8")
    sources = Sources(load_data_map(folder), {key: SourceUrls(url, url) for key in ("aa_crm", "shop")})
    do(sources, TABLES)
    return sources


def do(sources: Sources, statement: str) -> None:
    with sources["shop"].writer.begin() as connection:
        connection.execute(text(statement))


def told(sources: Sources, me: Subject) -> set[tuple[str, Effect, int]]:
    return {(line.key, line.effect, line.rows) for line in preview(sources, me, ErasePlan(), NOW).lines}


def people(sources: Sources) -> list[tuple[object, ...]]:
    with sources["aa_crm"].reading() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT * FROM crm.people ORDER BY id"))]


def left(sources: Sources, table: str) -> int:
    with sources["shop"].reading() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608


def test_what_refers_from_another_schema_goes_before_what_it_refers_to(two: Sources) -> None:
    gone = {("aa_crm.people", Effect.DELETE, 1), ("shop.orders", Effect.DELETE, 1), ("shop.cards", Effect.DELETE, 1)}
    assert told(two, ADA) == gone
    apply(two, ADA, ErasePlan(), NOW)
    assert people(two) == [(2, "ben@two.example", "Ben")]
    assert (left(two, "shop.orders"), left(two, "shop.cards")) == (1, 1)
    assert apply(two, ADA, ErasePlan(), NOW).rows == 0


def test_what_a_row_that_stays_in_another_schema_needs_stays_without_its_content(two: Sources) -> None:
    do(two, "INSERT INTO shop.invoices VALUES (1, 1, 5)")
    assert ("aa_crm.people", Effect.DEIDENTIFY, 1) in told(two, ADA)
    apply(two, ADA, ErasePlan(), NOW)
    assert people(two) == [(1, None, None), (2, "ben@two.example", "Ben")]
    assert left(two, "shop.invoices") == 1


def test_references_of_two_schemas_to_each_other_are_honoured_too(two: Sources) -> None:
    do(two, "ALTER TABLE crm.people ADD best int REFERENCES shop.orders; UPDATE crm.people SET best = id")
    apply(two, ADA, ErasePlan(), NOW)
    with two["aa_crm"].reading() as connection:
        emails = set(connection.scalars(text("SELECT email FROM crm.people")))
    assert emails <= {None, "ben@two.example"}
    assert left(two, "shop.cards") == 1


def test_what_only_the_database_knows_of_refuses_and_is_told_as_such(two: Sources) -> None:
    do(two, "INSERT INTO aside.log VALUES (1, 2)")
    with pytest.raises(SourceRefused) as failure:
        apply(two, BEN, ErasePlan(), NOW)
    assert failure.value.values == {"kind": "ForeignKeyViolation", "source": "aa_crm"}
    assert len(people(two)) == 2


def test_two_datasets_of_one_schema_are_one_database_to_references(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.db"
    plain = MANIFEST.replace("    fides_meta: {namespace: {schema: crm}}\n", "")
    (tmp_path / "two.yml").write_text(plain.replace("    fides_meta: {namespace: {schema: shop}}\n", ""))
    sources = Sources(load_data_map(tmp_path), {key: SourceUrls(url, url) for key in ("aa_crm", "shop")})
    tables = [each for each in TABLES.replace("crm.", "").replace("shop.", "").split(";\n") if "SCHEMA" not in each]
    with sources["shop"].writer.begin() as connection:
        for each in tables:
            if "aside" not in each and each.strip():
                connection.exec_driver_sql(each)
    apply(sources, ADA, ErasePlan(), NOW)
    with sources["shop"].reading() as connection:
        assert list(connection.scalars(text("SELECT id FROM people"))) == [2]
    sources.close()
