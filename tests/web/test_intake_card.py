"""The picture of a card in the conversation: taken in by the real sandbox, covered, sealed, replaced, refused."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from PIL import Image
from sqlalchemy import select

from portal.audit.record import AuditEntry
from portal.cases import retention
from portal.cases.access import contact_of
from portal.cases.models import Evidence
from portal.clock import now
from portal.demo.specimen import draw_specimen
from portal.files.keys import DataKey, Purpose
from portal.files.vault import Vault
from portal.intake import pictures
from portal.jobs.worker import Worker
from tests.support.walks import CANARY, NAME, Walk, main_of


def noise(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(out, "PNG")
    return out.getvalue()


BAD_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty"),
    "web page": (lambda: b"<html><script>alert(1)</script></html>", "not a photo"),
    "drawing": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>', "not a photo"),
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
    with time_machine.travel(now(), tick=False) as clock:  # ten files take long on a busy machine: the hour waits
        for left in range(9, -1, -1):
            page = main_of(at_identity.upload(b"PK\x03\x04" + bytes(400)))
            assert ("more file" in page) == (0 < left <= 3)
        refused = at_identity.upload(draw_specimen(NAME, "en"))
        assert refused.status_code == 429
        assert "another way" in main_of(refused)
        clock.shift(timedelta(minutes=59, seconds=59))
        assert at_identity.upload(draw_specimen(NAME, "en")).status_code == 429
    at_identity.url = at_identity.at("other-proof")
    at_identity.say(way="letter")
    assert at_identity.step == "sign"


DOT = {"box-0-part": "photo", "box-0-left": "1", "box-0-top": "1", "box-0-width": "2", "box-0-height": "2"}


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({}, "Cover the photo"),
        ({"preset": "photo-left"}, "Cover every number"),
        ({"preset": "number-low"}, "Cover the photo"),
        ({"no-number": "yes"}, "Cover the photo"),
        ({"preset": "number-low", **DOT}, "Cover the photo"),
        ({"box-0-part": "photo", "box-0-left": "140"}, "from 0 to 100"),
        ({"box-0-part": "photo", "box-0-left": "10", "box-0-top": "10"}, "a width and a height"),
    ],
)
def test_a_picture_that_is_not_covered_is_not_used(at_identity: Walk, chosen: dict[str, str], sentence: str) -> None:
    at_identity.follow(at_identity.upload(draw_specimen(NAME, "en")))
    response = at_identity.client.submit(at_identity.url, {**chosen, "use": "1"})
    assert response.status_code == 422
    assert sentence in main_of(response)
    assert at_identity.client.get(at_identity.at("sign")).location == at_identity.at("identity")


def test_covering_burns_the_boxes_in_and_destroys_the_open_picture(at_identity: Walk) -> None:
    at_identity.follow(at_identity.upload(draw_specimen(NAME, "en")))
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
    Worker(at_identity.database, {pictures.UNLINK: retention.unlink_job}).run_until_idle(20)
    assert Vault(at_identity.settings.files_dir).names() == {card.file}


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
    at_identity.follow(at_identity.upload(draw_specimen(NAME, "en")))
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


def test_without_a_card_the_receipt_says_how_it_goes_on(at_identity: Walk) -> None:
    at_identity.url = at_identity.at("other-proof")
    at_identity.say(way="visit")
    at_identity.say(signature=NAME)
    at_identity.say()
    assert at_identity.step == "received"
    page = at_identity.page()
    assert "agrees with you how you show who you are" in page
    assert "looks at your card" not in page
    assert "You do not need to do anything now" not in page
