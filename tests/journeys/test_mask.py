"""Covering a card in the browser: by mouse, by finger, by keys and by numbers; nothing uncovered leaves the device."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import Browser

from portal.audit.record import AuditEntry
from tests.corpus_writers import saved
from tests.journeys.covering import PHOTO_PLACE, SHOT, Covering, at_identity, drawn, is_dark
from tests.support.browser import axe_violations
from tests.support.photos import Shot, cut_shots, good_shots, jpeg, photo

SAY = """async (pictures) => {
    const app = document.querySelector("script[type=module]").src;
    const { blank, cut } = await import(app.replace("app.js", "looks.js"));
    return Promise.all(pictures.map(async (picture) => {
        const image = new Image(), canvas = document.createElement("canvas");
        image.src = `data:image/jpeg;base64,${picture}`;
        await image.decode();
        [canvas.width, canvas.height] = [image.width, image.height];
        canvas.getContext("2d").drawImage(image, 0, 0);
        return { blank: blank(canvas), cut: cut(canvas) };
    }));
}"""


def small(shot: Shot) -> Shot:
    """The same photo with fewer pixels: a matter of time only."""
    return replace(shot, size=(640, shot.size[1] * 640 // shot.size[0]))


@pytest.fixture
def covering(tmp_path: Path, migrated: Path, browser: Browser) -> Iterator[Covering]:
    """Give a person at the turn about identity, with a mouse."""
    with at_identity(tmp_path, migrated, browser, bypass_csp=True) as opened:
        yield opened


def test_nothing_that_the_mouse_covered_leaves_the_device(covering: Covering) -> None:
    covering.choose(drawn())
    covering.drag((12, 30), (30, 62))
    covering.drag((38, 56), (80, 68))
    assert [round(each) for each in covering.sides(0)] == [12, 30, 18, 32]
    assert covering.boxes.count() == 2
    covering.use()
    (sent,) = covering.uploads
    assert len(covering.sent) == 1
    assert is_dark(sent, PHOTO_PLACE)
    card, kept = covering.kept()
    assert (card.masked, card.boxes, card.width, card.height) == (True, 2, 1600, 1200)
    assert is_dark(kept, PHOTO_PLACE)
    assert not is_dark(kept, (700, 400, 1100, 600))
    with covering.walk.database.reader() as session:
        masked = [each.facts for each in session.query(AuditEntry) if each.kind == "identity:card_masked"]
    assert [each["place"] for each in masked] == ["browser"]


def test_the_words_of_the_mark_stand_in_what_is_sent_and_in_what_is_kept(covering: Covering) -> None:
    covering.choose(drawn())
    covering.page.locator("[data-stencil]").first.click()
    covering.use()
    plain = photo(SHOT)
    for picture, place in ((covering.uploads[0], (500, 1150, 1100, 1190)), (covering.kept()[1], (700, 380, 1300, 620))):
        assert tinted(picture, place) > tinted(plain, place) + 800


def tinted(picture: Image.Image, place: tuple[int, int, int, int]) -> int:
    """Count the pixels in which red stands out, as in the words of the mark."""
    red, green, _blue = picture.crop(place).split()
    return sum(ImageChops.subtract(red, green).histogram()[40:])


def test_a_stencil_finds_the_card_and_covers_its_photo(covering: Covering) -> None:
    covering.choose(drawn())
    covering.page.locator("[data-stencil]", has_text="Belgian card").first.click()
    left, top, width, height = covering.sides(0)
    assert left < 15
    assert top < 35
    assert left + width > 30
    assert top + height > 62
    covering.page.locator(".mask-outline").focus()
    covering.page.keyboard.press("ArrowRight")
    assert covering.sides(0)[0] == pytest.approx(left + 1, abs=0.2), "the boxes go with the outline"
    covering.use()
    assert is_dark(covering.uploads[0], PHOTO_PLACE)


def test_a_finger_moves_and_sizes_a_box_and_scrolls_beside_it(tmp_path: Path, migrated: Path, browser: Browser) -> None:
    phone = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
    with at_identity(tmp_path, migrated, browser, **phone) as covering:
        covering.choose(drawn())
        covering.page.locator("#mask-photo").tap()
        covering.page.locator("[data-part=sheet]").scroll_into_view_if_needed()
        touch = covering.page.context.new_cdp_session(covering.page)

        def swipe(start: tuple[float, float], end: tuple[float, float]) -> None:
            for kind, places in (("touchStart", [start]), ("touchMove", [end]), ("touchEnd", [])):
                points = [dict(zip("xy", covering.at(each), strict=True)) for each in places]
                touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        before = covering.sides(0)
        swipe((50, 50), (35, 45))
        moved = covering.sides(0)
        assert moved[:2] == pytest.approx([before[0] - 15, before[1] - 5], abs=1)
        swipe((moved[0] + moved[2], moved[1] + moved[3]), (70, 80))
        assert covering.sides(0)[2:] == pytest.approx([70 - moved[0], 80 - moved[1]], abs=1)
        swipe((5, 5), (40, 30))
        assert covering.boxes.count() == 1, "beside the boxes a finger draws nothing"
        grip = covering.page.locator(".mask-box.current .mask-grip.se").bounding_box()
        assert grip is not None
        assert min(grip["width"], grip["height"]) >= 24
        assert covering.page.evaluate("document.scrollingElement.scrollWidth") == 320


def test_everything_goes_by_keys_alone(covering: Covering) -> None:
    covering.choose(drawn())
    page = covering.page
    assert page.evaluate("document.activeElement.dataset.part") == "title"
    page.locator("#mask-photo").press("Enter")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    assert covering.sides(0) == [34, 39, 31, 19]
    assert (covering.boxes.first.get_attribute("aria-label") or "").startswith("Photo box, from the left 34 %")
    page.locator("#mask-number").press("Enter")
    page.keyboard.press("Delete")
    assert covering.boxes.count() == 1
    page.keyboard.press("Control+z")
    assert covering.boxes.count() == 2
    page.locator("[data-part=use]").press("Enter")
    page.wait_for_url("**/sign*")
    assert covering.kept()[0].boxes == 2


def test_numbers_and_boxes_say_the_same(covering: Covering) -> None:
    covering.choose(drawn())
    page = covering.page
    page.locator("#mask-photo").click()
    page.locator("details.earlier summary").last.click()
    row = page.locator("[data-part=rows] fieldset")
    row.get_by_label("From the left").fill("10")
    row.get_by_label("Width").fill("25.5")
    assert covering.sides(0)[::2] == [10, 25.5]
    covering.boxes.first.focus()
    page.keyboard.press("ArrowRight")
    assert row.get_by_label("From the left").input_value() == "11"
    page.locator("[data-nudge='0 1 0']").click()
    assert row.get_by_label("From the top").input_value() == "42"
    row.get_by_label("What does it cover?").select_option("number")
    assert (covering.boxes.first.get_attribute("aria-label") or "").startswith("Number box")
    row.get_by_role("button", name="Remove this box").click()
    assert covering.boxes.count() == 0


def test_what_still_shows_is_said_and_nothing_is_sent(covering: Covering) -> None:
    covering.choose(drawn())
    page = covering.page
    page.locator("[data-part=use]").click()
    errors = page.locator("[data-part=errors]")
    assert errors.evaluate("node => node === document.activeElement")
    assert errors.locator("li").count() == 2
    assert "drag a box over the photo" in errors.inner_text()
    assert "by numbers" not in errors.inner_text()
    errors.locator("a").first.click()
    assert page.evaluate("document.activeElement.id") == "mask-photo"
    page.keyboard.press("Enter")
    page.locator("[data-part=use]").click()
    assert "no number" in errors.inner_text()
    assert covering.sent == []
    page.check("#mask-no-number")
    covering.use()
    assert covering.kept()[0].boxes == 1


def test_a_picture_on_its_side_is_upright_and_can_be_turned_and_enlarged(covering: Covering) -> None:
    lying = photo(SHOT).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    covering.choose(saved(lying, "JPEG", exif=exif, quality=85))
    page = covering.page
    size = "node => [node.width, node.height]"
    assert page.locator("canvas").evaluate(size) == [1600, 1200]
    page.locator("[data-part=turn]").click()
    assert page.locator("canvas").evaluate(size) == [1200, 1600]
    page.locator("[data-part=larger]").click()
    sheet, stage = (page.locator(each).bounding_box() for each in ("[data-part=sheet]", ".mask-stage"))
    assert sheet is not None
    assert stage is not None
    assert sheet["width"] > stage["width"] * 1.3
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 1280


def test_a_photo_of_twelve_megapixels_is_sent_small(covering: Covering) -> None:
    covering.choose(drawn(Shot(size=(4032, 3024), share=0.8)))
    covering.page.locator("[data-stencil]").first.click()
    covering.use()
    assert covering.uploads[0].size == (2400, 1800)
    assert len(covering.sent[0]) < 3_000_000


@pytest.mark.parametrize(
    ("picture", "sentence"),
    [
        (lambda: photo(Shot()).filter(ImageFilter.GaussianBlur(6)), "blurred"),
        (lambda: photo(Shot(lost=0.1)), "whole front"),
        (lambda: photo(Shot()).point(lambda level: level // 8), "dark"),
        (lambda: photo(Shot(turned=-4, ground="cloth")), ""),
        (lambda: photo(Shot(ground="none", size=(1600, 1009))), ""),
    ],
    ids=["blurred", "cut", "dark", "good", "scan"],
)
def test_a_poor_picture_is_named_before_anything_is_covered(
    covering: Covering, picture: Callable[[], Image.Image], sentence: str
) -> None:
    covering.choose(jpeg(picture()))
    said = covering.page.locator("[data-part=remarks]").inner_text()
    assert sentence in said
    assert bool(said) == bool(sentence)


def test_a_picture_that_is_too_small_is_refused_here(covering: Covering) -> None:
    covering.choose(jpeg(photo(Shot()).resize((400, 250))))
    assert "too small" in covering.page.locator("[data-part=note]").inner_text()
    assert covering.page.locator(".mask-editor").is_hidden()


def test_a_picture_on_which_nothing_is_seen_is_refused_before_anything_is_covered(covering: Covering) -> None:
    covering.choose(jpeg(photo(Shot(share=0.01, ground="white", light=0.6))))
    assert "We see nothing" in covering.page.locator("[data-part=note]").inner_text()
    assert covering.page.locator(".mask-editor").is_hidden()


def test_the_browser_says_of_a_picture_what_the_server_says(covering: Covering) -> None:
    whole = [small(shot) for shot in good_shots()[::6]]
    cut = [small(shot) for shot in cut_shots()[::4]]
    pictures = [b64encode(drawn(shot)).decode() for shot in (*whole, *cut)]
    said = covering.page.evaluate(SAY, pictures)
    assert said == [{"blank": False, "cut": False}] * len(whole) + [{"blank": False, "cut": True}] * len(cut)


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_in_the_editor(covering: Covering, width: int) -> None:
    page = covering.page
    page.set_viewport_size({"width": width, "height": 900})
    covering.choose(drawn())
    page.locator("[data-part=use]").click()
    page.locator("[data-stencil]").nth(1).click()
    page.locator("details.earlier summary").last.click()
    assert axe_violations(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") == width
