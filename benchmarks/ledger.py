"""A made-up data source in which one person has as many rows as a benchmark wants, with a neighbour beside every tenth.

Four tables: the person, what they did (six rows in ten), their orders (one in ten) and the lines of those (three).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import psycopg
from sqlalchemy import create_engine, make_url

from portal.config import SourceUrls
from portal.sources import Sources, load_data_map

ME = "me@example.org"
NEIGHBOUR = "neighbour@example.org"
START = datetime(2020, 1, 1, tzinfo=UTC)
AT_ONCE = 5000
Line: TypeAlias = tuple[object, ...]

MANIFEST = """
dataset:
  - fides_key: ledger
    name: Ledger
    meta:
      _source: {title: {en: Ledger}}
      people: {activity: account, order: 1, title: {en: Person}}
      events: {activity: account, order: 2, title: {en: Events}, dated: at, provided: observed,
               retention: {start: at, duration: P1Y}}
      orders: {activity: contract, order: 3, title: {en: Orders}, dated: placed_at,
               retention: {start: placed_at, duration: P10Y}}
      lines: {activity: contract, order: 4, title: {en: Order lines}}
    collections:
      - name: people
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: name, data_categories: [user.name]}
      - name: events
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: person_id, fides_meta: {references: [{dataset: ledger, field: people.id, direction: from}]}}
          - {name: at}
          - {name: kind}
          - {name: path}
          - {name: agent}
          - {name: milliseconds}
          - {name: detail}
      - name: orders
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: person_id, fides_meta: {references: [{dataset: ledger, field: people.id, direction: from}]}}
          - {name: placed_at}
          - {name: total}
          - {name: address}
          - {name: paid}
      - name: lines
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: order_id, fides_meta: {references: [{dataset: ledger, field: orders.id, direction: from}]}}
          - {name: product}
          - {name: amount}
          - {name: price}
          - {name: note}
"""

TABLES = {
    "people": "id INTEGER PRIMARY KEY, email VARCHAR(80) NOT NULL, name VARCHAR(80) NOT NULL",
    "events": "id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL, at TIMESTAMP NOT NULL, kind VARCHAR(20),"
    " path VARCHAR(200), agent VARCHAR(200), milliseconds INTEGER, detail TEXT",
    "orders": "id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL, placed_at TIMESTAMP NOT NULL,"
    " total NUMERIC(10,2), address TEXT, paid BOOLEAN",
    "lines": "id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, product VARCHAR(80), amount INTEGER,"
    " price NUMERIC(10,2), note TEXT",
}
INDEXES = {"people": "email", "events": "person_id", "orders": "person_id", "lines": "order_id"}

OWN_ROWS = {
    "people": "SELECT * FROM people WHERE id = 1 ORDER BY id",
    "events": "SELECT * FROM events WHERE person_id = 1 ORDER BY id",
    "orders": "SELECT * FROM orders WHERE person_id = 1 ORDER BY id",
    "lines": "SELECT lines.* FROM lines JOIN orders ON orders.id = lines.order_id"
    " WHERE person_id = 1 ORDER BY lines.id",
}
"""Hand-written SQL for the same rows: what the plain dump takes."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One filled database and how many rows in it are the person's."""

    url: str
    rows: int

    def open(self, folder: Path) -> Sources:
        """Return it opened as the only source of a data map that is written to ``folder``."""
        folder.mkdir(exist_ok=True)
        (folder / "ledger.yml").write_text(MANIFEST, encoding="utf-8")
        return Sources(load_data_map(folder), {"ledger": SourceUrls(self.url, self.url)})


def fill(url: str, rows: int) -> Ledger:
    """Make the tables in the empty database at ``url`` and give the person ``rows`` rows in all."""
    lines, orders = rows * 3 // 10, max(rows // 10, 1)
    counts = {"people": 1, "orders": orders, "lines": lines, "events": max(rows - 1 - orders - lines, 0)}
    engine = create_engine(url)
    with engine.begin() as connection:
        for name, columns in TABLES.items():
            connection.exec_driver_sql(f"CREATE TABLE {name} ({columns})")
    for name, count in counts.items():
        _load(url, name, _lines_of(name, count, orders))
    with engine.begin() as connection:
        for name, column in INDEXES.items():
            connection.exec_driver_sql(f"CREATE INDEX {name}_{column} ON {name} ({column})")
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return Ledger(url, sum(counts.values()))


def _lines_of(name: str, count: int, orders: int) -> Iterator[Line]:
    """Yield ``count`` rows of the person, and a neighbour's after every tenth."""
    if name == "people":
        yield from ((1, ME, "Ada Peeters"), (2, NEIGHBOUR, "Adam Peeters"))
        return
    number = 0
    for mine in range(count):
        number += 1
        yield _line(name, number, 1, mine % orders)
        if mine % 10 == 9:
            number += 1
            yield _line(name, number, 2, mine % orders)


def _line(name: str, number: int, person: int, order: int) -> Line:
    moment = START + timedelta(seconds=number * 37)
    if name == "events":
        path = f"/nl/articles/{number * 7919 % 100003}/read?page={number % 17}"
        agent = f"Mozilla/5.0 (X11; Linux x86_64; rv:{number % 90 + 30}.0) Gecko/20100101"
        detail = f"Opened from the list of week {number % 53}, with {number * 31 % 97} results; left after a while."
        return number, person, moment, ("view", "search", "print")[number % 3], path, agent, number % 4000, detail
    if name == "orders":
        street = f"Tiensevest {number % 200}, {1000 + number % 9000} Leuven"
        return number, person, moment, f"{number % 500}.{number % 100:02d}", street, number % 2 == 0
    # Orders are numbered with the neighbours' between: ten of the person's, then one of the neighbour's.
    of_order = order // 10 * 11 + (order % 10 + 1 if person == 1 else 11)
    price = f"{number % 90}.{number % 100:02d}"
    return (
        number,
        of_order,
        f"Product {number % 977}",
        number % 5 + 1,
        price,
        None if number % 3 else "As a gift, please",
    )


def _load(url: str, name: str, lines: Iterator[Line]) -> None:
    if url.startswith("postgresql"):
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain) as server, server.cursor() as cursor:
            with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for line in lines:
                    copy.write_row(line)
        return
    engine = create_engine(url)
    with engine.begin() as connection:
        while batch := list(islice(lines, AT_ONCE)):
            marks = ", ".join("?" * len(batch[0]))
            connection.exec_driver_sql(f"INSERT INTO {name} VALUES ({marks})", _for_sqlite(batch))
    engine.dispose()


def _for_sqlite(batch: list[Line]) -> list[Line]:
    return [tuple(str(value)[:19] if isinstance(value, datetime) else value for value in line) for line in batch]
