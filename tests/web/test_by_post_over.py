"""Who has no mailbox, once most is done: tasks, last days, unsorted scans, files in parts, letters nobody posted."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Role
from portal.cases.access import seal_json
from portal.cases.asked_by_hand import Errand, ask_hand
from portal.cases.attachments import Attachment, Sealed
from portal.cases.by_post import waiting_posts
from portal.cases.disagreements import open_of
from portal.cases.letters import queue_letter
from portal.cases.lifecycle import Outcome, Status
from portal.cases.mail_files import seal_alone
from portal.cases.models import Case, Channel
from portal.cases.retention import CONTENT_DAYS, Kind
from portal.cases.said import reply_to, withdraw
from portal.cases.tasks import Task
from portal.clock import now, today
from portal.db import Database
from portal.files.keys import KeyDestroyed, Purpose, data_key
from portal.fulfilment.by_post import page_of
from portal.review.posting import keep_said
from portal.review.reminders import remind
from tests.support.critic import Critic
from tests.support.factories import actor_for, add_member, answer, deciding_case, hand_over, write_decision
from tests.support.nights import dry, night
from tests.support.on_paper import ADDRESS, note, post, send, sound
from tests.support.portals import work


@pytest.fixture
def app(app: Flask) -> Flask:
    """Give the portal; its forms need no token here."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def on_paper(session: Session, residence: str = "be") -> Case:
    """Give a request that is being decided, of somebody without a mailbox; Rex has it."""
    case = deciding_case(session)
    case.contact = seal_json(session, case.id, Purpose.CONTACT, {"name": "Ada Peeters", "address": ADDRESS})
    case.residence = residence
    return case


def scan(database: Database, case_id: str) -> Attachment:
    """Have the person send a scan, which nobody looked at yet."""
    file_id, stored = seal_alone(database, b"a card, maybe")
    with database.writing() as session:
        sent = Sealed(file_id, stored, "kaart.jpg", "image/jpeg", 1, 13, own_key=True)
        reply_to(session, session.get_one(Case, case_id), "Hier.", [sent])
        return session.get_one(Attachment, file_id)


def is_gone(database: Database, file: Attachment) -> bool:
    with database.reader() as session:
        try:
            data_key(session, file.id, Purpose.IDENTITY)
        except KeyDestroyed:
            return session.get_one(Attachment, file.id).file is None
    return False


def test_a_colleague_can_answer_a_task_about_who_has_no_mailbox(app: Flask, rex: Critic, database: Database) -> None:
    with database.writing() as session:
        errand = Errand("De kast", "Brieven", Role.REVIEWER, "", today())
        ask_hand(session, on_paper(session), errand, actor_for(add_member(session, number=7)))
    with database.reader() as session:
        task = session.scalars(select(Task)).one()
    page = rex.get(f"/desk/tasks/{task.id}")
    assert page.status_code == 200
    assert "Kerkstraat 7 bus 2, 9000 Gent" in page.text
    assert rex.post(f"/desk/tasks/{task.id}", data={"answer": "Eén brief."}).status_code == 303


def test_each_letter_on_paper_says_how_to_complain_and_until_when_as_the_page_does(
    app: Flask, database: Database
) -> None:
    facts = {"until_on": "2026-12-01", "first_on": "2026-12-23"}
    with database.writing() as session, app.app_context():
        case = on_paper(session)
        for residence, said in (("be", "209). That article sets no last day."), ("nl", "art. 58)")):
            case.residence = residence
            for letter in ("extension", "closed", "fee", "upheld"):
                row = queue_letter(session, case, letter, facts)
                row.language = "en"
                assert said in page_of(session, case, row), letter


def test_the_last_letter_says_until_when_a_dutch_court_can_be_asked(
    app: Flask, database: Database, morning: time_machine.Traveller
) -> None:
    with database.writing() as session, app.app_context():
        case = on_paper(session, "nl")
        case.answered_at = now()
        row = queue_letter(session, case, "closed")
        row.language = "en"
        assert "before the end of 4 January 2027" in page_of(session, case, row)


def test_an_answer_on_paper_that_is_written_late_says_what_was_sent_not_what_is_proposed_since(
    app: Flask, database: Database, morning: time_machine.Traveller
) -> None:
    with database.writing() as session, app.app_context():
        case, member = on_paper(session), add_member(session)
        write_decision(session, case, member, Outcome.NO_DATA)
        row = queue_letter(session, case, "decision")
        row.language = "en"
        morning.shift(timedelta(minutes=1))
        write_decision(session, case, member, Outcome.REFUSE)
        assert "found no data about you" in page_of(session, case, row)


