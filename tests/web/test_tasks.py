"""Manual tasks: made at a grant, answered at the desk, and nothing is complete before each of them is."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.accounts.models import Role, Staff
from portal.cases.access import open_json
from portal.cases.letters import case_facts
from portal.cases.lifecycle import Outcome, Status
from portal.cases.models import Case
from portal.cases.tasks import Task, Wanted, make_tasks, tasks_for
from portal.clock import now
from portal.db import Database
from portal.files.keys import Purpose
from portal.fulfilment.commands import check_sources
from portal.jobs.outbox import Job
from portal.mail.outbox import Mail, address_of
from portal.mail.render import render
from portal.review.reminders import send_digest
from portal.sources import DataMapFault, load_data_map
from portal.verify import breaches
from tests.support.archive import ARCHIVE, TEXT, carry_out, granted, package_in, status_of, the_task, with_archive
from tests.support.colleagues import MORNING, browser_of, member_of
from tests.support.desk import press
from tests.support.factories import ADA, add_member, answer, confirm_identity, locate, submit_case


@pytest.fixture
def app(tmp_path: Path, migrated: Path) -> Iterator[Flask]:
    """Give a portal with a database of one table, and a paper archive beside it."""
    with with_archive(tmp_path, migrated) as opened:
        yield opened


def test_a_package_waits_for_each_task_and_says_what_was_found_by_hand(app: Flask, database: Database) -> None:
    case_id = granted(app)
    assert status_of(database, case_id) is Status.ANSWERED
    task = the_task(database)
    desk = browser_of(app, member_of(database))
    page = desk.get(f"/desk/cases/{case_id}").text
    assert "The paper archive" in page
    assert "1 waits" in page
    assert press(desk, f"/desk/tasks/{task.id}", task.id, {"answer": TEXT}).status_code == 303
    assert carry_out(app, case_id)
    assert status_of(database, case_id) is Status.CARRIED_OUT
    package = package_in(database, case_id)
    told = package.read("index.html").decode()
    assert "Het papieren archief" in told
    for line in TEXT.splitlines():
        assert line in told
    assert '"source": "archive"' in package.read("data.json").decode()
    with database.reader() as session:
        assert list(breaches(session)) == []


def test_nothing_found_is_an_answer_too(app: Flask, database: Database) -> None:
    case_id = granted(app)
    task = the_task(database)
    desk = browser_of(app, member_of(database))
    assert press(desk, f"/desk/tasks/{task.id}", task.id, {"nothing": "yes"}).status_code == 303
    assert carry_out(app, case_id)
    assert "Er was niets over u te vinden." in package_in(database, case_id).read("index.html").decode()


def test_a_deletion_waits_as_well(app: Flask, database: Database) -> None:
    case_id = granted(app, "erase")
    assert status_of(database, case_id) is Status.ANSWERED
    task = the_task(database)
    desk = browser_of(app, member_of(database))
    press(desk, f"/desk/tasks/{task.id}", task.id, {"answer": "Weggegooid."})
    assert carry_out(app, case_id)
    assert status_of(database, case_id) is Status.CARRIED_OUT


def test_a_refusal_makes_no_task(app: Flask, database: Database) -> None:
    case_id = granted(app, outcome=Outcome.REFUSE)
    with database.reader() as session:
        assert session.scalars(select(Job).where(Job.case_id == case_id, Job.kind == "case.fulfil")).all() == []
        assert session.scalars(select(Task)).all() == []


def test_a_request_about_something_else_makes_no_task(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session, "access", answers={"about": ["research"], "form": [{"form": "copy"}]})
        locate(session, case)
        confirm_identity(session, case, add_member(session))
        answer(session, case, add_member(session), add_member(session, Role.MANAGER))
    assert carry_out(app, case.id)
    with database.reader() as session:
        assert session.scalars(select(Task)).all() == []


def test_the_last_answer_wakes_the_work(app: Flask, database: Database) -> None:
    case_id = granted(app)
    with database.writing() as session:
        session.execute(update(Job).where(Job.kind == "case.fulfil").values(run_at=now() + timedelta(hours=9)))
    task = the_task(database)
    press(browser_of(app, member_of(database)), f"/desk/tasks/{task.id}", task.id, {"nothing": "yes"})
    with database.reader() as session:
        job = session.scalars(select(Job).where(Job.kind == "case.fulfil", Job.case_id == case_id)).one()
        assert job.run_at <= now()


def test_a_task_is_due_before_the_request_and_its_answer_is_sealed(app: Flask, database: Database) -> None:
    case_id = granted(app)
    task = the_task(database)
    with database.reader() as session:
        assert task.due_on == session.get_one(Case, case_id).due_on - timedelta(days=7)
    desk = browser_of(app, member_of(database))
    press(desk, f"/desk/tasks/{task.id}", task.id, {"answer": TEXT})
    kept = the_task(database)
    assert kept.answer is not None
    assert b"brief" not in kept.answer
    with database.reader() as session:
        said = open_json(session, case_id, Purpose.DECISION, kept.answer)
        assert said == {"role": "reviewer", "text": TEXT}


def test_an_answer_is_something_or_nothing_and_what_was_typed_stays(app: Flask, database: Database) -> None:
    granted(app)
    task = the_task(database)
    desk = browser_of(app, member_of(database))
    empty = press(desk, f"/desk/tasks/{task.id}", task.id)
    both = press(desk, f"/desk/tasks/{task.id}", task.id, {"answer": TEXT, "nothing": "yes"})
    assert (empty.status_code, both.status_code) == (422, 422)
    assert "U vroeg naar een factuur." in both.text
    assert the_task(database).answered_at is None


def test_a_task_is_for_a_role_or_a_colleague_and_for_the_manager(app: Flask, database: Database) -> None:
    granted(app)
    with database.writing() as session:
        rex, tom = add_member(session), add_member(session, number=2)
        max_ = add_member(session, Role.MANAGER)
        task = session.scalars(select(Task)).one()

        def seen() -> list[bool]:
            session.flush()
            return [bool(tasks_for(session, session.get_one(Staff, each.id))) for each in (rex, tom, max_)]

        assert seen() == [True, True, True]
        task.role = Role.MANAGER
        assert seen() == [False, False, True]
        task.role, task.colleague = Role.REVIEWER, tom.login
        assert seen() == [False, True, True]
    assert browser_of(app, rex).get(f"/desk/tasks/{task.id}").status_code == 404


@pytest.mark.parametrize("named", [True, False], ids=["a colleague", "a role"])
def test_whose_task_it_is_hears_of_it_at_once_by_a_mail_that_says_nothing_of_the_person(
    app: Flask, database: Database, named: bool
) -> None:
    with database.writing() as session:
        tom, case = add_member(session, number=2), submit_case(session)
        wanted = Wanted("archive", {}, {"en": "Letters"}, "reviewer", tom.login if named else "", 7)
        make_tasks(session, case, [wanted])
        make_tasks(session, case, [wanted])
        session.flush()
        mail = session.scalars(select(Mail).where(Mail.letter == "staff-task")).one()
        task = session.scalars(select(Task)).one()
        settings = app.extensions["portal_settings"]
        address = tom.login if named else settings.controller.email
        told = {**case_facts(case), "task_id": task.id, "answer_on": task.due_on.isoformat()}
        assert (mail.owner, mail.facts) == (case.id, told)
    with app.app_context():
        sent = render(settings, mail.letter, mail.language, address, mail.facts, mail.id)
    text = next(sent.iter_parts()).get_content()
    assert f"/desk/tasks/{task.id}" in text
    assert ADA["name"] not in text
    with database.reader() as session:
        assert address_of(session, mail) == address


def test_the_morning_says_how_many_tasks_wait_and_how_many_are_late(app: Flask, database: Database) -> None:
    granted(app)
    with database.writing() as session:
        task = session.scalars(select(Task)).one()
        task.due_on = MORNING.date() - timedelta(days=1)
        session.flush()
        send_digest(session, MORNING)
        digest = session.scalars(select(Mail).where(Mail.letter == "staff-digest")).first()
        assert digest is not None
        assert (digest.facts["tasks"], digest.facts["tasks_late"]) == ("1", "1")


def test_the_check_of_the_map_knows_what_a_manual_source_lacks(app: Flask, tmp_path: Path) -> None:
    settings = app.extensions["portal_settings"]
    assert check_sources(settings) == []
    file = settings.manifests_dir / "archive.yml"
    file.write_text(ARCHIVE.replace("[helpdesk]", "[no-such]"), encoding="utf-8")
    assert ["The register has no activity `no-such`." in line for line in check_sources(settings)] == [True]
    file.write_text(ARCHIVE.replace("role: reviewer", "role: auditor").replace("look_for", "look"), encoding="utf-8")
    with pytest.raises(DataMapFault) as wrong:
        load_data_map(settings.manifests_dir)
    places = {fault.path for fault in wrong.value.faults}
    assert {"meta._source.role", "meta._source.look_for", "meta._source.look"} <= places
