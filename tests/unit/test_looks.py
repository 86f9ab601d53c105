"""What is said of a photo: nothing about good ones, the truth about poor ones; and when two are the same picture."""

import io
from dataclasses import replace
from functools import cache

import pytest
from PIL import Image, ImageDraw

from portal.demo.specimen import draw_specimen
from portal.files import looks
from portal.files.evidence import is_same
from portal.files.looks import Veil
from portal.files.pixels import burn_boxes
from portal.files.verdicts import Remark
from tests.support.photos import (
    CARD_BOX,
    GROUNDS,
    NAMES,
    Shot,
    blurred_shots,
    cut_off,
    cut_shots,
    good_shots,
    jpeg,
    photo,
)

COVERED = ((10, 26, 26, 48), (36, 60, 48, 14))
OTHERWISE = ((8, 20, 30, 60), (52, 10, 44, 14))


def small(shot: Shot, width: int = 960) -> Shot:
    """The same photo with fewer pixels: a matter of time only."""
    factor = width / max(shot.size)
    return replace(shot, size=(round(shot.size[0] * factor), round(shot.size[1] * factor)))


@cache
def taken(shot: Shot) -> Image.Image:
    return Image.open(io.BytesIO(jpeg(photo(shot)))).convert("RGB")


def said(shot: Shot, veil: Veil | None = None) -> list[Remark]:
    picture = taken(shot)
    picture.thumbnail((2400, 2400))
    return looks.remarks(picture, picture.convert("L"), veil or Veil())


@pytest.mark.parametrize("shot", [small(shot) for shot in good_shots()], ids=str)
def test_a_good_photo_gets_no_warning(shot: Shot) -> None:
    assert said(shot) == []


def test_a_good_photo_that_was_covered_gets_no_warning() -> None:
    for ground in GROUNDS:
        assert said(Shot(size=(960, 720), ground=ground), Veil(COVERED, foot=True)) == []


def test_a_photo_on_which_the_name_is_hard_to_read_is_called_blurred() -> None:
    for shot in blurred_shots()[::3]:
        assert Remark.BLURRED in said(small(shot))
        assert Remark.BLURRED in said(small(shot), Veil(COVERED, foot=True)), "boxes do not make it sharp"


def test_a_card_that_runs_out_of_the_photo_is_noticed_where_the_table_is_seen() -> None:
    missed = [shot for shot in cut_shots() if not looks.is_cut(taken(small(shot, 640)), Veil())]
    assert len(missed) <= 1, missed


@pytest.mark.parametrize("sides", ["left", "right", "top", "bottom", "right bottom", "left top bottom"])
@pytest.mark.parametrize("part", [0.08, 0.2, 0.4])
def test_a_card_is_cut_at_any_side_and_by_little(sides: str, part: float) -> None:
    assert looks.is_cut(cut_off(specimen("Ada"), CARD_BOX, sides, part), Veil())


@pytest.mark.parametrize("rim", [-8, 0, 10, 60])
def test_a_card_that_fills_the_picture_is_whole(rim: int) -> None:
    left, top, right, bottom = CARD_BOX
    assert not looks.is_cut(specimen("Ada").crop((left - rim, top - rim, right + rim, bottom + rim)), Veil())
    assert not looks.is_cut(specimen("Ada").crop((left, top - 60, right, bottom + 60)), Veil()), "as wide as the photo"


@pytest.mark.parametrize("ground", ["wood", "cloth"])
def test_what_the_browser_wrote_at_the_foot_and_covered_is_no_part_of_the_card(ground: str) -> None:
    for shot, cut in ((Shot(size=(960, 720), ground=ground), False), (cut_shots()[0], True)):
        picture = taken(replace(shot, size=(960, 720), ground=ground)).copy()
        burn_boxes(picture, COVERED)
        ImageDraw.Draw(picture).rectangle((20, 720 - 40, 940, 716), fill="#8a1538")
        assert looks.is_cut(picture, Veil(COVERED, foot=True)) is cut


def print_of(picture: Image.Image, veil: Veil | None = None) -> str:
    return looks.fingerprint(picture.convert("L"), veil or Veil(COVERED))


def specimen(name: str) -> Image.Image:
    return Image.open(io.BytesIO(draw_specimen(name, "en")))


@pytest.mark.parametrize("ground", [*GROUNDS, "none"])
def test_a_picture_is_known_again_in_another_size_quality_light_and_cover(ground: str) -> None:
    first = taken(Shot(size=(960, 720), ground=ground))
    again = [
        first.resize((1500, 1125)),
        Image.open(io.BytesIO(jpeg(first.resize((700, 525)), 60))),
        first.point(lambda level: level * 8 // 10),
    ]
    for other in again:
        assert is_same(print_of(first), print_of(other))
        assert is_same(print_of(first), print_of(other, Veil(OTHERWISE, foot=True)))


def test_cards_of_different_people_are_not_taken_for_the_same_picture() -> None:
    prints = [print_of(specimen(name)) for name in (*NAMES, "Tom Peeters", "Sofie Peeters")]
    prints += [print_of(taken(Shot(size=(960, 720), name=name))) for name in NAMES]
    assert [(one, two) for one in range(len(prints)) for two in range(one) if is_same(prints[one], prints[two])] == []


def test_where_little_is_left_to_compare_nothing_is_said() -> None:
    everything = Veil(((0, 0, 100, 95),))
    assert not is_same(print_of(specimen("Ada"), everything), print_of(specimen("Ada"), everything))


@pytest.mark.parametrize("shade", ["white", "#808080", "#f4f0e8"])
@pytest.mark.parametrize("size", [(1200, 800), (800, 1200), (3000, 2000)])
def test_boxes_on_a_blank_picture_are_nothing_to_see(shade: str, size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size, shade)
    draw = ImageDraw.Draw(picture)
    for left, top, across, down in COVERED:
        corner = (left * size[0] / 100, top * size[1] / 100)
        draw.rectangle((*corner, corner[0] + across * size[0] / 100, corner[1] + down * size[1] / 100), fill="black")
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=85)
    assert looks.is_blank(Image.open(kept).convert("L"), Veil(COVERED))


@pytest.mark.parametrize("shot", [small(shot) for shot in good_shots()][:2], ids=str)
def test_a_card_with_boxes_is_not_blank(shot: Shot) -> None:
    assert not looks.is_blank(taken(shot).convert("L"), Veil(COVERED))
