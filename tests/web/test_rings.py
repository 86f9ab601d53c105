"""Rows that refer to one another all go, on databases that look at references at each statement or at each row."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.fulfilment.apply import apply
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import Effect, ErasePlan
from tests.support.small_sources import EMAIL, KEY, column, found, opened, reference, table

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
SCHEMA = """
CREATE TABLE person (id int PRIMARY KEY, mail varchar(50), face int, boss int);
CREATE TABLE picture (id int PRIMARY KEY, owner int NOT NULL, FOREIGN KEY (owner) REFERENCES person (id));
ALTER TABLE person ADD FOREIGN KEY (face) REFERENCES picture (id);
ALTER TABLE person ADD FOREIGN KEY (boss) REFERENCES person (id);
CREATE TABLE thread (id int PRIMARY KEY, who int, top int NOT NULL, up int, FOREIGN KEY (who) REFERENCES person (id),
  FOREIGN KEY (top) REFERENCES thread (id), FOREIGN KEY (up) REFERENCES thread (id));
INSERT INTO person VALUES (1, 'ada@x.org', NULL, NULL), (2, 'ben@x.org', NULL, NULL);
INSERT INTO picture VALUES (10, 1), (20, 2);
UPDATE person SET face = id * 10, boss = id;
INSERT INTO thread VALUES (1, 1, 1, NULL);
INSERT INTO thread VALUES (2, 1, 1, 1);
INSERT INTO thread VALUES (3, 1, 1, 2);
INSERT INTO thread VALUES (4, 2, 4, NULL);
UPDATE thread SET up = 3 WHERE id = 1"""
MANIFEST = (
    table("person", column("id", KEY), column("mail", EMAIL), column("face"), column("boss"))
    + table("picture", column("id", KEY), column("owner", reference("club.person.id")))
    + table("thread", column("id", KEY), column("who", reference("club.person.id")), column("top"), column("up"))
    + "  meta:\n    person: {erase: delete}\n    picture: {erase: delete}\n    thread: {erase: delete}\n"
)


@pytest.mark.parametrize("kind", ["postgres", "mariadb"])
def test_rows_that_refer_to_one_another_are_deleted_and_no_others(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sources = opened(tmp_path, {"club": request.getfixturevalue(f"{kind}_url")}, club=(SCHEMA, MANIFEST))
    proof = apply(sources, Subject(("ada@x.org",)), ErasePlan(), NOW)
    gone = [change.rows for change in proof.sources["club"] if change.effect is Effect.DELETE]
    assert sum(gone) == (5 if kind == "postgres" else 4)
    with sources["club"].reading() as connection:
        left = connection.exec_driver_sql("SELECT id, who, top, up FROM thread WHERE id < 4").all()
    assert left == ([] if kind == "postgres" else [(1, None, 1, None)]), "MariaDB lets no row go that refers to itself"
    assert found(sources, "ada@x.org") == {}
    assert found(sources, "ben@x.org") == {"person": [2], "picture": [20], "thread": [4]}
    assert apply(sources, Subject(("ada@x.org",)), ErasePlan(), NOW).rows == 0
    sources.close()
