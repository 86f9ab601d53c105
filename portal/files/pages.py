"""From a picture or a PDF to pages of pixels, for what is sent with a message. Runs in the child process only.

Nothing but pixels passes: no link, script, form, attachment or metadata of a document can travel along.
"""

from dataclasses import dataclass

from PIL import Image

from portal.files import pixels
from portal.files.sniff import Kind
from portal.files.verdicts import Reason, Refused

MOST_PAGES = 10
PAGE_SIDE = 1754  # the longer side of A4 at 150 dots an inch
LEAST_SIDE = 16


@dataclass(frozen=True)
class Page:
    """One page as a fresh JPEG."""

    jpeg: bytes
    width: int
    height: int


def pages_of(kind: Kind, data: bytes) -> list[Page]:
    """Return the pages of a PDF, or the one page that a picture is.

    Raises:
        Refused: too many pages, too many pixels, or too heavy. What a decoder raises besides ends the child.
    """
    try:
        return _document(data) if kind is Kind.PDF else [_page(pixels.decode(kind, data, LEAST_SIDE))]
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(Reason.TOO_HEAVY if isinstance(error, MemoryError) else Reason.TOO_MANY_PIXELS) from None


def _document(data: bytes) -> list[Page]:
    document = pixels.open_pdf(data)
    if len(document) > MOST_PAGES:
        raise Refused(Reason.TOO_MANY_PAGES)
    if not len(document):
        raise Refused(Reason.DAMAGED)
    return [_page(pixels.render(document, number, PAGE_SIDE)) for number in range(len(document))]


def _page(picture: Image.Image) -> Page:
    return Page(pixels.encode(picture), *picture.size)
