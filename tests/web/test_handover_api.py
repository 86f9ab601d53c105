"""The door for the controller's app: only what it signed, once, within five minutes, and in no other shape."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.accounts.models import Handover
from portal.cases.retention import sweep
from portal.clock import now
from portal.db import Database
from portal.files.keys import DataKey
from portal.verify import breaches
from tests.support.handing import ADA, PATH, App, count, refused
from tests.support.portals import HANDOVER_SECRET, make_settings, portal
from tests.support.racing import together

BODY = json.dumps(ADA).encode()
START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
OTHER_SECRET = "another secret that is made up for the tests as well"


@pytest.fixture
def medbook(app: Flask) -> App:
    """Give the app's server."""
    return App(app)


def test_a_signed_introduction_gets_a_link_that_holds_nothing_about_the_person(
    medbook: App, database: Database, tmp_path: Path
) -> None:
    with time_machine.travel(START, tick=False):
        answer = medbook.post()
    assert answer.status_code == 201
    told = answer.get_json()
    assert set(told) == {"url", "expires_at"}
    start, _, token = told["url"].rpartition("/")
    assert start == "http://localhost/en/h"
    assert len(bytes.fromhex(token)) == 16
    assert datetime.fromisoformat(told["expires_at"]) == START + timedelta(minutes=10)
    assert "Set-Cookie" not in answer.headers
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*.db*"))
    for secret in (token, ADA["email"], ADA["name"], medbook.nonces[0]):
        assert secret.encode() not in kept


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_the_link_is_in_the_persons_language(medbook: App, language: str) -> None:
    assert medbook.link(language=language).startswith(f"/{language}/h/")


def test_without_a_shared_secret_there_is_no_door(tmp_path: Path, migrated: Path) -> None:
    with portal(make_settings(tmp_path, handover_secrets=()), migrated) as shut:
        assert "error" in refused_json(App(shut).post(), 404)
        assert refused_json(shut.test_client().post(PATH), 404)


def refused_json(answer: TestResponse, status: int) -> Mapping[str, Any]:
    assert answer.status_code == status
    found: dict[str, Any] = answer.get_json()
    return found


def test_during_a_change_of_secret_both_count_and_no_third(tmp_path: Path, migrated: Path) -> None:
    both = make_settings(tmp_path, handover_secrets=(OTHER_SECRET, HANDOVER_SECRET))
    with portal(both, migrated) as changing:
        codes = [App(changing, secret).post().status_code for secret in (OTHER_SECRET, HANDOVER_SECRET, "x" * 40)]
    assert codes == [201, 201, 401]


# -- the signature


def test_not_one_bit_of_the_body_can_be_changed(medbook: App, database: Database) -> None:
    headers = medbook.headers(BODY)
    for place in range(len(BODY) * 8):
        tampered = bytearray(BODY)
        tampered[place // 8] ^= 1 << place % 8
        assert medbook.send(bytes(tampered), headers).status_code == 401, place
    assert count(database) == 0
    assert medbook.send(BODY, headers).status_code == 201


@pytest.mark.parametrize("tampered", [BODY + b" ", BODY[:-1], b"", BODY.replace(b" ", b"")])
def test_the_very_bytes_are_signed_not_what_they_mean(medbook: App, database: Database, tampered: bytes) -> None:
    refused(medbook.send(tampered, medbook.headers(BODY)), 401, database)


def test_time_and_nonce_are_signed_too(medbook: App, database: Database) -> None:
    headers = medbook.headers(BODY)
    later = {**headers, "X-Portal-Timestamp": str(int(headers["X-Portal-Timestamp"]) + 1)}
    other = {**headers, "X-Portal-Nonce": "b" * 32}
    moved = {**headers, "X-Portal-Nonce": headers["X-Portal-Nonce"][:-1]}
    for forged in (later, other, moved):
        refused(medbook.send(BODY, forged), 401, database)


@pytest.mark.parametrize("name", ["Timestamp", "Nonce", "Signature"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "-1",
        "1e9",
        "9" * 13,
        "١٢٣٤٥٦٧٨٩٠".encode().decode("latin-1"),
        "x" * 65,
        "A" * 64,
        "0" * 63,
        "a\tb",
        "\xff",
    ],
)
def test_a_malformed_header_is_refused_and_never_crashes(
    medbook: App, database: Database, name: str, value: str
) -> None:
    could_be_one = name == "Nonce" and value in {"A" * 64, "0" * 63}
    headers = {**medbook.headers(BODY), f"X-Portal-{name}": value}
    refused(medbook.send(BODY, headers), 401 if could_be_one else 400, database)


@pytest.mark.parametrize("name", ["Timestamp", "Nonce", "Signature"])
def test_no_header_may_be_missing(medbook: App, database: Database, name: str) -> None:
    headers = medbook.headers(BODY)
    del headers[f"X-Portal-{name}"]
    refused(medbook.send(BODY, headers), 400, database)


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-300, 201), (0, 201), (300, 201), (301, 401)])
def test_a_clock_may_be_five_minutes_off_and_no_more(medbook: App, seconds: int, status: int) -> None:
    with time_machine.travel(START, tick=False):
        stamp = str(int((START + timedelta(seconds=seconds)).timestamp()))
        assert medbook.post(timestamp=stamp).status_code == status


