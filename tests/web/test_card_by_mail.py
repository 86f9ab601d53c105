"""A card that came by mail is covered at the desk before anybody judges by it, and a second person sees it."""

from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from portal.audit.record import AuditEntry
from portal.cases.access import evidence_of
from portal.cases.attachments import read_attachment, rows_of
from portal.cases.models import Case, Evidence
from portal.db import Database
from portal.files.keys import KeyDestroyed, Purpose, data_key
from portal.files.vault import Vault
from portal.review.views_identity import CARD_VIEW
from portal.verify import breaches
from tests.support.arriving import case_owner, files_of, press, the_case, upload, with_card
from tests.support.colleagues import csrf_of
from tests.support.critic import Critic
from tests.support.desk import file_case, give, show_card, staff_named
from tests.support.factories import locate
from tests.support.portals import work

COVERED = {"preset": ["photo-left", "number-low"], "use": "1"}


def card_of(database: Database, case: Case) -> Evidence:
    with database.reader() as session:
        card = evidence_of(session, session.get_one(Case, case.id))
    assert card is not None
    return card


def pixels_of(database: Database, card: Evidence) -> Image.Image:
    with database.reader() as session:
        vault: Vault = session.info["vault"]
        key = data_key(session, card.id, Purpose.IDENTITY)
        return Image.open(BytesIO(b"".join(vault.read(card.file or "", key, card.id)))).convert("L")


def kinds(database: Database, case: Case) -> list[str]:
    with database.reader() as session:
        entries = select(AuditEntry.kind).where(AuditEntry.case_id == case.id).order_by(AuditEntry.seq)
        return [each for each in session.scalars(entries) if "card" in each or "file" in each]


def picture_of(browser: Critic, case: Case) -> int:
    """Fetch the picture of the look that is open in ``browser``; return the status."""
    with browser.session_transaction() as session:
        view = session.get(CARD_VIEW, {}).get("view", "0" * 32)
    return browser.get(f"/desk/cases/{case.id}/card/{view}").status_code


def cover(browser: Critic, case: Case, **typed: object) -> int:
    token = csrf_of(browser, f"/desk/cases/{case.id}")
    return browser.post(f"/desk/cases/{case.id}/card/cover", data={"csrf_token": token, **typed}).status_code


def version_of(database: Database, case: Case) -> int:
    with database.reader() as session:
        return session.get_one(Case, case.id).version


@pytest.fixture
def named(rex: Critic, database: Database) -> Case:
    """Give a request by mail of which Rex said which file is the card."""
    upload(rex, bytes(with_card(names=("kaart.jpg",))))
    case = the_case(database)
    press(rex, case, "take")
    file = files_of(database, case)["kaart.jpg"]
    answer = press(rex, case, f"files/{file.id}/card")
    assert answer.location.endswith(f"/desk/cases/{case.id}/card/cover")
    assert card_of(database, case).created_at == file.created_at, "its days run from the day the mail was read"
    return case


@pytest.fixture
def opened(database: Database) -> Case:
    """Give a request that Rex has, with a card on which everything still shows."""
    with database.writing() as session:
        case = file_case(session, right="access", card=False)
        give(session, case, staff_named(session, "reviewer@medbook.example"))
        show_card(session, case, "Ada").masked = False
        return case


def test_the_card_is_covered_at_the_desk_and_what_was_open_is_destroyed_at_once(
    app: Flask, rex: Critic, max_: Critic, named: Case, database: Database
) -> None:
    opened = card_of(database, named)
    assert not opened.masked
    assert picture_of(rex, named) == 200
    assert picture_of(rex, named) == 404, "one look gives one picture"
    assert cover(rex, named, **COVERED) == 303
    covered = card_of(database, named)
    assert (covered.masked, covered.boxes, covered.created_at) == (True, 2, opened.created_at)
    shown = pixels_of(database, covered)
    photo = shown.crop([round(side * each) for side, each in zip((0.06, 0.26, 0.33, 0.8), 2 * shown.size, strict=True)])
    assert sum(photo.histogram()[:120]) > 0.99 * photo.width * photo.height, "black, but for the words across it"
    with database.reader() as session, pytest.raises(KeyDestroyed):
        data_key(session, opened.id, Purpose.IDENTITY)
    assert kinds(database, named)[-2:] == ["identity:card_destroyed", "identity:card_masked"]
    work(app)
    vault: Vault = database.info["vault"]
    assert opened.file not in set(vault.names())
    with database.reader() as session:
        assert list(breaches(session)) == []
    press(max_, named, "take", owner=case_owner(database, named))
    answer = press(max_, named, "card")
    assert answer.location.endswith("#identity")
    assert picture_of(max_, named) == 200


