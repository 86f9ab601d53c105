"""Passkeys: equal to the app's code, each challenge good once, and nobody learns from the question who has one."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.accounts.models import Passkey, Staff
from portal.accounts.passkeys import is_possible
from portal.db import Database
from tests.support.authenticator import SoftKey
from tests.support.colleagues import MORNING, add_passkey, ask, browser_of, csrf_of, member_of
from tests.support.critic import Critic
from tests.support.factories import PASSWORD
from tests.support.portals import make_settings
from tests.support.visitors import visitor


@pytest.fixture
def member(database: Database) -> Staff:
    return member_of(database)


@pytest.fixture
def key(app: Flask, member: Staff, morning: time_machine.Traveller) -> SoftKey:
    """Give a passkey that the member added on their own page."""
    made = SoftKey()
    assert add_passkey(browser_of(app, member), made).status_code == 303
    return made


def enter(browser: Critic, member: Staff, answer: str, password: str = PASSWORD) -> TestResponse:
    values = {"email": member.login, "password": password, "passkey": answer, "csrf_token": csrf_of(browser)}
    return browser.post("/desk/sign-in", data=values)


def test_a_passkey_and_the_password_let_in_without_an_app_code(app: Flask, member: Staff, key: SoftKey) -> None:
    browser = visitor(app)
    assert enter(browser, member, key.get(ask(browser))).status_code == 303
    assert browser.get("/desk/").status_code == 200


def test_a_passkey_without_the_password_lets_nobody_in(app: Flask, member: Staff, key: SoftKey) -> None:
    browser = visitor(app)
    assert enter(browser, member, key.get(ask(browser)), password="another made-up one").status_code == 422


def test_a_passkey_lets_in_only_whose_it_is(app: Flask, database: Database, key: SoftKey) -> None:
    other = member_of(database, number=2)
    browser = visitor(app)
    assert enter(browser, other, key.get(ask(browser))).status_code == 422


def test_the_answer_to_one_question_is_good_once(app: Flask, member: Staff, key: SoftKey) -> None:
    browser = visitor(app)
    answer = key.get(ask(browser))
    assert enter(browser, member, answer).status_code == 303
    browser.submit("/desk/", {})
    assert enter(browser, member, answer).status_code == 422


def test_a_key_that_never_counts_is_still_good_once_for_each_question(app: Flask, member: Staff) -> None:
    with time_machine.travel(MORNING, tick=False):
        still = SoftKey(counts=False)
        add_passkey(browser_of(app, member), still)
        browser = visitor(app)
        answer = still.get(ask(browser))
        assert enter(browser, member, answer).status_code == 303
        other = visitor(app)
        assert enter(other, member, answer).status_code == 422
        assert enter(other, member, still.get(ask(other))).status_code == 303


def test_an_answer_to_the_question_of_another_browser_is_worth_nothing(app: Flask, member: Staff, key: SoftKey) -> None:
    answer = key.get(ask(visitor(app)))
    browser = visitor(app)
    ask(browser)
    assert enter(browser, member, answer).status_code == 422


def test_a_copied_key_is_noticed_by_its_counter(app: Flask, member: Staff, key: SoftKey) -> None:
    copy = SoftKey(credential=key.credential, private=key.private, count=key.count)
    for _ in range(2):
        browser = visitor(app)
        assert enter(browser, member, key.get(ask(browser))).status_code == 303
    browser = visitor(app)
    assert enter(browser, member, copy.get(ask(browser))).status_code == 422


@pytest.mark.parametrize("origin", ["https://localhost", "http://evil.example", "http://localhost:8080"])
def test_an_answer_made_for_another_website_is_worth_nothing(
    app: Flask, member: Staff, key: SoftKey, origin: str
) -> None:
    key.origin = origin
    browser = visitor(app)
    assert enter(browser, member, key.get(ask(browser))).status_code == 422


@pytest.mark.parametrize("answer", ["{}", "[]", "nonsense", '{"rawId": "é"}', '{"rawId": 7}', "9" * 30_000])
def test_an_answer_that_is_none_is_refused_without_a_fault(app: Flask, member: Staff, answer: str) -> None:
    browser = visitor(app)
    ask(browser)
    assert enter(browser, member, answer).status_code == 422


def test_the_question_is_the_same_for_everybody_and_names_nobody(app: Flask, member: Staff, key: SoftKey) -> None:
    asked = ask(visitor(app))
    assert asked.get("allowCredentials", []) == []
    assert set(asked) <= {"challenge", "timeout", "rpId", "allowCredentials", "userVerification"}
    assert member.login not in str(asked)


def test_the_same_key_is_not_kept_twice(app: Flask, database: Database, member: Staff, key: SoftKey) -> None:
    assert add_passkey(browser_of(app, member), key).status_code == 422
    with database.reader() as session:
        assert session.scalar(select(func.count()).select_from(Passkey)) == 1


def test_a_key_is_not_made_without_a_fresh_factor(app: Flask, member: Staff, morning: time_machine.Traveller) -> None:
    browser = browser_of(app, member, fresh=False)
    token = csrf_of(browser, "/desk/account")
    assert browser.post("/desk/account/passkeys/new", headers={"X-CSRFToken": token}).status_code == 403
    assert "data-new-passkey" not in browser.get("/desk/account").text


def test_a_passkey_proves_it_again_before_a_change(
    app: Flask, member: Staff, key: SoftKey, morning: time_machine.Traveller
) -> None:
    browser = visitor(app)
    enter(browser, member, key.get(ask(browser)))
    morning.shift(timedelta(minutes=11))
    token = csrf_of(browser, "/desk/account")
    values = {"csrf_token": token, "fresh_passkey": key.get(ask(browser))}
    assert browser.post("/desk/account/confirm", data=values).status_code == 303
    assert "data-new-passkey" in browser.get("/desk/account").text


def test_at_a_bare_number_no_passkey_is_offered(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = make_settings(tmp_path_factory.mktemp("number"), base_url="http://127.0.0.1:8000")
    assert not is_possible(settings)
    assert is_possible(make_settings(tmp_path_factory.mktemp("name"), base_url="https://privacy.medbook.example"))
