"""Forgetting: each thing goes on its day and not before, with its letter; keys first, files after the commit."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.accounts import codes
from portal.accounts.models import CodePurpose, OneTimeCode, Role, ServerSession
from portal.app import make_worker
from portal.audit.record import PERSON, SYSTEM, AuditEntry
from portal.cases import retention
from portal.cases.access import answers_of, contact_of
from portal.cases.lifecycle import Identity, Move, Outcome, Status
from portal.cases.models import Case, Conversation, Evidence
from portal.cases.moves import move
from portal.cases.retention import Kind, Sweep, sweep
from portal.clock import now
from portal.db import Base, Database
from portal.errors import MoveRefused
from portal.files.keys import DataKey, KeyDestroyed, Purpose, data_key, open_sealed
from portal.files.vault import Vault
from portal.jobs.outbox import Job
from portal.mail.outbox import Mail
from tests.support.factories import (
    actor_for,
    add_member,
    answer,
    begin_draft,
    deciding_case,
    finished_case,
    hand_over,
    locate,
    show_card,
    submit_case,
    write_decision,
)
from tests.support.visitors import with_mailbox

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """Stop the clock on 12 March 2026, ten o'clock in Brussels."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def night(database: Database) -> Sweep:
    """Sweep as the command does: commit, then unlink."""
    with database.writer() as session:
        done = sweep(session, now())
        session.commit()
        vault: Vault = session.info["vault"]
    for name in done.files:
        assert vault.delete(name)
    return done


def dry(database: Database) -> dict[Kind, int]:
    with database.reader() as session:
        return {kind: count for kind, count in sweep(session, now(), dry_run=True).counts.items() if count}


def vault_of(database: Database) -> Vault:
    found: Vault = database.info["vault"]
    return found


def letters(database: Database, case_id: str) -> list[str]:
    with database.reader() as session:
        return sorted(session.scalars(select(Mail.letter).where(Mail.case_id == case_id)))


def test_a_card_nobody_judged_goes_after_fourteen_days_with_a_letter(
    database: Database, clock: time_machine.Coordinates
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


def test_a_card_in_a_draft_goes_after_fourteen_days_too(database: Database, clock: time_machine.Coordinates) -> None:
    with database.writing() as session:
        draft = begin_draft(session)
        card = show_card(session, draft=draft)
    clock.shift(timedelta(days=14))
    assert night(database).counts[Kind.CARD] == 1
    assert vault_of(database).names() == set()
    with database.reader() as session:
        assert session.get(Conversation, draft.id) is not None, "the draft itself has thirty days"
        assert session.get_one(Evidence, card.id).destroyed_at is not None


def test_a_destroyed_key_makes_a_copy_of_the_file_unreadable(
    database: Database, clock: time_machine.Coordinates
) -> None:
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
    database: Database, clock: time_machine.Coordinates
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
    database: Database, clock: time_machine.Coordinates
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
    app: Flask, database: Database, clock: time_machine.Coordinates
) -> None:
    with database.writing() as session:
        case, package = finished_case(session)
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


def test_codes_and_sessions_go_when_they_have_ended(database: Database, clock: time_machine.Coordinates) -> None:
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
    database: Database, clock: time_machine.Coordinates
) -> None:
    with database.writing() as session:
        draft = begin_draft(session)
        codes.ask(session, CodePurpose.CONVERSATION, draft.id, "ada@example.com", "nl").tries = 5
    clock.shift(timedelta(days=20))
    night(database)
    with database.reader() as session:
        assert codes._spent(session, CodePurpose.CONVERSATION, draft.id) == 5


# -- closing


def test_an_answered_case_closes_when_nothing_is_left_to_do(
    database: Database, clock: time_machine.Coordinates
) -> None:
    with database.writing() as session:
        reviewer, manager = add_member(session), add_member(session, Role.MANAGER)
        done, _package = finished_case(session)
        refused = deciding_case(session)
        answer(session, refused, reviewer, manager, Outcome.REFUSE)
        reconsidered = deciding_case(session, "erase")
        first = answer(session, reconsidered, reviewer, manager, Outcome.GRANT)
        assert first.needs_second
        granted_only = reconsidered
    clock.shift(timedelta(days=30))
    night(database)
    with database.reader() as session:
        status = {case.id: case.status for case in session.scalars(select(Case))}
    assert status[refused.id] is Status.CLOSED
    assert status[granted_only.id] is Status.ANSWERED, "granted but not carried out: it stays open"
    assert status[done.id] is Status.CLOSED, "its package went the same night"
    assert "closed" in letters(database, refused.id)


