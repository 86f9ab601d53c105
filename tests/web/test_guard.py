"""The release guard: nothing leaves, is erased or changed at a source while a condition is not met."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Role
from portal.audit.record import PERSON, SYSTEM, Actor
from portal.cases.lifecycle import Identity, Move, Outcome, Status, Unmet
from portal.cases.models import Case
from portal.cases.moves import move, stop
from portal.db import Database
from portal.errors import MoveRefused
from portal.mail.outbox import Mail
from tests.support.factories import (
    MARKETING,
    accept_mails,
    actor_for,
    add_member,
    answer,
    confirm_identity,
    deciding_case,
    finished_case,
    locate,
    submit_case,
    write_decision,
)
from tests.support.racing import fulfil_jobs, letters, together

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


def refused(session: Session, case: Case, step: Move, by: Actor, unmet: Unmet) -> None:
    with pytest.raises(MoveRefused) as refusal:
        move(session, case, step, by)
    assert refusal.value.sentence == unmet.sentence
    assert fulfil_jobs(session, case) == 0
    assert "decision" not in letters(session, case)


def test_nothing_is_released_without_a_decision(database: Database) -> None:
    with database.writing() as session:
        case = deciding_case(session)
        refused(session, case, Move.ANSWER, actor_for(add_member(session)), Unmet.NO_DECISION)


@pytest.mark.parametrize("identity", [each for each in Identity if each not in {Identity.CONFIRMED, Identity.ACCOUNT}])
def test_nothing_is_granted_to_somebody_who_is_not_known(database: Database, identity: Identity) -> None:
    with database.writing() as session:
        case, member = deciding_case(session), add_member(session)
        write_decision(session, case, member)
        session.execute(update(Case).values(identity=identity))
        session.refresh(case)
        refused(session, case, Move.ANSWER, actor_for(member), Unmet.IDENTITY)


def test_nothing_is_granted_after_a_stop(database: Database) -> None:
    with database.writing() as session:
        case, member = deciding_case(session), add_member(session)
        write_decision(session, case, member)
        assert stop(session, case)
        session.refresh(case)
        refused(session, case, Move.ANSWER, actor_for(member), Unmet.STOPPED)


def test_another_mailbox_holds_a_grant_for_72_hours_after_the_notice_arrived(database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock, database.writing() as session:
        case, member = deciding_case(session, on_file=False), add_member(session)
        write_decision(session, case, member)
        refused(session, case, Move.ANSWER, actor_for(member), Unmet.HOLD)
        accept_mails(session, session.scalars(select(Mail).where(Mail.letter == "asked-in-your-name")).all())
        session.expire_all()
        clock.shift(timedelta(hours=72) - timedelta(seconds=1))
        refused(session, case, Move.ANSWER, actor_for(member), Unmet.HOLD)
        clock.shift(timedelta(seconds=1))
        move(session, case, Move.ANSWER, actor_for(member))
        assert fulfil_jobs(session, case) == 1


@pytest.mark.parametrize(("right", "outcome"), [("erase", Outcome.GRANT), ("access", Outcome.REFUSE)])
def test_erasure_and_refusal_need_a_second_person_who_is_not_the_first(
    database: Database, right: str, outcome: Outcome
) -> None:
    with database.writing() as session:
        first, second = add_member(session), add_member(session, Role.MANAGER)
        case = deciding_case(session, right)
        decision = write_decision(session, case, first, outcome)
        refused(session, case, Move.ANSWER, actor_for(first), Unmet.SECOND)
        move(session, case, Move.PROPOSE, actor_for(first))
        refused(session, case, Move.CONFIRM, actor_for(second), Unmet.SECOND)
        decision.confirmed_by = first.id
        session.flush()
        refused(session, case, Move.CONFIRM, actor_for(first), Unmet.SECOND)
        decision.confirmed_by = second.id
        session.flush()
        move(session, case, Move.CONFIRM, actor_for(second))
        assert case.status is Status.ANSWERED
        assert fulfil_jobs(session, case) == (1 if outcome is Outcome.GRANT else 0)


def test_a_case_that_nobody_was_found_for_carries_nothing_out(database: Database) -> None:
    with database.writing() as session:
        case, member = submit_case(session), add_member(session)
        locate(session, case, found=False, rows=0)
        confirm_identity(session, case, member)
        write_decision(session, case, member)
        refused(session, case, Move.ANSWER, actor_for(member), Unmet.NOT_FOUND)
        answer(session, case, member, member, Outcome.NO_DATA)
        assert (case.status, fulfil_jobs(session, case)) == (Status.ANSWERED, 0)


# -- at once


@pytest.mark.parametrize(("right", "said"), [("withdraw", None), ("object", MARKETING)])
def test_from_an_address_on_file_it_is_carried_out_at_once(
    database: Database, right: str, said: dict[str, list[str]] | None
) -> None:
    with database.writing() as session:
        case = submit_case(session, right, answers=said)
        locate(session, case)
        assert (case.status, fulfil_jobs(session, case)) == (Status.ANSWERED, 1)


def test_from_another_address_it_goes_to_the_desk_and_a_refusal_there_carries_nothing_out(database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock, database.writing() as session:
        first, second = add_member(session), add_member(session, Role.MANAGER)
        case = submit_case(session, "withdraw")
        locate(session, case, on_file=False)
        assert case.status is Status.IDENTITY
        with pytest.raises(MoveRefused):
            move(session, case, Move.CARRY_OUT_AT_ONCE, SYSTEM)
        confirm_identity(session, case, first)
        accept_mails(session, session.scalars(select(Mail).where(Mail.letter == "asked-in-your-name")).all())
        session.expire_all()
        clock.shift(timedelta(days=4))
        answer(session, case, first, second, Outcome.REFUSE)
        assert (case.status, fulfil_jobs(session, case)) == (Status.ANSWERED, 0)


# -- stopping


def test_a_stop_counts_once_and_tells_the_desk(database: Database) -> None:
    with database.writing() as session:
        case = deciding_case(session)
    assert together(6, lambda _number: stop_alone(database, case.id)).count(True) == 1
    with database.reader() as session:
        assert letters(session, case).count("staff-stopped") == 1


def stop_alone(database: Database, case_id: str) -> bool:
    with database.writing() as session:
        return stop(session, session.get_one(Case, case_id))


def test_a_decision_that_was_being_taken_meanwhile_is_refused(database: Database) -> None:
    with database.writing() as session:
        case, member = deciding_case(session), add_member(session)
        write_decision(session, case, member)
    with database.writing() as session:
        seen = session.get_one(Case, case.id)
        assert stop(session, seen)
        with pytest.raises(MoveRefused):
            move(session, seen, Move.ANSWER, actor_for(member))


def test_what_was_handed_over_already_can_still_be_stopped_and_what_is_over_cannot(database: Database) -> None:
    with database.writing() as session:
        case, _package = finished_case(session)
        assert stop(session, case)
        over = submit_case(session)
        move(session, over, Move.WITHDRAW, PERSON)
        assert not stop(session, over)
