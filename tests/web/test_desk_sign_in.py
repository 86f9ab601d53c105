"""Coming in at the desk: password and app code together, each code once, locked after five failures."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.models import Role, Staff
from portal.accounts.staff import add_staff
from portal.audit.record import AuditEntry
from portal.db import Database
from tests.support.critic import Critic
from tests.support.desk import press_on
from tests.support.visitors import signed_in

LOGIN, PASSWORD = "rex@medbook.example", "a long made-up password"
MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def secret(database: Database) -> str:
    """Add a reviewer and give the secret of the second factor."""
    with database.writing() as session:
        return add_staff(session, "Rex", LOGIN, PASSWORD, Role.REVIEWER, "en")[1]


def sign_in(client: Critic, secret: str, at: datetime, **changes: str) -> TestResponse:
    values = {"email": LOGIN, "password": PASSWORD, "code": pyotp.TOTP(secret).at(at), **changes}
    with time_machine.travel(at, tick=False):
        return client.submit("/desk/sign-in", values)


def is_in(client: Critic, at: datetime) -> bool:
    with time_machine.travel(at, tick=False):
        return client.get("/desk/").status_code == 200


def test_password_and_app_code_together_let_a_reviewer_in(client: Critic, secret: str) -> None:
    assert not is_in(client, MORNING)
    answer = sign_in(client, secret, MORNING)
    assert (answer.status_code, answer.location) == (303, "/desk/")
    assert is_in(client, MORNING)


def test_spaces_in_a_pasted_code_are_no_mistake(client: Critic, secret: str) -> None:
    code = pyotp.TOTP(secret).at(MORNING)
    assert sign_in(client, secret, MORNING, code=f" {code[:3]} {code[3:]} ").status_code == 303


def test_the_answer_is_the_same_whatever_was_wrong(client: Critic, secret: str) -> None:
    faults = [{"password": "not this one, but long"}, {"code": "000000"}, {"code": "१२३४५६"}, {"code": ""}]
    answers = [sign_in(client, secret, MORNING, **fault) for fault in faults]
    stranger = sign_in(client, secret, MORNING, email="zed@medbook.example")
    texts = {answer.text for answer in answers} | {stranger.text.replace("zed@", "rex@")}
    assert {answer.status_code for answer in [*answers, stranger]} == {422}
    assert len(texts) == 1
    assert PASSWORD not in answers[1].text


def test_a_code_that_was_used_is_refused_also_after_a_newer_one(client: Critic, secret: str) -> None:
    codes = [pyotp.TOTP(secret).at(MORNING), pyotp.TOTP(secret).at(MORNING + STEP)]
    assert sign_in(client, secret, MORNING, code=codes[0]).status_code == 303
    _sign_out(client, MORNING)
    assert sign_in(client, secret, MORNING, code=codes[0]).status_code == 422
    assert sign_in(client, secret, MORNING + STEP, code=codes[1]).status_code == 303
    _sign_out(client, MORNING + STEP)
    assert sign_in(client, secret, MORNING + STEP, code=codes[0]).status_code == 422


def test_two_wrong_codes_do_not_lock_and_five_do_for_a_quarter_of_an_hour(client: Critic, secret: str) -> None:
    for number in range(2):
        assert sign_in(client, secret, MORNING, code=f"00000{number}").status_code == 422
    assert sign_in(client, secret, MORNING).status_code == 303
    _sign_out(client, MORNING)
    later = MORNING + timedelta(minutes=1)
    for number in range(5):
        assert sign_in(client, secret, later, code=f"00000{number}").status_code == 422
    assert sign_in(client, secret, later).status_code == 422
    assert sign_in(client, secret, later + timedelta(minutes=16)).status_code == 303


def test_failures_are_counted_and_recorded_although_nobody_came_in(
    client: Critic, secret: str, database: Database
) -> None:
    sign_in(client, secret, MORNING, code="000000")
    with database.reader() as session:
        assert session.scalars(select(Staff.failures).where(Staff.login == LOGIN)).one() == 1
        kinds = list(session.scalars(select(AuditEntry.kind)))
    assert kinds == ["staff:added", "staff:sign_in_failed"]


def test_a_session_from_before_signing_in_or_out_is_dead(app: Flask, client: Critic, secret: str) -> None:
    with time_machine.travel(MORNING, tick=False):
        client.submit("/desk/sign-in", {}, form=1, follow_redirects=False)
    before = client.get_cookie("portal")
    sign_in(client, secret, MORNING)
    inside = client.get_cookie("portal")
    _sign_out(client, MORNING)
    thief = app.test_client()
    assert isinstance(thief, Critic)
    assert before is None or inside is None or before.value != inside.value
    for stolen in (before, inside):
        if stolen is not None:
            thief.set_cookie("portal", stolen.value)
            assert not is_in(thief, MORNING)


def test_a_session_ends_after_a_quarter_of_an_hour_without_a_page(client: Critic, secret: str) -> None:
    sign_in(client, secret, MORNING)
    assert is_in(client, MORNING + timedelta(minutes=14))
    assert not is_in(client, MORNING + timedelta(minutes=30))


def test_after_signing_in_nobody_is_sent_off_the_desk(client: Critic, secret: str) -> None:
    for number, wish in enumerate(("https://evil.example/", "//evil.example", "/nl/", "/desk/..//evil", "/desk/\\x")):
        moment = MORNING + number * STEP
        answer = sign_in(client, secret, moment, next=wish)
        assert (answer.status_code, answer.location) == (303, "/desk/"), wish
        _sign_out(client, moment)


def test_the_page_that_was_asked_for_comes_after_signing_in(client: Critic, secret: str) -> None:
    asked = client.get("/desk/cases/" + "0" * 32)
    assert asked.status_code == 303
    page = client.get(asked.location)
    assert f'value="/desk/cases/{"0" * 32}"' in page.text


def test_an_auditor_and_an_administrator_find_no_queue(app: Flask) -> None:
    for role in (Role.AUDITOR, Role.ADMIN):
        browser = signed_in(app, role)
        for path in ("/desk/", "/desk/cases/" + "0" * 32):
            assert browser.get(path).status_code == 404


def test_the_desk_speaks_the_language_chosen_there(app: Flask, database: Database) -> None:
    browser = signed_in(app, Role.REVIEWER)
    forms = browser.get("/desk/")
    assert '<html lang="en">' in forms.text
    answer = press_on(browser, forms, "/language", {"language": "fr"})
    assert answer.status_code == 303
    assert '<html lang="fr">' in browser.get("/desk/").text
    with database.reader() as session:
        assert session.scalars(select(Staff.language)).all() == ["fr"]


def _sign_out(client: Critic, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        assert client.submit("/desk/", {}).location == "/desk/sign-in"
