"""A portal for the keyboards of the desk, and whoever sits before one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page

from portal.accounts.models import Role
from portal.db import Database
from tests.support.browser import open_page
from tests.support.live import Live, serve
from tests.support.portals import make_settings, portal
from tests.support.postgres import free_port
from tests.support.visitors import signed_in

STEPS = 80  # the most that a journey tabs to come to a control
HAS_FOCUS = "wanted => document.activeElement.matches(wanted)"
LISTENS = "() => [...document.querySelectorAll('[data-module=keys]')].every(node => node.dataset.started)"


@dataclass
class Keyboard:
    """A keyboard that counts each key that goes down, also the one that is held. Typed text is not counted."""

    page: Page
    pressed: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        """Press one key after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += key.split("+")

    def press_on(self, key: str) -> None:
        """Press a key after which another page comes."""
        with self.page.expect_navigation():
            self.press(key)
        self.ready()

    def tab_to(self, wanted: str, key: str = "Tab") -> None:
        """Press Tab until the control ``wanted`` has the focus."""
        for _ in range(STEPS):
            if self.page.evaluate(HAS_FOCUS, wanted):
                return
            self.press(key)
        raise AssertionError(f"Tab does not come to {wanted}")

    def choose(self, value: str) -> None:
        """Go down the list that has the focus to the choice ``value``."""
        for _ in range(STEPS):
            if self.page.evaluate("() => document.activeElement.value") == value:
                return
            self.press("ArrowDown")
        raise AssertionError(f"the list has no {value}")

    def write(self, wanted: str, text: str) -> None:
        """Tab to the field ``wanted`` and type ``text``."""
        self.tab_to(wanted)
        self.page.keyboard.type(text)

    def ready(self) -> None:
        """Wait until the page listens to keys: a key that comes before its script does nothing."""
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_function(LISTENS)


@contextmanager
def desk_served(folder: Path, migrated: Path, **changes: object) -> Iterator[Live]:
    """Serve an empty demo portal in ``folder`` to a browser; ``changes`` replace single settings."""
    port = free_port()
    given = {"base_url": f"http://127.0.0.1:{port}", "demo": True, "smtp": None, **changes}
    settings = make_settings(folder, **given)
    with portal(settings, migrated) as app, serve(app, port) as live:
        yield live


@contextmanager
def seated(live: Live, browser: Browser, role: Role | None, path: str = "/desk/") -> Iterator[Keyboard]:
    """Give the keyboard of a member of staff with ``role``, or of anybody, before the page at ``path``.

    What the pages complain about must be nothing.
    """
    context, page = open_page(browser, script=True, language="en")
    if role is not None:
        cookie = signed_in(live.app, role).get_cookie("portal", domain="127.0.0.1")
        assert cookie is not None
        context.add_cookies([{"name": "portal", "value": cookie.value, "url": live.url}])
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(live.at(path))
    found = Keyboard(page)
    found.ready()
    yield found
    context.close()
    assert complaints == []


def database_of(live: Live) -> Database:
    """Return the database of the portal that is served."""
    found: Database = live.app.extensions["portal_db"]
    return found
