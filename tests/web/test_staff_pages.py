"""The administrator's pages: roles, disabling, sessions, who may do what. Never content."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.accounts.members import disable
from portal.accounts.models import Role, Staff
from portal.cases.models import Case
from portal.db import Database
from portal.errors import MoveRefused
from tests.support.colleagues import browser_of, come_in, csrf_of, member_of
from tests.support.critic import Critic
from tests.support.desk import actor, file_case, give, press
from tests.support.invitations import NEW, nora
from tests.support.reading import unbroken
from tests.support.visitors import visitor


def test_a_changed_role_ends_the_sessions_counts_at_once_and_frees_the_work(
    app: Flask, database: Database, admin: Critic
) -> None:
    member = member_of(database)
    browser = browser_of(app, member)
    with database.writing() as session:
        case = file_case(session)
        give(session, case, session.get_one(Staff, member.id))
    assert press(admin, f"/desk/staff/{member.id}", "/role", {"role": "auditor"}).status_code == 303
    assert browser.get("/desk/").status_code == 303
    assert browser_of(app, member).get("/desk/").status_code == 404
    assert browser_of(app, member).get("/desk/record").status_code == 200
    with database.reader() as session:
        assert session.get_one(Case, case.id).assigned_to is None


def test_who_is_disabled_is_out_at_once_and_what_they_had_is_free(
    app: Flask, database: Database, admin: Critic
) -> None:
    member = member_of(database)
    browser = browser_of(app, member)
    with database.writing() as session:
        case = file_case(session)
        give(session, case, session.get_one(Staff, member.id))
    assert press(admin, f"/desk/staff/{member.id}", "/disable").status_code == 303
    assert browser.get("/desk/").status_code == 303
    assert come_in(visitor(app), database, member).status_code == 422
    reader = browser_of(app, member_of(database, number=2))
    assert "who works on requests no more" in reader.get(f"/desk/cases/{case.id}").text
    press(admin, f"/desk/staff/{member.id}", "/enable")
    assert come_in(visitor(app), database, member).status_code == 303


def test_nobody_does_anything_with_their_own_account(app: Flask, database: Database, admin: Critic) -> None:
    me = member_of(database, Role.ADMIN)
    member_of(database, Role.ADMIN, 2)
    token = csrf_of(admin, "/desk/account")
    assert "/role" not in admin.get(f"/desk/staff/{me.id}").text
    for act in ("role", "disable", "enable", "reset"):
        answer = admin.post(f"/desk/staff/{me.id}/{act}", data={"csrf_token": token, "role": "privacy_manager"})
        assert answer.status_code == 409
    with database.reader() as session:
        assert session.get_one(Staff, me.id).role is Role.ADMIN


def test_the_last_administrator_stays_one(app: Flask, database: Database, admin: Critic) -> None:
    only = member_of(database, Role.ADMIN)
    other = member_of(database, Role.ADMIN, 2)
    assert press(admin, f"/desk/staff/{other.id}", "/disable").status_code == 303
    with database.writing() as session, pytest.raises(MoveRefused):
        disable(session, only.id, actor(other))


def test_fields_that_the_form_does_not_have_change_nothing(app: Flask, database: Database, admin: Critic) -> None:
    invite_answer = press(
        admin, "/desk/staff", "/desk/staff", {**NEW, "password_hash": "x", "invited_at": "", "has_app": "1", "id": "1"}
    )
    assert invite_answer.status_code == 303
    added = nora(database)
    assert (added.password_hash, added.has_app, added.invited_at is None) == ("!", False, False)


def test_an_administrator_can_end_the_sessions_of_somebody(app: Flask, database: Database, admin: Critic) -> None:
    member = member_of(database)
    browser = browser_of(app, member)
    press(admin, f"/desk/staff/{member.id}", "/sessions")
    assert browser.get("/desk/").status_code == 303


def test_the_access_review_says_who_may_do_what_and_since_when(
    app: Flask, database: Database, admin: Critic, morning: time_machine.Traveller
) -> None:
    member = member_of(database)
    come_in(visitor(app), database, member)
    morning.shift(timedelta(minutes=5))
    press(admin, f"/desk/staff/{member.id}", "/role", {"role": "auditor"})
    morning.shift(timedelta(days=95))
    for role in (Role.MANAGER, Role.AUDITOR, Role.ADMIN):
        browser = browser_of(app, member_of(database, role, 3))
        page = unbroken(browser.get("/desk/access").text)
        assert member.login in page
        assert "quiet for 95 days" in page
        table = csv.DictReader(io.StringIO(browser.get("/desk/access.csv").text.removeprefix("\ufeff")))
        row = next(row for row in table if row["login"] == member.login)
        assert (row["role"], row["role_since"], row["last_sign_in"]) == ("auditor", "2026-11-23", "2026-11-23")


def test_a_name_in_the_table_is_never_a_formula(app: Flask, database: Database, admin: Critic) -> None:
    press(admin, "/desk/staff", "/desk/staff", {**NEW, "name": '=HYPERLINK("http://evil.example")'})
    assert "\n'=HYPERLINK" in admin.get("/desk/access.csv").text.replace('"', "")


def test_an_administrator_reads_no_request(app: Flask, database: Database, admin: Critic) -> None:
    with database.writing() as session:
        case = file_case(session)
    paths = ["/desk/", f"/desk/cases/{case.id}", "/desk/record", "/desk/holds"]
    assert [admin.get(path).status_code for path in paths] == [404] * 4
    for path in ("/desk/staff", "/desk/access", "/desk/resets"):
        text = admin.get(path).text
        assert case.reference not in text
        assert "Janssens" not in text
