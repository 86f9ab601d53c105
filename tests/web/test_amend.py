"""Downloading a signed request and adding to it: what was signed stays, what comes after is signed anew and seen."""

import re

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.accounts.models import Role
from portal.audit.record import PERSON, AuditEntry
from portal.cases.lifecycle import OPEN, Move, Status
from portal.cases.models import Amendment, Case
from portal.cases.moves import move
from portal.cases.papers import amendments_of, is_whole
from portal.db import Database
from portal.errors import MoveRefused
from portal.mail.outbox import Mail
from portal.tracking.actions import MOST_AMENDMENTS
from tests.support.critic import Critic
from tests.support.desk import file_case, press, press_on, settle, staff_named
from tests.support.factories import ADA, BEN, finished_case, submit_case
from tests.support.papers import added_to, canonical_of, make_papers, opened, paper_of
from tests.support.visitors import signed_in, with_mailbox

WORDS = "My old number is 12, not 21."


@pytest.fixture
def case(database: Database) -> Case:
    """Give an open request of Ada's."""
    with database.writing() as session:
        return submit_case(session, language="en")


@pytest.fixture
def ada(app: Flask, case: Case) -> Critic:
    """Give Ada's browser."""
    return with_mailbox(app, case.mailbox)


def at(case: Case, step: str = "") -> str:
    return f"/en/s/{case.id}{step}"


def add(browser: Critic, case: Case, **values: str) -> TestResponse:
    return browser.submit(at(case, "/amend"), {"text": WORDS, "signature": ADA["name"], **values})


def said(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def kinds(database: Database, case: Case) -> list[tuple[str, str]]:
    with database.reader() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.case_id == case.id).order_by(AuditEntry.seq))
        return [(row.kind, row.actor_kind.value) for row in rows]


# -- downloading


def test_the_person_downloads_the_pdf_and_it_goes_on_record(
    app: Flask, database: Database, case: Case, ada: Critic
) -> None:
    assert "is being made" in said(ada.get(at(case)))
    make_papers(app)
    answer = press(ada, at(case), "/request/1")
    assert answer.data == paper_of(database, case)
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{case.reference}.pdf"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert kinds(database, case)[-1] == ("paper:fetched", "person")


def test_nobody_else_downloads_it(app: Flask, database: Database, case: Case, ada: Critic) -> None:
    make_papers(app)
    with database.writing() as session:
        other = submit_case(session, who=BEN)
    token = {"csrf_token": csrf(ada, case)}
    for browser in (with_mailbox(app, other.mailbox), signed_in(app, Role.AUDITOR)):
        for path in (at(case, "/request/1"), f"/desk/cases/{case.id}/request/1"):
            assert browser.post(path, data=token).status_code in {303, 400, 404}
    assert ada.post(at(case, "/request/2"), data=token).status_code == 404
    assert ("paper:fetched", "person") not in kinds(database, case)


def csrf(browser: Critic, case: Case) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(at(case)).get_data(as_text=True))
    assert found
    return found[1]


def test_the_desk_downloads_it_and_it_goes_on_record(app: Flask, database: Database, case: Case) -> None:
    rex = signed_in(app, Role.REVIEWER)
    assert "is being made" in said(rex.get(f"/desk/cases/{case.id}"))
    make_papers(app)
    answer = press(rex, f"/desk/cases/{case.id}", "/request/1")
    assert answer.data == paper_of(database, case)
    assert kinds(database, case)[-1] == ("paper:fetched", "staff")
    assert "Downloaded the signed request" in said(rex.get(f"/desk/cases/{case.id}"))


# -- adding


def test_what_is_added_is_signed_appended_and_shown_to_both_sides(
    app: Flask, database: Database, case: Case, ada: Critic
) -> None:
    text = canonical_of(database, case)
    assert add(ada, case).location == at(case)
    page = said(ada.get(at(case)))
    assert WORDS in page
    assert "This is added to your request." in page
    assert "You added something to your request." in page
    assert WORDS in said(signed_in(app, Role.REVIEWER).get(f"/desk/cases/{case.id}"))
    assert canonical_of(database, case) == text
    assert kinds(database, case)[-1] == ("case:amended", "person")
    with database.reader() as session:
        assert session.scalars(select(Mail.letter).where(Mail.case_id == case.id)).all().count("staff-reply") == 1
        (added,) = amendments_of(session, session.get_one(Case, case.id))
        assert (added.text, added.name, added.number) == (WORDS, ADA["name"], 1)
        assert session.scalars(select(Amendment.hash)).one() == added.sha256
        assert WORDS.encode() not in session.scalars(select(Amendment.text)).one(), "it is sealed"


def test_the_next_pdf_holds_it_and_the_first_one_stays(app: Flask, database: Database, case: Case, ada: Critic) -> None:
    make_papers(app)
    first = paper_of(database, case)
    add(ada, case)
    assert "A PDF with your addition is being made." in said(ada.get(at(case)))
    make_papers(app)
    assert paper_of(database, case) == first
    newest = press(ada, at(case), "/request/2")
    assert WORDS in opened(newest.data).text
    assert newest.headers["Content-Disposition"].endswith(f'"{case.reference}-2.pdf"')
    assert press(ada, at(case), "/request/1").data == first


