"""Where the stories play: a whole portal on a small made-up Medbook, put back between stories by copying one file."""

import hashlib
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import time_machine
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from portal.accounts.models import Role, Staff
from portal.app import make_worker
from portal.cases import papers, undo
from portal.cases.models import Case
from portal.config import SourceUrls
from portal.db import Database
from portal.demo.medbook import DemoWorld, build
from portal.jobs.worker import Worker
from tests.support.colleagues import MORNING, browser_of, member_of
from tests.support.critic import Plain
from tests.support.portals import make_settings, portal
from tests.support.visitors import visitor

PEOPLE = 45
"""Enough for both who changed their address lately (accounts 41 and 42)."""
SOURCES = ("medbook", "medbook_support")
RESTED = "rested"


class Stage:
    """The portal of the stories, its desk and its post box.

    Args:
        app: the portal, empty but for its staff.
        folder: where everything of it lies.
        world: the people of the made-up Medbook.
        clock: stands still until a story lets time pass.
    """

    def __init__(self, app: Flask, folder: Path, world: DemoWorld, clock: time_machine.Traveller) -> None:
        self.app, self.folder, self.world, self.clock = app, folder, world, clock
        self.database: Database = app.extensions["portal_db"]
        event.listen(self.database.engine, "connect", _unhurried)
        self.worker: Worker = make_worker(app)
        # a PDF of the request or of its letter takes longer than a story, and tells nothing about impostors
        unwritten = dict.fromkeys((papers.MAKE, undo.LETTER), lambda _database, _payload: None)
        self.worker.handlers = {**self.worker.handlers, **unwritten}
        self.rested = self.fingerprint()
        self.rex, self.max = member_of(self.database), member_of(self.database, Role.MANAGER)

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """Play one story: everything of the portal is as it was before the first one."""
        self.database.engine.dispose()
        for leftover in self.folder.glob("portal.db*"):
            leftover.unlink()
        shutil.copy(self.folder / f"portal.{RESTED}", self.folder / "portal.db")
        shutil.rmtree(self.mails, ignore_errors=True)
        for stored in self.app.extensions["portal_settings"].files_dir.rglob("*"):
            if stored.is_file():
                stored.unlink()
        self._put_sources_back()
        self.clock.move_to(MORNING)
        self.clerk = self.rex
        self.sit_down()
        yield

    @property
    def mails(self) -> Path:
        """Where sent mail lands."""
        found: Path = self.app.extensions["portal_settings"].mail_dir
        return found

    # -- the desk

    def sit_down(self) -> None:
        """Have the reviewer of the story come in anew, with a fresh second factor."""
        self.desk = browser_of(self.app, self.clerk)

    def turn_to(self, clerk: Staff) -> None:
        """Have ``clerk`` go on at the desk."""
        self.clerk = clerk
        self.sit_down()

    def post(self, case_id: str, action: str, values: Mapping[str, str] | None = None) -> TestResponse:
        """Send a form of the desk as a browser would, or as a forger would where the page has no such form."""
        held = {"version": str(self.case(case_id).version)}
        return self.desk.post(f"/desk/cases/{case_id}/{action}", data={**held, **(values or {})})

    def case(self, case_id: str) -> Case:
        """Return the case as it stands."""
        with self.database.reader() as session:
            return session.get_one(Case, case_id)

    # -- time, the worker, the post

    def work(self) -> None:
        """Do every job that is due."""
        with self.app.app_context():
            self.worker.run_until_idle()

    def later(self, passed: timedelta) -> None:
        """Let time pass; the reviewer comes back to the desk."""
        self.clock.shift(passed)
        self.work()
        self.sit_down()

    def notices(self) -> list[tuple[str, str]]:
        """Return receiver and way to stop of every notice that somebody asks in their name."""
        return [(str(mail["To"]), found) for mail in self._arrived() for found in _stops(mail)]

    def stop(self, address: str) -> None:
        """Press the one button of every notice that came to ``address``, as anybody can who reads it."""
        for to, way in self.notices():
            if to == address:
                assert visitor(self.app).post(way).status_code == 303

    def _arrived(self) -> list[EmailMessage]:
        files = sorted(self.mails.glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    # -- the sources

    def fingerprint(self) -> str:
        """Return a fingerprint of both source databases, with what was written and not yet folded in."""
        found = hashlib.sha256()
        for file in sorted(file for key in SOURCES for file in self.folder.glob(f"{key}.db*")):
            if not file.name.endswith("-shm"):  # shared memory of who reads
                found.update(file.read_bytes())
        return found.hexdigest()

    def _put_sources_back(self) -> None:
        if self.fingerprint() == self.rested:
            return
        for key in SOURCES:
            with (
                closing(sqlite3.connect(self.folder / f"{key}.{RESTED}")) as kept,
                closing(sqlite3.connect(self.folder / f"{key}.db")) as source,
            ):
                kept.backup(source)


def _unhurried(connection: sqlite3.Connection, _record: object) -> None:
    """Leave it to the machine when what is written reaches the disk: no story plays through a power cut."""
    connection.execute("pragma synchronous=off")


@contextmanager
def set_stage(folder: Path, migrated: Path) -> Iterator[Stage]:
    """Build the stage in ``folder``."""
    urls = {key: f"sqlite:///{folder / key}.db" for key in SOURCES}
    with time_machine.travel(MORNING, tick=False) as clock:
        opened = {key: SourceUrls(url, url) for key, url in urls.items()}
        world = build(urls["medbook"], urls["medbook_support"], MORNING, people=PEOPLE)
        settings = make_settings(folder, demo=True, smtp=None, source_urls=opened)
        with portal(settings, migrated) as app:
            app.test_client_class = Plain  # pages are judged elsewhere, and judging takes longer than a story
            app.config["WTF_CSRF_ENABLED"] = False  # who forges a form is not who these stories are about
            stage = Stage(app, folder, world, clock)
            stage.database.engine.dispose()
            for key in ("portal", *SOURCES):
                shutil.copy(folder / f"{key}.db", folder / f"{key}.{RESTED}")
            yield stage


def _stops(mail: EmailMessage) -> list[str]:
    body = mail.get_body(("plain",))
    return re.findall(r"http://localhost(/\w\w/stop/\S+)", body.get_content())[:1] if body else []
