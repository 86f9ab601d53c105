"""The portal's own database: engines, sessions, base class and column types. Knows no table.

SQLite is opened so that it never loses an update: every write transaction starts with ``BEGIN IMMEDIATE``, every read
runs ``query_only`` and takes no lock. PostgreSQL is reached by URL and gets the same two kinds of transaction.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from flask import Flask, current_app, g, request
from sqlalchemy import (
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    UpdateBase,
    create_engine,
    event,
)
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table of the portal."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database (SQLite has no time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment, store the rest as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give every moment back as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_column(kind: type[StrEnum]) -> Enum:
    """Return the column type for ``kind``: its values as text, kept by a CHECK constraint."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


def new_id() -> str:
    """Return an identifier nobody can guess: 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def make_engine(url: str) -> Engine:
    """Return the engine for ``url`` with the portal's transaction rules (see the module's first lines)."""
    sqlite = url.startswith("sqlite")
    engine = create_engine(url, pool_pre_ping=not sqlite)
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_sqlite(dbapi: Any, _record: object) -> None:
    dbapi.isolation_level = None
    for pragma in (
        "journal_mode=wal",
        "synchronous=full",
        "foreign_keys=on",
        "busy_timeout=10000",
        "secure_delete=on",
    ):
        dbapi.execute(f"pragma {pragma}")


def _begin(connection: Connection) -> None:
    readonly = bool(connection.get_execution_options().get("readonly"))
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"pragma query_only={int(readonly)}")
        connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")
    elif readonly:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def changed(session: Session, statement: UpdateBase) -> int:
    """Execute a conditional UPDATE or DELETE and return how many rows it hit: none means somebody else was first."""
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount


class Database:
    """The portal's database with its two kinds of session.

    Args:
        url: SQLAlchemy URL.
        info: what every session carries in ``session.info`` (the key ring, the settings).
    """

    def __init__(self, url: str, info: dict[str, Any]) -> None:
        self.engine = make_engine(url)
        self.read_engine = self.engine.execution_options(readonly=True)
        self.info = info

    def writer(self) -> Session:
        """Return a new session that may write; its first statement takes the write lock on SQLite."""
        return Session(self.engine, info=dict(self.info), expire_on_commit=False)

    def reader(self) -> Session:
        """Return a new session that cannot write, and never waits for a writer."""
        return Session(self.read_engine, info=dict(self.info), expire_on_commit=False)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a short write transaction of its own: commits at the end, rolls back on an error."""
        with self.writer() as session, session.begin():
            yield session


def init_app(app: Flask, url: str, info: dict[str, Any]) -> Database:
    """Bind the database at ``url`` to ``app``; sessions of a request are closed, uncommitted work is dropped."""
    database = Database(url, info)
    app.extensions["portal_db"] = database
    app.teardown_appcontext(_close)
    return database


def database() -> Database:
    """Return the database of the running app."""
    found: Database = current_app.extensions["portal_db"]
    return found


def session() -> Session:
    """Return this request's session: read-only on GET and HEAD, one write transaction on anything else."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return reader()
    if "db_writer" not in g:
        g.db_writer = database().writer()
    writer: Session = g.db_writer
    return writer


def reader() -> Session:
    """Return this request's read-only session, for looking before heavy work without holding the write lock."""
    if "db_reader" not in g:
        g.db_reader = database().reader()
    found: Session = g.db_reader
    return found


def release_writer() -> None:
    """Give up this request's write transaction, if it is still open; what was not committed is dropped."""
    held: Session | None = g.pop("db_writer", None)
    if held is not None:
        held.close()


def _close(_error: BaseException | None) -> None:
    for name in ("db_writer", "db_reader"):
        held: Session | None = g.pop(name, None)
        if held is not None:
            held.close()
