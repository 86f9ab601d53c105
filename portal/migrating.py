"""Bring the portal's tables to the newest shape. Ground floor: knows the folder of revisions, not the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

ROOT = Path(__file__).parent.parent


def config() -> Config:
    """Return Alembic's configuration, as ``pyproject.toml`` gives it."""
    return Config(toml_file=ROOT / "pyproject.toml")


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate the database of ``engine`` up to ``revision`` in one transaction."""
    with _migrating(engine) as settings:
        command.upgrade(settings, revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Migrate the database of ``engine`` down to ``revision`` in one transaction."""
    with _migrating(engine) as settings:
        command.downgrade(settings, revision)


@contextmanager
def _migrating(engine: Engine) -> Iterator[Config]:
    """Give the configuration with one open transaction.

    SQLite changes a constraint by building the table anew and dropping the old one, which would count as deleting
    every row that others refer to. So references are not watched meanwhile, and are all checked before the commit.
    """
    settings, sqlite = config(), engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            _watch_references(connection, "off")  # SQLite obeys this only outside a transaction
        try:
            with connection.begin():
                settings.attributes["connection"] = connection
                yield settings
                if sqlite and connection.exec_driver_sql("pragma foreign_key_check").first() is not None:
                    raise RuntimeError("The migration broke a reference between two tables: nothing was changed.")
        finally:
            if sqlite:
                _watch_references(connection, "on")


def _watch_references(connection: Connection, state: str) -> None:
    connection.connection.cursor().execute(f"pragma foreign_keys={state}")
