"""A portal whose sources are the made-up shop and its letters; cases of Ada go through it by the worker alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import update

from portal.accounts.models import Role
from portal.app import make_worker
from portal.cases.lifecycle import Status
from portal.cases.models import Case
from portal.config import SourceUrls
from portal.db import Database
from portal.jobs.worker import Worker
from portal.rights.base import Answers
from portal.sources import Sources
from tests.support import factories
from tests.support.portals import make_settings, portal
from tests.support.shop import ADA, customers, open_shop

WHO = {"name": "Ada Byron", "email": ADA, "residence": "be", "acting": "self"}


@contextmanager
def shopfront(folder: Path, migrated: Path, **changes: object) -> Iterator[tuple[Flask, Sources]]:
    """Open a portal over a fresh shop in ``folder``; nobody refers to Ada there, so that she can go."""
    sources = open_shop(folder)
    with sources["shop"].writer.begin() as connection:
        connection.execute(update(customers).values(referred_by=None))
    urls = {key: f"sqlite:///{folder / key}.db" for key in ("shop", "letters")}
    settings = make_settings(
        folder,
        demo=True,
        smtp=None,
        manifests_dir=folder / "map",
        source_urls={key: SourceUrls(url, url) for key, url in urls.items()},
        **changes,
    )
    with portal(settings, migrated) as app:
        yield app, sources
    sources.close()


def work(app: Flask) -> int:
    """Run every job that is due, also those of the night."""
    with app.app_context():
        worker: Worker = app.extensions.setdefault("worker_of_the_test", None) or make_worker(app)
        app.extensions["worker_of_the_test"] = worker
        worker.queue_nightly()
        return worker.run_until_idle()


def granted(app: Flask, right: str, answers: Answers | None = None) -> str:
    """File ``right`` for Ada, grant it, and return the case's id before anything is carried out."""
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        case_id = factories.submit_case(session, right, who=WHO, answers=answers).id
    work(app)
    with database.writing() as session:
        case = session.get_one(Case, case_id)
        rex, max_ = factories.add_member(session), factories.add_member(session, Role.MANAGER)
        if case.status is Status.IDENTITY:
            factories.confirm_identity(session, case, rex)
            factories.answer(session, case, rex, max_)
    return case_id


def carried_out(app: Flask, right: str, answers: Answers | None = None) -> str:
    """File ``right`` for Ada, grant it and carry it out; return the case's id."""
    case_id = granted(app, right, answers)
    work(app)
    database: Database = app.extensions["portal_db"]
    with database.reader() as session:
        assert session.get_one(Case, case_id).status is Status.CARRIED_OUT
    return case_id
