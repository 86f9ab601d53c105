"""Files found by hand: made anew, in the package with who added them, forgotten with their case."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.cases.attachments import Attachment, attachment_at, forget_attachments, read_attachment
from portal.cases.models import Case
from portal.cases.retention import known_files
from portal.db import Database
from portal.errors import NotYours
from portal.files.keys import KeyDestroyed, Purpose, destroy_key
from portal.review.dossier import dossier
from portal.verify import breaches
from tests.corpus_writers import card, saved
from tests.support.archive import TEXT, carry_out, granted, package_in, the_task, with_archive
from tests.support.colleagues import browser_of, member_of
from tests.support.desk import press

PHOTO = saved(card(), "JPEG")


@pytest.fixture
def app(tmp_path: Path, migrated: Path) -> Iterator[Flask]:
    """Give a portal with a database of one table, and a paper archive beside it."""
    with with_archive(tmp_path, migrated) as opened:
        yield opened


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
    assert "Een behandelaar heeft dit bestand toegevoegd op" in page
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
