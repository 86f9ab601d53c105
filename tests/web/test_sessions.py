"""Sessions: what is written when, what a cookie is worth, and when it ends."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask import session as flask_session
from sqlalchemy import event, func, select, update

from portal import db
from portal.accounts import gates
from portal.accounts.models import Role, ServerSession, Staff
from portal.accounts.sessions import SqlSessions
from portal.db import Database
from tests.support.critic import Critic
from tests.support.factories import add_member
from tests.support.portals import make_settings, portal
from tests.support.postbox import Postbox
from tests.support.visitors import signed_in, visitor, with_mailbox

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ADDRESS = "ada@example.com"


def rows(database: Database) -> int:
    with database.reader() as session:
        return session.scalar(select(func.count()).select_from(ServerSession)) or 0


@pytest.fixture
def writes(database: Database) -> list[str]:
    """Give the list that fills with every statement that writes."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.split(None, 1)[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    return seen


def test_looking_at_pages_writes_nothing_and_makes_no_session(
    client: Critic, database: Database, writes: list[str]
) -> None:
    page = client.get("/nl/requests")
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("portal=l.")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    for path in ("/nl/requests", "/fr/requests", "/nl/requests/code", "/healthz"):
        client.get(path)
    assert writes == []
    assert rows(database) == 0


