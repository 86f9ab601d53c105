"""What the desk may not do: judge its own requests, decide on half a search or for nothing, write what does not fit."""

import json
from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from portal.accounts.models import Role, Staff
from portal.cases.access import decision_content
from portal.cases.lifecycle import Identity, Status
from portal.cases.models import Case, Decision
from portal.db import Database
from portal.fulfilment.brief import brief_for
from portal.fulfilment.plans import RectifyPlan
from portal.mail.outbox import Mail, MailState
from tests.support.critic import Critic, post_forms
from tests.support.desk import PREVIEW, file_case, press, press_on, settle, staff_named
from tests.support.visitors import signed_in

REX, MAX = "reviewer@medbook.example", "privacy_manager@medbook.example"
SENTENCE = "somebody else must do it"
GRANT = {"outcome": "grant"}
KEPT = [each for each in PREVIEW if each["effect"] == "keep"]
PARTIAL = {**GRANT, "field-0": "0", "new-0": "Lies Janssens"}
WHY = {"ground": "opinion", "reason": "Dit is een oordeel.", "facts": "Een beoordeling van 2022."}


def ready(database: Database, **wish: object) -> Case:
    """File a case that Rex has to decide."""
    with database.writing() as session:
        case = file_case(session, card=False, **wish)
        settle(session, case, staff_named(session, REX))
        return case


def at(case: Case) -> str:
    return f"/desk/cases/{case.id}"


def reread(database: Database, case: Case) -> Case:
    with database.reader() as session:
        return session.get_one(Case, case.id)


def look(browser: Critic, case: Case, values: Mapping[str, str]) -> TestResponse:
    return press(browser, at(case), "/letter", values)


def send(browser: Critic, case: Case, values: Mapping[str, str]) -> TestResponse:
    return press_on(browser, look(browser, case, values), "/decision")


def forge(browser: Critic, case: Case, action: str, values: Mapping[str, str] | None = None) -> TestResponse:
    """Send a form that the page of ``case`` does not have."""
    page = browser.get(at(case))
    token = dict(post_forms(page)[0][1])["csrf_token"]
    return browser.post(f"{at(case)}{action}", data={"csrf_token": token, **(values or {})})


def content_of(database: Database) -> dict[str, object]:
    with database.reader() as session:
        return decision_content(session, session.scalars(select(Decision)).one())


def test_nobody_takes_a_request_from_their_own_address(app: Flask, database: Database, rex: Critic) -> None:
    with database.writing() as session:
        case = file_case(session, card=False, email=f" {REX.upper()}")
    page = rex.get(at(case)).text
    assert SENTENCE in page
    assert "/take" not in page
    refused = forge(rex, case, "/take")
    assert (refused.status_code, SENTENCE in refused.text) == (409, True)
    max_ = signed_in(app, Role.MANAGER)
    press(max_, at(case), "/take")
    with database.reader() as session:
        rex_id, max_id = staff_named(session, REX).id, staff_named(session, MAX).id
    assert f'value="{rex_id}"' not in max_.get(at(case)).text
    assert forge(max_, case, "/hand-over", {"colleague": rex_id, "owner": max_id}).status_code == 409
    assert reread(database, case).assigned_to == max_id


def test_nobody_judges_or_decides_a_request_from_their_own_address(database: Database, rex: Critic) -> None:
    with database.writing() as session:
        judged = file_case(session, card=False)
        judged.assigned_to = staff_named(session, REX).id
    decided = ready(database, right="access", email="other@example.com")
    shown, page = look(rex, decided, GRANT), rex.get(at(judged))
    with database.writing() as session:
        session.execute(update(Staff).where(Staff.login == REX).values(login="lies@example.com"))
    verdict = {"check-name": "yes", "check-signature": "yes", "verdict": "confirmed", "other_proof": "phoned"}
    refused = press_on(rex, page, "/identity", verdict)
    assert (refused.status_code, SENTENCE in refused.text) == (409, True)
    assert reread(database, judged).identity is Identity.OPEN
    with database.writing() as session:
        session.execute(update(Staff).where(Staff.login == "lies@example.com").values(login="other@example.com"))
    assert press_on(rex, shown, "/decision").status_code == 409
    assert reread(database, decided).status is Status.DECIDING


