"""The sweep as a whole: what it closes, what a dry run says, what one fault stops, and the files it leaves."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from portal.accounts import codes
from portal.accounts.models import CodePurpose, Role
from portal.app import make_worker
from portal.audit.record import PERSON
from portal.cases import retention
from portal.cases.lifecycle import Identity, Move, Outcome, Status
from portal.cases.models import Case, Evidence
from portal.cases.moves import move
from portal.cases.retention import Kind
from portal.clock import now
from portal.db import Base, Database
from portal.errors import MoveRefused
from portal.files.keys import KeyDestroyed, Purpose, data_key
from portal.jobs.outbox import Job
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
from tests.support.nights import clock, dry, letters, night, vault_of

__all__ = ["clock"]


def test_an_answered_case_closes_when_nothing_is_left_to_do(database: Database, clock: time_machine.Traveller) -> None:
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


def test_a_refusal_that_replaced_a_proposed_grant_closes_too(database: Database, clock: time_machine.Traveller) -> None:
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
    database: Database, clock: time_machine.Traveller
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


def test_a_dry_run_says_what_would_go_and_changes_nothing(database: Database, clock: time_machine.Traveller) -> None:
    with database.writing() as session:
        everything(session)
    clock.shift(timedelta(days=1100))
    before, files = dump(database), vault_of(database).names()
    said = dry(database)
    assert dump(database) == before
    assert vault_of(database).names() == files
    done = night(database)
    assert {kind: count for kind, count in done.counts.items() if count} == said
    assert not done.faults
    assert said.keys() >= {Kind.CARD, Kind.DRAFT, Kind.PACKAGE, Kind.CONTENT, Kind.CODES}


@pytest.mark.parametrize("fault", [MoveRefused, ValueError, OSError])
def test_one_thing_that_cannot_be_forgotten_stops_no_other(
    database: Database, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    with database.writing() as session:
        cards = [show_card(session, case=submit_case(session)) for _ in range(3)]
    real = retention.destroy_key

    def fail_once(session: Session, owner: str, purpose: Purpose) -> bool:
        if owner == cards[1].id:
            raise fault(str(cards[1].id))
        return real(session, owner, purpose)

    monkeypatch.setattr(retention, "destroy_key", fail_once)
    clock.shift(timedelta(days=14))
    with capture_logs() as told:
        done = night(database)
    assert (done.counts[Kind.CARD], done.faults) == (2, {fault.__name__: 1})
    assert [line for line in told if line["event"] == "not forgotten"] == [
        {"event": "not forgotten", "log_level": "error", "what": "CARD", "fault": fault.__name__}
    ]
    with database.reader() as session:
        left = session.scalars(select(Evidence.id).where(Evidence.destroyed_at.is_(None))).all()
    assert left == [cards[1].id]
    monkeypatch.undo()
    assert night(database).counts[Kind.CARD] == 1


def test_the_nightly_job_sweeps_and_the_files_go_after_its_commit(
    app: Flask, database: Database, clock: time_machine.Traveller
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


def test_cards_go_before_anything_else() -> None:
    assert retention.STEPS[0][0] is Kind.CARD


def test_a_file_that_was_not_forgotten_after_all_stays_on_the_disk(
    database: Database, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files go after the commit: those of a row whose savepoint failed must not be among them."""
    with database.writing() as session:
        card = show_card(session, case=submit_case(session))

    def fail(*_args: object) -> None:
        raise ValueError

    monkeypatch.setattr(retention, "queue_letter", fail)
    clock.shift(timedelta(days=14))
    assert night(database).files == []
    assert vault_of(database).names() == {card.file}


@pytest.mark.parametrize("purpose", [Purpose.IDENTITY, Purpose.PACKAGE])
def test_the_key_of_what_was_never_kept_goes_after_a_day(
    database: Database, clock: time_machine.Traveller, purpose: Purpose
) -> None:
    with database.writing() as session:
        card = show_card(session, case=submit_case(session))
        _case, package = finished_case(session)
        data_key(session, "nothing", purpose, create=True)
        data_key(session, "nothing", Purpose.STAFF, create=True)
    clock.shift(timedelta(days=1) - timedelta(seconds=1))
    assert night(database).counts[Kind.KEYS] == 0
    clock.shift(timedelta(seconds=1))
    assert night(database).counts[Kind.KEYS] == 1
    assert night(database).counts[Kind.KEYS] == 0
    with database.reader() as session:
        with pytest.raises(KeyDestroyed):
            data_key(session, "nothing", purpose)
        assert data_key(session, "nothing", Purpose.STAFF)
        assert data_key(session, card.id, Purpose.IDENTITY)
        assert data_key(session, package.id, Purpose.PACKAGE)


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


def test_a_package_made_again_replaces_the_older_one(database: Database, clock: time_machine.Traveller) -> None:
    with database.writing() as session:
        case, older = finished_case(session)
        retention.forget_package(session, older, now())
        newer = hand_over(session, case)
    with database.reader() as session:
        assert data_key(session, newer.id, Purpose.PACKAGE)
        with pytest.raises(KeyDestroyed):
            data_key(session, older.id, Purpose.PACKAGE)