def test_over_https_the_cookie_is_bound_to_the_host(tmp_path: Path, migrated: Path) -> None:
    with portal(make_settings(tmp_path, base_url="https://localhost"), migrated) as app:
        cookie = app.test_client().get("/nl/requests", base_url="https://localhost").headers["Set-Cookie"]
    assert cookie.startswith("__Host-portal=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize("forged", ["l.", "l.e30.nonsense", "s.", "s.nobody", "x", "l." + "A" * 4000, "é"])
def test_a_forged_cookie_is_an_empty_session(app: Flask, forged: str) -> None:
    stranger = visitor(app)
    stranger.set_cookie("portal", forged)
    assert stranger.get("/nl/requests/mine").status_code == 303
    assert stranger.get("/nl/requests").status_code == 200


def test_a_light_cookie_gives_no_right_even_with_the_right_signature(app: Flask) -> None:
    """What the browser holds itself must never say what it may do; it is signed, so this is the second lock."""
    interface = app.session_interface
    assert isinstance(interface, SqlSessions)
    stranger = visitor(app)
    stranger.set_cookie("portal", "l." + interface.light.dumps({gates.MAILBOX: "0" * 64}))
    assert stranger.get("/nl/requests/mine").status_code == 303


def test_the_database_knows_no_session_id(app: Flask, database: Database) -> None:
    person = with_mailbox(app, "0" * 64)
    cookie = person.get_cookie("portal")
    assert cookie is not None
    with database.reader() as session:
        assert cookie.value.removeprefix("s.") not in session.scalars(select(ServerSession.id_hash)).all()
    assert len(cookie.value) >= 2 + 43  # 256 random bits


def replay(app: Flask, cookie: str, path: str = "/nl/requests/mine") -> int:
    """Return the status a browser gets that only has this cookie."""
    thief = visitor(app)
    thief.set_cookie("portal", cookie)
    return thief.get(path).status_code


def cookie_of(browser: Critic) -> str:
    cookie = browser.get_cookie("portal")
    assert cookie is not None
    return cookie.value


def test_a_session_gets_a_new_id_when_a_mailbox_is_confirmed(app: Flask, tmp_path: Path) -> None:
    person = visitor(app)
    person.submit("/nl/requests", {"email": ADDRESS})
    before = cookie_of(person)
    person.submit("/nl/requests/code", {"code": Postbox(app, tmp_path / "post").code(ADDRESS)})
    assert cookie_of(person) != before
    assert replay(app, before) == 303
    assert replay(app, cookie_of(person)) == 200


def test_a_session_is_dead_after_leaving(app: Flask, database: Database) -> None:
    person = with_mailbox(app, "0" * 64)
    before = cookie_of(person)
    assert replay(app, before) == 200
    person.submit("/nl/requests/mine", {}, follow_redirects=False)
    assert rows(database) == 0
    assert replay(app, before) == 303


def test_an_ended_session_cannot_come_back_under_a_new_id(app: Flask, database: Database) -> None:
    person = with_mailbox(app, "0" * 64)
    with person.session_transaction(base_url="http://localhost") as session:
        with database.writing() as other_tab:
            other_tab.execute(ServerSession.__table__.delete())
        session["more"] = True
        session.renew()  # type: ignore[attr-defined]
    assert rows(database) == 0
    assert person.get("/nl/requests/mine").status_code == 303


def test_an_ended_session_cannot_come_back_by_being_saved(app: Flask, database: Database) -> None:
    person = with_mailbox(app, "0" * 64)
    with person.session_transaction(base_url="http://localhost") as session:
        with database.writing() as other_tab:
            other_tab.execute(ServerSession.__table__.delete())
        session["more"] = True
    assert rows(database) == 0


def test_a_tab_whose_session_got_a_new_id_meanwhile_does_not_take_that_from_the_browser(
    app: Flask, database: Database
) -> None:
    person = with_mailbox(app, "0" * 64)
    with person.session_transaction(base_url="http://localhost") as session:
        with database.writing() as other_tab:
            other_tab.execute(ServerSession.__table__.delete())
        person.set_cookie("portal", "s.new")
        session["more"] = True
    assert cookie_of(person) == "s.new"


def test_a_session_ends_when_it_is_not_used(app: Flask) -> None:
    with time_machine.travel(START, tick=False) as clock:
        member, person = signed_in(app, Role.REVIEWER), with_mailbox(app, "0" * 64)
        desk, mine = cookie_of(member), cookie_of(person)
        for _ in range(3):
            clock.shift(timedelta(minutes=14))
            assert replay(app, desk, "/desk/") == 200
        clock.shift(timedelta(minutes=15))
        assert replay(app, desk, "/desk/") == 303
        assert replay(app, mine) == 200, "a person has an hour"
        clock.shift(timedelta(minutes=61))
        assert replay(app, mine) == 303


def test_who_writes_a_request_may_put_it_aside_for_half_a_day(app: Flask) -> None:
    with time_machine.travel(START, tick=False) as clock:
        writing = cookie_of(visitor(app, {gates.CONVERSATION: "0" * 32, gates.MAILBOX: "0" * 64}))
        clock.shift(timedelta(hours=11, minutes=59))
        assert replay(app, writing) == 200
        clock.shift(timedelta(minutes=1))
        assert replay(app, writing) == 303


def test_a_session_ends_in_any_case_after_eight_and_twelve_hours(app: Flask) -> None:
    with time_machine.travel(START, tick=False) as clock:
        member, person = signed_in(app, Role.REVIEWER), with_mailbox(app, "0" * 64)
        desk, mine = cookie_of(member), cookie_of(person)
        for quarter in range(1, 12 * 6 + 1):
            clock.shift(timedelta(minutes=10))
            if quarter % 3 == 0 or quarter in {47, 48, 71, 72}:
                assert replay(app, mine) == (200 if quarter < 72 else 303), quarter
            if quarter < 49:
                assert replay(app, desk, "/desk/") == (200 if quarter < 48 else 303), quarter


def test_a_disabled_member_of_staff_is_out_at_the_next_page(app: Flask, database: Database) -> None:
    member = signed_in(app, Role.REVIEWER)
    assert member.get("/desk/").status_code == 200
    with database.writing() as session:
        session.execute(update(Staff).values(disabled_at=datetime.now(UTC)))
    assert member.get("/desk/").status_code == 303


def test_a_changed_role_counts_at_the_next_page(app: Flask, database: Database) -> None:
    member = signed_in(app, Role.REVIEWER)
    with database.writing() as session:
        session.execute(update(Staff).values(role=Role.ADMIN))
    assert member.get("/desk/").status_code == 404


def test_a_request_that_fails_half_way_does_not_block_its_own_session(app: Flask, database: Database) -> None:
    """What a view did not commit is given up before the session is saved: both want SQLite's one write lock."""

    def fail() -> tuple[dict[str, str], int]:
        db.session().execute(update(Staff).values(failures=3))
        flask_session["more"] = True
        return {"said": "no"}, 422

    with database.writing() as session:
        add_member(session)
    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/fail", "fail", gates.public(fail), methods=["POST"])
    started = datetime.now(UTC)
    assert app.test_client().post("/fail").status_code == 422
    assert datetime.now(UTC) - started < timedelta(seconds=5)
    assert rows(database) == 1
    with database.reader() as reader:
        assert reader.scalars(select(Staff.failures)).one() == 0