@pytest.mark.parametrize(("action", "values"), [("/confirm", {}), ("/back", {"why": "Not like this."})])
def test_nobody_confirms_or_sends_back_an_answer_to_their_own_address(
    database: Database, rex: Critic, max_: Critic, action: str, values: dict[str, str]
) -> None:
    case = ready(database, email=MAX)
    send(rex, case, GRANT)
    refused = press(max_, f"{at(case)}/second", action, values)
    assert (refused.status_code, SENTENCE in refused.text) == (409, True)
    assert reread(database, case).status is Status.SECOND


@pytest.mark.parametrize(
    ("place", "new", "sentence"),
    [
        ("4", "yesterday", "Write a date as 2026-03-12."),
        ("0", "x" * 31, "This is too long: write at most 30 characters."),
    ],
)
def test_a_correction_that_the_source_cannot_take_gets_no_letter(
    database: Database, rex: Critic, place: str, new: str, sentence: str
) -> None:
    case = ready(database, right="rectify")
    answer = look(rex, case, {**PARTIAL, **WHY, "field-0": place, "new-0": new})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    fitting = {"4": "1990-12-11", "0": "x" * 30}[place]
    assert look(rex, case, {**PARTIAL, **WHY, "field-0": place, "new-0": fitting}).status_code == 200


def test_rows_that_say_the_same_are_told_apart_and_only_the_chosen_one_is_corrected(
    database: Database, rex: Critic
) -> None:
    case = ready(database, right="rectify")
    page = rex.get(at(case)).text
    assert "Name: Lies Jansens (row 7)" in page
    assert "Name: Lies Jansens (row 8)" in page
    send(rex, case, {**PARTIAL, **WHY, "field-0": "1"})
    content = content_of(database)
    with database.reader() as session:
        plan = brief_for(session, session.get_one(Case, case.id)).plan(json.loads(json.dumps(content)))
    assert isinstance(plan, RectifyPlan)
    assert [each.key for each in plan.items] == [(8,)]


def test_a_statement_goes_to_one_chosen_assessment(database: Database, rex: Critic) -> None:
    case = ready(database, right="rectify")
    page = rex.get(at(case)).text
    assert "Statement with Assessment: 2022-05-01 · Laat" in page
    assert "Statement with Assessment: 2022-06-01 · Stil" in page
    send(rex, case, {**PARTIAL, **WHY, "field-0": "2", "new-0": "Ik ga niet akkoord."})
    with database.reader() as session:
        plan = brief_for(session, session.get_one(Case, case.id)).plan(
            decision_content(session, session.scalars(select(Decision)).one())
        )
    assert isinstance(plan, RectifyPlan)
    assert [(each.field, each.key) for each in plan.items] == [("supplement:medbook.assessments", (41,))]


@pytest.mark.parametrize("missing", ["ground", "reason", "facts"])
def test_correcting_less_than_everything_needs_what_a_refusal_needs(
    database: Database, rex: Critic, missing: str
) -> None:
    case = ready(database, right="rectify")
    assert look(rex, case, {**PARTIAL, **WHY, missing: ""}).status_code == 422


def test_correcting_less_than_everything_is_a_grant_in_part_that_somebody_else_confirms(
    database: Database, rex: Critic, max_: Critic
) -> None:
    case = ready(database, right="rectify", language="en")
    shown = look(rex, case, {**PARTIAL, **WHY})
    assert "<b>Granted in part.</b>" in shown.text
    assert WHY["facts"] in shown.text
    assert press_on(rex, shown, "/decision").status_code == 303
    assert reread(database, case).status is Status.SECOND
    assert "<dd>Granted in part</dd>" in max_.get(f"{at(case)}/second").text
    with database.reader() as session:
        decision = session.scalars(select(Decision)).one()
    assert (decision.needs_second, decision.ground) == (True, "opinion")
    assert press(max_, f"{at(case)}/second", "/confirm").status_code == 303


