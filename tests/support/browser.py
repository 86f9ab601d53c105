"""A real Chromium, once per worker; pages with and without script; axe in both themes.

axe is itself a script, so it runs in pages with script on: the same page without script is the same HTML.
"""

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.programs import find_chromium

ARGUMENTS = (
    "--no-sandbox",  # Chromium refuses to start as root otherwise; it only ever sees our own pages
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
COLOUR_RULES = ["color-contrast", "link-in-text-block"]  # what axe looks at that a theme changes
RUN_AXE = """async (rules) => {
    const only = rules.length ? {runOnly: {type: "rule", values: rules}} : {};
    return (await axe.run({resultTypes: ["violations"], ...only})).violations;
}"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once for this worker."""
    program = find_chromium()
    if program is None:
        raise RuntimeError("no Chromium starts on this machine: run bin/setup --test")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


def open_page(
    browser: Browser, *, script: bool, theme: Theme = "light", language: str = "nl-BE", width: int = 1280
) -> tuple[BrowserContext, Page]:
    """Open a page in a fresh context (no cookies); the caller closes the context.

    Args:
        browser: the running Chromium.
        script: whether JavaScript runs.
        theme: the colour scheme the person's system asks for.
        language: what the browser says it prefers.
        width: of the window, in CSS pixels.
    """
    context = browser.new_context(
        java_script_enabled=script,
        color_scheme=theme,
        locale=language,
        viewport={"width": width, "height": 900},
        accept_downloads=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    return context, context.new_page()


@pytest.fixture
def page_noscript(browser: Browser) -> Iterator[Page]:
    """Give a page in which no script runs: the way every journey must work."""
    context, page = open_page(browser, script=False)
    yield page
    context.close()


@pytest.fixture
def page_script(browser: Browser) -> Iterator[Page]:
    """Give a page in which script runs; what the page itself says on the console must stay empty of errors."""
    context, page = open_page(browser, script=True)
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def turns_in_place(page: Page) -> None:
    """Wait until a script has taken over the turn on ``page``: before that, a form loads its page whole."""
    page.locator("main[data-started=turns]").wait_for()


def axe_violations(page: Page) -> list[str]:
    """Return what axe finds on the page as it stands, light and dark: ``theme rule: element (why)`` for each.

    A theme changes colours alone, so the rules about colour are run in both, all others once.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found: list[str] = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for violation in page.evaluate(RUN_AXE, [] if theme == "light" else COLOUR_RULES):
            for node in violation["nodes"]:
                found.append(f"{theme} {violation['id']}: {node['html'][:160]} ({node.get('failureSummary', '')})")
    page.emulate_media(color_scheme="light")
    return found


@pytest.fixture
def axe_page(browser: Browser) -> Iterator[Page]:
    """Give a page for ``axe_violations``: script on, past the CSP (axe is put in by the test, not by the portal)."""
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()
