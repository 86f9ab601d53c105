"""Taking in what somebody sends with a message: the same child as for a card gives back pages of pixels, or a sentence.

A picture comes out as a JPEG. A PDF comes out as a PDF that is written here, one JPEG a page, so that nothing of the
file that came is ever stored or opened again. What must not live here: storing (``vault``), keys, cases.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from portal.errors import UploadRejected, UploadTooBig
from portal.files import sandbox
from portal.files.evidence import LIMIT
from portal.files.frames import Field
from portal.files.pages import MOST_PAGES
from portal.files.sandbox import ChildGaveUp
from portal.files.sniff import Kind
from portal.files.structure import is_plain_jpeg
from portal.files.verdicts import ATTACHED, Reason

ACCEPT = "image/jpeg,image/png,image/webp,image/heic,image/heif,application/pdf,.heic,.heif,.pdf"
POINTS = 72 / 150  # a dot of a page in points
SIDE_MOST = 10_000


@dataclass(frozen=True)
class Attached:
    """A file that was taken in, made anew.

    Attributes:
        content: a JPEG, or a PDF of JPEGs.
        media_type: which of the two.
        pages: how many.
    """

    content: bytes = field(repr=False)
    media_type: str
    pages: int


def take_attachment(stream: IO[bytes], slots: Path | None = None) -> Attached:
    """Read an uploaded file and return it made anew.

    Args:
        stream: the upload; read up to one byte past the limit, never more.
        slots: folder for the two places all processes share.

    Raises:
        UploadTooBig: above 10 MiB. UploadRejected: anything else about the file, with a sentence that says what to do.
        SandboxBusy, SandboxBroken: not the file's fault.
    """
    data = stream.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise UploadTooBig(ATTACHED[Reason.TOO_BIG])
    if not data:
        raise UploadRejected(ATTACHED[Reason.EMPTY])
    try:
        return _attached(*sandbox.run({"task": "pages"}, data, slots))
    except ChildGaveUp as end:
        raise UploadRejected(ATTACHED[Reason.TOO_HEAVY if end.too_heavy else Reason.DAMAGED]) from None
    except (KeyError, ValueError, TypeError):  # an answer the child's own code cannot give: do not believe it
        raise UploadRejected(ATTACHED[Reason.DAMAGED]) from None


def _attached(answer: dict[str, Field], payload: bytes) -> Attached:
    if "reason" in answer:
        raise UploadRejected(ATTACHED[Reason(str(answer["reason"]))])
    pages = _pages(answer["pages"], payload)
    if answer["media_type"] == Kind.PDF.value:
        return Attached(_pdf(pages), "application/pdf", len(pages))
    if len(pages) != 1:
        raise ValueError("not an answer")
    return Attached(pages[0][2], "image/jpeg", 1)


def _pages(sizes: Field, payload: bytes) -> list[tuple[int, int, bytes]]:
    """Return width, height and JPEG of each page; ValueError where the child says what it cannot say."""
    if not isinstance(sizes, list) or not 1 <= len(sizes) <= MOST_PAGES:
        raise ValueError("not an answer")
    found, place = [], 0
    for each in sizes:
        if not isinstance(each, list):
            raise ValueError("not an answer")
        width, height, length = each
        jpeg = payload[place : place + int(length)]
        place += int(length)
        if not (1 <= int(width) <= SIDE_MOST and 1 <= int(height) <= SIDE_MOST and is_plain_jpeg(jpeg)):
            raise ValueError("not a page")
        found.append((int(width), int(height), jpeg))
    if place != len(payload):
        raise ValueError("more than its pages")
    return found


def _pdf(pages: list[tuple[int, int, bytes]]) -> bytes:
    """Write a PDF (ISO 32000-1) that shows one JPEG a page and holds nothing else."""
    kids = " ".join(f"{3 + 3 * number} 0 R" for number in range(len(pages)))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode()]
    for number, (width, height, jpeg) in enumerate(pages):
        first, wide, high = 3 + 3 * number, round(width * POINTS, 2), round(height * POINTS, 2)
        shown = f"<< /XObject << /P {first + 2} 0 R >> >>"
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide} {high}] /Resources {shown}"
        objects.append(f"{page} /Contents {first + 1} 0 R >>".encode())
        objects.append(_stream("<< ", f"{wide} 0 0 {high} 0 0 cm /P Do".encode()))
        picture = f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB"
        objects.append(_stream(f"{picture} /BitsPerComponent 8 /Filter /DCTDecode ", jpeg))
    return _with_table(objects)


def _stream(head: str, content: bytes) -> bytes:
    return f"{head}/Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def _with_table(objects: list[bytes]) -> bytes:
    written, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(written)
    written += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    written += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    written += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(written)
