"""A drawn signature: the strokes a browser sends, judged, kept as whole numbers, and drawn again as a path. Pure.

A place is (x, y) in a box of 1000 by 400, counted from its upper left corner. What is drawn is built from these numbers
only: no text, picture or address that a browser sent comes back out of here.
"""

import json
import re
from dataclasses import dataclass
from itertools import pairwise

from portal.words import N_

WIDTH, HEIGHT = 1000, 400
MAX_STROKES = 200
MAX_POINTS = 4000
MAX_BYTES = 64 * 1024
LEAST_SIZE = 30
"""What is smaller than this, both across and down, is a dot and no signature."""

INK, THICKNESS = "#15262b", 7

NOTHING_DRAWN = N_("There is no signature in the box yet. Draw it, or choose to type your name.")
ONLY_A_DOT = N_("This is only a dot. Draw your whole signature, or choose to type your name.")
NOT_A_DRAWING = N_("We could not read this drawing. Draw it again, or choose to type your name.")

_NUMBER = r"(?:0|[1-9][0-9]{0,3})"
_POINT = rf"\[{_NUMBER}, ?{_NUMBER}\]"
_STROKE = rf"\[{_POINT}(?:, ?{_POINT})*\]"
_DRAWING = re.compile(rf"\[{_STROKE}(?:, ?{_STROKE})*\]")

Point = tuple[int, int]


class DrawingRefused(ValueError):
    """What was sent is no signature; ``sentence`` (English source) says what to do."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Strokes:
    """A drawing that was judged: each stroke is the way of the pen from its first point to its last."""

    lines: tuple[tuple[Point, ...], ...]

    def __len__(self) -> int:
        """Return the number of strokes."""
        return len(self.lines)


def parse(text: str) -> Strokes:
    """Return the drawing that a browser sent as JSON: a list of strokes, each a list of ``[x, y]``.

    The text is measured and matched before anything reads it, so neither its depth nor its numbers can do harm.

    Raises:
        DrawingRefused: it is empty, only a dot, too large, outside of the box, or anything else than such a list.
    """
    if text.strip() in ("", "[]"):
        raise DrawingRefused(NOTHING_DRAWN)
    if len(text) > MAX_BYTES or _DRAWING.fullmatch(text) is None:
        raise DrawingRefused(NOT_A_DRAWING)
    return unpack(json.loads(text))


def pack(strokes: Strokes) -> list[list[list[int]]]:
    """Return ``strokes`` as plain values for JSON."""
    return [[[x, y] for x, y in line] for line in strokes.lines]


def unpack(packed: list[list[list[int]]]) -> Strokes:
    """Return the drawing that :func:`pack` packed.

    Raises:
        DrawingRefused: it has too many strokes or points, a place outside of the box, or is only a dot.
    """
    strokes = Strokes(tuple(tuple((x, y) for x, y in line) for line in packed))
    points = [point for line in strokes.lines for point in line]
    if not points or len(strokes) > MAX_STROKES or len(points) > MAX_POINTS:
        raise DrawingRefused(NOT_A_DRAWING)
    across, down = [x for x, _ in points], [y for _, y in points]
    if min(across) < 0 or min(down) < 0 or max(across) > WIDTH or max(down) > HEIGHT:
        raise DrawingRefused(NOT_A_DRAWING)
    if max(across) - min(across) < LEAST_SIZE and max(down) - min(down) < LEAST_SIZE:
        raise DrawingRefused(ONLY_A_DOT)
    return strokes


def to_path(strokes: Strokes) -> str:
    """Return the ``d`` of an SVG path: smooth lines through the middle between each two points."""
    return "".join(_way(line) for line in strokes.lines)


def to_svg(strokes: Strokes) -> str:
    """Return the drawing as a whole SVG document: one path, no style, nothing but numbers of ours."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="{to_path(strokes)}" fill="none" stroke="{INK}" stroke-width="{THICKNESS}"'
        ' stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )


def _way(line: tuple[Point, ...]) -> str:
    start, *rest = line
    if not rest:
        return f"M{start[0]} {start[1]}l1 0"  # a dot: some programs draw nothing for a line without length
    way = f"M{start[0]} {start[1]}"
    for (x, y), (after_x, after_y) in pairwise(rest):
        way += f"Q{x} {y} {(x + after_x) / 2:g} {(y + after_y) / 2:g}"
    return way + f"L{rest[-1][0]} {rest[-1][1]}"
