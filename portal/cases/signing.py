"""The signed request: its canonical text and hash. What was signed is never edited; later words stand elsewhere."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from portal.cases.strokes import Strokes, pack, to_path, unpack
from portal.clock import local
from portal.rights.base import Answers

FORMAT = 2
"""Since 2 a signature may be drawn; requests of format 1, all typed, stay as they were signed."""
TYPED, DRAWN, UNSIGNED = "typed", "drawn", "none"


@dataclass(frozen=True, slots=True)
class Signature:
    """A name, typed or with the drawing that was put over it; the two count the same.

    The name is empty where nobody signed: the request came by mail, by telephone or at the counter.
    """

    name: str
    strokes: Strokes | None = None

    @property
    def kind(self) -> str:
        """Whether it was ``typed`` or ``drawn``, or ``none`` was given."""
        if not self.name:
            return UNSIGNED
        return TYPED if self.strokes is None else DRAWN

    @property
    def path(self) -> str:
        """The drawing as the ``d`` of an SVG path, in a box of 1000 by 400; empty where it was typed."""
        return "" if self.strokes is None else to_path(self.strokes)

    def pack(self) -> dict[str, object]:
        """Return it as it stands in the canonical text."""
        packed: dict[str, object] = {"kind": self.kind, "name": self.name}
        return packed if self.strokes is None else packed | {"strokes": pack(self.strokes)}


@dataclass(frozen=True, slots=True)
class Signed:
    """What the person put their name under."""

    text: str
    sha256: str
    signature: Signature
    at: datetime


@dataclass(frozen=True, slots=True)
class Undersigned:
    """How and when a request was signed, as its canonical text says."""

    signature: Signature
    at: datetime
    on: date


def sign(
    right: str, answers: Answers, contact: dict[str, str], signature: Signature, at: datetime, policy: str
) -> Signed:
    """Bind request, signature and moment together.

    Args:
        right: slug of the right.
        answers: the answers to the right's questions.
        contact: name, address and what else was said of the person.
        signature: the name, typed or with a drawing.
        at: moment of signing, aware; the date is the one in Brussels (clause 7.9).
        policy: version of the policy it was made under (clause 8).

    Returns:
        The canonical text (JSON, sorted keys, NFC, UTF-8) and its SHA-256 in hexadecimal.
    """
    said = {
        "format": FORMAT,
        "right": right,
        "answers": dict(answers),
        "contact": contact,
        "signature": signature.pack(),
        "signed_at": at.isoformat(timespec="seconds"),
        "signed_on": local(at).date().isoformat(),
        "policy": policy,
    }
    text = unicodedata.normalize("NFC", json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")))
    return Signed(text, hashlib.sha256(text.encode()).hexdigest(), signature, at)


def undersigned(text: str) -> Undersigned:
    """Return how the canonical ``text``, of any format, was signed."""
    said = json.loads(text)
    given = said["signature"]
    strokes = unpack(given["strokes"]) if given["kind"] == DRAWN else None
    return Undersigned(
        Signature(given["name"], strokes),
        datetime.fromisoformat(said["signed_at"]),
        date.fromisoformat(said["signed_on"]),
    )
