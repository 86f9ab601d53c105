"""Requests by telephone, at the counter and by mail: filed once, receipted at once, and proof of nothing."""

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.audit.record import SYSTEM
from portal.cases.access import answers_of, may_release, text_of
from portal.cases.arrivals import Asked, Basis, set_asked
from portal.cases.letters import NOTICE
from portal.cases.lifecycle import Identity, Status, Unmet
from portal.cases.models import Case
from portal.cases.representing import Whose
from portal.clock import now
from portal.config import SourceUrls
from portal.db import Database
from portal.demo.medbook import demo_people
from portal.demo.medbook.people import LOOKALIKE
from portal.mail.outbox import Mail, address_of
from portal.tracking.pages import ledger
from portal.verify import breaches
from tests.support.arriving import FORM, arrival, letters, press, read_folder, the_case, upload, write_down
from tests.support.colleagues import MORNING
from tests.support.critic import Critic
from tests.support.factories import locate
from tests.support.mails import mail
from tests.support.portals import make_settings, portal, work


@pytest.fixture
def app(tmp_path: Path, migrated: Path, morning: time_machine.Traveller) -> Iterator[Flask]:
    """Give a portal that knows the name of its own mail server."""
    settings = make_settings(tmp_path, mail_hosts=frozenset({"mx.medbook.example"}))
    with portal(settings, migrated) as opened:
        yield opened


# -- written down


@pytest.mark.parametrize("channel", ["phone", "counter", "mail"])
def test_what_is_written_down_is_filed_with_a_receipt_at_once(rex: Critic, database: Database, channel: str) -> None:
    assert write_down(rex, {**FORM, "channel": channel, "arrived_on": "2026-11-19"}).status_code == 303
    case = the_case(database)
    assert (case.channel.value, case.status, case.right_slug) == (channel, Status.RECEIVED, "access")
    assert (case.received_on, case.due_on) == (date(2026, 11, 19), date(2026, 12, 19))
    assert [(each.letter, each.language) for each in letters(database, case)] == [("receipt", "nl")]
    page = rex.get(f"/desk/cases/{case.id}").text
    assert "Not signed" in page
    assert "not confirmed" in page, "the record does not say that a code was typed"
    with database.reader() as session:
        assert list(breaches(session)) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "portal"}, "channel"),
        ({"name": ""}, "name"),
        ({"email": "ada@@example.com"}, "email"),
        ({"words": ""}, "words"),
        ({"right": "everything"}, "right"),
        ({"language": "xx"}, "language"),
        ({"arrived_on": "2026-11-24"}, "arrived_on"),
        ({"arrived_on": "soon"}, "arrived_on"),
        ({"acting": "other"}, "known_email"),
    ],
)
def test_what_is_missing_is_told_and_nothing_typed_is_lost(
    rex: Critic, database: Database, changes: dict[str, str], field: str
) -> None:
    page = write_down(rex, {**FORM, **changes})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert "words" in changes or FORM["words"] in page.text
    with database.reader() as session:
        assert session.scalars(select(Case)).all() == []


def test_a_withdrawal_by_telephone_is_never_carried_out_at_once(rex: Critic, database: Database) -> None:
    write_down(rex, {**FORM, "right": "withdraw", "about": "everything"})
    case = the_case(database)
    assert not case.at_once
    with database.writing() as session:
        found = session.get_one(Case, case.id)
        locate(session, found)
        assert (found.status, found.identity) == (Status.IDENTITY, Identity.OPEN)


def test_a_request_that_nobody_signed_asks_no_reviewer_whether_the_signature_fits(
    rex: Critic, database: Database
) -> None:
    write_down(rex, FORM)
    case = the_case(database)
    with database.writing() as session:
        locate(session, session.get_one(Case, case.id))
    press(rex, case, "take")
    page = rex.get(f"/desk/cases/{case.id}").text
    assert "check-name" in page
    assert "check-signature" not in page


# -- identity


