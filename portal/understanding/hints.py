"""What a message already says besides the wish: which use of data it is about, and an e-mail address.

Precision before recall: a hint fills in an answer that the person would else give, so a wrong one is worse than none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from portal.understanding.text import LONGEST, fold

LEXICON = Path(__file__).parent / "lexicon"
_ADDRESS = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}\b", re.IGNORECASE)

_EVERYTHING = re.compile(
    r"(?<![\w-])(?:alles|everything|samtliche\w*"
    r"|(?:al|alle)(?: (?:mijn|m'n|de))?(?: persoonlijke)? (?:persoons)?(?:gegevens|data|info\w*)"
    r"|(?:all|alle)(?: (?:meine|die))?(?: personlichen?| personenbezogenen?)? (?:personen)?(?:daten|info\w*)"
    r"|all(?: of)?(?: (?:my|the))?(?: personal)? (?:data|info\w*)"
    r"|(?<!du )tout(?! (?:de suite|d'abord|a fait|court|simplement|le monde))"
    r"|tou(?:te)?s (?:mes|les) (?:donnees|infos?\w*|renseignements))(?![\w-])"
)
"""Who asks for everything and names one thing too does not mean that thing alone."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What was already said: slugs of the register's activities, in the register's order, and one address or ``""``."""

    activities: tuple[str, ...] = ()
    email: str = ""


def hints(text: str) -> Hints:
    """Return what ``text`` says besides the wish; words of all languages count, since people mix them."""
    read = text[:LONGEST]
    addresses = dict.fromkeys(found.group().rstrip(".") for found in _ADDRESS.finditer(read))
    plain = fold(_ADDRESS.sub(" ", read)).replace("’", "'")
    asks_all = _EVERYTHING.search(plain) is not None
    named = () if asks_all else tuple(slug for slug, pattern in lexicon().items() if pattern.search(plain))
    return Hints(named, next(iter(addresses)) if len(addresses) == 1 else "")


@cache
def lexicon() -> Mapping[str, re.Pattern[str]]:
    """Return, for each activity that has words, the pattern of its words in four languages."""
    words: dict[str, list[str]] = {}
    for path in sorted(LEXICON.glob("*.yml")):
        for slug, found in _read(path).items():
            words.setdefault(slug, []).extend(found)
    return {slug: _any_of(found) for slug, found in words.items()}


def _read(path: Path) -> dict[str, list[str]]:
    loaded: Any = YAML(typ="safe").load(path)
    return {str(slug): [str(word) for word in found] for slug, found in loaded.items()}


def _any_of(words: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(_pattern, words))})(?![\w-])")


def _pattern(word: str) -> str:
    return re.escape(fold(word)).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
