"""Looking at the card and judging it: each picture is one entry of the record, and any verdict destroys its key."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.models import Role
from portal.audit.record import AuditEntry
from portal.cases.access import text_of
from portal.cases.lifecycle import Identity, Status
from portal.cases.models import Author, Case, Evidence, Message
from portal.clock import now
from portal.db import Database
from portal.files.keys import KeyDestroyed, Purpose, data_key
from portal.files.vault import Vault
from tests.support.critic import Critic
from tests.support.desk import file_case, press, press_on, settle, show_card, staff_named
from tests.support.visitors import signed_in

ALL_YES = {f"check-{key}": "yes" for key in ("name", "valid", "front", "signature")}
CONFIRM = {**ALL_YES, "verdict": "confirmed"}


@pytest.fixture
def rex(app: Flask) -> Critic:
    """Give the browser of the reviewer who has ``case``."""
    return signed_in(app, Role.REVIEWER)


@pytest.fixture
def case(database: Database, rex: Critic) -> Case:
    """Give a case with a picture of a card, taken by Rex."""
    with database.writing() as session:
        filed = file_case(session)
    press(rex, f"/desk/cases/{filed.id}", "/take")
    return filed


def at(case: Case) -> str:
    return f"/desk/cases/{case.id}"


def looks(database: Database) -> int:
    with database.reader() as session:
        return len(session.scalars(select(AuditEntry).where(AuditEntry.kind == "identity:card_viewed")).all())


def picture(page: TestResponse) -> str:
    return page.text.partition('class="id-picture" src="')[2].partition('"')[0]


def show(rex: Critic, case: Case) -> str:
    answer = press(rex, at(case), "/card")
    assert answer.status_code == 303
    return picture(rex.get(at(case)))


def card_of(database: Database, case: Case) -> Evidence:
    with database.reader() as session:
        return session.scalars(select(Evidence).where(Evidence.case_id == case.id)).one()


def reread(database: Database, case: Case) -> Case:
    with database.reader() as session:
        return session.get_one(Case, case.id)


def test_each_picture_is_one_logged_look(database: Database, rex: Critic, case: Case) -> None:
    assert picture(rex.get(at(case))) == ""
    for number in (1, 2):
        src = show(rex, case)
        assert looks(database) == number
        shown = rex.get(src)
        assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
        assert shown.headers["Cache-Control"] == "no-store"
        assert shown.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert rex.get(src).status_code == 404
        assert picture(rex.get(at(case))) == ""


def test_of_many_who_fetch_one_look_at_once_one_gets_the_picture(app: Flask, rex: Critic, case: Case) -> None:
    src, cookie = show(rex, case), rex.get_cookie("portal")
    assert cookie is not None

    def fetch(_number: int) -> int:
        browser = app.test_client()
        browser.set_cookie("portal", cookie.value)
        return browser.get(src).status_code

    with ThreadPoolExecutor(4) as threads:
        answers = sorted(threads.map(fetch, range(4)))
    assert answers == [200, 404, 404, 404]


def test_the_picture_carries_the_reviewer_and_is_not_the_stored_one(
    database: Database, rex: Critic, case: Case
) -> None:
    shown = rex.get(show(rex, case)).data
    card = card_of(database, case)
    with database.reader() as session:
        vault: Vault = session.info["vault"]
        stored = b"".join(vault.read(str(card.file), data_key(session, card.id, Purpose.IDENTITY), card.id))
    assert shown[:3] == stored[:3] == b"\xff\xd8\xff"
    assert shown != stored


def test_a_look_lives_five_minutes_in_this_session_only(app: Flask, rex: Critic, case: Case) -> None:
    src = show(rex, case)
    assert signed_in(app, Role.MANAGER).get(src).status_code == 404
    with time_machine.travel(now() + timedelta(minutes=6)):
        assert rex.get(src).status_code == 404


def test_who_does_not_have_the_case_sees_no_picture(app: Flask, database: Database, rex: Critic, case: Case) -> None:
    max_ = signed_in(app, Role.MANAGER)
    own = max_.get(at(case))
    assert "/card" not in own.text
    forged = press_on(max_, own, "/take", {})
    assert forged.status_code == 303
    src = show(max_, case)
    press(rex, at(case), "/take")
    assert max_.get(src).status_code == 404
    token = {"csrf_token": max_.get(at(case)).text.partition('name="csrf_token" value="')[2].partition('"')[0]}
    assert max_.post(f"{at(case)}/card", data=token).status_code == 409
    assert looks(database) == 1


@pytest.mark.parametrize("verdict", ["confirmed", "doubt", "unproven", "impostor"])
def test_any_verdict_destroys_the_key_and_the_file(database: Database, rex: Critic, case: Case, verdict: str) -> None:
    before = card_of(database, case)
    show(rex, case)
    said = {**ALL_YES, "verdict": verdict, "doubt": "Which name do you bear now?"}
    assert press(rex, at(case), "/identity", said).status_code == 303
    with database.reader() as session:
        vault: Vault = session.info["vault"]
        assert before.file not in vault.names()
        with pytest.raises(KeyDestroyed):
            data_key(session, before.id, Purpose.IDENTITY)
        kinds = list(session.scalars(select(AuditEntry.kind).where(AuditEntry.case_id == case.id)))
    assert card_of(database, case).file is None
    assert {"identity:judged", "identity:card_destroyed"} <= set(kinds)
    after = reread(database, case)
    assert after.identity.value == verdict
    assert after.identity_at is not None
    assert after.status is (Status.WAITING if verdict == "doubt" else Status.DECIDING)


@pytest.mark.parametrize(
    "fault",
    [
        {"verdict": ""},
        {"verdict": "mailbox"},
        {"check-name": ""},
        {"check-valid": "no"},
        {"check-front": "maybe"},
        {"verdict": "doubt"},
    ],
)
def test_a_verdict_that_is_not_whole_changes_nothing(
    database: Database, rex: Critic, case: Case, fault: dict[str, str]
) -> None:
    show(rex, case)
    answer = press(rex, at(case), "/identity", {**CONFIRM, **fault})
    assert answer.status_code == 422
    assert reread(database, case).identity is Identity.OPEN
    assert card_of(database, case).destroyed_at is None


def test_nobody_is_confirmed_without_a_look_or_another_proof(database: Database, rex: Critic, case: Case) -> None:
    assert press(rex, at(case), "/identity", CONFIRM).status_code == 422
    proof = {"other_proof": "Phoned the number on file; knew the last two invoices."}
    assert press(rex, at(case), "/identity", {**CONFIRM, **proof}).status_code == 303
    with database.reader() as session:
        note = session.scalars(select(Message)).one()
        assert (note.author, text_of(session, note)) == (Author.NOTE, proof["other_proof"])
    assert reread(database, case).identity is Identity.CONFIRMED


def test_the_look_of_somebody_else_confirms_nothing(app: Flask, rex: Critic, case: Case) -> None:
    show(rex, case)
    max_ = signed_in(app, Role.MANAGER)
    press(max_, at(case), "/take")
    assert press(max_, at(case), "/identity", CONFIRM).status_code == 422


def test_what_stays_is_the_verdict_with_its_checks(rex: Critic, case: Case) -> None:
    show(rex, case)
    press(rex, at(case), "/identity", CONFIRM)
    text = rex.get(at(case)).text
    assert "Card is valid: yes." in text
    assert "the picture is deleted" in text
    assert "/identity" not in text


def test_a_doubt_asks_the_person_and_a_new_card_can_settle_it(database: Database, rex: Critic, case: Case) -> None:
    press(rex, at(case), "/identity", {"verdict": "doubt", "doubt": "The card has expired. Do you have another?"})
    press(rex, at(case), "/go-on")
    with database.writing() as session:
        card = show_card(session, session.get_one(Case, case.id), "Lies Janssens")
    show(rex, case)
    assert press(rex, at(case), "/identity", CONFIRM).status_code == 303
    after = reread(database, case)
    assert (after.identity, after.status) == (Identity.CONFIRMED, Status.DECIDING)
    with database.reader() as session:
        assert session.get_one(Evidence, card.id).destroyed_at is not None


def test_a_proof_that_comes_late_can_still_be_judged(database: Database, rex: Critic, case: Case) -> None:
    press(rex, at(case), "/identity", {"verdict": "unproven"})
    late = {
        "check-name": "yes",
        "check-signature": "yes",
        "verdict": "confirmed",
        "other_proof": "Came to the counter.",
    }
    assert press(rex, at(case), "/identity", late).status_code == 303
    after = reread(database, case)
    assert (after.identity, after.status) == (Identity.CONFIRMED, Status.DECIDING)


def test_of_two_verdicts_at_once_one_counts(database: Database, rex: Critic, case: Case) -> None:
    show(rex, case)
    page = rex.get(at(case))
    assert press_on(rex, page, "/identity", CONFIRM).status_code == 303
    assert press_on(rex, page, "/identity", {"verdict": "impostor"}).status_code == 409
    assert reread(database, case).identity is Identity.CONFIRMED


def test_an_impostor_stays_one_until_the_case_is_answered(database: Database, rex: Critic, case: Case) -> None:
    with database.writing() as session:
        settle(
            session, session.get_one(Case, case.id), staff_named(session, "reviewer@medbook.example"), Identity.IMPOSTOR
        )
    assert "/identity" not in rex.get(at(case)).text
