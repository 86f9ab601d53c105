"""What the desk does with requests that come by mail, by telephone and at the counter, and what came of it."""

from collections.abc import Sequence
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.cases.arrivals import Arrival
from portal.cases.attachments import Attachment, read_attachment, rows_of
from portal.cases.models import Case
from portal.cli import register_commands
from portal.db import Database
from portal.demo.specimen import draw_specimen
from portal.mail.outbox import Mail
from tests.support.colleagues import csrf_of
from tests.support.critic import Critic
from tests.support.mails import WORDS, mail

FORM = {
    "channel": "phone",
    "arrived_on": "2026-11-23",
    "name": "Ada Peeters",
    "email": "ada@example.com",
    "words": "Ze wil weten wat Medbook over haar weet.",
    "right": "access",
    "language": "nl",
    "acting": "self",
}


def the_case(database: Database) -> Case:
    with database.reader() as session:
        return session.scalars(select(Case)).one()


def arrival(database: Database, case: Case) -> Arrival:
    with database.reader() as session:
        return session.get_one(Arrival, case.id)


def letters(database: Database, case: Case) -> list[Mail]:
    with database.reader() as session:
        return list(session.scalars(select(Mail).where(Mail.case_id == case.id, Mail.letter.not_like("staff-%"))))


def write_down(browser: Critic, values: dict[str, str]) -> TestResponse:
    return browser.post("/desk/new", data={"csrf_token": csrf_of(browser, "/desk/new"), **values})


def upload(browser: Critic, content: bytes) -> TestResponse:
    data = {"csrf_token": csrf_of(browser, "/desk/mail"), "mail": (BytesIO(content), "saved.eml")}
    return browser.post("/desk/mail", data=data, content_type="multipart/form-data")


def press(browser: Critic, case: Case, action: str, **values: object) -> TestResponse:
    """Send a form of the case's page."""
    token = csrf_of(browser, f"/desk/cases/{case.id}")
    return browser.post(f"/desk/cases/{case.id}/{action}", data={"csrf_token": token, **values})


def read_folder(app: Flask, folder: Path, *mails: bytes) -> str:
    folder.mkdir(exist_ok=True)
    for number, content in enumerate(mails):
        (folder / f"{number}.eml").write_bytes(content)
    register_commands(app)
    return app.test_cli_runner().invoke(args=["read-mailbox", str(folder)]).output


def with_card(text: str = WORDS, names: Sequence[str] = ("brief.jpg", "kaart.jpg"), **headers: str) -> EmailMessage:
    """Return a mail with a card, something else that is a picture, and a file that cannot be made safe."""
    whole = mail(text, **headers)
    whole.add_attachment(b"PK\x03\x04 a macro", maintype="application", subtype="zip", filename="list.docm")
    for name in names:
        whole.add_attachment(draw_specimen(name, "nl"), maintype="image", subtype="jpeg", filename=name)
    return whole


def files_of(database: Database, case: Case) -> dict[str, Attachment]:
    with database.reader() as session:
        found = session.get_one(Case, case.id)
        return {read_attachment(session, each)[0]: each for each in rows_of(session, found)}


def case_owner(database: Database, case: Case) -> str:
    with database.reader() as session:
        return session.get_one(Case, case.id).assigned_to or ""
