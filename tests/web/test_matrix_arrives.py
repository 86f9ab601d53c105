"""What who is meant sends arrives: without this the matrix would also pass on ids of nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.accounts.gates import CONVERSATION, MAILBOX
from portal.accounts.models import Passkey, Role, Staff
from portal.cases.letter_papers import store_letter
from portal.cases.models import Case
from portal.cases.papers import store
from portal.clock import now
from portal.db import Database
from portal.delivery.views import WINDOWS
from portal.review.models import SavedView
from tests.support.critic import Plain
from tests.support.matrix import FIXED, NOTHING_THERE, TESTS, address, everybody_in, ids_in, rules
from tests.support.portals import make_settings, portal
from tests.support.visitors import visitor
from tests.support.world import make_world

LONG = "2999-01-01T00:00:00+00:00"
TURNED_AWAY = {403, *NOTHING_THERE}
ELSEWHERE = {
    "intake.take_up": (
        "test_intake_several.py::test_what_was_not_added_is_offered_on_the_receipt_and_starts_with_the_person_known"
    ),
    "tracking.tell_other": "test_desk_terms.py::test_who_else_decides_is_named_and_told_by_the_person_alone",
}
"""What needs a state that the world of the matrix is not in, and the test that shows it arrive."""


@pytest.fixture
def app(tmp_path: Path, migrated: Path) -> Iterator[Flask]:
    """Give a demo portal with every route there is; forged forms are another test's."""
    with portal(make_settings(tmp_path, demo=True, smtp=None), migrated) as opened:
        opened.config["WTF_CSRF_ENABLED"] = False
        opened.test_client_class = Plain
        yield opened


def own_things(session: Session, member: Staff) -> dict[str, str]:
    """Return a view and a passkey of ``member``, by the part of an address that names them."""
    view = SavedView(staff_id=member.id, name="Mine", view="due", right_slug="", language="", created_at=now())
    handle = f"{member.role.value:0>64}"
    passkey = Passkey(
        staff_id=member.id, handle=handle, credential=handle.encode(), public_key=b"1", name="key", created_at=now()
    )
    session.add_all([view, passkey])
    session.flush()
    return {"saved_id": view.id, "passkey_id": passkey.id}


def store_papers(session: Session, signed: str, answered: str) -> None:
    """Keep the PDF of a signed request, and of a letter, without drawing them."""
    case, told = session.get_one(Case, signed), session.get_one(Case, answered)
    number = int(str(FIXED["number"]))
    paper = store(session, case.id, number, "nl", b"%PDF-", case.signed_hash)
    paper.created_at = now()
    session.add(paper)
    session.add(store_letter(session, told, str(told.decision_id), b"%PDF-"))


def test_what_who_is_meant_sends_about_what_is_really_there_is_not_turned_away(app: Flask) -> None:
    """It may lack words, or come too late."""
    world = make_world(app)
    ids = ids_in(app, world)
    staff = everybody_in(app, world, ids)
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        ada = session.get_one(Case, world.open_case).mailbox
        own = {role.value: own_things(session, session.get_one(Staff, world.staff[role])) for role in Role}
        store_papers(session, world.open_case, world.finished_case)
    owner = visitor(app, {MAILBOX: ada, CONVERSATION: world.draft, WINDOWS: {world.package: LONG}})
    requests = (world.open_case, world.finished_case, world.second_case, world.doubted_case)
    shut = []
    for rule, gate, roles, method in rules(app):
        if method != "POST" or gate == "public" or not rule.arguments - set(FIXED):
            continue
        for who in roles.split(",") if gate == "staff" else [""]:
            values = {**ids.real, **own.get(who, {})}
            sent = [(staff.get(who, owner), {**values, "case_id": each}) for each in requests]
            if all(
                browser.open(address(app, rule, named), method="POST", data={}).status_code in TURNED_AWAY
                for browser, named in sent
            ):
                shut.append(f"{rule.endpoint} {who}".strip())
    assert sorted(shut) == sorted(ELSEWHERE)
    for place in ELSEWHERE.values():
        file, _, test = place.partition("::")
        assert f"def {test}(" in (TESTS / "web" / file).read_text(encoding="utf-8")
