"""A copy is looked through by keyboard alone: a name is hidden, the copy released, the grant sent."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from portal.accounts.models import Role
from portal.cases.lifecycle import Status
from portal.clock import now
from portal.config import SourceUrls
from portal.demo.medbook import build
from tests.journeys.keyboards import Keyboard
from tests.support.browser import axe_violations, open_page
from tests.support.copying import CopyDesk
from tests.support.live import Live, serve
from tests.support.portals import make_settings, portal, work
from tests.support.postgres import free_port
from tests.support.visitors import signed_in

MOST_TABS = 120
LEFT_OUT = "medbook_support.call_notes"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Live]:
    """Give a portal on a small made-up Medbook, served to a browser."""
    folder, port = tmp_path_factory.mktemp("copy"), free_port()
    urls = {key: f"sqlite:///{folder / key}.db" for key in ("medbook", "medbook_support")}
    build(urls["medbook"], urls["medbook_support"], now(), people=30)
    sources: Mapping[str, SourceUrls] = {key: SourceUrls(url, url) for key, url in urls.items()}
    changes = {"base_url": f"http://localhost:{port}", "demo": True, "smtp": None, "source_urls": sources}
    with (
        portal(make_settings(folder, look_through=True, **changes), migrated) as app,
        serve(app, port) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def desk(live: Live) -> CopyDesk:
    """Give a request for a copy that was prepared to be looked through."""
    found = CopyDesk(live.app)
    found.prepare()
    return found


@pytest.fixture
def page(live: Live, desk: CopyDesk, browser: Browser) -> Iterator[Page]:
    """Give the browser of the reviewer who has the request."""
    cookie = desk.browser.get_cookie("portal")
    assert cookie is not None
    context, opened = open_page(browser, script=True, language="en")
    context.add_cookies([{"name": "portal", "value": cookie.value, "url": address(live, "/")}])
    yield opened
    context.close()


@contextmanager
def seat(live: Live, browser: Browser, desk: CopyDesk, role: Role) -> Iterator[Keyboard]:
    """Give the keyboard of somebody with ``role`` who looks at the proposal."""
    cookie = signed_in(live.app, role).get_cookie("portal")
    assert cookie is not None
    context, opened = open_page(browser, script=True, language="en")
    context.add_cookies([{"name": "portal", "value": cookie.value, "url": address(live, "/")}])
    opened.goto(address(live, f"{desk.address}/second"))
    found = Keyboard(opened)
    found.ready()
    yield found
    context.close()


def address(live: Live, path: str) -> str:
    """Return where the portal says it is, which the tests' own client keeps to as well."""
    return live.at(path).replace("127.0.0.1", "localhost")


def tab_to(page: Page, what: str) -> None:
    """Press Tab until the focus is on the first thing that ``what`` (CSS) names, among what comes next."""
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("what => document.activeElement.matches(what)", what):
            return
    raise AssertionError(f"Tab never leads to {what}")


def enter(page: Page) -> None:
    """Press Enter on what has the focus, and wait for the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")


def test_the_pages_of_a_copy_are_open_to_everybody(live: Live, desk: CopyDesk, axe_page: Page) -> None:
    cookie = desk.browser.get_cookie("portal")
    assert cookie is not None
    axe_page.context.add_cookies([{"name": "portal", "value": cookie.value, "url": address(live, "/")}])
    shown = desk.page("Messages between users")
    desk.hide(shown, "row-1")
    for path in (f"{desk.address}/copy", shown):
        axe_page.goto(address(live, path))
        assert axe_violations(axe_page) == []
    axe_page.set_viewport_size({"width": 320, "height": 900})
    assert axe_page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_name_is_hidden_and_the_rest_granted_in_part_by_two_people_by_keyboard_alone(
    live: Live, desk: CopyDesk, page: Page, browser: Browser
) -> None:
    page.goto(address(live, desk.address))
    tab_to(page, "a[href$='/copy']")
    enter(page)  # the overview
    tab_to(page, "a[href*='/copy/']:not(th a)")
    enter(page)  # the first page with names
    name = page.locator("dd:has(mark) mark").first.inner_text()
    tab_to(page, "dd:has(mark) input")
    page.keyboard.press("Space")
    tab_to(page, "select[name=ground]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "button[name=how]")
    enter(page)
    assert page.locator("dd:has(mark) .tag").first.is_visible()
    tab_to(page, ".back a")
    enter(page)
    tab_to(page, "form[action$='/release'] button")
    enter(page)
    assert page.locator(".notice.ok").is_visible()
    rex = Keyboard(page)
    rex.press("2")  # grant in part
    rex.tab_to("summary:has(~ fieldset)")
    rex.press("Enter")
    rex.tab_to(f"input[name='without-{LEFT_OUT}']")
    rex.press("Space")
    rex.write("#reason", "Dit deel kunnen wij u niet geven.")
    rex.tab_to("summary:has(~ * #ground)")
    rex.press("Enter")
    rex.tab_to("#ground")
    rex.choose("rights-of-others")
    rex.write("#facts", "Dit deel gaat over iemand anders.")
    rex.tab_to("form[action$='/letter'] button.primary")
    rex.press_on("Enter")
    rex.press_on("Control+Enter")
    assert desk.case().status is Status.SECOND
    work(live.app)
    assert desk.package() is None, "one alone releases nothing"
    with seat(live, browser, desk, Role.MANAGER) as max_:
        max_.tab_to("form[action$='/second/confirm'] button")
        max_.press_on("Enter")
    work(live.app)
    package = desk.package()
    assert package is not None
    told = json.loads(package.read("data.json"))["left_out"]
    assert {each["collection"] for each in told if each["why"] == "refused"} == {LEFT_OUT}
    assert LEFT_OUT not in desk.data()
    left_out = [each for each in told if each["why"] == "redacted" and each["field"]]
    assert [(each["rows"], each["ground"]) for each in left_out] == [(1, "rights-of-others")]
    collection, field = left_out[0]["collection"], left_out[0]["field"]
    texts = [row[field] for row in desk.data()[collection]]
    assert any("[…]" in str(text) for text in texts), name
