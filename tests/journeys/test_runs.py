"""Each of the seven rights from the first page to the receipt, in every way people have."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from portal.cases.models import Case
from portal.db import Database
from tests.journeys.runners import OPEN, Keyboarder, Magnified, Scripted
from tests.support.browser import open_page
from tests.support.live import Live
from tests.support.walks import ANSWERS, CONTACT

LANGUAGES = ("nl", "fr", "de", "en")
RIGHTS = tuple(ANSWERS)
EACH_RIGHT = pytest.mark.parametrize(
    "right", [pytest.param(right, marks=() if right == "erase" else pytest.mark.long) for right in RIGHTS]
)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a browser with script; no script may fail."""
    context, page = open_page(browser, script=True)
    faults: list[str] = []
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield page
    context.close()
    assert faults == []


def language_of(right: str) -> str:
    """Return the language in which ``right`` is run: each of the four has its turn."""
    return LANGUAGES[RIGHTS.index(right) % 4]


def cases(live: Live) -> int:
    """Count what was handed in."""
    database: Database = live.app.extensions["portal_db"]
    with database.reader() as session:
        return int(session.scalar(select(func.count()).select_from(Case)) or 0)


@EACH_RIGHT
def test_keys_alone_lead_from_the_first_page_to_the_receipt(live_app: Live, page: Page, right: str) -> None:
    runner = Keyboarder(live_app, page, language_of(right), right)
    runner.open()
    runner.run()
    assert page.locator("main .ref").inner_text().startswith("MB-")
    assert runner.pointers == 0
    assert len(runner.visited) <= 9, runner.visited


@EACH_RIGHT
def test_nothing_sticks_out_on_a_screen_of_1280_at_400_percent_without_script(
    live_app: Live, browser: Browser, right: str
) -> None:
    context, page = open_page(browser, script=False)
    page.set_viewport_size({"width": 320, "height": 256})
    runner = Magnified(live_app, page, language_of(right), right)
    runner.open()
    runner.run()
    runner.look()
    assert page.locator("main .ref").inner_text().startswith("MB-")
    assert len(runner.visited) <= 9, runner.visited
    context.close()


@EACH_RIGHT
def test_back_forward_and_reload_lose_no_answer(live_app: Live, page: Page, right: str) -> None:
    runner = Scripted(live_app, page, language_of(right), right)
    runner.open()
    while runner.step != "check":
        answered = runner.step
        runner.answer()
        onward = runner.step
        if answered == "code":
            continue
        runner.go_back_to(answered)
        runner.still_says(answered)
        runner.go_forward_to(onward)
        page.reload()
        assert runner.step == onward
    runner.run()
    assert cases(live_app) == 1


@EACH_RIGHT
def test_of_two_tabs_the_later_answer_counts_and_neither_loses_the_rest(live_app: Live, page: Page, right: str) -> None:
    runner = Scripted(live_app, page, language_of(right), right)
    runner.open()
    runner.run("contact")
    other = Scripted(live_app, page.context.new_page(), runner.language, right)
    other.page.goto(page.url)
    runner.answer()
    other.fill({**other.wanted(), "contact-name": "Wilhelmina Later"})
    other.go_on()
    assert other.step == "code"
    page.reload()
    runner.run("sign")
    other.page.reload()
    runner.page.goto(page.url.replace("/sign", "/contact"))
    expect(page.locator("[name=contact-name]")).to_have_value("Wilhelmina Later")
    expect(page.locator("[name=contact-email]")).to_have_value(CONTACT["contact-email"])


@EACH_RIGHT
def test_an_impatient_press_in_two_tabs_hands_in_once(live_app: Live, page: Page, right: str) -> None:
    runner = Scripted(live_app, page, language_of(right), right)
    runner.open()
    runner.run("check")
    other = page.context.new_page()
    other.goto(page.url)
    page.locator(OPEN).last.dblclick()
    page.wait_for_url("**/received")
    reference = page.locator("main .ref").inner_text()
    other.locator(OPEN).last.dblclick()
    other.wait_for_url("**/received")
    assert other.locator("main .ref").inner_text() == reference
    assert cases(live_app) == 1
