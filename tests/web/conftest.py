"""Who sits before the pages, and a made-up Medbook behind them, for the tests of the pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from portal.accounts.models import Role, Staff
from portal.clock import now
from portal.config import SourceUrls
from portal.db import Database
from portal.demo.medbook import build
from tests.support.colleagues import MORNING, browser_of, member_of
from tests.support.critic import Critic
from tests.support.desk import file_case, settle
from tests.support.portals import make_settings, portal
from tests.support.postbox import Postbox
from tests.support.returning import clock
from tests.support.visitors import signed_in
from tests.support.walks import at_check, at_identity, demo_app, walk

__all__ = ["at_check", "at_identity", "clock", "demo_app", "walk"]


@pytest.fixture
def rex(app: Flask) -> Critic:
    """Give the browser of a reviewer."""
    return signed_in(app, Role.REVIEWER)


@pytest.fixture
def max_(app: Flask) -> Critic:
    """Give the browser of the privacy manager."""
    return signed_in(app, Role.MANAGER)


@pytest.fixture
def morning() -> Iterator[time_machine.Traveller]:
    """Stop the clock at nine on a working day."""
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def admin(app: Flask, database: Database, morning: time_machine.Traveller) -> Critic:
    """Give the browser of an administrator who just came in."""
    return browser_of(app, member_of(database, Role.ADMIN))


@pytest.fixture
def decided(database: Database, morning: time_machine.Traveller) -> tuple[str, Staff]:
    """Give a case that its reviewer may decide, and the reviewer."""
    member = member_of(database)
    with database.writing() as session:
        case = file_case(session, right="access")
        settle(session, case, session.get_one(Staff, member.id))
        return case.id, member


@pytest.fixture
def post(app: Flask, tmp_path: Path) -> Postbox:
    """Give the post box of the portal."""
    return Postbox(app, tmp_path / "post")


@pytest.fixture(scope="module")
def medbook_urls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SourceUrls]:
    """Give both databases of a small made-up Medbook, shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("medbook")
    urls = {key: f"sqlite:///{folder / key}.db" for key in ("medbook", "medbook_support")}
    build(urls["medbook"], urls["medbook_support"], now(), people=60)
    return {key: SourceUrls(url, url) for key, url in urls.items()}


@pytest.fixture
def medbook_app(tmp_path: Path, migrated: Path, medbook_urls: dict[str, SourceUrls]) -> Iterator[Flask]:
    """Give an empty demo portal on that Medbook."""
    with portal(make_settings(tmp_path, demo=True, smtp=None, source_urls=medbook_urls), migrated) as app:
        yield app