def test_each_addition_rests_on_the_one_before(database: Database, case: Case) -> None:
    with database.writing() as session:
        for number in range(3):
            added_to(session, case, f"Number {number}")
    with database.writing() as session:
        held = session.get_one(Case, case.id)
        assert is_whole(session, held)
        rows = session.scalars(select(Amendment).order_by(Amendment.number)).all()
        rows[0].text, rows[1].text = rows[1].text, rows[0].text
        session.flush()
        assert not is_whole(session, held)
        session.rollback()


def test_another_name_is_asked_about_and_then_taken(app: Flask, database: Database, case: Case, ada: Critic) -> None:
    asked = add(ada, case, signature="Ada P.")
    assert asked.status_code == 422
    assert "This is not the name you gave before." in said(asked)
    assert WORDS in asked.get_data(as_text=True)
    assert add_confirmed(ada, case, "Ada P.").status_code == 303
    with database.reader() as session:
        assert amendments_of(session, session.get_one(Case, case.id))[0].name == "Ada P."


def add_confirmed(browser: Critic, case: Case, name: str) -> TestResponse:
    values = {"csrf_token": csrf(browser, case), "text": WORDS, "signature": name, "confirmed": "yes"}
    return browser.post(at(case, "/amend"), data=values)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": " \n "}, "Write what you want to add or correct."),
        ({"text": "x" * 5001}, "Use at most 5000 characters."),
        ({"signature": ""}, "Enter your full name."),
        ({"signature": "x" * 201}, "This name is too long."),
    ],
)
def test_what_cannot_be_taken_comes_back_with_what_was_typed(
    database: Database, case: Case, ada: Critic, values: dict[str, str], sentence: str
) -> None:
    answer = add(ada, case, **values)
    assert answer.status_code == 422
    assert sentence in said(answer)
    assert (WORDS if "signature" in values else ADA["name"]) in answer.get_data(as_text=True)
    with database.reader() as session:
        assert session.scalars(select(Amendment.id)).all() == []


@pytest.mark.parametrize("status", list(Status))
def test_only_an_open_request_is_added_to(database: Database, case: Case, ada: Critic, status: Status) -> None:
    token = csrf(ada, case)
    waits = Status.DECIDING.value if status is Status.WAITING else None
    with database.writing() as session:
        session.execute(update(Case).where(Case.id == case.id).values(status=status, waits_before=waits))
    values = {"csrf_token": token, "text": WORDS, "signature": ADA["name"]}
    answer = ada.post(at(case, "/amend"), data=values)
    assert answer.status_code == (303 if status in OPEN else 404)
    assert ada.get(at(case, "/amend")).status_code == (200 if status in OPEN else 404)
    assert ("Add to or correct my request" in said(ada.get(at(case)))) is (status in OPEN)


def test_a_request_that_is_withdrawn_meanwhile_is_not_added_to(database: Database, case: Case) -> None:
    with database.reader() as session:
        seen = session.get_one(Case, case.id)
    with database.writing() as session:
        move(session, session.get_one(Case, case.id), Move.WITHDRAW, PERSON)
    with database.writing() as session, pytest.raises(MoveRefused):
        added_to(session, seen, WORDS)


def test_there_are_twenty_additions_and_no_more(database: Database, case: Case, ada: Critic) -> None:
    with database.writing() as session:
        for number in range(MOST_AMENDMENTS):
            added_to(session, case, f"Number {number}")
    refused = add(ada, case)
    assert refused.status_code == 409
    assert "You added to this request twenty times." in said(refused)
    assert WORDS in refused.get_data(as_text=True)


def test_who_decides_meanwhile_is_told_and_looks_again(app: Flask, database: Database) -> None:
    rex = signed_in(app, Role.REVIEWER)
    with database.writing() as session:
        case = file_case(session, card=False)
        settle(session, case, staff_named(session, "reviewer@medbook.example"))
    path = f"/desk/cases/{case.id}"
    before = rex.get(path)
    with database.writing() as session:
        added_to(session, case, WORDS, "Lies Janssens")
    answer = press_on(rex, before, "/letter", {"outcome": "grant"})
    assert answer.status_code == 409
    assert WORDS in said(answer)


def test_the_second_person_confirms_only_what_they_saw(app: Flask, database: Database) -> None:
    rex, max_ = signed_in(app, Role.REVIEWER), signed_in(app, Role.MANAGER)
    with database.writing() as session:
        case = file_case(session, card=False)
        settle(session, case, staff_named(session, "reviewer@medbook.example"))
    path = f"/desk/cases/{case.id}"
    letter = press(rex, path, "/letter", {"outcome": "grant"})
    press_on(rex, letter, "/decision")
    before = max_.get(f"{path}/second")
    with database.writing() as session:
        added_to(session, case, WORDS, "Lies Janssens")
    refused = press_on(max_, before, "/confirm")
    assert refused.status_code == 409
    assert WORDS in said(refused)
    assert press(max_, f"{path}/second", "/confirm").status_code == 303
    with database.reader() as session:
        assert session.get_one(Case, case.id).status is Status.ANSWERED


def test_a_request_that_is_carried_out_still_gives_its_pdf(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case, _package = finished_case(session)
    make_papers(app)
    assert press(with_mailbox(app, case.mailbox), at(case), "/request/1").data == paper_of(database, case)