def test_an_answer_that_lies_on_the_desk_is_reminded_of_until_it_is_posted(database: Database) -> None:
    with database.writing() as session:
        case = on_paper(session)
        last = case.due_on - timedelta(days=1)
        case.status, case.answered_at = Status.ANSWERED, now()
        assert remind(session, last) == 0
        row = queue_letter(session, case, "decision")
        row.leaves_at = None
        assert remind(session, last) == 1
        assert remind(session, last) == 0, "once for each step"
        row.left_on = today()
        session.flush()
        assert remind(session, case.due_on + timedelta(days=1)) == 0


def test_taking_a_request_back_deletes_the_scans_that_nobody_sorted(database: Database) -> None:
    with database.writing() as session:
        case = on_paper(session)
    file = scan(database, case.id)
    with database.writing() as session:
        withdraw(session, session.get_one(Case, case.id))
    assert is_gone(database, file)


def test_a_scan_that_comes_after_the_answer_can_be_deleted_and_goes_after_fourteen_days(
    app: Flask, rex: Critic, database: Database, morning: time_machine.Traveller
) -> None:
    with database.writing() as session:
        case = on_paper(session)
        answer(session, case, add_member(session), add_member(session, Role.MANAGER))
    send(rex, case, "take")
    first, second = scan(database, case.id), scan(database, case.id)
    assert "kaart.jpg" in rex.get(f"/desk/cases/{case.id}").text
    assert send(rex, case, f"files/{first.id}/delete").status_code == 303
    assert is_gone(database, first)
    morning.shift(timedelta(days=14) - timedelta(seconds=1))
    assert Kind.UNSORTED not in dry(database)
    morning.shift(timedelta(seconds=1))
    assert night(database).counts[Kind.UNSORTED] == 1
    assert is_gone(database, second)


def test_no_scan_of_a_request_that_waits_for_an_answer_goes_unread(
    database: Database, morning: time_machine.Traveller
) -> None:
    with database.writing() as session:
        case = on_paper(session)
    file = scan(database, case.id)
    morning.shift(timedelta(days=15))
    assert night(database).counts[Kind.UNSORTED] == 0
    assert not is_gone(database, file)


def test_a_file_in_parts_is_not_destroyed_before_each_part_was_taken_along(
    app: Flask, rex: Critic, database: Database, morning: time_machine.Traveller
) -> None:
    with database.writing() as session:
        case = on_paper(session)
        answer(session, case, add_member(session), add_member(session, Role.MANAGER))
        package = hand_over(session, case)
        middle, end = package.size // 2, package.size
        halves = ((0, middle), (middle, end))
        package.parts = [{"size": two - one, "sha256": "", "stretches": [[one, two]]} for one, two in halves]
    send(rex, case, "take")
    work(app)
    ready, day = post(database, case, "ready"), today().isoformat()
    assert send(rex, case, "file/1").status_code == 200
    assert "Take every part" in note(rex, case, ready, "registered", day).text
    assert send(rex, case, "file/1").status_code == 200, "the same again is not the other one"
    assert note(rex, case, ready, "registered", day).status_code == 409
    assert send(rex, case, "file/2").status_code == 200
    assert note(rex, case, ready, "registered", day).status_code == 303
    sound(database)


def test_a_letter_whose_content_was_forgotten_waits_for_nobody(
    app: Flask, rex: Critic, database: Database, morning: time_machine.Traveller
) -> None:
    with database.writing() as session:
        case = on_paper(session)
        queue_letter(session, case, "question")
        case.status, case.closed_at = Status.CLOSED, now()
    with database.reader() as session:
        assert len(waiting_posts(session)) == 1
    morning.shift(timedelta(days=CONTENT_DAYS))
    night(database)
    with database.reader() as session:
        assert session.get_one(Case, case.id).forgotten_at is not None
        assert waiting_posts(session) == []


def test_who_no_longer_disagrees_takes_that_back_and_our_answer_stands(database: Database) -> None:
    with database.writing() as session:
        case = on_paper(session)
        answer(session, case, add_member(session), add_member(session, Role.MANAGER), Outcome.REFUSE)
        by = actor_for(add_member(session, number=3))
        keep_said(session, case, "disagree", "Dat klopt niet.", Channel.PHONE, (), by)
        assert case.status is Status.DECIDING
        keep_said(session, case, "withdraw", "Toch goed.", Channel.PHONE, (), by)
        assert case.status is Status.ANSWERED
        assert open_of(session, case) is None