def test_an_unproven_address_on_file_is_told_and_held_like_a_strange_one(
    medbook_app: Flask, medbook_urls: dict[str, SourceUrls], tmp_path: Path
) -> None:
    database: Database = medbook_app.extensions["portal_db"]
    address = sqlite3.connect(medbook_urls["medbook"].read.removeprefix("sqlite:///")).execute(
        "select email from accounts where email like '%@%' limit 1"
    )
    known = str(address.fetchone()[0])
    read_folder(medbook_app, tmp_path / "in", bytes(mail(sender=f"Somebody <{known}>", received=None, Date="")))
    work(medbook_app)
    case = the_case(database)
    assert (case.found, case.on_file, case.identity) == (True, False, Identity.OPEN)
    sent = [each.letter for each in letters(database, case)]
    assert sorted(sent) == ["asked-in-your-name", "receipt"], "the address on file is told, though it is the same"
    with database.writing() as session:
        found = session.get_one(Case, case.id)
        found.identity = Identity.CONFIRMED
        session.flush()
        assert Unmet.HOLD in may_release(session, found, now())
        later = may_release(session, found, now() + timedelta(hours=73))
    assert Unmet.HOLD not in later


def test_whoever_a_later_search_finds_is_told_too_and_the_hold_counts_from_there(
    medbook_app: Flask, tmp_path: Path
) -> None:
    database: Database = medbook_app.extensions["portal_db"]
    ada, other = demo_people().ada.email, LOOKALIKE.email
    read_folder(medbook_app, tmp_path / "in", bytes(mail(sender=f"Ada <{ada}>", received=None, Date="")))
    work(medbook_app)
    case = the_case(database)
    with database.writing() as session:
        found = session.get_one(Case, case.id)
        asked = Asked("access", "nl", answers_of(session, found))
        set_asked(session, found, asked, Whose("other", other), SYSTEM)
    work(medbook_app)
    with database.reader() as session:
        notices = select(Mail).where(Mail.case_id == case.id, Mail.letter == NOTICE)
        told = [address_of(session, each) for each in session.scalars(notices)]
    assert (told.count(ada), told.count(other)) == (1, 1)


# -- the day


def test_without_our_line_the_clock_counts_from_the_earliest_day_until_the_desk_sets_it(
    rex: Critic, database: Database
) -> None:
    upload(rex, bytes(mail(received=None)))
    case = the_case(database)
    assert (case.received_on, arrival(database, case).basis) == (date(2026, 11, 19), Basis.EARLIEST)
    press(rex, case, "take")
    assert press(rex, case, "arrival", arrived_on="2026-11-20", arrival_why="").status_code == 422
    assert press(rex, case, "arrival", arrived_on="2026-11-20", arrival_why="The log of our server.").status_code == 303
    after = the_case(database)
    assert (after.received_on, after.due_on) == (date(2026, 11, 20), date(2026, 12, 20))
    page = rex.get(f"/desk/cases/{case.id}").text
    assert "The log of our server." in page
    assert len(letters(database, case)) == 2, "the person learns the new dates"
    with database.reader() as session:
        lines = ledger(session, session.get_one(Case, case.id))
    assert [line.at.date() for line in lines] == [date(2026, 11, 20), MORNING.date()], "the term runs from that day"
    assert "corrected the day" in lines[1].sentence


def test_the_day_of_our_own_server_cannot_be_moved(rex: Critic, database: Database) -> None:
    upload(rex, bytes(mail()))
    case = the_case(database)
    with database.reader() as session:
        (line,) = ledger(session, session.get_one(Case, case.id))
    assert line.at.date() == date(2026, 11, 20), "the day our server took it in, not the day on which it was read"
    press(rex, case, "take")
    page = press(rex, case, "arrival", arrived_on="2026-11-23", arrival_why="It suits us.")
    assert page.status_code == 409
    assert the_case(database).received_on == date(2026, 11, 20)


# -- what is missing


def test_what_is_missing_is_asked_once_in_the_language_of_the_person(rex: Critic, database: Database) -> None:
    write_down(rex, {**FORM, "right": "erase", "language": "nl"})
    case = the_case(database)
    with database.writing() as session:
        locate(session, session.get_one(Case, case.id))
    press(rex, case, "take")
    assert press(rex, case, "missing").status_code == 303
    after = the_case(database)
    assert (after.status, after.due_on) == (Status.WAITING, case.due_on)
    with database.reader() as session:
        said = text_of(session, session.get_one(Case, case.id).messages[-1])
    assert said.startswith("Om u goed te antwoorden")
    assert said.count("- ") >= 2
