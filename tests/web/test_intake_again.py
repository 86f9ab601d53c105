"""A new picture of the card after a doubt: offered while the request waits, covered, and then seen by the desk."""

from io import BytesIO

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.cases.access import evidence_of
from portal.cases.lifecycle import Identity, Move, Status
from portal.cases.models import Case, Evidence
from portal.cases.moves import move
from portal.cases.retention import Kind
from portal.db import Database
from portal.demo.specimen import draw_specimen
from portal.files.keys import KeyDestroyed, Purpose, data_key
from portal.mail.outbox import Mail
from tests.support.factories import ADA, actor_for, add_member, locate, submit_case
from tests.support.nights import START, night, vault_of
from tests.support.visitors import Visitor, with_mailbox
from tests.support.walks import main_of


@pytest.fixture
def doubted(database: Database) -> Case:
    """Give a request whose card left a doubt, so that it waits for the person."""
    with database.writing() as session:
        case = submit_case(session)
        locate(session, case)
        session.execute(update(Case).where(Case.id == case.id).values(identity=Identity.DOUBT))
        session.refresh(case)
        move(session, case, Move.DOUBT, actor_for(add_member(session)))
        return case


def upload(person: Visitor, case: Case, content: bytes | None = None) -> TestResponse:
    jpeg = draw_specimen(ADA["name"], "en") if content is None else content
    response = person.submit(f"/en/s/{case.id}/card", {"card": (BytesIO(jpeg), "card.jpg")})
    response.request.environ["wsgi.input"].close()
    return response


def test_a_new_picture_is_covered_and_ends_the_wait(app: Flask, database: Database, doubted: Case) -> None:
    person, home = with_mailbox(app, doubted.mailbox), f"/en/s/{doubted.id}"
    assert f'href="{home}/card"' in person.get(home).get_data(as_text=True)
    assert upload(person, doubted).location == f"{home}/card/cover"
    assert person.get(f"{home}/card/picture").data.startswith(b"\xff\xd8\xff")
    with database.reader() as session:
        open_to_view = session.scalars(select(Evidence)).one()
        assert evidence_of(session, doubted) is None, "the desk sees nothing before it is covered"
    faulty = person.submit(f"{home}/card/cover", {"use": "1"})
    assert faulty.status_code == 422
    assert "Cover the photo on the card" in main_of(faulty)
    shown = person.submit(f"{home}/card/cover", {"stencil": "nl"})
    assert shown.get_data(as_text=True).count('class="card-cover"') == 2
    assert person.submit(f"{home}/card/cover", {"preset": ["photo-left", "number-low"], "use": "1"}).location == home
    with database.reader() as session:
        case, card = session.get_one(Case, doubted.id), session.scalars(select(Evidence)).one()
        assert (case.status, card.case_id, card.masked, card.boxes) == (Status.IDENTITY, case.id, True, 2)
        assert vault_of(database).names() >= {card.file}
        with pytest.raises(KeyDestroyed):
            data_key(session, open_to_view.id, Purpose.IDENTITY)
        assert "staff-reply" in session.scalars(select(Mail.letter)).all()
    page = person.get(home).get_data(as_text=True)
    assert "Your picture is sent." in page
    assert f'href="{home}/card"' not in page


def test_a_picture_that_cannot_be_taken_is_refused_with_a_sentence(app: Flask, doubted: Case) -> None:
    person = with_mailbox(app, doubted.mailbox)
    assert upload(person, doubted, b"no picture").status_code == 422
    empty = person.submit(f"/en/s/{doubted.id}/card", {})
    assert empty.status_code == 422
    assert "Choose a photo or a PDF" in main_of(empty)
    assert person.get(f"/en/s/{doubted.id}/card/cover").location == f"/en/s/{doubted.id}/card"
    for _ in range(9):
        assert upload(person, doubted, b"no picture").status_code == 422
    assert upload(person, doubted, b"no picture").status_code == 429


def test_nobody_else_sends_or_sees_a_picture(app: Flask, doubted: Case) -> None:
    upload(with_mailbox(app, doubted.mailbox), doubted)
    stranger = with_mailbox(app, "0" * 64)
    for page in ("card", "card/cover", "card/picture"):
        assert stranger.get(f"/en/s/{doubted.id}/{page}").status_code == 404


@pytest.mark.parametrize("values", [{"needs_card": False}, {"identity": Identity.CONFIRMED}])
def test_no_picture_is_asked_where_none_is_needed(
    app: Flask, database: Database, doubted: Case, values: dict[str, object]
) -> None:
    with database.writing() as session:
        session.execute(update(Case).where(Case.id == doubted.id).values(**values))
    person, home = with_mailbox(app, doubted.mailbox), f"/en/s/{doubted.id}"
    assert person.get(f"{home}/card").status_code == 404
    assert f'href="{home}/card"' not in person.get(home).get_data(as_text=True)


def test_a_new_picture_that_was_never_covered_goes_after_a_day(app: Flask, database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock:
        with database.writing() as session:
            case = submit_case(session)
            locate(session, case)
            move(session, case, Move.DOUBT, actor_for(add_member(session)))
        upload(with_mailbox(app, case.mailbox), case)
        assert len(vault_of(database).names()) == 1
        clock.shift(24 * 3600)
        assert night(database).counts[Kind.CARD] == 1
        assert vault_of(database).names() == set()
