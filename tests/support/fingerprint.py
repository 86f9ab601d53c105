"""What a portal holds, as one fingerprint a table: two that are equal say that nothing was written in between."""

import hashlib

from flask import Flask
from sqlalchemy import select

from portal.db import Base, Database

LOOKING_LEAVES = {"server_sessions": {"last_seen_at"}}
"""Columns that a look may change: when a session was last seen."""


def digest(app: Flask) -> dict[str, str]:
    """Return a fingerprint of every table, and of the names in the vault."""
    database: Database = app.extensions["portal_db"]
    found: dict[str, str] = {}
    with database.reader() as session:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name not in LOOKING_LEAVES.get(table.name, ())]
            rows = sorted(repr(tuple(row)) for row in session.execute(select(*columns)))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    folder = app.extensions["portal_settings"].files_dir
    files = sorted(f"{path} {path.stat().st_size}" for path in folder.rglob("*") if path.is_file())
    found["files"] = hashlib.sha256("\n".join(files).encode()).hexdigest()
    return found
