"""Signing in a real browser: with mouse and finger, on a screen that is turned, by keyboard alone, without script."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import select

from portal.cases.access import signature_of
from portal.cases.models import Case
from portal.cases.signing import Signature
from portal.cases.strokes import MAX_POINTS, to_path
from portal.db import Database
from tests.journeys.signers import Place, Signer, Way, seat
from tests.support.browser import axe_violations
from tests.support.live import serve
from tests.support.portals import make_settings, portal
from tests.support.postgres import free_port
from tests.support.world import ADA, make_world

PHONE, TURNED, WIDE = {"width": 360, "height": 740}, {"width": 740, "height": 360}, {"width": 1280, "height": 900}
WAVE: Way = [(0.1, 0.6), (0.2, 0.2), (0.3, 0.7), (0.4, 0.3), (0.5, 0.6)]
LINE: Way = [(0.55, 0.7), (0.7, 0.65), (0.9, 0.6)]
SitDown = Callable[..., Signer]
FITS = "() => { const box = document.querySelector('canvas'); return box.width === box.clientWidth }"
POINTER = """(node, moves) => {
    const box = node.getBoundingClientRect();
    node.setPointerCapture = () => {};
    for (const [kind, pointerId, x, y, button] of moves) node.dispatchEvent(new PointerEvent(`pointer${kind}`, {
        pointerId, button, bubbles: true, clientX: box.x + x * box.width, clientY: box.y + y * box.height }));
}"""


@pytest.fixture(scope="module")
def place(browser: Browser, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Give one portal for this module; each signer gets a conversation of her own."""
    port, folder = free_port(), tmp_path_factory.mktemp("signature")
    settings = make_settings(folder, base_url=f"http://127.0.0.1:{port}", demo=True, smtp=None)
    with portal(settings, migrated) as app, serve(app, port) as live:
        yield Place(live, make_world(app), browser)


