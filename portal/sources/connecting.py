"""Connections to a source: prepared for its dialect, a limit of time for each statement, failures that name it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchTableError,
    OperationalError,
    ProgrammingError,
)

from portal.errors import SourceDown, SourceRefused
from portal.sources.lenient import read_leniently
from portal.sources.numbers import write_json

SNAPSHOTS = frozenset({"postgresql", "mysql", "mariadb"})
"""Databases that show one moment to a whole transaction when asked to."""

STEPS = 50_000
"""Instructions of SQLite between two looks at the clock: a few milliseconds."""

REFUSALS = frozenset({1142, 1143, 1227, 1265, 1292, 1366, 1411, 1644, 3819, 4025})
"""Failures of MariaDB and MySQL by which a rule, a right or a trigger forbids a change, not the server's state."""

NAME = "source_key"


def connect(url: str, key: str, seconds: int | None = None) -> Engine:
    """Return an engine for ``url``.

    Args:
        url: SQLAlchemy URL.
        key: key of the source, for failures.
        seconds: how long one statement may take; on MariaDB that is the reading of all its rows.
    """
    options = {"native_inet_types": False, "json_serializer": write_json} if url.startswith("postgresql") else {}
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"), hide_parameters=True, **options)
    prepare = {
        "sqlite": _prepare_sqlite,
        "postgresql": _prepare_postgresql,
        "mysql": _prepare_mariadb,
        "mariadb": _prepare_mariadb,
    }.get(engine.dialect.name)
    if prepare is not None:
        event.listen(engine, "connect", lambda dbapi, record: prepare(dbapi, record.info, seconds))

    def name(context: ExceptionContext) -> None:
        if context.sqlalchemy_exception is not None:
            setattr(context.sqlalchemy_exception, NAME, key)

    event.listen(engine, "handle_error", name)
    event.listen(engine, "connect", lambda _dbapi, record: record.info.update({NAME: key}))
    event.listen(engine, "begin", lambda connection: _begin(connection, seconds))
    event.listen(engine, "before_cursor_execute", lambda connection, *_more: go_on(connection))
    return engine


@contextmanager
def told_as_down(source: str = "") -> Iterator[None]:
    """Tell every failure of a database as ``SourceDown``, without the values its message may carry.

    Args:
        source: key of the source, where the failure itself does not tell it.
    """
    try:
        yield
    except DBAPIError as failure:
        named = getattr(failure, NAME, source)
        raise SourceDown(values={"kind": type(failure.orig).__name__, "source": named}) from None
    except NoSuchTableError:
        raise SourceDown(values={"kind": "NoSuchTable", "source": source}) from None


@contextmanager
def told_as_refused(source: str) -> Iterator[None]:
    """Tell a change that the rules of the database forbid as ``SourceRefused``, without the values.

    Args:
        source: key of the source.
    """
    try:
        yield
    except (DataError, IntegrityError, OperationalError, ProgrammingError) as failure:
        if isinstance(failure, OperationalError) and _code_of(failure) not in REFUSALS:
            raise
        raise SourceRefused(values={"kind": type(failure.orig).__name__, "source": source}) from None


def _code_of(failure: DBAPIError) -> object:
    """Return the number by which MariaDB tells a failure."""
    told = getattr(failure.orig, "args", ())
    return told[0] if told else None


def go_on(connection: Connection) -> None:
    """Let the time of the statement in hand begin anew: its rows are asked for again, others had the turn meanwhile."""
    connection.info["asked_at"] = time.monotonic()


def _prepare_sqlite(dbapi: Any, info: dict[str, Any], seconds: int | None) -> None:
    dbapi.isolation_level = None
    for pragma in ("foreign_keys=on", "busy_timeout=10000", "secure_delete=on"):
        dbapi.execute(f"pragma {pragma}")
    if seconds is not None:
        info["asked_at"] = time.monotonic()
        dbapi.set_progress_handler(lambda: time.monotonic() - info["asked_at"] > seconds, STEPS)


def _prepare_postgresql(dbapi: Any, _info: dict[str, Any], _seconds: int | None) -> None:
    if isinstance(dbapi, psycopg.Connection):
        read_leniently(dbapi)


def _prepare_mariadb(dbapi: Any, _info: dict[str, Any], seconds: int | None) -> None:
    with dbapi.cursor() as cursor:
        cursor.execute("SET time_zone = '+00:00'")
        if seconds is not None and "mariadb" in dbapi.get_server_info().lower():
            cursor.execute(f"SET max_statement_time = {seconds}")


def _begin(connection: Connection, seconds: int | None) -> None:
    readonly = bool(connection.get_execution_options().get("readonly"))
    dialect = connection.dialect.name
    if dialect == "sqlite":
        connection.exec_driver_sql(f"pragma query_only={int(readonly)}")
        connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")
    elif readonly and dialect == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        # Every row is read: no plan that finds the first ones soon and then walks the whole table for the others.
        connection.exec_driver_sql("SET LOCAL cursor_tuple_fraction = 1; SET LOCAL intervalstyle = iso_8601")
    elif readonly and dialect in {"mysql", "mariadb"}:
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    if seconds is not None and dialect == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{seconds}s'")
