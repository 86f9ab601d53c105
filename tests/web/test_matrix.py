"""Every route, for everybody, with ids that are real and not theirs: who is not meant finds and changes nothing.

The matrix is made from the URL map and from ``routes.tsv``, which says for whom each route is meant: what a gate says
of itself proves nothing. A route without a row there fails the build, and so does one whose address has a part that
nobody here knows: say in ``REAL`` what it names, and in ``FOREIGN`` whose it may be instead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.accounts.gates import CONVERSATION, MAILBOX
from portal.accounts.models import Activation, ActivationKind, Passkey, Role
from portal.accounts.tokens import LinkPurpose, make_link
from portal.audit.record import PERSON
from portal.cases.attachments import Sealed, attach
from portal.cases.holds import LegalHold
from portal.cases.lifecycle import Move
from portal.cases.models import Author, Case, Message
from portal.cases.moves import move
from portal.clock import now
from portal.db import Database, new_id
from portal.delivery.views import WINDOWS
from portal.files.keys import Purpose, data_key, seal
from portal.files.vault import Vault
from portal.review.models import SavedView
from portal.review.views_identity import CARD_VIEW
from tests.support import factories
from tests.support.critic import Plain
from tests.support.factories import BEN, add_member, begin_draft, submit_case
from tests.support.fingerprint import digest
from tests.support.portals import make_settings, portal
from tests.support.visitors import Visitor, just_in, visitor
from tests.support.world import World, make_world

METHODS = ("GET", "POST")
ROWS = {
    (endpoint, method): meant
    for endpoint, method, meant in (
        line.split("\t") for line in Path(__file__).with_name("routes.tsv").read_text(encoding="utf-8").splitlines()
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
OPENS = {
    LinkPurpose.STOP: {"tracking.stop", "tracking.stop_it"},
    LinkPurpose.TOLD: {"tracking.told", "tracking.confirm_told"},
    LinkPurpose.RECEIVE: {"delivery.receive", "delivery.take_file"},
    LinkPurpose.RESUME: {"intake.resume", "intake.take_up_again"},
    LinkPurpose.ACTIVATE: {"review.activate", "review.begin_activation"},
}
"""Which routes a link of each kind opens; none of the others."""


@dataclass(frozen=True, slots=True)
class Ids:
    """What is really there, by the part of an address that names it: Ada's, and of her request's staff."""

    real: Mapping[str, str]
    foreign: Mapping[str, tuple[str, ...]]
    ben: str  # the mailbox of Ben, who asked something too
    draft: str  # the conversation that Ben began
    window: str  # the package of Ada, for which Ben's browser once had a window


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Flask]:
    """Give a demo portal with every route there is; forged forms are another test's."""
    with portal(make_settings(tmp_path_factory.mktemp("matrix"), demo=True, smtp=None), migrated) as opened:
        opened.config["WTF_CSRF_ENABLED"] = False
        opened.test_client_class = Plain
        yield opened


@pytest.fixture(scope="module")
def world(app: Flask) -> World:
    """Give something of everything, all of it Ada's or of the staff."""
    return make_world(app)


@pytest.fixture(scope="module")
def ids(app: Flask, world: World) -> Ids:
    """Give Ben a request of his own, and say what is whose."""
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
            "staff task_id": (own.id, world.open_case, new_id()),
            "staff view": ("0" * 32, new_id()),
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


@pytest.fixture(scope="module")
def everybody(app: Flask, world: World, ids: Ids) -> dict[str, Visitor]:
    """Give a browser each: a stranger, Ben, who holds a conversation as well, and staff of every role."""
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


def test_every_route_has_a_row_that_says_for_whom_it_is_meant_and_is_for_nobody_else(app: Flask) -> None:
    said = {
        (rule.endpoint, method): str(getattr(app.view_functions[rule.endpoint], "__gate__", ""))
        for rule, _gate, _roles, method in rules(app)
    }
    assert said == ROWS, "routes.tsv: endpoint, method and gate; change it only when the route is meant for others"


def test_every_part_of_every_address_is_known_here(app: Flask, ids: Ids) -> None:
    unknown = {
        f"{rule.endpoint}: {name}"
        for rule, gate, _roles, _method in rules(app)
        for name in rule.arguments - set(FIXED)
        if name not in ids.real or f"{gate} {name}" not in ids.foreign
    }
    assert unknown == set()


