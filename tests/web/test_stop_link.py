"""The link in the notice: one button, no signing in, and from then on nothing leaves or changes."""

import re
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from portal.accounts.tokens import LinkPurpose, make_link
from portal.audit.record import PERSON
from portal.cases.lifecycle import Move
from portal.cases.models import Case
from portal.cases.moves import move
from portal.db import Database
from portal.mail.outbox import Mail
from tests.support.critic import Critic
from tests.support.factories import (
    ADA,
    locate,
    submit_case,
)
from tests.support.postbox import Postbox
from tests.support.reading import unbroken
from tests.support.visitors import visitor, with_mailbox


def ada(app: Flask, case: Case) -> Critic:
    return with_mailbox(app, case.mailbox)


def text_of(browser: Critic, path: str) -> str:
    page = browser.get(path)
    assert page.status_code == 200, f"{path}: {page.status_code}"
    return re.sub(r"\s+", " ", unbroken(page.get_data(as_text=True)))


def test_one_button_without_signing_in_stops_the_request(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session)
        locate(session, case, on_file=False)
        path = f"/en/stop/{make_link(session, LinkPurpose.STOP, case.id)}"
    anyone = visitor(app)
    for _ in range(3):
        assert "Stop this request" in text_of(anyone, path)
    with database.reader() as session:
        assert session.get_one(Case, case.id).stopped_at is None, "looking stops nothing: mail scanners look too"
    done = anyone.submit(path, {}, follow_redirects=True)
    assert "The request is stopped" in done.get_data(as_text=True)
    assert case.reference not in done.get_data(as_text=True)
    assert ADA["name"] not in done.get_data(as_text=True)
    with database.reader() as session:
        assert session.get_one(Case, case.id).stopped_at is not None
        assert session.scalar(select(func.count()).where(Mail.letter == "staff-stopped")) == 1
    assert "stopped this request" in text_of(ada(app, case), f"/en/s/{case.id}")


def test_the_link_in_the_notice_is_the_one_that_works(app: Flask, database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        case = submit_case(session)
        locate(session, case, on_file=False)
    (notice,) = (each for each in Postbox(app, tmp_path / "post").deliver() if each.to == "on.file@example.org")
    (link,) = re.findall(r"http://localhost(/nl/stop/\S+)", notice.text)
    visitor(app).submit(link, {})
    with database.reader() as session:
        assert session.get_one(Case, case.id).stopped_at is not None


def test_a_request_that_is_over_says_so_instead_of_a_button(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session)
        path = f"/en/stop/{make_link(session, LinkPurpose.STOP, case.id)}"
        move(session, case, Move.WITHDRAW, PERSON)
    page = text_of(visitor(app), path)
    assert "This request is over" in page
    assert "Stop this request" not in page
