"""Taking back an answer: for half a minute who sent it can; nobody else sees it until then, and one of the two wins."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Role, Staff
from portal.cases.access import awaited_copy, decision_of
from portal.cases.lifecycle import Move, Outcome, Status
from portal.cases.models import Case
from portal.cases.moves import move
from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.errors import MoveRefused
from portal.jobs import outbox
from portal.jobs.outbox import Job
from portal.verify import breaches
from tests.support.colleagues import MORNING, browser_of
from tests.support.critic import Critic
from tests.support.desk import press, press_on
from tests.support.factories import actor_for, add_member, answer, deciding_case, submit_together, write_decision
from tests.support.portals import make_settings, portal, work
from tests.support.racing import fulfil_jobs, letters, together
from tests.support.visitors import with_mailbox

HALF_A_MINUTE = timedelta(seconds=30)
LEFT = "The letter has left: it can no longer be taken back."


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give the settings of a portal whose answers can be taken back."""
    return make_settings(tmp_path, undo_seconds=30)


def send(browser: Critic, case_id: str) -> Critic:
    shown = press(browser, f"/desk/cases/{case_id}", "/letter", {"outcome": "grant", "reason": "Hier is uw kopie."})
    assert press_on(browser, shown, "/decision").status_code == 303
    return browser


def page_of(app: Flask, database: Database, case_id: str, language: str = "nl") -> str:
    with database.reader() as session:
        mailbox = session.get_one(Case, case_id).mailbox
    page = with_mailbox(app, mailbox).get(f"/{language}/s/{case_id}").text
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page)


def section(page: str, begin: str) -> str:
    return re.split("</?section", page.partition(begin)[2])[0]


def case_at(database: Database, case_id: str) -> Case:
    with database.reader() as session:
        return session.get_one(Case, case_id)


def sent_case(session: Session) -> tuple[Case, Staff]:
    case, member = deciding_case(session), add_member(session)
    answer(session, case, member, add_member(session, Role.MANAGER))
    return case, member


def test_who_sent_it_takes_it_back_on_the_next_page_without_script(
    app: Flask, database: Database, decided: tuple[str, Staff]
) -> None:
    case_id, member = decided
    rex = send(browser_of(app, member), case_id)
    undone = press(rex, "/desk/", "/undo")
    assert undone.status_code == 303
    page = rex.get(undone.location, follow_redirects=True).text
    assert "Taken back. No letter left, nothing was done." in page
    assert "Hier is uw kopie." in page, "what was written is back in its field"
    case = case_at(database, case_id)
    assert (case.status, case.answered_at) == (Status.DECIDING, None)
    with database.reader() as session:
        assert "decision" not in letters(session, case)
        assert fulfil_jobs(session, case) == 0
        assert list(breaches(session)) == []
    assert "/undo" not in rex.get("/desk/").text


