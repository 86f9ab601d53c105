"""Opens the sources: a reading and a writing engine for each, and what their live tables look like.

Reading runs in one read-only transaction per source, so that everything a package holds was true at one moment.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from sqlalchemy import Connection, Engine, Inspector, Table, inspect, make_url, text
from sqlalchemy.exc import NoSuchTableError

from portal.config import SourceUrls
from portal.errors import SourceDown
from portal.sources.connecting import SNAPSHOTS, connect, told_as_down, told_as_refused
from portal.sources.live import live_table
from portal.sources.model import Collection, DataMap

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Columns of one table, each with the column of another that it leads to."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference that the database itself keeps, from a table of ``source`` to one of ``parent_source``."""

    table: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    source: str
    parent_source: str  # of a reference to another schema: empty until it is known
    parent_schema: str | None = None
    schema: str | None = None  # of a table that no Dataset describes; it belongs to no source
    readable: bool = True  # False where the reading account may not see such a table's rows


class SqlSource:
    """One database: its two engines and its live schema.

    Args:
        key: the source's key in the data map.
        urls: SQLAlchemy URLs of the reading and the writing account.
        schema: database schema of its tables, if it is not the default one.
        seconds: how long one statement may take; None sets no limit.
    """

    def __init__(self, key: str, urls: SourceUrls, schema: str | None, seconds: int | None = None) -> None:
        self.key = key
        self.seconds = seconds
        self.schema = schema
        self._urls = urls
        self._tables: dict[str, Table] = {}
        self._keys: dict[str, tuple[str, ...]] = {}
        self._unique: dict[str, frozenset[str]] = {}
        self._wide: defaultdict[tuple[str, str], list[Pairs]] | None = None
        self._references: tuple[ForeignKey, ...] | None = None
        self._elsewhere: tuple[ForeignKey, ...] | None = None

    @cached_property
    def reader(self) -> Engine:
        """The engine of the reading account; a transaction sees one moment and cannot write."""
        engine = connect(self._urls.read, self.key, self.seconds)
        snapshot = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name in SNAPSHOTS else {}
        return engine.execution_options(readonly=True, **snapshot)

    @cached_property
    def writer(self) -> Engine:
        """The engine of the writing account."""
        return connect(self._urls.write, self.key, self.seconds)

    @cached_property
    def database(self) -> tuple[object, ...]:
        """What tells its database from others; on MariaDB references lead to every database of the server."""
        url = make_url(self._urls.read)
        kind = url.get_backend_name()
        name = None if kind in {"mysql", "mariadb"} else url.database
        return kind, url.host, url.port, url.query.get("host"), name

    @property
    def dialect(self) -> str:
        """Name of the database's dialect: sqlite, postgresql, mysql."""
        return self.reader.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open one read-only transaction.

        Raises:
            SourceDown: the database does not answer.
        """
        with told_as_down(self.key), self.reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open one write transaction: it is kept when the block ends, dropped when the block raises.

        Raises:
            SourceDown: the database does not answer.
            SourceRefused: it forbids the change.
        """
        with told_as_down(self.key), told_as_refused(self.key), self.writer.begin() as connection:
            yield connection

    def tables(self, connection: Connection) -> set[str]:
        """Return the names of the tables; those a table is partitioned into are not tables of their own."""
        return set(self._look(connection).get_table_names(schema=self.schema)) - self._partitions(connection)

    def _partitions(self, connection: Connection) -> set[str]:
        if self.dialect != "postgresql":
            return set()
        named = (
            "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE relispartition AND nspname = :schema"
        )
        schema = self.schema or str(connection.dialect.default_schema_name)
        return set(connection.scalars(text(named), {"schema": schema}))

    def table(self, name: str, connection: Connection) -> Table:
        """Return the live table ``name`` with its columns typed; read once, then remembered.

        Raises:
            NoSuchTableError: there is no such table.
        """
        if name not in self._tables:
            self._tables[name] = live_table(self._look(connection), connection, name, self.schema)
        return self._tables[name]

    def foreign_keys(self, connection: Connection) -> tuple[ForeignKey, ...]:
        """Return every reference the database keeps among its tables; read once, then remembered."""
        if self._references is None:
            self._references = tuple(self._read_references(connection, elsewhere=False))
        return self._references

    def references_elsewhere(self, connection: Connection) -> tuple[ForeignKey, ...]:
        """Return every reference to a table of another schema; read once, then remembered."""
        if self._elsewhere is None:
            self._elsewhere = tuple(self._read_references(connection, elsewhere=True))
        return self._elsewhere

    def wide_references(self, connection: Connection) -> Mapping[tuple[str, str], list[Pairs]]:
        """Return the foreign keys of several columns as pairs of columns, by the two tables, in both directions."""
        if self._wide is None:
            self._wide = defaultdict(list)
            for fk in self.foreign_keys(connection):
                if len(fk.columns) > 1:
                    down = tuple(zip(fk.parent_columns, fk.columns, strict=True))
                    self._wide[(fk.parent, fk.table)].append(down)
                    self._wide[(fk.table, fk.parent)].append(tuple((two, one) for one, two in down))
        return self._wide

    def _read_references(self, connection: Connection, *, elsewhere: bool) -> Iterator[ForeignKey]:
        found, parts = self._look(connection).get_multi_foreign_keys(schema=self.schema), self._partitions(connection)
        for (_, table), keys in found.items():
            for each in keys:
                schema, parent = each["referred_schema"], each["referred_table"]
                if elsewhere is (schema != self.schema) and table not in parts and (elsewhere or parent not in parts):
                    columns, there = tuple(each["constrained_columns"]), tuple(each["referred_columns"])
                    yield ForeignKey(table, columns, parent, there, self.key, "" if elsewhere else self.key, schema)

    def primary_key(self, name: str, connection: Connection) -> tuple[str, ...]:
        """Return the columns of the primary key of table ``name``; empty when it has none or is not there.

        Read once, then remembered.
        """
        if name not in self._keys:
            try:
                found = self._look(connection).get_pk_constraint(name, schema=self.schema)
            except NoSuchTableError:
                return ()
            self._keys[name] = tuple(found["constrained_columns"] if found else ())
        return self._keys[name]

    def unique_columns(self, name: str, connection: Connection) -> frozenset[str]:
        """Return the columns of table ``name`` that stand in a unique index or constraint."""
        if name in self._unique:
            return self._unique[name]
        look = self._look(connection)
        indexes = look.get_indexes(name, schema=self.schema, include_auto_indexes=True)  # SQLite hides its own else
        found: list[Sequence[str | None]] = [each["column_names"] for each in indexes if each["unique"]]
        found += [each["column_names"] for each in look.get_unique_constraints(name, schema=self.schema)]
        self._unique[name] = frozenset(column for columns in found for column in columns if column is not None)
        return self._unique[name]

    def _look(self, connection: Connection) -> Inspector:
        """Return what looks at the schema: MariaDB answers nothing else while rows stream over ``connection``."""
        return inspect(self.reader if self.dialect in {"mysql", "mariadb"} else connection)

    def close(self) -> None:
        """Give every connection back."""
        for name in ("reader", "writer"):
            engine: Engine | None = self.__dict__.pop(name, None)
            if engine is not None:
                engine.dispose()


