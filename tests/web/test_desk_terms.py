"""More time, a fee, another controller: the person is told, decides where it is theirs, and nothing happens twice."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.models import Role
from portal.cases.deadlines import deadline, extended
from portal.cases.fees import fee_of
from portal.cases.lifecycle import Identity, Status
from portal.cases.models import Case, Fee
from portal.clock import now
from portal.db import Database
from portal.verify import breaches
from tests.support.critic import Critic, post_forms
from tests.support.desk import ANSWERS, file_case, press, press_on, settle, staff_named
from tests.support.postbox import Postbox
from tests.support.visitors import signed_in, with_mailbox
from tests.web.test_desk_decision import MAX, at, letters, ready, reread, send


@pytest.fixture
def postbox(app: Flask, tmp_path: Path) -> Postbox:
    """Give the post box of the portal."""
    return Postbox(app, tmp_path / "post")


MORE = {"because": "complex", "more_time": "We moeten negen systemen doorzoeken."}
FEE = {
    "fee_ground": "repeated",
    "evidence": "Dezelfde vraag als op MB, niets is veranderd.",
    "amount": "12,50",
    "costs": "Een uur opzoeken.",
}


def force(browser: Critic, case: Case, action: str, values: Mapping[str, str]) -> TestResponse:
    """Post to an address that the page does not offer, with the token of a form that it does."""
    _where, held, _names = post_forms(browser.get(at(case)))[0]
    return browser.post(f"{at(case)}{action}", data={"csrf_token": held["csrf_token"], **values})


def answered_before(app: Flask, database: Database) -> Case:
    """File an access request 60 days ago, answer it, and return it."""
    with time_machine.travel(now() - timedelta(days=60), tick=False):
        browser = signed_in(app, Role.REVIEWER)
        case = ready(database, right="access")
        assert send(browser, case, {"outcome": "grant"}).status_code == 303
    return case


def test_a_term_is_extended_once_by_two_months_and_the_person_reads_why(
    app: Flask, database: Database, rex: Critic, postbox: Postbox
) -> None:
    case = ready(database, right="access")
    assert press(rex, at(case), "/extend", MORE).status_code == 303
    after = reread(database, case)
    assert (after.first_due_on, after.due_on) == (deadline(case.received_on), extended(deadline(case.received_on)))
    assert after.status is Status.DECIDING
    assert letters(database, case)[-1] == "extension"
    assert "MB-" in postbox.deliver()[-1].text
    page = with_mailbox(app, case.mailbox).get(f"/nl/s/{case.id}").text
    assert MORE["more_time"] in page
    again = force(rex, case, "/extend", {**MORE, "version": str(after.version)})
    assert again.status_code == 409
    assert letters(database, case).count("extension") == 1
    with database.reader() as session:
        assert list(breaches(session)) == []


@pytest.mark.parametrize("missing", [{"because": ""}, {"because": "holiday"}, {"more_time": " "}])
def test_an_extension_without_reason_keeps_what_was_typed(
    database: Database, rex: Critic, missing: dict[str, str]
) -> None:
    case = ready(database, right="access")
    shown = press(rex, at(case), "/extend", MORE | missing)
    assert shown.status_code == 422
    assert (MORE["more_time"] in shown.text) == ("more_time" not in missing)
    assert reread(database, case).first_due_on is None


def test_no_term_is_extended_after_its_first_day_is_over(database: Database, rex: Critic) -> None:
    case = ready(database, right="access", age=timedelta(days=40))
    assert "/extend" not in rex.get(at(case)).text
    refused = force(rex, case, "/extend", {**MORE, "version": str(reread(database, case).version)})
    assert refused.status_code == 409
    assert reread(database, case).first_due_on is None


def test_what_is_carried_out_at_once_has_no_longer_term(database: Database, rex: Critic) -> None:
    answers = {"activities": ["research"]}
    case = ready(database, right="withdraw", answers=answers)
    refused = force(rex, case, "/extend", {**MORE, "version": str(reread(database, case).version)})
    assert refused.status_code == 409


def test_a_fee_is_announced_first_and_owed_only_once_accepted(
    app: Flask, database: Database, max_: Critic, postbox: Postbox
) -> None:
    before = answered_before(app, database)
    case = fee_case(database)
    assert press(max_, at(case), "/fee", FEE | {f"earlier-{before.reference}": "yes"}).status_code == 303
    assert reread(database, case).status is Status.WAITING
    assert letters(database, case)[-1] == "fee"
    assert "12,50" not in postbox.deliver()[-1].text
    person = with_mailbox(app, case.mailbox)
    before_it = person.get(f"/nl/s/{case.id}")
    page = before_it.text
    assert "12,50" in page
    assert before.reference.replace("-", "") in page.replace("-", "")
    assert press_on(person, before_it, "/fee").status_code == 303
    assert reread(database, case).status is Status.DECIDING
    with database.reader() as session:
        fee = fee_of(session, session.get_one(Case, case.id))
        assert fee is not None
        assert (fee.cents, fee.accepted_at is not None) == (1250, True)
    assert press_on(person, before_it, "/fee").status_code == 409


def test_a_question_about_a_fee_does_not_take_the_choice_away(app: Flask, database: Database, max_: Critic) -> None:
    before = answered_before(app, database)
    case = fee_case(database)
    assert press(max_, at(case), "/fee", FEE | {f"earlier-{before.reference}": "yes"}).status_code == 303
    person = with_mailbox(app, case.mailbox)
    assert press(person, f"/nl/s/{case.id}", "/reply", {"message": "Waarom zoveel?"}).status_code == 303
    asked = reread(database, case)
    assert asked.status is Status.DECIDING
    assert press(max_, at(case), "/put-aside").status_code == 303
    assert press(person, f"/nl/s/{case.id}", "/fee").status_code == 303
    after = reread(database, case)
    assert (after.status, after.version > asked.version) == (Status.DECIDING, True)
    assert after.sleeps_until is None, "that is a reply"


def test_a_fee_that_is_not_answered_in_time_is_not_owed(app: Flask, database: Database, max_: Critic) -> None:
    before = answered_before(app, database)
    case = fee_case(database)
    assert press(max_, at(case), "/fee", FEE | {f"earlier-{before.reference}": "yes"}).status_code == 303
    with time_machine.travel(now() + timedelta(days=15), tick=False):
        person = with_mailbox(app, case.mailbox)
        page = person.get(f"/nl/s/{case.id}")
        assert "/fee" not in page.text
        with database.reader() as session:
            assert session.scalars(select(Fee.accepted_at)).one() is None


@pytest.mark.parametrize("fault", [{"amount": "0"}, {"amount": "veel"}, {"costs": ""}, {"evidence": ""}])
def test_a_fee_without_sum_costs_or_evidence_is_not_announced(
    app: Flask, database: Database, max_: Critic, fault: dict[str, str]
) -> None:
    before = answered_before(app, database)
    case = fee_case(database)
    shown = press(max_, at(case), "/fee", FEE | {f"earlier-{before.reference}": "yes"} | fault)
    assert shown.status_code == 422
    assert reread(database, case).status is Status.DECIDING


def test_a_fee_for_repetition_names_what_is_repeated(database: Database, max_: Critic) -> None:
    case = fee_case(database)
    assert press(max_, at(case), "/fee", FEE).status_code == 422


def test_only_the_privacy_manager_asks_a_fee(database: Database, rex: Critic) -> None:
    case = ready(database, right="access")
    assert "/fee" not in rex.get(at(case)).text
    assert force(rex, case, "/fee", FEE).status_code == 404


def fee_case(database: Database) -> Case:
    """File an access request that the privacy manager has to decide."""
    with database.writing() as session:
        case = file_case(session, card=False, right="access", answers=ANSWERS["access"])
        settle(session, case, staff_named(session, MAX), Identity.CONFIRMED)
        return case


def test_who_else_decides_is_named_and_told_by_the_person_alone(
    app: Flask, database: Database, rex: Critic, max_: Critic, postbox: Postbox
) -> None:
    case = ready(database, right="access")
    page = rex.get(at(case)).text
    name = page.split('name="other-')[1].split('"')[0]
    refusal = {
        "outcome": "elsewhere",
        "reason": "Zij beslissen over dit deel.",
        "facts": "Zie het register.",
        f"other-{name}": "yes",
    }
    shown = send(rex, case, refusal)
    assert shown.status_code == 303
    assert press(max_, f"{at(case)}/second", "/confirm").status_code == 303
    person = with_mailbox(app, case.mailbox)
    status = person.get(f"/nl/s/{case.id}")
    assert f"/pass-on/{name}" in status.text
    assert press_on(person, status, f"/pass-on/{name}").status_code == 303
    assert letters(database, case).count("passed-on") == 1
    told = postbox.deliver()[-1]
    assert told.to != "lies@example.com"
    assert "Lies" not in told.text
    assert "lies@example.com" not in told.text
    assert press_on(person, status, f"/pass-on/{name}").status_code == 409
