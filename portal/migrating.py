"""Bring the portal's tables to the newest shape. Ground floor: knows the folder of revisions, not the tables."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

ROOT = Path(__file__).parent.parent


def config() -> Config:
    """Return Alembic's configuration, as ``pyproject.toml`` gives it."""
    return Config(toml_file=ROOT / "pyproject.toml")


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate the database of ``engine`` up to ``revision`` in one transaction."""
    _migrate(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Migrate the database of ``engine`` down to ``revision`` in one transaction."""
    _migrate(engine, command.downgrade, revision)


def _migrate(engine: Engine, steer: Callable[[Config, str], None], revision: str) -> None:
    """Migrate in one transaction. SQLite changes a table by making it anew, which its foreign keys would forbid.

    So they are off meanwhile (sqlite.org/lang_altertable.html, section 7), and looked at before the commit.

    Raises:
        RuntimeError: a row would point nowhere; nothing was changed.
    """
    settings = config()
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        settings.attributes["connection"] = connection
        if sqlite:
            _foreign_keys(connection, "off")
        try:
            with connection.begin():
                steer(settings, revision)
                if sqlite and connection.exec_driver_sql("pragma foreign_key_check").first() is not None:
                    raise RuntimeError("after this migration a row would point nowhere")
        finally:
            if sqlite:
                _foreign_keys(connection, "on")


def _foreign_keys(connection: Connection, state: str) -> None:
    """Switch them before or after a transaction: within one, SQLite takes no notice."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"pragma foreign_keys={state}")
