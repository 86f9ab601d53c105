"""The migrations: up, down and up again on both databases, and nothing left between them and the models."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import MetaData, Table, inspect, select

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


def test_a_database_in_use_keeps_every_row_when_it_is_brought_up(empty_url: str) -> None:
    engine = make_engine(empty_url)
    migrating.upgrade(engine, "0001")
    old = MetaData()
    old.reflect(engine)
    staff, case, message = "a" * 32, "b" * 32, "c" * 32
    with engine.begin() as connection:
        connection.execute(old.tables["staff"].insert().values(made_up(old.tables["staff"], id=staff, role="reviewer")))
        values = made_up(old.tables["cases"], id=case, assigned_to=staff, channel="portal", identity="open")
        connection.execute(old.tables["cases"].insert().values({**values, "status": "received"}))
        said = made_up(old.tables["messages"], id=message, case_id=case, staff_id=staff, author="note")
        connection.execute(old.tables["messages"].insert().values(said))
    migrating.upgrade(engine)
    with engine.begin() as connection:
        assert connection.scalar(select(old.tables["messages"].c.case_id)) == case
        assert connection.scalar(select(old.tables["cases"].c.assigned_to)) == staff
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("pragma foreign_keys").scalar() == 1, "references are watched again"
    engine.dispose()


def made_up(table: Table, **given: object) -> dict[str, object]:
    """Return a value of the right kind for each column that must have one."""
    moment = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
    by_kind = {str: "x", int: 1, bool: False, bytes: b"x", datetime: moment, date: moment.date()}
    needed = {each.name: by_kind[each.type.python_type] for each in table.columns if not each.nullable}
    return {**needed, **given}
