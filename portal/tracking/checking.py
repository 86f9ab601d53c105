"""Whether a PDF is the one that was issued, and whether the text in it is the one that was signed. Keeps nothing.

Anybody may ask. The answer says nothing of a person, and an unknown reference answers as a wrong hash does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from sqlalchemy.orm import Session

from portal.cases.letter_papers import letter_was_issued
from portal.cases.papers import attachment, is_known, is_signed, issued
from portal.files.papers import Inside

OURS = re.compile(r"canonical\.json|amendment-\d+\.json", re.ASCII | re.IGNORECASE)


class Text(StrEnum):
    """What is to be said of the text in a PDF."""

    SIGNED = "signed"
    OTHER = "other"
    NONE = "none"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one PDF.

    Args:
        same_bytes: the file is byte for byte one that was issued.
        letter: it is a letter of ours, which holds no signed text.
        text: what is to be said of the text in it.
        sha256: of the request's text in it, worked out anew; empty where there is none.
        misstated: its properties name another hash than that.
    """

    same_bytes: bool
    text: Text
    sha256: str = ""
    misstated: bool = False
    letter: bool = False


def check_file(session: Session, pdf: bytes, inside: Inside | None) -> Finding:
    """Compare ``pdf``, with what was found ``inside``, with the record."""
    found = sha256(pdf).hexdigest()
    if letter_was_issued(session, found):
        return Finding(same_bytes=True, text=Text.NONE, letter=True)
    same = issued(session, found) is not None
    if inside is None:
        return Finding(same, Text.UNREADABLE)
    texts = _texts(inside.files)
    if not texts:
        return Finding(same, Text.NONE)
    hashes = [sha256(text).hexdigest() for text in texts]
    signed = _unmixed(inside.files, len(texts)) and is_signed(session, inside.reference, hashes)
    return Finding(same, Text.SIGNED if signed else Text.OTHER, hashes[0], inside.sha256 != hashes[0])


def check_hash(session: Session, reference: str, typed: str) -> bool:
    """Whether ``typed`` is the hash of the request ``reference``, or of an addition to it."""
    return is_known(session, reference.strip().upper(), "".join(typed.split()).lower())


def _texts(files: Sequence[tuple[str, bytes]]) -> list[bytes]:
    """Return the request and each amendment that follows without a gap; nothing where the request is not there."""
    held, texts = dict(files), list[bytes]()
    while (content := held.get(attachment(len(texts)))) is not None:
        texts.append(content)
    return texts


def _unmixed(files: Sequence[tuple[str, bytes]], count: int) -> bool:
    """Whether the files of ours are ``count`` in all: none twice, none beyond a gap. Files of others do not matter."""
    ours = [name for name, _content in files if OURS.fullmatch(name)]
    return len(ours) == count
