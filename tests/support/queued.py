"""Empty databases with a table of jobs, on SQLite and on PostgreSQL, and words to fill and read it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from portal import migrating
from portal.db import Database, make_engine
from portal.jobs import outbox
from portal.jobs.outbox import Job
from portal.jobs.worker import Handler
from tests.support.portals import make_template


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give an empty database of each kind."""
    if request.param == "sqlite":
        make_template(tmp_path / "jobs.db")
        url = f"sqlite:///{tmp_path / 'jobs.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
        engine = make_engine(url)
        migrating.upgrade(engine)
        engine.dispose()
    database = Database(url, {})
    yield database
    database.engine.dispose()


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Database]:
    """Give an empty SQLite database."""
    make_template(tmp_path / "jobs.db")
    database = Database(f"sqlite:///{tmp_path / 'jobs.db'}", {})
    yield database
    database.engine.dispose()


def put(database: Database, kind: str = "work", times: int = 1, run_at: datetime | None = None) -> None:
    with database.writing() as session:
        for number in range(times):
            outbox.queue(session, kind, {"n": str(number)}, run_at=run_at)


def all_jobs(database: Database) -> list[Job]:
    with database.reader() as session:
        return list(session.scalars(select(Job).order_by(Job.created_at, Job.id)))


def the_job(database: Database) -> Job:
    (job,) = all_jobs(database)
    return job


def doing(seen: list[str], fault: Callable[[], Exception] | None = None) -> Handler:
    def handle(_database: Database, payload: Mapping[str, str]) -> None:
        seen.append(payload["n"])
        if fault is not None:
            raise fault()

    return handle
