"""Decisions that need more than words: a grant in part, repetition that must be shown, a balance that must be won."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.accounts.models import Role
from portal.audit.record import PERSON
from portal.cases.access import decision_content, decision_of
from portal.cases.lifecycle import Identity, Move, Status
from portal.cases.models import Carried, Case
from portal.cases.moves import move
from portal.clock import now
from portal.db import Database
from tests.support.critic import Critic
from tests.support.desk import PREVIEW, file_case, press, settle, staff_named
from tests.support.factories import locate, submit_together
from tests.support.visitors import signed_in
from tests.web.test_desk_decision import REX, at, look, ready, reread, send

WORDS = {"reason": "Dit deel kan niet.", "facts": "Zie het dossier."}
KEYS = ("medbook.accounts", "medbook.assessments", "billing.invoices")
FOUND = [
    line | {"key": key, "activity": activity}
    for line, key, activity in zip(PREVIEW, KEYS, ("account", "account", "administration"), strict=True)
]
OBJECTION = {"about": ["usage", "helpdesk"], "circumstances": "Ik word gevolgd door een ex."}
BALANCE = {
    "ours": "Zonder logs vinden we geen inbraak.",
    "milder": "Korter bewaren volstaat niet.",
    "theirs": "Zij vreest een ex.",
    "weigh-our": "3",
    "weigh-their": "2",
}


def content_of(database: Database, case: Case) -> dict[str, object]:
    """Return the opened content of the decision of ``case``."""
    with database.reader() as session:
        decision = decision_of(session, session.get_one(Case, case.id))
        assert decision is not None
        return dict(decision_content(session, decision))


def test_a_grant_in_part_names_what_is_left_out_and_needs_a_ground(
    app: Flask, database: Database, rex: Critic, max_: Critic
) -> None:
    case = ready(database, right="erase", findings={"preview": FOUND})
    partly = {"outcome": "partly", f"without-{KEYS[0]}": "yes"}
    assert look(rex, case, partly).status_code == 422
    whole = partly | WORDS | {"ground": "still-needed"}
    assert look(rex, case, whole | {f"without-{KEYS[0]}": ""}).status_code == 422
    everything = whole | {"without-account": "yes", "without-administration": "yes"}
    assert look(rex, case, everything).status_code == 422
    assert send(rex, case, whole).status_code == 303
    assert press(max_, f"{at(case)}/second", "/confirm").status_code == 303
    content = content_of(database, case)
    assert content["without"] == {"activities": [], "collections": [KEYS[0]]}
    assert content["refused"] == [{"title": "Account", "rows": 2}]
    assert reread(database, case).status is Status.ANSWERED


def test_a_part_that_another_organisation_decides_on_is_left_to_it_by_name(
    database: Database, rex: Critic, max_: Critic
) -> None:
    case = ready(database, right="erase", findings={"preview": FOUND})
    partly = {"outcome": "partly", "ground": "not-controller", **WORDS, f"without-{KEYS[1]}": "yes"}
    assert look(rex, case, partly).status_code == 422
    named = look(rex, case, partly | {"other-school": "yes"})
    assert named.status_code == 200
    assert "privacy@university.example.org" in named.text


def test_leaving_something_out_of_a_whole_grant_is_asked_about(database: Database, rex: Critic) -> None:
    case = ready(database, right="erase", findings={"preview": FOUND})
    assert look(rex, case, {"outcome": "grant", f"without-{KEYS[0]}": "yes"}).status_code == 422


def answered_before(app: Flask, database: Database, days: int) -> Case:
    """File and answer an access request some days ago."""
    with time_machine.travel(now() - timedelta(days=days), tick=False):
        browser = signed_in(app, Role.REVIEWER)
        case = ready(database, right="access")
        assert send(browser, case, {"outcome": "grant"}).status_code == 303
    return case


def test_repetition_holds_only_with_an_earlier_request_that_was_answered(
    app: Flask, database: Database, rex: Critic
) -> None:
    before, case = answered_before(app, database, 60), ready(database, right="access")
    refusal = {"outcome": "refuse", "ground": "repeated", **WORDS, "evidence": "Niets veranderde."}
    assert look(rex, case, refusal).status_code == 422
    shown = look(rex, case, refusal | {f"earlier-{before.reference}": "yes"})
    assert shown.status_code == 200
    assert "Niets veranderde." in shown.text
    assert look(rex, case, refusal | {f"earlier-{before.reference}": "yes", "evidence": ""}).status_code == 422


@pytest.mark.parametrize(
    ("days", "findings"),
    [(400, None), (60, {"rows": 70})],
    ids=["more than a year ago", "the data changed since"],
)
def test_an_earlier_request_that_carries_nothing_cannot_be_named(
    app: Flask, database: Database, rex: Critic, days: int, findings: dict[str, object] | None
) -> None:
    before = answered_before(app, database, days)
    case = ready(database, right="access", findings=findings)
    refusal = {"outcome": "refuse", "ground": "repeated", **WORDS, "evidence": "Niets veranderde."}
    assert look(rex, case, refusal | {f"earlier-{before.reference}": "yes"}).status_code == 422


def test_the_coach_says_what_differs_from_an_earlier_request(app: Flask, database: Database, rex: Critic) -> None:
    before = answered_before(app, database, 60)
    case = ready(database, right="access", findings={"rows": 70})
    page = rex.get(at(case)).text
    assert before.reference in page
    assert "The data changed since" in page
    assert "60 days" in page


def test_what_a_request_of_the_person_changed_meanwhile_is_no_repetition(
    app: Flask, database: Database, rex: Critic
) -> None:
    answered_before(app, database, 60)
    case = ready(database, right="access")
    page = rex.get(at(case)).text
    assert "as many rows as then" in page
    assert "We count rows and do not compare what they say" in page
    with database.writing() as session:
        corrected = {"changed": 1, "kept": 0, "digest": "d", "proof": b"", "at": now(), "done_at": now()}
        session.add(Carried(case_id=file_case(session, right="rectify").id, source="medbook", **corrected))
    assert "The data changed since" in rex.get(at(case)).text


def test_an_objection_is_refused_only_where_our_grounds_weigh_more(database: Database, rex: Critic) -> None:
    case = ready(database, right="object", answers=OBJECTION)
    refusal = {"outcome": "refuse", "ground": "compelling-interest", **WORDS, **BALANCE}
    assert look(rex, case, refusal | {"weigh-our": "2"}).status_code == 422
    assert look(rex, case, refusal | {"milder": " "}).status_code == 422
    shown = look(rex, case, refusal)
    assert shown.status_code == 200
    assert BALANCE["ours"] in shown.text
    assert BALANCE["theirs"] in shown.text


def test_for_the_committee_no_ground_of_ours_can_weigh_more(database: Database, rex: Critic) -> None:
    case = ready(database, right="object", answers={"about": ["committee"]})
    refusal = {"outcome": "refuse", "ground": "compelling-interest", **WORDS, **BALANCE}
    refused = look(rex, case, refusal)
    assert refused.status_code == 422
    assert "the person needs no reason" in refused.text


def test_an_objection_can_be_granted_for_one_use_and_refused_for_another(
    database: Database, rex: Critic, max_: Critic
) -> None:
    case = ready(database, right="object", answers=OBJECTION)
    partly = {"outcome": "partly", "ground": "compelling-interest", **WORDS, **BALANCE, "without-helpdesk": "yes"}
    assert send(rex, case, partly).status_code == 303
    content = content_of(database, case)
    assert content["without"] == {"activities": ["helpdesk"], "collections": []}
    assert press(max_, f"{at(case)}/second", "/confirm").status_code == 303


def test_an_objection_is_not_refused_before_the_pause_that_was_asked_with_it(database: Database, rex: Critic) -> None:
    with database.writing() as session:
        sent = submit_together(session, "object", "restrict")
        for case in sent.values():
            locate(session, case)
        settle(session, sent["object"], staff_named(session, REX), Identity.CONFIRMED)
    case, pause = sent["object"], sent["restrict"]
    assert pause.reference in rex.get(at(case)).text
    refusal = {"outcome": "refuse", "ground": "compelling-interest", **WORDS, **BALANCE}
    assert send(rex, case, refusal).status_code == 409
    assert reread(database, case).status is Status.DECIDING
    with database.writing() as session:
        move(session, session.get_one(Case, pause.id), Move.WITHDRAW, PERSON)
    assert send(rex, case, refusal).status_code == 303
