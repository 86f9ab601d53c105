"""Who has no mailbox: every letter goes on paper, the data by hand, and nothing is ever mailed to an empty address."""

import re
from dataclasses import replace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.codes import mailbox_hash
from portal.cases.access import contact_of, seal_json, text_of
from portal.cases.by_post import WRITE, PostLetter, waiting_posts
from portal.cases.letters import queue_letter
from portal.cases.lifecycle import RULES, Move, Status
from portal.cases.models import Author, Case
from portal.cases.moves import move
from portal.clock import now
from portal.config import LANGUAGES
from portal.db import Database
from portal.files.keys import Purpose
from portal.fulfilment.by_post import page_of
from portal.jobs.outbox import Job
from portal.mail import outbox
from portal.mail.outbox import Mail
from portal.review.reminders import send_digest
from tests.support.arriving import press, the_case, write_down
from tests.support.colleagues import member_of
from tests.support.critic import Critic
from tests.support.factories import actor_for, add_member, deciding_case, write_decision
from tests.support.on_paper import ADDRESS, CALLER, as_it_stands, filed, mailed, note, paper, post, posts, sound
from tests.support.portals import work

MONDAY = "2026-11-23"
MAILED = (
    "receipt", "question", "message", "extension", "decision", "reopened", "carried-out", "ready", "closed",
    "withdrawn", "fee", "disagreed", "upheld", "card-expired", "link-expired", "kept-erased", "pause-ends", "reminder",
)  # fmt: skip
"""Every letter that a case sends to its person."""


