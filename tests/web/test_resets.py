"""Beginning anew after a lost phone or password: asked by one, confirmed by another; by the operator for the last."""

import re

import time_machine
from flask import Flask
from sqlalchemy import func, select

from portal.accounts.activations import ask_reset, code_of, confirm_reset
from portal.accounts.models import Activation, Passkey, Role, Staff
from portal.accounts.staff import find
from portal.cli import register_commands
from portal.db import Database
from portal.errors import MoveRefused
from tests.support.authenticator import SoftKey
from tests.support.colleagues import add_passkey, browser_of, come_in, csrf_of, member_of, wait_for_next_code
from tests.support.critic import Critic
from tests.support.desk import actor, press
from tests.support.invitations import NEW, PASSWORD, begin, first_code, invite, link_to, shown_code
from tests.support.postbox import Postbox
from tests.support.racing import together
from tests.support.visitors import visitor


def asked(admin: Critic, member: Staff) -> None:
    assert press(admin, f"/desk/staff/{member.id}", "/reset").status_code == 303


def test_a_lost_phone_needs_a_second_person_and_then_ends_factors_and_sessions(
    app: Flask, database: Database, admin: Critic, post: Postbox, morning: time_machine.Traveller
) -> None:
    member = member_of(database)
    browser = browser_of(app, member)
    add_passkey(browser, SoftKey())
    asked(admin, member)
    assert come_in(visitor(app), database, member).status_code == 303, "nothing changes before it is confirmed"
    manager = browser_of(app, member_of(database, Role.MANAGER))
    assert press(manager, "/desk/resets", "/confirm").status_code == 303
    assert browser.get("/desk/").status_code == 303
    with database.reader() as session:
        assert session.scalar(select(func.count()).select_from(Passkey)) == 0
    wait_for_next_code(morning)
    assert come_in(visitor(app), database, member).status_code == 422
    code = shown_code(admin.get(f"/desk/staff/{member.id}").text)
    anew = begin(app, link_to(post, member.login), code)
    done = press(anew, "/desk/second-factor", "/second-factor", {"code": first_code(database, member)})
    assert done.status_code == 303
    assert anew.get("/desk/").status_code == 200


def test_who_asked_or_is_meant_does_not_confirm(app: Flask, database: Database, admin: Critic) -> None:
    manager = member_of(database, Role.MANAGER)
    asked(admin, manager)
    for browser in (admin, browser_of(app, manager)):
        page = browser.get("/desk/resets").text
        assert "/confirm" not in page
        path = page.partition('action="/desk/resets/')[2][:32]
        token = csrf_of(browser, "/desk/account")
        answer = browser.post(f"/desk/resets/{path}/confirm", data={"csrf_token": token})
        assert answer.status_code == 409
    with database.reader() as session:
        assert session.get_one(Staff, manager.id).is_active


def test_a_refused_reset_changes_nothing_and_is_over(app: Flask, database: Database, admin: Critic) -> None:
    member = member_of(database)
    asked(admin, member)
    manager = browser_of(app, member_of(database, Role.MANAGER))
    assert press(manager, "/desk/resets", "/refuse").status_code == 303
    assert "Nobody waits" in manager.get("/desk/resets").text
    assert come_in(visitor(app), database, member).status_code == 303


def test_of_two_who_confirm_at_the_same_moment_one_does(database: Database) -> None:
    staff = {role: member_of(database, role) for role in Role}
    with database.writing() as session:
        reset = ask_reset(session, session.get_one(Staff, staff[Role.REVIEWER].id), actor(staff[Role.ADMIN])).id

    def confirm(number: int) -> bool:
        by = member_of(database, Role.MANAGER, number + 1)
        with database.writing() as session:
            try:
                confirm_reset(session, session.get_one(Activation, reset), actor(by))
            except MoveRefused:
                return False
        return True

    assert together(4, confirm).count(True) == 1


def test_the_operator_can_let_the_last_administrator_begin_anew(app: Flask, database: Database) -> None:
    admin = member_of(database, Role.ADMIN)
    register_commands(app)
    said = app.test_cli_runner().invoke(args=["reset-staff", admin.login])
    assert said.exit_code == 0, said.output
    path = re.findall(r"http://localhost(/desk/activate/\S+)", said.output)[0]
    browser = begin(app, path, shown_code(said.output))
    done = press(browser, "/desk/second-factor", "/second-factor", {"code": first_code(database, admin)})
    assert done.location == "/desk/staff"
    assert app.test_cli_runner().invoke(args=["reset-staff", "nobody@medbook.example"]).exit_code == 1


def test_the_code_of_one_account_opens_no_other(app: Flask, database: Database, admin: Critic, post: Postbox) -> None:
    invite(admin)
    path = link_to(post, NEW["email"])
    press(admin, "/desk/staff", "/desk/staff", {**NEW, "email": "otto@medbook.example", "name": "Otto"})
    with database.reader() as session:
        otto = find(session, "otto@medbook.example")
        assert otto is not None
        other = session.scalars(select(Activation).where(Activation.staff_id == otto.id)).one()
        code = code_of(session, other)
    assert press(visitor(app), path, path, {"code": code, "password": PASSWORD}).status_code == 422
