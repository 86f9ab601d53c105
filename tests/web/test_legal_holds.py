"""Legal holds at the desk and in the sweep: set, read and lifted by the privacy manager; what one covers stays."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Role
from portal.cases.access import findings_of, seal_json
from portal.cases.holds import LegalHold, content_held, held, terms_of
from portal.cases.lifecycle import Outcome
from portal.cases.models import Case
from portal.clock import now, today
from portal.db import Database
from portal.errors import MoveRefused
from portal.files.keys import KeyDestroyed, Purpose
from portal.verify import breaches
from tests.support.colleagues import browser_of, member_of
from tests.support.critic import Critic
from tests.support.desk import press
from tests.support.factories import (
    ADA,
    BEN,
    add_member,
    answer,
    deciding_case,
)
from tests.support.nights import night
from tests.support.orders import hold, lift

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
OLD = timedelta(days=2 * 365 + 1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def two(database: Database, clock: time_machine.Traveller) -> tuple[Case, Case]:
    """Give two refused requests of two people."""
    with database.writing() as session:
        staff = add_member(session), add_member(session, Role.MANAGER)
        cases = [deciding_case(session, who=who) for who in (ADA, BEN)]
        for case in cases:
            answer(session, case, *staff, Outcome.REFUSE)
    clock.shift(timedelta(days=31))
    night(database)  # closes them
    return cases[0], cases[1]


def forgotten(database: Database, *cases: Case) -> list[bool]:
    with database.reader() as session:
        return [session.get_one(Case, case.id).forgotten_at is not None for case in cases]


def test_the_sweep_keeps_what_a_hold_on_the_person_covers(
    database: Database, two: tuple[Case, Case], clock: time_machine.Traveller
) -> None:
    hold(database, address="  ADA@example.com ", ends_on=date(2030, 1, 1))
    clock.shift(OLD)
    night(database)
    assert forgotten(database, *two) == [False, True]
    with database.reader() as session:
        assert [breach for breach in breaches(session) if "beyond its term" in breach] == []


def test_the_sweep_keeps_what_the_person_of_a_hold_asked_from_another_address(
    database: Database, two: tuple[Case, Case], clock: time_machine.Traveller
) -> None:
    with database.writing() as session:
        case = session.get_one(Case, two[1].id)
        known = findings_of(session, case) | {"addresses": [{"address": "old@example.com"}]}
        case.findings = seal_json(session, case.id, Purpose.DECISION, known)
    hold(database, address="old@example.com", ends_on=date(2030, 1, 1))
    clock.shift(OLD + timedelta(days=2))
    night(database)
    assert forgotten(database, *two) == [True, False]
    with database.reader() as session:
        assert [breach for breach in breaches(session) if "beyond its term" in breach] == []


def test_the_sweep_keeps_the_one_request_a_hold_is_about_until_its_last_day(
    database: Database, two: tuple[Case, Case], clock: time_machine.Traveller
) -> None:
    last = today() + OLD
    hold(database, case=two[0], ends_on=last)
    clock.shift(OLD)
    night(database)
    assert forgotten(database, *two) == [False, True]
    clock.shift(timedelta(days=1))
    night(database)
    assert forgotten(database, *two) == [True, True]


def test_a_lifted_hold_keeps_nothing_any_more(
    database: Database, two: tuple[Case, Case], clock: time_machine.Traveller
) -> None:
    hold_id = hold(database, case=two[0], ends_on=date(2030, 1, 1))
    clock.shift(OLD)
    night(database)
    lift(database, hold_id)
    with pytest.raises(MoveRefused):
        lift(database, hold_id)
    clock.shift(timedelta(seconds=1))
    night(database)
    assert forgotten(database, *two) == [True, True]
    with database.reader() as session:
        assert terms_of(session, session.get_one(LegalHold, hold_id))["lifted"] == "The case is over."


def test_a_hold_on_collections_does_not_keep_the_requests(
    database: Database, two: tuple[Case, Case], clock: time_machine.Traveller
) -> None:
    hold(database, address=ADA["email"], collections=("medbook.invoices",), ends_on=date(2030, 1, 1))
    with database.reader() as session:
        assert session.scalars(select(Case.id).where(content_held(now()))).all() == []


def test_the_terms_of_a_hold_are_sealed(database: Database, two: tuple[Case, Case]) -> None:
    hold(database, address=ADA["email"])
    with database.engine.connect() as connection:
        dump = "".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
    assert "Court of Leuven" not in dump
    assert ADA["email"] not in dump


def test_a_hold_still_covers_a_case_whose_content_is_gone(
    database: Database, two: tuple[Case, Case], clock: time_machine.Traveller
) -> None:
    clock.shift(OLD)
    night(database)
    hold(database, address=ADA["email"], ends_on=date(2030, 1, 1))
    with database.reader() as session:
        case = session.get_one(Case, two[0].id)
        with pytest.raises(KeyDestroyed):
            findings_of(session, case)
        assert held(session, case, now()).whole


# -- the pages


FORM = {"order": "Court of Leuven, 2026/17", "ordered_on": "2026-03-01", "ends_on": "2027-03-01"}


@pytest.fixture
def manager(app: Flask, database: Database, clock: time_machine.Traveller) -> Critic:
    return browser_of(app, member_of(database, Role.MANAGER))


def test_the_privacy_manager_sets_reads_and_lifts_a_hold(
    two: tuple[Case, Case], manager: Critic, database: Database
) -> None:
    subject = {"about": "case", "subject": two[0].reference.lower()}
    assert press(manager, "/desk/holds", "/desk/holds", {**FORM, **subject}).status_code == 303
    page = manager.get("/desk/holds").text
    assert FORM["order"] in page
    assert two[0].reference in page
    assert "A legal hold is in force until" in manager.get(f"/desk/cases/{two[0].id}").text
    assert press(manager, "/desk/holds", "/lift", {"why": ""}).status_code == 422
    assert press(manager, "/desk/holds", "/lift", {"why": "It is over."}).status_code == 303
    assert "No hold is in force" in manager.get("/desk/holds").text
    assert "It is over." in manager.get("/desk/holds").text
    assert "Legal hold lifted" in manager.get(f"/desk/cases/{two[0].id}").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"order": ""}, "Write who ordered it"),
        ({"ordered_on": "2026-03-13"}, "cannot be of a later day"),
        ({"ordered_on": "nonsense"}, "Choose a day"),
        ({"ends_on": "2026-03-11"}, "still to come"),
        ({"about": "case", "subject": "MB-XXXX-00"}, "no request with this number"),
        ({"about": "person", "subject": "ada"}, "one whole mail address"),
        ({"about": "everybody"}, "choose the collections"),
        ({"about": "everybody", "collection": "medbook.made_up"}, "choose the collections"),
        ({"about": ""}, "what the order is about"),
    ],
)
def test_a_hold_that_is_not_clear_is_not_set(
    manager, database: Database, changes: dict[str, str], sentence: str
) -> None:  # type: ignore[no-untyped-def]
    usual = {**FORM, "about": "person", "subject": "ada@example.com"}
    answer_ = press(manager, "/desk/holds", "/desk/holds", {**usual, **changes})
    assert answer_.status_code == 422
    assert sentence in answer_.text
    with database.reader() as session:
        assert session.scalars(select(LegalHold)).all() == []


def test_a_hold_for_everybody_names_its_collections(
    two: tuple[Case, Case], manager: Critic, database: Database
) -> None:
    page = manager.get("/desk/holds").text
    key = page.partition('name="collection" value="')[2].partition('"')[0]
    chosen = {**FORM, "about": "everybody", "subject": "", "collection": key}
    assert press(manager, "/desk/holds", "/desk/holds", chosen).status_code == 303
    with database.reader() as session:
        found = held(session, session.get_one(Case, two[1].id), now())
        assert (found.whole, found.collections) == (False, {key})


def test_a_reviewer_sets_no_hold(app: Flask, database: Database) -> None:
    assert browser_of(app, member_of(database)).get("/desk/holds").status_code == 404
