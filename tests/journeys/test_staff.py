"""The desk's sign-in in a real browser: passkeys of a virtual device, the warning before the end, and what it keeps."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from portal.accounts.factors import secret_of
from portal.accounts.models import Role, ServerSession, Staff
from portal.accounts.staff import find
from portal.clock import now
from portal.db import Database
from tests.support.browser import axe_violations, open_page
from tests.support.desk import file_case, settle
from tests.support.factories import PASSWORD, add_member
from tests.support.live import Live, serve
from tests.support.portals import make_settings, portal
from tests.support.postgres import free_port
from tests.support.visitors import just_in, visitor

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def named(tmp_path: Path, migrated: Path) -> Iterator[Live]:
    """Give an empty portal that is reached by a name, as passkeys need."""
    port = free_port()
    settings = make_settings(tmp_path, base_url=f"http://localhost:{port}", demo=True, smtp=None)
    with portal(settings, migrated) as opened, serve(opened, port) as live:
        yield Live(live.app, settings.base_url)


@pytest.fixture
def page_ending(browser: Browser) -> Iterator[Page]:
    """Give a page in which script runs; that a form is answered with 400, as after the end, is no complaint here."""
    context, page = open_page(browser, script=True)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def database_of(live: Live) -> Database:
    found: Database = live.app.extensions["portal_db"]
    return found


def member_of(live: Live, role: Role = Role.REVIEWER) -> Staff:
    with database_of(live).writing() as session:
        return add_member(session, role)


def code_of(live: Live, member: Staff) -> str:
    with database_of(live).reader() as session:
        found = find(session, member.login)
        assert found is not None
        return pyotp.TOTP(secret_of(session, found)).at(now())


def enter(live: Live, page: Page, member: Staff) -> None:
    """Give the browser the session of ``member``, who just came in."""
    cookie = visitor(live.app, just_in(member.id)).get_cookie("portal", domain="localhost")
    assert cookie is not None
    page.context.add_cookies([{"name": "portal", "value": cookie.value, "url": live.url}])


def test_a_passkey_is_made_signs_in_and_proves_it_again(named: Live, page_script: Page) -> None:
    page, member = page_script, member_of(named)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    enter(named, page, member)
    page.goto(named.at("/desk/account"))
    page.fill("[name=name]", "laptop")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_selector("text=Your passkey works")
    assert page.locator("dd", has_text="laptop").count() == 1

    page.get_by_role("button", name="Sign out").click()
    page.fill("[name=email]", member.login)
    page.fill("[name=password]", PASSWORD)
    page.locator(".factor-passkey button").click()
    page.wait_for_url("**/desk/")
    assert page.locator("h1").inner_text() == "0 open requests"


def test_where_passkeys_are_offered_axe_finds_nothing(named: Live, axe_page: Page) -> None:
    axe_page.goto(named.at("/desk/sign-in"))
    axe_page.wait_for_selector(".factor-passkey button")
    assert axe_violations(axe_page) == []
    enter(named, axe_page, member_of(named))
    axe_page.goto(named.at("/desk/account"))
    axe_page.wait_for_selector(".factor-passkey button")
    assert axe_violations(axe_page) == []


def test_without_script_the_app_code_remains_and_nothing_dead_is_shown(named: Live, page_noscript: Page) -> None:
    page, member = page_noscript, member_of(named)
    page.goto(named.at("/desk/sign-in"))
    assert not page.locator(".factor-passkey").is_visible()
    page.fill("[name=email]", member.login)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=code]", code_of(named, member))
    page.locator("main form button.primary").click()
    assert page.url == named.at("/desk/")


def typing(live: Live, page: Page) -> tuple[Staff, str]:
    """Open a case of somebody who writes a reason; return who, and the case."""
    member = member_of(live)
    with database_of(live).writing() as session:
        case = file_case(session, right="access", age=timedelta(days=2))
        settle(session, case, session.get_one(Staff, member.id))
    enter(live, page, member)
    page.clock.install()
    page.goto(live.at(f"/desk/cases/{case.id}"))
    page.check("[name=outcome][value=grant]")
    page.fill("[name=reason]", "Here is what you asked for.")
    return member, case.id


def test_two_minutes_before_the_end_it_warns_and_one_press_stays(named: Live, page_script: Page) -> None:
    page = page_script
    typing(named, page)
    dialog = page.locator("dialog.idle")
    page.clock.fast_forward("12:50")
    assert not dialog.is_visible()
    page.clock.fast_forward("00:20")
    dialog.wait_for(state="visible")
    assert "In 2 minutes" in dialog.inner_text()
    dialog.get_by_role("button", name="Stay signed in").click()
    dialog.wait_for(state="hidden")
    assert page.input_value("[name=reason]") == "Here is what you asked for."
    page.clock.fast_forward("13:30")
    dialog.wait_for(state="visible")


def test_after_the_end_the_page_is_covered_and_what_was_typed_comes_back(named: Live, page_ending: Page) -> None:
    page = page_ending
    member, case_id = typing(named, page)
    with database_of(named).writing() as session:
        session.execute(update(ServerSession).values(last_seen_at=now() - timedelta(minutes=16)))
    page.clock.fast_forward("15:10")
    dialog = page.locator("dialog.idle")
    dialog.wait_for(state="visible")
    page.keyboard.press("Escape")
    assert dialog.is_visible(), "what is behind stays covered"
    dialog.get_by_role("button", name="Sign in again").click()
    page.wait_for_selector("main .notice.warn")
    page.fill("[name=email]", member.login)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=code]", code_of(named, member))
    page.locator("main form button.primary").click()
    page.wait_for_url(f"**/desk/cases/{case_id}")
    assert page.input_value("[name=reason]") == "Here is what you asked for."
    assert page.is_checked("[name=outcome][value=grant]")