# -- once


def test_the_same_call_again_is_refused_as_long_as_it_could_count(medbook: App, database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock:
        early = str(int((START + timedelta(minutes=5)).timestamp()))
        headers = medbook.headers(BODY, timestamp=early)
        assert medbook.send(BODY, headers).status_code == 201
        for _ in range(10):
            assert medbook.send(BODY, headers).status_code == 409
            clock.shift(timedelta(minutes=1))
            with database.writing() as session:
                sweep(session, now())
        assert medbook.send(BODY, headers).status_code == 409
        clock.shift(timedelta(seconds=1))
        assert medbook.send(BODY, headers).status_code == 401
    assert count(database) == 1


def test_of_twenty_equal_calls_at_once_one_counts(medbook: App, database: Database) -> None:
    headers = medbook.headers(BODY)
    codes = together(20, lambda _number: medbook.send(BODY, headers).status_code)
    assert sorted(codes) == [201] + [409] * 19
    assert count(database) == 1


def test_a_nonce_is_not_used_up_by_a_call_that_is_refused(medbook: App) -> None:
    nonce = "once-and-only-once"
    assert medbook.post({**ADA, "email": "none"}, nonce=nonce).status_code == 422
    assert medbook.post(nonce=nonce).status_code == 201


# -- who calls, and how


@pytest.mark.parametrize("site", ["same-origin", "same-site", "cross-site", "none"])
def test_a_browser_is_refused_even_with_a_right_signature(medbook: App, database: Database, site: str) -> None:
    answer = medbook.send(BODY, {**medbook.headers(BODY), "Sec-Fetch-Site": site})
    assert answer.status_code in {400, 403}
    refused(answer, answer.status_code, database)


@pytest.mark.parametrize(
    "header", [{"Origin": "http://localhost"}, {"Origin": "https://evil.example"}, {"Cookie": "portal=x"}]
)
def test_a_cookie_or_an_origin_is_a_browsers(medbook: App, database: Database, header: dict[str, str]) -> None:
    answer = medbook.send(BODY, {**medbook.headers(BODY), **header})
    refused(answer, 400 if "evil" in str(header) else 403, database)


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_only_json_is_read(medbook: App, database: Database, kind: str) -> None:
    refused(medbook.send(BODY, {**medbook.headers(BODY), "Content-Type": kind}), 415, database)


def test_a_long_body_is_refused_before_it_is_read(medbook: App, database: Database) -> None:
    longest = BODY + b" " * (4096 - len(BODY))
    refused(medbook.post(longest + b" "), 413, database)
    refused(medbook.post(b"[" * 4096), 400, database)
    assert medbook.post(longest).status_code == 201


def test_looking_at_the_door_is_not_a_call(client: Any) -> None:
    assert client.get(PATH).status_code == 405


# -- what is kept, and how long


def test_no_refusal_writes_what_was_sent_to_the_log(
    medbook: App, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    canary = "quokka-7731"
    with caplog.at_level(logging.DEBUG):
        answers = [
            medbook.post({**ADA, "email": canary}),
            medbook.post({**ADA, canary: canary}),
            medbook.post(canary.encode()),
            medbook.send(BODY, {**medbook.headers(BODY), "X-Portal-Nonce": f"{canary}-and-longer"}),
        ]
    said = caplog.text + "".join(capsys.readouterr())
    assert canary not in said + "".join(each.get_data(as_text=True) for each in answers)


def test_what_was_handed_over_is_forgotten_by_the_sweep(medbook: App, database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock:
        medbook.link()
        clock.shift(timedelta(minutes=59))
        with database.writing() as session:
            sweep(session, now())
        assert count(database) == 1
        clock.shift(timedelta(minutes=2))
        with database.writing() as session:
            sweep(session, now())
        with database.reader() as session:
            assert [key.wrapped for key in session.scalars(select(DataKey))] == [None]
            assert list(breaches(session)) == []
    assert count(database) == 0


def test_verify_names_a_hand_over_that_outlives_its_term_or_its_use(medbook: App, database: Database) -> None:
    medbook.link()
    with database.writing() as session:
        assert list(breaches(session)) == []
        session.execute(update(Handover).values(used_at=now()))
        assert ["still holds" in each for each in breaches(session)] == [True]
        session.execute(update(Handover).values(used_at=None, created_at=now() - timedelta(days=2)))
        assert ["beyond its term" in each for each in breaches(session)] == [True]
