"""Moves: the rules hold, each step happens once, and nothing leaves or changes without the guard."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Role
from portal.audit.record import PERSON, SYSTEM, Actor, ActorKind, AuditEntry
from portal.cases.access import answers_of, contact_of
from portal.cases.lifecycle import OPEN, RULES, Move, Status, Who
from portal.cases.models import Case, Evidence
from portal.cases.moves import move, submit
from portal.cases.naming import name_hash
from portal.db import Database
from portal.errors import MoveRefused
from portal.jobs.outbox import Job
from portal.mail.outbox import Mail
from tests.support.factories import (
    ADA,
    ANSWERS,
    MARKETING,
    actor_for,
    add_member,
    begin_draft,
    confirm_identity,
    deciding_case,
    filing,
    locate,
    show_card,
    submit_case,
    write_decision,
)
from tests.support.portals import make_settings, portal
from tests.support.racing import fulfil_jobs, letters, together

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ACTORS = {Who.PERSON: PERSON, Who.SYSTEM: SYSTEM}


# -- filing


@pytest.mark.parametrize("right", ANSWERS)
def test_filing_writes_case_receipt_job_and_record_together(database: Database, right: str) -> None:
    with time_machine.travel(START, tick=False), database.writing() as session:
        case = submit_case(session, right, language="fr")
        card = right != "withdraw"
        assert (case.status, case.needs_card, case.at_once) == (Status.RECEIVED, card, right == "withdraw")
        assert (str(case.received_on), str(case.due_on)) == ("2026-03-12", "2026-04-11")
        assert letters(session, case) == ["receipt", "staff-new-case"]
        assert session.scalars(select(Job.kind).where(Job.kind != "mail.send").order_by(Job.kind)).all() == [
            "case.locate",
            "case.paper",
        ]
        assert session.scalars(select(AuditEntry.kind)).all() == ["case:received"]
        assert (answers_of(session, case), contact_of(session, case)["email"]) == (ANSWERS[right], ADA["email"])


def test_marketing_alone_is_carried_out_at_once_and_asks_no_card(database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session, "object", answers=MARKETING)
        assert (case.at_once, case.needs_card) == (True, False)


def test_what_is_rolled_back_leaves_neither_case_nor_mail_nor_job_nor_entry(database: Database) -> None:
    with database.writer() as session:
        submit_case(session)
        session.rollback()
    with database.reader() as session:
        for table in (Case, Mail, Job, AuditEntry):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_sent_twice_is_one_request(database: Database) -> None:
    with database.writing() as session:
        draft = begin_draft(session)
        submit(session, draft, [filing()])
        with pytest.raises(MoveRefused):
            submit(session, draft, [filing()])
        assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_sent_by_ten_clicks_at_once_is_one_request_with_one_receipt(database: Database) -> None:
    with database.writing() as session:
        draft = begin_draft(session)
        show_card(session, draft=draft)

    def send(_number: int) -> bool:
        try:
            with database.writing() as session:
                submit(session, draft, [filing()])
        except MoveRefused:
            return False
        return True

    assert together(10, send).count(True) == 1
    with database.reader() as session:
        case = session.scalars(select(Case)).one()
        assert letters(session, case) == ["receipt", "staff-new-case"]
        assert session.scalars(select(Evidence.case_id)).one() == case.id


def test_a_person_is_found_by_name_however_it_is_typed(database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session)
        assert case.name_hash == name_hash(session, "  ADA   peeters ")
        assert case.name_hash != name_hash(session, "Ada Peters")
        assert "ada" not in f"{case.name_hash}{case.mailbox}{case.reference}".lower()


# -- the rules


def put(session: Session, case: Case, status: Status) -> None:
    before = Status.DECIDING if status is Status.WAITING else None
    session.execute(update(Case).where(Case.id == case.id).values(status=status, waits_before=before))
    session.refresh(case)


def may_be_tried_by(step: Move, member: Actor) -> Actor:
    return ACTORS.get(RULES[step].by, member)


@pytest.mark.parametrize("status", Status)
def test_no_move_starts_where_its_rule_does_not_say(database: Database, status: Status) -> None:
    with database.writing() as session:
        member = actor_for(add_member(session))
        case = submit_case(session)
        put(session, case, status)
        for step, rule in RULES.items():
            if status not in rule.before:
                with pytest.raises(MoveRefused):
                    move(session, case, step, may_be_tried_by(step, member))
        assert session.get_one(Case, case.id).status is status


def test_no_move_is_made_by_somebody_else_than_its_rule_says(database: Database) -> None:
    everybody = [PERSON, SYSTEM, *(Actor(ActorKind.STAFF, "m" * 32, role.value) for role in Role)]
    deciders = {Role.REVIEWER.value, Role.MANAGER.value}
    with database.writing() as session:
        case = submit_case(session)
        for step, rule in RULES.items():
            for start in rule.before:
                put(session, case, start)
                for by in everybody:
                    allowed = by == ACTORS[rule.by] if rule.by in ACTORS else by.role in deciders
                    if not allowed:
                        with pytest.raises(MoveRefused):
                            move(session, case, step, by)
        assert session.scalar(select(func.count()).where(AuditEntry.kind == "case:moved")) == 0


def test_a_question_leads_back_to_where_the_case_was(database: Database) -> None:
    with database.writing() as session:
        by = actor_for(add_member(session))
        for right, before in (("access", Status.IDENTITY), ("port", Status.DECIDING)):
            case = submit_case(session, right)
            locate(session, case)
            if before is Status.DECIDING:
                confirm_identity(session, case, add_member(session))
            move(session, case, Move.ASK, by)
            assert (case.status, case.waits_before) == (Status.WAITING, before.value)
            assert "question" in letters(session, case)
            move(session, case, Move.REPLY, PERSON)
            assert (case.status, case.waits_before) == (before, None)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_a_person_can_take_back_whatever_is_not_answered(database: Database, status: Status) -> None:
    with database.writing() as session:
        case = submit_case(session)
        put(session, case, status)
        move(session, case, Move.WITHDRAW, PERSON)
        assert case.status is Status.WITHDRAWN
        assert case.closed_at is not None
        assert "withdrawn" in letters(session, case)


def test_a_case_that_changed_since_it_was_loaded_is_refused(database: Database) -> None:
    with database.writing() as session:
        case, member = deciding_case(session), add_member(session)
        write_decision(session, case, member)
    with database.reader() as session:
        seen = session.get_one(Case, case.id)
    with database.writing() as session:
        session.execute(update(Case).values(version=Case.version + 1))
    with database.writing() as session, pytest.raises(MoveRefused):
        move(session, session.merge(seen, load=False), Move.ANSWER, actor_for(member))
    with database.reader() as session:
        assert session.get_one(Case, case.id).status is Status.DECIDING


# -- one decision


def answer_at_once(database: Database, times: int) -> tuple[list[bool], Case]:
    with database.writing() as session:
        case = deciding_case(session)
        members = [add_member(session, Role.REVIEWER, number) for number in (1, 2)]
        write_decision(session, case, members[0])

    def act(number: int) -> bool:
        with database.reader() as session:
            seen = session.get_one(Case, case.id)
            assert seen.status is Status.DECIDING
        ready.wait()
        try:
            with database.writing() as session:
                move(session, session.merge(seen, load=False), Move.ANSWER, actor_for(members[number % 2]))
        except MoveRefused:
            return False
        return True

    ready = threading.Barrier(times)
    return together(times, act), case


def check_one_answer(database: Database, said: list[bool], case: Case) -> None:
    assert said.count(True) == 1
    with database.reader() as session:
        assert session.get_one(Case, case.id).status is Status.ANSWERED
        assert letters(session, case).count("decision") == 1
        assert fulfil_jobs(session, case) == 1
        assert session.scalar(select(func.count()).where(AuditEntry.kind == "decision:released")) == 1


def test_twenty_answers_at_once_are_one(database: Database) -> None:
    check_one_answer(database, *answer_at_once(database, 20))


def test_answers_at_once_are_one_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    with portal(make_settings(tmp_path, database_url=postgres_url)) as app:
        database: Database = app.extensions["portal_db"]
        check_one_answer(database, *answer_at_once(database, 8))


def test_taking_back_and_answering_at_once_do_one_of_the_two(database: Database) -> None:
    with database.writing() as session:
        case, member = deciding_case(session), add_member(session)
        write_decision(session, case, member)

    def act(number: int) -> bool:
        step, by = (Move.WITHDRAW, PERSON) if number % 2 else (Move.ANSWER, actor_for(member))
        try:
            with database.writing() as session:
                move(session, session.get_one(Case, case.id), step, by)
        except MoveRefused:
            return False
        return True

    assert together(8, act).count(True) == 1
    with database.reader() as session:
        said = letters(session, case)
        assert said.count("decision") + said.count("withdrawn") == 1
