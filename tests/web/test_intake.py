"""The conversation from the landing page to the receipt, through the real app, its worker, sandbox, vault and files."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.accounts import codes
from portal.audit.record import AuditEntry
from portal.cases.access import answers_of, contact_of
from portal.cases.models import Case, Conversation, Evidence
from portal.clock import today
from portal.config import Settings
from portal.db import Database
from portal.demo.specimen import draw_specimen
from portal.files.keys import DataKey, Purpose
from portal.files.ring import KeyRing
from portal.jobs.worker import Worker
from portal.mail.outbox import SEND, Mail
from portal.mail.sender import Sender
from portal.mail.transport import FolderTransport
from portal.rights import RIGHTS
from tests.support.critic import Critic
from tests.support.portals import make_settings, portal

NAME, ADDRESS = "Wilhelmina Zonderland", "wilhelmina@example.com"
CANARY = "quokka-7731-bezwaar"
CONTACT = {"contact-name": NAME, "contact-email": ADDRESS, "contact-residence": "be", "contact-acting": "self"}
LANGUAGES_OF_THE_WALKS = ("nl", "fr", "de", "en", "nl", "fr", "de")
COVERED = {"preset": ["photo-left", "number-low"], "use": "1"}

ANSWERS: dict[str, dict[str, dict[str, Any]]] = {
    "access": {
        "about": {"about": "everything"},
        "form": {"form-form": "copy", "form-from": "1-2-2020", "form-to": "31-12-2024"},
    },
    "rectify": {
        "items": {
            "items-0-what": "surname",
            "items-0-why": "wrong",
            "items-0-says": "Zonderlant",
            "items-0-should": CANARY,
            "items-0-where": "account",
        }
    },
    "erase": {
        "about": {"about": ["some", "account", "usage"]},
        "erase_why": {"erase_why-reason": "not-needed", "erase_why-facts": CANARY, "erase_why-understood": "yes"},
    },
    "restrict": {
        "about": {"about": "everything"},
        "pause_why": {"pause_why-case": "accuracy", "pause_why-facts": CANARY},
    },
    "object": {"about": {"about": ["some", "usage"]}, "circumstances": {"circumstances": CANARY}},
    "port": {
        "about": {"about": "everything"},
        "destination": {"destination-to": "other", "destination-controller": CANARY},
    },
    "withdraw": {"about": {"about": ["some", "research"]}},
}


@dataclass
class Walk:
    """One person at a browser without script, and the post box of the portal."""

    app: Flask
    language: str = "en"
    url: str = ""
    visited: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        visitor = self.app.test_client()
        assert isinstance(visitor, Critic)
        self.client = visitor

    @property
    def database(self) -> Database:
        found: Database = self.app.extensions["portal_db"]
        return found

    @property
    def settings(self) -> Settings:
        found: Settings = self.app.extensions["portal_settings"]
        return found

    @property
    def step(self) -> str:
        return self.url.rpartition("/")[2].partition("#")[0]

    @property
    def conversation(self) -> str:
        found = re.search(r"/c/([0-9a-f]{32})/", self.url)
        assert found, self.url
        return found[1]

    def at(self, step: str) -> str:
        return f"/{self.language}/c/{self.conversation}/{step}"

    def choose(self, right: str) -> "Walk":
        self._follow(self.client.submit(f"/{self.language}/", {"right": right}))
        return self

    def say(self, **values: Any) -> "Walk":
        """Fill in the turn that is open; the names of inputs have ``__`` for a hyphen."""
        return self.fill({name.replace("__", "-"): value for name, value in values.items()})

    def fill(self, values: Mapping[str, Any]) -> "Walk":
        self.visited.append(self.step)
        self._follow(self.client.submit(self.url, values))
        return self

    def answer(self, right: str) -> "Walk":
        """Answer every question of ``right`` up to the code."""
        while self.step in ANSWERS[right]:
            self.fill(ANSWERS[right][self.step])
        assert self.step == "contact"
        return self.fill(CONTACT)

    def confirm(self) -> "Walk":
        return self.say(code=self.newest_code())

    def show_card(self, covered: Mapping[str, Any] = COVERED) -> "Walk":
        self._follow(self.upload(draw_specimen(NAME, "en")))
        assert self.step == "mask"
        return self.fill(covered)

    def sign(self) -> "Walk":
        return self.say(signature=f" {NAME.upper()} ")

    def upload(self, content: bytes, name: str = "card.jpg") -> TestResponse:
        return self.client.submit(self.at("identity"), {"card": (BytesIO(content), name)})

    def deliver(self) -> None:
        """Run the worker for the mails that wait."""
        transport = FolderTransport(self.settings.mail_dir)
        Worker(self.database, {SEND: Sender(transport, {codes.LETTER: codes.mint})}).run_until_idle(20)

    def newest_code(self) -> str:
        self.deliver()
        newest = max(self.settings.mail_dir.glob("*.eml"))
        body = message_from_bytes(newest.read_bytes(), policy=default).get_body(("plain",))
        assert body is not None
        found = re.search(r"\b(\d{3} ?\d{3})\b", body.get_content())
        assert found, body.get_content()
        return found[1]

    def case(self) -> Case:
        with self.database.reader() as session:
            return session.scalars(select(Case).where(Case.conversation_id == self.conversation)).one()

    def count(self, table: type[Any]) -> int:
        with self.database.reader() as session:
            return int(session.scalar(select(func.count()).select_from(table)) or 0)

    def page(self, step: str | None = None, status: int = 200) -> str:
        response = self.client.get(self.at(step) if step else self.url)
        assert response.status_code == status, response.status
        return response.get_data(as_text=True)

    def _follow(self, response: TestResponse) -> None:
        assert response.status_code == 303, f"{self.url}: {response.status}\n{main_of(response)}"
        self.url = response.location or ""


def main_of(response: TestResponse) -> str:
    text = response.get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text[text.find("<main") : text.find("</main>")]))


@pytest.fixture
def app(tmp_path: Path, migrated: Path) -> Iterator[Flask]:
    """Give an empty demo portal: its mail lands in a folder."""
    with portal(make_settings(tmp_path, demo=True, smtp=None), migrated) as opened:
        yield opened


@pytest.fixture
def walk(app: Flask) -> Walk:
    return Walk(app)


@pytest.fixture
def at_identity(walk: Walk) -> Walk:
    """Give a person who stands at the turn about identity, with every answer before it given."""
    walk.choose("restrict").answer("restrict").confirm()
    assert walk.step == "identity"
    return walk


@pytest.fixture
def at_check(walk: Walk) -> Walk:
    """Give a person who only has to send; taking back a permission asks for no card."""
    walk.choose("withdraw").answer("withdraw").confirm().sign()
    assert walk.step == "check"
    return walk


@pytest.mark.parametrize(("right", "language"), list(zip(RIGHTS, LANGUAGES_OF_THE_WALKS, strict=True)))
def test_each_right_goes_from_the_landing_page_to_the_receipt(app: Flask, right: str, language: str) -> None:
    walk = Walk(app, language)
    walk.choose(right).answer(right).confirm()
    if right != "withdraw":
        walk.show_card()
    walk.sign()
    assert walk.step == "check"
    walk.fill({})
    case = walk.case()
    page = walk.page()
    assert case.reference in page
    assert f"/{language}/s/{case.id}" in page
    assert (case.right_slug, case.language, case.needs_card) == (right, language, right != "withdraw")
    with walk.database.reader() as session:
        assert contact_of(session, case)["email"] == ADDRESS
        assert set(answers_of(session, case)) == set(ANSWERS[right])


def test_marketing_alone_asks_no_card(walk: Walk) -> None:
    walk.choose("object").say(about=["some", "marketing"]).fill(CONTACT).confirm()
    assert walk.step == "sign"
    assert "Identity card" not in walk.page()


def test_sending_twice_gives_one_case_and_one_receipt(at_check: Walk) -> None:
    page = at_check.client.get(at_check.url)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
    assert token
    answers = [at_check.client.post(at_check.url, data={"csrf_token": token[1]}) for _ in range(2)]
    assert [each.location for each in answers] == [at_check.at("received")] * 2
    assert at_check.count(Case) == 1
    with at_check.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(Mail).where(Mail.letter == "receipt")) == 1


def test_a_sent_conversation_shows_only_its_receipt(at_check: Walk) -> None:
    at_check.fill({})
    for step in ("right", "about", "contact", "sign", "check", "identity", "picture"):
        assert at_check.client.get(at_check.at(step)).location == at_check.at("received")
    assert at_check.case().reference in at_check.page("received")


def test_sending_empties_the_draft_and_destroys_its_key(at_check: Walk) -> None:
    at_check.fill({})
    with at_check.database.reader() as session:
        draft = session.get_one(Conversation, at_check.conversation)
        keys = session.scalars(select(DataKey).where(DataKey.owner == draft.id)).all()
        assert draft.answers is None
        assert [key.wrapped for key in keys] == [None]


def test_after_sending_this_browser_may_see_the_case(at_check: Walk) -> None:
    before = at_check.client.get_cookie("portal")
    at_check.fill({})
    after = at_check.client.get_cookie("portal")
    assert before
    assert after
    assert before.value != after.value


def test_another_browser_finds_nothing(at_identity: Walk) -> None:
    at_identity.upload(draw_specimen(NAME, "en"))
    stranger = Walk(at_identity.app).choose("access")
    for step in ("right", "about", "contact", "code", "identity", "mask", "picture", "other-proof", "check", "received"):
        assert stranger.client.get(at_identity.at(step)).status_code == 404
    assert at_identity.app.test_client().get(at_identity.at("about")).status_code == 404


def test_nobody_gets_ahead_of_the_open_turn(walk: Walk) -> None:
    walk.choose("access")
    for step in ("form", "contact", "code", "identity", "mask", "picture", "other-proof", "sign", "check", "nonsense"):
        assert walk.client.get(walk.at(step)).location == walk.at("about")


def test_own_words_are_kept_and_never_acted_on(walk: Walk) -> None:
    walk._follow(walk.client.submit("/en/", {"words": f"delete it all {CANARY}"}))
    assert walk.step == "right"
    page = walk.page()
    assert "We are not sure. Choose what fits best." in page
    assert page.count('name="right"') == len(RIGHTS)
    assert 'name="right" value="erase" checked' not in page
    walk.say(right="withdraw")
    walk.answer("withdraw").confirm().sign()
    assert CANARY in walk.page()
    walk.fill({})
    with walk.database.reader() as session:
        assert CANARY in str(answers_of(session, walk.case())["own_words"])


def test_an_empty_first_page_says_what_to_do(walk: Walk) -> None:
    response = walk.client.submit("/en/", {})
    assert response.status_code == 422
    assert "Choose what you want to do" in main_of(response)
    assert walk.count(Conversation) == 0


def test_a_use_that_the_right_does_not_cover_is_shown_with_the_reason(walk: Walk) -> None:
    page = walk.choose("object").page()
    assert "We need this for our contract with you" in page
    assert re.search(r'<input type="checkbox"[^>]*value="account"[^>]*disabled', page)
    refused = walk.client.submit(walk.url, {"about": ["some", "account"]})
    assert refused.status_code == 422


def test_a_faulty_answer_comes_back_with_what_was_typed(walk: Walk) -> None:
    walk.choose("access").say(about="everything")
    response = walk.client.submit(walk.url, {"form-form": "copy", "form-from": "31-31-2020"})
    assert response.status_code == 422
    assert "31-31-2020" in response.get_data(as_text=True)
    assert "<title>Error:" in response.get_data(as_text=True)


def test_entries_are_added_and_removed_without_script(walk: Walk) -> None:
    walk.choose("rectify")
    walk.fill({"items-0-what": "first", "items-0-should": "kept though unfinished", "add": "1"})
    assert walk.step == "items"
    walk.fill({"items-1-what": "second", "add": "1"})
    assert 'name="items-2-what"' in walk.page()
    walk.fill({"remove": "0"})
    page = walk.page()
    assert "kept though unfinished" not in page
    assert 'name="items-0-what" type="text" value="second"' in page
    assert 'name="items-2-what"' not in page


def test_a_change_comes_back_to_the_check_page_after_signing_anew(walk: Walk) -> None:
    walk.choose("access").answer("access").confirm().show_card().sign()
    walk.url = walk.at("form")
    walk.say(form__form="information")
    assert walk.step == "sign"
    assert "sign your request again" in walk.page()
    walk.sign()
    assert walk.step == "check"
    assert "Only the information" in walk.page()


def test_changing_the_right_keeps_what_applies_and_says_what_does_not(walk: Walk) -> None:
    walk.choose("erase").answer("erase").confirm()
    walk.url = walk.at("right")
    walk.say(right="restrict")
    assert walk.step == "pause_why"
    page = walk.page()
    assert "This is no longer needed: Your reason." in page
    assert "Your account, career and portfolio" in page
    walk.fill(ANSWERS["restrict"]["pause_why"])
    assert walk.step == "identity"


def test_the_language_switch_keeps_turn_and_answers(walk: Walk) -> None:
    walk.choose("access").say(about="everything")
    page = walk.client.get(walk.url.replace("/en/", "/fr/"))
    assert page.status_code == 200
    assert '<html lang="fr">' in page.get_data(as_text=True)
    walk.language, walk.url = "fr", walk.url.replace("/en/", "/fr/")
    walk.fill(ANSWERS["access"]["form"]).fill(CONTACT)
    with walk.database.reader() as session:
        assert session.get_one(Conversation, walk.conversation).language == "fr"
        assert session.scalars(select(Mail)).one().language == "fr"


def test_a_wrong_code_says_how_many_tries_are_left(walk: Walk) -> None:
    walk.choose("access").answer("access")
    right = walk.newest_code()
    wrong = "000000" if right != "000000" else "111111"
    for left in ("4 tries", "3 tries", "2 tries", "1 try"):
        response = walk.client.submit(walk.url, {"code": wrong})
        assert response.status_code == 422
        assert f"You have {left} left." in main_of(response)
    for _ in range(2):
        assert "tried too often" in main_of(walk.client.submit(walk.url, {"code": wrong}))
    assert "tried too often" in main_of(walk.client.submit(walk.url, {"code": right}))
    walk.say(again="1")
    walk.confirm()
    assert walk.step == "identity"


def test_an_expired_code_offers_a_new_one(walk: Walk) -> None:
    walk.choose("access").answer("access")
    old = walk.newest_code()
    with time_machine.travel(codes.now() + codes.LIFE, tick=True):
        assert "has expired" in main_of(walk.client.submit(walk.url, {"code": old}))
        walk.say(again="1").confirm()
        assert walk.step == "identity"


def test_too_many_codes_lose_nothing(walk: Walk) -> None:
    walk.choose("access").answer("access")
    for _ in range(codes.PER_HOUR):
        walk.say(again="1")
    assert walk.step == "code"
    assert "Wait an hour" in walk.page()
    assert NAME in walk.page("contact")


def test_a_code_for_one_address_confirms_no_other(walk: Walk) -> None:
    walk.choose("access").answer("access")
    for _ in range(codes.PER_HOUR - 1):
        walk.say(again="1")
    other = Walk(walk.app).choose("access")
    other.answer("access")  # uses up nothing: another visitor, refused for the same mailbox
    victim = {**CONTACT, "contact-email": "victim@example.com"}
    attacker = Walk(walk.app).choose("access")
    for index in range(codes.PER_HOUR):  # the victim's mailbox may get no more codes this hour
        attacker.url = attacker.at("contact")
        attacker = Walk(walk.app).choose("access").say(about="everything")
        attacker.fill(ANSWERS["access"]["form"]).fill({**victim, "contact-name": f"{NAME} {index}"})
    mine = Walk(walk.app).choose("access").say(about="everything").fill(ANSWERS["access"]["form"])
    mine.fill({**CONTACT, "contact-email": "mine@example.com"})
    code = mine.newest_code()
    mine.url = mine.at("contact")
    mine.fill(victim)
    assert mine.step == "code"
    assert mine.client.submit(mine.url, {"code": code}).status_code == 422
    assert mine.client.get(mine.at("identity")).location == mine.at("code")


def test_another_address_asks_another_code(at_identity: Walk) -> None:
    at_identity.url = at_identity.at("contact")
    at_identity.fill({**CONTACT, "contact-email": "new@example.com"})
    assert at_identity.step == "code"
    at_identity.url = at_identity.at("contact")
    at_identity.fill(CONTACT)
    assert at_identity.step == "identity"


def noise(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(out, "PNG")
    return out.getvalue()


BAD_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "web page": (lambda: b"<html><script>alert(1)</script></html>", "not a photo"),
    "drawing": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>', "We cannot"),
    "archive": (lambda: b"PK\x03\x04" + bytes(400), "packed"),
    "tiny picture": (lambda: noise(90, 60), "too small"),
    "cut picture": (lambda: draw_specimen(NAME, "en")[:9000], "damaged"),
    "huge": (lambda: draw_specimen(NAME, "en") + bytes(10_485_760), "10 MB"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_gets_a_sentence_and_loses_nothing(at_identity: Walk, kind: str) -> None:
    make, sentence = BAD_FILES[kind]
    response = at_identity.upload(make())
    assert response.status_code in {413, 422}
    assert sentence in main_of(response)
    assert at_identity.count(Evidence) == 0
    assert CANARY in at_identity.page("pause_why")
    with at_identity.database.reader() as session:
        refused = session.scalars(select(AuditEntry).where(AuditEntry.kind == "identity:upload_refused")).all()
        assert [entry.facts for entry in refused] == [{"conversation": at_identity.conversation}]
    at_identity.show_card()
    assert at_identity.step == "sign"


def test_no_file_is_no_upload(at_identity: Walk) -> None:
    response = at_identity.client.submit(at_identity.url, {})
    assert response.status_code == 422
    assert "Choose a photo or a PDF" in main_of(response)


def test_ten_files_an_hour_are_enough(at_identity: Walk) -> None:
    for left in range(9, -1, -1):
        page = main_of(at_identity.upload(b"PK\x03\x04" + bytes(400)))
        assert ("more file" in page) == (0 < left <= 3)
    refused = at_identity.upload(draw_specimen(NAME, "en"))
    assert refused.status_code == 429
    assert "another way" in main_of(refused)
    with time_machine.travel(codes.now() + codes.LIFE * 7, tick=False):
        pass
    at_identity.url = at_identity.at("other-proof")
    at_identity.say(way="letter")
    assert at_identity.step == "sign"


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({}, "Cover the photo"),
        ({"preset": "photo-left"}, "Cover every number"),
        ({"preset": "number-low"}, "Cover the photo"),
        ({"no-number": "yes"}, "Cover the photo"),
        ({"box-0-part": "photo", "box-0-left": "140"}, "from 0 to 100"),
        ({"box-0-part": "photo", "box-0-left": "10", "box-0-top": "10"}, "a width and a height"),
    ],
)
def test_a_picture_that_is_not_covered_is_not_used(
    at_identity: Walk, chosen: dict[str, str], sentence: str
) -> None:
    at_identity._follow(at_identity.upload(draw_specimen(NAME, "en")))
    response = at_identity.client.submit(at_identity.url, {**chosen, "use": "1"})
    assert response.status_code == 422
    assert sentence in main_of(response)
    assert at_identity.client.get(at_identity.at("sign")).location == at_identity.at("identity")


def test_covering_burns_the_boxes_in_and_destroys_the_open_picture(at_identity: Walk) -> None:
    at_identity._follow(at_identity.upload(draw_specimen(NAME, "en")))
    before = picture_of(at_identity)
    with at_identity.database.reader() as session:
        first = session.scalars(select(Evidence)).one()
    boxes = {"box-0-part": "number", "box-0-left": "36", "box-0-top": "63", "box-0-width": "61", "box-0-height": "20,5"}
    at_identity.fill({"preset": "photo-left", **boxes, "show": "1"})
    assert at_identity.page().count("<rect") == 2
    assert picture_of(at_identity).tobytes() == before.tobytes()
    at_identity.fill({"use": "1"})
    assert at_identity.step == "sign"
    after = picture_of(at_identity)
    assert [after.getpixel((x, y)) for x, y in ((300, 500), (900, 700))] != [
        before.getpixel((x, y)) for x, y in ((300, 500), (900, 700))
    ]
    assert dark_share(after, (80, 250, 540, 780)) > 0.5 > dark_share(before, (80, 250, 540, 780))
    assert dark_share(after, (600, 650, 1500, 800)) > 0.5
    with at_identity.database.reader() as session:
        card = session.scalars(select(Evidence)).one()
        keys = {key.owner: key.wrapped for key in session.scalars(select(DataKey))}
    assert (card.masked, card.boxes, card.id != first.id) == (True, 2, True)
    assert keys[first.id] is None
    assert keys[card.id] is not None
    assert "2 parts covered" in at_identity.page("sign")


def picture_of(walk: Walk) -> Image.Image:
    response = walk.client.get(walk.at("picture"))
    assert (response.status_code, response.mimetype) == (200, "image/jpeg")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    return Image.open(BytesIO(response.data)).convert("RGB")


def dark_share(picture: Image.Image, place: tuple[int, int, int, int]) -> float:
    counts = picture.crop(place).convert("L").histogram()
    return sum(counts[:60]) / sum(counts)


def test_a_stencil_chooses_places_that_can_be_taken_back(at_identity: Walk) -> None:
    at_identity._follow(at_identity.upload(draw_specimen(NAME, "en")))
    at_identity.fill({"stencil": "be"})
    page = at_identity.page()
    assert re.search(r'value="photo-left" checked', page)
    assert page.count("<rect") == 2
    at_identity.fill({"preset": "number-low", "show": "1"})
    assert at_identity.page().count("<rect") == 1


def test_no_number_is_an_answer(at_identity: Walk) -> None:
    at_identity.show_card({"preset": "photo-left", "no-number": "yes", "use": "1"})
    assert at_identity.step == "sign"
    assert "1 part covered" in at_identity.page()


def test_other_ways_settle_identity_without_a_card(at_identity: Walk) -> None:
    at_identity.upload(draw_specimen(NAME, "en"))
    at_identity.url = at_identity.at("other-proof")
    at_identity.say(way="video", note=f"after six, {CANARY}").sign().fill({})
    with at_identity.database.reader() as session:
        told = contact_of(session, at_identity.case())
        assert session.scalars(select(Evidence)).all() == []
    assert told["other_proof"] == "By video call"
    assert CANARY in told["other_proof_note"]


def test_a_right_without_a_card_throws_the_picture_away(walk: Walk) -> None:
    walk.choose("object").answer("object").confirm().show_card()
    walk.url = walk.at("about")
    walk.say(about=["some", "marketing"])
    walk.sign().fill({})
    assert walk.count(Evidence) == 0
    with walk.database.reader() as session:
        purposes = session.scalars(select(DataKey.purpose).where(DataKey.wrapped.is_not(None))).all()
    assert Purpose.IDENTITY not in purposes


def test_another_name_is_asked_about_once(walk: Walk) -> None:
    walk.choose("withdraw").answer("withdraw").confirm()
    asked = walk.client.submit(walk.url, {"signature": "Mina Zonderland"})
    assert asked.status_code == 422
    assert "Is this you?" in main_of(asked)
    data = {"signature": "Mina Zonderland", "confirmed": "yes"}
    token = re.search(r'name="csrf_token" value="([^"]+)"', asked.get_data(as_text=True))
    assert token
    walk._follow(walk.client.post(walk.url, data={**data, "csrf_token": token[1]}))
    assert walk.step == "check"
    assert "Mina Zonderland" in walk.page()


def test_the_check_page_shows_every_answer_with_a_way_to_change_it(walk: Walk) -> None:
    page = walk.choose("restrict").answer("restrict").confirm().show_card().sign().page()
    for text in ("Every use of my data", "The data are not right", CANARY, NAME, f"{ADDRESS} (confirmed)", "Belgium"):
        assert text in page
    for step in ("right", "about", "pause_why", "contact", "identity", "sign"):
        assert f'href="{walk.at(step)}"' in page
    assert "Nothing has been sent yet" in page
    assert "no permission for anything else" in page
    assert str(today().year) in page


def test_nothing_a_person_says_is_readable_in_database_or_files(walk: Walk, tmp_path: Path) -> None:
    walk._follow(walk.client.submit("/en/", {"words": f"please help {CANARY}"}))
    walk.say(right="object").answer("object").confirm().show_card()
    walk.say(signature=NAME)
    look_for_canaries(tmp_path)
    walk.fill({})
    look_for_canaries(tmp_path)


def look_for_canaries(folder: Path) -> None:
    looked = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "mail"]
    assert any(path.name == "portal.db" for path in looked)
    assert any(path.parent.name == "blobs" for path in looked)
    for path in looked:
        content = path.read_bytes().lower()
        for text in (CANARY, NAME, "zonderland", ADDRESS):
            assert text.lower().encode() not in content, f"{text!r} is readable in {path.name}"
        assert b"\xff\xd8\xff" not in content, f"a JPEG is readable in {path.name}"


def test_without_the_key_file_a_draft_does_not_open(walk: Walk, tmp_path: Path) -> None:
    walk.choose("erase").answer("erase")
    assert CANARY in walk.page("erase_why")
    other = tmp_path / "other-keys"
    KeyRing.create(other)
    with portal(make_settings(tmp_path, demo=True, smtp=None, key_file=other)) as opened:
        cookie = walk.client.get_cookie("portal")
        assert cookie
        thief = opened.test_client()
        thief.set_cookie("portal", cookie.value)
        response = thief.get(walk.at("erase_why"))
    assert response.status_code == 500
    assert CANARY not in response.get_data(as_text=True)


def test_the_receipt_needs_the_mailbox_of_the_case(at_check: Walk) -> None:
    assert at_check.client.get(at_check.at("received")).location == at_check.at("check")
    at_check.fill({})
    with at_check.client.session_transaction() as held:
        held["mailbox"] = "0" * 64
    assert at_check.client.get(at_check.at("received")).status_code == 404


def test_an_unfinished_request_is_offered_again(walk: Walk) -> None:
    walk.choose("access").say(about="everything")
    page = walk.client.get("/en/").get_data(as_text=True)
    assert f'href="{walk.at("form")}"' in page
