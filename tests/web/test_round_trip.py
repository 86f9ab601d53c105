"""The rows of ``data.json``, put back into the database they came from by the database itself, are the rows it has."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as effort
from hypothesis import strategies as some
from sqlalchemy import Column, Connection, MetaData, Table, insert, text

from portal.config import SourceUrls
from portal.fulfilment.collect import collect
from portal.fulfilment.columns import exact, json_lines, spelled
from portal.sources import Sources, load_data_map
from portal.sources.model import Value
from tests.support.odd_values import ON_MARIADB, ON_POSTGRESQL, ON_SQLITE, Odd
from tests.support.packing import ME
from tests.support.postgres import PostgresServer
from tests.support.shop import ADA

QUICK = effort(max_examples=5, deadline=None, derandomize=True, phases=(Phase.generate,))
LONG = effort(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))

pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type")


@pytest.fixture(scope="module")
def postgres(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    name = postgres_server.create_database()
    kinds = {name: kind for name, (kind, _) in ON_POSTGRESQL.items()}
    sources = described(tmp_path_factory.mktemp("odd"), postgres_server.url(name), kinds)
    yield sources
    sources.close()
    postgres_server.drop_database(name)


def described(folder: Path, url: str, kinds: dict[str, str]) -> Sources:
    """Make the tables ``odd`` and ``back`` with these columns, and open a source that maps the first."""
    fields = "".join(f"          - {{name: {name}}}\n" for name in kinds)
    (folder / "odd.yml").write_text(
        "dataset:\n  - fides_key: odd\n    collections:\n      - name: odd\n        fields:\n"
        "          - {name: id, fides_meta: {primary_key: true}}\n"
        "          - {name: email, fides_meta: {identity: email}}\n" + fields,
        encoding="utf-8",
    )
    sources = Sources(load_data_map(folder), {"odd": SourceUrls(url, url)})
    columns = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    with sources["odd"].writer.begin() as connection:
        for table in ("odd", "back"):
            connection.exec_driver_sql(f"CREATE TABLE {table} (id int PRIMARY KEY, email varchar(40), {columns})")
    return sources


def given_rows(sources: Sources) -> str:
    """Return the person's rows as ``data.json`` holds them."""
    found = []
    for collection, batches in collect(sources, ME).tables():
        names = [each.shown for each in collection.fields]
        for columns in batches:
            found.append(
                json_lines(names, [spelled(exact([_file(each) for each in column])) for column in columns]).decode()
            )
    return f"[{','.join(found)}]"


def _file(value: Value) -> Value:
    """Return binary content, which is a file in a package, as it can stand in a row here."""
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def in_braces(words: list[str | None]) -> str:
    """Return ``words`` as PostgreSQL writes a list of texts."""
    return "{" + ",".join("NULL" if word is None else json.dumps(word) for word in words) + "}"


def unlike(connection: Connection) -> list[str]:
    """Return the columns in which a row of ``back`` is not the row of ``odd``."""
    found = []
    for name, (kind, _values) in ON_POSTGRESQL.items():
        one, other = (f"{table}.{name}" if kind == "jsonb" else f"{table}.{name}::text" for table in ("o", "b"))
        query = (
            f"SELECT o.id, {one}, {other} FROM odd o LEFT JOIN back b USING (id) WHERE {one} IS DISTINCT FROM {other}"  # noqa: S608
        )
        found += [f"{name}: {row}" for row in connection.exec_driver_sql(query)]
    return found


numbers = some.decimals(allow_nan=False, allow_infinity=False).map(lambda value: f"{value:f}"[:200])
documents = some.recursive(  # null and no document at all are told alike
    some.none().map(lambda _: "null") | numbers | some.text('ab"\\é').map(json.dumps) | some.integers().map(str),
    lambda inner: (
        some.lists(inner, max_size=3).map(lambda found: f"[{','.join(found)}]")
        | some.dictionaries(some.text("xyz"), inner, max_size=3).map(
            lambda found: "{" + ",".join(f"{json.dumps(name)}:{each}" for name, each in found.items()) + "}"
        )
    ),
    max_leaves=8,
)
drawn = some.fixed_dictionaries(
    {
        "span": some.builds(
            "{} mon {} day {} microsecond".format,
            some.integers(-(10**6), 10**6),
            some.integers(-(10**6), 10**6),
            some.integers(-(10**15), 10**15),
        ),
        "big": numbers,
        "double": some.floats().map(str),
        "single": some.floats(width=32).map(str),
        "document": documents.filter(lambda found: found != "null"),
        "day": some.integers(-(10**6), 2 * 10**6).map(lambda days: f"J{days + 2451545}"),
        "clock": some.times().map(str),
        "bits": some.text("01", min_size=5, max_size=5),
        "words": some.lists(some.none() | some.text('a"\\{},N ')).map(in_braces),
    }
)


