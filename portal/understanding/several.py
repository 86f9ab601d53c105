"""Several rights asked at once: a message is cut in two at each "and", "then", comma or end, and both sides are read.

Where each side clearly asks another right, both are meant. Whole sides are read: a wish of two words says too little,
unless it lists rights by their names.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.understanding.encoder import Matrix
from portal.understanding.labels import CLASSES, RIGHTS
from portal.understanding.pairs import listed, unspoken
from portal.understanding.text import Message, fold, message

MOST = 3  # rights at once; with more, the person had better choose
CUTS = 8  # of one message that are tried
SIDE = 25  # words of a side that are read: those next to the cut
CLEAR = 0.55  # how likely each side must make its right: of messages that ask one thing, one in 30 is asked about two
COMMA = 0.85  # the same at a comma, which mostly parts what is no wish
BESIDE = 0.001  # how likely the whole must make each of the rights

ALIKE = {
    frozenset({"access", "port"}): 0.03,
    frozenset({"access", "erase"}): 0.01,
    frozenset({"erase", "restrict"}): 0.05,
    frozenset({"erase", "withdraw"}): 0.02,
}
"""How likely the whole must make each of two rights whose words are alike, or of which one is often denied."""

Read = Callable[[Sequence[Message]], Matrix]
"""Gives a row over ``CLASSES`` for each message."""

_CUT = re.compile(
    r"\b(?:en|dan|daarna|nadien|vervolgens|ook|tegelijk"
    r"|et|puis|ensuite|apres|après|aussi|ainsi|avant|outre"
    r"|und|dann|danach|anschliessend|anschließend|auch|sowie|bevor"
    r"|and|then|after|before|while|besides|plus|maar|mais|aber|doch|but)\b|[.,;!?]\s",
    re.IGNORECASE,
)
_REFUSING = {"maar", "mais", "aber", "doch", "but", ","}
_NOT = re.compile(
    r"\b(?:niet|niets|niks|geen|nooit|ne|rien|pas|aucune?|jamais|nicht|nichts|keine?[nrms]?|nie|not|nothing|no|never|dont)\b"
    r"|n['’]t\b|\bn['’]\w",
    re.IGNORECASE,
)
_ERASING = r"(?:(?:ge|ver)?wis|verwijder|(?:ge)?lösch|delet|eras|remov|supprim|effac)\w*"
_SPARED = re.compile(
    rf"\b(?:niet|niets|nooit|nicht|nichts|nie|not|never|dont|don['’]t|ne)(?:\s+(?:\w{{1,8}}\s+){{0,2}}){_ERASING}"
    rf"|\b{_ERASING}(?:\s+(?:het|ze|die|es|sie|it|them|verder|daarbij))?"
    r"\s+(?:niet|niets|niks|nicht|nichts|nothing|pas|rien)\b",
    re.IGNORECASE,
)
"""Words that ask not to delete; "delete what is not needed" does."""
_HALTED = re.compile(
    r"\b(?:be(?:perk|vries|vror)|blo[ck]|bloqu|limit|gel(?:e|er|ez)?\b|suspen|einschrank|einfrier|eingefror|friert|sperr"
    r"|gesperr|restrict|fr(?:ee|o)z|lock|pau[sz]|op(?:ge)?schort|stil|ruh|liegen|hands off|touch|raak|aanra|afblij|kom"
    r"|gebru|verwerk|utilis|trait|nutz|benutz|verwend|verarbeit|us(?:e|ing)\b|process|zolang|tot(?:dat)?\b|ondertuss"
    r"|intuss|voorlopig|jusqu|tant qu|en attendant|bis\b|solange|inzwischen|vorlaufig|until|while|meanwhile|for now"
    r"|pending|proce[sd]|recht(?:bank|szaak)|tribunal|gericht|court|bewijs|preuve|beweis|evidence)"
)
"""Words of who wants data to lie still, or needs them for a dispute (article 18(1))."""
_FRENCH = re.compile(r"\b(?:je|mon|ma|mes|le|la|les|vous|une|du|des)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """One of several rights, and the part of the message that asks it."""

    right: str
    said: str


def several(whole: Message, shares: Matrix, read: Read) -> tuple[Asked, ...]:
    """Return the rights asked at once, in order of mention; nothing where it is one or none.

    ``shares`` is the row over ``CLASSES`` of the whole message.
    """
    names = listed(whole.whole) if CLASSES[int(shares.argmax())] in RIGHTS else ()
    parts = _parts(unspoken(whole.whole), shares, read)
    if not 1 < len(names) <= MOST or {each.right for each in parts} > set(names):
        return parts
    own = {each.right: each for each in parts}
    if set(own) == set(names):
        return tuple(own[right] for right in names)
    return tuple(Asked(right, whole.whole) for right in names)  # what follows a list is said of all of it


def _parts(text: str, shares: Matrix, read: Read) -> tuple[Asked, ...]:
    """Return the rights that the parts of ``text`` ask; nothing where no cut is clear."""
    pair = _split(text, shares, read)
    if pair is None:
        return ()
    found: list[Asked] = []
    for asked, rest in zip(pair, _rests(text, pair), strict=True):
        inner = _split(asked.said, shares, read)
        found += [Asked(asked.right, rest)] if inner is None else _with(rest, asked.said, inner)
    distinct = dict.fromkeys(each.right for each in found)
    if len(distinct) > MOST:
        return ()
    return tuple(Asked(right, ". ".join(each.said for each in found if each.right == right)) for right in distinct)


def _rests(text: str, pair: tuple[Asked, Asked]) -> tuple[str, str]:
    """Return both sides of the cut of ``text`` in full: of a long one only the words next to the cut were read."""
    place = text.find(pair[1].said)
    return text[:place], text[place:]


def _with(rest: str, read: str, inner: tuple[Asked, Asked]) -> list[Asked]:
    """Return ``inner``, cut out of ``read``, with the words of ``rest`` before and after it, which were not read."""
    before, _read, after = rest.partition(read)
    return [Asked(inner[0].right, before + inner[0].said), Asked(inner[1].right, inner[1].said + after)]


def _split(text: str, shares: Matrix, read: Read) -> tuple[Asked, Asked] | None:
    """Return the two sides of the clearest cut, each with the right that it asks; None where no cut is clear."""
    cuts = _cuts(text)
    if not cuts:
        return None
    rows = read([message(side) for left, right, _enough in cuts for side in (left, right)])
    clearest, found = 0.0, None
    for number, (left, right, enough) in enumerate(cuts):
        first, second = rows[2 * number], rows[2 * number + 1]
        one, other = int(first.argmax()), int(second.argmax())
        clear = float(min(first[one], second[other]))
        asked = one != other and {CLASSES[one], CLASSES[other]} <= set(RIGHTS)
        asked = asked and not (_spares(left, CLASSES[one]) or _spares(right, CLASSES[other]))
        beside = ALIKE.get(frozenset({CLASSES[one], CLASSES[other]}), BESIDE)
        if asked and clear >= max(clearest, enough) and min(shares[one], shares[other]) >= beside:
            clearest, found = clear, (Asked(CLASSES[one], left), Asked(CLASSES[other], right))
    return found


def _spares(side: str, right: str) -> bool:
    """Say whether ``side``, read as a wish to delete or to freeze, only asks not to delete.

    A deletion is never put into a mouth, and who wants data kept need not want their use to stop.
    """
    unasked = right == "erase" or (right == "restrict" and _HALTED.search(fold(side)) is None)
    return unasked and _SPARED.search(side) is not None


def _cuts(text: str) -> list[tuple[str, str, float]]:
    """Return both sides of each cut and how clear they must be; commas last, since only ``CUTS`` are tried."""
    found, french = [], _FRENCH.search(text)
    for cut in _CUT.finditer(text):
        word = cut.group().strip().lower()
        if french and word == "en":
            continue  # "and" in Dutch, "in" in French
        left, right = text[: cut.start()].split()[-SIDE:], text[cut.start() :].split()[:SIDE]
        if word in _REFUSING and _NOT.search(" ".join(left)):
            continue  # "delete nothing, but send a copy" refuses the first
        if len(left) > 1 and len(right) > 1:
            found.append((" ".join(left), " ".join(right), COMMA if word == "," else CLEAR))
    return sorted(found, key=lambda cut: cut[2])[:CUTS]
