"""A mail that asks none of the rights is closed, and its sender told; a request never is, and loses no day."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cases.access import text_of
from portal.cases.attachments import rows_of
from portal.cases.lifecycle import Status
from portal.cases.models import Case
from portal.clock import today
from portal.db import Database
from portal.mail.outbox import Mail
from portal.review.figures import figures
from portal.review.periods import Period
from portal.tracking.pages import ledger
from portal.verify import breaches
from tests.support.arriving import FORM, letters, press, read_folder, the_case, upload, write_down
from tests.support.critic import Critic
from tests.support.factories import submit_case
from tests.support.mails import mail
from tests.support.portals import make_settings, portal
from tests.support.postbox import Postbox
from tests.support.visitors import with_mailbox
from tests.web.test_saved_mail import with_card

ASIDE = {"asks_about": "help", "asks_why": "They cannot sign in."}


@pytest.fixture
def app(tmp_path: Path, migrated: Path, morning: time_machine.Traveller) -> Iterator[Flask]:
    """Give a portal that knows the name of its own mail server."""
    settings = make_settings(tmp_path, mail_hosts=frozenset({"mx.medbook.example"}))
    with portal(settings, migrated) as opened:
        yield opened


@pytest.fixture
def closed(rex: Critic, database: Database) -> Case:
    """Give the case of a mail that was set aside."""
    whole = mail("Ik kan niet inloggen.")
    upload(rex, bytes(whole))
    case = the_case(database)
    press(rex, case, "take")
    assert press(rex, case, "set-aside", **ASIDE).status_code == 303
    return the_case(database)


def test_a_mail_that_asks_nothing_is_closed_with_a_reason_and_its_sender_told(
    closed: Case, database: Database, app: Flask, tmp_path: Path
) -> None:
    assert (closed.status, closed.answered_at) == (Status.CLOSED, None)
    assert sorted(each.letter for each in letters(database, closed)) == ["no-request", "receipt"]
    with database.reader() as session:
        case = session.get_one(Case, closed.id)
        assert [text_of(session, each) for each in case.messages] == ["They cannot sign in."]
        assert "no term any more" in ledger(session, case)[-1].sentence
        assert figures(session, Period(today().year), today()).whole.tally.received == 0
        assert list(breaches(session)) == []
    page = with_mailbox(app, closed.mailbox).get(f"/en/s/{closed.id}").text
    assert "Your mail" in page
    assert "See what you have on me" not in page, "nobody asked that"
    sent = next(each for each in Postbox(app, tmp_path / "post").deliver() if "Over uw mail" in each.subject)
    assert sent.to == "ada@example.com"
    assert "helpdesk@" in sent.text


def test_its_files_go_at_once(rex: Critic, database: Database) -> None:
    upload(rex, bytes(with_card()))
    case = the_case(database)
    press(rex, case, "take")
    assert press(rex, case, "set-aside", **ASIDE).status_code == 303
    with database.reader() as session:
        assert rows_of(session, session.get_one(Case, case.id)) == []
        assert list(breaches(session)) == []


def test_who_answers_that_they_do_ask_something_loses_no_day(
    closed: Case, database: Database, app: Flask, tmp_path: Path
) -> None:
    told = next(each for each in letters(database, closed) if each.letter == "no-request")
    reply = mail(
        "Ik wil wel degelijk al mijn gegevens zien.",
        received="Mon, 23 Nov 2026 08:00:00 +0100",
        Message_ID="<two@example.com>",
        In_Reply_To=f"<{told.id}@medbook.example>",
    )
    other = mail("Nog iets.", received="Mon, 23 Nov 2026 08:00:00 +0100", Message_ID="<three@example.com>")
    assert "2 requests filed" in read_folder(app, tmp_path / "in", bytes(reply), bytes(other))
    with database.reader() as session:
        later = session.scalars(select(Case).where(Case.id != closed.id)).all()
        assert sorted(each.received_on for each in later) == [date(2026, 11, 20), date(2026, 11, 23)]
        assert list(breaches(session)) == []


def test_a_request_is_never_set_aside(rex: Critic, max_: Critic, database: Database) -> None:
    upload(rex, bytes(mail()))
    case = the_case(database)
    assert press(max_, case, "set-aside", **ASIDE).status_code == 409, "only who has it"
    press(rex, case, "take")
    page = rex.get(f"/desk/cases/{case.id}").text
    assert "It asks none of these" in page
    assert "Ada Peeters wrote a mail" in page
    assert press(rex, case, "set-aside", asks_about="help").status_code == 422, "a reason is needed"
    assert press(rex, case, "set-aside", asks_why="So.").status_code == 422
    press(rex, case, "asked", right="access", language="nl", about="everything")
    page = rex.get(f"/desk/cases/{case.id}").text
    assert "It asks none of these" not in page
    assert "Ada Peeters wants to see their data" in page
    assert press(rex, case, "set-aside", **ASIDE).status_code == 409
    assert the_case(database).status is not Status.CLOSED


def test_what_was_said_by_telephone_or_filed_on_the_portal_is_never_set_aside(rex: Critic, database: Database) -> None:
    write_down(rex, FORM)
    with database.writing() as session:
        submit_case(session)
    with database.reader() as session:
        cases = session.scalars(select(Case)).all()
    for case in cases:
        press(rex, case, "take")
        assert press(rex, case, "set-aside", **ASIDE).status_code == 409
    with database.reader() as session:
        assert session.scalars(select(Mail).where(Mail.letter == "no-request")).all() == []
