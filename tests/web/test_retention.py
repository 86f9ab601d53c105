"""Forgetting: each thing goes on its day and not before, with its letter; keys first, files after the commit."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts import codes
from portal.accounts.models import CodePurpose, OneTimeCode, Role, ServerSession
from portal.audit.record import SYSTEM, AuditEntry
from portal.cases.access import answers_of, contact_of
from portal.cases.lifecycle import Move, Status
from portal.cases.models import Case, Conversation, Evidence
from portal.cases.moves import move, stop
from portal.cases.retention import Kind, sweep
from portal.clock import now
from portal.db import Database
from portal.files.keys import DataKey, KeyDestroyed, Purpose, data_key, open_sealed
from tests.support.factories import (
    BEN,
    add_member,
    answer,
    begin_draft,
    deciding_case,
    finished_case,
    locate,
    show_card,
    submit_case,
)
from tests.support.nights import START, clock, letters, night, vault_of
from tests.support.visitors import with_mailbox

__all__ = ["clock"]


def test_a_card_nobody_judged_goes_after_fourteen_days_with_a_letter(
    database: Database, clock: time_machine.Traveller
) -> None:
    with database.writing() as session:
        case = submit_case(session)
        locate(session, case)
        card = show_card(session, case=case)
    clock.shift(timedelta(days=14) - timedelta(seconds=1))
    assert night(database).counts[Kind.CARD] == 0
    assert vault_of(database).names() == {card.file}
    clock.shift(timedelta(seconds=1))
    assert night(database).counts[Kind.CARD] == 1
    assert vault_of(database).names() == set()
    assert "card-expired" in letters(database, case.id)
    with database.reader() as session:
        with pytest.raises(KeyDestroyed):
            data_key(session, card.id, Purpose.IDENTITY)
        assert session.get_one(Case, case.id).status is Status.IDENTITY, "the request goes on"
        assert session.scalar(select(func.count()).where(AuditEntry.kind == "identity:card_destroyed")) == 1
    assert night(database).counts[Kind.CARD] == 0


def test_a_card_in_a_draft_goes_after_fourteen_days_too(database: Database, clock: time_machine.Traveller) -> None:
    with database.writing() as session:
        draft = begin_draft(session)
        card = show_card(session, draft=draft)
    clock.shift(timedelta(days=14))
    assert night(database).counts[Kind.CARD] == 1
    assert vault_of(database).names() == set()
    with database.reader() as session:
        assert session.get(Conversation, draft.id) is not None, "the draft itself has thirty days"
        assert session.get_one(Evidence, card.id).destroyed_at is not None


def test_a_picture_that_was_never_covered_goes_after_a_day(database: Database, clock: time_machine.Traveller) -> None:
    with database.writing() as session:
        card = show_card(session, draft=begin_draft(session))
        card.masked = False
    clock.shift(timedelta(days=1) - timedelta(seconds=1))
    assert night(database).counts[Kind.CARD] == 0
    clock.shift(timedelta(seconds=1))
    assert night(database).counts[Kind.CARD] == 1
    assert vault_of(database).names() == set()


def test_a_destroyed_key_makes_a_copy_of_the_file_unreadable(database: Database, clock: time_machine.Traveller) -> None:
    with database.writing() as session:
        case = submit_case(session)
        card = show_card(session, case=case)
    vault, name = vault_of(database), str(card.file)
    with database.reader() as session:
        assert b"".join(vault.read(name, data_key(session, card.id, Purpose.IDENTITY), card.id))
    clock.shift(timedelta(days=15))
    with database.writing() as session:
        sweep(session, now())
    assert name in vault.names(), "as a backup would still have it"
    with database.reader() as session:
        with pytest.raises(KeyDestroyed):
            data_key(session, card.id, Purpose.IDENTITY)
        assert session.scalar(select(DataKey.wrapped).where(DataKey.owner == card.id)) is None


def test_a_draft_goes_thirty_days_after_its_last_turn_and_with_it_its_keys_and_pictures(
    database: Database, clock: time_machine.Traveller
) -> None:
    with database.writing() as session:
        draft, fresh = begin_draft(session), begin_draft(session)
    with database.reader() as session:
        sealed = session.get_one(Conversation, draft.id).answers or b""
    clock.shift(timedelta(days=29))
    with database.writing() as session:
        session.get_one(Conversation, fresh.id).updated_at = now()
        show_card(session, draft=session.get_one(Conversation, draft.id))
    assert night(database).counts[Kind.DRAFT] == 0
    clock.shift(timedelta(days=1))
    assert night(database).counts[Kind.DRAFT] == 1
    assert vault_of(database).names() == set()
    with database.reader() as session:
        assert session.scalars(select(Conversation.id)).all() == [fresh.id]
        assert session.scalars(select(Evidence.id)).all() == []
        with pytest.raises(KeyDestroyed):
            open_sealed(session, draft.id, Purpose.ANSWERS, sealed)


def test_a_package_goes_after_fourteen_days_and_only_who_never_took_it_is_told(
    database: Database, clock: time_machine.Traveller
) -> None:
    with database.writing() as session:
        (unread, _), (read, package) = finished_case(session), finished_case(session)
        package.downloads = 1
    assert len(vault_of(database).names()) == 2
    clock.shift(timedelta(days=14) - timedelta(seconds=1))
    assert night(database).counts[Kind.PACKAGE] == 0
    clock.shift(timedelta(seconds=1))
    assert night(database).counts[Kind.PACKAGE] == 2
    assert vault_of(database).names() == set()
    assert "link-expired" in letters(database, unread.id)
    assert "link-expired" not in letters(database, read.id)
    with database.reader() as session, pytest.raises(KeyDestroyed):
        data_key(session, package.id, Purpose.PACKAGE)


def close_at(session: Session, case: Case) -> None:
    move(session, case, Move.CLOSE, SYSTEM)


def test_content_goes_two_years_after_closing_and_the_facts_stay(
    app: Flask, database: Database, clock: time_machine.Traveller
) -> None:
    with database.writing() as session:
        case, _package = finished_case(session)
        close_at(session, case)
        mailbox = case.mailbox
    clock.shift(timedelta(days=730) - timedelta(seconds=1))
    assert night(database).counts[Kind.CONTENT] == 0
    clock.shift(timedelta(seconds=1))
    assert night(database).counts[Kind.CONTENT] == 1
    with database.reader() as session:
        left = session.get_one(Case, case.id)
        assert (left.reference, left.status, left.due_on) == (case.reference, Status.CLOSED, case.due_on)
        for read in (answers_of, contact_of):
            with pytest.raises(KeyDestroyed):
                read(session, left)
        living = session.scalars(select(DataKey.purpose).where(DataKey.wrapped.is_not(None), DataKey.owner == case.id))
        assert living.all() == []
    assert night(database).counts[Kind.CONTENT] == 0
    assert with_mailbox(app, mailbox).get(f"/nl/s/{case.id}").status_code == 200, "its page still says where it ended"


def test_content_of_a_case_that_never_closed_goes_two_years_after_its_answer(
    database: Database, clock: time_machine.Traveller
) -> None:
    """One whose carrying out failed for good, or that somebody stopped, must not keep its content for ever."""
    with database.writing() as session:
        reviewer, manager = add_member(session), add_member(session, Role.MANAGER)
        stuck, stopped = deciding_case(session, "erase"), deciding_case(session, "erase", who=BEN)
        for case in (stuck, stopped):
            answer(session, case, reviewer, manager)
        stop(session, stopped)
        waiting = submit_case(session)
    clock.shift(timedelta(days=730) - timedelta(seconds=1))
    assert night(database).counts[Kind.CONTENT] == 0
    clock.shift(timedelta(seconds=1))
    assert night(database).counts[Kind.CONTENT] == 2
    with database.reader() as session:
        for case in (stuck, stopped):
            left = session.get_one(Case, case.id)
            assert (left.status, left.forgotten_at) == (Status.ANSWERED, now())
            with pytest.raises(KeyDestroyed):
                answers_of(session, left)
        assert answers_of(session, session.get_one(Case, waiting.id)), "no answer yet: nothing is over"
    assert night(database).faults == {}


def test_a_case_closed_late_keeps_its_content_two_years_from_closing(
    database: Database, clock: time_machine.Traveller
) -> None:
    with database.writing() as session:
        finished_case(session)
    clock.shift(timedelta(days=30))
    assert night(database).counts[Kind.CLOSING] == 1
    clock.shift(timedelta(days=700))
    assert night(database).counts[Kind.CONTENT] == 0
    clock.shift(timedelta(days=30))
    assert night(database).counts[Kind.CONTENT] == 1


def test_codes_and_sessions_go_when_they_have_ended(database: Database, clock: time_machine.Traveller) -> None:
    with database.writing() as session:
        for purpose in CodePurpose:
            codes.ask(session, purpose, "thing", f"{purpose.value}@example.com", "nl")
        moment = now()
        for hours in (1, 12):
            ends = moment + timedelta(hours=hours)
            row = ServerSession(id_hash=str(hours), content={}, created_at=moment, last_seen_at=moment, expires_at=ends)
            session.add(row)
    gone = []
    for days in (0.5, 1, 14, 30):
        clock.move_to(START + timedelta(days=days))
        done = night(database)
        gone.append((done.counts[Kind.CODES], done.counts[Kind.SESSIONS]))
    assert gone == [(0, 2), (1, 0), (1, 0), (1, 0)]
    with database.reader() as session:
        assert session.scalar(select(func.count()).select_from(OneTimeCode)) == 0
        contact = select(func.count()).where(DataKey.purpose == Purpose.CONTACT, DataKey.wrapped.is_not(None))
        assert session.scalar(contact) == 0, "the addresses went with the codes"


def test_wrong_tries_are_not_forgotten_while_what_they_were_for_is_open(
    database: Database, clock: time_machine.Traveller
) -> None:
    with database.writing() as session:
        draft = begin_draft(session)
        codes.ask(session, CodePurpose.CONVERSATION, draft.id, "ada@example.com", "nl").tries = 5
    clock.shift(timedelta(days=20))
    night(database)
    with database.reader() as session:
        assert codes._spent(session, CodePurpose.CONVERSATION, draft.id) == 5
