"""A backup of a source is put back: what was erased is found by its tombstone and erased again, and nothing else."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, insert, select

from portal.accounts.factors import actor_of
from portal.accounts.models import Role
from portal.cases.holds import LegalHold, Order, lift_hold, set_hold
from portal.cases.tombstones import Tombstone
from portal.cli import register_commands
from portal.db import Database
from portal.fulfilment.restored import erase_restored
from portal.sources import Sources
from tests.support.factories import add_member
from tests.support.shop import ADA, customers, whole
from tests.support.shopfront import carried_out, granted, shopfront, work

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def shop(tmp_path: Path, migrated: Path, time: time_machine.Traveller) -> Iterator[tuple[Flask, Sources]]:
    with shopfront(tmp_path, migrated, backup_days=35) as opened:
        yield opened


def database_of(app: Flask) -> Database:
    found: Database = app.extensions["portal_db"]
    return found


def again(app: Flask, sources: Sources, *, dry_run: bool = False) -> Mapping[str, int]:
    with database_of(app).reader() as session:
        return erase_restored(session, sources, dry_run=dry_run).rows


def copy(origin: Path, target: Path) -> None:
    with closing(sqlite3.connect(origin)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)


def back_up(folder: Path) -> None:
    for key in ("shop", "letters"):
        copy(folder / f"{key}.db", folder / f"{key}.backup")


def put_back(folder: Path, *keys: str) -> None:
    for key in keys:
        copy(folder / f"{key}.backup", folder / f"{key}.db")


@pytest.mark.parametrize("restored", [("shop", "letters"), ("shop",), ("letters",)])
def test_what_a_backup_brings_back_is_erased_again(
    shop: tuple[Flask, Sources], tmp_path: Path, restored: tuple[str, ...]
) -> None:
    app, sources = shop
    back_up(tmp_path)
    carried_out(app, "erase")
    after = whole(sources)
    put_back(tmp_path, *restored)
    assert whole(sources) != after
    counted = again(app, sources, dry_run=True)
    assert whole(sources) != after, "a dry run only counts"
    assert again(app, sources) == counted
    assert whole(sources) == after
    assert again(app, sources) == {}


def test_a_legal_hold_set_since_keeps_what_came_back(shop: tuple[Flask, Sources], tmp_path: Path) -> None:
    app, sources = shop
    back_up(tmp_path)
    carried_out(app, "erase")
    put_back(tmp_path, "shop")
    with database_of(app).writing() as session:
        ends = (START + timedelta(days=90)).date()
        order = Order(order="Made up 12/2026", ordered_on=START.date(), ends_on=ends, collections=("shop.customers",))
        held = set_hold(session, order, actor_of(add_member(session, Role.MANAGER))).id
    assert "shop.customers" not in again(app, sources)
    assert (1,) in whole(sources)["shop.customers"]
    with database_of(app).writing() as session:
        lift_hold(session, session.get_one(LegalHold, held), "Made up", actor_of(add_member(session, Role.MANAGER)))
    assert again(app, sources)["shop.customers"] == 1


def test_somebody_new_with_an_old_number_is_left_alone(shop: tuple[Flask, Sources]) -> None:
    app, sources = shop
    carried_out(app, "erase")
    with sources["shop"].writer.begin() as connection:
        connection.execute(insert(customers), [{"id": 1, "email": "eve@example.org", "name": "Eve Newcomer"}])
    before = whole(sources)
    assert again(app, sources) == {}
    assert whole(sources) == before


def test_somebody_who_comes_back_with_the_same_address_is_left_alone(shop: tuple[Flask, Sources]) -> None:
    app, sources = shop
    carried_out(app, "erase")
    with sources["shop"].writer.begin() as connection:
        connection.execute(insert(customers), [{"id": 9, "email": ADA, "name": "Ada Byron"}])
    assert again(app, sources) == {}
    assert (9,) in whole(sources)["shop.customers"]


def test_a_tombstone_tells_nothing_and_goes_with_the_last_backup(
    shop: tuple[Flask, Sources], time: time_machine.Traveller
) -> None:
    app, _ = shop
    carried_out(app, "erase")
    with database_of(app).reader() as session:
        stones = session.scalars(select(Tombstone)).all()
        assert stones
        for stone in stones:
            assert len(stone.hash) == 64
            assert not {ADA, "Ada", "Byron"} & {stone.place, stone.hash}
    time.move_to(START + timedelta(days=36))
    work(app)
    with database_of(app).reader() as session:
        assert session.scalar(select(func.count()).select_from(Tombstone)) == 0


def test_nothing_is_buried_for_an_answer_that_erases_nothing(shop: tuple[Flask, Sources]) -> None:
    app, _ = shop
    granted(app, "restrict")
    work(app)
    with database_of(app).reader() as session:
        assert session.scalar(select(func.count()).select_from(Tombstone)) == 0


def test_the_command_tells_what_it_erased(shop: tuple[Flask, Sources], tmp_path: Path) -> None:
    app, _ = shop
    back_up(tmp_path)
    carried_out(app, "erase")
    put_back(tmp_path, "shop", "letters")
    register_commands(app)
    runner = app.test_cli_runner()
    assert "     1 shop.customers" in runner.invoke(args=["tombstones", "apply", "--dry-run"]).output
    assert "     1 shop.customers" in runner.invoke(args=["tombstones", "apply"]).output
    assert runner.invoke(args=["tombstones", "apply"]).output == "Nothing came back.\n"