class Sources:
    """Every source of the data map, opened when first used.

    Args:
        data_map: the data map.
        urls: the two accounts of each source, by its key.
        seconds: how long one statement may take.
    """

    def __init__(self, data_map: DataMap, urls: Mapping[str, SourceUrls], seconds: int | None = None) -> None:
        self.data_map = data_map
        plain = {setting_of(key): url for key, url in urls.items()}
        self.by_key = {
            key: SqlSource(key, plain[setting_of(key)], source.schema, seconds)
            for key, source in data_map.sources.items()
            if setting_of(key) in plain
        }

    def __getitem__(self, key: str) -> SqlSource:
        """Return the source ``key``.

        Raises:
            SourceDown: no address was set for it.
        """
        if key not in self.by_key:
            raise SourceDown(values={"source": key})
        return self.by_key[key]

    def of(self, collection: Collection) -> SqlSource:
        """Return the source that ``collection`` stands in."""
        return self[collection.source]

    @contextmanager
    def reading(self) -> Iterator["Reader"]:
        """Open one read-only transaction per source, each when it is first needed."""
        with ExitStack() as stack:
            yield Reader(self, stack)

    def close(self) -> None:
        """Give every connection back."""
        for source in self.by_key.values():
            source.close()


class Reader:
    """The open read transactions of one look at the sources."""

    def __init__(self, sources: Sources, stack: ExitStack) -> None:
        self.sources = sources
        self._stack = stack
        self._open: dict[str, Connection] = {}
        self.references: dict[str, tuple[ForeignKey, ...]] = {}
        self.outside: dict[str, tuple[ForeignKey, ...]] = {}

    def connection(self, source: str) -> Connection:
        """Return the open connection to ``source``.

        Raises:
            SourceDown: the database does not answer.
        """
        if source not in self._open:
            self._open[source] = self._stack.enter_context(self.sources[source].reading())
        return self._open[source]

    def table(self, collection: Collection) -> Table:
        """Return the live table of ``collection``."""
        source = self.sources.of(collection)
        with told_as_down(collection.source):
            return source.table(collection.name, self.connection(collection.source))

    def primary_key(self, collection: Collection) -> tuple[str, ...]:
        """Return the primary key the database knows for ``collection``; empty when it has none."""
        with told_as_down(collection.source):
            return self.sources.of(collection).primary_key(collection.name, self.connection(collection.source))


def setting_of(key: str) -> str:
    """Return the source's ``key`` as settings write it: small letters, digits and underscores."""
    return re.sub(r"[^0-9a-z]", "_", key.lower())
