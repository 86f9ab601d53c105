"""Sending the picture: progress in words, cancel, no connection, what a browser cannot open, and coming back."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from portal.cases.models import Evidence
from tests.corpus import FILES
from tests.journeys.covering import PHOTO_PLACE, Covering, at_identity, drawn, is_dark
from tests.support.browser import axe_violations
from tests.support.photos import Shot, jpeg, photo

TINY = jpeg(photo(Shot()).resize((400, 250)))
IN_SIGHT = "node => { const { top, bottom } = node.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; }"


@pytest.fixture
def covering(tmp_path: Path, migrated: Path, browser: Browser) -> Iterator[Covering]:
    """Give a person at the turn about identity."""
    with at_identity(tmp_path, migrated, browser, bypass_csp=True) as opened:
        yield opened


def ready(covering: Covering) -> None:
    """Choose a picture and cover it."""
    covering.choose(drawn())
    covering.page.locator("[data-stencil]").first.click()


def test_without_a_connection_the_picture_waits_and_goes_by_itself(covering: Covering) -> None:
    ready(covering)
    page, context = covering.page, covering.page.context
    context.set_offline(True)
    page.locator("[data-part=use]").click()
    state = page.locator("[data-part=state]")
    page.locator("[data-part=retry]").wait_for()
    assert "offline" in state.inner_text()
    assert page.evaluate("document.activeElement.dataset.part") == "retry"
    assert axe_violations(page) == []
    page.locator("[data-part=retry]").click()
    page.locator("[data-part=retry]").wait_for()
    context.set_offline(False)
    page.wait_for_url("**/sign*")
    card, kept = covering.kept()
    assert card.masked
    assert is_dark(kept, PHOTO_PLACE)


def test_sending_says_how_far_it_is_and_can_be_stopped(covering: Covering) -> None:
    ready(covering)
    page, held = covering.page, list[Route]()
    page.route("**/identity", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    page.locator("[data-part=use]").click()
    page.locator("[data-part=cancel]").wait_for()
    assert page.locator("[data-part=state]").inner_text().startswith("Uploading, ")
    assert page.locator("progress").get_attribute("aria-label") == "Sending"
    page.locator("[data-part=cancel]").click()
    page.locator(".mask-editor").wait_for()
    assert covering.boxes.count() == 2, "nothing is lost"
    assert covering.walk.count(Evidence) == 0
    page.unroute("**/identity")
    covering.use()
    assert covering.kept()[0].masked


def test_what_the_server_refuses_is_said_in_its_words_and_nothing_is_lost(covering: Covering) -> None:
    for _ in range(10):
        covering.walk.upload(b"PK\x03\x04" + bytes(400))
    ready(covering)
    covering.page.locator("[data-part=use]").click()
    errors = covering.page.locator("[data-part=errors]")
    errors.wait_for()
    assert "ten files" in errors.inner_text()
    assert covering.boxes.count() == 2


@pytest.mark.parametrize(
    ("content", "sent", "sentence"), [(b"hello", True, "a text"), (TINY, False, "small")], ids=["sent", "here"]
)
def test_what_is_wrong_with_a_file_is_seen_on_a_telephone_and_holds_the_focus(
    covering: Covering, content: bytes, sent: bool, sentence: str
) -> None:
    page, note = covering.page, covering.page.locator("[data-part=note].err")
    page.set_viewport_size({"width": 320, "height": 640})
    covering.choose(content)
    if sent:
        page.locator("[data-part=chooser] .btn.primary").click()
    note.filter(has_text=sentence).wait_for()
    assert note.evaluate("node => node === document.activeElement")
    assert note.evaluate(IN_SIGHT)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.btn.primary')")


@pytest.mark.parametrize("name", ["ok_iphone.heic", "pdf_plain.pdf"])
def test_a_file_that_this_browser_cannot_open_is_covered_on_the_next_page(covering: Covering, name: str) -> None:
    covering.choose(FILES[name].make(), name)
    assert "next page" in covering.page.locator("[data-part=note]").inner_text()
    covering.page.locator("[data-part=chooser] .btn.primary").click()
    covering.page.wait_for_url("**/mask")
    covering.page.check("#preset")
    covering.page.check("#no-number")
    covering.page.locator("button[name=use]").click()
    covering.page.wait_for_url("**/sign*")
    assert covering.kept()[0].masked


def test_who_leaves_the_page_leaves_no_picture_behind(covering: Covering) -> None:
    ready(covering)
    page = covering.page
    page.goto(page.url.replace("identity", "other-proof"))
    page.go_back()
    assert page.locator(".mask-editor").is_hidden()
    assert page.locator("canvas").evaluate("node => node.width") in {0, 300}
    assert page.locator("input[type=file]").input_value() == ""
    assert page.evaluate("() => Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0


def test_another_picture_can_be_chosen(covering: Covering) -> None:
    ready(covering)
    covering.page.locator("[data-part=another]").click()
    assert covering.page.evaluate("document.activeElement.type") == "file"
    covering.choose(drawn())
    assert covering.boxes.count() == 0


def test_once_all_is_sent_it_says_that_the_picture_is_looked_at(covering: Covering) -> None:
    page, views, may_look = covering.page, covering.walk.app.view_functions, Event()
    look = views["intake.upload"]

    def wait_and_look(**values: Any) -> Any:
        assert may_look.wait(30)
        return look(**values)

    views["intake.upload"] = wait_and_look
    ready(covering)
    page.locator("[data-part=use]").click()
    try:
        expect(page.locator("[data-part=state]")).to_have_text("We are checking the picture.")
    finally:
        may_look.set()
        views["intake.upload"] = look
    page.wait_for_url("**/sign*")
