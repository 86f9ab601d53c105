"""A person before the box in which one signs: in a real browser, with mouse or finger."""

from dataclasses import dataclass

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from portal.accounts.gates import CONVERSATION, MAILBOX
from portal.cases.strokes import Strokes, parse
from portal.db import Database
from tests.support.drawings import copy_draft
from tests.support.live import Live
from tests.support.visitors import visitor
from tests.support.world import World

Way = list[tuple[float, float]]
"""Where a pen goes, in parts of the width and height of the box."""
INKED = """canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
    .filter((value, index) => index % 4 === 3 && value > 128).length"""


@dataclass(frozen=True, slots=True)
class Place:
    """A served portal with people half-way."""

    live: Live
    world: World
    browser: Browser


@dataclass(frozen=True, slots=True)
class Signer:
    """Ada, in front of the page that asks her signature."""

    place: Place
    context: BrowserContext
    page: Page
    draft: str

    @property
    def step(self) -> str:
        """The turn that is shown."""
        return self.page.url.rpartition("/")[2].partition("#")[0]

    @property
    def state(self) -> str:
        """What the page says of the drawing now."""
        return self.page.locator("[role=status]").inner_text()

    @property
    def sent(self) -> Strokes:
        """What the form would send now."""
        return parse(self.page.locator("[name=strokes]").input_value())

    def ready(self) -> "Signer":
        """Wait until the script has come."""
        self.page.locator("[data-part=ways]:not([hidden]):not(:disabled)").wait_for()
        return self

    def draw_box(self) -> "Signer":
        """Choose to draw."""
        self.ready().page.check("[value=drawn]")
        self.page.locator("canvas").scroll_into_view_if_needed()
        return self

    def press(self, what: str) -> None:
        """Press ``undo`` or ``clear``."""
        self.page.click(f"[data-do={what}]")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return a place of the box on the screen."""
        box = self.page.locator("canvas").bounding_box()
        assert box is not None
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def pull(self, way: Way) -> None:
        """Draw one stroke with the mouse."""
        self.page.mouse.move(*self.at(*way[0]))
        self.page.mouse.down()
        for point in way[1:]:
            self.page.mouse.move(*self.at(*point), steps=4)
        self.page.mouse.up()

    def touch(self, way: Way, last: str = "touchEnd") -> None:
        """Draw one stroke with a finger."""
        with_finger = self.context.new_cdp_session(self.page)
        before = self.page.locator("[name=strokes]").input_value()

        def tell(kind: str, points: Way) -> None:
            places = [dict(zip("xy", self.at(*point), strict=True)) for point in points]
            with_finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

        tell("touchStart", way[:1])
        for point in way[1:]:
            tell("touchMove", [point])
        tell(last, [])
        self.page.wait_for_function("before => document.querySelector('[name=strokes]').value !== before", arg=before)

    def go_on(self) -> None:
        """Press the main button and wait for what comes, whether the page is loaded or shown in place."""
        self.page.locator("main").evaluate("node => { node.dataset.old = 'yes' }")
        self.page.locator("main form .btn.primary").last.click()
        self.page.locator("main:not([data-old])").wait_for()
        self.page.wait_for_load_state()

    def inked(self) -> int:
        """Return how many pixels of the box are dark."""
        found: int = self.page.locator("canvas").evaluate(INKED)
        return found


def seat(place: Place, context: BrowserContext) -> Signer:
    """Put Ada, whose other answers are complete, in front of the page in ``context``."""
    app: Flask = place.live.app
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        draft = copy_draft(session, place.world.draft)
    session_of_ada = visitor(app, {CONVERSATION: draft, MAILBOX: place.world.mailbox})
    cookie = session_of_ada.get_cookie("portal", domain="127.0.0.1")
    assert cookie is not None
    context.add_cookies([{"name": "portal", "value": cookie.value, "url": place.live.url}])
    page = context.new_page()
    page.goto(place.live.at(f"/en/c/{draft}/sign"))
    return Signer(place, context, page, draft)
