"""What the desk does with requests that come by mail, by telephone and at the counter, and what came of it."""

from io import BytesIO
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.cases.arrivals import Arrival
from portal.cases.models import Case
from portal.cli import register_commands
from portal.db import Database
from portal.mail.outbox import Mail
from tests.support.colleagues import csrf_of
from tests.support.critic import Critic

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
