"""A mail becomes a case once, with a receipt at once; an answer goes to its case; pictures are made anew."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Role
from portal.audit.record import Actor, ActorKind
from portal.cases.access import answers_of, evidence_of, text_of
from portal.cases.arrivals import Basis, note_read
from portal.cases.attachments import forget_attachments
from portal.cases.lifecycle import Identity, Move
from portal.cases.models import Case, Channel
from portal.cases.moves import READ_IT_FIRST, move
from portal.cases.retention import sweep
from portal.clock import now
from portal.db import Database
from portal.errors import MoveRefused
from portal.files.keys import KeyDestroyed, Purpose, data_key
from portal.verify import breaches
from tests.support.arriving import arrival, files_of, letters, press, read_folder, the_case, upload, with_card
from tests.support.critic import Critic
from tests.support.factories import locate, submit_case
from tests.support.mails import mail
from tests.support.portals import make_settings, portal


@pytest.fixture
def app(tmp_path: Path, migrated: Path, morning: time_machine.Traveller) -> Iterator[Flask]:
    """Give a portal that knows the name of its own mail server."""
    settings = make_settings(tmp_path, mail_hosts=frozenset({"mx.medbook.example"}))
    with portal(settings, migrated) as opened:
        yield opened


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


def test_every_file_is_made_anew_and_what_cannot_be_made_safe_is_named(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    read_folder(app, tmp_path / "in", bytes(with_card()))
    case = the_case(database)
    assert sorted(files_of(database, case)) == ["brief.jpg", "kaart.jpg"]
    with database.reader() as session:
        found = session.get_one(Case, case.id)
        assert evidence_of(session, found) is None, "nobody said yet which one is the card"
        said = "\n".join(text_of(session, each) for each in found.messages)
    assert "list.docm" in said
    assert "kaart.jpg" not in said
    assert letters(database, case)[0].facts["left_out"] == "1"


def test_a_file_of_a_mail_never_becomes_the_card_of_a_request_from_the_portal(rex: Critic, database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session)
    upload(rex, bytes(with_card(subject=f"Re: {case.reference}")))
    press(rex, case, "take")
    card = files_of(database, case)["kaart.jpg"]
    assert press(rex, case, f"files/{card.id}/card").status_code == 409
    with database.reader() as session:
        assert evidence_of(session, session.get_one(Case, case.id)) is None


def test_a_key_of_a_file_by_mail_lives_as_long_as_its_case(
    app: Flask, database: Database, tmp_path: Path, morning: time_machine.Traveller
) -> None:
    read_folder(app, tmp_path / "in", bytes(with_card()))
    case = the_case(database)
    before = files_of(database, case)
    morning.shift(timedelta(days=3))
    with database.writing() as session:
        assert list(breaches(session)) == []
        sweep(session, now())
        assert all(data_key(session, each.id, Purpose.IDENTITY) for each in before.values())
        gone = forget_attachments(session, case.id)
        assert len(gone) == 2
        with pytest.raises(KeyDestroyed):
            data_key(session, before["kaart.jpg"].id, Purpose.IDENTITY)


def test_a_file_that_nobody_needs_is_deleted_until_the_answer(rex: Critic, database: Database) -> None:
    upload(rex, bytes(with_card()))
    case = the_case(database)
    back = files_of(database, case)["brief.jpg"]
    assert press(rex, case, f"files/{back.id}/delete").status_code == 409, "who has it does that"
    press(rex, case, "take")
    assert press(rex, case, f"files/{back.id}/delete").status_code == 303
    assert list(files_of(database, case)) == ["kaart.jpg"]
    assert press(rex, case, f"files/{back.id}").status_code == 404
    with database.reader() as session:
        assert list(breaches(session)) == []
    with database.reader() as session, pytest.raises(KeyDestroyed):
        data_key(session, back.id, Purpose.IDENTITY)


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


def test_a_file_of_outlook_is_named_as_one(rex: Critic) -> None:
    page = upload(rex, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    assert page.status_code == 422
    assert "ends in .eml" in page.text
    assert ".msg" in page.text


def test_of_two_who_read_a_mail_at_the_same_moment_one_files_it(database: Database) -> None:
    with database.writing() as session:
        first, second = submit_case(session), submit_case(session)
        note_read(session, "one@example.com ada@example.com", first)
    with database.writer() as session, pytest.raises(MoveRefused):
        note_read(session, "one@example.com ada@example.com", second)
