"""What a person typed, made ready to be judged. Knows no field: each form says itself what it needs."""

import re
import unicodedata

LONGEST_ADDRESS = 254  # octets of a whole address, RFC 5321 section 4.5.3.1
LONGEST_LOCAL_PART = 64
_TURNS = str.maketrans(dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
"""Signs that turn the direction of what follows (Unicode UAX 9): they can make one name read as another."""
_LOCAL_PART = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_LOCAL_PART}@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}")


def clean(text: str | None) -> str:
    """Return what a person typed: composed (NFC), without control characters, without space around it.

    Signs that turn the direction of text are control characters too.
    """
    plain = (text or "").translate(_TURNS).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    composed = unicodedata.normalize("NFC", plain)
    kept = (letter for letter in composed if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cs"})
    return "".join(kept).strip()


def one_line(text: str | None) -> str:
    """Return ``clean(text)`` on one line."""
    return " ".join(clean(" ".join((text or "").split())).split())


def is_address(text: str) -> bool:
    """Tell whether ``text`` is exactly one plain mail address that we can write to (no comment, no quoted part)."""
    if len(text.encode()) > LONGEST_ADDRESS or text.find("@") > LONGEST_LOCAL_PART:
        return False
    return _ADDRESS.fullmatch(text) is not None
