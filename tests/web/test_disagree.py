"""Disagreeing with an answer: once for each, looked at by somebody else within a month, kept or decided anew."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Role, Staff
from portal.audit.record import SYSTEM
from portal.cases.deadlines import add_months
from portal.cases.disagreements import Disagreement, Ending, may_disagree, settle
from portal.cases.extension import why_not_extend
from portal.cases.fees import why_no_fee
from portal.cases.lifecycle import Move, Outcome, Status
from portal.cases.models import Case
from portal.cases.moves import move
from portal.cases.retention import sweep
from portal.cases.said import disagree, relent
from portal.clock import local, now, today
from portal.db import Database
from portal.errors import MoveRefused
from portal.review.handling import assign, must_have
from portal.tracking.pages import letter
from portal.verify import breaches
from tests.support.colleagues import browser_of
from tests.support.critic import Critic
from tests.support.desk import give, press
from tests.support.factories import (
    BEN,
    actor_for,
    add_member,
    answer,
    deciding_case,
    finished_case,
    submit_case,
    write_decision,
)
from tests.support.racing import letters
from tests.support.visitors import with_mailbox

WHY = "You overlooked my invoices of 2024."


def refused(session: Session, number: int = 1) -> Case:
    """File a case that reviewer 1 refused and the manager confirmed."""
    case = deciding_case(session, who=BEN)
    answer(session, case, add_member(session), add_member(session, Role.MANAGER), Outcome.REFUSE)
    return case


def contested(session: Session) -> tuple[Case, Staff]:
    """File a refused case whose person disagrees; reviewer 2 has it."""
    case = refused(session)
    disagree(session, case, WHY)
    other = add_member(session, number=2)
    give(session, case, other)
    return case, other


def person(app: Flask, case: Case) -> Critic:
    return with_mailbox(app, case.mailbox)


def test_who_disagrees_says_why_and_reads_what_happens_now(
    app: Flask, database: Database, morning: time_machine.Traveller
) -> None:
    with database.writing() as session:
        case = refused(session)
    ben, page = person(app, case), f"/en/s/{case.id}"
    assert "I do not agree" in ben.get(page).get_data(as_text=True)
    asked = ben.get(f"{page}/disagree").get_data(as_text=True)
    assert "Dutch Data Protection Authority" in asked
    empty = press(ben, f"{page}/disagree", "/disagree", {"why": " "})
    assert (empty.status_code, "Write what you disagree with." in empty.get_data(as_text=True)) == (422, True)
    assert press(ben, f"{page}/disagree", "/disagree", {"why": WHY}).status_code == 303
    shown = ben.get(page).get_data(as_text=True)
    assert "Somebody else looks at it again." in shown
    assert WHY in shown
    assert "We do not do what you asked." in shown, "the answer they disagree with stays to be read"
    with database.reader() as session:
        again = session.get_one(Case, case.id)
        assert (again.status, again.assigned_to, again.due_on) == (Status.DECIDING, None, add_months(today(), 1))
        assert "disagreed" in letters(session, again)
    assert ben.get(f"{page}/disagree").status_code == 404, "once for each decision"


def test_the_queue_and_the_case_say_so_and_who_decided_cannot_take_it(
    app: Flask, database: Database, morning: time_machine.Traveller
) -> None:
    with database.writing() as session:
        case = refused(session)
        disagree(session, case, WHY)
        first, second, other = (
            add_member(session),
            add_member(session, Role.MANAGER),
            add_member(session, number=2),
        )
        for member in (first, second):
            with pytest.raises(MoveRefused, match="decided or confirmed"):
                assign(session, case, member.id, None, actor_for(member))
        assign(session, case, other.id, None, actor_for(other))
        session.refresh(case)
        must_have(session, case, actor_for(other))
    browser = browser_of(app, first)
    assert "Disagrees" in browser.get("/desk/?view=due").get_data(as_text=True)
    shown = browser.get(f"/desk/cases/{case.id}").get_data(as_text=True)
    assert "You decided or confirmed this." in shown
    assert f'action="/desk/cases/{case.id}/take"' not in shown


def test_an_answer_that_is_kept_names_authority_and_court_with_a_new_day(
    app: Flask, database: Database, morning: time_machine.Traveller
) -> None:
    with database.writing() as session:
        case, other = contested(session)
        row = session.scalars(select(Disagreement)).one()
        before, answered_at = row.due_before, case.answered_at
    browser, page = browser_of(app, other), f"/desk/cases/{case.id}"
    morning.shift(timedelta(days=3))
    browser = browser_of(app, other)
    empty = press(browser, page, "/uphold", {"uphold": ""})
    assert empty.status_code == 422
    assert press(browser, page, "/uphold", {"uphold": "We looked at each invoice."}).status_code == 303
    with database.reader() as session:
        kept = session.get_one(Case, case.id)
        assert (kept.status, kept.due_on, kept.answered_at) == (Status.ANSWERED, before, answered_at)
        assert session.scalars(select(Disagreement)).one().ending is Ending.UPHELD
        assert "upheld" in letters(session, kept)
        assert not may_disagree(session, kept)
    shown = person(app, case).get(f"/en/s/{case.id}").get_data(as_text=True)
    desk = browser.get(page).get_data(as_text=True)
    for side in (shown, desk):
        assert "0 days used of 30." in side, "the clock of a request stops with its answer, for both sides"
    assert "We looked at each invoice." in shown
    assert "rechtbank" in shown
    until = today() + timedelta(weeks=6)
    assert f"{until.day} {until:%B %Y}" in shown


def test_deciding_anew_goes_the_usual_way_and_its_proposal_is_not_shown_before_it_is_sent(
    app: Flask, database: Database
) -> None:
    with database.writing() as session:
        case, other = contested(session)
        decision = write_decision(session, case, other, Outcome.REFUSE)
        move(session, case, Move.PROPOSE, actor_for(other))
        shown = letter(session, case)
        assert shown is not None
        assert shown.decided_on == local(case.decisions[0].decided_at).date()
        decision.confirmed_by, decision.confirmed_at = add_member(session).id, now()
        session.flush()
        move(session, case, Move.CONFIRM, actor_for(add_member(session)))
        assert case.status is Status.ANSWERED
        assert session.scalars(select(Disagreement)).one().ending is Ending.ANEW
        assert may_disagree(session, case), "the new decision can be disagreed with, once"


def test_who_takes_it_back_has_the_answer_as_it_was_also_over_a_new_proposal(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case, other = contested(session)
        first = session.scalars(select(Disagreement)).one()
        write_decision(session, case, other, Outcome.REFUSE)
        move(session, case, Move.PROPOSE, actor_for(other))
    ben = person(app, case)
    assert "I no longer disagree" in ben.get(f"/en/s/{case.id}").get_data(as_text=True)
    assert press(ben, f"/en/s/{case.id}/withdraw", "/withdraw").status_code == 303
    with database.reader() as session:
        now_ = session.get_one(Case, case.id)
        assert (now_.status, now_.decision_id, now_.due_on) == (Status.ANSWERED, first.decision_id, first.due_before)


def test_what_was_carried_out_goes_back_there_and_is_not_carried_out_again(database: Database) -> None:
    with database.writing() as session:
        case, _package = finished_case(session)
        assert case.status is Status.CARRIED_OUT
        disagree(session, case, WHY)
        assert letters(session, case).count("carried-out") + letters(session, case).count("ready") == 1
        relent(session, case)
        assert case.status is Status.CARRIED_OUT


def test_nobody_disagrees_before_an_answer_while_it_is_carried_out_or_twice(database: Database) -> None:
    with database.writing() as session:
        asked = submit_case(session)
        granted = deciding_case(session)
        answer(session, granted, add_member(session), add_member(session, number=2))
        twice = refused(session)
        disagree(session, twice, WHY)
        move(session, twice, Move.UPHOLD, actor_for(add_member(session)))
        for case in (asked, granted, twice):
            with pytest.raises(MoveRefused):
                disagree(session, case, WHY)


def test_closing_and_forgetting_wait_and_no_term_or_fee_is_added(database: Database) -> None:
    with database.writing() as session:
        case, _other = contested(session)
        assert why_not_extend(session, case, today()) is not None
        assert why_no_fee(session, case) is not None
        sweep(session, now() + timedelta(days=31))
        sweep(session, now() + timedelta(days=3 * 365))
        session.refresh(case)
        assert (case.status, case.forgotten_at) == (Status.DECIDING, None)
        with pytest.raises(MoveRefused):
            move(session, case, Move.CLOSE, SYSTEM)


def test_no_invariant_is_broken_while_it_is_looked_at_again_nor_after_each_of_its_ends(
    app: Flask, database: Database
) -> None:
    start = datetime(2026, 3, 12, 9, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock, database.writing() as session:
        kept, anew, taken_back = refused(session), refused(session), refused(session)
        clock.shift(timedelta(days=10))
        for case in (kept, anew, taken_back):
            disagree(session, case, WHY)
        assert list(breaches(session)) == []
        relent(session, taken_back)
        other = add_member(session, number=2)
        move(session, kept, Move.UPHOLD, actor_for(other))
        settle(session, kept, Ending.UPHELD, actor_for(other))
        answer(session, anew, other, add_member(session, number=3), Outcome.REFUSE)
        assert list(breaches(session)) == []
        session.execute(update(Case).where(Case.id == anew.id).values(due_on=Case.received_on))
        assert [each.partition(" case")[0] for each in breaches(session)] == ["clock: the second look at"]