def test_nobody_judges_by_a_card_on_which_something_shows(
    app: Flask, rex: Critic, max_: Critic, opened: Case, database: Database
) -> None:
    press(max_, opened, "take", owner=case_owner(database, opened))
    assert press(max_, opened, "card").location.endswith("/card/cover"), "it is shown to be covered"
    assert "/card/" not in max_.get(f"/desk/cases/{opened.id}").text.replace("/card/cover", "")
    said = {"verdict": "unproven", "version": str(version_of(database, opened))}
    assert press(max_, opened, "identity", **said).status_code == 409
    assert cover(max_, opened, **COVERED) == 303
    assert press(max_, opened, "identity", **said).status_code == 303
    with database.reader() as session:
        assert evidence_of(session, session.get_one(Case, opened.id)) is None


def test_what_still_shows_is_named_and_the_boxes_are_shown_first(rex: Critic, opened: Case, database: Database) -> None:
    assert cover(rex, opened, use="1") == 422
    before = kinds(database, opened).count("identity:card_viewed")
    page = rex.post(
        f"/desk/cases/{opened.id}/card/cover",
        data={"csrf_token": csrf_of(rex, f"/desk/cases/{opened.id}"), "stencil": "nl"},
    )
    assert page.text.count('class="card-cover"') == 2
    assert kinds(database, opened).count("identity:card_viewed") == before + 1, "the person sees each look"
    numbers = {f"box-0-{side}": value for side, value in {"left": 10, "top": "x", "width": 30, "height": 40}.items()}
    assert cover(rex, opened, use="1", **numbers) == 422
    assert not card_of(database, opened).masked


def test_a_copy_that_its_sender_covered_needs_no_box_but_its_mark(
    rex: Critic, opened: Case, database: Database
) -> None:
    before = pixels_of(database, card_of(database, opened))
    assert cover(rex, opened, use="1", **{"no-photo": "yes", "no-number": "yes"}) == 303
    covered = card_of(database, opened)
    assert (covered.masked, covered.boxes) == (True, 0)
    assert pixels_of(database, covered).tobytes() != before.tobytes()


def test_only_who_has_the_request_covers_and_only_once(
    rex: Critic, max_: Critic, opened: Case, database: Database
) -> None:
    assert cover(max_, opened, **COVERED) == 409
    assert max_.get(f"/desk/cases/{opened.id}/card/cover").status_code == 409
    assert cover(rex, opened, **COVERED) == 303
    assert cover(rex, opened, **COVERED) == 409
    assert rex.get(f"/desk/cases/{opened.id}/card/cover").status_code == 409


def test_a_file_that_is_no_card_stays_with_the_messages_for_the_second_person_too(
    app: Flask, rex: Critic, max_: Critic, database: Database
) -> None:
    upload(rex, bytes(with_card(names=("brief.jpg",))))
    case = the_case(database)
    press(rex, case, "take")
    with database.writing() as session:
        locate(session, session.get_one(Case, case.id), found=False)
    letter = files_of(database, case)["brief.jpg"]
    assert press(max_, case, f"files/{letter.id}").status_code == 409, "it may be a card"
    said = {"verdict": "unproven", "version": str(the_case(database).version)}
    press(max_, case, "take", owner=case_owner(database, case))
    assert press(max_, case, "identity", **said).status_code == 409, "first it is said whether it is the card"
    press(rex, case, "take", owner=case_owner(database, case))
    with database.reader() as session:
        content = read_attachment(session, next(each for each in rows_of(session, case) if each.id == letter.id))[1]
    assert press(rex, case, f"files/{letter.id}/keep").status_code == 303
    assert press(max_, case, f"files/{letter.id}").data == content
    with database.reader() as session, pytest.raises(KeyDestroyed):
        data_key(session, letter.id, Purpose.IDENTITY)
    assert press(rex, case, f"files/{letter.id}/keep").status_code == 409
    assert press(rex, case, f"files/{letter.id}/card").status_code == 409
    work(app)
    with database.reader() as session:
        assert list(breaches(session)) == []


def test_the_same_card_by_mail_of_two_people_is_flagged(rex: Critic, database: Database) -> None:
    for sender in ("Ada <ada@example.com>", "Eve <eve@example.org>"):
        upload(rex, bytes(with_card(names=("kaart.jpg",), sender=sender, Message_ID=f"<{sender[:3]}@example.com>")))
    with database.reader() as session:
        cases = session.scalars(select(Case).order_by(Case.received_at, Case.id)).all()
    for case in cases:
        press(rex, case, "take")
        press(rex, case, f"files/{files_of(database, case)['kaart.jpg'].id}/card")
    assert cover(rex, cases[0], **COVERED) == 303
    with database.reader() as session:
        shown = [evidence_of(session, session.get_one(Case, each.id)) for each in cases]
    first, second = (each for each in shown if each is not None)
    assert (first.same_as, second.same_as) == (None, first.id), "also after the first was covered"
