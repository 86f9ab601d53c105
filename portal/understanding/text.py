"""A message as the model sees it: folded, cut into clauses, and what is denied set apart from what is said."""

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 3000  # characters; a longer message is read at both ends

_CLAUSE_END = re.compile(
    r"[.,;:!?…()\n\"“”„»«–—]+|\s-+\s"
    r"|\b(?:maar|mais|aber|sondern|but|doch|want|car|denn|because|omdat|parce|weil"
    r"|enkel|alleen|seulement|juste|nur|bloß|bloss|just|only)\b",
    re.IGNORECASE,
)
DENIAL = re.compile(
    r"\b(?:niet|nie|nit|nee|geen|gene|noch|nooit|niks|niets|zonder|hoeft|hoef"
    r"|pas|rien|aucune?|jamais|sans|non|ni"
    r"|nicht|nich|net|nix|nichts|kein|keine[nrsm]?|keinerlei|niemals|ohne|weder|statt"
    r"|not|no|dont|doesnt|isnt|wont|never|without|nothing|neither|nor|instead)\b"
    r"|n['’]t\b|\bne\s|\bn['’]",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Message:
    """One message: the whole, the clauses that say something, and the clauses that deny something."""

    whole: str
    clauses: tuple[str, ...]
    said: str
    denied: str


def message(text: str) -> Message:
    """Return ``text`` cut up; nothing is left out but the middle of a very long text."""
    text = _calm(clean(text))
    whole = _SPACES.sub(" ", text).strip()
    clauses = tuple(_clauses(text))
    denied = [clause for clause in clauses if DENIAL.search(clause)]
    said = [clause for clause in clauses if not DENIAL.search(clause)]
    return Message(whole, clauses, " ".join(said), " ".join(denied))


def clean(text: str) -> str:
    """Return ``text`` without control characters and lone surrogates, at most ``LONGEST`` characters long."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST * 2 // 3]} {text[-LONGEST // 3 :]}"
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)


def fold(text: str) -> str:
    """Return ``text`` in small letters without accents: people leave them out."""
    spread = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in spread if not unicodedata.combining(char))


def _calm(text: str) -> str:
    """Return ``text`` in small letters when most of it is shouted: the encoder knows words in capitals less well."""
    capitals = sum(char.isupper() for char in text)
    return text.lower() if capitals > 4 and capitals > sum(char.islower() for char in text) else text


def _clauses(text: str) -> list[str]:
    parts, start = [], 0
    for end in _CLAUSE_END.finditer(text):
        parts.append(text[start : end.end()])
        start = end.end()
    parts.append(text[start:])
    return [_SPACES.sub(" ", part).strip() for part in parts if any(char.isalnum() for char in part)]
