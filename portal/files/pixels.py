"""From bytes to pixels and back to a fresh JPEG: decode, mask, mark. Runs in the child process only.

Nothing but pixels passes: every picture is rebuilt from its raw samples, so no metadata, profile, thumbnail, comment or
tail of the original can travel along.
"""

import contextlib
import io
import struct
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from PIL import Image, ImageDraw, ImageFont

from portal.files import looks
from portal.files.looks import Sides, Veil
from portal.files.sniff import Kind
from portal.files.verdicts import Reason, Refused, Remark

MAX_PIXELS = 40_000_000
MAX_SIDE = 2400
MIN_LONG, MIN_SHORT = 480, 300
PDF_MAX_POINTS = 14_400  # the largest page of ISO 32000-1, annex C
PDF_MAX_SCALE = 300 / 72
JPEG_QUALITY = 88
_MARK = "#8a1538"
_FORMATS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP", Kind.HEIC: "HEIF"}
_UPRIGHT = {
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_270],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_90],
}

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Seen:
    """A picture that was taken in: fresh JPEG bytes, what was remarked on the way, and whether its boxes are black."""

    jpeg: bytes
    width: int
    height: int
    remarks: tuple[Remark, ...]
    black: bool


def prepare(kind: Kind) -> None:
    """Import everything the decoder of ``kind`` will want: once locked in, the child can open no file."""
    from PIL import ExifTags, ImageMode, MpoImagePlugin, TiffImagePlugin, TiffTags  # noqa: F401

    Image.preinit()
    if kind is Kind.WEBP:
        from PIL import WebPImagePlugin  # noqa: F401
    elif kind is Kind.HEIC:
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    elif kind is Kind.PDF:
        import pypdfium2  # noqa: F401


def take_in(kind: Kind, data: bytes, boxes: Sequence[Sides] = ()) -> Seen:
    """Decode ``data``, refuse what cannot show a card, and encode it afresh.

    Args:
        kind: what it is.
        data: the file.
        boxes: where the sender says that it is covered; looked up in the pixels, not believed.

    Raises:
        Refused: with the reason. What a decoder raises besides (OSError, SyntaxError, ValueError, struct.error ...:
            Pillow #9814) ends the child, and that too is a refusal.
    """
    try:
        picture = render(open_pdf(data), 0) if kind is Kind.PDF else decode(kind, data)
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(Reason.TOO_HEAVY if isinstance(error, MemoryError) else Reason.TOO_MANY_PIXELS) from None
    _refuse_small(picture.size)
    gray = picture.convert("L")
    black = bool(boxes) and all(looks.is_black(gray, each) for each in boxes)
    veil = Veil(tuple(boxes), foot=True) if black else Veil()
    if looks.is_blank(gray, veil):
        raise Refused(Reason.BLANK)
    return Seen(encode(picture), *picture.size, tuple(looks.remarks(picture, gray, veil)), black)


def encode(picture: Image.Image) -> bytes:
    """Return ``picture`` as a JPEG built from its raw samples: nothing else is carried over."""
    plain = picture.convert("RGB")
    fresh = Image.frombytes("RGB", plain.size, plain.tobytes())
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return out.getvalue()


def reopen(jpeg: bytes) -> Image.Image:
    """Return the pixels of one of our own JPEGs."""
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        return image.convert("RGB")


