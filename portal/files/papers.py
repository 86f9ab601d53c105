"""Looking into a PDF that somebody brings back: read whole, opened in the locked-in child only, and never kept."""

from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from portal.errors import UploadRejected, UploadTooBig
from portal.files import sandbox
from portal.files.evidence import LIMIT
from portal.files.sandbox import ChildGaveUp
from portal.words import N_

EMPTY = N_("This file is empty. Choose the PDF again.")
NO_PDF = N_("This is not a PDF. Choose the PDF of the signed request.")
HEAD = 1024
"""Bytes within which a PDF says that it is one; readers look no further."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What stood in a PDF. All of it is a claim of whoever made the file.

    Args:
        reference: of the request, as the properties say.
        sha256: of its text, as the properties say.
        files: name and content of each file inside.
    """

    reference: str
    sha256: str
    files: tuple[tuple[str, bytes], ...]


def read_pdf(stream: IO[bytes]) -> bytes:
    """Return the bytes of an uploaded PDF.

    Raises:
        UploadTooBig: above 10 MiB. UploadRejected: empty, or no PDF.
    """
    data = stream.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise UploadTooBig
    if not data:
        raise UploadRejected(EMPTY)
    if b"%PDF-" not in data[:HEAD]:
        raise UploadRejected(NO_PDF)
    return data


def look_inside(pdf: bytes, slots: Path | None = None) -> Inside | None:
    """Return what is inside ``pdf``; None where it cannot be read: damaged, locked, or built to do harm.

    Args:
        pdf: the bytes.
        slots: folder for the two places all processes share.

    Raises:
        SandboxBusy, SandboxBroken: not the file's fault.
    """
    try:
        told, _ = sandbox.run({"task": "read_inside"}, pdf, slots)
        if not told["readable"]:
            return None
        names, contents = cast(list[str], told["names"]), cast(list[str], told["contents"])
        files = tuple((str(name), b64decode(content)) for name, content in zip(names, contents, strict=True))
        return Inside(str(told["reference"]), str(told["sha256"]), files)
    except (ChildGaveUp, KeyError, ValueError, TypeError):  # the last three: an answer the child's code cannot give
        return None
