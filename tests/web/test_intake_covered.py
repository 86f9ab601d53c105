"""A picture that the browser covered: believed only where the pixels say so, and compared with those of others."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image, ImageDraw
from sqlalchemy import select, update

from portal.cases.lifecycle import Identity, Move, Status
from portal.cases.models import Case, Evidence
from portal.cases.moves import move
from portal.cases.retention import forget_card
from portal.clock import now
from portal.demo.specimen import draw_specimen
from portal.files.evidence import FINGERPRINT
from portal.intake import pictures
from portal.review.identity import same_picture
from portal.verify import breaches
from tests.support.factories import actor_for, add_member, locate, submit_case
from tests.support.visitors import with_mailbox
from tests.support.walks import NAME, Walk, main_of, token_of

PHOTO, NUMBER = (8, 26, 27, 54), (37, 63, 55, 16)
CLAIMED = {
    f"box-{index}-{key}": str(value)
    for index, (part, sides) in enumerate((("photo", PHOTO), ("number", NUMBER)))
    for key, value in zip(("part", "left", "top", "width", "height"), (part, *sides), strict=True)
}


def covered(*boxes: tuple[int, int, int, int], name: str = NAME, ink: str = "black") -> bytes:
    """Return a card with boxes, in percent, burned in."""
    card = Image.open(BytesIO(draw_specimen(name, "en")))
    for left, top, width, height in boxes:
        place = (left * 16, top * 10, (left + width) * 16, (top + height) * 10)
        ImageDraw.Draw(card).rectangle(place, fill=ink)
    out = BytesIO()
    card.save(out, "JPEG", quality=90)
    return out.getvalue()


def kept(walk: Walk) -> Evidence:
    with walk.database.reader() as session:
        return session.scalars(select(Evidence).where(Evidence.conversation_id == walk.conversation)).one()


def test_what_is_black_in_the_pixels_counts_as_covered(at_identity: Walk) -> None:
    answer = at_identity.send_covered(covered(PHOTO, NUMBER), **CLAIMED)
    assert answer.json == {"next": at_identity.at("sign")}
    card = kept(at_identity)
    assert (card.masked, card.boxes, card.warnings) == (True, 2, [])
    assert len(card.fingerprint or "") == FINGERPRINT
    with at_identity.database.reader() as session:
        picture = Image.open(BytesIO(pictures.read(session, card))).convert("RGB")
    left, top, width, height = PHOTO
    place = (left * 16, top * 10, (left + width) * 16, (top + height) * 10)
    assert sum(picture.crop(place).getchannel("G").histogram()[48:]) < 200
    assert "2 parts covered" in at_identity.page("sign")


@pytest.mark.parametrize(
    ("sent", "claimed"),
    [
        (covered(), CLAIMED),
        (covered(PHOTO), CLAIMED),
        (covered(PHOTO, NUMBER, ink="#777777"), CLAIMED),
        (covered(PHOTO, NUMBER), {**CLAIMED, "box-0-left": "30"}),
        (covered(PHOTO, NUMBER), {**CLAIMED, "box-0-part": "number"}),
        (covered(PHOTO, NUMBER), {key: value for key, value in CLAIMED.items() if key.startswith("box-0")}),
        (covered(PHOTO, NUMBER), {**CLAIMED, "box-0-left": "a lie"}),
        (covered(PHOTO, NUMBER), {**CLAIMED, "box-0-width": "0.01", "box-0-height": "0.01"}),
        (covered(PHOTO, NUMBER), {}),
    ],
    ids=["nothing", "one of two", "gray", "elsewhere", "no photo", "no number", "no place", "a speck", "no box"],
)
def test_what_is_not_covered_in_truth_is_covered_on_the_page(
    at_identity: Walk, sent: bytes, claimed: dict[str, str]
) -> None:
    answer = at_identity.send_covered(sent, **claimed)
    assert answer.json == {"next": at_identity.at("mask")}
    card = kept(at_identity)
    assert (card.masked, card.fingerprint) == (False, None)
    assert at_identity.client.get(at_identity.at("sign")).location == at_identity.at("identity")


def test_the_page_starts_from_the_boxes_that_the_browser_claimed(at_identity: Walk) -> None:
    at_identity.send_covered(covered(), **CLAIMED)
    assert at_identity.page("mask").count('<rect class="card-cover"') == 2


def test_a_number_that_is_not_on_the_card_needs_no_box(at_identity: Walk) -> None:
    claimed = {key: value for key, value in CLAIMED.items() if key.startswith("box-0")}
    answer = at_identity.send_covered(covered(PHOTO), **claimed, **{"no-number": "yes"})
    assert answer.json == {"next": at_identity.at("sign")}
    assert kept(at_identity).boxes == 1


def test_a_script_is_told_in_a_sentence_why_a_file_is_refused(at_identity: Walk) -> None:
    answer = at_identity.send_covered(b"no picture", **CLAIMED)
    assert (answer.status_code, answer.mimetype) == (422, "application/json")
    assert "not a photo" in answer.json["sentence"] or "cannot use" in answer.json["sentence"]
    assert at_identity.count(Evidence) == 0


def test_a_new_picture_after_a_doubt_goes_to_the_desk_as_the_browser_covered_it(demo_app: Flask) -> None:
    database = demo_app.extensions["portal_db"]
    with database.writing() as session:
        case = submit_case(session)
        locate(session, case)
        session.execute(update(Case).where(Case.id == case.id).values(identity=Identity.DOUBT))
        session.refresh(case)
        move(session, case, Move.DOUBT, actor_for(add_member(session)))
    person, home = with_mailbox(demo_app, case.mailbox), f"/en/s/{case.id}"
    fields: dict[str, Any] = {"covered": "yes", **CLAIMED, "csrf_token": token_of(person.get(f"{home}/card"))}
    headers = {"Accept": "application/json"}
    lie = person.post(f"{home}/card", data={**fields, "card": (BytesIO(covered()), "c.jpg")}, headers=headers)
    assert lie.json == {"next": f"{home}/card/cover"}
    true = {**fields, "card": (BytesIO(covered(PHOTO, NUMBER)), "c.jpg")}
    assert person.post(f"{home}/card", data=true, headers=headers).json == {"next": home}
    with database.reader() as session:
        card = session.scalars(select(Evidence).where(Evidence.case_id == case.id)).one()
        assert (card.masked, card.boxes) == (True, 2)
        assert session.get_one(Case, case.id).status is Status.IDENTITY
    assert "Your picture is sent." in main_of(person.get(home))


@pytest.fixture
def two(at_identity: Walk) -> tuple[Walk, Walk]:
    """Give two people, of whom the first has sent a covered card."""
    at_identity.send_covered(covered(PHOTO, NUMBER), **CLAIMED)
    other = Walk(at_identity.app)
    contact = {"contact-name": "Mallory", "contact-email": "mallory@example.com"}
    other.choose("restrict").answer("restrict", contact).confirm()
    return at_identity, other


def case_of(walk: Walk) -> Case:
    walk.url = walk.at("sign")
    walk.say(signature="Mallory").fill({})
    return walk.case()


def test_the_picture_of_somebody_else_is_flagged_to_the_desk_and_never_to_the_sender(two: tuple[Walk, Walk]) -> None:
    first, second = two
    answer = second.upload(covered(name=NAME))
    second.follow(answer)
    second.fill({"preset": ["photo-left", "number-low"], "use": "1"})
    assert kept(second).same_as == kept(first).id
    for page in ("identity", "sign"):
        assert "same picture" not in second.page(page)
    case = case_of(second)
    with second.database.reader() as session:
        assert same_picture(session, kept(second)) == ()
        assert same_picture(session, kept(first)) == (session.get_one(Case, case.id),)


def test_another_card_is_not_flagged(two: tuple[Walk, Walk]) -> None:
    _first, second = two
    second.send_covered(covered(PHOTO, NUMBER, name="Tom Peeters"), **CLAIMED)
    assert kept(second).same_as is None


def test_ones_own_picture_may_come_again(at_identity: Walk) -> None:
    at_identity.send_covered(covered(PHOTO, NUMBER), **CLAIMED)
    again = Walk(at_identity.app)
    again.choose("restrict").answer("restrict").confirm()
    again.send_covered(covered(PHOTO, NUMBER), **CLAIMED)
    assert kept(again).same_as is None


def test_a_picture_whose_key_is_gone_is_compared_with_nothing(two: tuple[Walk, Walk]) -> None:
    first, second = two
    with first.database.writing() as session:
        card = session.get_one(Evidence, kept(first).id)
        forget_card(session, card, "verdict", now())
    assert kept(first).fingerprint is None
    second.send_covered(covered(PHOTO, NUMBER), **CLAIMED)
    assert kept(second).same_as is None
    with first.database.writing() as session:
        session.execute(update(Evidence).where(Evidence.id == kept(first).id).values(fingerprint="0"))
    with first.database.reader() as session:
        assert f"forgetting: the fingerprint of picture {kept(first).id} outlived its key" in list(breaches(session))
