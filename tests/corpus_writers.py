"""Small writers for the corpus: PNG chunks, a PDF of a few objects, ZIP members, JPEG segments. Makes no judgement."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping

from PIL import Image

from portal.demo.specimen import draw_specimen

CARD = draw_specimen("Ada Specimen", "en")
PNG_START = b"\x89PNG\r\n\x1a\n"


def card(size: tuple[int, int] = (1600, 1000), mode: str = "RGB") -> Image.Image:
    """Return the specimen card as an image."""
    return Image.open(io.BytesIO(CARD)).resize(size).convert(mode)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    """Return ``image`` written by Pillow."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def chunk(name: bytes, body: bytes = b"") -> bytes:
    """Return one PNG chunk with its CRC."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, rows: Iterable[bytes], depth: int = 8, colour: int = 0) -> bytes:
    """Return a PNG whose pixels are whatever ``rows`` unpacks to, right or not."""
    press = zlib.compressobj(9)
    body = b"".join(press.compress(row) for row in rows) + press.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return PNG_START + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND")


def with_chunks(data: bytes, chunks: bytes) -> bytes:
    """Return a PNG with ``chunks`` put after its header."""
    return data[:33] + chunks + data[33:]


def with_segment(data: bytes, marker: int, body: bytes) -> bytes:
    """Return a JPEG with a segment put after its start."""
    return data[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + data[2:]


def padded(size: int) -> bytes:
    """Return a good JPEG of exactly ``size`` bytes."""
    data, room = CARD, size - len(CARD)
    while room:
        step = min(room, 60_000)
        step = step if room - step == 0 or room - step >= 4 else step - 4
        data = with_segment(data, 0xFE, bytes(step - 4))
        room = size - len(data)
    return data


def pdf(
    extra: Mapping[int, bytes] | None = None, catalog: bytes = b"", page: bytes = b"", box: str = "595 842"
) -> bytes:
    """Return a PDF of one page that shows the card; ``extra`` adds or replaces numbered objects."""
    content = b"q 500 0 0 312 40 400 cm /I Do Q"
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {box}] /Contents 4 0 R ".encode()
        + b"/Resources << /XObject << /I 5 0 R >> >> "
        + page
        + b" >>",
        4: stream(content),
        5: stream(CARD, b"/Type /XObject /Subtype /Image /Width 1600 /Height 1000 /ColorSpace /DeviceRGB "
                  b"/BitsPerComponent 8 /Filter /DCTDecode"),
        **(extra or {}),
    }  # fmt: skip
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (max(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % places.get(number, 0) for number in range(1, max(objects) + 1))
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, start)
    return bytes(out)


def stream(body: bytes, keys: bytes = b"") -> bytes:
    """Return a PDF stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(body), keys, body)


def zipped(members: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """Return a ZIP with ``members`` exactly as named."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return out.getvalue()


def last_scan_repeated(data: bytes, times: int) -> bytes:
    """Return a progressive JPEG that shows its last scan ``times`` more."""
    start = [match.start() for match in re.finditer(rb"\xff\xda", data)][-1]
    scan = data[start:-2]
    return data[:-2] + scan * times + data[-2:]


def lying_size(data: bytes, side: int) -> bytes:
    """Return a JPEG whose frame header claims ``side`` x ``side`` pixels."""
    place = data.index(b"\xff\xc0") + 5
    return data[:place] + struct.pack(">HH", side, side) + data[place + 4 :]
