"""References the database itself keeps between what two Datasets describe: two schemas, or parts of one schema."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from portal.sources.engines import ForeignKey, Reader, Sources, SqlSource

Place: TypeAlias = tuple[tuple[object, ...], str | None, str]
"""A table: its database, its schema and its name."""


def neighbours(sources: Sources) -> list[list[str]]:
    """Return the keys of the sources that stand in one database, where it is more than one."""
    found: dict[object, list[str]] = defaultdict(list)
    for key, source in sources.by_key.items():
        found[source.database].append(key)
    return [keys for keys in found.values() if len(keys) > 1]


def references_of(reader: Reader, key: str) -> tuple[ForeignKey, ...]:
    """Return every reference the database keeps to or from a table of the source ``key``, also of other sources.

    Raises:
        SourceDown: the database does not answer.
    """
    if key not in reader.references:
        together = next((keys for keys in neighbours(reader.sources) if key in keys), [])
        found = dict.fromkeys(_among(reader, together))
        for each in together:
            reader.references[each] = tuple(fk for fk in found if each in {fk.source, fk.parent_source})
        if not together:
            reader.references[key] = reader.sources[key].foreign_keys(reader.connection(key))
    return reader.references[key]


def referring(references: Sequence[ForeignKey]) -> dict[str, set[str]]:
    """Return for each source the others that refer to it: they are changed before it."""
    refers: dict[str, set[str]] = defaultdict(set)
    for fk in references:
        if fk.source != fk.parent_source:
            refers[fk.parent_source].add(fk.source)
    return refers


def _among(reader: Reader, together: Sequence[str]) -> Iterator[ForeignKey]:
    """Yield the references among the sources ``together``; a table that nobody maps counts with its schema's source."""
    mapped: dict[Place, list[str]] = defaultdict(list)
    for each in together:
        for collection in reader.sources.data_map.of(each):
            mapped[_place(reader, reader.sources[each], each, collection.name)].append(each)
    for each in together:
        source, connection = reader.sources[each], reader.connection(each)
        for fk in source.foreign_keys(connection) + source.references_elsewhere(connection):
            children = mapped.get(_place(reader, source, each, fk.table), [each])
            default = connection.dialect.default_schema_name
            schema = fk.parent_schema or (source.schema if fk.parent_source else None) or default
            for child in children:
                for parent in mapped.get((source.database, schema, fk.parent), ()):
                    yield replace(fk, source=child, parent_source=parent)


def _place(reader: Reader, source: SqlSource, key: str, table: str) -> Place:
    return source.database, source.schema or reader.connection(key).dialect.default_schema_name, table
