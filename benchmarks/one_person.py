"""One person with 30 rows over 15 tables: what it takes to find, pack, encrypt and store them, beside a baseline.

The baseline knows the person's number: a query for each table, the rows as one JSON file in a ZIP; no search, no pages,
no encryption. Both run in this process, in turns: milliseconds of processor, the median of many rounds. The first
round counts apart: the schema is looked at then, once in the life of a worker, whose pages were compiled as it started;
``compile_ms`` is what that took. ``granted``
measures the same from the grant on, with everything the portal does around it.
"""

import json
import os
import statistics
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import create_engine

from benchmarks import granted
from benchmarks.bare import pages
from portal.config import HERE, SourceUrls, load_controller
from portal.files.vault import Vault
from portal.fulfilment.collect import Scope, collect
from portal.fulfilment.locate import Subject
from portal.fulfilment.package import write_package
from portal.fulfilment.package_pages import Cover, compile_pages
from portal.fulfilment.store import VaultSink, into_vault
from portal.register import load_register
from portal.sources import Sources, load_data_map
from tests.support.shop import NOW

ME = "me@example.org"
TABLES, ROWS, PEOPLE = 15, 30, 200


def measure(folder: Path, rounds: int = 30) -> dict[str, object]:
    """Return the medians of both in milliseconds of processor, and ours as a multiple of the baseline."""
    url = f"sqlite:///{folder}/person.db"
    sources, register = _fill(url, folder / "map"), load_register()
    vault, controller = Vault(folder / "vault"), load_controller(HERE / "controller.toml")
    found: list[int] = []

    def ours() -> None:
        def write(sink: VaultSink) -> None:
            cover = Cover("access", "en", NOW, controller, register, "MB-7K4Q-29")
            found.append(sum(write_package(sink, collect(sources, Subject((ME,)), Scope()), cover).rows.values()))

        into_vault(vault, os.urandom(32), "benchmark", write)

    def baseline() -> None:
        with sources["person"].reading() as connection:
            rows = {
                name: [dict(row) for row in connection.exec_driver_sql(query, (1,)).mappings()]
                for name, query in _queries().items()
            }
        with zipfile.ZipFile(folder / "plain.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.json", json.dumps(rows))

    with pages():
        compiled, first = _spent(compile_pages), _spent(ours)
        _spent(baseline)
        mine, plain = [], []
        for _round in range(rounds):
            mine.append(_spent(ours))
            plain.append(_spent(baseline))
    sources.close()
    (folder / "portal").mkdir()
    if set(found) != {ROWS}:
        raise SystemExit(f"{set(found)} rows collected, {ROWS} are the person's")
    return {
        "rows": ROWS,
        "tables": TABLES,
        "compile_ms": round(compiled * 1000, 1),
        "first_ms": round(first * 1000, 1),
        "median_ms": round(statistics.median(mine) * 1000, 1),
        "baseline_ms": round(statistics.median(plain) * 1000, 1),
        "ratio": round(statistics.median(mine) / statistics.median(plain), 1),
        **granted.measure(folder / "portal", folder / "map", url, ME, ROWS, rounds),
    }


def _spent(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _queries() -> dict[str, str]:
    numbered = {f"t{number}": f"SELECT * FROM t{number} WHERE person_id = ?" for number in range(1, TABLES)}
    return {"people": "SELECT * FROM people WHERE id = ?", **numbered}


def _fill(url: str, folder: Path) -> Sources:
    """Make the tables, with as many rows of everybody else as of the person."""
    engine = create_engine(url)
    fields = ("at", "kind", "text", "amount")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(80), name VARCHAR(80))")
        emails = [(ME if each == 1 else f"p{each}@example.org") for each in range(1, PEOPLE + 1)]
        people = [(each, email, f"Person {each}") for each, email in enumerate(emails, 1)]
        connection.exec_driver_sql("INSERT INTO people VALUES (?, ?, ?)", people)
        for number in range(1, TABLES):
            connection.exec_driver_sql(
                f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, person_id INTEGER, at TIMESTAMP, kind VARCHAR(20),"
                " text TEXT, amount NUMERIC(10, 2))"
            )
            each_has = 3 if number == 1 else 2
            rows = [
                (each * 10 + row, each, "2026-03-01 10:00:00", "view", f"Row {row} of {each}", 12.5)
                for each in range(1, PEOPLE + 1)
                for row in range(each_has)
            ]
            connection.exec_driver_sql(f"INSERT INTO t{number} VALUES (?, ?, ?, ?, ?, ?)", rows)
            connection.exec_driver_sql(f"CREATE INDEX t{number}_person ON t{number} (person_id)")
    engine.dispose()
    reference = "fides_meta: {references: [{dataset: person, field: people.id, direction: from}]}"
    lines = ["dataset:", "  - fides_key: person", "    name: Person", "    collections:", "      - name: people"]
    lines += ["        fields:", "          - {name: id, fides_meta: {primary_key: true}}"]
    lines += ["          - {name: email, fides_meta: {identity: email}}", "          - {name: name}"]
    for number in range(1, TABLES):
        lines += [f"      - name: t{number}", "        fields:"]
        lines += ["          - {name: id, fides_meta: {primary_key: true}}"]
        lines += [f"          - {{name: person_id, {reference}}}"]
        lines += [f"          - {{name: {name}}}" for name in fields]
    folder.mkdir()
    (folder / "person.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Sources(load_data_map(folder), {"person": SourceUrls(url, url)})
