"""A package that waits to be downloaded, the person it is for, her browser and her post box."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from portal.cases.models import Package
from portal.db import Database
from tests.support.critic import Critic, post_forms
from tests.support.factories import ADA, BEN, finished_case
from tests.support.postbox import Postbox
from tests.support.visitors import with_mailbox

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ZIP = "medbook-export.zip"


class Handed:
    """A package that waits, the person it is for, and her post box."""

    def __init__(self, app: Flask, database: Database, folder: Path, right: str = "access") -> None:
        self.app, self.database, self.post = app, database, Postbox(app, folder)
        with database.writing() as session:
            self.case, self.package = finished_case(session, right)
            self.other, _package = finished_case(session, who=BEN)
        self.page = f"/en/s/{self.case.id}/download"
        self.file = f"{self.page}/{ZIP}"
        self.person = with_mailbox(app, self.case.mailbox)

    def ask(self) -> str:
        """Ask for a code and return it."""
        self.person.submit(self.page, {})
        return self.post.code(ADA["email"])

    def type(self, code: str) -> TestResponse:
        """Type a code on the page."""
        return self.person.submit(self.page, {"code": code}, form=1)

    def open(self) -> None:
        """Open the window the way a person does."""
        assert self.type(self.ask()).status_code == 303

    def come_back(self) -> None:
        """Confirm the mailbox again, in a new browser."""
        self.person = with_mailbox(self.app, self.case.mailbox)

    def fetch(self, **headers: str) -> TestResponse:
        """Fetch the file."""
        return self.person.get(self.file, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def row(self) -> Package:
        """Return the package as it stands."""
        with self.database.reader() as session:
            return session.get_one(Package, self.package.id)


def token_of(browser: Critic) -> str:
    """Return the token that forms of this browser carry, for a form its page does not show."""
    _action, fields, _names = post_forms(browser.get("/en/requests"))[0]
    return str(fields["csrf_token"])


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Stop the clock."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def handed(app: Flask, database: Database, tmp_path: Path, clock: time_machine.Traveller) -> Handed:
    """Give a package that waits to be downloaded."""
    return Handed(app, database, tmp_path / "post")
