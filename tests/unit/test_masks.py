"""How large a box must be to count: a dot in a corner hides nothing, and a refusal says what to do."""

import re

import pytest

from portal.files import masks
from portal.files.masks import COVER_NUMBER, COVER_PHOTO, LARGER_NUMBER, LARGER_PHOTO, NO_SIZE, read_mask
from portal.ui.assets import STATIC_DIR

PHOTO, NUMBER = ("photo", 12, 16), ("number", 14, 3)
SIZE = ("width", "height")
ON_THE_CARD = {"outline-kind": ["be"], "outline-width": ["80"], "outline-height": ["60"]}
"""A Belgian card on which the photo is 24.8 by 36 and the number 48.8 by 12 per cent of the picture."""


def form(*boxes: tuple[str, float, float]) -> dict[str, list[str]]:
    return {
        masks.box_name(index, key): [str(value)]
        for index, (part, width, height) in enumerate(boxes)
        for key, value in {"part": part, "left": 5, "top": 5, "width": width, "height": height}.items()
    }


def told(*boxes: tuple[str, float, float], **more: list[str]) -> list[str]:
    mask, faults = read_mask(form(*boxes) | more)
    assert not faults
    return list(mask.open_parts().values())


@pytest.mark.parametrize(
    ("photo", "number", "sentences"),
    [
        (PHOTO, NUMBER, []),
        (("photo", 11.9, 40), NUMBER, [LARGER_PHOTO]),
        (("photo", 40, 15.9), NUMBER, [LARGER_PHOTO]),
        (PHOTO, ("number", 13.9, 10), [LARGER_NUMBER]),
        (PHOTO, ("number", 50, 2.9), [LARGER_NUMBER]),
    ],
)
def test_a_box_is_as_large_as_its_part_on_any_card_that_can_be_read(
    photo: tuple[str, float, float], number: tuple[str, float, float], sentences: list[str]
) -> None:
    assert told(photo, number) == sentences


def test_a_box_without_a_size_is_told_so_once() -> None:
    boxes = form(("photo", 0, 0), ("number", 0, 0)) | {masks.box_name(n, side): [""] for n in (0, 1) for side in SIZE}
    assert read_mask(boxes)[1] == {masks.box_name(0, "width"): NO_SIZE, masks.box_name(1, "width"): NO_SIZE}


def test_what_nobody_tried_to_cover_is_asked_for_and_not_called_too_small() -> None:
    assert told() == [COVER_PHOTO, COVER_NUMBER]
    assert told(NUMBER) == [COVER_PHOTO]


@pytest.mark.parametrize(
    ("photo", "number", "sentences"),
    [
        (("photo", 24.8, 36), ("number", 48.8, 12), []),
        (("photo", 20, 27), ("number", 45, 8), []),
        (PHOTO, ("number", 48.8, 12), [LARGER_PHOTO]),
        (("photo", 24.8, 36), ("number", 14, 3), [LARGER_NUMBER]),
        (("photo", 100, 17), ("number", 24, 100), [LARGER_PHOTO, LARGER_NUMBER]),
    ],
)
def test_on_a_card_that_was_outlined_a_box_covers_most_of_its_place(
    photo: tuple[str, float, float], number: tuple[str, float, float], sentences: list[str]
) -> None:
    assert told(photo, number, **ON_THE_CARD) == sentences


@pytest.mark.parametrize("width", ["24", "", "a lie", "nan"])
def test_an_outline_too_small_for_a_card_makes_no_box_large_enough(width: str) -> None:
    small = {**ON_THE_CARD, "outline-width": [width], "outline-height": ["5"]}
    assert told(("photo", 6, 6), NUMBER, **small) == [LARGER_PHOTO]
    assert told(PHOTO, NUMBER, **small) == []


def test_a_card_that_lies_small_on_the_picture_may_have_small_boxes() -> None:
    far = {"outline-kind": ["nl"], "outline-width": ["30"], "outline-height": ["25"]}
    assert told(("photo", 9.3, 15), ("number", 13.5, 4.25), **far) == []


def test_a_kind_of_card_that_nobody_knows_is_no_outline() -> None:
    assert told(PHOTO, NUMBER, **{**ON_THE_CARD, "outline-kind": ["fr"]}) == []


def test_a_place_that_was_chosen_is_covered_whole() -> None:
    assert told(preset=["photo-left", "number-top"]) == []


def test_the_browser_and_the_server_ask_the_same() -> None:
    script = (STATIC_DIR / "js" / "mask.js").read_text(encoding="utf-8")
    numbers = re.search(r"LEAST = \{ photo: \[(\S+), (\S+)\], number: \[(\S+), (\S+)\] \}", script)
    card = re.search(r"LEAST_CARD = \[(\S+), (\S+)\], ENOUGH = (\S+), NARROWEST = (\S+);", script)
    assert numbers
    assert card
    assert tuple(map(float, numbers.groups())) == (*masks.LEAST[masks.Part.PHOTO], *masks.LEAST[masks.Part.NUMBER])
    assert tuple(map(float, card.groups())) == (*masks.LEAST_CARD, masks.ENOUGH, masks.NARROWEST)
