"""Before what cannot be taken back, a second factor at most ten minutes old: one code and one press are enough."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.models import Role, ServerSession, Staff
from portal.audit.record import AuditEntry
from portal.cases.lifecycle import Status
from portal.cases.models import Case
from portal.db import Database
from tests.support.colleagues import app_code, browser_of, come_in, csrf_of, member_of, wait_for_next_code
from tests.support.critic import Critic, post_forms
from tests.support.desk import press, press_on
from tests.support.visitors import visitor

NEEDS = {
    "review.send_decision", "review.confirm_decision", "review.try_again", "review.lift_stop",
    "review.set_legal_hold", "review.lift_legal_hold",
    "review.invite_member", "review.invite_again", "review.change_role", "review.disable_member",
    "review.enable_member", "review.ask_reset", "review.confirm_reset", "review.refuse_reset",
    "review.confirm_oneself", "review.change_password", "review.new_app", "review.keep_app", "review.remove_app",
    "review.keep_passkey", "review.remove_passkey", "review.make_dossier", "review.release_copy",
    "review.carry_file",
}  # fmt: skip
"""Release, erasure, roles, factors, and what opens the way to them."""


def status(database: Database, case_id: str) -> Status:
    with database.reader() as session:
        return session.get_one(Case, case_id).status


def letter(browser: Critic, case_id: str) -> TestResponse:
    return press(browser, f"/desk/cases/{case_id}", "/letter", {"outcome": "grant"})


def test_every_route_that_needs_a_fresh_factor_asks_for_one(app: Flask) -> None:
    wearing = {endpoint for endpoint, view in app.view_functions.items() if getattr(view, "__fresh__", False)}
    assert wearing == NEEDS


@pytest.mark.parametrize("endpoint", sorted(NEEDS))
def test_without_a_fresh_factor_nothing_happens(app: Flask, database: Database, endpoint: str) -> None:
    roles = str(app.view_functions[endpoint].__gate__).partition(":")[2].split(",")  # type: ignore[attr-defined]
    browser = browser_of(app, member_of(database, Role(roles[0])), fresh=False)
    rule = next(each for each in app.url_map.iter_rules() if each.endpoint == endpoint)
    address = app.url_map.bind("localhost").build(endpoint, dict.fromkeys(rule.arguments, "0" * 32))
    token = csrf_of(browser, "/desk/account")
    answer = browser.post(address, data={"csrf_token": token, "why": "because"})
    assert answer.status_code == 403
    assert 'name="fresh_code"' in answer.text
    assert any(held.get("why") == "because" for _action, held, _names in post_forms(answer))


def test_who_just_signed_in_is_not_asked(app: Flask, database: Database, decided: tuple[str, Staff]) -> None:
    case_id, member = decided
    browser = visitor(app)
    come_in(browser, database, member)
    shown = letter(browser, case_id)
    assert "fresh_code" not in shown.text
    assert press_on(browser, shown, "/decision").status_code == 303
    assert status(database, case_id) is Status.ANSWERED


def test_later_the_letter_asks_for_the_code_itself_and_one_press_sends_it(
    app: Flask, database: Database, decided: tuple[str, Staff]
) -> None:
    case_id, member = decided
    browser = browser_of(app, member, fresh=False)
    shown = letter(browser, case_id)
    assert press_on(browser, shown, "/decision", {"fresh_code": app_code(database, member)}).status_code == 303
    assert status(database, case_id) is Status.ANSWERED


def test_one_code_counts_for_ten_minutes(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    case_id, member = decided
    browser = browser_of(app, member, fresh=False)
    before = browser.get_cookie("portal")
    press(browser, "/desk/account", "/confirm", {"fresh_code": app_code(database, member)})
    after = browser.get_cookie("portal")
    assert before is not None
    assert after is not None
    assert before.value != after.value, "who showed a factor has a new session"
    morning.shift(timedelta(minutes=9, seconds=59))
    assert "fresh_code" not in letter(browser, case_id).text
    morning.shift(timedelta(seconds=2))
    assert "fresh_code" in letter(browser, case_id).text


def test_a_wrong_code_sends_nothing_and_loses_nothing(
    app: Flask, database: Database, decided: tuple[str, Staff]
) -> None:
    case_id, member = decided
    browser = browser_of(app, member, fresh=False)
    shown = press(browser, f"/desk/cases/{case_id}", "/letter", {"outcome": "grant", "reason": "Here it is."})
    wrong = press_on(browser, shown, "/decision", {"fresh_code": "000000"})
    assert wrong.status_code == 422
    assert status(database, case_id) is Status.DECIDING
    right = press_on(browser, wrong, "/decision", {"fresh_code": app_code(database, member)})
    assert (right.status_code, status(database, case_id)) == (303, Status.ANSWERED)


def test_a_code_is_good_once_also_here(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    _case_id, member = decided
    browser = browser_of(app, member, fresh=False)
    code = app_code(database, member)
    assert press(browser, "/desk/account", "/confirm", {"fresh_code": code}).status_code == 303
    other = browser_of(app, member, fresh=False)
    assert press(other, "/desk/account", "/confirm", {"fresh_code": code}).status_code == 422
    wait_for_next_code(morning)
    assert press(other, "/desk/account", "/confirm", {"fresh_code": app_code(database, member)}).status_code == 303


def test_five_wrong_codes_end_every_session_and_lock_the_account(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    _case_id, member = decided
    thief, owner = browser_of(app, member, fresh=False), browser_of(app, member)
    for number in range(5):
        answer = press(thief, "/desk/account", "/confirm", {"fresh_code": f"00000{number}"})
        assert answer.status_code == (422 if number < 4 else 303)
    assert thief.get("/desk/").status_code == 303
    assert owner.get("/desk/").status_code == 303
    with database.reader() as session:
        assert session.scalars(select(ServerSession).where(ServerSession.staff_id == member.id)).all() == []
        kinds = list(session.scalars(select(AuditEntry.kind)))
    assert kinds.count("staff:confirm_failed") == 5
    assert kinds[-1] == "staff:sessions_ended"
    assert come_in(visitor(app), database, member).status_code == 422
    morning.shift(timedelta(minutes=16))
    assert come_in(visitor(app), database, member).status_code == 303


def test_no_secret_travels_along(app: Flask, database: Database, decided: tuple[str, Staff]) -> None:
    _case_id, member = decided
    browser = browser_of(app, member, fresh=False)
    values = {"password": "a present one, made up", "new_password": "a new one, made up too"}
    asked = press(browser, "/desk/account", "/password", values)
    assert asked.status_code == 403
    assert "made up" not in asked.text


def test_the_second_person_is_asked_too(app: Flask, database: Database, decided: tuple[str, Staff]) -> None:
    case_id, member = decided
    second = member_of(database, Role.MANAGER)
    refusal = {"outcome": "refuse", "ground": "not-identified", "reason": "No.", "facts": "Many."}
    browser = browser_of(app, member)
    press_on(browser, press(browser, f"/desk/cases/{case_id}", "/letter", refusal), "/decision")
    assert status(database, case_id) is Status.SECOND
    other = browser_of(app, second, fresh=False)
    page = f"/desk/cases/{case_id}/second"
    assert press(other, page, "/confirm").status_code == 403
    assert press(other, page, "/confirm", {"fresh_code": app_code(database, second)}).status_code == 303
    assert status(database, case_id) is Status.ANSWERED
