"""Words 40 % longer than German, larger text and wider spacing break no page: nothing sticks out, hides or overlaps."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.gallery import Gallery, open_gallery
from tests.journeys.sights import FRONT, PROBLEMS, TRACKING, TURNS, Sight
from tests.journeys.test_pages import show
from tests.support.browser import ARGUMENTS
from tests.support.programs import find_chromium
from tests.support.pseudo import LANGUAGE, LONGER, lengthen, longer_catalogues, longer_register, speak_longer

PUBLIC = tuple(sight for sight in (*FRONT, *TURNS, *TRACKING, *PROBLEMS) if LANGUAGE in sight.languages)
FRONT_PAGES = tuple(sight for sight in FRONT if LANGUAGE in sight.languages and sight.press is None)
WIDTHS = (320, 640, 1280)  # a small phone, which is 1280 at 400 %; 1280 at 200 %; a desk
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
p { margin-bottom: 2em !important; }"""  # WCAG 2.2, 1.4.12
LARGE = "--blink-settings=defaultFontSize=32"  # twice the usual; WCAG 2.2, 1.4.4
BROKEN = (Path(__file__).parent / "broken.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def longer(browser: Browser, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    """Give a portal that speaks the longer language where it would speak German."""
    folder = tmp_path_factory.mktemp("longer")
    (folder / "portal").mkdir()
    dress = partial(speak_longer, catalogues=longer_catalogues(folder / "catalogues"))
    register = longer_register(folder / "register")
    with open_gallery(folder / "portal", migrated, browser, dress, register_dir=register) as opened:
        yield opened


def test_the_longer_language_is_longer_and_keeps_its_places() -> None:
    for text in ("Weiter", "Sie haben noch %(num)d Versuch.", "Wer sind Sie?", "%(name)s, %(day)s"):
        longer = lengthen(text)
        assert len(longer) >= round(len(text) * (LONGER if "%" not in text else 1))
    assert "%(num)d" in lengthen("Sie haben noch %(num)d Versuch.")
    assert lengthen("Wer sind Sie?").endswith("?")


@pytest.mark.parametrize("sight", PUBLIC[::5], ids=lambda sight: sight.name)
def test_longer_words_break_no_page_in_five(longer: Gallery, sight: Sight) -> None:
    assert_longer_words_break_nothing(longer, sight)


@pytest.mark.long
@pytest.mark.parametrize("sight", PUBLIC, ids=lambda sight: sight.name)
def test_longer_words_break_nothing(longer: Gallery, sight: Sight) -> None:
    assert_longer_words_break_nothing(longer, sight)


def assert_longer_words_break_nothing(longer: Gallery, sight: Sight) -> None:
    """Fail where a page in longer words breaks at any width, also with wider spacing."""
    show(longer, sight, LANGUAGE, WIDTHS[0])
    faults = {}
    for width in WIDTHS:
        longer.page.set_viewport_size({"width": width, "height": 900})
        faults[f"{width}"] = longer.page.evaluate(BROKEN)
        style = longer.page.add_style_tag(content=SPACING)
        faults[f"{width}, spaced"] = longer.page.evaluate(BROKEN)
        style.evaluate("node => node.remove()")
    assert {place: found for place, found in faults.items() if found} == {}


@pytest.fixture(scope="module")
def large(browser: Browser, gallery: Gallery) -> Iterator[Gallery]:
    """Give the portal to a browser whose owner set letters twice as large, without enlarging the page."""
    other = browser.browser_type.launch(executable_path=find_chromium(), args=[*ARGUMENTS, LARGE])
    context = other.new_context(bypass_csp=True, reduced_motion="reduce")
    yield replace(gallery, page=context.new_page())
    context.close()
    other.close()


@pytest.mark.parametrize("sight", FRONT_PAGES, ids=lambda sight: sight.name)
def test_letters_of_twice_the_size_break_no_page_at_the_front(large: Gallery, sight: Sight) -> None:
    assert_nothing_breaks(large, sight)


@pytest.mark.long
@pytest.mark.parametrize("sight", PUBLIC, ids=lambda sight: sight.name)
def test_letters_of_twice_the_size_break_nothing(large: Gallery, sight: Sight) -> None:
    assert_nothing_breaks(large, sight)


def assert_nothing_breaks(large: Gallery, sight: Sight) -> None:
    """Fail where a page in letters of twice the size breaks, wide or narrow."""
    show(large, sight, LANGUAGE, 1280)
    assert large.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    faults = {1280: large.page.evaluate(BROKEN)}
    large.page.set_viewport_size({"width": 480, "height": 900})
    faults[480] = large.page.evaluate(BROKEN)
    assert {place: found for place, found in faults.items() if found} == {}
