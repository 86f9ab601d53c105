"""Fixtures that every test may ask for; the real servers and the strict client live in tests/support."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as effort

from portal.config import Settings, Smtp
from portal.db import Database
from tests.support.browser import axe_page, browser, page_noscript, page_script
from tests.support.critic import Critic
from tests.support.live import Live, serve
from tests.support.mariadb import mariadb_server, mariadb_url
from tests.support.network import stay_home
from tests.support.portals import make_settings, make_template, portal
from tests.support.postgres import free_port, postgres_server, postgres_url
from tests.support.smtp import SmtpServer, smtp_server

__all__ = [
    "axe_page",
    "browser",
    "mariadb_server",
    "mariadb_url",
    "page_noscript",
    "page_script",
    "postgres_server",
    "postgres_url",
    "smtp_server",
]

stay_home()
effort.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
effort.load_profile("any machine")  # a busy machine is no fault of the portal


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an empty SQLite file with every table; copy it, do not write to it."""
    return make_template(tmp_path_factory.mktemp("template") / "portal.db")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give the settings of a portal in a temporary folder: no demo, and a mail server that does not answer."""
    return make_settings(tmp_path)


@pytest.fixture
def app(settings: Settings, migrated: Path) -> Iterator[Flask]:
    """Give an empty portal."""
    with portal(settings, migrated) as opened:
        yield opened


@pytest.fixture
def database(app: Flask) -> Database:
    """Give the empty portal's database."""
    found: Database = app.extensions["portal_db"]
    return found


@pytest.fixture
def client(app: Flask) -> Critic:
    """Give a visitor of the empty portal who fails the test on bad HTML or missing headers."""
    visitor = app.test_client()
    assert isinstance(visitor, Critic)
    return visitor


@pytest.fixture
def mailing_app(tmp_path: Path, migrated: Path, smtp_server: SmtpServer) -> Iterator[Flask]:
    """Give an empty portal whose mail goes to ``smtp_server``."""
    smtp = Smtp(host=smtp_server.host, port=smtp_server.port, user="", password="", security="none")
    with portal(make_settings(tmp_path, smtp=smtp), migrated) as opened:
        yield opened


@pytest.fixture
def live_app(tmp_path: Path, migrated: Path) -> Iterator[Live]:
    """Give an empty demo portal that is served over HTTP, for a browser; its mail lands in a folder."""
    port = free_port()
    settings = make_settings(tmp_path, base_url=f"http://127.0.0.1:{port}", demo=True, smtp=None)
    with portal(settings, migrated) as opened, serve(opened, port) as live:
        yield live