def put_in(connection: Connection, rows: list[dict[str, str]]) -> None:
    """Empty both tables and put ``rows`` into ``odd``."""
    connection.exec_driver_sql("TRUNCATE odd, back")
    for number, named in enumerate(rows):
        columns = ", ".join(["id", "email", *named])
        casts = ", ".join(f"CAST(:{name} AS {ON_POSTGRESQL[name][0]})" for name in named)
        given_row = text(f"INSERT INTO odd ({columns}) VALUES (:id, :email, {casts})")  # noqa: S608
        connection.execute(given_row, {"id": number, "email": ADA, **named})


def check_postgresql(sources: Sources, rows: list[dict[str, str]]) -> None:
    """Have the database itself read what ``data.json`` tells of ``rows``, and compare."""
    with sources["odd"].writer.begin() as connection:
        put_in(connection, rows)
    told = given_rows(sources)
    with sources["odd"].writer.begin() as connection:
        back = text("INSERT INTO back SELECT * FROM json_populate_recordset(NULL::back, CAST(:told AS json))")
        assert connection.execute(back, {"told": told}).rowcount == len(rows)
        assert unlike(connection) == []


def test_every_odd_value_of_postgresql_comes_back(postgres: Sources) -> None:
    rows = max(len(values) for _, values in ON_POSTGRESQL.values())
    named = [
        {name: values[number] for name, (_, values) in ON_POSTGRESQL.items() if number < len(values)}
        for number in range(rows)
    ]
    check_postgresql(postgres, named)


@QUICK
@given(rows=some.lists(drawn, min_size=1, max_size=8))
def test_whatever_postgresql_holds_comes_back(postgres: Sources, rows: list[dict[str, str]]) -> None:
    check_postgresql(postgres, rows)


@pytest.mark.long
@LONG
@given(rows=some.lists(drawn, min_size=1, max_size=8))
def test_whatever_postgresql_holds_comes_back_however_it_is_drawn(
    postgres: Sources, rows: list[dict[str, str]]
) -> None:
    check_postgresql(postgres, rows)


def told_again(sources: Sources, odd: Odd, sql_mode: str = "") -> list[str]:
    """Fill ``odd``, put what ``data.json`` tells of it into ``back``, and return the columns that are unlike."""
    rows = max(len(values) for _, values in odd.values())
    with sources["odd"].writer.begin() as connection:
        if sql_mode:
            connection.exec_driver_sql(sql_mode)
        for number in range(rows):
            named = {name: values[number] for name, (_, values) in odd.items() if number < len(values)}
            columns, values = ", ".join(["id", "email", *named]), ", ".join([str(number), f"'{ADA}'", *named.values()])
            connection.exec_driver_sql(f"INSERT INTO odd ({columns}) VALUES ({values})".replace("%", "%%"))  # noqa: S608
    told = json.loads(given_rows(sources))
    assert len(told) == rows
    with sources["odd"].writer.begin() as connection:
        if sql_mode:
            connection.exec_driver_sql(sql_mode)
        back = Table("back", MetaData(), *(Column(name) for name in told[0]))
        for row in told:
            connection.execute(insert(back).values({name: put_back(odd, name, value) for name, value in row.items()}))
        found = []
        for name in odd:
            same = (
                f"o.{name} <=> b.{name}"
                if sql_mode
                else f"o.{name} IS b.{name} AND typeof(o.{name}) = typeof(b.{name})"
            )
            query = f"SELECT o.id, o.{name}, b.{name} FROM odd o LEFT JOIN back b ON o.id = b.id WHERE NOT ({same})"  # noqa: S608
            found += [f"{name}: {row}" for row in connection.exec_driver_sql(query)]
    return found


def put_back(odd: Odd, name: str, value: object) -> object:
    """Return a value of ``data.json`` as the schema says to read it."""
    kind = odd[name][0] if name in odd else ""
    if kind.startswith("time(") and isinstance(value, int | float):
        return timedelta(seconds=value)
    if isinstance(value, dict):
        return bytes.fromhex(str(value["hex"]))
    return float(value) if value in ("inf", "-inf") else value


def test_every_odd_value_of_mariadb_comes_back(mariadb_url: str, tmp_path: Path) -> None:
    sources = described(tmp_path, mariadb_url, {name: kind for name, (kind, _) in ON_MARIADB.items()})
    assert told_again(sources, ON_MARIADB, "SET sql_mode = 'ALLOW_INVALID_DATES'") == []
    sources.close()


def test_every_odd_value_of_sqlite_comes_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'odd.db'}"
    sources = described(tmp_path, url, {name: kind for name, (kind, _) in ON_SQLITE.items()})
    assert told_again(sources, ON_SQLITE) == []
    sources.close()
