"""Files with a message, both ways: made anew from pixels, sealed with the messages, forgotten with them."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.models import Staff
from portal.cases.attachments import Attachment, plain_name
from portal.cases.lifecycle import Move, Status
from portal.cases.models import Case, Message
from portal.cases.moves import move
from portal.cases.retention import sweep
from portal.clock import now
from portal.db import Database
from portal.files.attached import take_attachment
from portal.files.keys import KeyDestroyed, Purpose, data_key
from portal.mail.outbox import Mail
from portal.review.dossier import dossier
from tests.corpus import FILES
from tests.corpus_writers import card, saved
from tests.support.colleagues import browser_of
from tests.support.critic import Critic
from tests.support.desk import press, press_on
from tests.support.factories import BEN, actor_for, add_member, answer, deciding_case, submit_case
from tests.support.visitors import with_mailbox

JPEG = saved(card(), "JPEG")


def two_pages() -> bytes:
    """Return a PDF of two pages that carries a title."""
    out = io.BytesIO()
    page = Image.new("RGB", (300, 400), "white")
    page.save(out, "PDF", save_all=True, append_images=[page], title="my own title")
    return out.getvalue()


def waiting(database: Database) -> Case:
    with database.writing() as session:
        case = deciding_case(session)
        move(session, case, Move.ASK, actor_for(add_member(session)))
        return case


def send(browser: Critic, case: Case, text: str, *files: tuple[bytes, str]) -> TestResponse:
    page = browser.get(f"/en/s/{case.id}")
    values = {"message": text, "files": [(io.BytesIO(content), name) for content, name in files]}
    return press_on(browser, page, "/reply", values)  # type: ignore[arg-type]


def rows(database: Database) -> list[Attachment]:
    with database.reader() as session:
        return list(session.scalars(select(Attachment).order_by(Attachment.place)))


def fetch(browser: Critic, page: str, row: Attachment) -> TestResponse:
    return press(browser, page, f"/files/{row.id}")


def test_what_is_sent_with_an_answer_arrives_made_anew_and_ends_the_wait(app: Flask, database: Database) -> None:
    case = waiting(database)
    ada = with_mailbox(app, case.mailbox)
    assert send(ada, case, "Here it is.", (two_pages(), "bill 3.pdf"), (JPEG, "photo.png")).status_code == 303
    pdf, photo = rows(database)
    with database.reader() as session:
        assert session.get_one(Case, case.id).status is Status.DECIDING
    given = fetch(ada, f"/en/s/{case.id}", pdf)
    assert (given.mimetype, pdf.pages) == ("application/pdf", 2)
    assert given.headers["Content-Disposition"] == 'attachment; filename="bill 3.pdf"'
    assert given.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert len(pypdfium2.PdfDocument(given.data)) == 2
    assert b"/Title" not in given.data
    picture = fetch(ada, f"/en/s/{case.id}", photo)
    assert (picture.mimetype, picture.data[:2]) == ("image/jpeg", b"\xff\xd8")
    assert picture.headers["Content-Disposition"].endswith('"photo.jpg"')
    assert picture.data != JPEG


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([(JPEG, "ok.jpg"), (FILES["html.jpg"].make(), "page.jpg")], "page: We cannot open this kind of document."),
        ([(FILES["pdf_encrypted.pdf"].make(), "shut.pdf")], "shut: This PDF is locked with a password."),
        ([(b"", "empty.pdf")], "empty: This file is empty."),
        ([(JPEG, f"{number}.jpg") for number in range(4)], "Choose at most 3 files."),
    ],
    ids=["one of two", "locked", "empty", "too many"],
)
def test_a_file_that_is_refused_sends_nothing_and_loses_nothing_typed(
    app: Flask, database: Database, files: list[tuple[bytes, str]], sentence: str
) -> None:
    case = waiting(database)
    page = send(with_mailbox(app, case.mailbox), case, "A long story that took me an hour.", *files)
    told = page.get_data(as_text=True)
    assert page.status_code == 422
    assert sentence in told
    assert "A long story that took me an hour." in told
    with database.reader() as session:
        assert session.scalars(select(Message)).all() == []
        assert session.get_one(Case, case.id).status is Status.WAITING
    assert rows(database) == []


def test_a_pdf_of_more_than_ten_pages_and_one_that_lies_are_refused_by_a_sentence() -> None:
    out = io.BytesIO()
    page = Image.new("RGB", (60, 60), "white")
    page.save(out, "PDF", save_all=True, append_images=[page] * 10)
    for content, word in ((out.getvalue(), "more than 10 pages"), (b"%PDF-1.7 nothing", "damaged")):
        with pytest.raises(Exception, match=word):
            take_attachment(io.BytesIO(content))


def test_a_file_alone_is_an_answer(app: Flask, database: Database) -> None:
    case = waiting(database)
    assert send(with_mailbox(app, case.mailbox), case, "", (JPEG, "x.jpg")).status_code == 303
    assert len(rows(database)) == 1


def test_nobody_opens_a_file_of_another_case(app: Flask, database: Database) -> None:
    case = waiting(database)
    ada = with_mailbox(app, case.mailbox)
    send(ada, case, "Mine.", (JPEG, "x.jpg"))
    with database.writing() as session:
        other = submit_case(session, who=BEN)
    (row,) = rows(database)
    token = re.search(r'csrf_token" value="([^"]+)', ada.get(f"/en/s/{case.id}").get_data(as_text=True))
    assert token is not None
    eve = with_mailbox(app, other.mailbox)
    found = re.search(r'csrf_token" value="([^"]+)', eve.get(f"/en/s/{other.id}").get_data(as_text=True))
    assert found is not None
    for where in (case.id, other.id):
        answered = eve.post(f"/en/s/{where}/files/{row.id}", data={"csrf_token": found[1]})
        assert answered.status_code == 404


def test_the_desk_opens_what_was_sent_and_the_person_sees_by_which_role(
    app: Flask, database: Database, rex: Critic
) -> None:
    case = waiting(database)
    ada = with_mailbox(app, case.mailbox)
    send(ada, case, "Here.", (JPEG, "proof.jpg"))
    (row,) = rows(database)
    assert "Nobody opened it yet." in ada.get(f"/en/s/{case.id}").get_data(as_text=True)
    assert fetch(rex, f"/desk/cases/{case.id}", row).mimetype == "image/jpeg"
    shown = ada.get(f"/en/s/{case.id}").get_data(as_text=True)
    assert "Opened by a reviewer" in shown
    assert "Rex" not in shown


def test_the_desk_sends_files_with_a_question_and_a_message_that_does_not_wait(
    app: Flask, database: Database, decided: tuple[str, Staff]
) -> None:
    case_id, member = decided
    browser = browser_of(app, member)
    page = f"/desk/cases/{case_id}"
    said = {"question": "We go on.", "files": [(io.BytesIO(two_pages()), "form.pdf")]}
    told = press_on(browser, browser.get(page), "/question", {"question": "x", "files": [(io.BytesIO(b"x"), "a.exe")]})  # type: ignore[dict-item]
    assert (told.status_code, "a: We cannot use this file" in told.get_data(as_text=True)) == (422, True)
    found = re.search(r'csrf_token" value="([^"]+)', browser.get(page).get_data(as_text=True))
    assert found is not None
    sent = browser.post(f"{page}/message", data={**said, "csrf_token": found[1]})
    assert sent.status_code == 303
    with database.reader() as session:
        case = session.get_one(Case, case_id)
        assert case.status is Status.DECIDING
        mail = session.scalars(select(Mail).where(Mail.letter == "message")).one()
        assert "We go on." not in str(mail.facts)
    (row,) = rows(database)
    person = with_mailbox(app, case.mailbox)
    assert "We go on." in person.get(f"/en/s/{case_id}").get_data(as_text=True)
    assert fetch(person, f"/en/s/{case_id}", row).data.startswith(b"%PDF-")


def test_the_files_go_with_the_messages_of_a_case(app: Flask, database: Database) -> None:
    case = waiting(database)
    send(with_mailbox(app, case.mailbox), case, "Here.", (JPEG, "proof.jpg"))
    (row,) = rows(database)
    folder: Path = app.extensions["portal_settings"].files_dir
    assert list(folder.rglob(str(row.file)))
    with database.writing() as session:
        kept = session.get_one(Case, case.id)
        assert f"{row.id}-proof.jpg".encode() in dossier(session, kept)
        answer(session, kept, add_member(session), add_member(session, number=2))
    with database.writing() as session:
        done = sweep(session, now() + timedelta(days=3 * 365))
        assert row.file in done.files
        with pytest.raises(KeyDestroyed):
            data_key(session, case.id, Purpose.MESSAGES)
    assert [each.file for each in rows(database)] == [None]


def test_a_name_is_kept_without_folders_ending_and_signs() -> None:
    names = ("..\\..\\a.pdf", "/etc/x", 'a"b;\r\nc.jpg', "..", "é t.tar.gz", "x" * 300)
    assert [plain_name(each) for each in names] == [
        "a", "x", "a_b___c", "file", "é t.tar", "x" * 80,
    ]  # fmt: skip
