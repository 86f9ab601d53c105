"""Mail: through a real SMTP server, tried again, given up, in four languages, and never with personal data in it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.config import SettingsFault, Smtp
from portal.db import Database
from portal.files.keys import Purpose, destroy_key
from portal.jobs.outbox import Job
from portal.mail.outbox import Mail, MailState, queue
from portal.mail.render import render
from portal.mail.transport import FolderTransport, SmtpTransport
from tests.support.insecure import plain_server, self_signed_server
from tests.support.portals import database_of, make_settings, portal, work
from tests.support.smtp import Mode, SmtpServer

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
FACTS = {
    "case_id": "c" * 32,
    "reference": "MB-7K4Q-29",
    "right_title": "Delete data",
    "received_on": "2026-03-12",
    "due_on": "2026-04-11",
}


def put(database: Database, letter: str = "receipt", address: str = "ada@example.com") -> str:
    """Queue one mail and return its id."""
    with database.writing() as session:
        return queue(session, letter, "en", address, FACTS, owner="o1", case_id=None).id


def state(database: Database, mail_id: str) -> MailState:
    with database.reader() as session:
        return session.get_one(Mail, mail_id).state


# -- sending


def test_a_mail_arrives_as_text_and_html_with_the_headers_of_a_machine(
    mailing_app: Flask, smtp_server: SmtpServer
) -> None:
    mail_id = put(database_of(mailing_app))
    work(mailing_app)
    (mail,) = smtp_server.messages
    assert mail.recipients == ["ada@example.com"]
    assert mail.message["To"] == "ada@example.com"
    assert mail.message["Subject"] == "Received: MB-7K4Q-29"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Content-Language"] == "en"
    assert mail.message["Message-ID"] == f"<{mail_id}@medbook.example>"
    assert "11 April 2026" in mail.text
    assert "11 April 2026" in mail.html
    assert "http://localhost/en/s/" in mail.text
    assert state(database_of(mailing_app), mail_id) is MailState.SENT


def test_a_mail_that_was_sent_is_not_sent_again(mailing_app: Flask, smtp_server: SmtpServer) -> None:
    database = database_of(mailing_app)
    put(database)
    work(mailing_app)
    with database.writing() as session:
        job = session.scalars(select(Job)).one()
        job.done_at = None
    work(mailing_app)
    assert smtp_server.tries == 1


def test_a_server_that_says_later_gets_the_same_mail_again(mailing_app: Flask, smtp_server: SmtpServer) -> None:
    database = database_of(mailing_app)
    smtp_server.answer(Mode.TEMPORARY)
    with time_machine.travel(START, tick=False) as clock:
        mail_id = put(database)
        work(mailing_app)
        assert state(database, mail_id) is MailState.QUEUED
        smtp_server.answer(Mode.ACCEPT)
        work(mailing_app)
        assert smtp_server.messages == [], "it waits a minute first"
        clock.shift(timedelta(minutes=1))
        work(mailing_app)
    assert len(smtp_server.messages) == 1
    assert state(database, mail_id) is MailState.SENT


def test_every_try_carries_the_same_message_id(
    mailing_app: Flask, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server takes the mail, the worker dies before it notes so: the second copy is known as one."""
    database = database_of(mailing_app)
    with time_machine.travel(START, tick=False) as clock:
        put(database)
        monkeypatch.setattr("portal.mail.sender.mark_sent", _die)
        work(mailing_app)
        monkeypatch.undo()
        clock.shift(timedelta(minutes=2))
        work(mailing_app)
    first, second = smtp_server.messages
    assert first.message["Message-ID"] == second.message["Message-ID"]


def _die(*_arguments: object) -> None:
    raise RuntimeError("killed")


def test_a_mailbox_that_does_not_exist_makes_the_mail_failed_at_once(
    mailing_app: Flask, smtp_server: SmtpServer
) -> None:
    database = database_of(mailing_app)
    smtp_server.answer(Mode.REFUSE)
    mail_id = put(database)
    work(mailing_app)
    assert state(database, mail_id) is MailState.FAILED
    with database.reader() as session:
        assert session.scalars(select(Job.fault).where(Job.kind == "mail.send")).one() == "MailRefused"


