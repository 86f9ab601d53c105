"""From HTML to a tagged PDF (PDF/UA-1). Only the worker imports this: the renderer is large. Knows no case.

The renderer reaches nothing: no network, no file. It is handed two faces of one type family and the pictures of this
document by name; whatever else a document asks for is refused, and left out.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from fontpkg_atkinson_hyperlegible import ROOT
from fontTools.ttLib import TTFont
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

STYLE = Path(__file__).parents[2] / "templates" / "paper" / "paper.css"
OURS = "paper:"
FACES = {"regular.ttf": "AtkinsonHyperlegible-Regular.ttf", "bold.ttf": "AtkinsonHyperlegible-Bold.ttf"}

logging.getLogger("weasyprint").propagate = False  # its warnings quote letters and addresses that a person wrote


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside the PDF; its kind follows from its name."""

    name: str
    content: str
    what: str  # one line that a reader program shows


class NothingElse(URLFetcher):  # type: ignore[misc] # the library has no types
    """Gives out what it was handed, by the addresses ``paper:<name>``, and refuses every other address.

    Args:
        handed: content by name.
    """

    def __init__(self, handed: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._handed = handed

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Return what was handed over under ``url``.

        Raises:
            ValueError: nothing was; the renderer goes on without it.
        """
        name = url.removeprefix(OURS)
        if not url.startswith(OURS) or name not in self._handed:
            raise ValueError("a document has what it was handed, and nothing else")
        kind = "image/svg+xml" if name.endswith(".svg") else "font/ttf"
        return URLFetcherResponse(url, self._handed[name], {"Content-Type": kind})


def render(html: str, pictures: Mapping[str, bytes], attached: Sequence[Attached]) -> bytes:
    """Return ``html`` as PDF.

    Args:
        html: a whole document with language and title. Each ``<meta name>`` lands in the properties of the PDF.
        pictures: SVG by name; the document shows one as ``<img src="paper:name.svg" alt="...">``.
        attached: files to put inside.
    """
    fonts, style = _faces()
    document = HTML(string=html, url_fetcher=NothingElse(pictures))
    made: bytes = document.write_pdf(
        stylesheets=[style],
        font_config=fonts,
        pdf_variant="pdf/ua-1",
        custom_metadata=True,
        attachments=[Attachment(string=each.content, name=each.name, description=each.what) for each in attached],
    )
    return made


def lacks(text: str) -> bool:
    """Whether ``text`` has a letter that our face does not; a face of the machine stands in for it, if there is one."""
    return any(letter.isprintable() and ord(letter) not in _letters() for letter in text)


@cache
def _faces() -> tuple[FontConfiguration, Any]:
    """Load faces and style sheet once: the renderer keeps each set it ever made, so a set per document would add up."""
    fonts = FontConfiguration()
    faces = {name: (ROOT / "files" / file).read_bytes() for name, file in FACES.items()}
    style = CSS(string=STYLE.read_text(encoding="utf-8"), font_config=fonts, url_fetcher=NothingElse(faces))
    return fonts, style


@cache
def _letters() -> frozenset[int]:
    with TTFont(BytesIO((ROOT / "files" / FACES["regular.ttf"]).read_bytes())) as face:
        return frozenset(face.getBestCmap())
