"""Two Datasets for two schemas of one database: what the database keeps between them is honoured when a person goes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.config import SourceUrls
from portal.fulfilment.apply import apply, preview
from portal.fulfilment.erase_lines import WHY_EMPTIED, WHY_UNSURE
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import Effect, ErasePlan
from portal.sources import Sources, load_data_map
from portal.sources.checking import check
from tests.support.mariadb import MariadbServer
from tests.support.small_sources import EMAIL, KEY, column, opened, table

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


def made_blind(sources: Sources, grant: str) -> Sources:
    """Return ``sources`` read by an account that may see no more than ``grant`` says."""
    do(sources, "DO $$ BEGIN CREATE ROLE blind LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    do(sources, f"GRANT USAGE ON SCHEMA crm, shop TO blind; {grant} TO blind")
    url = str(sources["shop"].writer.url)
    seen = SourceUrls(url.replace("//portal@", "//blind@"), url)
    return Sources(sources.data_map, {key: seen for key in ("aa_crm", "shop")})


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


def test_what_a_row_of_a_schema_without_a_dataset_needs_stays_without_its_content(two: Sources) -> None:
    do(two, "INSERT INTO aside.log VALUES (1, 2)")
    lines = [line for line in preview(two, BEN, ErasePlan(), NOW).lines if line.key == "aa_crm.people"]
    assert [(line.effect, line.why) for line in lines] == [(Effect.DEIDENTIFY, WHY_EMPTIED)]
    assert ("aa_crm.people", Effect.DELETE, 1) in told(two, ADA)
    apply(two, BEN, ErasePlan(), NOW)
    assert people(two) == [(1, "ada@two.example", "Ada"), (2, None, None)]


def test_where_such_a_table_cannot_be_read_nothing_it_may_need_is_promised_to_go(two: Sources) -> None:
    blind = made_blind(two, "GRANT SELECT ON ALL TABLES IN SCHEMA crm, shop")
    lines = [line for line in preview(blind, BEN, ErasePlan(), NOW).lines if line.key == "aa_crm.people"]
    assert [(line.effect, line.why) for line in lines] == [(Effect.DEIDENTIFY, WHY_UNSURE)]
    apply(blind, BEN, ErasePlan(), NOW)
    assert people(two)[1] == (2, None, None)
    blind.close()


def test_a_table_of_the_same_schema_that_cannot_be_read_does_not_stop_the_erasure(two: Sources) -> None:
    do(two, "CREATE TABLE crm.secret (id int PRIMARY KEY, person_id int REFERENCES crm.people)")
    blind = made_blind(two, "GRANT SELECT ON crm.people, shop.orders, shop.cards, shop.invoices")
    assert ("aa_crm.people", Effect.DEIDENTIFY, 1) in told(blind, ADA)
    blind.close()


def test_the_check_tells_which_tables_without_a_dataset_keep_rows_from_going(two: Sources) -> None:
    place = "two.yml: collections.people: `aside.log` refers to its rows and "
    (plain,) = [str(fault) for fault in check(two)]
    assert plain.startswith(f"{place}is in no Dataset: those that it needs are emptied, not deleted.")
    blind = made_blind(two, "GRANT SELECT ON ALL TABLES IN SCHEMA crm, shop")
    (unread,) = [str(fault) for fault in check(blind)]
    assert unread.startswith(f"{place}cannot be read: all of them are emptied, not deleted.")
    blind.close()
    source = two.data_map.sources["aa_crm"]
    known = replace(source, not_personal=frozenset({"aside.log", "aside.gone"}))
    named = replace(two.data_map, sources=two.data_map.sources | {"aa_crm": known})
    url = str(two["shop"].writer.url)
    told_of = Sources(named, {key: SourceUrls(url, url) for key in ("aa_crm", "shop")})
    (gone,) = check(told_of)
    told_of.close()
    assert gone.what == "There is no table `aside.gone`."


def test_on_mariadb_a_table_of_another_database_keeps_what_it_needs(
    tmp_path: Path, mariadb_url: str, mariadb_server: MariadbServer
) -> None:
    schema = """
CREATE TABLE person (id int PRIMARY KEY, mail varchar(50));
INSERT INTO person VALUES (1, 'ada@two.example'), (2, 'ben@two.example')"""
    manifest = table("person", column("id", KEY), column("mail", EMAIL)) + "  meta: {person: {erase: delete}}\n"
    sources = opened(tmp_path, {"gym": mariadb_url}, gym=(schema, manifest))
    here, other = str(sources["gym"].writer.url.database), mariadb_server.create_database()
    mariadb_server.execute(
        f"CREATE TABLE {other}.log (id int PRIMARY KEY, person int, FOREIGN KEY (person) REFERENCES {here}.person (id))"
    )
    mariadb_server.execute(f"INSERT INTO {other}.log VALUES (1, 2)")  # noqa: S608
    assert [fault.path for fault in check(sources)] == ["collections.person"]
    for me in (ADA, BEN):
        apply(sources, me, ErasePlan(), NOW)
    with sources["gym"].reading() as connection:
        assert connection.execute(text("SELECT * FROM person")).all() == [(2, None)]
    sources.close()
    mariadb_server.execute(f"DROP DATABASE {other}")


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
