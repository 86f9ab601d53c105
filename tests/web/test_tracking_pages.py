"""What the page of a request shows: where it stands, who looked, what was said and done; in four languages."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from portal.accounts.models import Role
from portal.audit.events import CardViewed
from portal.audit.record import PERSON, SYSTEM, record
from portal.cases.access import seal_json
from portal.cases.lifecycle import Identity, Move, Outcome
from portal.cases.models import Author, Carried, Case, Message
from portal.cases.moves import move, stop
from portal.clock import now
from portal.db import Database, new_id
from portal.files.keys import Purpose, seal
from portal.tracking.pages import track
from tests.support.critic import Critic
from tests.support.factories import (
    ADA,
    actor_for,
    add_member,
    answer,
    confirm_identity,
    deciding_case,
    finished_case,
    locate,
    show_card,
    submit_case,
)
from tests.support.reading import unbroken
from tests.support.visitors import with_mailbox


def ada(app: Flask, case: Case) -> Critic:
    return with_mailbox(app, case.mailbox)


def text_of(browser: Critic, path: str) -> str:
    page = browser.get(path)
    assert page.status_code == 200, f"{path}: {page.status_code}"
    return re.sub(r"\s+", " ", unbroken(page.get_data(as_text=True)))


def asked_case(session: Session) -> Case:
    case = deciding_case(session)
    move(session, case, Move.ASK, actor_for(add_member(session)))
    return case


def test_who_looked_at_the_card_is_shown_by_role_and_time_and_never_by_name(app: Flask, database: Database) -> None:
    with database.writing() as session:
        reviewer, manager = add_member(session), add_member(session, Role.MANAGER)
        case = submit_case(session)
        locate(session, case)
        card = show_card(session, case=case)
    person = ada(app, case)
    assert "Nobody." in text_of(person, f"/en/s/{case.id}")
    with database.writing() as session:
        for member in (reviewer, manager):
            viewed = CardViewed(evidence=card.id, role=member.role.value)
            record(session, viewed, actor_for(member), case.id)
    page = text_of(person, f"/en/s/{case.id}")
    assert "a reviewer" in page
    assert "the privacy manager" in page
    assert reviewer.name not in page
    assert reviewer.login not in page


def test_notes_of_the_desk_to_itself_are_not_shown(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case, member = submit_case(session), add_member(session)
        for author, words in ((Author.NOTE, b"only for us"), (Author.STAFF, b"a question for you")):
            text = seal(session, case.id, Purpose.MESSAGES, words)
            message = Message(
                id=new_id(), case_id=case.id, author=author, staff_id=member.id, text=text, created_at=now()
            )
            session.add(message)
    page = text_of(ada(app, case), f"/en/s/{case.id}")
    assert "a question for you" in page
    assert "only for us" not in page
    assert member.name not in page


def proof(session: Session, case: Case) -> None:
    lines = [
        {"key": "a.b", "title": dict.fromkeys(("nl", "fr", "de", "en"), "Invoices"), "rows": 1234, "effect": "keep"}
        | {"why": dict.fromkeys(("nl", "fr", "de", "en"), "Tax law"), "until": "2031-12-31"},
        {"key": "a.c", "title": dict.fromkeys(("nl", "fr", "de", "en"), "Surname"), "rows": 1, "effect": "change"}
        | {"why": {}, "until": None, "before": "Peters", "after": "Peeters"},
        {"key": "a.d", "title": dict.fromkeys(("nl", "fr", "de", "en"), "Assessment"), "rows": 1}
        | {"effect": "supplement", "why": {}, "until": None, "after": "I do not agree."},
    ]
    sealed = seal_json(session, case.id, Purpose.DECISION, lines)
    session.add(
        Carried(
            case_id=case.id,
            source="medbook",
            changed=2,
            kept=1234,
            digest="0" * 64,
            proof=sealed,
            at=now(),
            done_at=now(),
        )
    )


def test_what_was_done_is_shown_with_before_and_after_and_until_when_it_stays(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = deciding_case(session, "erase")
        answer(session, case, add_member(session), add_member(session, Role.MANAGER))
        proof(session, case)
    page = text_of(ada(app, case), f"/en/s/{case.id}")
    assert "1,234" in page
    assert "until 31 December 2031" in page
    assert "it said “Peters”, it now says “Peeters”" in page
    assert "your statement: “I do not agree.”" in page


def states(session: Session, case: Case) -> list[tuple[str, str]]:
    return [(stop.title, stop.state) for stop in track(session, case)]


def test_the_track_never_promises_or_claims_what_does_not_happen(database: Database) -> None:
    with database.writing() as session:
        reviewer, manager = add_member(session), add_member(session, Role.MANAGER)
        begun = submit_case(session)
        assert states(session, begun)[0] == ("Received", "now")
        assert states(session, begun)[-1] == ("Carried out", "todo")
        refused = deciding_case(session)
        answer(session, refused, reviewer, manager, Outcome.REFUSE)
        assert states(session, refused)[-1] == ("Answered", "now")
        withdrawn = submit_case(session)
        move(session, withdrawn, Move.WITHDRAW, PERSON)
        assert states(session, withdrawn) == [("Received", "done"), ("Withdrawn", "now")]
        done, _package = finished_case(session)
        assert [state for _title, state in states(session, done)] == ["done"] * 4 + ["now"]
        at_once = submit_case(session, "withdraw")
        locate(session, at_once)
        assert [title for title, _state in states(session, at_once)] == ["Received", "Answered", "Carried out"]


def test_a_late_answer_is_admitted(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session)
    with time_machine.travel(now() + timedelta(days=33)):
        assert "We are late" in text_of(ada(app, case), f"/en/s/{case.id}")


def received(session: Session) -> Case:
    return submit_case(session)


def identity(session: Session) -> Case:
    case = submit_case(session)
    locate(session, case)
    return case


def unproven(session: Session) -> Case:
    case = identity(session)
    confirm_identity(session, case, add_member(session), Identity.UNPROVEN)
    return case


def refused(session: Session) -> Case:
    case = deciding_case(session, who={**ADA, "residence": "nl"})
    answer(session, case, add_member(session), add_member(session, Role.MANAGER), Outcome.REFUSE)
    return case


def erased(session: Session) -> Case:
    case = deciding_case(session, "erase")
    answer(session, case, add_member(session), add_member(session, Role.MANAGER))
    proof(session, case)
    move(session, case, Move.FULFIL, SYSTEM)
    return case


def finished(session: Session) -> Case:
    return finished_case(session)[0]


def stopped(session: Session) -> Case:
    case = identity(session)
    stop(session, case)
    return case


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
@pytest.mark.parametrize("make", [received, identity, asked_case, unproven, refused, erased, finished, stopped])
def test_the_page_of_every_kind_of_request_stands_in_every_language(
    app: Flask, database: Database, make: Callable[[Session], Case], language: str
) -> None:
    with database.writing() as session:
        case = make(session)
    person = ada(app, case)
    page = text_of(person, f"/{language}/s/{case.id}")
    assert f'<html lang="{language}">' in page
    assert case.reference in page
    assert text_of(person, f"/{language}/requests/mine")
    for link in (f"/{other}/s/{case.id}" for other in ("nl", "fr", "de", "en")):
        assert f'href="{link}"' in page, "the language switch keeps the page"