# -- the form


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": " \n "}, "address"),
        ({"address": "a\nb\nc\nd\ne"}, "address"),
        ({"channel": "phone"}, "seen"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_missing_of_who_has_no_mailbox_is_told_and_nothing_typed_is_lost(
    rex: Critic, database: Database, morning: time_machine.Traveller, changes: dict[str, str], field: str
) -> None:
    page = write_down(rex, {**CALLER, **changes})
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert CALLER["words"] in page.text
    with database.reader() as session:
        assert session.scalars(select(Case)).all() == []


@pytest.mark.parametrize("channel", ["counter", "post"])
def test_the_receipt_is_a_letter_to_print_and_nothing_is_mailed_to_the_person(
    app: Flask, rex: Critic, database: Database, morning: time_machine.Traveller, channel: str
) -> None:
    seen = {"seen": "eid" if channel == "counter" else ""}
    case = filed(app, rex, channel=channel, email="left@over.example", **seen)
    assert mailed(database, case) == []
    (receipt,) = posts(database, case)
    said = paper(app, case, receipt)
    for words in ("Ada Peeters", *ADDRESS.split("\n"), case.reference, "23 december 2026"):
        assert words in said
    with database.reader() as session:
        assert contact_of(session, as_it_stands(database, case)).get("email") is None
    page = rex.get(f"/desk/cases/{case.id}").text
    assert "waiting for the post" in page
    assert ("No copy was kept" in page) is (channel == "counter")
    assert note(rex, case, receipt, "counter", MONDAY).status_code == 303
    assert "waiting for the post" not in rex.get(f"/desk/cases/{case.id}").text
    assert note(rex, case, receipt, "post", MONDAY).status_code == 409, "once"
    sound(database)


def test_what_waits_for_the_post_is_listed_told_in_the_morning_and_marked_in_the_queue(
    app: Flask, rex: Critic, database: Database, morning: time_machine.Traveller
) -> None:
    case = filed(app, rex)
    shown = [rex.get(path).text for path in ("/desk/post", "/desk/")]
    assert case.reference in shown[0]
    assert "waiting for the post" in shown[1]
    assert re.search(r'href="/desk/post"[^>]*>To post', shown[1])
    member_of(database)
    with database.writing() as session:
        send_digest(session, now())
        facts = session.scalars(select(Mail.facts).where(Mail.letter == "staff-digest")).first()
    assert facts is not None
    assert facts["post"] == "1"
    (receipt,) = posts(database, case)
    assert note(rex, case, receipt, "post", "2026-11-22").status_code == 409, "not before it was written"
    assert note(rex, case, receipt, "pigeon", MONDAY).status_code == 422
    assert note(rex, case, receipt, "registered", MONDAY).status_code == 303
    assert "No letter waits" in rex.get("/desk/post").text
    assert "by registered post" in rex.get(f"/desk/cases/{case.id}").text


def test_requests_from_one_postal_address_are_one_persons_and_no_code_opens_them(
    app: Flask, rex: Critic, database: Database, morning: time_machine.Traveller
) -> None:
    for changes in ({}, {"address": "kerkstraat 7  bus 2\n\n9000 GENT"}, {"address": "Elders 1\n9000 Gent"}):
        assert write_down(rex, {**CALLER, **changes}).status_code == 303
    with database.reader() as session:
        boxes = list(session.scalars(select(Case.mailbox)))
        assert sorted(map(boxes.count, boxes)) == [1, 2, 2]
        assert not set(boxes) & {mailbox_hash(session, said) for said in ("", ADDRESS, f"Ada Peeters {ADDRESS}")}


# -- letters


def test_every_letter_of_a_case_goes_on_paper_and_speaks_of_no_page(
    app: Flask, rex: Critic, database: Database, morning: time_machine.Traveller
) -> None:
    write_down(rex, dict(CALLER))
    case = the_case(database)
    only_mails = {"no-request"}  # what a saved mail is told that asks no right
    assert {rule.letter for rule in RULES.values() if rule.letter} - only_mails <= set(MAILED)
    facts = {"until_on": "2026-12-01", "first_on": "2026-12-23"}
    with database.writing() as session, app.app_context():
        found = session.get_one(Case, case.id)
        write_decision(session, found, add_member(session, number=5))
        for letter in MAILED:
            row = queue_letter(session, found, letter, facts)
            assert isinstance(row, PostLetter)
            for row.language in LANGUAGES:
                page = page_of(session, found, row)
                for word in ("None", "Undefined", "{{", "%(", f"/s/{case.id}", "http://localhost"):
                    assert word not in page, (letter, word)
                assert case.reference in page
                assert ADDRESS.split("\n")[0] in page
        assert session.scalars(select(Mail).where(Mail.letter.in_(MAILED))).all() == []


def test_nothing_can_be_mailed_to_no_address(database: Database) -> None:
    with database.writing() as session, pytest.raises(ValueError, match="needs an address"):
        outbox.queue(session, "receipt", "nl", " ", {}, owner="nobody")


def test_a_question_is_a_letter_that_asks_it_and_the_answer_is_written_down(
    app: Flask, rex: Critic, database: Database, morning: time_machine.Traveller
) -> None:
    case = filed(app, rex, channel="phone", seen="")
    press(rex, case, "take")
    assert press(rex, case, "question", question="Welk adres kent Medbook?").status_code == 303
    work(app)
    asked = paper(app, case, post(database, case, "question"))
    assert "Welk adres kent Medbook?" in asked
    assert "23 december 2026" in asked
    assert press(rex, case, "heard", how="pigeon", meant="answer", said="").status_code == 422
    assert press(rex, case, "heard", how="phone", meant="answer", said="ada@example.com").status_code == 303
    after = as_it_stands(database, case)
    assert after.status is Status.IDENTITY
    with database.reader() as session:
        messages = session.get_one(Case, case.id).messages
        (said,) = [text_of(session, each) for each in messages if each.author is Author.PERSON]
    assert said == "ada@example.com"
    assert "Wrote down what the person said (telephone)" in rex.get(f"/desk/cases/{case.id}").text
    assert press(rex, case, "heard", how="phone", meant="withdraw", said="Laat maar.").status_code == 303
    assert as_it_stands(database, case).status is Status.WITHDRAWN
    work(app)
    assert "Laat maar" not in paper(app, case, post(database, case, "withdrawn"))
    assert mailed(database, case) == []
    sound(database)


def test_an_answer_that_is_taken_back_leaves_no_letter_for_the_post(database: Database) -> None:
    database.info["settings"] = replace(database.info["settings"], undo_seconds=30)
    with database.writing() as session:
        case, member = deciding_case(session), add_member(session)
        contact = {"name": "Ada Peeters", "address": ADDRESS}
        case.contact = seal_json(session, case.id, Purpose.CONTACT, contact)
        write_decision(session, case, member)
        move(session, case, Move.ANSWER, actor_for(member))
        assert waiting_posts(session) == [], "it can be taken back still"
        move(session, case, Move.TAKE_BACK, actor_for(member))
        assert session.scalars(select(PostLetter)).all() == []
        assert session.scalars(select(Job.id).where(Job.kind == WRITE)).all() == []
