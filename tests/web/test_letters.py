"""Letters: each in four languages, as text and HTML, without personal data; the notices that begin the 72 hours."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import html5lib
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.cases.letters import case_facts, hold_ends_at, queue_letter
from portal.config import LANGUAGES
from portal.db import Database
from portal.mail.outbox import Mail, MailState, queue
from portal.mail.render import render
from tests.support.factories import ADA, accept_mails, locate, submit_case

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
LETTERS = sorted(path.parent.name for path in Path("templates/mail").glob("*/subject.txt"))
FACTS = {
    "case_id": "c" * 32,
    "reference": "MB-7K4Q-29",
    "right": "erase",
    "right_title": "Delete data",
    "received_on": "2026-03-12",
    "due_on": "2026-04-11",
    "until_on": "2026-04-01",
    "first_on": "2026-04-11",
    "code": "123456",
    "stop": "a-signed-token",
    "told": "a-signed-token",
    "receive": "a-signed-token",
    "resume": "a-signed-token",
    "activate": "another-signed-token",
    "what": "passkey",
    "step": "3",
    "told_on": "2026-04-08",
    "answer_on": "2026-04-04",
    "task_id": "id2",
    "about": "complaint",
    "day_on": "2026-03-12",
    **dict.fromkeys(("mine", "open", "free", "soon", "late", "second", "replies", "bounced", "failed", "holds"), "17"),
}
OF_ACCOUNTS = {"staff-account", "staff-digest", "staff-invite", "staff-reset"}
"""Letters that are about no request."""
UNKNOWN_WORDS = re.compile(r"\{\{|\}\}|\{%|None|Undefined|%\(")


@pytest.fixture
def told(app: Flask) -> Iterator[Flask]:
    """Give the app, ready to render letters."""
    with app.app_context():
        yield app


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_renders_in_every_language_and_names_nobody(told: Flask, letter: str, language: str) -> None:
    settings = told.extensions["portal_settings"]
    message = render(settings, letter, language, "somebody@example.com", FACTS, "id1")
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    words, page = str(text.get_content()), str(html.get_content())
    for part in (str(message["Subject"]), words, page):
        assert part.strip()
        assert not UNKNOWN_WORDS.search(part), part
        assert "somebody" not in part
        assert ADA["name"] not in part
    assert f'<html lang="{language}">' in page
    parser = html5lib.HTMLParser()
    parser.parse(page)
    assert parser.errors == []
    links = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert all(link.startswith((settings.base_url, "mailto:")) for link in links), links
    assert "<img" not in page
    assert "<script" not in page
    for link in links:
        assert link.startswith("mailto:") or link in words, "the text part leads there too"
    assert settings.controller.name in words
    assert settings.controller.name in page


def test_the_folders_are_the_letters_that_the_portal_knows() -> None:
    assert set(LETTERS) == {
        "asked-in-your-name", "card-expired", "carried-out", "closed", "code", "decision", "disagreed", "extension",
        "fee", "file-reminder", "kept-erased", "link-expired", "message", "no-request", "passed-on", "pause-ends",
        "question", "ready", "receipt", "recipient-notice", "reminder", "reopened", "resume", "sent-on",
        "staff-account", "staff-bounced", "staff-digest", "staff-due", "staff-failed", "staff-invite", "staff-look",
        "staff-new-case", "staff-overdue", "staff-reply", "staff-reset", "staff-stopped", "staff-task", "upheld",
        "withdrawn",
    }  # fmt: skip


def test_every_letter_of_a_case_renders_from_the_facts_a_case_gives(app: Flask, database: Database) -> None:
    """StrictUndefined: a fact that a template wants and a case does not give would fail here."""
    with database.writing() as session:
        case = submit_case(session)
        facts = case_facts(case)
    until = {"until_on": "2026-04-01"}
    more = {
        "ready": until,
        "file-reminder": until,
        "no-request": {"about": "help"},
        "resume": {"resume": "token", **until},
        "pause-ends": until,
        "asked-in-your-name": {"stop": "token"},
        "recipient-notice": {"told": "token"},
        "sent-on": {"receive": "token", **until},
        "code": {"code": "123456"},
    }
    more |= {"extension": {"first_on": "2026-04-12"}, "fee": until}
    more |= {"staff-due": {"step": "3", "told_on": "2026-03-30"}}
    more |= {"staff-task": {"task_id": "id2", "answer_on": "2026-04-04"}}
    with app.app_context():
        for letter in (letter for letter in LETTERS if letter not in OF_ACCOUNTS):
            told = {"code": "123456"} if letter == "code" else {**facts, **more.get(letter, {})}
            render(app.extensions["portal_settings"], letter, "nl", "a@example.com", told, "id1")


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com\r\nBcc: eve@example.org",
        "ada@example.com\n\nbody",
        "ada@example.com, eve@example.org",
        "ada@example.com eve@example.org",
        "Ada <ada@example.com>",
        "",
        "ada",
        "ada@example.com\x00",
    ],
)
def test_an_address_that_would_add_a_header_or_a_reader_is_refused(told: Flask, address: str) -> None:
    with pytest.raises(ValueError, match="plain mail address"):
        render(told.extensions["portal_settings"], "receipt", "nl", address, FACTS, "id1")


def test_who_is_warned_reads_it_in_every_language_whichever_the_asker_chose(told: Flask) -> None:
    message = render(told.extensions["portal_settings"], "asked-in-your-name", "de", "a@example.com", FACTS, "id1")
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        words = " ".join(part.get_content().split())
        for language, question in (
            ("nl", "Was u het niet?"),
            ("fr", "Ce n’était pas vous ?"),
            ("en", "Was it not you?"),
        ):
            assert question in words
            assert f"/{language}/stop/" in words
        assert words.index("/de/stop/") < words.index("/nl/stop/")


def test_a_fact_that_would_add_a_header_is_refused(told: Flask) -> None:
    facts = {**FACTS, "reference": "MB\r\nBcc: eve@example.org"}
    with pytest.raises(ValueError, match="linefeed"):
        render(told.extensions["portal_settings"], "receipt", "nl", "a@example.com", facts, "id1")


def test_a_fact_cannot_become_html(told: Flask) -> None:
    facts = {**FACTS, "reference": "<b>&"}
    html = render(told.extensions["portal_settings"], "receipt", "nl", "a@example.com", facts, "id1").get_body(
        ("html",)
    )
    assert html is not None
    assert "<b>&" not in html.get_content()


def test_links_lead_to_the_configured_address_whatever_host_was_asked_for(told: Flask) -> None:
    settings = replace(told.extensions["portal_settings"], base_url="https://privacy.medbook.example")
    with told.test_request_context("/", base_url="http://evil.example"):
        message = render(settings, "ready", "nl", "a@example.com", FACTS, "id1")
    assert "evil" not in message.as_string()
    assert "https://privacy.medbook.example/nl/s/" in str(message.get_body(("plain",)))


# -- the 72 hours


def test_the_hold_is_counted_from_the_last_notice_that_was_accepted(database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock, database.writing() as session:
        case = submit_case(session)
        locate(session, case, on_file=False)
        facts = case_facts(case) | {"stop": "x"}
        second = queue(session, "asked-in-your-name", "nl", "old@example.com", facts, owner=case.id, case_id=case.id)
        notices = session.scalars(select(Mail).where(Mail.letter == "asked-in-your-name")).all()
        assert hold_ends_at(session, case) is None
        accept_mails(session, [mail for mail in notices if mail.id != second.id])
        assert hold_ends_at(session, case) is None, "one still waits to be accepted"
        clock.shift(timedelta(hours=5))
        accept_mails(session, [second])
        session.expire_all()
        assert hold_ends_at(session, case) == START + timedelta(hours=5 + 72)


def test_a_dead_address_on_file_does_not_hold_for_ever_beside_one_that_was_told(database: Database) -> None:
    with time_machine.travel(START, tick=False), database.writing() as session:
        case = submit_case(session)
        locate(session, case, on_file=False)
        facts = case_facts(case) | {"stop": "x"}
        dead = queue(session, "asked-in-your-name", "nl", "old@example.com", facts, owner=case.id, case_id=case.id)
        dead.state = MailState.FAILED
        session.flush()
        assert hold_ends_at(session, case) is None
        notices = session.scalars(select(Mail).where(Mail.letter == "asked-in-your-name")).all()
        accept_mails(session, [mail for mail in notices if mail.id != dead.id])
        assert hold_ends_at(session, case) == START + timedelta(hours=72)


def test_where_nobody_could_be_told_the_hold_has_no_end(database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session)
        locate(session, case, on_file=False)
        for mail in session.scalars(select(Mail).where(Mail.letter == "asked-in-your-name")):
            mail.state = MailState.FAILED
        session.flush()
        assert hold_ends_at(session, case) is None


def test_a_letter_goes_out_in_the_language_of_the_request(database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session, language="fr")
        assert queue_letter(session, case, "question").language == "fr"
