"""Takes a person out of values: the words that name them, wherever they stand in text or JSON, or the whole value.

Pure. The words come from the person's own rows; nothing here reads a source.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from portal.sources.model import Value
from portal.sources.numbers import read_json, write_json

ERASED = "[erased]"
TOKEN = "erased-"  # noqa: S105 - a prefix, not a secret
SHORTEST = 4
"""Shorter values are too common to be taken out of text."""


@dataclass(slots=True)
class KnownValues:
    """The words that name the person. Matching is by whole word, in any case, longest first, with any white space."""

    words: set[str] = field(default_factory=set)
    _pattern: re.Pattern[str] | None = None

    def add(self, value: Value, *, name: bool = False) -> None:
        """Add one value; of a ``name`` also "Last, First", which is how lists write it."""
        if isinstance(value, bytes | list | dict | bool) or value is None:
            return
        text = " ".join(str(value).split())
        self._keep(text)
        parts = text.split(" ")
        if name:
            for cut in range(1, len(parts)):
                first, last = " ".join(parts[:cut]), " ".join(parts[cut:])
                self._keep(f"{last}, {first}")
                self._keep(f"{last} {first}")

    def _keep(self, text: str) -> None:
        if len(text) >= SHORTEST and not text.startswith((ERASED, TOKEN)):
            self.words.add(text)
            self._pattern = None

    @property
    def knows_nothing(self) -> bool:
        """Whether there is no word to take out."""
        return not self.words

    def is_word(self, text: str) -> bool:
        """Return whether ``text`` as it stands is one of the words."""
        return text in self.words

    def redacted(self, text: str) -> str:
        """Return ``text`` without the person; JSON kept as text stays JSON."""
        if self.knows_nothing:
            return text
        if text[:1] in {"{", "["}:
            try:
                parsed = read_json(text)
            except ValueError:
                return self._plain(text)
            clean = self.redacted_json(parsed)
            return text if clean == parsed else write_json(clean)
        return self._plain(text)

    def redacted_json(self, value: object) -> object:
        """Return a JSON value without the person: in strings at any depth, and in the names of keys."""
        if isinstance(value, str):
            return self._plain(value)
        if isinstance(value, list):
            return [self.redacted_json(each) for each in value]
        if isinstance(value, dict):
            return {self._plain(str(key)): self.redacted_json(each) for key, each in value.items()}
        if isinstance(value, int | float) and not isinstance(value, bool) and self.is_word(str(value)):
            return ERASED
        return value

    def _plain(self, text: str) -> str:
        if self._pattern is None:
            longest_first = sorted(self.words, key=lambda word: (-len(word), word))
            alternatives = "|".join(r"\s+".join(map(re.escape, word.split(" "))) for word in longest_first)
            self._pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)
        return self._pattern.sub(ERASED, text)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Replaces values by tokens: alike within one run, untraceable after it, for the key is thrown away."""

    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def token(self, value: Value, length: int | None, suffix: str = "") -> str:
        """Return the token for ``value``, at most ``length`` characters; a token stays what it is.

        It ends in ``suffix`` where that leaves room for anything before it.
        """
        if length is not None and len(suffix) >= length:
            suffix = ""
        room = None if length is None else length - len(suffix)
        if _is_token(value, room, suffix):
            return str(value)
        digest = hmac.new(self._secret, str(value).encode("utf-8", "replace"), hashlib.sha256).hexdigest()
        return f"{TOKEN}{digest}"[:room] + suffix

    def random(self, value: Value, length: int | None) -> str:
        """Return a token that tells not even which rows had the same value; a token stays what it is."""
        return str(value) if _is_token(value, length) else f"{TOKEN}{secrets.token_hex(32)}"[:length]


def _is_token(value: Value, length: int | None, suffix: str = "") -> bool:
    return isinstance(value, str) and value.startswith(TOKEN[: length or None]) and value.endswith(suffix)


def marker(length: int | None, unique: Iterable[Value] = ()) -> str:
    """Return what stands where a whole value was, made ``unique`` by the row's key where the column demands it."""
    key = "-".join(map(str, unique))
    return (f"{TOKEN}{key}" if key else ERASED)[:length]