@pytest.mark.parametrize("who", ["stranger", "person", *Role])
def test_what_is_really_there_does_not_open_for_whom_it_is_not_meant(
    app: Flask, ids: Ids, everybody: dict[str, Visitor], who: str
) -> None:
    before, passed = digest(app), []
    for rule, gate, roles, method in rules(app):
        if gate == "public" or (gate == "staff" and who in roles.split(",")) or (gate == who == "person"):
            continue
        answer = everybody[who].open(address(app, rule, ids.real), method=method, data={})
        away = {303} if gate == "staff" and who in {"stranger", "person"} else {303, 404}
        if answer.status_code not in away or (answer.status_code == 303 and not _leads_to_a_door(answer.location)):
            passed.append(f"{method} {rule.endpoint}: {answer.status_code} {answer.location or ''}")
    assert passed == []
    assert _changed(app, before) == set()


def _leads_to_a_door(location: str | None) -> bool:
    path = str(location).partition("?")[0]
    return path.endswith(("/desk/sign-in", "/requests"))


def _changed(app: Flask, before: Mapping[str, str]) -> set[str]:
    """Return the tables that changed; who has a session, and that somebody was turned away, may be noted."""
    noted = {"server_sessions", "audit_entries", "audit_head"}
    return {table for table, found in digest(app).items() if found != before[table]} - noted


@pytest.mark.parametrize("who", ["stranger", "person", *Role])
def test_with_an_id_of_another_nobody_finds_anything(
    app: Flask, ids: Ids, everybody: dict[str, Visitor], who: str
) -> None:
    before, found = digest(app), []
    for rule, gate, roles, method in rules(app):
        meant = (
            who in roles.split(",") if gate == "staff" else who == "stranger" if gate == "public" else who == "person"
        )
        for name in rule.arguments - set(FIXED) if meant else ():
            for foreign in ids.foreign[f"{gate} {name}"]:
                answer = everybody[who].open(address(app, rule, {**ids.real, name: foreign}), method=method, data={})
                if answer.status_code not in NOTHING_THERE:
                    found.append(f"{method} {rule.endpoint} {name}={foreign}: {answer.status_code}")
    assert found == []
    assert _changed(app, before) == set()


def _is_meant(who: str, gate: str, roles: str) -> bool:
    if gate == "staff":
        return who in roles.split(",")
    return who == ("stranger" if gate == "public" else "person")


@pytest.mark.parametrize("purpose", LinkPurpose)
def test_a_link_opens_what_it_is_for_and_nothing_else(
    app: Flask, world: World, ids: Ids, everybody: dict[str, Visitor], purpose: LinkPurpose
) -> None:
    database: Database = app.extensions["portal_db"]
    for rule, _gate, _roles, method in rules(app):
        if "token" not in rule.arguments or rule.endpoint in OPENS[purpose]:
            continue
        for subject in (world.open_case, world.desk.invited):
            with database.reader() as session:
                token = make_link(session, purpose, subject)
            answer = everybody["stranger"].open(address(app, rule, {"token": token}), method=method, data={})
            assert answer.status_code in NOTHING_THERE, f"{method} {rule.endpoint}"


def test_what_is_really_there_opens_for_whom_it_is_meant(
    app: Flask, world: World, ids: Ids, everybody: dict[str, Visitor]
) -> None:
    """Without this the tests above would also pass on ids of nothing."""
    database: Database = app.extensions["portal_db"]
    with database.reader() as session:
        ada = session.get_one(Case, world.open_case).mailbox
    everybody = {**everybody, "owner": visitor(app, {MAILBOX: ada, CONVERSATION: world.draft})}
    requests = (world.open_case, world.second_case, world.finished_case, world.doubted_case)
    shut = set()
    for rule, gate, roles, method in rules(app):
        if method == "GET" and gate != "public" and rule.arguments - set(FIXED):
            meant = [everybody[each] for each in (roles.split(",") if gate == "staff" else ["owner"])]
            ways = [address(app, rule, {**ids.real, "case_id": each}) for each in requests]
            if all(who.open(way).status_code in NOTHING_THERE for who in meant for way in ways):
                shut.add(rule.endpoint)
    assert shut == set()
