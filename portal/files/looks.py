"""What a picture looks like: blank, blurred, dark, cut off, and how like another one. Pixels only; the child runs it.

Where the person covered parts before sending, those parts say nothing about the photo and are left out of the measure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps, ImageStat

from portal.files import outline
from portal.files.verdicts import Remark

Sides = Sequence[float]
"""Left, top, width, height in percent of the picture."""

MAX_RATIO = 2.4
BLURRED_BELOW = 6.0  # edge steepness; from here on a 30-pixel letter in a 1600-pixel picture is hard to read
DARK_BELOW = 35.0  # mean gray level of 255
BLACK_BELOW = 48  # gray level; a JPEG blurs the rim of a black box a little
BLUR = 6  # pixels at 512: what is finer than this is a mark
FOOT = 0.05  # height of the line of words that a browser writes at the foot, by the picture's width
GRID = (97, 60)  # cells of a fingerprint: fine enough to tell two names in the same place apart
STEEP = 4  # gray levels between two cells; less says nothing


@dataclass(frozen=True, slots=True)
class Veil:
    """What of a picture is, or will be, covered.

    Attributes:
        boxes: the places.
        foot: whether a browser wrote its line of words at the foot.
    """

    boxes: tuple[Sides, ...] = ()
    foot: bool = False

    def seen(self, size: tuple[int, int], rim: int = 2) -> Image.Image:
        """Return a mask of ``size``: white where the photo shows, at least ``rim`` pixels away from what is covered."""
        mask = Image.new("L", size, 255)
        draw, (width, height) = ImageDraw.Draw(mask), size
        rim = max(rim, width // 100)
        for left, top, across, down in self.boxes:
            corner = (left * width / 100 - rim, top * height / 100 - rim)
            opposite = ((left + across) * width / 100 + rim, (top + down) * height / 100 + rim)
            draw.rectangle((*corner, *opposite), fill=0)
        if self.foot:
            draw.rectangle((0, height - round(width * FOOT) - rim, width, height), fill=0)
        return mask


def is_black(gray: Image.Image, sides: Sides) -> bool:
    """Tell whether the box is black in the pixels, its rim aside."""
    left, top, across, down = sides
    rim = max(3, gray.width // 200)
    box = (
        round(left * gray.width / 100) + rim,
        round(top * gray.height / 100) + rim,
        round(min(left + across, 100) * gray.width / 100) - rim,
        round(min(top + down, 100) * gray.height / 100) - rim,
    )
    if box[2] <= box[0] or box[3] <= box[1]:
        return False
    counts = gray.crop(box).histogram()
    return sum(counts[:BLACK_BELOW]) >= 0.995 * sum(counts)


def is_blank(gray: Image.Image, veil: Veil) -> bool:
    """Tell whether there is nothing to see: fewer than a handful of places differ from their surroundings."""
    small = ImageOps.contain(gray, (512, 512), Image.Resampling.BOX)
    detail = ImageChops.difference(small, small.filter(ImageFilter.GaussianBlur(BLUR)))
    marks = sum(detail.histogram(veil.seen(small.size, 3 * BLUR))[14:])  # a black box shows no further than that
    return marks < small.width * small.height / 8000


def remarks(picture: Image.Image, gray: Image.Image, veil: Veil) -> list[Remark]:
    """Return what is odd about the picture."""
    found = []
    if sharpness(gray, veil) < BLURRED_BELOW:
        found.append(Remark.BLURRED)
    if max(gray.size) / min(gray.size) > MAX_RATIO or is_cut(picture, veil):
        found.append(Remark.CROPPED)
    if ImageStat.Stat(gray, veil.seen(gray.size)).mean[0] < DARK_BELOW:
        found.append(Remark.DARK)
    return found


def sharpness(gray: Image.Image, veil: Veil) -> float:
    """Return how steep the edges are: the 99.5th percentile of the Laplacian at 1200 pixels, in gray levels."""
    view = ImageOps.contain(gray, (1200, 1200)).filter(ImageFilter.GaussianBlur(1))  # noise is not sharpness
    edges = view.filter(ImageFilter.Kernel((3, 3), (0, -1, 0, -1, 4, -1, 0, -1, 0), scale=1, offset=0))
    inner = (1, 1, view.width - 1, view.height - 1)  # a kernel leaves the outermost pixels as they were
    counts = edges.crop(inner).histogram(veil.seen(view.size).crop(inner))
    rest = sum(counts) // 200
    for level in range(255, 0, -1):
        rest -= counts[level]
        if rest < 0:
            return float(level)
    return 0.0


def is_cut(picture: Image.Image, veil: Veil) -> bool:
    """Tell whether a part of the card lies beyond the picture; nothing is said where no table is seen around it."""
    shown = veil.seen(picture.size) if veil.boxes else None
    return outline.is_cut(picture, shown, round(picture.width * FOOT) if veil.foot else 0)


def fingerprint(gray: Image.Image, veil: Veil) -> str:
    """Return a difference hash (hex): for each of 96 x 60 places whether it is lighter or darker than the one beside
    it, or that it says nothing (flat, or covered). What is covered leaves no trace in it.
    """
    columns, rows = GRID
    cells = gray.resize(GRID, Image.Resampling.BOX).tobytes()
    shown = veil.seen(gray.size).resize(GRID, Image.Resampling.BOX).tobytes()
    lighter = darker = 0
    for place in range(columns * rows):
        if place % columns == columns - 1:
            continue
        step = cells[place + 1] - cells[place] if shown[place] == shown[place + 1] == 255 else 0
        lighter = lighter << 1 | (step >= STEEP)
        darker = darker << 1 | (step <= -STEEP)
    digits = (columns - 1) * rows // 4
    return f"{lighter:0{digits}x}{darker:0{digits}x}"
