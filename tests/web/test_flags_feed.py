"""The feed of flags: each system by its own token, signed, in the order of what changed, and nothing without one."""

import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.audit.record import Actor, ActorKind
from portal.cases.markings import Marking, announce_lift, forget_lifted
from portal.cases.models import Case
from portal.clock import now
from portal.config import Settings, SettingsFault
from portal.db import Database
from portal.files.keys import DataKey
from tests.support import factories
from tests.support.shop import ADA
from tests.support.shopfront import carried_out, shopfront, work

TOKENS = {"mailer": "made up for the mailer, 32 characters", "warehouse": "made up for the warehouse, 32 chars"}
BY = Actor(ActorKind.STAFF, "0" * 32, "manager")


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 3, 12, 9, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def shop(tmp_path: Path, migrated: Path, time: time_machine.Traveller) -> Iterator[Flask]:
    with shopfront(tmp_path, migrated, flags_tokens=TOKENS) as (app, _sources):
        yield app


def ask(app: Flask, after: object = 0, token: str = TOKENS["mailer"], **headers: str) -> TestResponse:
    told = {"Authorization": f"Bearer {token}", **headers}
    return app.test_client().get(f"/api/v1/flags?after={after}", headers=told)


def read(answer: TestResponse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_an_objection_is_told_with_whom_it_is_about_and_signed(shop: Flask) -> None:
    carried_out(shop, "object", factories.MARKETING)
    answer = ask(shop)
    (flag,) = read(answer)["flags"]
    assert (flag["flag"], flag["activity"], flag["stands"]) == ("objected", "marketing", True)
    assert flag["emails"] == [ADA]
    for token, fits in ((TOKENS["mailer"], True), (TOKENS["warehouse"], False)):
        signature = hmac.digest(token.encode(), answer.data, "sha256").hex()
        assert (answer.headers["X-Portal-Signature"] == signature) is fits
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_reader_goes_on_from_where_it_was_and_hears_of_what_was_lifted(
    shop: Flask, time: time_machine.Traveller
) -> None:
    case_id = carried_out(shop, "restrict")
    database: Database = shop.extensions["portal_db"]
    first = read(ask(shop))
    assert all(flag["flag"] == "restricted" and flag["stands"] for flag in first["flags"])
    assert read(ask(shop, first["next"]))["flags"] == []
    with database.writing() as session:
        day = announce_lift(session, session.get_one(Case, case_id), BY)
    time.move_to(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
    work(shop)
    later = read(ask(shop, first["next"]))
    assert {flag["id"] for flag in later["flags"]} == {flag["id"] for flag in first["flags"]}
    assert not any(flag["stands"] for flag in later["flags"])
    with database.writing() as session:
        assert forget_lifted(session, now()) == len(first["flags"])
        assert session.scalars(select(Marking)).all() == []
        owners = {flag["id"] for flag in first["flags"]}
        assert not any(session.scalars(select(DataKey.wrapped).where(DataKey.owner.in_(owners))))


def test_nothing_new_is_told_in_three_hundred_and_four(shop: Flask) -> None:
    carried_out(shop, "object", factories.MARKETING)
    again = ask(shop, **{"If-None-Match": ask(shop).headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_wrong_token_and_a_wrong_number_are_told_apart_from_nothing(shop: Flask) -> None:
    assert ask(shop, token="wrong").status_code == 401
    assert shop.test_client().get("/api/v1/flags").status_code == 401
    for wrong in ("-1", "x", "1" * 10, "١"):
        assert ask(shop, wrong).status_code == 400
    assert ask(shop, 999_999_999).status_code == 200


def test_a_portal_without_tokens_tells_nobody(app: Flask) -> None:
    assert ask(app).status_code == 404


def test_two_systems_never_share_a_token() -> None:
    environ = {"PORTAL_FLAGS_TOKEN_A": "x" * 32, "PORTAL_FLAGS_TOKEN_B": "x" * 32}
    base = {"PORTAL_SECRET_KEY": "y" * 32, "PORTAL_KEY_FILE": "k", "PORTAL_BASE_URL": "http://x", "PORTAL_DEMO": "1"}
    with pytest.raises(SettingsFault, match="same token"):
        Settings.from_env(base | environ)
    with pytest.raises(SettingsFault, match="too short"):
        Settings.from_env(base | {"PORTAL_FLAGS_TOKEN_A": "short"})
    assert Settings.from_env(base | {"PORTAL_FLAGS_TOKEN_A": "x" * 32}).flags_tokens == {"a": "x" * 32}
