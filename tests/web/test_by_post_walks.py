"""Who has no mailbox, from the counter or a letter to the answer: held like a stranger, and given the data by hand."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
from flask import Flask

from portal.accounts.models import Role
from portal.cases.access import evidence_of, may_release, package_of
from portal.cases.attachments import rows_of
from portal.cases.letters import NOTICE
from portal.cases.lifecycle import Identity, Status, Unmet
from portal.cases.models import Case, Package
from portal.clock import now, today
from portal.db import Database
from portal.demo.medbook import demo_people
from portal.demo.medbook.people import LOOKALIKE
from portal.demo.specimen import draw_specimen
from portal.review.nudges import nudge
from tests.support.colleagues import browser_of, member_of
from tests.support.critic import Critic
from tests.support.factories import finished_case
from tests.support.on_paper import as_it_stands, filed, grant, judge, mailed, note, paper, post, posts, send, sound
from tests.support.portals import work


@pytest.fixture
def desk(medbook_app: Flask, morning: time_machine.Traveller) -> tuple[Critic, Critic]:
    """Give the browsers of a reviewer and of the privacy manager."""
    database: Database = medbook_app.extensions["portal_db"]
    medbook_app.config["WTF_CSRF_ENABLED"] = False  # forms are judged elsewhere, and a page for each takes long
    first, second = member_of(database), member_of(database, Role.MANAGER)
    return browser_of(medbook_app, first), browser_of(medbook_app, second)


def test_a_person_at_the_counter_gets_their_data_by_hand_after_the_notice_and_the_72_hours(
    medbook_app: Flask, desk: tuple[Critic, Critic], morning: time_machine.Traveller
) -> None:
    database: Database = medbook_app.extensions["portal_db"]
    ada = demo_people().ada.email
    case = filed(medbook_app, desk[0], known_email=ada)
    assert (case.found, case.on_file, case.identity) == (True, False, Identity.OPEN)
    assert {letter for letter, _to in mailed(database, case)} == {NOTICE}
    assert ada in {to for _letter, to in mailed(database, case)}
    assert judge(desk[0], database, case).status_code == 409, "nobody settles who asked what they took in"
    assert judge(desk[1], database, case).status_code == 303
    assert send(desk[1], case, "letter", outcome="grant", version="2").status_code in {409, 422}
    with database.reader() as session:
        assert Unmet.HOLD in may_release(session, session.get_one(Case, case.id), now())
    morning.shift(timedelta(hours=73))
    first, second = come_back(medbook_app)
    case = grant(medbook_app, second, first, case)
    assert case.status is Status.CARRIED_OUT
    assert sorted(each.letter for each in posts(database, case)) == ["decision", "ready", "receipt"]
    assert "Say so" not in paper(medbook_app, case, post(database, case, "decision"))
    with database.writing() as session:
        assert nudge(session, now() + timedelta(days=12)) == 0, "of a file to hand over the desk is reminded"
    ready, day = post(database, case, "ready"), today().isoformat()
    assert note(second, case, ready, "counter", day, card_seen="yes").status_code == 409, "nobody took the file along"
    assert send(first, case, "file/1").status_code == 409, "only who has the request takes it"
    member = member_of(database, Role.MANAGER)
    assert send(browser_of(medbook_app, member, fresh=False), case, "file/1").status_code == 403
    taken = send(second, case, "file/1")
    assert taken.status_code == 200
    assert ZipFile(BytesIO(taken.data)).testzip() is None
    assert note(second, case, ready, "post", day).status_code == 409, "data never go by plain post"
    assert note(second, case, ready, "counter", day).status_code == 422, "the card is looked at again"
    assert note(second, case, ready, "counter", day, card_seen="yes").status_code == 303
    assert send(second, case, "file/1").status_code == 409, "it is handed over, and the portal keeps none"
    with database.reader() as session:
        package = package_of(session, session.get_one(Case, case.id))
        assert package is not None
        assert package.destroyed_at is not None
    record = second.get(f"/desk/cases/{case.id}").text
    assert "Took the file along, to hand it over" in record
    assert "handed over at the counter" in record
    sound(database)
    morning.shift(timedelta(minutes=1))
    assert send(second, case, "file-again").status_code == 303
    work(medbook_app)
    assert [each.letter for each in posts(database, case)].count("ready") == 2
    assert send(second, case, "file/1").status_code == 200
    sound(database)


def test_an_erasure_by_letter_is_held_until_the_notice_is_72_hours_old_and_may_be_disagreed_with(
    medbook_app: Flask, desk: tuple[Critic, Critic], morning: time_machine.Traveller
) -> None:
    database: Database = medbook_app.extensions["portal_db"]
    asked = {"channel": "post", "seen": "", "right": "erase", "about": "usage", "known_email": LOOKALIKE.email}
    case = filed(medbook_app, desk[0], **asked)
    assert (NOTICE, LOOKALIKE.email) in mailed(database, case)
    assert judge(desk[1], database, case).status_code == 303
    refused = send(desk[1], case, "letter", outcome="grant", version="2")
    assert refused.status_code in {409, 422}
    morning.shift(timedelta(hours=73))
    first, second = come_back(medbook_app)
    case = grant(medbook_app, second, first, case)
    assert case.status is Status.CARRIED_OUT
    assert {"decision", "carried-out"} <= {each.letter for each in posts(database, case)}
    assert {letter for letter, _to in mailed(database, case)} == {NOTICE}
    said = {"how": "post", "meant": "disagree", "said": "Er staat nog iets."}
    assert send(first, case, "heard", **said).status_code == 303
    assert as_it_stands(database, case).status is Status.DECIDING
    assert post(database, case, "disagreed").left_on is None
    sound(database)


def test_nobody_takes_the_file_of_a_person_with_a_mailbox_along(
    app: Flask, rex: Critic, database: Database, morning: time_machine.Traveller
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with database.writing() as session:
        case, package = finished_case(session)
    send(rex, case, "take")
    assert send(rex, case, "file/1").status_code == 409
    assert send(rex, case, "file-again").status_code == 409
    assert send(rex, case, "heard", how="phone", meant="withdraw", said="Stop.").status_code == 409
    with database.reader() as session:
        assert session.get_one(Package, package.id).downloads == 0


def test_a_scan_of_a_letter_may_become_the_card(
    app: Flask, rex: Critic, max_: Critic, database: Database, morning: time_machine.Traveller
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    case = filed(app, rex, channel="post", seen="")
    scan = (BytesIO(draw_specimen("Ada Peeters", "nl")), "kaart.jpg")
    heard = {"how": "post", "meant": "answer", "said": "Hier is mijn kaart.", "papers": scan}
    sent = rex.post(f"/desk/cases/{case.id}/heard", data=heard, content_type="multipart/form-data")
    assert sent.status_code == 303
    send(max_, case, "take")
    with database.reader() as session:
        (file,) = rows_of(session, session.get_one(Case, case.id))
    assert send(max_, case, f"files/{file.id}/card").status_code == 303
    with database.reader() as session:
        card = evidence_of(session, session.get_one(Case, case.id))
    assert card is not None
    assert send(max_, case, f"files/{file.id}/card").status_code == 404, "the file itself is gone at once"


def come_back(app: Flask) -> tuple[Critic, Critic]:
    """Give both their browsers again, days later; the worker did what was due."""
    work(app)
    database: Database = app.extensions["portal_db"]
    return browser_of(app, member_of(database)), browser_of(app, member_of(database, Role.MANAGER))
