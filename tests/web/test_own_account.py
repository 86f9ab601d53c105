"""The own account: password, app, passkeys, sessions, history. A changed factor ends every other session."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.factors import next_secret
from portal.accounts.models import Role, ServerSession, Staff
from portal.accounts.staff import LONGEST_PASSWORD
from portal.clock import now
from portal.db import Database
from portal.mail.outbox import Mail, address_of
from tests.support.authenticator import SoftKey
from tests.support.colleagues import (
    add_passkey,
    app_code,
    ask,
    browser_of,
    come_in,
    csrf_of,
    member_of,
    wait_for_next_code,
)
from tests.support.critic import Critic
from tests.support.desk import press
from tests.support.factories import PASSWORD
from tests.support.visitors import visitor

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NEW = "quiet rivers run deep at dusk"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def member(database: Database, clock: time_machine.Traveller) -> Staff:
    return member_of(database)


def told(database: Database, member: Staff) -> list[str]:
    """Return what the mails about the account of ``member`` say, and check that they go to nobody else."""
    with database.reader() as session:
        mails = list(session.scalars(select(Mail).where(Mail.letter == "staff-account").order_by(Mail.queued_at)))
        assert {address_of(session, mail) for mail in mails} <= {member.login}
        return [mail.facts["what"] for mail in mails]


def change(browser: Critic, old: str = PASSWORD, new: str = NEW) -> TestResponse:
    return press(browser, "/desk/account", "/password", {"password": old, "new_password": new})


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_page_of_its_own_sign_in(app: Flask, database: Database, role: Role) -> None:
    page = browser_of(app, member_of(database, role)).get("/desk/account")
    assert page.status_code == 200
    assert "Where you are signed in" in page.text


def test_a_new_password_counts_at_once_and_ends_every_other_session(
    app: Flask, database: Database, member: Staff, clock: time_machine.Traveller
) -> None:
    here, elsewhere = browser_of(app, member), browser_of(app, member)
    assert change(here).status_code == 303
    assert here.get("/desk/account").status_code == 200
    assert elsewhere.get("/desk/account").status_code == 303
    assert told(database, member) == ["password"]
    assert come_in(visitor(app), database, member).status_code == 422
    wait_for_next_code(clock)
    assert come_in(visitor(app), database, member, password=NEW).status_code == 303


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("short but nice", "at least 15"),
        ("aaaaaaaaaaaaaaaaaaaa", "more different"),
        ("my login is reviewer1 of course", "without your name"),
        ("x" * LONGEST_PASSWORD + "abcdefg", "at most"),
    ],
)
def test_a_poor_password_is_refused_with_a_sentence(app: Flask, member: Staff, new: str, sentence: str) -> None:
    answer = change(browser_of(app, member), new=new)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert new not in answer.text


def test_the_present_password_is_needed_for_a_new_one(app: Flask, database: Database, member: Staff) -> None:
    assert change(browser_of(app, member), old="not this, but long").status_code == 422
    assert told(database, member) == []


def test_a_long_password_with_spaces_is_taken_whole(
    app: Flask, database: Database, member: Staff, clock: time_machine.Traveller
) -> None:
    long = "an owl, a fox & a hedgehog " * 20
    assert change(browser_of(app, member), new=long).status_code == 303
    assert come_in(visitor(app), database, member, password=long.strip()).status_code == 422
    wait_for_next_code(clock)
    assert come_in(visitor(app), database, member, password=long).status_code == 303


def test_a_new_app_counts_from_its_first_code_and_the_old_one_no_more(
    app: Flask, database: Database, member: Staff, clock: time_machine.Traveller
) -> None:
    browser, old = browser_of(app, member), app_code(database, member)
    shown = browser.get(press(browser, "/desk/account", "/app/new").location)
    with database.reader() as session:
        secret = next_secret(session, session.get_one(Staff, member.id))
    assert secret is not None
    assert secret.replace(" ", "") in shown.text.replace(" ", "")
    assert press(browser, "/desk/account/app", "/app", {"code": "000000"}).status_code == 422
    assert come_in(visitor(app), database, member, code=old).status_code == 303, "the old one works until then"
    assert press(browser, "/desk/account/app", "/app", {"code": pyotp.TOTP(secret).at(now())}).status_code == 303
    assert told(database, member) == ["app"]
    wait_for_next_code(clock)
    assert come_in(visitor(app), database, member, code=pyotp.TOTP(secret).at(now())).status_code == 303


def test_the_new_secret_is_shown_only_while_a_factor_is_fresh(app: Flask, database: Database, member: Staff) -> None:
    press(browser_of(app, member), "/desk/account", "/app/new")
    assert browser_of(app, member, fresh=False).get("/desk/account/app").status_code == 303


def test_the_last_factor_stays(app: Flask, database: Database, member: Staff) -> None:
    browser, key = browser_of(app, member), SoftKey()
    token = csrf_of(browser, "/desk/account")
    refused = browser.post("/desk/account/app/remove", data={"csrf_token": token})
    assert refused.status_code == 409
    assert "only second factor" in refused.text
    assert add_passkey(browser, key).status_code == 303
    assert press(browser, "/desk/account", "/app/remove").status_code == 303
    gone = browser.get("/desk/account").text
    assert "/remove" not in gone, "no button takes the last one away"
    assert told(database, member) == ["passkey", "app_removed"]
    assert come_in(visitor(app), database, member).status_code == 422, "the app's code is worth nothing any more"
    other = visitor(app)
    values = {"email": member.login, "password": PASSWORD, "passkey": key.get(ask(other)), "csrf_token": csrf_of(other)}
    assert other.post("/desk/sign-in", data=values).status_code == 303


def test_nobody_takes_away_the_passkey_of_somebody_else(app: Flask, database: Database, member: Staff) -> None:
    add_passkey(browser_of(app, member), SoftKey())
    action = browser_of(app, member).get("/desk/account").text.partition("/desk/account/passkeys/")[2][:32]
    other = browser_of(app, member_of(database, number=2))
    token = csrf_of(other, "/desk/account")
    assert other.post(f"/desk/account/passkeys/{action}/remove", data={"csrf_token": token}).status_code == 404


def test_a_session_can_be_ended_alone_or_all_others_at_once(app: Flask, database: Database, member: Staff) -> None:
    here, second, third = (browser_of(app, member) for _ in range(3))
    assert here.get("/desk/account").text.count("End it") == 2
    press(here, "/desk/account", "/sessions")
    assert sorted(each.get("/desk/account").status_code for each in (second, third)) == [200, 303]
    press(here, "/desk/account", "/sessions")
    assert [each.get("/desk/account").status_code for each in (here, second, third)] == [200, 303, 303]


def test_nobody_ends_the_session_of_somebody_else(app: Flask, database: Database, member: Staff) -> None:
    other = member_of(database, number=2)
    theirs, mine = browser_of(app, other), browser_of(app, member)
    with database.reader() as session:
        key = session.scalars(select(ServerSession.id_hash).where(ServerSession.staff_id == other.id)).one()
    token = csrf_of(mine, "/desk/account")
    mine.post("/desk/account/sessions", data={"csrf_token": token, "key": key})
    assert theirs.get("/desk/account").status_code == 200


def test_a_session_is_listed_by_browser_and_system_and_no_more(app: Flask, database: Database, member: Staff) -> None:
    browser = visitor(app)
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    browser.environ_base["HTTP_USER_AGENT"] = agent
    come_in(browser, database, member)
    assert "Firefox, Windows" in browser.get("/desk/account").text
    with database.reader() as session:
        assert session.scalars(select(ServerSession.device)).all() == ["Firefox, Windows"]


def test_the_history_says_what_happened_and_names_nobody_else(
    app: Flask, database: Database, member: Staff, clock: time_machine.Traveller
) -> None:
    come_in(visitor(app), database, member, code="000000")
    browser = browser_of(app, member)
    change(browser)
    come_in(visitor(app), database, member_of(database, number=2))
    page = browser.get("/desk/account").text
    for line in ("Wrong sign-in", "Password changed", "Account added"):
        assert line in page
    assert "Rex reviewer 2" not in page
