"""A source that is slow counts as down, by name: nothing half is handed over, and the desk sees what it waits for."""

from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, text

from portal.cases.models import Case, Package
from portal.clock import now
from portal.config import SourceUrls
from portal.db import Database
from portal.errors import SourceDown, SourceRefused
from portal.fulfilment.jobs import Fulfilment
from portal.jobs.outbox import FIRST_WAIT, Job
from portal.jobs.worker import Worker
from portal.sources import Sources, load_data_map
from portal.sources.engines import SqlSource
from tests.support.critic import Critic
from tests.support.shop import open_shop
from tests.web.test_desk_recovery import answered, at

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def named(failure: pytest.ExceptionInfo[SourceDown]) -> object:
    return failure.value.values["source"]


def test_a_statement_of_sqlite_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/slow.db"
    source = SqlSource("portfolio", SourceUrls(url, url), None, seconds=0)
    with pytest.raises(SourceDown) as failure, source.reading() as connection:
        connection.execute(text(ENDLESS))
    assert named(failure) == "portfolio"
    source.close()


def test_a_statement_of_postgresql_that_takes_too_long_is_ended(postgres_url: str) -> None:
    source = SqlSource("portfolio", SourceUrls(postgres_url, postgres_url), None, seconds=1)
    with pytest.raises(SourceDown) as failure, source.reading() as connection:
        connection.execute(text("SELECT pg_sleep(60)"))
    assert (named(failure), failure.value.values["kind"]) == ("portfolio", "QueryCanceled")
    with source.writing() as connection:
        assert connection.scalar(text("SHOW statement_timeout")) == "1s"
    source.close()


def test_mariadb_is_told_how_long_a_statement_may_take(mariadb_url: str) -> None:
    source = SqlSource("portfolio", SourceUrls(mariadb_url, mariadb_url), None, seconds=7)
    with source.reading() as connection:
        assert connection.scalar(text("SELECT @@max_statement_time")) == 7
    source.close()


def test_a_failure_names_its_own_source_while_others_are_open(tmp_path: Path) -> None:
    opened = open_shop(tmp_path)
    with ExitStack() as stack:
        failure = stack.enter_context(pytest.raises(SourceDown))
        reader = stack.enter_context(opened.reading())
        connections = [reader.connection(key) for key in ("shop", "letters")]
        connections[0].execute(text("SELECT * FROM nowhere"))
    assert named(failure) == "shop"
    opened.close()


def test_the_desk_sees_which_source_does_not_answer_and_when_it_is_asked_again(
    app: Flask, database: Database, rex: Critic
) -> None:
    settings = app.extensions["portal_settings"]
    case = answered(database, rex)
    data_map = load_data_map(settings.manifests_dir)
    key = next(iter(data_map.sources))
    sources = Sources(data_map, {name: SourceUrls("sqlite:////nowhere/at/all.db", "") for name in data_map.sources})
    worker = Worker(database, {"case.fulfil": Fulfilment(sources).fulfil_case})
    with database.writing() as session:
        session.query(Job).filter(Job.kind != "case.fulfil").delete()
    with time_machine.travel(now() + timedelta(minutes=1), tick=False) as clock:
        for tries, said in ((1, "tried once"), (2, "tried 2 times")):
            assert worker.run_one()
            with database.reader() as session:
                job = session.scalars(select(Job).where(Job.case_id == case.id, Job.kind == "case.fulfil")).one()
            assert (job.fault, job.attempts) == (f"SourceDown {key}", tries)
            assert job.run_at == now() + FIRST_WAIT * tries
            page = rex.get(at(case)).text
            assert f"{data_map.sources[key].title['en']} ({key}) did not answer; {said}. Next try on " in page
            clock.shift(timedelta(minutes=tries, seconds=1))
    with database.reader() as session:
        assert session.scalar(select(func.count()).select_from(Package).where(Package.case_id == case.id)) == 0
        assert session.get_one(Case, case.id).status == case.status
    sources.close()


def test_a_source_that_refuses_is_told_as_such_and_not_tried_again(database: Database, rex: Critic) -> None:
    case = answered(database, rex)

    def refuse(_database: Database, _payload: object) -> None:
        raise SourceRefused(values={"kind": "ForeignKeyViolation", "source": "portfolio"})

    with database.writing() as session:
        session.query(Job).filter(Job.kind != "case.fulfil").delete()
    assert Worker(database, {"case.fulfil": refuse}).run_until_idle() == 1
    with database.reader() as session:
        job = session.scalars(select(Job).where(Job.case_id == case.id, Job.kind == "case.fulfil")).one()
    assert (job.fault, job.attempts, job.dead_at is None) == ("SourceRefused portfolio", 1, False)
    page = rex.get(at(case)).text
    assert "portfolio refused the change: its own rules forbid it." in page
    assert "did not answer" not in page
    assert "Try again" in page


def test_what_is_done_or_was_asked_anew_waits_for_nobody(database: Database, rex: Critic) -> None:
    case = answered(database, rex)
    with database.writing() as session:
        job = session.scalars(select(Job).where(Job.case_id == case.id, Job.kind == "case.fulfil")).one()
        job.fault, job.dead_at, job.attempts = "SourceDown portfolio", now(), 70
    assert "portfolio did not answer; tried 70 times. It is not tried again by itself." in rex.get(at(case)).text
    with database.writing() as session:
        session.get_one(Job, job.id).fault = "KeyError"
    assert "did not answer" not in rex.get(at(case)).text
