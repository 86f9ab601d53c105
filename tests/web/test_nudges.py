"""Reminders to people: what we asked and what waits to be downloaded, each told once more and not again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from portal.audit.record import PERSON
from portal.cases.lifecycle import Move
from portal.cases.models import Case, Package
from portal.cases.moves import move, stop
from portal.clock import now
from portal.db import Database, new_id
from portal.mail.outbox import Mail, address_of
from portal.review.handling import ask_person
from portal.review.nudges import ANSWER, FILE, nudge
from tests.support.factories import ADA, actor_for, add_member, answer, deciding_case
from tests.support.racing import letters

START = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def asked(database: Database, clock: time_machine.Traveller) -> Case:
    """Give a request whose person was asked something."""
    with database.writing() as session:
        case = deciding_case(session)
        ask_person(session, case, "Which photo?", actor_for(add_member(session)))
    return case


def reminders(database: Database, case: Case, letter: str = ANSWER) -> int:
    """Remind, and return how many reminders the person of ``case`` got so far."""
    with database.writing() as session:
        nudge(session, now())
        return letters(session, session.get_one(Case, case.id)).count(letter)


def test_a_question_is_told_once_more_after_a_week(
    database: Database, asked: Case, clock: time_machine.Traveller
) -> None:
    told = []
    for _ in range(12):
        told.append(reminders(database, asked))
        clock.shift(timedelta(days=1))
    assert told == [0] * 7 + [1] * 5
    with database.reader() as session:
        (mail,) = session.scalars(select(Mail).where(Mail.letter == ANSWER))
        assert address_of(session, mail) == ADA["email"]


def test_a_further_question_is_a_reminder_of_its_own(
    database: Database, asked: Case, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=8))
    assert reminders(database, asked) == 1
    clock.shift(timedelta(hours=1))
    with database.writing() as session:
        case = session.get_one(Case, asked.id)
        move(session, case, Move.REPLY, PERSON)
        ask_person(session, case, "And which other one?", actor_for(add_member(session)))
    assert reminders(database, asked) == 1
    clock.shift(timedelta(days=8))
    assert reminders(database, asked) == 2


def test_who_answered_or_did_not_ask_it_and_whose_answer_is_late_gets_none(
    database: Database, asked: Case, clock: time_machine.Traveller
) -> None:
    with database.writing() as session:
        replied, stopped = deciding_case(session), deciding_case(session)
        for case in (replied, stopped):
            ask_person(session, case, "Which photo?", actor_for(add_member(session)))
        move(session, replied, Move.REPLY, PERSON)
        stop(session, stopped)
    clock.shift(timedelta(days=8))
    assert [reminders(database, each) for each in (replied, stopped)] == [0, 0]
    with database.writing() as session:
        session.execute(update(Mail).where(Mail.letter == ANSWER).values(letter="message"))
    clock.move_to(datetime.combine(asked.due_on + timedelta(days=1), START.time(), UTC))
    assert reminders(database, asked) == 0, "what would be promised is past"


def test_a_file_that_nobody_downloaded_is_told_once_three_days_before_it_goes(
    database: Database, clock: time_machine.Traveller
) -> None:
    with database.writing() as session:
        cases = [deciding_case(session) for _ in range(3)]
        for case in cases:
            answer(session, case, add_member(session), add_member(session, number=2))
            session.add(
                Package(
                    id=new_id(), case_id=case.id, size=1, sha256="0" * 64, rows=1, created_at=now(),
                    expires_at=now() + timedelta(days=14), downloads=int(case is cases[1]),
                )
            )  # fmt: skip
        session.flush()
        stop(session, cases[2])
    told = []
    for _ in range(15):
        told.append(reminders(database, cases[0], FILE))
        clock.shift(timedelta(days=1))
    assert told == [0] * 11 + [1] * 4
    assert [reminders(database, each, FILE) for each in cases[1:]] == [0, 0], "downloaded, or stopped"
