"""Keys that stand in a Dataset for Fides: each does here what it does there, or the check says that it does nothing."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, event

from portal.config import SourceUrls
from portal.fulfilment.apply import apply
from portal.fulfilment.mask import TOKEN
from portal.fulfilment.order import last_first
from portal.fulfilment.plans import ErasePlan
from portal.register import load_register
from portal.sources import DataMap, Sources, load_data_map
from portal.sources.turns import in_turn
from tests.support.packing import ME, cover, pack, package_app, table
from tests.support.shop import ADA, NOW

TABLES = """
CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT UNIQUE, mail VARCHAR(30), name VARCHAR(30) NOT NULL,
                     city TEXT, code TEXT UNIQUE, pin VARCHAR(30), born TEXT);
CREATE TABLE visits (id INTEGER PRIMARY KEY, person_id INTEGER, place TEXT);
CREATE TABLE papers (id INTEGER PRIMARY KEY, person_id INTEGER, text TEXT);
"""

MANIFEST = """
dataset:
  - fides_key: FIRST
    fides_meta: {}
    collections:
      - name: people
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email,
             masking_strategy_override: {strategy: hash,
               configuration: {format_preservation: {suffix: "@gone.example"}}}}}
          - {name: mail, data_categories: [user.contact.email], fides_meta: {
             masking_strategy_override: {strategy: random_string_rewrite,
               configuration: {length: 9, format_preservation: {suffix: "@gone.example"}}}}}
          - {name: name, data_categories: [user.name], fides_meta: {length: 12,
             masking_strategy_override: {strategy: string_rewrite,
               configuration: {rewrite_value: Nobody in particular}}}}
          - {name: city, data_categories: [user.contact.address.city], fides_meta: {
             masking_strategy_override: {strategy: string_rewrite, configuration: {rewrite_value: ""}}}}
          - {name: code, data_categories: [user.unique_id], fides_meta: {
             masking_strategy_override: {strategy: string_rewrite, configuration: {rewrite_value: MASKED}}}}
          - {name: pin, data_categories: [user.authorization], fides_meta: {length: 20,
             masking_strategy_override: {strategy: hmac}}}
          - {name: born, data_categories: [user.demographic]}
      - name: visits
        fides_meta: {masking_strategy_override: {strategy: delete}}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: person_id, fides_meta: {references: [{dataset: FIRST, field: people.id, direction: from}]}}
          - {name: place, data_categories: [user.behavior]}
      - name: papers
        fides_meta: {masking_strategy_override: {strategy: delete}}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: person_id, fides_meta: {references: [{dataset: FIRST, field: people.id, direction: from}]}}
          - {name: text, data_categories: [user.content]}
