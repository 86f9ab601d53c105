"""Signing: a name typed or drawn, equal; what a browser sends is judged; the date is the one in Brussels."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from html import unescape
from pathlib import Path

import html5lib
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from portal.accounts.gates import CONVERSATION, MAILBOX
from portal.accounts.models import Role
from portal.cases.access import open_json, seal_json, signature_of
from portal.cases.models import Case, Conversation
from portal.cases.signing import Signature
from portal.cases.strokes import NOT_A_DRAWING, NOTHING_DRAWN, ONLY_A_DOT, to_path
from portal.db import Database
from portal.files.keys import Purpose
from portal.ui.assets import STATIC_DIR
from tests.support.desk import file_case
from tests.support.drawings import DRAWN, HOSTILE, STROKES, copy_draft
from tests.support.visitors import signed_in, visitor
from tests.support.world import ADA, World, make_world

NAME = ADA["name"]
SENDABLE = {name: text for name, text in HOSTILE.items() if "\ud800" not in text}  # a form cannot hold half a letter
FORMAT_1 = (
    '{"answers":{},"contact":{},"format":1,"policy":"2021-05-14","right":"access","signature":{"kind":"typed",'
    '"name":"Lies Janssens"},"signed_at":"2026-03-12T23:30:00+00:00","signed_on":"2026-03-13"}'
)


class Signer:
    """Ada, whose answers are complete and who has still to sign."""

    def __init__(self, app: Flask, world: World, draft: str) -> None:
        self.database: Database = app.extensions["portal_db"]
        self.draft = draft
        self.browser = visitor(app, {CONVERSATION: draft, MAILBOX: world.mailbox})

    def at(self, step: str) -> str:
        return f"/en/c/{self.draft}/{step}"

    def page(self, step: str = "sign") -> str:
        return unescape(self.browser.get(self.at(step)).text)

    def sign(self, **values: str) -> str:
        """Send a signature and return where it leads; empty: the page came back with a fault."""
        self.answer = self.browser.submit(self.at("sign"), values)
        return (self.answer.location or "").rpartition("/")[2].partition("#")[0]

    def fault(self) -> str:
        assert self.answer.status_code == 422
        return unescape(self.answer.text)

    def send(self) -> list[Case]:
        """Send, and return a case for each right that is asked."""
        self.browser.submit(self.at("check"), {})
        with self.database.reader() as session:
            found = session.scalars(select(Case).where(Case.conversation_id == self.draft)).all()
        assert found
        return list(found)


def make_signer(app: Flask) -> Signer:
    database: Database = app.extensions["portal_db"]
    world = make_world(app)
    with database.writing() as session:
        draft = copy_draft(session, world.draft)
    return Signer(app, world, draft)


@pytest.fixture
def ada(app: Flask) -> Iterator[Signer]:
    return make_signer(app)


def test_without_script_only_typing_is_offered_and_nothing_is_dead(ada: Signer) -> None:
    tree = html5lib.parse(ada.browser.get(ada.at("sign")).text, namespaceHTMLElements=False)
    parts = {node.get("data-part"): node for node in tree.iter() if node.get("data-part")}
    assert set(parts) == {"ways", "typed", "drawn"}
    assert [name for name, node in parts.items() if node.get("hidden") is None] == ["typed"]
    assert all(parts[name].get("disabled") is not None for name in ("ways", "drawn"))
    typing = [node.get("name") for node in parts["typed"].iter("input")]
    assert typing == ["signature"]


def test_a_form_without_a_way_is_a_typed_signature(ada: Signer) -> None:
    token = ada.browser.get(ada.at("sign")).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = ada.browser.post(ada.at("sign"), data={"csrf_token": token, "signature": NAME})
    assert str(answer.location).partition("#")[0] == ada.at("check")
    assert f"{NAME}, " in ada.page("check")


def test_a_drawn_signature_is_kept_shown_sent_and_stands_in_the_signed_text(ada: Signer) -> None:
    assert ada.sign(kind="drawn", strokes=DRAWN) == "check"
    page = ada.page("check")
    assert f'<path d="{to_path(STROKES)}">' in page
    assert f'aria-label="Signature of {NAME}"' in page
    assert "Drawn, " in page
    for case in ada.send():
        with ada.database.reader() as session:
            found = signature_of(session, case)
            text = open_json(session, case.id, Purpose.ANSWERS, case.signed_text)["text"]
        assert found.signature == Signature(NAME, STROKES)
        assert json.loads(text)["signature"] == {"kind": "drawn", "name": NAME, "strokes": json.loads(DRAWN)}
        assert case.signed_hash == sha256(text.encode()).hexdigest()


def test_the_drawing_comes_back_with_the_page(ada: Signer) -> None:
    ada.sign(kind="drawn", strokes=DRAWN)
    page = ada.page()
    assert f'name="strokes" value="{DRAWN}"' in page.replace(", ", ",")
    assert 'value="drawn" checked' in page
    assert "3 strokes are drawn." in page


def test_a_fault_in_the_name_does_not_lose_the_drawing(ada: Signer) -> None:
    assert ada.sign(kind="typed", signature="", strokes=DRAWN) == ""
    page = ada.fault()
    assert "Enter your full name." in page
    assert f'name="strokes" value="{DRAWN}"' in page.replace(", ", ",")


def test_an_empty_box_is_told_so_and_typing_is_offered(ada: Signer) -> None:
    assert ada.sign(kind="drawn", strokes="", signature="Ada P") == ""
    page = ada.fault()
    assert page.count(NOTHING_DRAWN) == 2
    assert "choose to type your name" in NOTHING_DRAWN
    assert 'value="Ada P"' in page


def test_a_dot_is_told_so(ada: Signer) -> None:
    ada.sign(kind="drawn", strokes="[[[500,200]]]")
    assert ONLY_A_DOT in ada.fault()


@pytest.mark.parametrize(
    "text", [each for each in HOSTILE.values() if "\ud800" not in each], ids=lambda text: text[:30]
)
def test_a_hostile_drawing_is_refused_and_not_shown_again(ada: Signer, text: str) -> None:
    assert ada.sign(kind="drawn", strokes=text) == ""
    page = ada.fault()
    assert NOT_A_DRAWING in page
    assert 'name="strokes" value=""' in page
    assert "alert(1)" not in page


def test_an_unknown_way_is_read_as_typing(ada: Signer) -> None:
    assert ada.sign(kind="<svg onload=alert(1)>", signature=NAME) == "check"
    with ada.database.reader() as session:
        assert '"strokes"' not in json.dumps(open_draft(session.get_one(Conversation, ada.draft), ada)["signature"])


def open_draft(row: Conversation, ada: Signer) -> dict[str, object]:
    with ada.database.reader() as session:
        found: dict[str, object] = open_json(session, row.id, Purpose.ANSWERS, row.answers or b"")
    return found


def test_typing_instead_takes_the_drawing_away(ada: Signer) -> None:
    ada.sign(kind="drawn", strokes=DRAWN)
    ada.sign(kind="typed", signature=NAME, strokes=DRAWN)
    assert 'class="drawing"' not in ada.page("check")
    assert 'name="strokes" value=""' in ada.page()


def test_a_drawing_says_the_name_that_was_given(ada: Signer) -> None:
    ada.sign(kind="drawn", strokes=DRAWN, signature="Somebody Else")
    page = ada.page("check")
    assert f"<figcaption>{NAME}</figcaption>" in page
    assert "Somebody Else" not in page


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "\u202e\u202c", "—", "...", "\x00"])
def test_a_name_needs_a_letter(ada: Signer, name: str) -> None:
    ada.sign(signature=name)
    assert "Enter your full name." in ada.fault()


def test_a_name_that_turns_the_direction_of_text_is_read_as_it_is_typed(ada: Signer) -> None:
    ada.sign(signature=f"\u202e{NAME}\u2066")
    assert "\u202e" not in ada.page("check")
    assert f"{NAME}, " in ada.page("check")


def test_a_draft_from_before_drawing_is_still_opened(ada: Signer) -> None:
    with ada.database.writing() as session:
        row = session.get_one(Conversation, ada.draft)
        said = open_json(session, row.id, Purpose.ANSWERS, row.answers or b"")
        del said["strokes"]
        sealed = seal_json(session, row.id, Purpose.ANSWERS, said)
        session.execute(update(Conversation).where(Conversation.id == row.id).values(answers=sealed))
    assert ada.sign(signature=NAME) == "check"


def test_no_stroke_is_readable_on_the_disk(ada: Signer, tmp_path: Path) -> None:
    ada.sign(kind="drawn", strokes=DRAWN)
    ada.send()
    for path in (each for each in tmp_path.rglob("*") if each.is_file()):
        content = path.read_bytes()
        assert b"[130,120]" not in content.replace(b" ", b""), path.name
        assert to_path(STROKES).encode() not in content, path.name


def test_the_desk_sees_the_drawing_and_whose_it_is(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = file_case(session, strokes=STROKES)
    page = unescape(signed_in(app, Role.REVIEWER).get(f"/desk/cases/{case.id}").text)
    assert "Lies Janssens (drawn), " in page
    assert f'aria-label="Signature of Lies Janssens"><path d="{to_path(STROKES)}">' in page


def test_the_desk_still_reads_a_request_signed_in_the_first_format(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = file_case(session)
        old = seal_json(session, case.id, Purpose.ANSWERS, {"text": FORMAT_1, "signature": "Lies Janssens"})
        session.execute(update(Case).where(Case.id == case.id).values(signed_text=old))
    page = unescape(signed_in(app, Role.REVIEWER).get(f"/desk/cases/{case.id}").text)
    assert "Lies Janssens (typed), 13/03/2026" in page or "Lies Janssens (typed), 13 Mar" in page, page[:0]
    assert 'class="drawing"' not in page


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 1, 15, 22, 59, 59, tzinfo=UTC), "15 January 2026"),
        (datetime(2026, 1, 15, 23, 30, tzinfo=UTC), "16 January 2026"),
        (datetime(2026, 7, 15, 21, 59, 59, tzinfo=UTC), "15 July 2026"),
        (datetime(2026, 7, 15, 22, 30, tzinfo=UTC), "16 July 2026"),
        (datetime(2026, 7, 15, 23, 30, tzinfo=UTC), "16 July 2026"),
    ],
)
@pytest.mark.parametrize("values", [{"signature": NAME}, {"kind": "drawn", "strokes": DRAWN}], ids=["typed", "drawn"])
def test_the_date_is_the_one_in_brussels_when_it_was_signed(
    app: Flask, at: datetime, day: str, values: dict[str, str]
) -> None:
    with time_machine.travel(at, tick=False):
        ada = make_signer(app)
        assert f"{day}</span>" in ada.page().replace(" <span", "</span><span")
        assert ada.sign(**values) == "check"
        assert day in ada.page("check")
        cases = ada.send()
    with ada.database.reader() as session:
        for case in cases:
            signed = signature_of(session, case)
            assert (signed.on, signed.at) == (case.received_on, at)


def test_who_signs_over_midnight_signs_on_the_new_day(app: Flask) -> None:
    with time_machine.travel(datetime(2026, 1, 15, 22, 58, tzinfo=UTC), tick=False) as clock:
        ada = make_signer(app)
        assert "15 January 2026" in ada.page()
        clock.move_to(datetime(2026, 1, 15, 23, 1, tzinfo=UTC))
        ada.sign(signature=NAME)
        assert "16 January 2026" in ada.page("check")


def test_the_script_stays_under_four_kilobytes() -> None:
    assert len(gzip.compress((STATIC_DIR / "js" / "signature.js").read_bytes(), mtime=0)) <= 4096


def test_only_the_page_of_the_signature_asks_for_the_script(ada: Signer) -> None:
    assert 'data-module="signature"' in ada.page()
    for step in ("right", "about", "contact", "code", "identity", "check"):
        assert 'data-module="signature"' not in ada.page(step)


def test_the_limits_of_the_browser_are_those_of_the_server() -> None:
    script = (STATIC_DIR / "js" / "signature.js").read_text(encoding="utf-8")
    from portal.cases import strokes

    assert f"WIDTH = {strokes.WIDTH}, HEIGHT = {strokes.HEIGHT}, INK = {strokes.THICKNESS};" in script
    assert f"MOST_STROKES = {strokes.MAX_STROKES}, MOST_POINTS = {strokes.MAX_POINTS};" in script
