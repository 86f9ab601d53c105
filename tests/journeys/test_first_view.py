"""The first view is light: few requests, few bytes, nothing from elsewhere, nothing that waits for script."""

import pytest
from playwright.sync_api import Browser, Request, expect

from portal.config import LANGUAGES
from tests.support.browser import open_page
from tests.support.live import Live

MOST_REQUESTS = 5  # the page, one style sheet, one script, one font with two weights, the icon of the tab
MOST_BYTES = 75 * 1024  # heads and bodies as they travel; ux.md, part 3
MOST_BYTES_OF_A_PAGE = 10 * 1024


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_view_takes_five_requests_and_75_kilobytes(live_app: Live, browser: Browser, language: str) -> None:
    context, page = open_page(browser, script=True, language=language)
    asked: list[Request] = []
    page.on("requestfinished", lambda request: asked.append(request))
    page.goto(live_app.at(f"/{language}/"))
    page.evaluate("document.fonts.ready")
    page.wait_for_load_state("networkidle")
    sizes = {request.url: request.sizes() for request in asked}
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes.values())
    context.close()
    assert [url for url in sizes if not url.startswith(live_app.url)] == []
    assert len(sizes) <= MOST_REQUESTS, list(sizes)
    assert any(url.endswith("/icons/mark.svg") for url in sizes), "the icon of the tab is counted too"
    assert total <= MOST_BYTES, sizes


def test_the_first_page_itself_is_small(live_app: Live) -> None:
    """It travels as it is, uncompressed: see ``portal.ui.assets``."""
    page = live_app.app.test_client().get("/de/", base_url=live_app.url).get_data()
    assert len(page) <= MOST_BYTES_OF_A_PAGE


def test_the_second_view_asks_only_for_the_page(live_app: Live, browser: Browser) -> None:
    context, page = open_page(browser, script=True)
    page.goto(live_app.at("/nl/"))
    page.wait_for_load_state("networkidle")
    asked: list[Request] = []
    page.on("requestfinished", lambda request: asked.append(request))
    page.goto(live_app.at("/nl/requests"))
    page.wait_for_load_state("networkidle")
    over_the_line = [request.url for request in asked if request.sizes()["responseBodySize"] > 0]
    context.close()
    assert over_the_line == [live_app.at("/nl/requests")]


def test_the_script_of_the_conversation_comes_with_the_first_touch(live_app: Live, browser: Browser) -> None:
    context, page = open_page(browser, script=True)
    page.goto(live_app.at("/nl/"))
    with page.expect_response("**/turns.js"):
        page.locator("input[value=access]").focus()
    expect(page.locator("#q")).to_be_visible()
    context.close()