@pytest.fixture
def sit_down(place: Place) -> Iterator[SitDown]:
    """Give a function that puts Ada in front of the page, in a browser with given options; no script may fail."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_signer(**options: Any) -> Signer:
        options = {"viewport": WIDE, "reduced_motion": "reduce", "locale": "en-GB"} | options
        contexts.append(place.browser.new_context(**options))
        contexts[-1].set_default_timeout(15_000)
        contexts[-1].on("weberror", lambda error: complaints.append(str(error.error)))
        return seat(place, contexts[-1])

    yield open_signer
    for context in contexts:
        context.close()
    assert complaints == []


def test_ada_draws_with_the_mouse_and_sends(sit_down: SitDown) -> None:
    ada = sit_down().draw_box()
    assert ada.state == "Nothing is drawn yet."
    ada.pull(WAVE)
    assert ada.state == "1 stroke is drawn."
    ada.pull(LINE)
    assert ada.state == "2 strokes are drawn."
    drawn = ada.sent
    assert drawn.lines[0][0] == pytest.approx((100, 240), abs=3)
    assert drawn.lines[1][-1] == pytest.approx((900, 240), abs=3)
    ada.go_on()
    assert ada.step == "check"
    shown = ada.page.locator(".drawing")
    assert shown.locator("path").get_attribute("d") == to_path(drawn)
    assert shown.locator("svg").get_attribute("aria-label") == f"Signature of {ADA['name']}"
    assert shown.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(255, 255, 255)"
    ada.go_on()
    assert ada.step == "received"
    database: Database = ada.place.live.app.extensions["portal_db"]
    with database.reader() as session:
        cases = session.scalars(select(Case).where(Case.conversation_id == ada.draft)).all()
        assert {signature_of(session, case).signature for case in cases} == {Signature(ADA["name"], drawn)}


def test_ada_draws_with_her_finger_on_a_telephone(sit_down: SitDown) -> None:
    ada = sit_down(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=3).draw_box()
    before = ada.page.evaluate("scrollY")
    ada.touch(WAVE)
    ada.touch(LINE, "touchCancel")
    assert ada.state == "2 strokes are drawn."
    assert ada.page.evaluate("scrollY") == before
    assert ada.page.locator("canvas").evaluate("node => getComputedStyle(node).touchAction") == "none"
    assert ada.page.locator("main").evaluate("node => getComputedStyle(node).touchAction") == "auto"
    ada.go_on()
    assert ada.page.locator(".drawing path").count() == 1


def test_the_box_is_as_sharp_as_the_screen(sit_down: SitDown) -> None:
    for scale in (1, 2):
        ada = sit_down(device_scale_factor=scale).draw_box()
        ada.pull(WAVE)
        assert ada.page.locator("canvas").evaluate("node => node.width / node.clientWidth") == scale
        assert ada.inked() > 1000 * scale


def test_undo_takes_one_stroke_and_clear_takes_all(sit_down: SitDown) -> None:
    ada = sit_down().draw_box()
    ada.pull(WAVE)
    first, ink = ada.sent, ada.inked()
    ada.pull(LINE)
    assert ada.inked() > ink
    ada.press("undo")
    assert (ada.sent, ada.inked(), ada.state) == (first, ink, "1 stroke is drawn.")
    ada.pull(LINE)
    ada.press("clear")
    assert (ada.inked(), ada.state) == (0, "Nothing is drawn yet.")
    assert ada.page.locator("[name=strokes]").input_value() == ""
    ada.press("undo")
    assert ada.state == "Nothing is drawn yet."


def test_turning_the_screen_half_way_keeps_every_stroke(sit_down: SitDown) -> None:
    ada = sit_down(viewport=PHONE, has_touch=True).draw_box()
    ada.pull(WAVE)
    first = ada.sent
    ada.page.set_viewport_size(TURNED)
    ada.page.wait_for_function(FITS)
    assert ada.inked() > 500
    ada.page.locator("canvas").scroll_into_view_if_needed()
    ada.pull(LINE)
    ada.page.set_viewport_size(PHONE)
    assert ada.sent.lines[0] == first.lines[0]
    assert ada.sent.lines[1][-1] == pytest.approx((900, 240), abs=5)


def test_turning_the_screen_in_the_middle_of_a_stroke_loses_nothing(sit_down: SitDown) -> None:
    ada = sit_down(viewport={"width": 700, "height": 900}).draw_box()
    ada.page.mouse.move(*ada.at(*WAVE[0]))
    ada.page.mouse.down()
    ada.page.mouse.move(*ada.at(*WAVE[1]))
    ada.page.set_viewport_size({"width": 900, "height": 900})
    ada.page.mouse.move(*ada.at(*WAVE[3]))
    ada.page.mouse.up()
    (line,) = ada.sent.lines
    assert [line[0], line[1], line[-1]] == [
        pytest.approx((x * 1000, y * 400), abs=5) for x, y in (WAVE[0], WAVE[1], WAVE[3])
    ]


def test_going_back_and_reloading_show_the_drawing_again(sit_down: SitDown) -> None:
    ada = sit_down().draw_box()
    ada.pull(WAVE)
    drawn, ink = ada.sent, ada.inked()
    ada.go_on()
    ada.page.go_back()
    ada.ready()
    assert (ada.step, ada.sent) == ("sign", drawn)
    ada.page.reload()
    ada.ready()
    assert (ada.sent, ada.inked(), ada.state) == (drawn, ink, "1 stroke is drawn.")
    ada.go_on()
    assert ada.step == "check"


def test_a_drawing_stays_while_ada_tries_typing(sit_down: SitDown) -> None:
    ada = sit_down().draw_box()
    ada.pull(WAVE)
    drawn = ada.sent
    ada.page.check("[value=typed]")
    assert not ada.page.locator("canvas").is_visible()
    ada.go_on()
    assert "Enter your full name." in ada.ready().page.locator("main").inner_text()
    ada.draw_box()
    assert ada.sent == drawn
    assert ada.inked() > 0
    ada.go_on()
    assert ada.step == "check"


def test_an_empty_box_leads_to_typing(sit_down: SitDown) -> None:
    ada = sit_down().draw_box()
    ada.go_on()
    ada.ready().page.locator(".errors a").click()
    assert ada.page.evaluate("document.activeElement.id") == "drawing"
    ada.page.check("[value=typed]")
    ada.page.fill("[name=signature]", ADA["name"])
    ada.go_on()
    assert ada.step == "check"


def test_by_keyboard_alone_ada_types(sit_down: SitDown) -> None:
    ada = sit_down().ready()
    keys = ada.page.keyboard
    ada.page.locator("#q").evaluate("node => { node.tabIndex = -1; node.focus() }")
    keys.press("Tab")
    assert ada.page.evaluate("document.activeElement.value") == "typed"
    keys.press("ArrowDown")
    assert ada.page.locator("canvas").is_visible()
    keys.press("Tab")
    assert ada.page.evaluate("document.activeElement.dataset.do") == "undo"  # the box itself is no stop
    keys.press("Shift+Tab")
    keys.press("ArrowUp")
    keys.press("Tab")
    keys.type(ADA["name"])
    keys.press("Enter")
    ada.page.wait_for_url("**/check*")


def test_only_one_finger_draws_at_a_time(sit_down: SitDown) -> None:
    ada = sit_down().draw_box()
    moves: list[list[str | float]] = [
        ["down", 9, 0.1, 0.1, 2],  # the other button of the mouse
        ["down", 1, 0.2, 0.2, 0],
        ["down", 2, 0.8, 0.8, 0],
        ["move", 2, 0.9, 0.9, 0],
        ["move", 1, 0.4, 0.4, 0],
        ["up", 2, 0.9, 0.9, 0],
        ["move", 1, 0.6, 0.6, 0],
        ["up", 1, 0.6, 0.6, 0],
    ]
    ada.page.locator("canvas").evaluate(POINTER, moves)
    assert ada.sent.lines == (((200, 80), (400, 160), (600, 240)),)


def test_a_box_that_is_full_says_so_and_sends_what_the_server_takes(sit_down: SitDown) -> None:
    ada = sit_down().draw_box()
    scribble: list[list[str | float]] = [["move", 1, step % 2, step % 40 / 40, 0] for step in range(MAX_POINTS + 100)]
    ada.page.locator("canvas").evaluate(POINTER, [["down", 1, 0, 0, 0], *scribble, ["up", 1, 0, 0, 0]])
    assert ada.state == "The box is full. Undo a stroke, or clear the box."
    assert sum(map(len, ada.sent.lines)) == MAX_POINTS
    ada.go_on()
    assert ada.step == "check"


def test_without_script_ada_types_and_sees_no_box(sit_down: SitDown) -> None:
    ada = sit_down(java_script_enabled=False)
    assert not ada.page.locator("[name=kind]").first.is_visible()
    assert not ada.page.locator("canvas").is_visible()
    assert ada.page.locator("main button:visible").count() == 1
    ada.page.fill("[name=signature]", ADA["name"])
    ada.go_on()
    assert ada.step == "check"


def test_without_script_a_drawing_from_before_is_replaced_by_the_name(sit_down: SitDown) -> None:
    ada = sit_down().draw_box()
    ada.pull(WAVE)
    ada.go_on()
    bare = ada.place.browser.new_context(java_script_enabled=False, storage_state=ada.context.storage_state())
    page = bare.new_page()
    page.goto(ada.place.live.at(f"/en/c/{ada.draft}/sign"))
    page.fill("[name=signature]", ADA["name"])
    page.locator("main form .btn.primary").last.click()
    assert page.locator(".drawing").count() == 0
    bare.close()


def test_the_script_is_fetched_on_this_page_only(sit_down: SitDown) -> None:
    ada = sit_down()
    fetched: list[str] = []
    ada.page.on("request", lambda request: fetched.append(request.url.rpartition("/")[2]))
    ada.page.goto(ada.place.live.at(f"/en/c/{ada.draft}/contact"))
    assert "signature.js" not in fetched
    ada.page.goto(ada.place.live.at(f"/en/c/{ada.draft}/sign"))
    ada.ready()
    assert fetched.count("signature.js") == 1


@pytest.mark.parametrize("viewport", [PHONE, WIDE], ids=["narrow", "wide"])
def test_axe_finds_nothing_in_any_state_of_signing(sit_down: SitDown, viewport: Any) -> None:
    ada = sit_down(viewport=viewport, bypass_csp=True).ready()
    assert axe_violations(ada.page) == []
    ada.page.fill("[name=signature]", "Somebody Else")
    ada.go_on()
    assert axe_violations(ada.ready().page) == []
    ada.draw_box()
    assert axe_violations(ada.page) == []
    ada.go_on()
    assert axe_violations(ada.ready().page) == []
    ada.page.locator("canvas").scroll_into_view_if_needed()
    ada.pull(WAVE)
    assert axe_violations(ada.page) == []
    ada.go_on()
    assert ada.step == "check"
    assert axe_violations(ada.page) == []
