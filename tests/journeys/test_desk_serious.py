"""By keyboard alone, what is serious: a refusal with four eyes, more time, and an impostor whom a notice stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from portal.accounts.models import Role
from portal.accounts.tokens import LinkPurpose, make_link
from portal.cases.extension import extension_of
from portal.cases.lifecycle import Outcome, Status
from portal.cases.models import Case, Decision
from portal.mail.outbox import Mail
from tests.journeys.keyboards import Keyboard, database_of, desk_served, seated
from tests.support.desk import file_case, settle, staff_named
from tests.support.live import Live
from tests.support.visitors import signed_in

REX = "reviewer@medbook.example"
MINE = "/desk/?view=mine"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Live]:
    """Give an empty portal with its staff, served to a browser."""
    with desk_served(tmp_path_factory.mktemp("serious"), migrated) as opened:
        for role in (Role.REVIEWER, Role.MANAGER):
            signed_in(opened.app, role)
        yield opened


def decidable(live: Live, name: str, *, on_file: bool = True) -> str:
    """File a request of ``name`` that Rex has confirmed and can decide; return its id."""
    with database_of(live).writing() as session:
        case = file_case(session, card=False, right="access", name=name, email=f"{name}@example.com", on_file=on_file)
        settle(session, case, staff_named(session, REX))
        return case.id


def letters(live: Live, case_id: str) -> list[str]:
    with database_of(live).reader() as session:
        return list(session.scalars(select(Mail.letter).where(Mail.case_id == case_id)))


def case_of(live: Live, case_id: str) -> Case:
    with database_of(live).reader() as session:
        return session.get_one(Case, case_id)


def open_row(keyboard: Keyboard, case_id: str) -> None:
    """Go down the rows to the request and open it."""
    keyboard.press("j")
    for _ in range(10):
        if case_id in keyboard.page.evaluate("() => document.activeElement.href"):
            break
        keyboard.press("j")
    keyboard.press_on("Enter")
    assert case_id in keyboard.page.url


def test_a_refusal_is_written_by_one_and_sent_by_another(live: Live, browser: Browser) -> None:
    case_id = decidable(live, "Ada")
    with seated(live, browser, Role.REVIEWER, MINE) as rex:
        open_row(rex, case_id)
        rex.press("3")
        rex.write("#reason", "Wij weten niet of u dit vraagt.")
        rex.tab_to("summary:has(~ * #ground)")
        rex.press("Enter")
        rex.tab_to("#ground")
        rex.choose("not-identified")
        rex.write("#facts", "Op onze vraag kwam geen antwoord.")
        rex.tab_to("form[action$='/letter'] button.primary")
        rex.press_on("Enter")
        rex.press_on("Control+Enter")
    assert case_of(live, case_id).status is Status.SECOND
    assert "decision" not in letters(live, case_id)
    with seated(live, browser, Role.MANAGER, "/desk/?view=second") as max_:
        open_row(max_, case_id)
        if not max_.page.url.endswith("/second"):
            max_.tab_to("a[href$='/second']")
            max_.press_on("Enter")
        max_.tab_to("form[action$='/second/confirm'] button")
        max_.press_on("Enter")
    with database_of(live).reader() as session:
        decided = session.scalars(select(Decision).where(Decision.case_id == case_id)).one()
    assert (decided.outcome, decided.ground) == (Outcome.REFUSE, "not-identified")
    assert decided.confirmed_by not in {None, decided.decided_by}
    assert case_of(live, case_id).status is Status.ANSWERED
    assert letters(live, case_id).count("decision") == 1


def test_the_term_is_extended_once_with_a_reason_and_the_person_is_told(live: Live, browser: Browser) -> None:
    case_id = decidable(live, "Bea")
    first = case_of(live, case_id).due_on
    with seated(live, browser, Role.REVIEWER, MINE) as rex:
        open_row(rex, case_id)
        rex.tab_to("#term summary")
        rex.press("Enter")
        rex.tab_to("#term [name=because]")
        rex.press("Space")
        rex.write("#more_time", "Uw gegevens staan in veel systemen.")
        rex.tab_to("#term form button")
        rex.press_on("Enter")
        assert rex.page.locator("#term details").count() == 0, "once"
    with database_of(live).reader() as session:
        extended = extension_of(session, session.get_one(Case, case_id))
    assert extended is not None
    assert (extended.first, extended.until > first) == (first, True)
    assert letters(live, case_id).count("extension") == 1


def test_who_reads_the_notice_stops_an_impostor_and_no_grant_goes_out(live: Live, browser: Browser) -> None:
    case_id = decidable(live, "Cas", on_file=False)
    assert letters(live, case_id).count("asked-in-your-name") == 1
    with database_of(live).reader() as session:
        way = f"/en/stop/{make_link(session, LinkPurpose.STOP, case_id)}"
    with seated(live, browser, None, way) as victim:
        victim.tab_to("main form button")
        victim.press_on("Enter")
        assert "The request is stopped" in victim.page.locator("main").inner_text()
    with seated(live, browser, Role.REVIEWER, MINE) as rex:
        open_row(rex, case_id)
        rex.press("1")
        rex.press_on("p")
        assert "stopped this request" in rex.page.locator("main").inner_text()
        rex.press_on("Control+Enter")
        refused = rex.page.locator("[role=alert], .notice").all_inner_texts()
        assert any("stopped this request" in each for each in refused)
    after = case_of(live, case_id)
    assert (after.status, after.stopped_at is not None) == (Status.DECIDING, True)
    assert "decision" not in letters(live, case_id)
