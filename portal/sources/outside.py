"""References the database keeps from tables that no Dataset describes: nobody erases there, so what they need stays.

They may stand in the same schema or in any other, and the reading account may not be allowed to see their rows.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Column, Connection, MetaData, Table, select, text
from sqlalchemy.exc import DBAPIError

from portal.sources.connecting import told_as_down
from portal.sources.engines import ForeignKey, Reader, Sources, SqlSource

POSTGRESQL = """
SELECT outer_schema.nspname AS child_schema, child.relname AS child, rule.conname AS rule, parent.relname AS parent,
    here.attname AS child_column, there.attname AS parent_column,
    has_schema_privilege(outer_schema.oid, 'USAGE') AND has_column_privilege(child.oid, here.attnum, 'SELECT')
        AND NOT row_security_active(child.oid) AS readable
FROM pg_constraint rule
JOIN pg_class child ON child.oid = rule.conrelid JOIN pg_namespace outer_schema ON outer_schema.oid = child.relnamespace
JOIN pg_class parent ON parent.oid = rule.confrelid JOIN pg_namespace ours ON ours.oid = parent.relnamespace
CROSS JOIN LATERAL unnest(rule.conkey, rule.confkey) WITH ORDINALITY AS pair (child_number, parent_number, place)
JOIN pg_attribute here ON here.attrelid = child.oid AND here.attnum = pair.child_number
JOIN pg_attribute there ON there.attrelid = parent.oid AND there.attnum = pair.parent_number
WHERE rule.contype = 'f' AND rule.conparentid = 0 AND ours.nspname = :schema
    AND NOT (child.relispartition AND child.relnamespace = ours.oid)
ORDER BY child_schema, child, rule, place"""

MARIADB = """
SELECT table_schema AS child_schema, table_name AS child, constraint_name AS rule, referenced_table_name AS parent,
    column_name AS child_column, referenced_column_name AS parent_column, TRUE AS readable
FROM information_schema.key_column_usage
WHERE referenced_table_schema = :schema
ORDER BY table_schema, table_name, constraint_name, ordinal_position"""

ASKED = {"postgresql": POSTGRESQL, "mysql": MARIADB, "mariadb": MARIADB}
"""How each database tells which tables refer to those of a schema; of SQLite all are read anyway."""


class Pair(NamedTuple):
    """One column of a reference: the table it leads to, the columns at both ends, whether the one here may be read."""

    parent: str
    here: str
    there: str
    readable: bool


def tells_outside(source: SqlSource) -> bool:
    """Return whether the database of ``source`` tells which tables refer to its own, wherever they stand."""
    return source.dialect in ASKED


def outside_of(reader: Reader, key: str) -> tuple[ForeignKey, ...]:
    """Return every reference to a table of the source ``key`` from one that no Dataset describes; read once.

    Raises:
        SourceDown: the database does not answer.
    """
    if key not in reader.outside:
        with told_as_down(key):
            reader.outside[key] = outside_references(reader.sources, key, reader.connection(key))
    return reader.outside[key]


def outside_references(sources: Sources, key: str, connection: Connection) -> tuple[ForeignKey, ...]:
    """Return every reference to a table of the source ``key`` from one that no Dataset describes.

    On MariaDB only those from tables on which the account has any right: of others its server does not tell.
    """
    dialect = connection.dialect.name
    if dialect not in ASKED:
        return ()
    described = set(_described(sources, key, connection))
    asked = {"schema": sources[key].schema or connection.dialect.default_schema_name}
    found: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
    for row in connection.execute(text(ASKED[dialect]), asked):
        if (row.child_schema, row.child) not in described:
            pair = Pair(row.parent, row.child_column, row.parent_column, bool(row.readable))
            found[row.child_schema, row.child, row.rule].append(pair)
    return tuple(_reference(connection, key, schema, table, pairs) for (schema, table, _), pairs in found.items())


def outside_table(fk: ForeignKey, above: Table) -> Table:
    """Return the table that ``fk`` refers from, with the columns it refers by, typed as those of ``above``."""
    pairs = zip(fk.columns, fk.parent_columns, strict=True)
    columns = (Column(name, above.c[there].type, quote=True) for name, there in pairs)
    return Table(fk.table, MetaData(), *columns, schema=fk.schema, quote=True)


def _reference(connection: Connection, key: str, schema: str, table: str, pairs: Sequence[Pair]) -> ForeignKey:
    columns, there = tuple(each.here for each in pairs), tuple(each.there for each in pairs)
    readable = all(each.readable for each in pairs)
    if readable and connection.dialect.name != "postgresql":
        readable = _may_read(connection, schema, table, columns)
    return ForeignKey(table, columns, pairs[0].parent, there, "", key, schema=schema, readable=readable)


def _described(sources: Sources, key: str, connection: Connection) -> Iterator[tuple[str | None, str]]:
    """Yield schema and name of each table of this database in the data map, under whatever address of its server."""
    kind, *_, name = sources[key].database
    for each in sources.by_key.values():
        if (each.database[0], each.database[-1]) == (kind, name):
            default = connection.dialect.default_schema_name if name else each.reader.url.database
            yield from ((each.schema or default, one.name) for one in sources.data_map.of(each.key))


def _may_read(connection: Connection, schema: str, table: str, names: Sequence[str]) -> bool:
    """Return whether MariaDB lets the account read the columns ``names`` of a table."""
    asked = Table(table, MetaData(), *(Column(name, quote=True) for name in names), schema=schema, quote=True)
    try:
        connection.execute(select(asked).limit(0))
    except DBAPIError as failure:
        if failure.connection_invalidated:
            raise
        return False
    return True