def test_correcting_everything_needs_no_ground_and_nobody_else(database: Database, rex: Critic) -> None:
    case = ready(database, right="rectify", language="en")
    whole = {**PARTIAL, "field-1": "2", "new-1": "Ik ga niet akkoord."}
    shown = look(rex, case, whole)
    assert "<b>Granted.</b>" in shown.text
    press_on(rex, shown, "/decision")
    assert reread(database, case).status is Status.ANSWERED


@pytest.mark.parametrize(
    "wish",
    [
        {"findings": {"preview": []}},
        {"findings": {"preview": KEPT}},
        {"findings": {"preview": [{**PREVIEW[0], "rows": 0}]}},
        {"answers": {"about": ["unsure"]}},
    ],
    ids=["empty", "kept", "no rows", "unsure"],
)
def test_a_grant_that_would_change_nothing_is_not_sent(
    database: Database, rex: Critic, wish: dict[str, object]
) -> None:
    case = ready(database, **wish)
    sentence = "Granting this would change nothing"
    assert sentence in rex.get(at(case)).text
    refused = send(rex, case, GRANT)
    assert (refused.status_code, sentence in refused.text) == (409, True)
    assert reread(database, case).status is Status.DECIDING


def test_a_copy_may_be_granted_to_who_is_not_sure(database: Database, rex: Critic) -> None:
    answers = {"about": ["unsure"], "form": [{"form": "copy"}]}
    case = ready(database, right="access", answers=answers, findings={"preview": []})
    assert send(rex, case, GRANT).status_code == 303


@pytest.mark.parametrize("right", ["erase", "rectify"])
@pytest.mark.parametrize("half", [{"failed": ["medbook"]}, {"previewed_at": None}], ids=["failed", "no preview"])
def test_nothing_is_changed_on_half_a_search(
    database: Database, rex: Critic, right: str, half: dict[str, object]
) -> None:
    case = ready(database, right=right, findings=half)
    refused = send(rex, case, {**PARTIAL, **WHY} if right == "rectify" else GRANT)
    assert (refused.status_code, "search again first" in refused.text) == (409, True)
    assert reread(database, case).decision_id is None


def test_no_data_is_not_said_on_half_a_search(database: Database, rex: Critic) -> None:
    case = ready(database, found=False, findings={"failed": ["medbook_support"]})
    refused = send(rex, case, {"outcome": "no_data"})
    assert (refused.status_code, "search again before you say" in refused.text) == (409, True)
    assert reread(database, case).status is Status.DECIDING


def test_where_nobody_on_file_can_be_told_a_second_person_looks_instead_of_the_hold(
    database: Database, rex: Critic, max_: Critic
) -> None:
    case = ready(database, right="access", on_file=False)
    sentence = "Nobody on file can be told of this request: a second person looks at it instead of the 72 hours."
    assert sentence not in rex.get(at(case)).text
    with database.writing() as session:
        notice = update(Mail).where(Mail.case_id == case.id, Mail.letter == "asked-in-your-name")
        session.execute(notice.values(state=MailState.FAILED))
    assert sentence in rex.get(at(case)).text
    assert send(rex, case, GRANT).status_code == 303
    assert reread(database, case).status is Status.SECOND
    assert press(max_, f"{at(case)}/second", "/confirm").status_code == 303
    assert reread(database, case).status is Status.ANSWERED


def test_an_address_of_another_account_is_told_to_the_desk(database: Database, rex: Critic) -> None:
    sentence = "does not belong to the account this mailbox leads to"
    told = ready(database, known_email="home@example.com", findings={"claimed_elsewhere": True})
    assert sentence in rex.get(at(told)).text
    assert sentence not in rex.get(at(ready(database, email="b@example.com"))).text


def test_the_letter_says_that_the_person_passes_the_file_on(database: Database, rex: Critic) -> None:
    sentence = "Today we cannot send it there directly, for technical reasons."
    to_other = {"about": ["everything"], "destination": [{"to": "other", "controller": "Another school"}]}
    other = ready(database, right="port", language="en", answers=to_other)
    assert sentence in look(rex, other, GRANT).text
    assert sentence not in look(rex, other, {"outcome": "refuse", **WHY, "ground": "not-identified"}).text
    own = ready(database, right="port", language="en", email="b@example.com")
    assert sentence not in look(rex, own, GRANT).text
