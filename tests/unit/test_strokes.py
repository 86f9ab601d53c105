"""A drawn signature: only strokes come in, whatever a browser sends, and only our own numbers come out."""

import json
import random
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.strokes import (
    HEIGHT,
    LEAST_SIZE,
    MAX_BYTES,
    MAX_POINTS,
    MAX_STROKES,
    NOT_A_DRAWING,
    NOTHING_DRAWN,
    ONLY_A_DOT,
    WIDTH,
    DrawingRefused,
    Strokes,
    pack,
    parse,
    to_path,
    to_svg,
    unpack,
)
from tests.support.drawings import HOSTILE, json_of, zigzag

SIGNED = [[[100, 200], [300, 100], [500, 250]], [[600, 200], [640, 210]], [[620, 120]]]
SVG = re.compile(
    r'<svg xmlns="http://www\.w3\.org/2000/svg" viewBox="0 0 1000 400">'
    r'<path d="[MLQl0-9. ]+" fill="none" stroke="#[0-9a-f]{6}" stroke-width="[0-9]+"'
    r' stroke-linecap="round" stroke-linejoin="round"/></svg>'
)
PLACES = st.tuples(st.integers(0, WIDTH), st.integers(0, HEIGHT))
LINES = st.lists(st.lists(PLACES, min_size=1, max_size=20), max_size=10)
DRAWINGS = LINES.map(lambda lines: [*lines, [(0, 0), (LEAST_SIZE, 0)]])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_list_of_strokes_in_the_box_is_refused(text: str) -> None:
    with pytest.raises(DrawingRefused) as refused:
        parse(text)
    assert refused.value.sentence == NOT_A_DRAWING


@pytest.mark.parametrize("text", ["", "  ", "[]"])
def test_an_empty_box_is_no_signature(text: str) -> None:
    with pytest.raises(DrawingRefused) as refused:
        parse(text)
    assert refused.value.sentence == NOTHING_DRAWN


@pytest.mark.parametrize("dot", [[[[500, 200]]], [[[500, 200]] * 40], [[[500, 200], [500 + LEAST_SIZE - 1, 200]]]])
def test_a_single_dot_is_no_signature(dot: list[list[list[int]]]) -> None:
    with pytest.raises(DrawingRefused) as refused:
        parse(json_of(dot))
    assert refused.value.sentence == ONLY_A_DOT


def test_a_dot_belongs_to_a_larger_drawing() -> None:
    assert pack(parse(json_of(SIGNED))) == SIGNED


def test_spaces_after_commas_do_not_matter() -> None:
    assert parse(json.dumps(SIGNED)) == parse(json_of(SIGNED))


def test_a_drawing_at_every_limit_is_taken() -> None:
    full = zigzag(MAX_STROKES, MAX_POINTS // MAX_STROKES)
    full[0][0], full[-1][-1] = [0, 0], [WIDTH, HEIGHT]
    assert len(json_of(full)) <= MAX_BYTES
    assert len(parse(json_of(full))) == MAX_STROKES
    largest = [[[WIDTH, HEIGHT]] * (MAX_POINTS - 1) + [[0, 0]]]
    assert len(json_of(largest)) <= MAX_BYTES
    assert pack(parse(json_of(largest))) == largest


@given(DRAWINGS)
def test_what_was_taken_comes_back_and_draws_as_one_safe_path(drawing: list[list[tuple[int, int]]]) -> None:
    strokes = Strokes(tuple(tuple(line) for line in drawing))
    picture = to_svg(strokes)
    assert SVG.fullmatch(picture)
    root = ElementTree.fromstring(picture)  # noqa: S314 # our own text
    assert [child.tag for child in root.iter()] == [f"{{http://www.w3.org/2000/svg}}{tag}" for tag in ("svg", "path")]
    assert picture == to_svg(Strokes(tuple(tuple(line) for line in drawing)))
    assert unpack(pack(strokes)) == parse(json_of(drawing)) == strokes


@given(st.text(alphabet='[]0123456789, -.eENaTfnul"{}:', max_size=60))
def test_no_text_at_all_makes_it_fall_over(text: str) -> None:
    try:
        taken = parse(text)
    except DrawingRefused:
        return
    assert json.loads(text) == pack(taken)


def test_a_byte_changed_anywhere_gives_a_drawing_in_the_box_or_none() -> None:
    chance, good = random.Random(20261125), json_of(SIGNED)
    for _ in range(2000):
        place = chance.randrange(len(good))
        text = good[:place] + chr(chance.randrange(128)) + good[place + 1 :]
        try:
            taken = parse(text)
        except DrawingRefused:
            continue
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for line in taken.lines for x, y in line)


def test_the_path_passes_smoothly_from_the_first_point_to_the_last() -> None:
    assert to_path(parse(json_of(SIGNED))) == "M100 200Q300 100 400 175L500 250M600 200L640 210M620 120l1 0"