def test_the_person_sees_nothing_of_an_answer_that_can_be_taken_back(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    case_id, member = decided
    before = page_of(app, database, case_id)
    send(browser_of(app, member), case_id)
    meanwhile = page_of(app, database, case_id)
    assert section(meanwhile, "<h1>") == section(before, "<h1>")
    assert section(meanwhile, 'id="ledger"') == section(before, 'id="ledger"')
    assert "Ons antwoord" not in meanwhile
    assert "Hier is uw kopie." not in meanwhile
    morning.shift(HALF_A_MINUTE)
    after = page_of(app, database, case_id)
    assert "Ons antwoord" in after
    assert "Hier is uw kopie." in after


def test_an_answer_that_was_taken_back_leaves_no_trace_on_the_persons_page(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    case_id, member = decided
    before = page_of(app, database, case_id)
    press(send(browser_of(app, member), case_id), "/desk/", "/undo")
    morning.shift(HALF_A_MINUTE)
    assert page_of(app, database, case_id) == before


def test_once_half_a_minute_is_over_a_sentence_says_that_it_has_left(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    case_id, member = decided
    rex = send(browser_of(app, member), case_id)
    page = rex.get("/desk/")
    morning.shift(HALF_A_MINUTE)
    late = press_on(rex, page, "/undo")
    assert (late.status_code, LEFT in late.text) == (409, True)
    assert case_at(database, case_id).status is Status.ANSWERED
    assert "/undo" not in rex.get("/desk/").text


def test_nobody_else_takes_it_back(app: Flask, database: Database, decided: tuple[str, Staff]) -> None:
    case_id, member = decided
    page = send(browser_of(app, member), case_id).get("/desk/")
    with database.writing() as session:
        other = add_member(session, Role.MANAGER)
    max_ = browser_of(app, other)
    assert "/undo" not in max_.get("/desk/").text
    refused = press_on(max_, page, "/undo", {"csrf_token": _token(max_)})
    assert (refused.status_code, "Only who sent this letter can take it back." in refused.text) == (409, True)
    assert case_at(database, case_id).status is Status.ANSWERED


def _token(browser: Critic) -> str:
    return browser.get("/desk/").text.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_a_confirmation_that_is_taken_back_waits_for_the_second_person_again(database: Database) -> None:
    with time_machine.travel(MORNING, tick=False), database.writing() as session:
        first, second = add_member(session), add_member(session, Role.MANAGER)
        case = deciding_case(session, "erase")
        answer(session, case, first, second)
        move(session, case, Move.TAKE_BACK, actor_for(second))
        decision = decision_of(session, case)
        assert decision is not None
        assert (case.status, decision.confirmed_by) == (Status.SECOND, None)


def test_the_worker_sends_and_carries_out_nothing_before_half_a_minute_is_over(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    case_id, member = decided
    send(browser_of(app, member), case_id)
    morning.shift(HALF_A_MINUTE - timedelta(seconds=1))
    work(app)
    with database.reader() as session:
        until = session.get_one(Case, case_id).undo_until
        waiting = session.scalars(select(Job).where(Job.case_id == case_id, Job.run_at == until)).all()
        assert sorted(job.kind for job in waiting) == ["case.fulfil", "case.letter", "mail.send"]
        assert {job.attempts for job in waiting} == {0}


def test_what_wakes_the_work_too_soon_does_not_carry_it_out(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    case_id, member = decided
    rex = send(browser_of(app, member), case_id)
    with database.writing() as session:
        outbox.wake(session, "case.fulfil", case_id)  # as the last answer to a manual task does
    work(app)
    assert press(rex, "/desk/", "/undo").status_code == 303
    assert case_at(database, case_id).status is Status.DECIDING


def test_nothing_waits_over_midnight_so_that_the_day_of_sending_is_the_day_the_letter_leaves(
    database: Database,
) -> None:
    with time_machine.travel(datetime(2026, 11, 23, 22, 59, 45, tzinfo=UTC), tick=False), database.writing() as session:
        case, member = sent_case(session)
        assert case.undo_until is None
        with pytest.raises(MoveRefused, match=LEFT):
            move(session, case, Move.TAKE_BACK, actor_for(member))


def test_an_answer_counts_from_when_it_was_sent(database: Database) -> None:
    with time_machine.travel(MORNING, tick=False), database.writing() as session:
        case, _member = sent_case(session)
        assert (case.answered_at, case.undo_until) == (MORNING, MORNING + HALF_A_MINUTE)


def test_a_refusal_that_can_be_taken_back_lets_nothing_be_deleted(database: Database) -> None:
    with time_machine.travel(MORNING, tick=False) as clock, database.writing() as session:
        copy, erasure = submit_together(session, "access", "erase").values()
        first, second = add_member(session), add_member(session, Role.MANAGER)
        session.execute(update(Case).where(Case.id == copy.id).values(status=Status.DECIDING))
        session.refresh(copy)
        answer(session, copy, first, second, Outcome.REFUSE)
        held = awaited_copy(session, erasure)
        assert held is not None
        assert held.id == copy.id
        clock.shift(HALF_A_MINUTE)
        assert awaited_copy(session, erasure) is None


def test_without_the_half_minute_a_letter_leaves_at_once(tmp_path: Path, migrated: Path) -> None:
    with portal(make_settings(tmp_path), migrated) as app:
        database: Database = app.extensions["portal_db"]
        with database.writing() as session:
            case, _member = sent_case(session)
            assert case.undo_until is None
            assert outbox.is_due(session)


def check_one_wins(database: Database) -> None:
    """Let a worker that is ahead of the clock claim, and the sender undo, at the same moment."""
    with database.writing() as session:
        case, member = deciding_case(session), add_member(session)
        session.execute(update(Job).values(done_at=now()))
        write_decision(session, case, member)
        move(session, case, Move.ANSWER, actor_for(member))
        session.execute(update(Job).where(Job.done_at.is_(None)).values(run_at=now() - timedelta(seconds=1)))
    claimed: list[str] = []

    def act(number: int) -> bool:
        if number % 2:
            with database.writer() as session:
                job = outbox.claim(session)
                session.commit()
            claimed.extend([job.id] if job else [])
            return False
        try:
            with database.writing() as session:
                move(session, session.get_one(Case, case.id), Move.TAKE_BACK, actor_for(member))
        except MoveRefused:
            return False
        return True

    undone = together(4, act).count(True)
    with database.reader() as session:
        found = session.get_one(Case, case.id)
        left = session.scalars(select(Job).where(Job.case_id == case.id, Job.done_at.is_(None))).all()
    assert (undone, bool(claimed)) in {(1, False), (0, True)}, "exactly one of the two"
    assert found.status is (Status.DECIDING if undone else Status.ANSWERED)
    assert len(left) == (0 if undone else 3)


@pytest.mark.parametrize("turn", range(3))
def test_worker_and_undo_at_once_are_one_on_postgresql(tmp_path: Path, postgres_url: str, turn: int) -> None:
    with portal(make_settings(tmp_path, database_url=postgres_url, undo_seconds=30)) as app:
        check_one_wins(app.extensions["portal_db"])


def test_worker_and_undo_at_once_are_one_on_sqlite(database: Database) -> None:
    check_one_wins(database)
