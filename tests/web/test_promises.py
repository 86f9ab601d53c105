"""What had to stay is promised, erased on its day and told; a restriction keeps every purge away until it is lifted."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.gates import MAILBOX
from portal.accounts.models import Role
from portal.audit.record import Actor, ActorKind
from portal.cases.lifecycle import Status
from portal.cases.markings import Marking, announce_lift
from portal.cases.models import Carried, Case
from portal.cases.promises import Promise, promises_of
from portal.db import Database
from portal.errors import MoveRefused
from portal.files.keys import DataKey
from portal.fulfilment.plans import Kept, Part
from portal.fulfilment.promises import KEEP, make_promises
from portal.jobs.outbox import Job, queue
from portal.sources import Sources
from portal.tracking.standing import kept, pause_ends_on
from tests.support.desk import press
from tests.support.nights import letters, night
from tests.support.shop import whole
from tests.support.shopfront import carried_out, granted, shopfront, work
from tests.support.visitors import signed_in

BY = Actor(ActorKind.STAFF, "0" * 32, "manager")
HOLD_ENDS = date(2031, 5, 1)
"""The order of 1 May 2024 is kept seven years for VAT law."""


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 3, 12, 9, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def shop(tmp_path: Path, migrated: Path, time: time_machine.Traveller) -> Iterator[tuple[Flask, Sources]]:
    with shopfront(tmp_path, migrated) as opened:
        yield opened


def database_of(app: Flask) -> Database:
    found: Database = app.extensions["portal_db"]
    return found


def promised(app: Flask, case_id: str) -> list[Promise]:
    with database_of(app).reader() as session:
        return promises_of(session, case_id)


def go_to(time: time_machine.Traveller, day: date) -> None:
    time.move_to(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


def test_what_a_law_keeps_is_promised_and_erased_on_its_day(
    shop: tuple[Flask, Sources], time: time_machine.Traveller
) -> None:
    app, sources = shop
    case_id = carried_out(app, "erase")
    (promise,) = promised(app, case_id)
    assert (promise.collection, promise.rows, promise.due_on, promise.ends) == ("shop.order", 1, HOLD_ENDS, True)
    assert promise.ground == "VAT law (art. 60)"
    before = whole(sources)
    go_to(time, HOLD_ENDS)
    work(app)
    assert whole(sources) == before, "its last day counts whole"
    go_to(time, HOLD_ENDS + timedelta(days=1))
    work(app)
    order = whole(sources)["shop.order"][(2,)]
    assert order["customer_id"] is None
    (promise,) = promised(app, case_id)
    assert promise.done_at is not None
    assert promise.kept is None
    assert promise.digest is not None
    with database_of(app).reader() as session:
        (key,) = session.scalars(select(DataKey).where(DataKey.owner == promise.id))
        assert key.wrapped is None
    again = whole(sources)
    work(app)
    assert whole(sources) == again


def test_a_source_that_refuses_is_asked_again_once_a_week_and_not_every_night(
    shop: tuple[Flask, Sources], time: time_machine.Traveller
) -> None:
    app, sources = shop
    case_id = carried_out(app, "erase")
    with sources["shop"].writer.begin() as connection:
        connection.exec_driver_sql("insert into customers (id, email, name) values (1, 'again@example.org', 'Again')")
        connection.exec_driver_sql('update "order" set customer_id = 1 where id = 2')  # there is something to empty
        connection.exec_driver_sql(
            "CREATE TRIGGER stop BEFORE UPDATE ON \"order\" BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    for days, tried in ((1, 1), (2, 1), (7, 1), (9, 2), (10, 2)):
        go_to(time, HOLD_ENDS + timedelta(days=days))
        work(app)
        with database_of(app).reader() as session:
            jobs = session.scalars(select(Job).where(Job.kind == KEEP)).all()
        assert [job.fault for job in jobs] == ["SourceRefused shop"] * tried
    with sources["shop"].writer.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER stop")
    go_to(time, HOLD_ENDS + timedelta(days=17))
    work(app)
    (promise,) = promised(app, case_id)
    assert promise.done_at is not None


def test_the_person_is_told_while_an_address_is_known(
    shop: tuple[Flask, Sources], time: time_machine.Traveller
) -> None:
    app, sources = shop
    with sources["shop"].writer.begin() as connection:
        connection.exec_driver_sql("""update "order" set "select" = '2019-04-01' where id = 2""")
    case_id = carried_out(app, "erase")
    assert promised(app, case_id)[0].due_on == date(2026, 4, 1)
    assert "kept-erased" not in letters(database_of(app), case_id)
    go_to(time, date(2026, 4, 2))
    work(app)
    assert letters(database_of(app), case_id).count("kept-erased") == 1


def test_a_forgotten_request_still_keeps_its_promise_and_tells_nobody(
    shop: tuple[Flask, Sources], time: time_machine.Traveller
) -> None:
    app, _ = shop
    case_id = carried_out(app, "erase")
    go_to(time, date(2026, 4, 20))
    work(app)
    go_to(time, date(2028, 6, 1))
    night(database_of(app))
    go_to(time, HOLD_ENDS + timedelta(days=1))
    work(app)
    (promise,) = promised(app, case_id)
    assert promise.done_at is not None
    assert "kept-erased" not in letters(database_of(app), case_id)


def test_a_row_whose_hold_began_anew_is_promised_anew_and_what_points_at_it_waits_with_it(
    shop: tuple[Flask, Sources], time: time_machine.Traveller
) -> None:
    app, sources = shop
    case_id = carried_out(app, "erase")
    order, review = ("shop.order", Part.OWN, ((2,),)), ("shop.reviews", Part.REFERRING, ((1,),))
    kept = [
        Kept(place, "law", "VAT law", HOLD_ENDS, part, keys, frozenset(), {}) for place, part, keys in (order, review)
    ]
    with database_of(app).writing() as session:
        make_promises(session, session.get_one(Case, case_id), kept)
    with sources["shop"].writer.begin() as connection:
        connection.exec_driver_sql("""update "order" set "select" = '2025-01-01' where id = 2""")
    for day, done in ((HOLD_ENDS, False), (date(2032, 1, 1), True)):
        go_to(time, day + timedelta(days=1))
        work(app)
        told = {each.collection: (each.done_at is not None, each.due_on) for each in promised(app, case_id)}
        assert told == dict.fromkeys(("shop.order", "shop.reviews"), (done, date(2032, 1, 1)))


def test_a_restriction_keeps_an_erasure_away_until_it_is_lifted(
    shop: tuple[Flask, Sources], time: time_machine.Traveller
) -> None:
    app, sources = shop
    database = database_of(app)
    restricting = carried_out(app, "restrict")
    before = whole(sources)
    erasing = carried_out(app, "erase")
    assert whole(sources) == before
    assert {promise.why for promise in promised(app, erasing)} == {"pause"}
    go_to(time, date(2026, 3, 20))
    work(app)
    assert whole(sources) == before
    with database.writing() as session:
        case = session.get_one(Case, restricting)
        day = announce_lift(session, case, BY)
        with pytest.raises(MoveRefused):
            announce_lift(session, case, BY)
    assert letters(database, restricting).count("pause-ends") == 1
    go_to(time, day - timedelta(days=1))
    work(app)
    assert whole(sources) == before, "the person was told first, and has these days to answer"
    go_to(time, day)
    work(app)
    assert whole(sources)["shop.flags"] == {}, "what the restriction wrote is taken back"
    go_to(time, day + timedelta(days=1))
    work(app)
    after = whole(sources)
    assert (1,) not in after["shop.customers"]
    assert after["shop.products"] == before["shop.products"], "others use these too"
    assert after["shop.reviews"][(2,)]["verdict"] == "Adam is kind, says [erased]"
    assert after["shop.reviews"][(2,)]["by_id"] is None
    with database.reader() as session:
        assert all(each.lifted_at for each in session.scalars(select(Marking)))


def test_what_two_requests_restrict_stays_at_the_source_until_both_ended(
    shop: tuple[Flask, Sources], time: time_machine.Traveller
) -> None:
    app, sources = shop
    first = carried_out(app, "restrict")
    flags = whole(sources)["shop.flags"]
    second = carried_out(app, "restrict")
    assert flags
    assert whole(sources)["shop.flags"] == flags, "it says so already"
    for case_id, left in ((first, flags), (second, {})):
        with database_of(app).writing() as session:
            day = announce_lift(session, session.get_one(Case, case_id), BY)
        go_to(time, day)
        work(app)
        assert whole(sources)["shop.flags"] == left
    with database_of(app).reader() as session:
        assert all(each.lifted_at for each in session.scalars(select(Marking)))


def test_a_request_whose_restriction_stands_is_not_swept(
    shop: tuple[Flask, Sources], time: time_machine.Traveller
) -> None:
    app, _ = shop
    case_id = carried_out(app, "restrict")
    go_to(time, date(2026, 4, 20))
    night(database_of(app))
    go_to(time, date(2029, 1, 1))
    night(database_of(app))
    with database_of(app).reader() as session:
        case = session.get_one(Case, case_id)
        assert case.status is Status.CLOSED
        assert case.forgotten_at is None


def test_a_crash_between_two_sources_is_gone_on_with_as_it_was_decided(shop: tuple[Flask, Sources]) -> None:
    app, sources = shop
    database = database_of(app)
    with sources["shop"].writer.begin() as connection:
        connection.exec_driver_sql("create trigger stop before delete on customers begin select raise(abort,'no'); end")
    case_id = granted(app, "erase")
    work(app)
    with database.reader() as session:
        assert session.get_one(Case, case_id).status is Status.ANSWERED
        begun = session.scalars(select(Carried).where(Carried.case_id == case_id)).all()
        assert any(row.steps for row in begun)
    with sources["shop"].writer.begin() as connection:
        connection.exec_driver_sql("drop trigger stop")
    with database.writing() as session:
        queue(session, "case.fulfil", {"case": case_id}, case_id=case_id)  # the desk has it carried out again
    with time_machine.travel(datetime(2026, 3, 12, 12, tzinfo=UTC), tick=False):
        work(app)
    after = whole(sources)
    assert (1,) not in after["shop.customers"]
    assert set(after["letters.subscribers"]) == {("adam@example.org",)}
    with database.reader() as session:
        assert session.get_one(Case, case_id).status is Status.CARRIED_OUT
        done = session.scalars(select(Carried).where(Carried.case_id == case_id)).all()
        assert all(row.done_at and row.steps is None for row in done)
        assert sum(row.changed for row in done) > 0


def test_the_manager_ends_a_pause_by_telling_the_person_first(
    shop: tuple[Flask, Sources], time: time_machine.Traveller
) -> None:
    app, _ = shop
    case_id = carried_out(app, "restrict")
    page = f"/desk/cases/{case_id}"
    rex, max_ = signed_in(app, Role.REVIEWER), signed_in(app, Role.MANAGER)
    assert "The use is paused" in rex.get(page).text
    assert "end-pause" not in rex.get(page).text
    assert press(max_, page, "/end-pause", {"ends": " "}).status_code == 422
    assert press(max_, page, "/end-pause", {"ends": "The values are right now."}).status_code == 303
    text = max_.get(page).text
    assert "The person knows that the pause ends on" in text
    assert "end-pause" not in text
    assert letters(database_of(app), case_id).count("pause-ends") == 1
    with database_of(app).reader() as session:
        assert pause_ends_on(session, session.get_one(Case, case_id)) == date(2026, 3, 26)


def test_the_person_sees_what_had_to_stay_and_until_when(shop: tuple[Flask, Sources]) -> None:
    app, _ = shop
    case_id = carried_out(app, "erase")
    with database_of(app).reader() as session:
        case = session.get_one(Case, case_id)
        (line,) = kept(session, case)
        assert (line.rows, line.due_on, line.ends) == (1, HOLD_ENDS, True)
        mailbox = case.mailbox
    visitor = app.test_client()
    with visitor.session_transaction() as browsing:
        browsing[MAILBOX] = mailbox
    assert "we delete it after 1 May 2031" in visitor.get(f"/en/s/{case_id}").text
    assert "VAT law (art. 60)" in visitor.get(f"/fr/s/{case_id}").text, "the map has no French words for it"
