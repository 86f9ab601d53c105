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

from portal.understanding.text import DENIAL, LONGEST, fold

LEXICON = Path(__file__).parent / "lexicon"
_ADDRESS = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}\b", re.IGNORECASE)

_EVERYTHING = re.compile(
    r"(?<![\w-])(?:alles|everything|samtliche\w*"
    r"|(?:al|alle)(?: (?:mijn|m'n|de))?(?: persoonlijke)? (?:persoons)?(?:gegevens|data|info\w*)"
    r"|(?:all|alle[rn]?)(?: (?:meine[rn]?|die|der|den))?(?: personlichen?| personenbezogenen?)?"
    r" (?:personen)?(?:daten|info\w*)"
    r"|all(?: of)?(?: (?:my|the))?(?: personal)? (?:data|info\w*)"
    r"|(?<!du )tout(?! (?:de suite|d'abord|a fait|court|simplement|le monde))"
    r"|tou(?:te)?s (?:mes|les) (?:donnees|infos?\w*|renseignements))(?![\w-])"
)
"""Who asks for everything and names one thing too does not mean that thing alone."""
_OF_ME = re.compile(
    r",? (?:about|on|of|over|van|sur|uber|von) (?:me|mij|moi|mich|mir)\b"
    r"|,? (?:(?:dat|die|wat|that|what|que|ce que|was|die) )?(?:u|jullie|je|ge|you|vous|sie|ihr)"
    r"(?: (?:over|van) mij| uber mich| von mir)? (?:hebt|heeft|hebben|have|hold|keep|avez|haben|habt)\b"
)
"""What may follow "everything" and narrows nothing."""
_NARROWS = re.compile(
    r"^,? (?:die|welche|welke|que|qui|which|that|dat)\b"
    r"|^[^.,;:!?\n]{0,60}?\b(?:about|on|of|from|in|since|before|after|that|which|except|but"
    r"|over|van|uit|op|in|sinds|voor|na|dat|die|wat|behalve|uitgezonderd"
    r"|sur|concernant|de|du|des|dans|depuis|avant|apres|que|qui|sauf|hormis"
    r"|uber|zu|zur|zum|von|vom|aus|im|seit|vor|nach|das|was|ausser|bis auf)\b"
)
"""What does: "all data about my internship" is less than all."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What was already said.

    Attributes:
        activities: slugs of the register's activities, in the register's order.
        email: the one address that stands in it, or ``""``.
        everything: all of it was asked, and nothing that narrows it.
    """

    activities: tuple[str, ...] = ()
    email: str = ""
    everything: bool = False


def hints(text: str) -> Hints:
    """Return what ``text`` says besides the wish; words of all languages count, since people mix them."""
    read = text[:LONGEST]
    addresses = dict.fromkeys(found.group().rstrip(".") for found in _ADDRESS.finditer(read))
    plain = fold(_ADDRESS.sub(" ", read)).replace("’", "'")
    named = tuple(slug for slug, pattern in lexicon().items() if pattern.search(plain))
    asks_all = _EVERYTHING.search(plain)
    everything = asks_all is not None and not named and _is_all(plain, asks_all)
    return Hints(() if asks_all else named, next(iter(addresses)) if len(addresses) == 1 else "", everything)


def _is_all(plain: str, found: re.Match[str]) -> bool:
    """Say whether "everything" is neither denied ("not everything") nor narrowed ("all data about my internship")."""
    clause = re.split(r"[.,;:!?\n]", plain[: found.start()])[-1]
    after = plain[found.end() :]
    while mine := _OF_ME.match(after):
        after = after[mine.end() :]
    denied = DENIAL.search(clause) or DENIAL.match(after.lstrip())
    return not denied and not _NARROWS.match(after)


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