"""

NAMED = """          - {name: person_id, fides_meta: {"""


def read(folder: Path, text: str) -> DataMap:
    (folder / "map.yml").write_text(text, encoding="utf-8")
    return load_data_map(folder)


def remarks(folder: Path, *changes: tuple[str, str]) -> list[str]:
    text = MANIFEST
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return [f"{each.path}: {each.what} {each.todo}" for each in read(folder, text).remarks]


@pytest.fixture
def app() -> Iterator[Flask]:
    with package_app() as made:
        yield made


def opened(folder: Path, text: str = MANIFEST) -> Sources:
    url = f"sqlite:///{folder / 'first.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in TABLES.split(";")[:-1]:
            connection.exec_driver_sql(statement)
        for number, mail in enumerate((ADA, "ben@example.org"), 1):
            values = (number, mail, mail, f"Name {number}", "Ghent", f"C{number}", "1234", "1990")
            connection.exec_driver_sql("INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
            connection.exec_driver_sql("INSERT INTO visits VALUES (?, ?, 'here')", (number, number))
            connection.exec_driver_sql("INSERT INTO papers VALUES (?, ?, 'words')", (number, number))
    engine.dispose()
    return Sources(read(folder, text), {"FIRST": SourceUrls(url, url)})


def people(sources: Sources) -> list[tuple[object, ...]]:
    with sources["FIRST"].reader.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM people ORDER BY id")]


def test_a_masking_strategy_writes_what_its_configuration_says_as_far_as_the_column_takes_it(tmp_path: Path) -> None:
    sources = opened(tmp_path)
    assert not sources.data_map.remarks
    others = people(sources)[1]
    apply(sources, ME, ErasePlan(), NOW)
    (_id, email, mail, name, city, code, pin, born), ben = people(sources)
    assert ben == others
    assert str(email).startswith(TOKEN)
    assert str(email).endswith("@gone.example")
    assert (name, city, born) == ("Nobody in pa", "", None)
    assert re.fullmatch(r"erased-..@gone\.example", str(mail))
    assert str(code).startswith(TOKEN), "two rows cannot say the same in a unique column"
    assert len(str(pin)) == 20


def test_erasing_again_changes_nothing_where_a_token_keeps_its_form(tmp_path: Path) -> None:
    sources = opened(tmp_path)
    apply(sources, ME, ErasePlan(), NOW)
    with sources["FIRST"].writer.begin() as connection:
        connection.exec_driver_sql("UPDATE people SET code = ? WHERE id = 1", (ADA,))
    before = people(sources)
    assert apply(sources, ME, ErasePlan(), NOW).rows == 0
    assert people(sources) == before


@pytest.mark.parametrize(("name", "first"), [("visits", "papers"), ("papers", "visits")])
def test_rows_of_a_collection_go_after_those_that_erase_after_names(tmp_path: Path, name: str, first: str) -> None:
    named = f"- name: {name}\n        fides_meta: {{"
    sources = opened(tmp_path, MANIFEST.replace(named, f"{named}erase_after: [FIRST.{first}], ", 1))
    gone: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("DELETE"):
            gone.append(statement.split()[2].strip('"'))

    event.listen(sources["FIRST"].writer, "before_cursor_execute", note)
    apply(sources, ME, ErasePlan(), NOW)
    assert gone == [first, name]


SECOND = """
  - fides_key: second
    collections:
      - name: notes
        {meta}
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
"""


def test_a_database_is_changed_after_the_one_that_erase_after_names(tmp_path: Path) -> None:
    plain = read(tmp_path, MANIFEST + SECOND.replace("{meta}", ""))
    assert last_first(plain) == ["FIRST", "second"]
    linked = SECOND.replace(
        "{identity: email}", "{references: [{dataset: FIRST, field: people.email, direction: from}]}"
    )
    assert last_first(read(tmp_path, MANIFEST + linked.replace("{meta}", ""))) == ["second", "FIRST"]
    waits = linked.replace("{meta}", "fides_meta: {erase_after: [FIRST.people]}")
    assert last_first(read(tmp_path, MANIFEST + waits)) == ["FIRST", "second"]


def test_where_two_orders_contradict_one_another_the_first_is_kept() -> None:
    assert in_turn(["a", "b", "c"], {"a": {"b"}}, {"b": {"a"}}) == ["c", "b", "a"]
    assert in_turn(["a", "b", "c"], {"a": {"b"}, "b": {"a"}}, {"a": {"c"}}) == ["c", "a", "b"]


def test_the_check_tells_an_order_that_cannot_be_kept_and_a_name_that_is_not_there(tmp_path: Path) -> None:
    told = remarks(
        tmp_path,
        ("visits\n        fides_meta: {", "visits\n        fides_meta: {erase_after: [FIRST.papers], "),
        (
            "papers\n        fides_meta: {",
            "papers\n        fides_meta: {erase_after: [FIRST.visits], after: [FIRST.gone], ",
        ),
    )
    assert told == [
        "collections.papers.fides_meta.after: There is no `FIRST.gone`. Correct it or take it out.",
        "collections.visits.fides_meta.erase_after: `FIRST.visits` would wait for itself. "
        "Take one `erase_after` out of the ring.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("fides_meta: {}", "fides_meta: {namespace: {schema: main, database_name: x}}", "namespace.database_name"),
        ("visits\n        fides_meta: {", "visits\n        fides_meta: {partitioning: {field: day}, ", "partitioning"),
        (NAMED, f"{NAMED}custom_request_field: tenant, ", "visits.fields.person_id.fides_meta.custom_request_field"),
        ("{strategy: hmac}", "{strategy: hmac, configuration: {algorithm: SHA-512}}", "configuration.algorithm"),
        ("{strategy: hmac}", "{strategy: scramble}", "`scramble` is unknown: the column is emptied."),
        (
            NAMED,
            NAMED + "masking_strategy_override: {strategy: hash}, ",
            "Keys, references and what is read-only stay.",
        ),
        (
            "- {name: born, data_categories: [user.demographic]}",
            "- {name: born, fields: [{name: day, fides_meta: {redact: name}, data_categories: [user]}]}",
            "born.fields.day.fides_meta.redact: This has no effect here. Write it at the column.",
        ),
        ("fides_meta: {}", "meta: {people.born: {erase: keep}, visits: {erase: keep}}", "visits.fides_meta.masking"),
        ("fides_meta: {}", "meta: {people.born: {erase: keep}}", "email.fides_meta.masking_strategy_override"),
    ],
)
def test_the_check_tells_what_has_no_effect(tmp_path: Path, old: str, new: str, told: str) -> None:
    found = remarks(tmp_path, (old, new))
    assert any(told in each for each in found), found


def test_a_name_that_is_not_to_be_shown_stands_nowhere_in_the_copy(tmp_path: Path, app: Flask) -> None:
    text = MANIFEST.replace("fides_meta: {}", "fides_meta: {redact: name}")
    text = text.replace("visits\n        fides_meta: {", "visits\n        fides_meta: {redact: name, ")
    text = text.replace("{name: place,", "{name: place, fides_meta: {redact: name},")
    sources = opened(tmp_path, text)
    archive, _packed, _ = pack(sources, cover(load_register()))
    data = json.loads(archive.read("data.json"))
    assert data["searched"] == {"dataset_1.people": 1, "dataset_1.collection_2": 1, "dataset_1.papers": 1}
    assert data["collections"]["dataset_1.collection_2"] == [{"id": 1, "person_id": 1, "field_3": "here"}]
    assert table(archive, "dataset_1.collection_2") == [{"id": "1", "person_id": "1", "field_3": "here"}]
    for name in archive.namelist():
        content = archive.read(name).decode()
        assert not [word for word in ("FIRST", "visits", "Visits", ">place<", '"place"') if word in name + content], (
            name
        )