def burn_boxes(picture: Image.Image, boxes: Iterable[Sides]) -> None:
    """Paint each box (left, top, width, height in percent) black, rounded outward to whole pixels."""
    draw = ImageDraw.Draw(picture)
    across, down = picture.width / 100, picture.height / 100
    for left, top, width, height in boxes:
        corner = (int(left * across), int(top * down))
        opposite = (-int(-(left + width) * across // 1), -int(-(top + height) * down // 1))
        draw.rectangle((corner, opposite), fill="black")


def watermark(picture: Image.Image, text: str, font_file: bytes) -> Image.Image:
    """Return ``picture`` with ``text`` across it in slanted lines, see-through; its size stays as it was."""
    font = ImageFont.truetype(io.BytesIO(font_file), max(14, round(picture.width / 36)))
    reach = round((picture.width**2 + picture.height**2) ** 0.5)
    sheet = Image.new("L", (reach, reach), 0)
    draw = ImageDraw.Draw(sheet)
    line = round(font.getlength(text)) + font.size * 3
    for row, top in enumerate(range(0, reach, int(font.size * 5))):
        for left in range(-round(line * (row % 2) / 2), reach, int(line)):
            draw.text((left, top), text, fill=105, font=font)
    slanted = sheet.rotate(24, Image.Resampling.BICUBIC)
    left, top = (reach - picture.width) // 2, (reach - picture.height) // 2
    mask = slanted.crop((left, top, left + picture.width, top + picture.height))
    ink = Image.new("RGB", picture.size, _MARK)
    return Image.composite(ink, picture, mask)


def decode(kind: Kind, data: bytes, least: int = MIN_LONG) -> Image.Image:
    """Return the pixels of a picture, upright and small enough; ``least`` is the fewest pixels of its longer side."""
    with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as image:
        _refuse_header(image, kind, least)
        if kind is Kind.JPEG:
            image.draft(None, (MAX_SIDE, MAX_SIDE))
        image.load()
        orientation = _orientation(image)
        return _upright(_small(_eight_bit(image)), orientation)


def _refuse_header(image: Image.Image, kind: Kind, least: int) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise Refused(Reason.TOO_MANY_PIXELS)
    if max(image.size) < least or min(image.size) < 1:
        raise Refused(Reason.TOO_SMALL)
    if kind in {Kind.PNG, Kind.WEBP} and getattr(image, "n_frames", 1) > 1:
        raise Refused(Reason.MOVING)


def open_pdf(data: bytes) -> Any:
    """Return the opened document (the library has no types)."""
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise Refused(Reason.LOCKED_PDF if locked else Reason.DAMAGED) from None


def render(document: Any, number: int, most: int = MAX_SIDE) -> Image.Image:
    """Return page ``number`` (from 0) of ``document`` as pixels, no side above ``most``."""
    import pypdfium2

    try:
        page = document[number]
        width, height = page.get_size()
    except (pypdfium2.PdfiumError, IndexError):
        raise Refused(Reason.DAMAGED) from None
    if not (1 <= min(width, height) and max(width, height) <= PDF_MAX_POINTS):
        raise Refused(Reason.PDF_SIZE)
    scale = min(most / max(width, height), PDF_MAX_SCALE)
    bitmap = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True)
    return cast(Image.Image, bitmap.to_pil()).convert("RGB")


def _refuse_small(size: tuple[int, int]) -> None:
    if max(size) < MIN_LONG or min(size) < MIN_SHORT:
        raise Refused(Reason.TOO_SMALL)


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return 16-bit gray by its upper byte (Pillow's own conversion turns it white), anything else as it is."""
    if image.mode == "I;16":
        return Image.frombytes("L", image.size, image.tobytes()[1::2])
    return image


def _small(image: Image.Image) -> Image.Image:
    """Return ``image`` as RGB on white, no side above the limit; band by band, so memory stays near one copy."""
    factor = max(1, max(image.size) // MAX_SIDE)
    out = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    for top in range(0, image.height, 64 * factor):
        band = image.crop((0, top, image.width, min(top + 64 * factor, image.height)))
        out.paste(_on_white(band, image.info).reduce(factor), (0, top // factor))
    out.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return out


def _on_white(band: Image.Image, info: Mapping[str | tuple[int, int], object]) -> Image.Image:
    if band.mode not in {"RGBA", "LA", "PA"} and "transparency" not in info:
        return band.convert("RGB")
    ground = Image.new("RGBA", band.size, "white")
    return Image.alpha_composite(ground, band.convert("RGBA")).convert("RGB")


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation (tag 0x0112), 1 when there is none or the EXIF block is nonsense."""
    with contextlib.suppress(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, struct.error):
        return int(image.getexif().get(0x0112, 1))
    return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    for step in _UPRIGHT.get(orientation, []):
        image = image.transpose(step)
    return image
