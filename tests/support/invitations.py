"""Inviting Nora, and beginning with the link of the mail and the code that is told."""

import re

import pyotp
from flask import Flask

from portal.accounts.factors import next_secret
from portal.accounts.models import Staff
from portal.accounts.staff import find
from portal.clock import now
from portal.db import Database
from tests.support.critic import Critic
from tests.support.desk import press
from tests.support.postbox import Postbox
from tests.support.visitors import visitor

NEW = {"name": "Nora Claes", "email": "nora@medbook.example", "role": "reviewer", "language": "en"}
PASSWORD = "quiet rivers run deep at dusk"


def nora(database: Database) -> Staff:
    """Return Nora as she stands in the database."""
    with database.reader() as session:
        found = find(session, NEW["email"])
        assert found is not None
        return found


def link_to(post: Postbox, address: str) -> str:
    """Return the path of the newest activation link that was mailed to ``address``."""
    texts = [letter.text for letter in post.deliver() if letter.to == address]
    found: list[str] = re.findall(r"http://localhost(/desk/activate/\S+)", "".join(texts))
    return found[-1]


def shown_code(page: str) -> str:
    """Return the code that ``page`` shows."""
    found: list[str] = re.findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", page)
    return found[0]


def first_code(database: Database, staff: Staff) -> str:
    """Return the present code of the secret that waits for its first one."""
    with database.reader() as session:
        secret = next_secret(session, session.get_one(Staff, staff.id))
    assert secret is not None
    return pyotp.TOTP(secret).at(now())


def invite(admin: Critic) -> str:
    """Invite Nora; return what her page says."""
    answer = press(admin, "/desk/staff", "/desk/staff", NEW)
    assert answer.status_code == 303
    return admin.get(answer.location).text


def begin(app: Flask, path: str, code: str) -> Critic:
    """Open the link in a new browser and type the code and a password."""
    browser = visitor(app)
    assert press(browser, path, path, {"code": code, "password": PASSWORD}).location == "/desk/second-factor"
    return browser
