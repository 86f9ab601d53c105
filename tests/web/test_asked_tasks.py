"""What a reviewer asks a colleague to look up: sealed, in the package, and nothing is complete while it waits."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts.models import Role
from portal.app import make_worker
from portal.cases.lifecycle import Outcome, Status
from portal.cases.models import Case
from portal.cases.tasks import Task, tasks_for
from portal.cases.trial import TrialCopy, ask_trial
from portal.clock import now, today
from portal.db import Database
from portal.jobs.worker import TryLater
from portal.mail.outbox import Mail
from portal.review.obstacles import NotYet, not_yet
from portal.review.record_page import KINDS
from portal.verify import breaches
from tests.support.archive import carry_out, package_in, status_of, with_archive
from tests.support.arriving import press as send
from tests.support.colleagues import browser_of, member_of
from tests.support.critic import Critic
from tests.support.desk import press
from tests.support.factories import actor_for, add_member, answer, deciding_case

WHERE, WHAT = "De kast op zolder", "Brieven van Ada uit 2019"


@pytest.fixture
def app(tmp_path: Path, migrated: Path) -> Iterator[Flask]:
    """Give a portal with a database of one table, and a paper archive that its data map asks about."""
    with with_archive(tmp_path, migrated) as opened:
        yield opened


@pytest.fixture
def desk(app: Flask, database: Database) -> Critic:
    return browser_of(app, member_of(database))


@pytest.fixture
def case_id(database: Database, desk: Critic) -> str:
    """Give a request that the reviewer decides."""
    member = member_of(database)
    with database.writing() as session:
        case = deciding_case(session, "access")
        case.assigned_to = member.id
        return case.id


def ask(desk: Critic, case_id: str, **other: str) -> TestResponse:
    said = {"task_title": WHERE, "task_words": WHAT, "task_whose": "reviewer", "task_due": today().isoformat()}
    return press(desk, f"/desk/cases/{case_id}", "/tasks", {**said, **other})


def asked(session: Session) -> Task:
    return session.scalars(select(Task).where(Task.asked.is_not(None))).one()


def grant(app: Flask, database: Database, case_id: str) -> bool:
    """Grant, and return whether the work went through."""
    with database.writing() as session:
        answer(session, session.get_one(Case, case_id), add_member(session), add_member(session, Role.MANAGER))
    return carry_out(app, case_id)


def answer_all(database: Database, desk: Critic, text: str) -> None:
    """Answer every task that waits."""
    with database.reader() as session:
        waiting = session.scalars(select(Task.id).where(Task.answered_at.is_(None))).all()
    for task_id in waiting:
        assert press(desk, f"/desk/tasks/{task_id}", task_id, {"answer": text}).status_code == 303


def test_what_a_reviewer_asks_is_sealed_told_by_mail_and_answered_for_the_package(
    app: Flask, database: Database, desk: Critic, case_id: str
) -> None:
    assert ask(desk, case_id).status_code == 303
    with database.reader() as session:
        task = asked(session)
        assert task.asked is not None
        assert b"zolder" not in task.asked
        assert (task.title, task.look_for) == ({}, {})
        (mail,) = session.scalars(select(Mail).where(Mail.letter == "staff-task"))
        assert "zolder" not in str(mail.facts)
    for path in ("/desk/tasks", f"/desk/tasks/{task.id}", f"/desk/cases/{case_id}"):
        assert WHERE in desk.get(path).text, path
    assert not grant(app, database, case_id)
    assert status_of(database, case_id) is Status.ANSWERED
    answer_all(database, desk, "Eén brief van mei 2019.")
    assert carry_out(app, case_id)
    told = package_in(database, case_id).read("index.html").decode()
    assert WHERE in told
    assert "Eén brief van mei 2019." in told
    with database.reader() as session:
        assert list(breaches(session)) == []


def test_a_task_that_is_dropped_says_why_and_the_request_goes_on_without_it(
    app: Flask, database: Database, desk: Critic, case_id: str
) -> None:
    ask(desk, case_id)
    with database.reader() as session:
        task = asked(session)
    path = f"/desk/cases/{case_id}"
    assert press(desk, path, f"/tasks/{task.id}/drop", {"why": ""}).status_code == 422
    assert press(desk, path, f"/tasks/{task.id}/drop", {"why": "De kast is leeg."}).status_code == 303
    assert "De kast is leeg." in desk.get(path).text
    assert desk.get(f"/desk/tasks/{task.id}").status_code == 404
    assert not grant(app, database, case_id), "what the data map asks waits"
    answer_all(database, desk, "Niets bijzonders.")
    assert carry_out(app, case_id)
    told = package_in(database, case_id).read("index.html").decode()
    assert WHERE not in told
    assert "De kast is leeg." not in told


def test_nothing_is_refused_while_a_task_that_was_asked_waits(database: Database, desk: Critic, case_id: str) -> None:
    ask(desk, case_id)
    with database.reader() as session:
        case = session.get_one(Case, case_id)
        assert not_yet(session, case, Outcome.REFUSE) == (NotYet.HAND,)
        assert NotYet.HAND not in not_yet(session, case, Outcome.GRANT), "a grant waits for it later"


def test_who_asks_says_where_what_whose_and_by_when_and_nothing_typed_is_lost(
    database: Database, desk: Critic, case_id: str
) -> None:
    wrong = {"task_title": "", "task_words": "", "task_whose": "auditor", "task_due": "2020-01-01"}
    for field, value in (*wrong.items(), ("task_due", "x")):
        page = ask(desk, case_id, **{field: value})
        assert page.status_code == 422
        assert f'id="{field}-error"' in page.text
        assert (WHAT if field != "task_words" else WHERE) in page.text
    with database.reader() as session:
        assert session.scalars(select(Task)).all() == []


def test_a_task_of_one_colleague_is_theirs_alone_and_only_who_has_the_request_asks(
    app: Flask, database: Database, desk: Critic, case_id: str
) -> None:
    with database.writing() as session:
        tom, eve = add_member(session, number=2), add_member(session, number=3)
    assert ask(desk, case_id, task_whose=tom.id).status_code == 303
    with database.reader() as session:
        assert [bool(tasks_for(session, each)) for each in (tom, eve)] == [True, False]
    with database.writing() as session:
        session.get_one(Case, case_id).assigned_to = eve.id
        found = session.get_one(Case, case_id)
    assert "task_title" not in desk.get(f"/desk/cases/{case_id}").text
    assert send(desk, found, "tasks", task_title=WHERE, task_words=WHAT, task_whose="reviewer").status_code == 409
    assert {"fulfilment:task_made", "fulfilment:task_dropped"} <= set(KINDS)


def test_what_was_found_after_the_look_is_looked_at_again(
    app: Flask, database: Database, desk: Critic, case_id: str
) -> None:
    ask(desk, case_id)
    with database.writing() as session:
        case = session.get_one(Case, case_id)
        copy = ask_trial(session, case, actor_for(add_member(session)))
        copy.made_at = copy.cleared_at = now() - timedelta(hours=1)
    assert not grant(app, database, case_id)
    answer_all(database, desk, "Eén brief.")
    assert not carry_out(app, case_id)
    with database.reader() as session:
        newest = session.scalars(select(TrialCopy).order_by(TrialCopy.number.desc())).first()
        assert newest is not None
        assert (newest.number, newest.cleared_at) == (2, None)


def test_a_copy_does_not_leave_without_what_was_asked_while_it_was_packed(
    app: Flask, database: Database, desk: Critic, case_id: str
) -> None:
    assert not grant(app, database, case_id)
    answer_all(database, desk, "Niets bijzonders.")
    with app.app_context():
        finish = make_worker(app).handlers["case.fulfil"](database, {"case": case_id})
    assert finish is not None
    assert ask(desk, case_id).status_code == 303
    with database.writer() as session, pytest.raises(TryLater):
        finish(session)
    answer_all(database, desk, "Eén brief.")
    assert carry_out(app, case_id)
    assert WHERE in package_in(database, case_id).read("index.html").decode()
