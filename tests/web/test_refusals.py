"""What a source's own rules forbid is told as refused, not as down; what it keeps in an odd type is corrected."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from portal.config import SourceUrls
from portal.errors import SourceRefused
from portal.fulfilment.apply import apply, rectifiable
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import Correction, ErasePlan, RectifyPlan
from portal.sources import Sources
from tests.support.small_sources import EMAIL, KEY, column, opened, table

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ADA = Subject(("ada@x.org",))
WEIGHED = table(
    "person", column("id", KEY), column("mail", EMAIL), column("weight", "data_type: float"), column("size")
)


def corrected(sources: Sources, key: str) -> object:
    """Correct the two numbers of Ada in the source ``key``, and return them."""
    offered = {each.key.rpartition(".")[2]: each for each in rectifiable(sources, ADA)}
    assert {name: each.kind for name, each in offered.items()} == {"weight": "number", "size": "number"}
    items = [Correction(each.key, each.values[0], "2.5") for each in offered.values()]
    apply(sources, ADA, RectifyPlan(tuple(items)), NOW)
    with sources[key].reading() as connection:
        return connection.exec_driver_sql("SELECT weight, size FROM person").one()


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_a_number_of_four_bytes_is_corrected_though_it_is_not_what_it_is_read_as(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = str(request.getfixturevalue(f"{kind}_url"))
    schema = """
CREATE TABLE person (id int PRIMARY KEY, mail varchar(50), weight float(24), size double precision);
INSERT INTO person VALUES (1, 'ada@x.org', 70.1, 1.7)"""
    meta = "  meta:\n    person.weight: {rectify: true}\n    person.size: {rectify: true}\n"
    sources = opened(tmp_path, {"gym": url}, gym=(schema, WEIGHED + meta))
    assert corrected(sources, "gym") == (2.5, 2.5)
    sources.close()


def test_a_trigger_of_postgresql_and_a_right_that_is_missing_refuse(tmp_path: Path, postgres_url: str) -> None:
    schema = """
CREATE TABLE person (id int PRIMARY KEY, mail text);
CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'never'; END $$;
CREATE TRIGGER stays BEFORE UPDATE ON person FOR EACH ROW EXECUTE FUNCTION forbid();
CREATE ROLE looker LOGIN;
GRANT SELECT ON person TO looker;
INSERT INTO person VALUES (1, 'ada@x.org')"""
    manifest = table("person", column("id", KEY), column("mail", EMAIL))
    sources = opened(tmp_path, {"law": postgres_url}, law=(schema, manifest))
    looking = SourceUrls(postgres_url, postgres_url.replace("//portal@", "//looker@"))
    for each, told in (
        (sources, "RaiseException"),
        (Sources(sources.data_map, {"law": looking}), "InsufficientPrivilege"),
    ):
        with pytest.raises(SourceRefused) as refused:
            apply(each, ADA, ErasePlan(), NOW)
        each.close()
        assert refused.value.values == {"kind": told, "source": "law"}


def test_a_trigger_of_mariadb_and_a_rule_of_a_column_refuse(tmp_path: Path, mariadb_url: str) -> None:
    schema = """
CREATE TABLE person (id int PRIMARY KEY, mail varchar(50), note varchar(20));
INSERT INTO person VALUES (1, 'ada@x.org', 'x')"""
    manifest = table("person", column("id", KEY), column("mail", EMAIL), column("note"))
    rules = (
        "CREATE TRIGGER stays BEFORE UPDATE ON person FOR EACH ROW SIGNAL SQLSTATE '45000'",
        "DROP TRIGGER stays; ALTER TABLE person ADD CHECK (note = 'x' AND note IS NOT NULL)",
    )
    sources = opened(tmp_path, {"law": mariadb_url}, law=(schema, manifest))
    engine = create_engine(mariadb_url)
    for rule in rules:
        with engine.begin() as connection:
            for statement in rule.split("; "):
                connection.exec_driver_sql(statement)
        with pytest.raises(SourceRefused):
            apply(sources, ADA, ErasePlan(), NOW)
    engine.dispose()
    sources.close()
