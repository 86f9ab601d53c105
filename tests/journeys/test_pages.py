"""Every page, with its error and empty states: axe finds nothing in light or dark, wide or narrow, and nothing scrolls
sideways on a small telephone in any language.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Response

from portal.config import LANGUAGES
from portal.register import load_register
from tests.journeys.gallery import Gallery
from tests.journeys.rarities import RARITIES
from tests.journeys.sights import SIGHTS, Sight
from tests.journeys.staff_sights import STAFF
from tests.support.browser import axe_violations
from tests.support.packing import cover, pack, package_app
from tests.support.shop import open_shop

NARROW, WIDE = 320, 1280
SIDEWAYS = """() => [document.scrollingElement.scrollWidth, [...document.querySelectorAll('main *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.table, div.wide'))
    .map(e => e.outerHTML.slice(0, 120)).slice(0, 3)]"""


EVERYWHERE = (*SIGHTS, *STAFF, *RARITIES)
UNTOUCHED = [each for each in EVERYWHERE if each.press is None]


def is_variation(sight: Sight) -> bool:
    """Say whether ``sight`` is a page that another sight shows too, with something else on it; so its name says."""
    return "," in sight.name


@pytest.mark.parametrize("sight", EVERYWHERE, ids=lambda sight: sight.name)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(gallery: Gallery, sight: Sight) -> None:
    page = gallery.page
    for language in languages_of(sight):
        show(gallery, sight, language, NARROW, settled=language == sight.languages[-1])
        assert page.locator("html").get_attribute("lang") == language
        assert_no_sideways(page, language)
    assert axe_violations(page) == []
    if sight.press is None and not is_variation(sight):
        page.set_viewport_size({"width": WIDE, "height": 900})
        assert axe_violations(page) == []


@pytest.mark.long
@pytest.mark.parametrize("sight", [*filter(is_variation, UNTOUCHED)], ids=lambda sight: sight.name)
def test_axe_finds_nothing_on_a_variation_in_the_wide_either(gallery: Gallery, sight: Sight) -> None:
    show(gallery, sight, sight.languages[-1], WIDE)
    assert axe_violations(gallery.page) == []


def test_the_package_reads_well_too(gallery: Gallery, tmp_path: Path) -> None:
    shop, register = open_shop(tmp_path), load_register()
    gallery.page.set_viewport_size({"width": NARROW, "height": 900})
    with package_app():
        for language in LANGUAGES:
            archive, _, _ = pack(shop, cover(register, language=language))
            archive.extractall(tmp_path / language)
            gallery.page.goto((tmp_path / language / "index.html").as_uri())
            assert_no_sideways(gallery.page, language)
    shop.close()
    assert axe_violations(gallery.page) == []
    gallery.page.set_viewport_size({"width": WIDE, "height": 900})
    assert axe_violations(gallery.page) == []


def languages_of(sight: Sight) -> tuple[str, ...]:
    """Return the languages to see ``sight`` in: all, or for the desk and for a state of a page its longest and last."""
    if (sight.press is None and sight in SIGHTS) or len(sight.languages) == 1:
        return sight.languages
    return tuple(each for each in sight.languages if each in {"de", sight.languages[-1]})


def show(gallery: Gallery, sight: Sight, language: str, width: int, settled: bool = True) -> None:
    """Open the page as its visitor, and press what brings its state, once its scripts have come if ``settled``."""
    page = gallery.page
    page.set_viewport_size({"width": width, "height": 900})
    gallery.enter(sight.who)
    gallery.speak(language)
    answer = page.goto(gallery.address(sight.path, language))
    if sight.press is not None and sight.stays:
        sight.press(page)
    elif sight.press is not None:
        page.wait_for_load_state("networkidle" if settled else "load")
        title = page.title()
        with page.expect_response(is_a_page) as coming:
            sight.press(page)
        answer = coming.value
        if answer.request.resource_type == "fetch":
            page.wait_for_function("title => document.title !== title", arg=title)
        page.wait_for_load_state()
    assert answer is not None
    assert answer.status == sight.status, page.locator("main").inner_text()


def is_a_page(answer: Response) -> bool:
    """Return whether ``answer`` is a page to see, not one that sends on."""
    page = answer.headers.get("content-type", "").startswith("text/html")
    return page and answer.request.resource_type in {"document", "fetch"} and not 300 <= answer.status < 400


def assert_no_sideways(page: Page, language: str) -> None:
    """Fail where the page is wider than the window, and name what sticks out."""
    width, culprits = page.evaluate(SIDEWAYS)
    assert width <= NARROW, f"{language}: {width} pixels; {culprits}"
