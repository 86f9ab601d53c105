"""Members of staff who sign in by the forms, with app codes and passkeys; and what they do before a release."""

from datetime import UTC, datetime, timedelta

import pyotp
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from portal.accounts.factors import secret_of
from portal.accounts.models import Role, Staff
from portal.clock import now
from portal.db import Database
from portal.review.fresh import CONFIRMED
from tests.support.authenticator import SoftKey
from tests.support.critic import Critic
from tests.support.factories import PASSWORD, add_member
from tests.support.visitors import just_in, visitor

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A working day, at ten in Brussels."""


def member_of(database: Database, role: Role = Role.REVIEWER, number: int = 1) -> Staff:
    """Return a made-up member of staff, added on first use."""
    with database.writing() as session:
        return add_member(session, role, number)


def browser_of(app: Flask, staff: Staff, *, fresh: bool = True) -> Critic:
    """Return the browser of ``staff``, who just came in, or showed a factor longer ago than counts."""
    content = just_in(staff.id)
    if not fresh:
        content[CONFIRMED] = (now() - timedelta(minutes=11)).isoformat()
    return visitor(app, content)


def app_code(database: Database, staff: Staff) -> str:
    """Return the present code of the app of ``staff``."""
    with database.reader() as session:
        return pyotp.TOTP(secret_of(session, session.get_one(Staff, staff.id))).at(now())


def come_in(browser: Critic, database: Database, staff: Staff, **changes: str) -> TestResponse:
    """Sign in with password and app code, by the form."""
    values = {"email": staff.login, "password": PASSWORD, "code": app_code(database, staff)}
    return browser.submit("/desk/sign-in", {**values, **changes})


def ask(browser: Critic, path: str = "/desk/passkey") -> dict[str, object]:
    """Ask the portal for a question to a passkey, as the script of the page does."""
    token = csrf_of(browser)
    answer = browser.post(path, headers={"X-CSRFToken": token})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.get_json()
    return found


def csrf_of(browser: Critic, path: str = "/desk/sign-in") -> str:
    """Return the token of the forms of this browser's session."""
    page = browser.get(path).text
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def add_passkey(browser: Critic, key: SoftKey, name: str = "laptop") -> TestResponse:
    """Add ``key`` on the own page of who is signed in in ``browser``."""
    token = csrf_of(browser, "/desk/account")
    offer = browser.post("/desk/account/passkeys/new", headers={"X-CSRFToken": token}).get_json()
    values = {"csrf_token": token, "passkey": key.create(offer), "name": name}
    return browser.post("/desk/account/passkeys", data=values)


def wait_for_next_code(clock: time_machine.Traveller) -> None:
    """Let half a minute pass: an app code is good once."""
    clock.shift(timedelta(seconds=31))