def test_a_line_that_goes_dead_loses_nothing(mailing_app: Flask, smtp_server: SmtpServer) -> None:
    database = database_of(mailing_app)
    smtp_server.answer(Mode.DROP)
    with time_machine.travel(START, tick=False) as clock:
        mail_id = put(database)
        work(mailing_app)
        smtp_server.answer(Mode.ACCEPT)
        clock.shift(timedelta(minutes=1))
        work(mailing_app)
    assert state(database, mail_id) is MailState.SENT


def test_a_mail_nobody_takes_for_three_days_is_failed(mailing_app: Flask, smtp_server: SmtpServer) -> None:
    database = database_of(mailing_app)
    smtp_server.answer(Mode.TEMPORARY)
    with time_machine.travel(START, tick=False) as clock:
        mail_id = put(database)
        for _ in range(12):
            work(mailing_app)
            clock.shift(timedelta(hours=7))
    assert state(database, mail_id) is MailState.FAILED


def test_a_refused_mail_does_not_keep_another_waiting(mailing_app: Flask, smtp_server: SmtpServer) -> None:
    database = database_of(mailing_app)
    bad = [put(database, address="ada@example.com\r\nBcc: eve@example.org") for _ in range(5)]
    good = put(database)
    work(mailing_app)
    assert {state(database, each) for each in bad} == {MailState.FAILED}
    assert state(database, good) is MailState.SENT


def test_a_mail_whose_address_was_forgotten_is_given_up(mailing_app: Flask, smtp_server: SmtpServer) -> None:
    database = database_of(mailing_app)
    mail_id = put(database)
    with database.writing() as session:
        assert destroy_key(session, "o1", Purpose.CONTACT)
    work(mailing_app)
    assert state(database, mail_id) is MailState.FAILED
    assert smtp_server.tries == 0


def test_the_address_stands_sealed_in_the_table(database: Database) -> None:
    put(database)
    with database.reader() as session:
        assert b"ada" not in session.scalars(select(Mail.address)).one()


@pytest.mark.parametrize("offers", [True, False], ids=["the handshake breaks", "no STARTTLS offered"])
def test_without_good_tls_the_mail_stays_queued_and_nothing_is_said_in_the_clear(
    tmp_path: Path, migrated: Path, offers: bool
) -> None:
    with plain_server(offers=offers) as (port, heard):
        smtp = Smtp(host="127.0.0.1", port=port, user="portal", password="secret", security="starttls")
        assert try_once(tmp_path, migrated, smtp) is MailState.QUEUED
    assert b"EHLO" in heard
    assert not {b"AUTH", b"MAIL", b"RCPT", b"DATA"} & set(heard)


def test_a_server_that_only_vouches_for_itself_gets_no_mail(tmp_path: Path, migrated: Path) -> None:
    with self_signed_server(tmp_path) as (port, heard):
        smtp = Smtp(host="127.0.0.1", port=port, user="", password="", security="tls")
        assert try_once(tmp_path, migrated, smtp) is MailState.QUEUED
    assert heard == []


def try_once(folder: Path, template: Path, smtp: Smtp) -> MailState:
    """Try once to send a mail through ``smtp``; return what became of it."""
    with portal(make_settings(folder, smtp=smtp), template) as app:
        mail_id = put(database_of(app))
        work(app)
        return state(database_of(app), mail_id)


def test_mail_in_the_clear_is_for_this_machine_only() -> None:
    SmtpTransport(Smtp(host="127.0.0.1", port=25, user="", password="", security="none"))
    with pytest.raises(SettingsFault):
        SmtpTransport(Smtp(host="mail.example.com", port=25, user="", password="", security="none"))


# -- the demo's post box


def test_mails_of_the_same_moment_do_not_overwrite_one_another(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "post"
    with app.app_context():
        message = render(app.extensions["portal_settings"], "receipt", "nl", "a@example.com", FACTS, "id1")
    with time_machine.travel(START, tick=False):
        for _ in range(3):
            FolderTransport(folder).send(message)
    assert len(list(folder.glob("2*.eml"))) == 3
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
