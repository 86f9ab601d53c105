"""What the controller's app may say of a person, field by field; and the secrets that sign it, in the settings."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as some

from portal.config import Settings, SettingsFault
from portal.db import Database
from tests.support.handing import ADA, App, refused

BODY = json.dumps(ADA).encode()


@pytest.fixture
def medbook(app: Flask) -> App:
    """Give the app's server."""
    return App(app)


# -- the body

ODD_BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"\xff\xfe{\x00}\x00", 400),
    (BODY.decode().encode("utf-16"), 400),
    (b"[" * 4000, 400),
    (b'{"a":' * 800, 400),
    (b"null", 422),
    (b"[]", 422),
    (b'"text"', 422),
    (b"1" * 4000, 422),
    (b"NaN", 422),
    (b"{}", 422),
    (BODY[:-1] + b', "email": "mallory@example.com"}', 400),
]


@pytest.mark.parametrize(("body", "status"), ODD_BODIES, ids=range(len(ODD_BODIES)))
def test_what_is_not_one_json_object_is_refused(medbook: App, database: Database, body: bytes, status: int) -> None:
    refused(medbook.post(body), status, database)


@pytest.mark.parametrize("missing", list(ADA))
def test_no_field_may_be_missing(medbook: App, database: Database, missing: str) -> None:
    refused(medbook.post({key: value for key, value in ADA.items() if key != missing}), 422, database)


def test_an_unknown_field_is_refused(medbook: App, database: Database) -> None:
    refused(medbook.post({**ADA, "acting": "other"}), 422, database)


@pytest.mark.parametrize("name", list(ADA))
@pytest.mark.parametrize("value", [None, 7, True, [], {}, ["a@b.example"]])
def test_every_field_is_a_string(medbook: App, database: Database, name: str, value: object) -> None:
    assert "string" in refused(medbook.post({**ADA, name: value}), 422, database)


ODD_FIELDS = [
    ("language", ["", "NL", "it", "nl-BE", "nl "]),
    ("name", ["", "   ", "\u0000\u0007", "x" * 201, "\ud800"]),
    (
        "email",
        [
            *("", "none", "a@b", "a@b.example,c@d.example", "a@b.example; c@d.example", "Ada <a@b.example>"),
            *(" a@b.example", "a@b.example\nBcc: c@d.example", "a@b.example\u0000", '"a b"@c.example'),
            *("ä@b.example", "\ud800@b.example", f"{'a' * 65}@b.example", f"a@{'b' * 250}.example"),
        ],
    ),
    ("account", ["", " ", "7 8", "-7", "x" * 65, "７", "7\n", "7;drop", "\ud800"]),
]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in ODD_FIELDS for value in values])
def test_a_field_that_is_not_as_documented_is_refused(medbook: App, database: Database, name: str, value: str) -> None:
    assert refused(medbook.post({**ADA, name: value}), 422, database).startswith(name)


@pytest.mark.parametrize("name", ["José María Ñandú", "Zoe\u0308", "O'Sullivan-Żółtowska", "李小龙", "x" * 200])
def test_every_name_can_be_handed_over(medbook: App, name: str) -> None:
    assert medbook.post({**ADA, "name": name}).status_code == 201


@effort(max_examples=150)
@given(said=some.dictionaries(some.sampled_from([*ADA, "x"]), some.text() | some.integers() | some.none()))
def test_whatever_is_signed_is_taken_or_refused_and_never_breaks(medbook: App, said: dict[str, Any]) -> None:
    assert medbook.post({**ADA, **said}).status_code in {201, 413, 422}


# -- the settings


def environment(**more: str) -> Iterator[tuple[str, str]]:
    yield from {
        "PORTAL_SECRET_KEY": "k" * 32,
        "PORTAL_KEY_FILE": "keys",
        "PORTAL_BASE_URL": "https://privacy.example",
        "PORTAL_DEMO": "1",
        **more,
    }.items()


def test_the_secrets_come_from_the_environment_the_present_one_first() -> None:
    first, second = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    assert Settings.from_env(dict(environment())).handover_secrets == ()
    assert Settings.from_env(dict(environment(PORTAL_HANDOVER_SECRET=first))).handover_secrets == (first,)
    both = Settings.from_env(dict(environment(PORTAL_HANDOVER_SECRET=first, PORTAL_HANDOVER_SECRET_OLD=second)))
    assert both.handover_secrets == (first, second)
    assert first not in repr(both)


@pytest.mark.parametrize(
    "wrong",
    [
        {"PORTAL_HANDOVER_SECRET": "x" * 31},
        {"PORTAL_HANDOVER_SECRET": "x" * 32, "PORTAL_HANDOVER_SECRET_OLD": "y" * 31},
        {"PORTAL_HANDOVER_SECRET_OLD": "x" * 32},
        {"PORTAL_HANDOVER_SECRET": "k" * 32},
    ],
)
def test_a_weak_or_borrowed_secret_stops_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsFault, match="PORTAL_HANDOVER_SECRET"):
        Settings.from_env(dict(environment(**wrong)))
