"""Where the portal keeps what reads free text, and how an operator turns it off."""

from pathlib import Path

import pytest
from flask import Flask

from portal.app import create_app
from portal.config import Settings
from portal.understanding import Understanding
from portal.understanding.reader import Reader
from tests.support.portals import make_settings


def understanding(app: Flask) -> Understanding:
    found: Understanding = app.extensions["portal_understanding"]
    app.extensions["portal_db"].engine.dispose()
    return found


def test_a_portal_loads_it_in_the_background(tmp_path: Path) -> None:
    reader = understanding(create_app(make_settings(tmp_path, testing=False)))
    assert isinstance(reader, Reader)
    reader.start().join()
    assert reader.ready()


def test_a_command_does_not_load_what_it_does_not_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    reader = understanding(create_app(make_settings(tmp_path, testing=False)))
    assert isinstance(reader, Reader)
    assert not reader.started


def test_an_operator_can_turn_it_off(tmp_path: Path) -> None:
    assert not understanding(create_app(make_settings(tmp_path, testing=False, understanding=False))).ready()


@pytest.mark.parametrize(("value", "on"), [("0", False), ("1", True), (None, True)])
def test_the_setting_is_read(tmp_path: Path, value: str | None, on: bool) -> None:
    settings = make_settings(tmp_path)
    environ = {
        "PORTAL_SECRET_KEY": settings.secret_key,
        "PORTAL_KEY_FILE": str(settings.key_file),
        "PORTAL_BASE_URL": settings.base_url,
        "PORTAL_SMTP_HOST": "127.0.0.1",
    }
    given = environ if value is None else {**environ, "PORTAL_UNDERSTANDING": value}
    assert Settings.from_env(given).understanding is on
