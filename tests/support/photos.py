"""Photos of a drawn SPECIMEN card, as telephones take them: on a table, turned, lit from one side, blurred, cut off."""

import io
import random
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from portal.demo.specimen import draw_specimen

CARD_BOX = (110, 90, 1490, 910)
GROUNDS = ("wood", "cloth", "white", "black", "stone", "tiles")
NAMES = ("Ada Specimen", "Łucja Żółć-O'Connor", "Jan De Smet", "Marie-Claire Vandenbroucke", "Li Wu")


@dataclass(frozen=True, slots=True)
class Shot:
    """How a photo is taken.

    Attributes:
        size: of the picture in pixels.
        share: how much of the picture's width (or, where that is less, height) the card takes.
        turned: degrees.
        ground: what it lies on, of ``GROUNDS``; "none" is a scan of nothing but the card.
        blur: radius in pixels of a picture 1600 wide.
        light: brightness of the darker side, 0 to 1.
        lost: which part of the card lies beyond the right edge, 0 to 1.
        beyond: the same at the lower edge.
        seed: of grain and ground.
    """

    size: tuple[int, int] = (1600, 1200)
    share: float = 0.85
    turned: float = 0
    ground: str = "wood"
    blur: float = 0
    light: float = 0.85
    lost: float = 0
    beyond: float = 0
    seed: int = 1
    name: str = NAMES[0]


def photo(shot: Shot) -> Image.Image:
    """Take the photo."""
    chance = random.Random(shot.seed)
    card = _card(shot.name)
    if shot.ground == "none":
        scene = card.convert("RGB").resize(shot.size)
    else:
        scene = _ground(shot.ground, shot.size, chance)
        _lay(scene, card, shot)
    scene = ImageChops.multiply(scene, _light(shot.size, shot.light, chance))
    if shot.blur:
        scene = scene.filter(ImageFilter.GaussianBlur(shot.blur * shot.size[0] / 1600))
    return Image.blend(scene, _grain(shot.size, chance), 0.03)


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    """Return ``image`` as a telephone saves it."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def good_shots() -> list[Shot]:
    """Return photos that nobody should be warned about: every ground, near and far, straight and turned, and scans."""
    shots = [
        Shot(ground=ground, share=share, turned=turned, light=light, seed=number, name=NAMES[number % len(NAMES)])
        for number, (ground, (share, turned, light)) in enumerate(
            (ground, how)
            for ground in GROUNDS
            for how in ((0.95, 0, 0.9), (0.9, 2, 0.7), (0.8, -6, 0.85), (0.65, 14, 0.75), (0.55, 0, 0.6))
        )
    ]
    tall = [Shot(size=(1200, 1600), share=0.92, ground=ground, turned=3, seed=40) for ground in GROUNDS]
    return [
        *shots,
        *tall,
        Shot(ground="none", size=(1600, 1009)),
        Shot(ground="none", size=(1009, 640)),
    ]


def blurred_shots() -> list[Shot]:
    """Return photos on which a name can hardly be read."""
    return [Shot(ground=ground, share=0.85, blur=blur, seed=7) for ground in GROUNDS for blur in (9, 12, 16)]


def cut_shots() -> list[Shot]:
    """Return photos on which a part of the card is missing, at one side or two; the table is another colour than it."""
    how = ((0.08, 0, 0), (0.12, 0, 3), (0.35, 0, 0), (0, 0.1, 0), (0, 0.4, 2), (0.2, 0.1, -4), (0.1, 0.1, 0))
    return [
        Shot(ground=ground, share=0.8, lost=lost, beyond=beyond, turned=turned, seed=9)
        for ground in GROUNDS
        if ground not in {"white", "tiles"}  # white on white, and a pattern, say too little
        for lost, beyond, turned in how
    ]


def cut_off(picture: Image.Image, card: tuple[int, int, int, int], sides: str, part: float) -> Image.Image:
    """Return ``picture`` without ``part`` (0 to 1) of the card at ``card``, at each of ``sides``, as "left top"."""
    left, top, right, bottom = card
    across, down = round((right - left) * part), round((bottom - top) * part)
    return picture.crop(
        (
            left + across if "left" in sides else 0,
            top + down if "top" in sides else 0,
            right - across if "right" in sides else picture.width,
            bottom - down if "bottom" in sides else picture.height,
        )
    )


@cache
def _card(name: str) -> Image.Image:
    card = Image.open(io.BytesIO(draw_specimen(name, "en"))).convert("RGB").crop(CARD_BOX)
    corners = Image.new("L", card.size, 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, card.width - 1, card.height - 1), radius=52, fill=255)
    card.putalpha(corners)
    return card


def _lay(scene: Image.Image, card: Image.Image, shot: Shot) -> None:
    factor = min(scene.width * shot.share / card.width, scene.height * shot.share / card.height)
    laid = card.resize((round(card.width * factor), round(card.height * factor)), Image.Resampling.LANCZOS)
    across, down = laid.size
    laid = laid.rotate(shot.turned, Image.Resampling.BICUBIC, expand=True)
    left, top = (scene.width - laid.width) // 2, (scene.height - laid.height) // 2
    if shot.lost:
        left = round(scene.width - across * (1 - shot.lost))
    if shot.beyond:
        top = round(scene.height - down * (1 - shot.beyond))
    shade = Image.new("L", scene.size, 0)
    shade.paste(laid.getchannel("A"), (left + 12, top + 14))
    dark = scene.point(lambda level: level * 6 // 10)
    scene.paste(dark, (0, 0), shade.filter(ImageFilter.GaussianBlur(14)))
    scene.paste(laid, (left, top), laid)


def _ground(kind: str, size: tuple[int, int], chance: random.Random) -> Image.Image:
    width, height = size
    plain = {"wood": "#7a5a3c", "cloth": "#4a5a70", "white": "#d9d8d4", "black": "#202022", "stone": "#8d8a86"}
    ground = Image.new("RGB", size, plain.get(kind, "#b9a48c"))
    draw = ImageDraw.Draw(ground)
    if kind == "wood":
        for top in range(0, height, 7):
            shade = chance.randint(-18, 18)
            draw.line((0, top, width, top + chance.randint(-9, 9)), fill=(122 + shade, 90 + shade, 60 + shade), width=6)
    elif kind == "cloth":
        for place in range(0, max(size), 6):
            draw.line((place, 0, place, height), fill="#54647c", width=2)
            draw.line((0, place, width, place), fill="#405068", width=2)
    elif kind == "stone":
        speckle = Image.frombytes("L", (width // 4, height // 4), chance.randbytes(width // 4 * (height // 4)))
        ground = Image.blend(ground, speckle.resize(size).convert("RGB"), 0.25)
    elif kind == "tiles":
        for place in range(0, max(size), 260):
            draw.line((place, 0, place, height), fill="#f0ece4", width=10)
            draw.line((0, place, width, place), fill="#f0ece4", width=10)
    return ground


def _light(size: tuple[int, int], darkest: float, chance: random.Random) -> Image.Image:
    ramp = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180, 270))).resize(size)
    return ramp.point(lambda level: round(255 * (darkest + (1 - darkest) * level / 255))).convert("RGB")


def _grain(size: tuple[int, int], chance: random.Random) -> Image.Image:
    noise = Image.frombytes("L", (400, 300), chance.randbytes(120_000))
    return noise.resize(size).convert("RGB")
