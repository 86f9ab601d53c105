"""Schemas, references and rows drawn at random, on SQLite, and what a careful reader would make of them.

The oracle (``Wild.reached``) walks plain dictionaries row by row and shares no code with the walk that is tested.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeAlias

from hypothesis import strategies as some
from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    insert,
    select,
)

from portal.config import SourceUrls
from portal.sources import DataMap, Sources
from portal.sources.duration import Duration
from portal.sources.model import Collection, Edge, Erase, Field, FieldRef, Hold, Mask, Source

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
HELD = Hold({"en": "Tax law"}, "art. 60", "day", Duration.parse("P7Y"))
OLD, YOUNG = date(2010, 1, 1), date(2025, 1, 1)
ADDRESSES = ("ada@example.org", "ben@example.org", "cleo@example.org")
NAMES = ("Ada Lovelace", "Benoît Ørsted", "Cleopatra Sevenfold", "Adam Lovelacey")
WORDINGS = ("written by {}", "{}", "no name at all", "[erased] and {0}; {0}!", "x{}x is somebody else")

Wildrow: TypeAlias = dict[str, Any]
Rows: TypeAlias = dict[tuple[str, tuple[object, ...]], Wildrow]
"""Every row by collection key and primary key."""


@dataclass(frozen=True, slots=True)
class Link:
    """A column that refers to another table: ``down`` leads to the children, ``up`` to the parent, or both."""

    name: str
    parent: str
    nullable: bool
    down: bool
    up: bool
    mention: bool
    kept_by_database: bool
    as_text: bool
    mask: Mask | None


@dataclass(frozen=True, slots=True)
class Shape:
    """One table: where it is, what erasing does to it, what it refers to."""

    key: str
    wide_key: bool
    erase: Erase
    held: bool
    links: tuple[Link, ...]

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of its primary key."""
        return ("id", "part") if self.wide_key else ("id",)


@dataclass(slots=True)
class Wild:
    """A drawn schema with its rows.

    Args:
        shapes: the tables by key; ``one.people`` is where a person is found.
        rows: the rows to insert, by table key.
    """

    shapes: dict[str, Shape]
    rows: dict[str, list[Wildrow]]
    data_map: DataMap = field(init=False)

    def __post_init__(self) -> None:
        self.data_map = DataMap(
            {key: Source(key, {"en": key}, f"{key}.yml") for key in ("one", "two")},
            {key: _collection(shape, number) for number, (key, shape) in enumerate(self.shapes.items())},
            tuple(dict.fromkeys(_edges(self.shapes))),
        )

    def reached(self, rows: Rows, address: str, *, mentions: bool) -> set[tuple[str, tuple[object, ...]]]:
        """Return the rows that are the person's, found by looking at every row for every value; slow and plain."""
        found = {place for place, row in rows.items() if place[0] == "one.people" and _folded(row["email"]) == address}
        edges = [edge for edge in self.data_map.edges if mentions or not edge.mention]
        while True:
            led = {
                (edge.target.collection, edge.target.field, str(rows[place][edge.origin.field]))
                for place in found
                for edge in edges
                if edge.origin.collection == place[0] and rows[place][edge.origin.field] is not None
            }
            more = {
                place
                for place, row in rows.items()
                if any((place[0], name, str(value)) in led for name, value in row.items() if value is not None)
            }
            if more <= found:
                return found
            found |= more


@some.composite
def wilds(draw: some.DrawFn) -> Wild:
    """Draw one to four tables beside the people, in two databases, with up to five rows each."""
    shapes = {"one.people": Shape("one.people", False, draw(_ERASES), False, ())}
    for number in range(draw(some.integers(1, 4))):
        key = f"{draw(some.sampled_from(('one', 'one', 'two')))}.t{number}"
        erase, held = draw(_ERASES), draw(_RARELY)
        wide, count = draw(some.booleans()), draw(some.integers(1, 3))
        links = tuple(draw(_links(shapes, key, wide, f"ref{each}")) for each in range(count))
        shapes[key] = Shape(key, wide, erase, held, links)
    rows: dict[str, list[Wildrow]] = {}
    for key, shape in shapes.items():
        count = draw(some.integers(1, 5))
        ids = [{"id": n + 1} | ({"part": n % 2} if shape.wide_key else {}) for n in range(count)]
        rows[key] = [draw(_rows(shape, each, rows.get, ids)) for each in ids]
    return Wild(shapes, rows)


_ERASES = some.sampled_from((Erase.DELETE, Erase.DELETE, Erase.DEIDENTIFY, Erase.KEEP))
_RARELY = some.sampled_from((False, False, False, True))


@some.composite
def _links(draw: some.DrawFn, shapes: dict[str, Shape], key: str, wide: bool, name: str) -> Link:
    single = [each for each, shape in shapes.items() if not shape.wide_key]
    parent = draw(some.sampled_from([*single, *([] if wide else [key])]))
    mention = draw(some.booleans()) and parent != key
    nullable = mention or parent == key or draw(some.booleans())
    same = parent.split(".")[0] == key.split(".")[0]
    way = draw(some.sampled_from(("down", "down", "both", "up", "none")))
    masks = (Mask.UNLINK, Mask.UNLINK, Mask.NULL, None) if nullable else (None,)
    return Link(
        name,
        parent,
        nullable,
        down=mention or way in {"down", "both"},
        up=not mention and way in {"up", "both"},
        mention=mention,
        kept_by_database=same and draw(some.booleans()),
        as_text=not same and draw(some.booleans()),
        mask=Mask.UNLINK if mention else draw(some.sampled_from(masks)),
    )


