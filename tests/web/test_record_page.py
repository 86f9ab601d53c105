"""The record for the auditor: everything that happened, nothing of what was said, and whether the chain is whole."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text, update

from portal.accounts.models import Role, Staff
from portal.app import make_worker
from portal.audit import events, staff_events
from portal.audit.events import Event
from portal.audit.record import AuditEntry, export_head
from portal.db import Database
from portal.review import account_words, history, record_page
from tests.support.colleagues import browser_of, member_of
from tests.support.critic import Critic
from tests.support.desk import file_case, press, settle
from tests.support.factories import finished_case

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def auditor(app: Flask, database: Database) -> Iterator[Critic]:
    with time_machine.travel(MORNING, tick=False):
        yield browser_of(app, member_of(database, Role.AUDITOR))


def check(app: Flask, auditor: Critic) -> str:
    """Ask for a check, let the worker do it, and return what the page says then."""
    assert press(auditor, "/desk/record", "/record/check").status_code == 303
    assert "A check is under way" in auditor.get("/desk/record").text
    with app.app_context():
        make_worker(app).run_until_idle()
    return auditor.get("/desk/record").text


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<th scope="row" class="num">(\d+)</th>', page)]


def test_the_auditor_sees_what_happened_and_nothing_of_what_was_said(
    app: Flask, database: Database, auditor: Critic
) -> None:
    member = member_of(database)
    with database.writing() as session:
        case = file_case(session)
        settle(session, case, session.get_one(Staff, member.id))
    page = auditor.get("/desk/record").text
    for said in (case.reference, "Received, confirmed by mail", "Identity: confirmed", "Account added", member.name):
        assert said in page
    for hidden in ("Janssens", "lies@example.com", "phoned the known number", case.id):
        assert hidden not in page


def test_the_auditor_opens_no_request(app: Flask, database: Database, auditor: Critic) -> None:
    with database.writing() as session:
        case, _package = finished_case(session)
    paths = ("/desk/", f"/desk/cases/{case.id}", f"/desk/cases/{case.id}/second", "/desk/holds", "/desk/staff")
    assert [auditor.get(path).status_code for path in paths] == [404] * len(paths)
    assert auditor.get("/desk/access").status_code == 200


def test_a_whole_record_is_said_to_be_whole(app: Flask, database: Database, auditor: Critic) -> None:
    with database.writing() as session:
        finished_case(session)
    page = check(app, auditor)
    assert ">whole<" in page
    assert "Record checked" in page


def test_a_changed_entry_is_named(app: Flask, database: Database, auditor: Critic) -> None:
    with database.writing() as session:
        finished_case(session)
        session.execute(update(AuditEntry).where(AuditEntry.seq == 2).values(actor_role="nobody"))
    page = check(app, auditor)
    assert ">broken<" in page
    assert "entry 2 was changed" in page


def test_a_cut_tail_is_noticed_by_what_was_exported(app: Flask, database: Database, auditor: Critic) -> None:
    with database.writing() as session:
        finished_case(session)
    check(app, auditor)
    with database.reader() as session:
        last = export_head(session, app.extensions["portal_settings"].data_dir)
    with database.writing() as session:
        session.execute(text("delete from audit_case_heads"))
        session.execute(text("delete from audit_entries where seq > :last"), {"last": last[0] - 1})
    assert ">broken<" in check(app, auditor)


def test_the_record_is_turned_page_by_page_without_a_gap(app: Flask, database: Database, auditor: Critic) -> None:
    with database.writing() as session:
        for _ in range(8):
            finished_case(session)
        last = session.execute(text("select max(seq) from audit_entries")).scalar_one()
    seen, page = [], auditor.get("/desk/record").text
    while True:
        seen += numbers(page)
        older = re.findall(r'rel="next" href="([^"]+)"', page)
        if not older:
            break
        page = auditor.get(older[0].replace("&amp;", "&")).text
    assert seen == list(range(last, 0, -1))
    newer = re.findall(r'rel="prev" href="([^"]+)"', page)[0].replace("&amp;", "&")
    assert numbers(auditor.get(newer).text) == seen[-len(numbers(page)) - 50 : -len(numbers(page))]


def test_the_record_can_be_narrowed_to_a_kind_and_to_a_request(app: Flask, database: Database, auditor: Critic) -> None:
    member_of(database)
    with database.writing() as session:
        first, second = finished_case(session)[0], finished_case(session)[0]
    staff = auditor.get("/desk/record?group=staff").text
    assert first.reference not in staff
    assert "Account added" in staff
    one = auditor.get(f"/desk/record?reference={first.reference.lower()}").text
    assert one.count(first.reference) > 3
    assert second.reference not in one
    assert "Nothing here" in auditor.get("/desk/record?reference=MB-XXXX-00").text
    assert auditor.get("/desk/record?group=nonsense&before=x&after=" + "9" * 30).status_code == 200


def test_every_event_has_words() -> None:
    known = {*history.WORDS, *account_words.SENTENCES, *record_page.SENTENCES}
    special = {
        staff_events.StaffRoleChanged.kind,
        staff_events.StaffFactorChanged.kind,
        staff_events.StaffSessionsEnded.kind,
    }
    assert {each.kind for each in Event.__subclasses__()} - known - special == set()
    assert events.StaffAdded.kind in staff_events.KINDS


def test_a_reviewer_finds_no_record(app: Flask, database: Database) -> None:
    browser = browser_of(app, member_of(database))
    assert browser.get("/desk/record").status_code == 404
    assert browser_of(app, member_of(database, Role.MANAGER)).get("/desk/record").status_code == 200