def test_a_refusal_that_replaced_a_proposed_grant_closes_too(
    database: Database, clock: time_machine.Coordinates
) -> None:
    with database.writing() as session:
        reviewer, manager = add_member(session), add_member(session, Role.MANAGER)
        case = deciding_case(session, "erase")
        write_decision(session, case, reviewer)
        move(session, case, Move.PROPOSE, actor_for(reviewer))
        move(session, case, Move.SEND_BACK, actor_for(manager))
        answer(session, case, reviewer, manager, Outcome.REFUSE)
    clock.shift(timedelta(days=30))
    assert night(database).counts[Kind.CLOSING] == 1


def test_what_is_carried_out_at_once_does_not_close_before_it_is_carried_out(
    database: Database, clock: time_machine.Coordinates
) -> None:
    with database.writing() as session:
        case = submit_case(session, "withdraw")
        locate(session, case)
        assert (case.status, case.identity) == (Status.ANSWERED, Identity.MAILBOX)
    clock.shift(timedelta(days=60))
    assert night(database).counts[Kind.CLOSING] == 0


# -- the sweep as a whole


def everything(session: Session) -> None:
    """Put one thing of each kind, all due after three years."""
    submit_case(session)
    case = submit_case(session)
    show_card(session, case=case)
    begin_draft(session)
    finished_case(session)
    over = submit_case(session)
    move(session, over, Move.WITHDRAW, PERSON)
    codes.ask(session, CodePurpose.CASES, "thing", "ada@example.com", "nl")


def dump(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reader() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(table.select())), key=repr)
            for table in Base.metadata.sorted_tables
        }


def test_a_dry_run_says_what_would_go_and_changes_nothing(database: Database, clock: time_machine.Coordinates) -> None:
    with database.writing() as session:
        everything(session)
    clock.shift(timedelta(days=1100))
    before, files = dump(database), vault_of(database).names()
    said = dry(database)
    assert dump(database) == before
    assert vault_of(database).names() == files
    done = night(database)
    assert {kind: count for kind, count in done.counts.items() if count} == said | {Kind.CLOSING: 1}
    assert said.keys() >= {Kind.CARD, Kind.DRAFT, Kind.PACKAGE, Kind.CONTENT, Kind.CODES}


def test_one_thing_that_cannot_be_forgotten_stops_no_other(
    database: Database, clock: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        cards = [show_card(session, case=submit_case(session)) for _ in range(3)]
    real = retention.destroy_key

    def fail_once(session: Session, owner: str, purpose: Purpose) -> bool:
        if owner == cards[1].id:
            raise MoveRefused
        return real(session, owner, purpose)

    monkeypatch.setattr(retention, "destroy_key", fail_once)
    clock.shift(timedelta(days=14))
    assert night(database).counts[Kind.CARD] == 2
    with database.reader() as session:
        left = session.scalars(select(Evidence.id).where(Evidence.destroyed_at.is_(None))).all()
    assert left == [cards[1].id]
    monkeypatch.undo()
    assert night(database).counts[Kind.CARD] == 1


def test_the_nightly_job_sweeps_and_the_files_go_after_its_commit(
    app: Flask, database: Database, clock: time_machine.Coordinates
) -> None:
    with database.writing() as session:
        show_card(session, case=submit_case(session, "withdraw"))
        session.execute(delete(Job))
    clock.shift(timedelta(days=20))
    with app.app_context():
        worker = make_worker(app)
        worker.queue_nightly()
        worker.run_until_idle()
    assert vault_of(database).names() == set()


def test_a_file_without_a_row_goes_after_a_day(app: Flask, database: Database) -> None:
    vault = vault_of(database)
    with database.writing() as session:
        kept = show_card(session, case=submit_case(session)).file
    vault.write(bytes(32), "nobody", [b"left behind by a crash"])
    retention.unlink_job(database, {"file": ""})
    assert len(vault.names()) == 2, "younger than a day: its row may still come"
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        retention.unlink_job(database, {"file": ""})
    assert vault.names() == {kept}


def test_a_file_that_a_row_names_is_never_unlinked_by_mistake(database: Database) -> None:
    with database.writing() as session:
        card = show_card(session, case=submit_case(session))
    retention.unlink_job(database, {"file": str(card.file)})
    assert vault_of(database).names() == {card.file}


def test_a_package_made_again_replaces_the_older_one(database: Database, clock: time_machine.Coordinates) -> None:
    with database.writing() as session:
        case, older = finished_case(session)
        retention.forget_package(session, older, now())
        newer = hand_over(session, case)
    with database.reader() as session:
        assert data_key(session, newer.id, Purpose.PACKAGE)
        with pytest.raises(KeyDestroyed):
            data_key(session, older.id, Purpose.PACKAGE)