@some.composite
def _rows(draw: some.DrawFn, shape: Shape, key: Wildrow, rows: Any, own: list[Wildrow]) -> Wildrow:
    row = dict(key)
    for link in shape.links:
        ids = [each["id"] for each in (own if link.parent == shape.key else rows(link.parent))]
        chosen = draw(some.sampled_from([*ids, *([None] if link.nullable else [])]))
        row[link.name] = str(chosen) if link.as_text and chosen is not None else chosen
    name = draw(some.sampled_from(NAMES))
    if shape.key == "one.people":
        row["email"] = draw(some.sampled_from((*ADDRESSES, f" {ADDRESSES[0].upper()}")))
        row["name"] = NAMES[ADDRESSES.index(_folded(row["email"]))]
    row["text"] = draw(some.sampled_from(WORDINGS)).format(name)
    row["note"] = draw(some.sampled_from((None, "a note")))
    row["extra"] = draw(some.sampled_from((None, {"by": [name, 3]}, {name: "as a key"})))
    row["day"] = draw(some.sampled_from((None, OLD, YOUNG)))
    return row


@contextmanager
def opened(wild: Wild, folder: Path) -> Iterator[Sources]:
    """Write ``wild`` to two SQLite files in ``folder`` and open them."""
    for key in ("one", "two"):
        (folder / f"{key}.db").unlink(missing_ok=True)
        _fill(wild, key, folder / f"{key}.db")
    with reopened(wild, folder) as sources:
        yield sources


@contextmanager
def reopened(wild: Wild, folder: Path) -> Iterator[Sources]:
    """Open the files that are in ``folder``."""
    urls = {key: f"sqlite:///{folder / key}.db" for key in ("one", "two")}
    sources = Sources(wild.data_map, {key: SourceUrls(url, url) for key, url in urls.items()})
    try:
        yield sources
    finally:
        sources.close()


def copied(folder: Path, into: Path) -> None:
    """Copy both files of ``folder``."""
    into.mkdir(exist_ok=True)
    for key in ("one", "two"):
        shutil.copy(folder / f"{key}.db", into / f"{key}.db")


def whole(wild: Wild, sources: Sources) -> Rows:
    """Return every row of both databases as they are, and check that no reference of the database dangles."""
    found: Rows = {}
    for source in ("one", "two"):
        tables = _tables(wild, source)
        with sources[source].reader.connect() as connection:
            assert connection.exec_driver_sql("pragma foreign_key_check").all() == []
            for name, table in tables.items():
                key = wild.shapes[f"{source}.{name}"].primary_key
                for row in connection.execute(select(table)).mappings():
                    found[f"{source}.{name}", tuple(row[each] for each in key)] = dict(row)
    return found


def _fill(wild: Wild, source: str, path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    tables = _tables(wild, source)
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma journal_mode=memory")
    with engine.begin() as connection:
        for name, table in tables.items():
            table.create(connection)
            connection.execute(insert(table), wild.rows[f"{source}.{name}"])
    engine.dispose()


def _tables(wild: Wild, source: str) -> dict[str, Table]:
    metadata, made = MetaData(), {}
    for key, shape in wild.shapes.items():
        if key.startswith(f"{source}."):
            name = key.split(".")[1]
            made[name] = Table(name, metadata, *_columns(shape))
    return made


def _columns(shape: Shape) -> list[Any]:
    columns: list[Any] = [Column(name, Integer, primary_key=True, autoincrement=False) for name in shape.primary_key]
    for link in shape.links:
        columns.append(Column(link.name, String(20) if link.as_text else Integer, nullable=link.nullable))
        if link.kept_by_database:
            columns.append(ForeignKeyConstraint([link.name], [f"{link.parent.split('.')[1]}.id"]))
    if shape.key == "one.people":
        columns += [Column("email", String(80), nullable=False), Column("name", String(80), nullable=False)]
    return [
        *columns,
        Column("text", Text, nullable=False),
        Column("note", String(40)),
        Column("extra", JSON(none_as_null=True)),
        Column("day", Date),
    ]


def _collection(shape: Shape, number: int) -> Collection:
    source, name = shape.key.split(".")
    fields = [Field(each, primary_key=True) for each in shape.primary_key]
    fields += [Field(link.name, mask=link.mask, mentions=link.mention) for link in shape.links]
    if shape.key == "one.people":
        fields.append(Field("email", identity="email", mask=Mask.HASH))
        fields.append(Field("name", is_name=True, mask=Mask.REDACT))
    fields += [Field("text", mask=Mask.REDACT), Field("note", mask=Mask.NULL), Field("extra", mask=Mask.REDACT)]
    made = Collection(source, name, {"en": name}, (*fields, Field("day")), activity=name, order=number)
    return replace(made, erase=shape.erase, hold=HELD if shape.held else None)


def _edges(shapes: Mapping[str, Shape]) -> Iterator[Edge]:
    for key, shape in shapes.items():
        for link in shape.links:
            above, below = FieldRef(link.parent, "id"), FieldRef(key, link.name)
            if link.down:
                yield Edge(above, below, link.mention)
            if link.up:
                yield Edge(below, above)


def _folded(address: str) -> str:
    return address.strip().lower()
