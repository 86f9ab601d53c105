"""Deciding: a letter is seen before it is sent, a second person confirms what is serious, nothing goes too early."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.accounts.models import Role
from portal.audit.record import AuditEntry
from portal.cases.access import decision_content
from portal.cases.lifecycle import Identity, Outcome, Status
from portal.cases.models import Case, Decision
from portal.cases.moves import stop
from portal.cases.said import reply_to
from portal.clock import now
from portal.db import Database
from portal.jobs.outbox import Job
from portal.mail.outbox import Mail, MailState
from tests.support.critic import Critic, post_forms
from tests.support.desk import file_case, press, press_on, settle, staff_named
from tests.support.visitors import signed_in

REX, MAX = "reviewer@medbook.example", "privacy_manager@medbook.example"
GRANT = {"outcome": "grant"}
REFUSAL = {
    "outcome": "refuse",
    "ground": "not-identified",
    "reason": "U kreeg vorige maand alles al.",
    "facts": "Antwoord op MB-1C8D-44, 2 november.",
}


def ready(database: Database, identity: Identity = Identity.CONFIRMED, **wish: object) -> Case:
    """File a case that Rex has to decide."""
    with database.writing() as session:
        case = file_case(session, card=False, **wish)
        settle(session, case, staff_named(session, REX), identity)
        return case


def at(case: Case) -> str:
    return f"/desk/cases/{case.id}"


def look(browser: Critic, case: Case, values: dict[str, str]) -> TestResponse:
    return press(browser, at(case), "/letter", values)


def send(browser: Critic, case: Case, values: dict[str, str]) -> TestResponse:
    shown = look(browser, case, values)
    assert shown.status_code == 200, shown.text
    return press_on(browser, shown, "/decision")


def reread(database: Database, case: Case) -> Case:
    with database.reader() as session:
        return session.get_one(Case, case.id)


def letters(database: Database, case: Case) -> list[str]:
    with database.reader() as session:
        return list(session.scalars(select(Mail.letter).where(Mail.case_id == case.id).order_by(Mail.queued_at)))


def jobs(database: Database, case: Case) -> list[str]:
    with database.reader() as session:
        return [job.kind for job in session.scalars(select(Job).where(Job.case_id == case.id)) if "case." in job.kind]


def test_a_grant_is_shown_then_sent_and_carried_out(database: Database, rex: Critic) -> None:
    case = ready(database, right="access")
    shown = look(rex, case, {**GRANT, "reason": "Alles staat in het bestand."})
    assert "Alles staat in het bestand." in shown.text
    assert reread(database, case).decision_id is None
    assert press_on(rex, shown, "/decision").status_code == 303
    after = reread(database, case)
    assert (after.status, after.answered_at is not None) == (Status.ANSWERED, True)
    assert letters(database, case)[-1] == "decision"
    assert jobs(database, case) == ["case.locate", "case.paper", "case.fulfil", "case.letter"]


def test_a_letter_that_was_not_shown_is_shown_and_not_sent(database: Database, rex: Critic) -> None:
    case = ready(database, right="access")
    shown = look(rex, case, {**GRANT, "reason": "Zoals gevraagd."})
    swapped = press_on(rex, shown, "/decision", {"reason": "Iets heel anders."})
    assert (swapped.status_code, "Iets heel anders." in swapped.text) == (200, True)
    assert press_on(rex, shown, "/decision", {"shown": ""}).status_code == 200
    assert reread(database, case).status is Status.DECIDING
    assert press_on(rex, swapped, "/decision").status_code == 303


def test_the_letter_is_in_the_language_of_the_person(database: Database, rex: Critic) -> None:
    case = ready(database, language="fr")
    shown = look(rex, case, GRANT)
    assert '<html lang="en">' in shown.text
    assert '<article class="letter" lang="fr">' in shown.text
    assert "décembre 2033" in shown.text


def test_editing_a_letter_keeps_every_word_and_saves_nothing(database: Database, rex: Critic) -> None:
    case = ready(database)
    shown = look(rex, case, REFUSAL)
    action, held = _form(shown)
    edited = rex.post(action.replace("/decision", "/letter/edit"), data=held)
    assert edited.status_code == 200
    assert REFUSAL["reason"] in edited.text
    assert REFUSAL["facts"] in edited.text
    assert '<option value="not-identified" selected>' in edited.text
    assert reread(database, case).decision_id is None


@pytest.mark.parametrize(
    "fault",
    [{"ground": ""}, {"facts": " "}, {"reason": ""}, {"ground": "opinion"}, {"outcome": ""}, {"outcome": "extend"}],
)
def test_no_letter_without_outcome_ground_facts_and_reason(
    database: Database, rex: Critic, fault: dict[str, str]
) -> None:
    case = ready(database)
    answer = look(rex, case, {**REFUSAL, **fault})
    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
    kept = [text for name, text in REFUSAL.items() if name in {"reason", "facts"} and name not in fault]
    assert all(text in answer.text for text in kept)


def test_no_data_cannot_be_said_where_data_was_found(database: Database, rex: Critic) -> None:
    assert look(rex, ready(database), {"outcome": "no_data"}).status_code == 422
    nothing = ready(database, found=False, on_file=False, email="nobody@example.com")
    assert send(rex, nothing, {"outcome": "no_data"}).status_code == 303
    assert reread(database, nothing).status is Status.ANSWERED
    assert jobs(database, nothing) == ["case.locate", "case.paper", "case.letter"]


@pytest.mark.parametrize(("right", "values"), [("access", REFUSAL), ("erase", REFUSAL), ("erase", GRANT)])
def test_a_refusal_and_an_erasure_need_somebody_else(
    database: Database, rex: Critic, max_: Critic, right: str, values: dict[str, str]
) -> None:
    case = ready(database, right=right)
    assert send(rex, case, values).status_code == 303
    assert reread(database, case).status is Status.SECOND
    assert "decision" not in letters(database, case)
    own = rex.get(f"{at(case)}/second")
    assert "You decided this yourself." in own.text
    assert "/confirm" not in own.text
    others = max_.get(f"{at(case)}/second")
    forged = rex.post(_form(others, "/confirm")[0], data={**_form(others, "/confirm")[1], **_token(own)})
    assert forged.status_code == 409
    assert reread(database, case).status is Status.SECOND
    assert press_on(max_, others, "/confirm").status_code == 303
    assert reread(database, case).status is Status.ANSWERED
    assert letters(database, case)[-1] == "decision"
    assert ("case.fulfil" in jobs(database, case)) is (values == GRANT)


def test_the_second_person_sees_what_the_first_saw(database: Database, rex: Critic, max_: Critic) -> None:
    case = ready(database)
    send(rex, case, REFUSAL)
    text = max_.get(f"{at(case)}/second").text
    for words in (
        "Everything, my account too",
        "Assessments",
        "Name matches the account: yes.",
        "phoned the known number",
        REFUSAL["facts"],
        "Reasonable doubt about who asks",
        "version 1",
    ):
        assert words in text, words


def test_confirming_releases_only_the_version_that_was_shown(database: Database, rex: Critic, max_: Critic) -> None:
    case = ready(database)
    send(rex, case, REFUSAL)
    first = max_.get(f"{at(case)}/second")
    assert press_on(max_, first, "/back", {"why": ""}).status_code == 422
    assert press_on(max_, first, "/back", {"why": "Name the earlier request."}).status_code == 303
    again = rex.get(at(case))
    assert "Name the earlier request." in again.text
    assert REFUSAL["reason"] in again.text
    send(rex, case, {**REFUSAL, "facts": "MB-1C8D-44, zelfde vraag."})
    assert press_on(max_, first, "/confirm").status_code == 409
    assert reread(database, case).status is Status.SECOND
    assert press(max_, f"{at(case)}/second", "/confirm").status_code == 303
    with database.reader() as session:
        both = session.scalars(select(Decision).order_by(Decision.version)).all()
    assert [(each.version, each.confirmed_by is not None) for each in both] == [(1, False), (2, True)]


def test_nothing_is_granted_during_the_hold(database: Database, rex: Critic) -> None:
    case = ready(database, right="access", on_file=False)
    for state, delivered in ((MailState.QUEUED, None), (MailState.SENT, now())):
        _notice(database, case, state, delivered)
        refused = send(rex, case, GRANT)
        assert refused.status_code == 409
        assert "72 hours" in refused.text
        assert reread(database, case).decision_id is None
    with time_machine.travel(now() + timedelta(hours=73)):
        assert send(signed_in(rex.application, Role.REVIEWER), case, GRANT).status_code == 303


def test_nothing_is_granted_that_was_stopped_or_to_who_is_not_known(database: Database, rex: Critic) -> None:
    stopped = ready(database, right="access")
    with database.writing() as session:
        stop(session, session.get_one(Case, stopped.id))
    unknown = ready(database, Identity.UNPROVEN, right="access", email="unknown@example.com")
    for case in (stopped, unknown):
        assert send(rex, case, GRANT).status_code == 409
        assert reread(database, case).status is Status.DECIDING
        assert send(rex, case, REFUSAL).status_code == 303


def test_a_stop_after_the_proposal_keeps_the_second_from_confirming(
    database: Database, rex: Critic, max_: Critic
) -> None:
    case = ready(database)
    send(rex, case, GRANT)
    with database.writing() as session:
        stop(session, session.get_one(Case, case.id))
    assert press(max_, f"{at(case)}/second", "/confirm").status_code == 409
    assert reread(database, case).status is Status.SECOND
    with database.reader() as session:
        assert session.scalars(select(Decision.confirmed_by)).all() == [None]


def test_a_case_that_changed_meanwhile_loses_no_word(database: Database, rex: Critic) -> None:
    case = ready(database, right="access")
    page, shown = rex.get(at(case)), look(rex, case, REFUSAL)
    with database.writing() as session:
        reply_to(session, session.get_one(Case, case.id), "Ik was het echt. Bel mij.")
    for late in (press_on(rex, page, "/letter", REFUSAL), press_on(rex, shown, "/decision")):
        assert late.status_code == 409
        assert "changed while you were writing" in late.text
        assert REFUSAL["reason"] in late.text
        assert REFUSAL["facts"] in late.text
        assert "Ik was het echt. Bel mij." in late.text, "what came in meanwhile is read before anything is sent"


def test_a_correction_names_its_field_with_old_and_new_value(database: Database, rex: Critic) -> None:
    case = ready(database, right="rectify")
    assert look(rex, case, GRANT).status_code == 422
    some = {**GRANT, "field-0": "0", "new-0": "Lies Janssens"}
    assert look(rex, case, {**some, "field-1": "7"}).status_code == 422
    whole = {**some, "field-1": "3", "new-1": "Ik ga niet akkoord."}
    assert look(rex, case, {**whole, "new-0": ""}).status_code == 422
    assert send(rex, case, whole).status_code == 303
    with database.reader() as session:
        content = decision_content(session, session.scalars(select(Decision)).one())
    named = {"item": 0, "field": "medbook.accounts.full_name", "old": "Lies Jansens", "new": "Lies Janssens"}
    statement = {"item": 1, "field": "supplement:medbook.assessments", "old": "2022-06-01 · Stil"}
    assert content["corrections"] == [
        {**named, "key": [7]},
        {**statement, "new": "Ik ga niet akkoord.", "key": [42]},
    ]


def test_the_decision_keeps_what_the_letter_said(database: Database, rex: Critic) -> None:
    case = ready(database)
    send(rex, case, {**GRANT, "reason": "Zoals gevraagd."})
    with database.reader() as session:
        decision = session.scalars(select(Decision)).one()
        content = decision_content(session, decision)
        entries = list(session.scalars(select(AuditEntry.facts).where(AuditEntry.kind == "decision:written")))
    assert (decision.outcome, decision.ground, decision.needs_second) == (Outcome.GRANT, None, True)
    kept = {"title": "Facturen", "rows": "7", "effect": "keep", "why": "art. 60 WBTW", "until": "31 december 2033"}
    assert content["kept"] == [kept]
    assert [line["effect"] for line in content["changes"]] == ["delete", "deidentify"]
    assert entries == [{"version": 1, "outcome": "grant", "ground": ""}]


def _form(page: TestResponse, action: str = "/decision") -> tuple[str, dict[str, object]]:
    return next((where, dict(held)) for where, held, _names in post_forms(page) if where.endswith(action))


def _token(page: TestResponse) -> dict[str, str]:
    return {"csrf_token": page.text.partition('name="csrf_token" value="')[2].partition('"')[0]}


def _notice(database: Database, case: Case, state: MailState, sent_at: object) -> None:
    notice = update(Mail).where(Mail.case_id == case.id, Mail.letter == "asked-in-your-name")
    with database.writing() as session:
        session.execute(notice.values(state=state, sent_at=sent_at))
