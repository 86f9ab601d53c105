"""Where a card lies in a picture, and whether a part of it lies beyond. Pixels only; the child runs it.

What is not like the table is the card. A whole card seldom touches a side of the picture, and where it does, its round
corners are seen there: its edge is shorter than the card is a little further in. A card that was cut is as long there.
The browser measures the same (static/js/looks.js), before anything is covered.
"""

from dataclasses import dataclass
from itertools import combinations
from statistics import median

from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

SIZE = 192
CORNER = 8  # pixels at that size; also how far in the round corners of a card end
AWAY = 24  # gray levels between card and table
LEAST = 0.1  # of the picture's width or height; what is smaller is no card
TOUCHING, BEYOND = 0.7, 1.35  # of the card's own width or height; more than that is something else
CLEAN = 0.03  # of the side of the picture
STRAIGHT = 0.985  # of the card's edge at the side by what it is a little further in; round corners leave 0.94
SOLID, FILLING = 0.85, 0.92
RATIOS = (1.5, 1.77)
"""Long side by short of a whole card, also when seen a little aslant; ISO/IEC 7810 ID-1 has 1.586."""

Colour = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A card in a picture. What has four values has them for the left, right, upper and lower side of the picture.

    Attributes:
        taken: how much of the side the card takes, 0 to 1.
        edges: the same by the width or height of the card.
        straight: whether the card touches the side without round corners.
        spans: width and height that it takes of the picture, 0 to 1.
        ratio: its long side by its short one.
        filled: how much of the box around it it fills, 0 to 1.
    """

    taken: tuple[float, ...]
    edges: tuple[float, ...]
    straight: tuple[bool, ...]
    spans: tuple[float, float]
    ratio: float
    filled: float


def is_cut(picture: Image.Image, shown: Image.Image | None = None, foot: int = 0) -> bool:
    """Tell whether a part of the card lies beyond the picture. Where no table is seen around it, nothing is said.

    Args:
        picture: in RGB.
        shown: white where nothing was covered; None where nothing was.
        foot: height in pixels of a line of words at the foot, where nothing can be told.
    """
    seen = (0, 0, picture.width, picture.height - foot)
    small = ImageOps.contain(picture.crop(seen), (SIZE, SIZE), Image.Resampling.BOX)
    card = _unlike_the_table(small.filter(ImageFilter.GaussianBlur(1)))
    if shown is not None:
        card = ImageChops.lighter(card, ImageOps.invert(shown.crop(seen).resize(card.size)))
    outline = _outline(card)
    return outline is not None and _is_short(outline, foot > 0)


def _is_short(card: Outline, footed: bool) -> bool:
    touching = [edge > TOUCHING for edge in card.edges]
    below = touching[3]
    if footed:
        touching[3] = False
    if not any(touching) or min(card.taken) >= CLEAN or max(card.edges) > BEYOND or card.filled < SOLID:
        return False
    shaped = RATIOS[0] <= card.ratio <= RATIOS[1] or (footed and below)
    if shaped and sum(touching) >= 3 and min(card.spans) > FILLING:
        return False
    left, right, top, bottom = touching
    into_a_corner = left != right and top != bottom and max(card.spans) > 0.5  # not a scan of all the glass
    runs_out = any(touches and straight for touches, straight in zip(touching, card.straight, strict=True))
    return not shaped or into_a_corner or runs_out


def _outline(card: Image.Image) -> Outline | None:
    """Return the outline of what is white; None where that is too little."""
    width, height = card.size
    columns = [level / 255 for level in card.resize((width, 1), Image.Resampling.BOX).tobytes()]
    rows = [level / 255 for level in card.resize((1, height), Image.Resampling.BOX).tobytes()]
    if max(columns) < LEAST or max(rows) < LEAST:
        return None
    across, down = ([each for each in profile if each > max(profile) / 3] for profile in (columns, rows))
    high, wide = median(across), median(down)
    sides = (
        (columns[0], columns[CORNER], high),
        (columns[-1], columns[-1 - CORNER], high),
        (rows[0], rows[CORNER], wide),
        (rows[-1], rows[-1 - CORNER], wide),
    )
    sizes = wide * width, high * height
    return Outline(
        taken=tuple(taken for taken, _, _ in sides),
        edges=tuple(taken / whole for taken, _, whole in sides),
        straight=tuple(taken > STRAIGHT * further for taken, further, _ in sides),
        spans=(len(across) / width, len(down) / height),
        ratio=max(sizes) / min(sizes),
        filled=sum(columns) * height / (len(across) * len(down)),
    )


def _unlike_the_table(small: Image.Image) -> Image.Image:
    """Return a mask, white where ``small`` is not like the table, whose colours are those of its corners."""
    table = Image.new("RGB", (2, 2))
    table.putdata(_table_of(small))
    away = ImageChops.difference(small, table.resize(small.size, Image.Resampling.BILINEAR))
    red, green, blue = away.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue).point(lambda level: 255 if level > AWAY else 0)


def _table_of(small: Image.Image) -> list[Colour]:
    """Return the colour of the table in each corner; where a corner shows the card, by what the others show."""
    width, height = small.size
    corners = [
        _colour(small, (left, top, left + CORNER, top + CORNER))
        for top in (0, height - CORNER)
        for left in (0, width - CORNER)
    ]
    for place, corner in enumerate(corners):
        others = [each for each in corners if each is not corner]
        apart = max(AWAY, *(_step(one, two) for one, two in combinations(others, 2)))
        if min(_step(corner, each) for each in others) > 1.2 * apart:
            corners[place] = _mean([corners[place ^ 1], corners[place ^ 2]])
            return corners
    middle = _colour(small, (width // 4, height // 4, width * 3 // 4, height * 3 // 4))
    furthest = max(_step(each, middle) for each in corners)
    table = [each for each in corners if _step(each, middle) > max(0.4 * furthest, 1)]
    return [each if furthest <= AWAY or each in table else _mean(table) for each in corners]


def _colour(small: Image.Image, box: tuple[int, int, int, int]) -> Colour:
    return tuple(ImageStat.Stat(small.crop(box)).median)


def _step(one: Colour, two: Colour) -> int:
    return max(abs(a - b) for a, b in zip(one, two, strict=True))


def _mean(colours: list[Colour]) -> Colour:
    return tuple(round(sum(levels) / len(levels)) for levels in zip(*colours, strict=True))
