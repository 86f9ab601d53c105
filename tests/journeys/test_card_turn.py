"""Turns with script: small boxes are refused, what is sent leads on, nothing typed is lost, Enter confirms nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.journeys.covering import Covering, at_identity, drawn
from tests.support.browser import turns_in_place
from tests.support.readings import ByHeart

HEARD = """() => {
    window.heard = [];
    window.untouched = true;
    const log = document.querySelector("[role=log]");
    new MutationObserver(() => window.heard.push(log.textContent.trim())).observe(log, {childList: true});
}"""


@pytest.fixture(scope="module")
def covering(tmp_path_factory: pytest.TempPathFactory, migrated: Path, browser: Browser) -> Iterator[Covering]:
    """Give one person at the turn about identity."""
    with at_identity(tmp_path_factory.mktemp("card"), migrated, browser) as opened:
        yield opened


def test_a_box_that_was_made_too_small_is_refused_and_the_next_turn_has_the_focus(covering: Covering) -> None:
    page = covering.page
    page.wait_for_load_state("networkidle")
    page.evaluate(HEARD)
    covering.choose(drawn())
    page.locator("[data-stencil]").first.click()
    page.locator("details.earlier summary").last.click()
    width = page.locator("[data-part=rows] fieldset").first.get_by_label("Width")
    whole = width.input_value()
    width.fill("10")
    page.locator("[data-part=use]").click()
    errors = page.locator("[data-part=errors]")
    expect(errors).to_contain_text("The box over the photo is too small. Make it larger")
    expect(errors).to_be_focused()
    errors.locator("a").click()
    expect(page.locator(".mask-box").first).to_be_focused()
    assert covering.sent == []
    width.fill(whole)
    expect(errors).to_be_hidden()
    held: list[Route] = []
    page.route("**/identity", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    with page.expect_request(lambda request: request.method == "POST"):
        page.locator("[data-part=use]").click()
    expect(page.locator("[data-part=state]")).to_be_focused()
    held[0].continue_()
    page.wait_for_url("**/sign*")
    expect(page.locator("#q")).to_be_focused()
    assert page.evaluate("window.untouched"), "the page was not loaded anew"
    heard = page.evaluate("window.heard")
    assert len(heard) == 1
    assert heard[0].startswith("Saved: Front of the card, 2 parts covered. Step ")


def test_another_way_to_show_who_one_is_is_announced_as_the_turn_it_answers(covering: Covering) -> None:
    page = covering.page
    page.goto(page.url.replace("/sign", "/other-proof"))
    page.wait_for_load_state("networkidle")
    page.evaluate(HEARD)
    page.check("input[value=visit]")
    page.locator("main form .btn.primary").click()
    page.wait_for_url("**/sign*")
    expect(page.locator("#q")).to_be_focused()
    assert [each.partition(" Step")[0] for each in page.evaluate("window.heard")] == ["Saved: At our office."]


def test_what_was_typed_when_the_session_ended_can_be_copied_and_comes_back_where_it_was(covering: Covering) -> None:
    page, cookies = covering.page, covering.page.context.cookies()
    page.goto(f"{page.url.partition('/c/')[0]}{covering.walk.at('other-proof').removeprefix('/en')}")
    page.wait_for_load_state("networkidle")
    page.fill("#note", "Call me after six, please.")
    page.context.clear_cookies()
    page.locator("main form .btn.primary").click()
    expect(page.locator("#typed-1")).to_have_value("Call me after six, please.")
    page.locator("[data-part=copy]").click()
    expect(page.locator("[data-part=copy]")).to_have_text("Copied")
    assert page.evaluate("getSelection().toString()") == "Call me after six, please."
    page.context.add_cookies(cookies)  # type: ignore[arg-type] # as they were given
    page.reload()
    expect(page.locator("#note")).to_have_value("Call me after six, please.")
    expect(page.locator("main .notice.info")).to_contain_text("It is not saved yet.")
    assert page.evaluate("sessionStorage.length") == 0


def test_with_script_a_code_brings_what_was_typed_back_when_the_session_has_ended(covering: Covering) -> None:
    page, walk = covering.page, covering.walk
    way = walk.client.get_cookie("portal-unsent")
    assert way is not None
    page.context.add_cookies([{"name": "portal-unsent", "value": way.value, "url": page.url.partition("/en/")[0]}])
    page.goto(f"{page.url.partition('/c/')[0]}{walk.at('other-proof').removeprefix('/en')}")
    page.fill("#note", "Call me after six, please.")
    turns_in_place(page)
    page.context.clear_cookies(name="portal")
    page.locator("main form .btn.primary").click()
    page.get_by_role("button", name="Send me a code").click()
    page.locator("#code").wait_for()
    page.fill("#code", walk.newest_code())
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/other-proof*")
    expect(page.locator("#note")).to_have_value("Call me after six, please.")
    assert walk.at("other-proof") in page.url


def test_enter_in_the_list_below_a_guess_confirms_nothing(covering: Covering) -> None:
    covering.walk.app.extensions["portal_understanding"] = ByHeart()
    page = covering.page
    page.goto(f"{page.url.partition('/c/')[0]}/")
    page.fill("#words", "sure of it")
    turns_in_place(page)
    page.locator("main form.ask .btn.primary").click()
    page.wait_for_url("**/right")
    page.wait_for_load_state("networkidle")
    page.locator("details.earlier summary").click()
    page.locator("input[name=right]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".errors")).to_contain_text("Choose what you want to do.")
    assert page.url.endswith("/right")
