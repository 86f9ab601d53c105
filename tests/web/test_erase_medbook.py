"""Erasing a person of the demo: a scan of every table of both databases finds only what the letter lists."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.config import HERE, SourceUrls
from portal.demo.medbook import build
from portal.demo.medbook.oracle import oracle_rows
from portal.demo.medbook.planted import planted_values
from portal.demo.medbook.schema_base import MEDBOOK, SUPPORT
from portal.fulfilment.apply import apply, preview
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import ErasePlan
from portal.sources import Sources, load_data_map
from tests.support.shop import NOW

ALL = ErasePlan()
Tables = Mapping[str, Mapping[tuple[object, ...], Mapping[str, object]]]


@pytest.fixture
def medbook(tmp_path: Path) -> Iterator[tuple[Sources, list[str | bytes], str]]:
    urls = {key: f"sqlite:///{tmp_path / key}.db" for key in ("medbook", "medbook_support")}
    world = build(urls["medbook"], urls["medbook_support"], NOW, people=60)
    opened = Sources(load_data_map(HERE / "sources" / "manifests"), {k: SourceUrls(u, u) for k, u in urls.items()})
    person = world.shown["erase"]
    yield opened, planted_values(person), person.email
    opened.close()


def dump(sources: Sources) -> Tables:
    found: dict[str, dict[tuple[object, ...], Mapping[str, object]]] = {}
    for key, metadata in (("medbook", MEDBOOK), ("medbook_support", SUPPORT)):
        with sources[key].reader.connect() as connection:
            for table in metadata.sorted_tables:
                names = [column.name for column in table.primary_key]
                rows = connection.execute(select(table)).mappings()
                found[f"{key}.{table.name}"] = {tuple(row[name] for name in names): dict(row) for row in rows}
    return found


def holds(cell: object, planted: str | bytes) -> bool:
    if isinstance(planted, bytes):
        return isinstance(cell, bytes) and planted in cell
    text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False, default=str)
    return planted.casefold() in text.casefold()


def where_found(tables: Tables, planted: list[str | bytes]) -> set[tuple[str, tuple[object, ...]]]:
    return {
        (table, key)
        for table, rows in tables.items()
        for key, row in rows.items()
        if any(holds(cell, value) for cell in row.values() for value in planted)
    }


def test_after_erasing_nothing_of_the_person_is_left_but_what_the_letter_lists(
    medbook: tuple[Sources, list[str | bytes], str],
) -> None:
    sources, planted, email = medbook
    me = Subject((email,))
    with sources["medbook"].reader.connect() as one, sources["medbook_support"].reader.connect() as two:
        connections = {"medbook": one, "medbook_support": two}
        reached = oracle_rows(connections, email, named=True)
    before = dump(sources)
    assert len(where_found(before, planted)) > 40
    kept = {line.key: line.rows for line in preview(sources, me, ALL, NOW).kept}
    apply(sources, me, ALL, NOW)
    after = dump(sources)
    left = where_found(after, planted)
    assert {table for table, _ in left} <= set(kept)
    for table in kept:
        stayed = [key for key in reached[table] if key in after[table]]
        assert len(stayed) == kept[table]
        assert all(after[table][key] == before[table][key] for key in stayed)
    others = {(t, k): row for t, rows in before.items() for k, row in rows.items() if k not in reached.get(t, set())}
    assert all(after[table].get(key) == row for (table, key), row in others.items())
    for key in ("medbook", "medbook_support"):
        with sources[key].reader.connect() as connection:
            assert connection.exec_driver_sql("pragma foreign_key_check").all() == []
    assert apply(sources, me, ALL, NOW).rows == 0
