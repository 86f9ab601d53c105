"""Requests by telephone, at the counter and by mail: filed once, receipted at once, and proof of nothing."""

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.models import Role
from portal.audit.record import Actor, ActorKind
from portal.cases.access import answers_of, evidence_of, may_release, text_of
from portal.cases.arrivals import Arrival, Basis
from portal.cases.lifecycle import Identity, Move, Status, Unmet
from portal.cases.models import Case, Channel
from portal.cases.moves import READ_IT_FIRST, move
from portal.cli import register_commands
from portal.clock import now
from portal.config import SourceUrls
from portal.db import Database
from portal.demo.specimen import draw_specimen
from portal.errors import MoveRefused
from portal.mail.outbox import Mail
from portal.verify import breaches
from tests.support.colleagues import csrf_of
from tests.support.critic import Critic
from tests.support.factories import locate, submit_case
from tests.support.mails import mail
from tests.support.portals import make_settings, portal, work

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


@pytest.fixture
def app(tmp_path: Path, migrated: Path, morning: time_machine.Traveller) -> Iterator[Flask]:
    """Give a portal that knows the name of its own mail server."""
    settings = make_settings(tmp_path, mail_hosts=frozenset({"mx.medbook.example"}))
    with portal(settings, migrated) as opened:
        yield opened


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


# -- mail


def test_a_mail_becomes_a_case_counted_from_our_own_servers_line(rex: Critic, database: Database) -> None:
    answer = upload(rex, bytes(mail()))
    assert answer.status_code == 303
    case = the_case(database)
    assert (case.channel, case.language, case.received_on) == (Channel.MAIL, "nl", date(2026, 11, 20))
    assert arrival(database, case).basis is Basis.SERVER
    assert [each.letter for each in letters(database, case)] == ["receipt"]
    with database.reader() as session:
        assert "welke gegevens" in str(answers_of(session, session.get_one(Case, case.id))["own_words"])
    page = rex.get(f"/desk/cases/{case.id}").text
    assert "our own mail server wrote" in page


def test_the_receipt_of_a_mail_names_no_right_before_somebody_read_it(rex: Critic, database: Database) -> None:
    upload(rex, bytes(mail("I want you to delete all my data, please. Thank you for that.", subject="My data")))
    case = the_case(database)
    assert case.language == "en"
    press(rex, case, "take")
    assert press(rex, case, "asked", right="erase", language="en", about="everything").status_code == 303
    first, second = letters(database, case)
    assert first.facts.get("unread") == "yes"
    assert (second.facts.get("unread"), second.facts["right"]) == (None, "erase")


def test_nothing_is_decided_on_a_mail_that_nobody_read(rex: Critic, database: Database) -> None:
    upload(rex, bytes(mail()))
    case = the_case(database)
    press(rex, case, "take")
    with database.writing() as session:
        found = session.get_one(Case, case.id)
        locate(session, found)
        found.identity = Identity.CONFIRMED
        session.flush()
        by = Actor(ActorKind.STAFF, found.assigned_to or "", Role.REVIEWER.value)
        move(session, found, Move.CONFIRM_IDENTITY, by)
        with pytest.raises(MoveRefused) as refused:
            move(session, found, Move.PROPOSE, by)
    assert refused.value.sentence == READ_IT_FIRST
    assert press(rex, case, "asked", right="port", language="fr").status_code == 303
    after = the_case(database)
    assert (after.right_slug, after.language, after.version) == ("port", "fr", case.version + 3)
    assert not arrival(database, case).unread


def test_the_same_mail_is_one_case_once(app: Flask, database: Database, rex: Critic, tmp_path: Path) -> None:
    said = read_folder(app, tmp_path / "in", bytes(mail()), bytes(mail()))
    assert "1 requests filed" in said
    assert "1 known already" in said
    assert upload(rex, bytes(mail())).status_code == 422
    assert the_case(database)


def test_who_copies_a_message_id_does_not_make_anothers_mail_known(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    said = read_folder(app, tmp_path / "in", bytes(mail(sender="eve@example.org")), bytes(mail()))
    assert "2 requests filed" in said


def test_an_answer_with_our_number_goes_to_its_case_as_an_unconfirmed_message(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        case = submit_case(session)
    reply = mail("Hier is mijn antwoord.", subject=f"Re: {case.reference}")
    assert "1 mails added" in read_folder(app, tmp_path / "in", bytes(reply))
    with database.reader() as session:
        (message,) = session.get_one(Case, case.id).messages
        said = text_of(session, message)
    assert "Hier is mijn antwoord." in said
    assert "mail" in said.splitlines()[0]


def test_our_number_from_another_address_is_a_request_of_its_own(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        case = submit_case(session)
    reply = mail(sender="eve@example.org", subject=f"Re: {case.reference}")
    assert "1 requests filed" in read_folder(app, tmp_path / "in", bytes(reply))
    with database.reader() as session:
        assert session.get_one(Case, case.id).messages == []


def test_a_mail_never_puts_another_card_beside_the_one_of_the_portal(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        case = submit_case(session)
    reply = mail(subject=f"Re: {case.reference}")
    reply.add_attachment(draw_specimen("Eve", "nl"), maintype="image", subtype="jpeg", filename="card.jpg")
    read_folder(app, tmp_path / "in", bytes(reply))
    with database.reader() as session:
        found = session.get_one(Case, case.id)
        assert evidence_of(session, found) is None
        assert "card.jpg" in text_of(session, found.messages[-1])


def test_a_picture_is_made_anew_and_what_cannot_be_made_safe_is_named(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    whole = mail()
    whole.add_attachment(b"PK\x03\x04 a macro", maintype="application", subtype="zip", filename="list.docm")
    whole.add_attachment(draw_specimen("Ada Peeters", "nl"), maintype="image", subtype="jpeg", filename="kaart.jpg")
    read_folder(app, tmp_path / "in", bytes(whole))
    case = the_case(database)
    with database.reader() as session:
        found = session.get_one(Case, case.id)
        assert evidence_of(session, found) is not None
        said = text_of(session, found.messages[-1])
    assert "list.docm" in said
    assert "kaart.jpg" not in said
    assert letters(database, case)[0].facts["left_out"] == "1"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
        {"List_Id": "<news.example.com>"},
        {"From": "privacy@medbook.example"},
    ],
)
def test_a_mail_by_a_machine_gets_no_receipt(
    app: Flask, database: Database, tmp_path: Path, headers: dict[str, str]
) -> None:
    assert "1 written by machines" in read_folder(app, tmp_path / "in", bytes(mail(**headers)))
    with database.reader() as session:
        assert session.scalars(select(Case)).all() == []


def test_a_mail_without_a_sender_is_named_so_that_somebody_writes_it_down(
    app: Flask, rex: Critic, tmp_path: Path
) -> None:
    content = bytes(mail(sender="undisclosed"))
    said = read_folder(app, tmp_path / "in", content)
    assert "0.eml: no address" in said
    page = upload(rex, content)
    assert page.status_code == 422
    assert "no address that we can write to" in page.text


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


def test_the_day_of_our_own_server_cannot_be_moved(rex: Critic, database: Database) -> None:
    upload(rex, bytes(mail()))
    case = the_case(database)
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
