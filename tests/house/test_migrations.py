"""The migrations: up, down and up again on both databases, and nothing left between them and the models."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect

from portal import migrating
from portal.db import make_engine

BOOKKEEPING = {"alembic_version"}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'portal.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


def test_migrations_go_up_and_down_and_up_again(empty_url: str) -> None:
    engine = make_engine(empty_url)
    migrating.upgrade(engine)
    tables = set(inspect(engine).get_table_names())
    assert len(tables - BOOKKEEPING) > 5
    migrating.downgrade(engine)
    assert set(inspect(engine).get_table_names()) <= BOOKKEEPING
    migrating.upgrade(engine)
    assert set(inspect(engine).get_table_names()) == tables
    engine.dispose()


def test_the_migrated_tables_are_the_ones_the_models_describe(empty_url: str) -> None:
    engine = make_engine(empty_url)
    migrating.upgrade(engine)
    settings = migrating.config()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.check(settings)
    engine.dispose()


def test_two_migrations_never_stand_beside_each_other() -> None:
    from alembic.script import ScriptDirectory

    assert len(ScriptDirectory.from_config(migrating.config()).get_heads()) == 1
