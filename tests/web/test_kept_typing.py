"""When a session ends while somebody writes: what was typed comes back after signing in, and is never sent."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy import text as sql
from werkzeug.test import TestResponse

from portal.accounts.models import DeskDraft, ServerSession, Staff
from portal.accounts.sessions import BACKGROUND
from portal.cases.lifecycle import Status
from portal.cases.models import Case, Message
from portal.cases.retention import sweep
from portal.clock import now
from portal.db import Database
from tests.support.colleagues import MORNING, app_code, browser_of, csrf_of, member_of, wait_for_next_code
from tests.support.critic import Critic, post_forms
from tests.support.desk import press, press_on
from tests.support.factories import PASSWORD

CANARY = "quokka-7731-motivering"


def drafts(database: Database) -> int:
    with database.reader() as session:
        return session.scalar(select(func.count()).select_from(DeskDraft)) or 0


def written_too_late(browser: Critic, case_id: str, morning: time_machine.Traveller, **values: str) -> TestResponse:
    """Write a decision, let a quarter of an hour pass, and press the button."""
    page = browser.get(f"/desk/cases/{case_id}")
    morning.shift(timedelta(minutes=16))
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"  # without a session nobody knows the reader
    return press_on(browser, page, "/letter", {"outcome": "refuse", "reason": CANARY, **values})


def sign_in_again(browser: Critic, page: TestResponse, database: Database, member: Staff) -> TestResponse:
    values = {"email": member.login, "password": PASSWORD, "code": app_code(database, member)}
    return press_on(browser, page, "/sign-in", values)


def test_what_was_typed_is_back_in_its_fields_after_signing_in(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    case_id, member = decided
    browser = browser_of(app, member)
    asked = written_too_late(browser, case_id, morning)
    assert asked.status_code == 400
    assert "What you typed is kept" in asked.text
    back = sign_in_again(browser, asked, database, member)
    assert (back.status_code, back.location) == (303, f"/desk/cases/{case_id}")
    page = browser.get(back.location).text
    assert CANARY in page
    assert "What you typed is back in its fields" in page
    assert 'value="refuse" checked' in page


def test_nothing_is_done_with_it(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    case_id, member = decided
    browser = browser_of(app, member)
    page = browser.get(f"/desk/cases/{case_id}")
    morning.shift(timedelta(minutes=16))
    sign_in_again(browser, press_on(browser, page, "/note", {"note": CANARY}), database, member)
    with database.reader() as session:
        assert session.get_one(Case, case_id).status is Status.DECIDING
        assert session.scalar(select(func.count()).where(Message.case_id == case_id)) == 1, "the note of the proof only"


def test_it_survives_a_wrong_password(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    case_id, member = decided
    browser = browser_of(app, member)
    asked = written_too_late(browser, case_id, morning)
    wrong = press_on(browser, asked, "/sign-in", {"email": member.login, "password": "no", "code": "000000"})
    assert wrong.status_code == 422
    back = sign_in_again(browser, wrong, database, member)
    assert CANARY in browser.get(back.location).text


def test_it_is_sealed_and_gone_once_the_form_is_sent(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    case_id, member = decided
    browser = browser_of(app, member)
    sign_in_again(browser, written_too_late(browser, case_id, morning), database, member)
    with database.reader() as session:
        dump = repr(session.execute(sql("select * from desk_drafts")).all())
        dump += repr(session.execute(select(ServerSession.content)).all())
    assert CANARY not in dump
    assert drafts(database) == 1
    browser.get(f"/desk/cases/{case_id}")
    assert drafts(database) == 1, "looking changes nothing"
    press(browser, f"/desk/cases/{case_id}", "/note", {"note": "done"})
    assert drafts(database) == 0
    assert CANARY not in browser.get(f"/desk/cases/{case_id}").text


def test_a_form_that_is_refused_keeps_it(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    case_id, member = decided
    browser = browser_of(app, member)
    sign_in_again(browser, written_too_late(browser, case_id, morning), database, member)
    assert press(browser, f"/desk/cases/{case_id}", "/note", {"note": ""}).status_code == 422
    assert drafts(database) == 1


def test_after_a_day_the_sweep_forgets_it(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    case_id, member = decided
    browser = browser_of(app, member)
    sign_in_again(browser, written_too_late(browser, case_id, morning), database, member)
    morning.shift(timedelta(days=1))
    with database.writing() as session:
        sweep(session, now())
    assert drafts(database) == 0


def test_somebody_else_who_signs_in_there_gets_it_only_on_a_case_and_the_owner_does_not(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    """Two share a computer: what stood on its screen is theirs who signs in next; the account it came from is not."""
    case_id, member = decided
    other = member_of(database, number=2)
    browser = browser_of(app, member)
    sign_in_again(browser, written_too_late(browser, case_id, morning), database, other)
    wait_for_next_code(morning)
    assert CANARY not in browser_of(app, member).get(f"/desk/cases/{case_id}").text


def test_no_secret_is_kept(
    app: Flask, database: Database, decided: tuple[str, Staff], morning: time_machine.Traveller
) -> None:
    _case_id, member = decided
    browser = browser_of(app, member)
    page = browser.get("/desk/account")
    morning.shift(timedelta(minutes=16))
    secret = "made up and secret, long"
    asked = press_on(browser, page, "/password", {"password": secret, "new_password": secret})
    assert asked.status_code == 400
    assert secret not in asked.text


@pytest.mark.parametrize("path", ["https://evil.example/", "/nl/", "//evil.example", "/desk/../nl/", "/desk/nowhere"])
def test_a_forged_place_sends_nobody_elsewhere(app: Flask, database: Database, path: str) -> None:
    with time_machine.travel(MORNING, tick=False):
        member = member_of(database)
        browser = app.test_client()
        values = {"email": member.login, "password": PASSWORD, "code": app_code(database, member)}
        token = {"csrf_token": csrf_of(browser)}  # type: ignore[arg-type]
        answer = browser.post("/desk/sign-in", data={**values, **token, "kept_path": path, "kept-reason": CANARY})
        assert (answer.status_code, answer.location) == (303, "/desk/")
        assert drafts(database) == 0


# -- how long a session lasts


def test_staying_keeps_the_session_and_says_for_how_long(
    app: Flask, database: Database, morning: time_machine.Traveller
) -> None:
    browser = browser_of(app, member_of(database))
    token = csrf_of(browser, "/desk/account")
    morning.shift(timedelta(minutes=13))
    answer = browser.post("/desk/stay", headers={"X-CSRFToken": token})
    assert answer.get_json() == {"seconds": 15 * 60}
    morning.shift(timedelta(minutes=13))
    assert browser.get("/desk/").status_code == 200


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(
    app: Flask, database: Database, morning: time_machine.Traveller
) -> None:
    browser = browser_of(app, member_of(database))
    for _ in range(3):
        morning.shift(timedelta(minutes=5, seconds=-1))
        assert browser.get("/desk/", headers={BACKGROUND: "1"}).status_code == 200
    morning.shift(timedelta(seconds=4))
    assert browser.get("/desk/").status_code == 303


def test_every_page_says_until_when_also_without_script(
    app: Flask, database: Database, morning: time_machine.Traveller
) -> None:
    browser = browser_of(app, member_of(database))
    page = browser.get("/desk/").text
    assert "signed out at 10:15" in page
    assert 'data-seconds="900" data-warn="120"' in page
    assert "Your eight hours" not in page


def test_the_eight_hours_are_announced_and_cannot_be_stretched(
    app: Flask, database: Database, morning: time_machine.Traveller
) -> None:
    browser = browser_of(app, member_of(database))
    for _ in range(46):
        morning.shift(timedelta(minutes=10))
        assert browser.get("/desk/").status_code == 200
    morning.shift(timedelta(minutes=8))
    page = browser.get("/desk/").text
    assert "Your eight hours end at 18:00" in page
    assert 'data-act="stay"' not in page, "staying would not help"
    forms = [action for action, _held, _names in post_forms(browser.get("/desk/"))]
    assert "/desk/sign-out" in forms
    morning.shift(timedelta(minutes=12))
    assert browser.get("/desk/").status_code == 303
