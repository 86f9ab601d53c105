"""Rights listed by their bare names ("inzage en wissing", "access and erasure"): too short to be cut and read."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from portal.understanding.text import DENIAL, fold

NAMES = Path(__file__).with_name("rights.yml")

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_QUOTED = re.compile(r"[\"“”„«»]")
_LAW = re.compile(r"\b(?:rechte?n?|droits?|rights?)\b")
_CLAIMED = re.compile(
    r"\b(?:uitoefen\w*|oefen|beroep|gebruik|vraag|verzoek|exerce|exercer|exercons|invoque|usage|demande"
    r"|geltend|ausuben|ube|gebrauch|beantrage|verlange|fordere|exercis(?:e|ing)|invok(?:e|ing)|use|using)\b"
    r"|^\W*(?:mijn |mon |mein |my )?(?:recht op|recht auf|droit|right (?:to|of))\s"
)
"""Who exercises a right asks for it, as does who only names it; who has one may only say so."""
_ASKING = re.compile(
    r"\b(?:wat|welke?|wanneer|waarom|hoe|hoelang|geldt|quoi|quel\w*|quand|pourquoi|comment"
    r"|was|welche[rsn]?|wann|warum|wieso|wie|gilt|gelten|what|which|when|why|how|does|do i|is|are)\b"
)
_TOLD = re.compile(
    r"\b(?:verschil\w*|betekent|uitleg\w*|gehoord|difference|signifie\w*|expliqu\w*|parle|entendu"
    r"|unterschied\w*|bedeutet|erklar\w*|gehort|means?|meaning|explain\w*|heard|told)\b"
)
_AND = (
    r"(?:\s*[,&+;/]\s*(?:(?:en|et|und|and|plus)\s+)?"
    r"|\s+(?:en|et|und|and|plus|sowie|alsook|evenals|ainsi\s+que|as\s+well\s+as)\s+)"
    r"(?:(?:ook|dan|daarna|aussi|puis|ensuite|auch|dann|danach|also|then)\s+)?"
)
_LEAD = (
    r"(?:(?:de|het|een|la|le|les|une?|die|der|das|eine[rn]?|the|a|an|mijn|mon|ma|meine[rn]?|my|op|auf|to|of|van|zur"
    r"|recht|droit|right|volledige|complete|vollstandige|full)\s+|l'|d'|a\s+l'){0,4}"
)
_DATA = (
    r"(?:\s+(?:van|in|tot|de|a|of|to|in|zu|uber|der|meiner|meinen|mijn|m'n|mes|my|al|alle|aller|all|toutes|tous|the|les"
    r"|die|persoonlijke|personal|personlichen|personenbezogenen)){1,4}"
    r"\s+(?:\w*gegevens|data|info\w*|donnees(?:\s+personnelles)?|\w*daten|account|konto|compte)"
)


def listed(text: str) -> tuple[str, ...]:
    """Return the rights that ``text`` asks by a list of two names or more, in order of mention; else nothing.

    A list counts neither in a sentence that denies, nor where rights are only spoken of: see :func:`unspoken`.
    """
    found: dict[str, None] = {}
    for plain in map(_plain, _SENTENCE.findall(text)):
        for names in _list().finditer(plain):
            rights = dict.fromkeys(name.lastgroup or "" for name in _name().finditer(names.group()))
            if len(rights) > 1 and not DENIAL.search(plain) and not _only_spoken_of(plain, names.start()):
                found |= rights
    return tuple(found)


def unspoken(text: str) -> str:
    """Return ``text`` without the lists of rights that it quotes, asks about or says to exist; mostly unchanged.

    A sentence that loses its list is folded: what is left of it is still read, with less to go by.
    """
    return "".join(_without_list(sentence) for sentence in re.split(r"(?<=[.!?\n])", text))


def _without_list(sentence: str) -> str:
    plain = _plain(sentence)
    left = _list().sub(lambda names: "" if _only_spoken_of(plain, names.start()) else names.group(), plain)
    return sentence if left == plain else left


def _plain(sentence: str) -> str:
    return fold(sentence).replace("’", "'")


def _only_spoken_of(sentence: str, place: int) -> bool:
    """Say whether the list at ``place`` of the folded ``sentence`` is quoted, asked about, or said to exist."""
    if _TOLD.search(sentence) or _QUOTED.search(sentence[:place]):
        return True
    if sentence.rstrip().endswith("?") and _ASKING.search(sentence):
        return True
    return _LAW.search(sentence) is not None and _CLAIMED.search(sentence) is None


@cache
def _names() -> Mapping[str, str]:
    loaded: Any = YAML(typ="safe").load(NAMES)
    return {str(right): "|".join(map(re.escape, map(fold, names))) for right, names in loaded.items()}


@cache
def _name() -> re.Pattern[str]:
    names = "|".join(f"(?P<{right}>{each})" for right, each in _names().items())
    return re.compile(rf"(?<![\w-])(?:{names})(?![\w-])")


@cache
def _list() -> re.Pattern[str]:
    one = rf"(?<![\w-])(?:{'|'.join(_names().values())})(?![\w-])"
    return re.compile(rf"{one}(?:(?:{_DATA})?{_AND}{_LEAD}{one})+")
