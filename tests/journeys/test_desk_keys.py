"""The desk by keyboard alone: from the selected row to a sent letter, moving about; typing is never a command.

And a page of it that stays open says who else is there.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from portal.accounts.models import Role, Staff
from portal.cases.lifecycle import Identity, Outcome, Status
from portal.cases.models import Case, Decision
from portal.clock import now
from portal.mail.outbox import Mail
from portal.review.presence import be_seen
from tests.journeys.keyboards import Keyboard, database_of, desk_served, seated
from tests.support.browser import axe_violations
from tests.support.desk import file_case
from tests.support.factories import add_member
from tests.support.live import Live

MOST_PRESSES = 12
DEMO = {"demo": True, "smtp": None, "undo_seconds": 600}
FOCUS = "() => document.activeElement.outerHTML"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Live]:
    """Give a portal with three requests, one after the other due, served to a browser."""
    with desk_served(tmp_path_factory.mktemp("keys"), migrated, undo_seconds=600, look_through=True) as opened:
        with database_of(opened).writing() as session:
            for name in ("Ada", "Bea", "Cas"):
                file_case(session, right="access", name=name, email=f"{name}@example.com")
        yield opened


@pytest.fixture
def keyboard(live: Live, browser: Browser) -> Iterator[Keyboard]:
    """Give the keyboard of a reviewer who has the queue open, with a request that nobody touched first in it."""
    with database_of(live).writing() as session:
        number = session.scalar(select(func.count()).select_from(Case)) or 0
        older = timedelta(days=number)
        file_case(session, right="access", name="First", email=f"first-{number}@example.com", age=older)
    with seated(live, browser, Role.REVIEWER) as found:
        yield found


def test_from_the_selected_row_to_a_sent_letter_takes_twelve_presses_at_most(live: Live, keyboard: Keyboard) -> None:
    keyboard.page.keyboard.press("j")
    case_id = keyboard.page.evaluate("() => document.activeElement.href").rpartition("/")[2]
    keyboard.press_on("Enter")  # open
    keyboard.press_on("a")  # take
    keyboard.press_on("i")  # look at the card
    assert keyboard.page.locator("#identity img.id-picture").is_visible()
    keyboard.press("y", "y", "y", "y")
    keyboard.press_on("Enter")  # it is this person
    keyboard.press("1")  # grant
    keyboard.press_on("p")  # look at the letter
    keyboard.press_on("Control+Enter")  # send
    assert len(keyboard.pressed) <= MOST_PRESSES, keyboard.pressed
    with database_of(live).reader() as session:
        case = session.get_one(Case, case_id)
        decided = session.scalars(select(Decision).where(Decision.case_id == case_id)).one()
        assert (case.status, case.identity, decided.outcome) == (Status.ANSWERED, Identity.CONFIRMED, Outcome.GRANT)
        assert "decision" in session.scalars(select(Mail.letter).where(Mail.case_id == case_id)).all()
    assert "/desk/cases/" in keyboard.page.url, "the next due is open"
    assert case_id not in keyboard.page.url
    assert axe_violations(keyboard.page) == []
    keyboard.press_on("u")  # it can still be taken back
    assert keyboard.page.url.endswith(f"/desk/cases/{case_id}")
    with database_of(live).reader() as session:
        assert session.get_one(Case, case_id).status is Status.DECIDING


def test_rows_are_walked_chosen_and_taken_and_a_search_is_typed(live: Live, keyboard: Keyboard) -> None:
    page = keyboard.page
    keyboard.press("j", "j")
    second = page.locator("main tbody tr").nth(1)
    assert second.locator("a").evaluate("node => node === document.activeElement")
    keyboard.press("x")
    assert second.locator("input").is_checked()
    keyboard.press("k", "k", "k")
    assert page.locator("main tbody tr a").first.evaluate("node => node === document.activeElement")
    keyboard.press_on("a")
    with database_of(live).reader() as session:
        member = session.scalars(select(Staff.id).where(Staff.role == Role.REVIEWER)).one()
        taken = session.scalars(select(Case).where(Case.assigned_to == member, Case.status == Status.IDENTITY)).all()
    assert len(taken) == 1, "only the row with the focus, whatever else was chosen"
    keyboard.press("/")
    page.keyboard.type("j?gq")
    assert page.locator("#words").input_value() == "j?gq", "what is typed is no command"
    assert not page.locator("dialog.keys").is_visible()


def test_the_list_opens_by_a_key_and_closes_and_sequences_lead_away(keyboard: Keyboard) -> None:
    page = keyboard.page
    keyboard.press("?")
    assert page.locator("dialog.keys").is_visible()
    keyboard.press("j", "Escape")
    assert not page.locator("dialog.keys").is_visible()
    keyboard.press("g")
    keyboard.press_on("m")
    assert page.url.endswith("view=mine")
    keyboard.press("g")
    keyboard.press_on("q")
    assert page.url.endswith("/desk/")


def test_no_is_an_answer_only_while_checking_and_then_the_verdict_is_chosen_by_hand(keyboard: Keyboard) -> None:
    page = keyboard.page
    keyboard.press("j")
    keyboard.press_on("Enter")
    keyboard.press("n")
    assert page.evaluate(FOCUS).startswith('<textarea id="note"')
    page.locator("h1").click()
    if page.locator("form[action$='/take']").count():
        keyboard.press_on("a")
    keyboard.press_on("i")
    keyboard.press("y", "n", "y", "y")
    assert page.locator("[name=check-valid][value=no]").is_checked()
    assert not page.locator("[name=verdict]:checked").count()
    assert 'name="verdict"' in page.evaluate(FOCUS)


def test_who_switched_the_keys_off_gets_none(live: Live, keyboard: Keyboard) -> None:
    with database_of(live).writing() as session:
        member = session.scalars(select(Staff).where(Staff.role == Role.REVIEWER)).one()
        member.keys = False
    keyboard.page.reload()
    keyboard.ready()
    keyboard.press("j", "?")
    assert keyboard.page.evaluate(FOCUS).startswith("<body")
    assert keyboard.page.locator("dialog.keys").count() == 0
    with database_of(live).writing() as session:
        session.scalars(select(Staff).where(Staff.role == Role.REVIEWER)).one().keys = True


def test_an_open_queue_says_who_decides_and_not_once_that_is_not_known(live: Live, keyboard: Keyboard) -> None:
    page, database = keyboard.page, database_of(live)
    page.clock.install()
    page.reload()
    keyboard.ready()
    with database.writing() as session:
        colleague = add_member(session, Role.MANAGER, 7)
        case_id = page.locator("main tbody th a").first.evaluate("node => node.href").rpartition("/")[2]
    be_seen(database, case_id, colleague.id, True, now())
    said = page.locator(f"[data-beside='{case_id}']")
    page.clock.fast_forward(15_000)
    expect(said).to_have_text("Rex privacy_manager 7 is deciding")
    page.route("**/desk/presence*", lambda route: route.abort())
    page.clock.fast_forward(15_000)
    expect(said).to_be_hidden()
    page.unroute("**/desk/presence*")
    page.clock.fast_forward(15_000)
    expect(said).to_be_visible()
