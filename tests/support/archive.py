"""A portal with a database of one table, and a paper archive beside it: what colleagues find there is asked of them."""

import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Role
from portal.app import make_worker
from portal.cases.access import package_of
from portal.cases.lifecycle import Outcome, Status
from portal.cases.models import Case
from portal.cases.tasks import Task
from portal.config import SourceUrls
from portal.db import Database
from portal.files.keys import Purpose, data_key
from portal.jobs.worker import TryLater
from tests.support.factories import add_member, answer, deciding_case
from tests.support.portals import make_settings, portal

ARCHIVE = """
dataset:
  - fides_key: archive
    name: The paper archive
    collections: []
    meta:
      _source:
        type: manual
        title: {nl: Het papieren archief, fr: Les archives papier, de: Das Papierarchiv, en: The paper archive}
        role: reviewer
        days_before: 7
        look_for: {nl: Brieven van en aan deze persoon, en: Letters from and to this person}
        activities: [helpdesk]
"""
LIST = """
dataset:
  - fides_key: list
    name: The list
    meta: {people: {activity: account, provided: person, erase: delete}}
    collections:
      - name: people
        fields:
          - {name: id, fides_meta: {primary_key: true, data_type: integer}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
"""
TEXT = "Eén brief van 3 mei 2024.\nU vroeg naar een factuur."


@contextmanager
def with_archive(folder: Path, migrated: Path) -> Iterator[Flask]:
    """Open the portal in ``folder``."""
    manifests = folder / "map"
    manifests.mkdir()
    (manifests / "archive.yml").write_text(ARCHIVE, encoding="utf-8")
    (manifests / "list.yml").write_text(LIST, encoding="utf-8")
    with closing(sqlite3.connect(folder / "list.db")) as made:
        made.execute("create table people (id integer primary key, email text)")
    urls = {"list": SourceUrls(*[f"sqlite:///{folder / 'list.db'}"] * 2)}
    with portal(make_settings(folder, manifests_dir=manifests, source_urls=urls), migrated) as opened:
        yield opened


def carry_out(app: Flask, case_id: str) -> bool:
    """Do the work of a granted request as its worker would; return whether it was done."""
    database: Database = app.extensions["portal_db"]
    with app.app_context():
        try:
            finish = make_worker(app).handlers["case.fulfil"](database, {"case": case_id})
        except TryLater:
            return False
        assert finish is not None
        with database.writing() as session:
            finish(session)
    return True


def granted(app: Flask, right: str = "access", outcome: Outcome = Outcome.GRANT) -> str:
    """Answer a request; where it is granted, let the worker begin. Return the case's id."""
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        case = deciding_case(session, right)
        answer(session, case, add_member(session), add_member(session, Role.MANAGER), outcome)
    if outcome is Outcome.GRANT:
        assert not carry_out(app, case.id)
    return case.id


def the_task(database: Database) -> Task:
    """Return the only task there is."""
    with database.reader() as session:
        return session.scalars(select(Task)).one()


def status_of(database: Database, case_id: str) -> Status:
    """Return where a case stands."""
    with database.reader() as session:
        return session.get_one(Case, case_id).status


def package_in(database: Database, case_id: str) -> zipfile.ZipFile:
    """Open the package of a case."""
    with database.reader() as session:
        package = package_of(session, session.get_one(Case, case_id))
        assert package is not None
        key = data_key(session, package.id, Purpose.PACKAGE)
        content = b"".join(session.info["vault"].read(package.file, key, package.id))
    return zipfile.ZipFile(BytesIO(content))
