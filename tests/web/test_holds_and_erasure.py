"""Legal holds and erasure: what an order keeps is not touched, whenever the order comes; other rights go on."""

from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from portal.accounts.models import Role
from portal.cases.access import findings_of, may_release
from portal.cases.holds import set_hold
from portal.cases.lifecycle import Identity, Move, Status, Unmet
from portal.cases.models import Case
from portal.cases.moves import move
from portal.clock import now
from portal.db import Database
from portal.demo.medbook import demo_people
from portal.errors import MoveRefused
from portal.fulfilment.apply import apply, preview
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import Effect, ErasePlan
from portal.fulfilment.plans import LegalHold as Kept
from tests.support.colleagues import browser_of, member_of
from tests.support.desk import actor, press
from tests.support.factories import (
    ADA,
    add_member,
    answer,
    confirm_identity,
    deciding_case,
    submit_case,
    write_decision,
)
from tests.support.orders import hold, lift, order
from tests.support.portals import work
from tests.support.shop import ADA as SHOPPER
from tests.support.shop import NOW, open_shop, whole

PERSON = demo_people().ada


# -- erasing, in a made-up shop


def test_what_an_order_keeps_is_not_touched_by_any_write(tmp_path: Path) -> None:
    shop, me = open_shop(tmp_path), Subject((SHOPPER,))
    before = whole(shop)
    kept = frozenset({"shop.order", "shop.comments"})
    plan = ErasePlan(hold=Kept(kept, date(2030, 1, 1)))
    lines = {(line.key, line.effect): line for line in preview(shop, me, plan, NOW).lines}
    assert lines["shop.comments", Effect.KEEP].until == date(2030, 1, 1)
    apply(shop, me, plan, NOW)
    after = whole(shop)
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    assert after["shop.customers"] != before["shop.customers"]
    shop.close()


def test_a_hold_on_everything_leaves_every_row_as_it_was(tmp_path: Path) -> None:
    shop, me = open_shop(tmp_path), Subject((SHOPPER,))
    before = whole(shop)
    plan = ErasePlan(hold=Kept(None, date(2030, 1, 1)))
    assert {line.effect for line in preview(shop, me, plan, NOW).lines} == {Effect.KEEP}
    apply(shop, me, plan, NOW)
    assert whole(shop) == before
    shop.close()


# -- erasing, on the made-up Medbook


def erasure(app: Flask) -> str:
    """File an erasure, search the sources and settle who it is; return the case's id."""
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        who = {"name": PERSON.full_name, "email": PERSON.email, "residence": "be", "acting": "self"}
        case_id = submit_case(session, "erase", who=who).id
    work(app)
    with database.writing() as session:
        confirm_identity(session, session.get_one(Case, case_id), add_member(session), Identity.CONFIRMED)
    return case_id


def effects(app: Flask, case_id: str) -> dict[str, set[str]]:
    with app.extensions["portal_db"].reader() as session:
        lines = findings_of(session, session.get_one(Case, case_id))["preview"]
    return {line["key"]: {each["effect"] for each in lines if each["key"] == line["key"]} for line in lines}


def test_a_hold_set_while_a_deletion_is_open_changes_what_is_previewed(medbook_app: Flask) -> None:
    case_id = erasure(medbook_app)
    gone = next(key for key, found in effects(medbook_app, case_id).items() if found == {"delete"})
    hold_id = hold(medbook_app.extensions["portal_db"], address=PERSON.email, collections=(gone,))
    work(medbook_app)
    assert effects(medbook_app, case_id)[gone] == {"keep"}
    lift(medbook_app.extensions["portal_db"], hold_id)
    work(medbook_app)
    assert effects(medbook_app, case_id)[gone] == {"delete"}


def test_before_the_search_ran_again_nobody_decides_on_the_old_one(medbook_app: Flask) -> None:
    case_id, database = erasure(medbook_app), medbook_app.extensions["portal_db"]
    hold(database, address=PERSON.email)
    with database.reader() as session:
        assert Unmet.LEGAL_HOLD in may_release(session, session.get_one(Case, case_id), now())
    work(medbook_app)
    with database.reader() as session:
        assert Unmet.LEGAL_HOLD not in may_release(session, session.get_one(Case, case_id), now())


def test_a_hold_set_after_the_decision_stops_the_worker_and_the_desk_can_decide_anew(medbook_app: Flask) -> None:
    case_id, database = erasure(medbook_app), medbook_app.extensions["portal_db"]
    with database.writing() as session:
        case = session.get_one(Case, case_id)
        answer(session, case, add_member(session), add_member(session, Role.MANAGER))
    hold(database, address=PERSON.email)
    work(medbook_app)
    with database.reader() as session:
        assert session.get_one(Case, case_id).status is Status.ANSWERED
    reviewer = member_of(database)
    browser = browser_of(medbook_app, reviewer)
    press(browser, f"/desk/cases/{case_id}", "/take")
    assert "A legal hold was set after the decision" in browser.get(f"/desk/cases/{case_id}").text
    assert press(browser, f"/desk/cases/{case_id}", "/reopen").status_code == 303
    work(medbook_app)
    with database.reader() as session:
        assert session.get_one(Case, case_id).status is Status.DECIDING


def test_a_second_person_cannot_confirm_what_a_hold_has_overtaken(database: Database) -> None:
    with database.writing() as session:
        first, second = add_member(session), add_member(session, Role.MANAGER)
        case = deciding_case(session, "erase")
        decision = write_decision(session, case, first)
        move(session, case, Move.PROPOSE, actor(first))
        decision.confirmed_by = second.id
        set_hold(session, order(case=case), actor(second))
        with pytest.raises(MoveRefused) as refused:
            move(session, case, Move.CONFIRM, actor(second))
        assert refused.value.sentence == Unmet.LEGAL_HOLD.sentence


def test_a_hold_stops_no_other_right(database: Database) -> None:
    with database.writing() as session:
        first, second = add_member(session), add_member(session, Role.MANAGER)
        case = deciding_case(session, "access")
        set_hold(session, order(address=ADA["email"]), actor(second))
        answer(session, case, first, second)
        assert case.status is Status.ANSWERED
