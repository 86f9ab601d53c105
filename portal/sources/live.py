"""Reads what a live table looks like: its columns typed, and how each of them compares."""

import re
from typing import Any

from sqlalchemy import Column, Computed, Connection, Inspector, MetaData, Table, text
from sqlalchemy.dialects.postgresql import CITEXT, DOMAIN
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.types import CHAR, JSON, String, TypeEngine

from portal.sources.alike import ALIKE, Alike

_PLAIN = frozenset({None, "default", "C", "POSIX", "C.UTF-8", "C.utf8", "ucs_basic"})
"""Collations of PostgreSQL for which two texts are one only where they are the same."""


def live_table(look: Inspector, connection: Connection, name: str, schema: str | None) -> Table:
    """Return the live table ``name``.

    Args:
        look: what looks at the schema.
        connection: an open connection to the database; MariaDB is not asked over it.
        name: its name.
        schema: its schema, if it is not the default one.

    Raises:
        NoSuchTableError: there is no such table.
    """
    found = look.get_columns(name, schema=schema)
    rules = _Rules(look, connection, name, schema)
    return Table(name, MetaData(), *(_column(each, rules) for each in found), schema=schema, quote=True)


class _Rules:
    """Finds out how the columns of one table compare."""

    def __init__(self, look: Inspector, connection: Connection, table: str, schema: str | None) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name
        self._written = ""
        if self._dialect in {"mysql", "mariadb"}:
            options = look.get_table_options(table, schema=schema)
            self._written = next((str(said) for key, said in options.items() if key.endswith("_collate")), "")
        elif self._dialect == "sqlite":
            found = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
            self._written = str(connection.scalar(found, {"name": table}) or "")

    def of(self, name: str, kind: TypeEngine[object]) -> Alike | None:
        """Return what makes no difference in the column ``name`` of type ``kind``; None where everything does."""
        if not isinstance(kind, String):
            return self._on_sqlite(name) if self._dialect == "sqlite" else None
        match self._dialect:
            case "sqlite":
                return self._on_sqlite(name)
            case "mysql" | "mariadb":
                return _on_mariadb(kind.collation or self._written)
            case "postgresql":
                return self._on_postgresql(kind)
        return None

    def _on_sqlite(self, name: str) -> Alike | None:
        if "collate" not in self._written.lower():
            return None
        said = re.search(
            rf"[\s(,\"`\[]{re.escape(name)}[\"`\]]?\s[^,]*?\bcollate\s+[\"`\[]?(nocase|rtrim)", self._written, re.I
        )
        return None if said is None else Alike.CASE if said[1].lower() == "nocase" else Alike.BLANKS

    def _on_postgresql(self, kind: String) -> Alike | None:
        if isinstance(kind, CITEXT):
            return Alike.CASE
        if kind.collation not in _PLAIN:
            exact = text("SELECT bool_and(collisdeterministic) FROM pg_collation WHERE collname = :name")
            if self._connection.scalar(exact, {"name": kind.collation}) is False:
                return Alike.LOOSE
        return Alike.BLANKS if isinstance(kind, CHAR) else None


def _on_mariadb(collation: str) -> Alike:
    """Return what makes no difference for a collation of MariaDB or MySQL; where it is not told, the usual one."""
    if collation.endswith(("_bin", "_cs")):
        return Alike.BLANKS
    return Alike.CASE if "_as_" in collation else Alike.LOOSE


def _column(found: ReflectedColumn, rules: _Rules) -> Column[object]:
    """Return a column as it was found; one that the database computes says so, for nobody can write it.

    A domain is read and written as what it is made of.
    """
    kind = found["type"]
    plain = kind.data_type if isinstance(kind, DOMAIN) else kind
    computed = [Computed(found["computed"]["sqltext"])] if found.get("computed") else []
    column: Column[object] = Column(
        found["name"], _plain_null(plain), *computed, nullable=found["nullable"], quote=True
    )
    if alike := rules.of(found["name"], plain):
        column.info[ALIKE] = alike
    return column


def _plain_null(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return ``kind`` so that None is written as the database's null, never as the JSON word ``null``."""
    if isinstance(kind, JSON):
        kind.none_as_null = True
    return kind
