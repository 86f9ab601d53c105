"""Compares the data map with the live databases: what is named must exist, and what exists must be named."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Column, Connection, false, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import JSON, Boolean, Date, DateTime, Float, Integer, Numeric, String

from portal.errors import SourceDown
from portal.sources.defaults import is_personal
from portal.sources.engines import ForeignKey, Sources, SqlSource
from portal.sources.faults import Fault
from portal.sources.masked import masking_faults
from portal.sources.model import Collection, Erase, Field, Source
from portal.sources.outside import outside_references

DATA_TYPES: dict[str, tuple[type, ...]] = {
    "integer": (Integer, Numeric, Float),
    "float": (Numeric, Float),
    "boolean": (Boolean, Integer),
    "object": (JSON, String),
    "datetime": (DateTime, Date, String),
}


def check(sources: Sources) -> list[Fault]:
    """Return every disagreement between the data map and the live databases; none when all is well."""
    faults = list(sources.data_map.remarks)
    for source in sources.data_map.sources.values():
        try:
            live = sources[source.key]
            with live.reading() as connection:
                faults += _source(sources, source, live, connection)
        except SourceDown as down:
            why = str(down.values.get("kind", "no address is set for it"))
            faults.append(
                Fault(source.file, source.key, f"The source does not answer ({why}).", "Check its address and account.")
            )
    return faults


def _source(sources: Sources, source: Source, live: SqlSource, connection: Connection) -> Iterator[Fault]:
    tables = live.tables(connection)
    views = set(inspect(connection).get_view_names(schema=source.schema))
    mapped = {collection.name for collection in sources.data_map.of(source.key)}
    schema = source.schema or connection.dialect.default_schema_name
    outside = [fk for fk in outside_references(sources, source.key, connection) if fk.schema != schema]
    yield from _referred(source, {each.name: each for each in sources.data_map.of(source.key)}, outside)
    for name in sorted(tables - mapped - source.not_personal - source.skipped):
        yield Fault(
            source.file,
            f"collections.{name}",
            "This table is not in the data map.",
            "Map it, or name it under `_source.not_personal`.",
        )
    for name in sorted(source.not_personal & mapped):
        todo = "Take it out there, or out of the collections."
        yield Fault(source.file, "meta._source.not_personal", f"`{name}` is a collection as well: it is given.", todo)
    for name in sorted(source.not_personal - tables - views - {_outer(fk) for fk in outside}):
        yield Fault(source.file, "meta._source.not_personal", f"There is no table `{name}`.", "Take it out.")
    for collection in sources.data_map.of(source.key):
        if collection.name in tables | views:
            yield from _collection(source, collection, live, connection)
        else:
            yield Fault(
                source.file,
                f"collections.{collection.name}",
                "There is no such table.",
                "Correct the name or take it out.",
            )


def _referred(source: Source, mapped: Mapping[str, Collection], outside: Iterable[ForeignKey]) -> Iterator[Fault]:
    """Yield a fault for each reference of ``outside``, from another schema, to rows that would be deleted."""
    for fk in outside:
        if fk.parent in mapped and mapped[fk.parent].erase is Erase.DELETE and _outer(fk) not in source.not_personal:
            what = (
                f"`{_outer(fk)}` refers to its rows and is in no Dataset: those that it needs are emptied, not deleted."
            )
            todo = "Write a Dataset for its schema, or name it under `_source.not_personal`."
            if not fk.readable:
                what = f"`{_outer(fk)}` refers to its rows and cannot be read: all of them are emptied, not deleted."
                todo = f"Let the reading account see {', '.join(fk.columns)} there. {todo}"
            yield Fault(source.file, f"collections.{fk.parent}", what, todo)


def _outer(fk: ForeignKey) -> str:
    return f"{fk.schema}.{fk.table}"


def _collection(source: Source, collection: Collection, live: SqlSource, connection: Connection) -> Iterator[Fault]:
    path = f"collections.{collection.name}"
    columns = {column.name: column for column in live.table(collection.name, connection).columns}
    for each in collection.fields:
        place = f"{path}.fields.{each.name}"
        if each.name not in columns:
            yield Fault(source.file, place, "There is no such column.", "Correct the name or take it out.")
        else:
            yield from _field(source, collection, each, columns[each.name], live, connection)
    for name in columns.keys() - {each.name for each in collection.fields}:
        yield Fault(
            source.file, f"{path}.fields.{name}", "This column is not in the data map.", "Add it to the fields."
        )
    yield from _key(source, collection, connection, path)
    yield from _closed(source, collection, live, connection)


def _closed(source: Source, collection: Collection, live: SqlSource, connection: Connection) -> Iterator[Fault]:
    """Yield that the reading account may not read what the data map names; the database tells it without a row."""
    columns = [each for each in live.table(collection.name, connection).columns if _named(collection, each.name)]
    try:
        with connection.begin_nested():
            connection.execute(select(*columns).where(false()))
    except DBAPIError as failure:
        if failure.connection_invalidated:
            raise
        what = f"The reading account may not read this table ({type(failure.orig).__name__})."
        yield Fault(source.file, f"collections.{collection.name}", what, "Grant it SELECT on the table.")


def _named(collection: Collection, name: str) -> bool:
    return any(each.name == name for each in collection.fields)


def _key(source: Source, collection: Collection, connection: Connection, path: str) -> Iterator[Fault]:
    key = inspect(connection).get_pk_constraint(collection.name, schema=source.schema)["constrained_columns"]
    if key and collection.primary_key and set(collection.primary_key) != set(key):
        yield Fault(
            source.file, path, f"Its primary key is {', '.join(key)}.", "Mark just these with `primary_key: true`."
        )
    elif key and not collection.primary_key and any(is_personal(each.categories) for each in collection.fields):
        yield Fault(
            source.file,
            path,
            "Its rows can be given but not erased: no field is marked as its key.",
            f"Mark {', '.join(key)} with `primary_key: true`.",
        )


def _field(
    source: Source, collection: Collection, each: Field, column: Column[object], live: SqlSource, connection: Connection
) -> Iterator[Fault]:
    place = f"collections.{collection.name}.fields.{each.name}"
    families = DATA_TYPES.get((each.data_type or "").removesuffix("[]"))
    if families and not (each.data_type or "").endswith("[]") and not isinstance(column.type, families):
        kind = type(column.type).__name__
        yield Fault(source.file, place, f"The column is of type {kind}, not {each.data_type}.", "Correct `data_type`.")
    yield from masking_faults(source.file, live, connection, collection, each, column)
