"""Browsers of the people who come to the portal: a stranger, a person, staff of every role; no walk needed."""

import hashlib
from collections.abc import Mapping

import pyotp
from flask import Flask

from portal.accounts.gates import CONVERSATION, MAILBOX
from portal.accounts.models import Role
from portal.accounts.sessions import STAFF_KEY
from portal.accounts.staff import find, new_row
from portal.audit.events import StaffAdded
from portal.audit.record import SYSTEM, record
from portal.clock import now
from portal.db import Database
from portal.review.fresh import CONFIRMED
from tests.support.critic import Critic
from tests.support.factories import light_hash

Visitor = Critic


def visitor(app: Flask, content: Mapping[str, object] | None = None) -> Visitor:
    """Return a browser whose session holds ``content``, as if the person had come that far by forms."""
    browser = app.test_client()
    assert isinstance(browser, Critic)
    if content:
        with browser.session_transaction(base_url=app.extensions["portal_settings"].base_url) as session:
            session.update({"csrf_token": hashlib.sha256(b"made up").hexdigest(), **content})
    return browser


def in_conversation(app: Flask, conversation_id: str) -> Visitor:
    """Return the browser that holds this conversation."""
    return visitor(app, {CONVERSATION: conversation_id})


def with_mailbox(app: Flask, mailbox: str) -> Visitor:
    """Return the browser of a person who confirmed the mailbox with this hash."""
    return visitor(app, {MAILBOX: mailbox})


def signed_in(app: Flask, role: Role) -> Visitor:
    """Return the browser of a made-up member of staff with ``role``, who is added on first use and just came in."""
    login = f"{role.value}@medbook.example"
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        staff = find(session, login)
        if staff is None:
            secret = pyotp.random_base32()
            staff = new_row(session, f"Rex {role.value}", login, light_hash(), role, "en", secret)
            record(session, StaffAdded(staff=staff.id, roles=role.value), SYSTEM)
        staff_id = staff.id
    return visitor(app, just_in(staff_id))


def just_in(staff_id: str) -> dict[str, object]:
    """Return what a session holds after a member of staff signed in: their second factor is fresh."""
    return {STAFF_KEY: staff_id, "_fresh": True, CONFIRMED: now().isoformat()}


def visitors(app: Flask) -> dict[str, Visitor]:
    """Return one browser each: ``stranger``, ``person`` (Mallory, whose mailbox has no case) and every role by name."""
    return {
        "stranger": visitor(app),
        "person": with_mailbox(app, "0" * 64),
        **{role.value: signed_in(app, role) for role in Role},
    }
