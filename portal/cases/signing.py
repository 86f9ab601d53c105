"""The signed request: its canonical text and hash. What was signed is never edited; later words stand elsewhere."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from portal.clock import local
from portal.rights.base import Answers


@dataclass(frozen=True, slots=True)
class Signed:
    """What the person put their name under."""

    text: str
    sha256: str
    signature: str
    at: datetime


def sign(right: str, answers: Answers, contact: dict[str, str], signature: str, at: datetime, policy: str) -> Signed:
    """Bind request, signature and moment together.

    Args:
        right: slug of the right.
        answers: the answers to the right's questions.
        contact: name, address and what else was said of the person.
        signature: the typed name.
        at: moment of signing, aware; the date is the one in Brussels (clause 7.9).
        policy: version of the policy it was made under (clause 8).

    Returns:
        The canonical text (JSON, sorted keys, NFC, UTF-8) and its SHA-256 in hexadecimal.
    """
    said = {
        "format": 1,
        "right": right,
        "answers": dict(answers),
        "contact": contact,
        "signature": {"kind": "typed", "name": signature},
        "signed_at": at.isoformat(timespec="seconds"),
        "signed_on": local(at).date().isoformat(),
        "policy": policy,
    }
    text = unicodedata.normalize("NFC", json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")))
    return Signed(text, hashlib.sha256(text.encode()).hexdigest(), signature, at)
