"""Manual tasks: made at a grant, answered at the desk, and nothing is complete before each of them is."""

import hashlib
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.accounts.models import Role, Staff
from portal.app import make_worker
from portal.cases.access import open_json, package_of
from portal.cases.attachments import Attachment, attachment_at, forget_attachments, read_attachment
from portal.cases.lifecycle import Outcome, Status
from portal.cases.models import Case
from portal.cases.retention import known_files
from portal.cases.tasks import Task, tasks_for
from portal.clock import now
from portal.config import SourceUrls
from portal.db import Database
from portal.errors import NotYours
from portal.files.keys import KeyDestroyed, Purpose, data_key, destroy_key
from portal.fulfilment.commands import check_sources
from portal.jobs.outbox import Job
from portal.jobs.worker import TryLater
from portal.mail.outbox import Mail
from portal.review.dossier import dossier
from portal.review.reminders import send_digest
from portal.sources import DataMapFault, load_data_map
from portal.verify import breaches
from tests.corpus_writers import card, saved
from tests.support.colleagues import MORNING, browser_of, member_of
from tests.support.desk import press
from tests.support.factories import add_member, answer, confirm_identity, deciding_case, locate, submit_case
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
PHOTO = saved(card(), "JPEG")
TEXT = "Eén brief van 3 mei 2024.\nU vroeg naar een factuur."


@pytest.fixture
def app(tmp_path: Path, migrated: Path) -> Iterator[Flask]:
    """Give a portal with a database of one table, and a paper archive beside it."""
    folder = tmp_path / "map"
    folder.mkdir()
    (folder / "archive.yml").write_text(ARCHIVE, encoding="utf-8")
    (folder / "list.yml").write_text(LIST, encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "list.db")) as made:
        made.execute("create table people (id integer primary key, email text)")
    urls = {"list": SourceUrls(*[f"sqlite:///{tmp_path / 'list.db'}"] * 2)}
    with portal(make_settings(tmp_path, manifests_dir=folder, source_urls=urls), migrated) as opened:
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
    with database.reader() as session:
        return session.scalars(select(Task)).one()


def status_of(database: Database, case_id: str) -> Status:
    with database.reader() as session:
        return session.get_one(Case, case_id).status


def package_in(database: Database, case_id: str) -> zipfile.ZipFile:
    with database.reader() as session:
        package = package_of(session, session.get_one(Case, case_id))
        assert package is not None
        key = data_key(session, package.id, Purpose.PACKAGE)
        content = b"".join(session.info["vault"].read(package.file, key, package.id))
    return zipfile.ZipFile(BytesIO(content))


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


def test_a_file_found_by_hand_comes_with_the_package_and_says_who_added_it(app: Flask, database: Database) -> None:
    case_id = granted(app)
    task = the_task(database)
    desk = browser_of(app, member_of(database))
    sent = {"files": [(io.BytesIO(PHOTO), "../brief 3 mei.png")]}
    assert press(desk, f"/desk/tasks/{task.id}", task.id, sent).status_code == 303
    shown = desk.get(f"/desk/cases/{case_id}").text
    assert "brief 3 mei.jpg" in shown
    with database.reader() as session:
        row = session.scalars(select(Attachment)).one()
        assert (row.task_id, row.message_id) == (task.id, None)
        with pytest.raises(NotYours):
            attachment_at(session, session.get_one(Case, case_id), row.id, of_person=True)
    opened = press(desk, f"/desk/cases/{case_id}", f"/files/{row.id}")
    assert (opened.mimetype, opened.data[:2]) == ("image/jpeg", b"\xff\xd8")
    assert carry_out(app, case_id)
    package = package_in(database, case_id)
    (told,) = json.loads(package.read("data.json"))["by_hand"]
    (file,) = told["files"]
    assert (told["text"], file["name"], file["file"]) == (
        None,
        "brief 3 mei.jpg",
        "files/by-hand/000001-brief_3_mei.jpg",
    )
    assert package.read(file["file"]) == opened.data
    assert hashlib.sha256(opened.data).hexdigest() == file["sha256"]
    assert {"path": file["file"], "sha256": file["sha256"], "bytes": file["bytes"], "rows": None} in json.loads(
        package.read("manifest.json")
    )["files"]
    page = package.read("index.html").decode()
    assert f'href="{file["file"]}"' in page
    assert "Een behandelaar voegde dit bestand toe op" in page
    assert "Er was niets over u te vinden." not in page
    with app.app_context(), database.reader() as session:
        assert list(breaches(session)) == []
        given = zipfile.ZipFile(BytesIO(dossier(session, session.get_one(Case, case_id))))
    (answered,) = json.loads(given.read("tasks.json"))
    assert [given.read(path) for path in answered["files"]] == [opened.data]


def test_a_file_that_is_refused_keeps_the_task_open_and_what_was_typed(app: Flask, database: Database) -> None:
    granted(app)
    task = the_task(database)
    desk = browser_of(app, member_of(database))
    for files, sentence in (
        ([(b"<html>", "page.pdf")], "page: We cannot open this kind of document. "),
        ([(PHOTO, f"{number}.jpg") for number in range(4)], "Choose at most 3 files. Nothing was kept."),
    ):
        sent = {"answer": TEXT, "files": [(io.BytesIO(content), name) for content, name in files]}
        told = press(desk, f"/desk/tasks/{task.id}", task.id, sent)
        assert told.status_code == 422
        assert sentence in told.text
        assert "U vroeg naar een factuur." in told.text
    both = press(desk, f"/desk/tasks/{task.id}", task.id, {"nothing": "yes", "files": [(io.BytesIO(PHOTO), "a.png")]})
    assert both.status_code == 422
    assert "Choose your files again" in both.text
    assert the_task(database).answered_at is None
    with database.reader() as session:
        assert session.scalars(select(Attachment)).all() == []


def test_a_file_found_by_hand_is_forgotten_with_its_case(app: Flask, database: Database) -> None:
    case_id = granted(app)
    task = the_task(database)
    desk = browser_of(app, member_of(database))
    press(desk, f"/desk/tasks/{task.id}", task.id, {"files": [(io.BytesIO(PHOTO), "a.png")]})
    with database.reader() as session:
        row = session.scalars(select(Attachment)).one()
        assert row.file in set(known_files(session))
    with database.writing() as session:
        assert row.file in forget_attachments(session, case_id)
        destroy_key(session, case_id, Purpose.MESSAGES)
    with database.reader() as session, pytest.raises(KeyDestroyed):
        read_attachment(session, row)


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
