"""Inviting members of staff: a link by mail and a code by voice; neither alone opens anything."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.activations import TRIES
from portal.accounts.models import Activation, Staff
from portal.db import Database
from portal.errors import MoveRefused
from tests.support.authenticator import SoftKey
from tests.support.colleagues import browser_of, come_in, csrf_of, member_of
from tests.support.critic import Critic
from tests.support.desk import file_case, give, press
from tests.support.invitations import NEW, PASSWORD, begin, first_code, invite, link_to, nora, shown_code
from tests.support.postbox import Postbox
from tests.support.racing import together
from tests.support.visitors import visitor


def test_who_is_invited_chooses_password_and_app_and_is_in(
    app: Flask, database: Database, admin: Critic, post: Postbox
) -> None:
    page = invite(admin)
    browser = begin(app, link_to(post, NEW["email"]), shown_code(page).lower().replace("-", " "))
    done = press(browser, "/desk/second-factor", "/second-factor", {"code": first_code(database, nora(database))})
    assert (done.status_code, done.location) == (303, "/desk/")
    assert browser.get("/desk/").status_code == 200
    assert nora(database).is_active


def test_who_is_invited_may_take_a_passkey_instead(
    app: Flask, database: Database, admin: Critic, post: Postbox
) -> None:
    page = invite(admin)
    browser = begin(app, link_to(post, NEW["email"]), shown_code(page))
    token = csrf_of(browser, "/desk/second-factor")
    offer = browser.post("/desk/second-factor/passkey", headers={"X-CSRFToken": token}).get_json()
    done = browser.post("/desk/second-factor", data={"csrf_token": token, "passkey": SoftKey().create(offer)})
    assert (done.status_code, done.location) == (303, "/desk/")
    assert not nora(database).has_app


def test_neither_the_link_nor_the_code_alone_opens_anything(
    app: Flask, database: Database, admin: Critic, post: Postbox
) -> None:
    page = invite(admin)
    path = link_to(post, NEW["email"])
    assert shown_code(page) not in "".join(letter.text for letter in post.deliver())
    assert path not in page
    browser = visitor(app)
    assert press(browser, path, path, {"code": "AAAA-BBBB-CCCC", "password": PASSWORD}).status_code == 422
    assert browser.get("/desk/second-factor").status_code == 410
    assert not nora(database).is_active


def test_before_activation_nobody_signs_in_and_nobody_hands_work_over(
    app: Flask, database: Database, admin: Critic
) -> None:
    invite(admin)
    assert come_in(visitor(app), database, nora(database), password=PASSWORD).status_code == 422
    reviewer = member_of(database)
    with database.writing() as session:
        case = file_case(session)
        give(session, case, session.get_one(Staff, reviewer.id))
        with pytest.raises(MoveRefused):
            give(session, case, session.get_one(Staff, nora(database).id))
    assert NEW["name"] not in browser_of(app, reviewer).get(f"/desk/cases/{case.id}").text


def test_the_code_is_tried_five_times_at_most(app: Flask, database: Database, admin: Critic, post: Postbox) -> None:
    page = invite(admin)
    path = link_to(post, NEW["email"])
    browser = visitor(app)
    for _ in range(TRIES):
        assert press(browser, path, path, {"code": "AAAA-BBBB-CCCC", "password": PASSWORD}).status_code == 422
    assert browser.get(path).status_code == 410
    token = csrf_of(browser)
    right = {"code": shown_code(page), "password": PASSWORD, "csrf_token": token}
    assert browser.post(path, data=right).status_code == 410


def test_parallel_guesses_are_counted_one_by_one(app: Flask, database: Database, admin: Critic, post: Postbox) -> None:
    invite(admin)
    path = link_to(post, NEW["email"])
    browsers = [visitor(app) for _ in range(8)]
    forms = [{"csrf_token": csrf_of(each), "code": "A" * 12, "password": PASSWORD} for each in browsers]
    statuses = together(8, lambda number: browsers[number].post(path, data=forms[number]).status_code in {422, 410})
    assert all(statuses)
    with database.reader() as session:
        assert session.scalars(select(Activation.tries)).one() == TRIES


@pytest.mark.parametrize("late", [timedelta(hours=24), timedelta(days=30)])
def test_after_a_day_the_link_is_dead(
    app: Flask, admin: Critic, post: Postbox, morning: time_machine.Traveller, late: timedelta
) -> None:
    invite(admin)
    path = link_to(post, NEW["email"])
    morning.shift(late)
    assert visitor(app).get(path).status_code == 410


def test_a_link_works_once_and_a_newer_one_ends_it(
    app: Flask, database: Database, admin: Critic, post: Postbox, morning: time_machine.Traveller
) -> None:
    invite(admin)
    first = link_to(post, NEW["email"])
    morning.shift(timedelta(minutes=1))
    again = press(admin, f"/desk/staff/{nora(database).id}", "/code")
    assert again.status_code == 303
    second, code = link_to(post, NEW["email"]), shown_code(admin.get(again.location).text)
    assert first != second
    assert visitor(app).get(first).status_code == 410
    browser = begin(app, second, code)
    press(browser, "/desk/second-factor", "/second-factor", {"code": first_code(database, nora(database))})
    assert visitor(app).get(second).status_code == 410


def test_the_code_is_shown_for_ten_minutes_and_stands_nowhere_in_the_database(
    app: Flask, database: Database, admin: Critic, morning: time_machine.Traveller
) -> None:
    code = shown_code(invite(admin))
    with database.engine.connect() as connection:
        dump = "".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
    assert code not in dump
    assert code.replace("-", "") not in dump
    morning.shift(timedelta(minutes=10))
    assert code not in admin.get(f"/desk/staff/{nora(database).id}").text


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"email": "nora"}, {"role": "owner"}, {"email": "admin1@medbook.example"}]
)
def test_a_form_that_cannot_be_taken_comes_back_with_what_was_typed(admin: Critic, wrong: dict[str, str]) -> None:
    answer = press(admin, "/desk/staff", "/desk/staff", {**NEW, **wrong})
    assert answer.status_code == 422
    assert NEW["name"] in answer.text or "name" in wrong
