"""Every route with ids that are really there, and ids of others: what the tests of the matrix are made from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.accounts.gates import CONVERSATION, MAILBOX
from portal.accounts.models import Activation, ActivationKind, Passkey, Role
from portal.audit.record import PERSON
from portal.cases.attachments import Sealed, attach
from portal.cases.holds import LegalHold
from portal.cases.lifecycle import Move
from portal.cases.models import Author, Message
from portal.cases.moves import move
from portal.clock import now
from portal.db import Database, new_id
from portal.delivery.views import WINDOWS
from portal.files.keys import Purpose, data_key, seal
from portal.files.vault import Vault
from portal.review.models import SavedView
from portal.review.views_identity import CARD_VIEW
from tests.support import factories
from tests.support.factories import BEN, add_member, begin_draft, submit_case
from tests.support.on_paper import waiting_letter
from tests.support.visitors import Visitor, just_in, visitor
from tests.support.world import World

TESTS = Path(__file__).parents[1]
METHODS = ("GET", "POST")
ROWS = {
    (endpoint, method): meant
    for endpoint, method, meant in (
        line.split("\t")
        for line in Path(__file__).parents[1].joinpath("web", "routes.tsv").read_text(encoding="utf-8").splitlines()
    )
}
"""Gate, and for the desk the roles, by endpoint and method."""
FIXED: Mapping[str, object] = {
    "language": "nl",
    "build": "any",
    "name": "portal.css",
    "number": 2,
    "part": 0,
    "page": 0,
    "year": 2026,
    "step": "about",
    "slug": "other",
}
"""Parts of an address that name nothing of anybody; behind each of them the case or the conversation is checked."""

LOOK = "f" * 32
"""Of the picture of a card, that every member of staff seems to have opened just now."""
NOTHING_THERE = {404, 410}
"""410: a link that has ended, or never was, is told to begin anew."""


@dataclass(frozen=True, slots=True)
class Ids:
    """What is really there, by the part of an address that names it: Ada's, and of her request's staff."""

    real: Mapping[str, str]
    foreign: Mapping[str, tuple[str, ...]]
    ben: str  # the mailbox of Ben, who asked something too
    draft: str  # the conversation that Ben began
    window: str  # the package of Ada, for which Ben's browser once had a window


def ids_in(app: Flask, world: World) -> Ids:
    """Give Ben a request of his own, and return what is whose."""
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        own, draft = submit_case(session, who=BEN), begin_draft(session)
        closed = submit_case(session, who=factories.ADA)
        move(session, closed, Move.WITHDRAW, PERSON)
        colleague = add_member(session, number=9).id
        view = SavedView(staff_id=colleague, name="Mine", view="due", right_slug="", language="", created_at=now())
        passkey = Passkey(
            staff_id=colleague, handle="1" * 64, credential=b"1", public_key=b"1", name="key", created_at=now()
        )
        session.add_all([view, passkey])
        session.flush()
        (hold,) = session.scalars(select(LegalHold.id))
        (reset,) = session.scalars(select(Activation.id).where(Activation.kind == ActivationKind.RESET))
        sent, elsewhere = (_send_file(session, case_id) for case_id in (world.open_case, world.second_case))
        adas = (world.open_case, world.second_case, world.finished_case, world.doubted_case, closed.id)
        nothing = (world.sent, world.package, world.card, new_id())
        real = {
            "case_id": world.open_case,
            "conversation_id": world.draft,
            "member_id": world.desk.invited,
            "passkey_id": passkey.id,
            "hold_id": hold,
            "reset_id": reset,
            "saved_id": view.id,
            "token": world.stop_token,
            "view": LOOK,
            "attachment_id": sent,
            "post_id": waiting_letter(session, world.open_case),
            "task_id": world.task,
        }
        foreign = {
            "person case_id": (*adas, *nothing),
            "person conversation_id": (world.draft, world.sent, own.id, new_id()),
            "conversation conversation_id": (world.draft, world.sent, str(own.conversation_id), new_id()),
            "staff case_id": (*nothing, str(own.conversation_id), world.desk.invited),
            "staff member_id": (own.id, world.desk.begun, new_id()),
            "staff hold_id": (own.id, reset, new_id()),
            "staff reset_id": (own.id, hold, new_id()),
            "staff passkey_id": (passkey.id, own.id, new_id()),
            "staff saved_id": (view.id, own.id, new_id()),
            "person attachment_id": (sent, elsewhere, new_id()),
            "staff attachment_id": (elsewhere, own.id, new_id()),
            "staff post_id": (waiting_letter(session, world.second_case), own.id, new_id()),
            "staff task_id": (own.id, world.open_case, new_id()),
            "staff view": ("0" * 32, new_id()),
            "public conversation_id": (world.draft, world.sent, new_id()),
            "public token": (f"{world.stop_token}x", new_id()),
        }
        return Ids(real, foreign, own.mailbox, draft.id, world.package)


def _send_file(session: Session, case_id: str) -> str:
    """Send a file with a message of the person, and return its id."""
    vault: Vault = session.info["vault"]
    message = Message(
        id=new_id(),
        case_id=case_id,
        author=Author.PERSON,
        created_at=now(),
        text=seal(session, case_id, Purpose.MESSAGES, b"x"),
    )
    session.add(message)
    session.flush()
    file_id = new_id()
    stored = vault.write(data_key(session, case_id, Purpose.MESSAGES, create=True), file_id, [b"made up"])
    attach(session, message, [Sealed(file_id, stored.name, "made-up.jpg", "image/jpeg", 1, 7)])
    return file_id


def everybody_in(app: Flask, world: World, ids: Ids) -> dict[str, Visitor]:
    """Return a browser each: a stranger, Ben, who holds a conversation as well, and staff of every role."""
    until = now().replace(year=now().year + 1).isoformat()
    look = {"case": world.open_case, "card": world.card, "view": LOOK, "until": until}
    ben = {MAILBOX: ids.ben, CONVERSATION: ids.draft, WINDOWS: {ids.window: until}}
    staff = {role.value: visitor(app, {**just_in(world.staff[role]), CARD_VIEW: look}) for role in Role}
    return {"stranger": visitor(app), "person": visitor(app, ben), **staff}


def rules(app: Flask) -> Iterator[tuple[Rule, str, str, str]]:
    """Give every route with the gate it is meant to have, the roles that come in there, and a method."""
    for rule in app.url_map.iter_rules():
        for method in METHODS:
            if method in (rule.methods or ()):
                gate, _, roles = ROWS.get((rule.endpoint, method), "").partition(":")
                yield rule, gate, roles, method


def address(app: Flask, rule: Rule, values: Mapping[str, object]) -> str:
    """Return the address of ``rule`` with ``values`` in it."""
    wanted = {name: values.get(name, FIXED.get(name)) for name in rule.arguments}
    return str(app.url_map.bind("localhost").build(rule.endpoint, wanted))
