"""Whose a row is, is settled by its values, not by the database: what that takes for equal may be somebody else's."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from portal.config import SourceUrls
from portal.fulfilment.collect import collect
from portal.fulfilment.locate import Subject
from portal.sources import Sources, load_data_map

MANIFEST = """
dataset:
  - fides_key: gym
    name: Gym
    collections:
      - name: members
        fields:
          - {name: badge, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
      - name: visits
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: badge, fides_meta: {references: [{dataset: gym, field: members.badge, direction: from}]}}
"""


@pytest.mark.parametrize(
    ("badges", "mine"),
    [
        (["ab1", "AB1", "ab1", None], [0, 2]),
        (["AB1", "aB1"], []),
        (["ab1", 7, b"ab1"], [0]),
        ([7, 8], []),
    ],
)
def test_a_row_that_only_the_database_takes_for_the_persons_is_left_to_its_owner(
    tmp_path: Path, badges: list[object], mine: list[int]
) -> None:
    url = f"sqlite:///{tmp_path}/gym.db"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE members (badge TEXT PRIMARY KEY, email TEXT)")
        connection.exec_driver_sql("INSERT INTO members VALUES ('ab1', 'me@example.org'), ('AB1', 'you@example.org')")
        connection.exec_driver_sql("CREATE TABLE visits (id INTEGER PRIMARY KEY, badge COLLATE NOCASE)")
        connection.exec_driver_sql("INSERT INTO visits VALUES (?, ?)", list(enumerate(badges)))
    engine.dispose()
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "gym.yml").write_text(MANIFEST, encoding="utf-8")
    sources = Sources(load_data_map(tmp_path / "map"), {"gym": SourceUrls(url, url)})
    found = {
        each.name: [row["id"] for row in rows]
        for each, rows in collect(sources, Subject(("me@example.org",)))
        if each.name == "visits"
    }
    sources.close()
    assert found.get("visits", []) == mine
