"""The check tells, before anybody is erased, which column does not take what erasing would write into it."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from portal.config import SourceUrls
from portal.sources import Sources, check, load_data_map

TABLES = """
CREATE TABLE teams (id INTEGER PRIMARY KEY);
CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, team_id INTEGER REFERENCES teams (id), code VARCHAR(10) UNIQUE,
                     nick VARCHAR(8), name VARCHAR(60) NOT NULL, born DATE NOT NULL, score NUMERIC);
"""

MANIFEST = """
dataset:
  - fides_key: club
    {meta}
    collections:
      - name: teams
        fields:
          - {{name: id, data_categories: [system], fides_meta: {{primary_key: true}}}}
      - name: people
        fields:
          - {{name: id, fides_meta: {{primary_key: true}}}}
          - {{name: email, fides_meta: {{identity: email}}}}
          - {{name: team_id, fides_meta: {{references: [{{dataset: club, field: teams.id, direction: to}}]}}}}
          - {{name: code}}
          - {{name: nick}}
          - {{name: name, data_categories: [user.name]}}
          - {{name: born}}
          - {{name: score}}
"""


def told(folder: Path, meta: str, text: str = MANIFEST) -> list[str]:
    url = f"sqlite:///{folder / 'club.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in TABLES.split(";")[:-1]:
            connection.exec_driver_sql(statement)
    engine.dispose()
    (folder / "club.yml").write_text(text.format(meta=f"meta: {{{meta}}}" if meta else "name: Club"), encoding="utf-8")
    sources = Sources(load_data_map(folder), {"club": SourceUrls(url, url)})
    found = [str(each) for each in check(sources)]
    sources.close()
    return found


@pytest.mark.parametrize(
    ("column", "mask", "what"),
    [
        ("code", "hash", "It is unique, and 10 characters are too few for tokens that differ."),
        ("code", "random", "It is unique, and 10 characters are too few for tokens that differ."),
        ("nick", "hash", "With 8 characters, different values may get the same token."),
        ("team_id", "random", "Rows are told apart or linked by this column."),
        ("id", "hash", "Rows are told apart or linked by this column."),
        ("name", "'null'", "The column does not take null."),
        ("born", "unlink", "The column does not take null."),
        ("score", "hash", "The column holds no text."),
    ],
)
def test_an_effect_that_the_column_does_not_take_is_told(tmp_path: Path, column: str, mask: str, what: str) -> None:
    found = told(tmp_path, f"people: {{erase: deidentify}}, people.{column}: {{erase: {mask}}}")
    assert any(each.startswith(f"club.yml: meta.people.{column}.erase: {what}") for each in found), found


@pytest.mark.parametrize(
    ("column", "mask"), [("nick", "random"), ("nick", "'null'"), ("name", "hash"), ("code", "'null'")]
)
def test_an_effect_that_the_column_takes_is_not_told(tmp_path: Path, column: str, mask: str) -> None:
    assert told(tmp_path, f"people: {{erase: deidentify}}, people.{column}: {{erase: {mask}}}") == []


def test_what_fides_would_do_and_the_column_does_not_take_is_told_too(tmp_path: Path) -> None:
    text = MANIFEST.replace("{{name: born}}", "{{name: born, data_categories: [user.demographic]}}")
    hashed = "{{name: code, data_categories: [user], fides_meta: {{masking_strategy_override: {{strategy: hash}}}}}}"
    text = text.replace("{{name: code}}", hashed)
    assert told(tmp_path, "", text) == [
        "club.yml: collections.people.fields.code: It is unique, and 10 characters are too few for tokens that differ. "
        "Use null, delete the row, or make the column longer.",
        "club.yml: collections.people.fields.born: What stands here stays when a person is erased: the column takes "
        "neither null nor any text. Write `erase: delete` for the collection in `meta`, or let the column take null.",
    ]
