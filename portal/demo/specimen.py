"""Draws the front of a made-up identity card, clearly a SPECIMEN, as if photographed. No real card's design."""

import io
import random
from pathlib import Path

from fontpkg_atkinson_hyperlegible import ROOT
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = (1600, 1000)
_WORDS = {
    "nl": ("IDENTITEITSKAART", "Naam", "Geldig tot", "Kaartnummer", "pasfoto"),
    "fr": ("CARTE D’IDENTITÉ", "Nom", "Valable jusqu’au", "Numéro de carte", "photo"),
    "de": ("PERSONALAUSWEIS", "Name", "Gültig bis", "Kartennummer", "Passfoto"),
    "en": ("IDENTITY CARD", "Name", "Valid until", "Card number", "photo"),
}
_INK, _PALE, _DESK = "#21343a", "#dfe8e4", "#6f665c"


def draw_specimen(full_name: str, language: str) -> bytes:
    """Return a JPEG (1600 x 1000) of the card of ``full_name``, with the words of ``language`` (nl, fr, de or en)."""
    title, name, valid, number, photo = _WORDS.get(language, _WORDS["en"])
    scene = Image.new("RGB", SIZE, _DESK)
    draw = ImageDraw.Draw(scene)
    draw.rounded_rectangle((110, 90, 1490, 910), radius=52, fill="#f4f7f2", outline=_INK, width=3)
    for step in range(40, 800, 20):
        draw.line((113, 92 + step, 1488, 60 + step * 1.05), fill=_PALE, width=2)
    draw.text((170, 140), title, fill=_INK, font=_font(58, bold=True))
    draw.text((1430, 150), "SPECIMEN", fill="#8a1538", font=_font(48, bold=True), anchor="ra")
    _photo(draw, photo)
    for top, label, value in (
        (330, name, full_name),
        (490, valid, "31 12 2031"),
        (650, number, "000-0000000-00"),
    ):
        draw.text((620, top), label, fill="#55656a", font=_font(30))
        draw.text((620, top + 42), value, fill=_INK, font=_fitting(value, 56, 820))
    _stamp(scene)
    out = io.BytesIO()
    _grain(scene).save(out, "JPEG", quality=88)
    return out.getvalue()


def _photo(draw: ImageDraw.ImageDraw, word: str) -> None:
    draw.rectangle((180, 300, 540, 780), fill="#c3d0cd", outline=_INK, width=3)
    draw.ellipse((290, 380, 430, 540), fill="#93a5a3")
    draw.pieslice((240, 560, 480, 900), 180, 360, fill="#93a5a3")
    draw.text((360, 745), word, fill=_INK, font=_font(28), anchor="mm")


def _stamp(scene: Image.Image) -> None:
    """Lay the word SPECIMEN across the whole card: nobody may take this drawing for a card."""
    sheet = Image.new("L", (1400, 300), 0)
    ImageDraw.Draw(sheet).text((700, 150), "SPECIMEN", fill=70, font=_font(250, bold=True), anchor="mm")
    slanted = sheet.rotate(18, Image.Resampling.BICUBIC, expand=True)
    ink = Image.new("RGB", slanted.size, "#8a1538")
    scene.paste(ink, ((SIZE[0] - slanted.width) // 2, (SIZE[1] - slanted.height) // 2), slanted)


def _grain(scene: Image.Image) -> Image.Image:
    """Give the drawing the slight noise of a photo."""
    noise = Image.frombytes("L", (200, 125), random.Random(7).randbytes(25_000)).resize(SIZE).convert("RGB")
    return Image.blend(scene, noise, 0.03).filter(ImageFilter.SMOOTH)


def _fitting(text: str, size: int, width: int) -> ImageFont.FreeTypeFont:
    font = _font(size, bold=True)
    while size > 20 and font.getlength(text) > width:
        size -= 2
        font = _font(size, bold=True)
    return font


def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    name = "AtkinsonHyperlegible-Bold.ttf" if bold else "AtkinsonHyperlegible-Regular.ttf"
    return ImageFont.truetype(Path(ROOT) / "files" / name, size)
