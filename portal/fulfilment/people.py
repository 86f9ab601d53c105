"""Finds other people in free text: names of people in the data map's own rows, and any mail address.

No outside service and no list of first names: what counts as a name is what the sources call one. A name is found
inflected, in small letters, by a part of it, behind initials, and with one letter typed wrong. It is a suggestion; what
is not found is no promise that nobody is named.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from sqlalchemy import select

from portal.fulfilment.known import is_name
from portal.sources.engines import Sources
from portal.sources.reading import raw
from portal.sources.streaming import FEW, streamed

_LETTERS = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"[\w.+'’-]+@[\w-]+(?:\.[\w-]+)+")
_INITIALS = re.compile(r"(?<![\w.])(?:[^\W\d_a-z]\.[ -]?){2,3}(?!\w)")
_BETWEEN = re.compile(r"[\s.,'’\-]{0,3}")
_BEGINS = re.compile(r"(?:^|[.!?:…]|\n)[\s\W]*$")
_ALIKE = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})

PARTICLES = frozenset(
    "van von de der den des du di da la le les el ter ten te het t op in of y zu zum zur vom am dos d l o ni mac mc"
    " s".split()
)
"""Small words inside names: never a name by themselves."""

LEADING = frozenset({"van", "von", "der", "den", "vom", "zu", "zur", "d", "o", "mac", "mc"})
"""Those that a name begins with, also in small letters."""

TITLES = frozenset(
    "mevrouw mevr mw meneer dhr heer dokter dr docent professor prof zuster broeder collega madame mme mlle monsieur "
    "docteur infirmier infirmiere collegue confrere consoeur frau herr herrn doktor schwester pfleger kollege kollegin "
    "kollegen mrs mr ms miss doctor nurse sister colleague dames heren dame damen herren mesdames messieurs ladies"
    " gentlemen".split()
)
"""A word with a capital letter behind one of these is somebody, known or not."""

ENDINGS = ("schen", "sche", "tjes", "tje", "ens", "es", "en", "je", "ke", "se", "s", "n", "e")
NO_INITIALS = frozenset({"n.v.", "b.v.", "v.z.w.", "p.s.", "s.a.", "u.s.", "z.o.", "g.d.p.r."})
BEFORE = 4
"""Characters before a word that tell whether it begins a sentence."""
SHORTEST, SURE = 3, 4
"""Letters of a name that is looked for at all, and that is found in small letters or typed wrong."""


CERTAIN = 2
"""Weight of a word that names somebody by itself."""


def folded_word(word: str) -> str:
    """Return ``word`` as it is compared: small letters without marks."""
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_ALIKE))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


class Words:
    """The words of some texts, folded, and the mail addresses in them: as many as there are different ones."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.words: set[str] = set()
        self.addresses: set[str] = set()
        self._near: set[str] = set()
        self.add_all(texts)

    def add_all(self, texts: Iterable[str]) -> None:
        """Add every word of ``texts``."""
        for text in texts:
            self.addresses.update(found.group().casefold() for found in _ADDRESS.finditer(text))
            for found in _LETTERS.finditer(unicodedata.normalize("NFC", text)):
                word = folded_word(found.group())
                if word not in self.words:
                    self.words.add(word)
                    self._near.update(key for base in _bases(word) for key in _near(base))

    def may_name(self, part: str) -> bool:
        """Return whether a word is, or looks like, the part ``part`` of a name."""
        return any(key in self._near for key in _near(part))


class Finder:
    """Finds people in texts.

    Args:
        parts: the parts of names that are looked for, folded.
        own: words and addresses of the person whose texts these are: they are nobody else.
    """

    def __init__(self, parts: Iterable[str], own: Words) -> None:
        self.own = own
        self.parts = {part for part in parts if part not in own.words}
        self._near = {key for part in self.parts if len(part) >= SURE for key in _near(part)}

    def spots(self, text: str) -> list[str]:
        """Return the names and addresses of others in ``text``, as they stand there, each once."""
        found = [each.group() for each in _ADDRESS.finditer(text) if each.group().casefold() not in self.own.addresses]
        rest = _ADDRESS.sub(lambda each: "\n" * len(each.group()), text)
        found += [rest[start:stop] for start, stop in self._named(rest)]
        found += [
            each.group().strip()
            for each in _INITIALS.finditer(rest)
            if each.group().replace(" ", "").casefold() not in NO_INITIALS
        ]
        return list(dict.fromkeys(found))

    def _named(self, text: str) -> Iterator[tuple[int, int]]:
        run: list[tuple[re.Match[str], int]] = []
        end, titled = 0, False
        for word in _LETTERS.finditer(text):
            folded = folded_word(word.group())
            begins = _BEGINS.search(text[max(0, word.start() - BEFORE) : word.start()]) is not None
            weight = self._weight(word.group(), folded, titled, begins)
            near = not run or _BETWEEN.fullmatch(text, end, word.start())
            if run and (weight is None or not near):
                yield from _span(run)
                run = []
            if weight is not None:
                run.append((word, weight))
            goes_on = titled and (folded in PARTICLES or weight == CERTAIN) and text[word.end() : word.end() + 1] == " "
            titled, end = folded in TITLES or goes_on, word.end()
        yield from _span(run)

    def _weight(self, word: str, folded: str, titled: bool, begins: bool) -> int | None:
        """Return how sure ``word`` names somebody: 2 by itself, 1 beside another, 0 only carried along, None not.

        Behind a title any word with a capital letter is somebody; one that ``begins`` a sentence has it anyway.
        """
        capital = not word[:1].islower()  # scripts without capital letters count as written with one
        if folded in PARTICLES or (len(folded) == 1 and capital):
            return 0
        if folded in TITLES or any(base in self.own.words for base in _bases(folded)):
            return None
        if titled and capital:
            return CERTAIN
        if any(base in self.parts for base in _bases(folded)):
            return CERTAIN if len(folded) >= (SHORTEST if capital else SURE) else 1
        if len(folded) >= SHORTEST and any(key in self._near for base in _bases(folded) for key in _near(base)):
            return CERTAIN if capital and len(folded) >= SURE and not begins else 1
        return None


def people_named(sources: Sources, seen: Words) -> set[str]:
    """Return the parts of people's names, in every source, that a word of ``seen`` is or looks like.

    Raises:
        SourceDown: a source does not answer.
    """
    found: set[str] = set()
    with sources.reading() as reader:
        for collection in sources.data_map.collections.values():
            naming = [each.name for each in collection.fields if each.is_name or is_name(each.categories)]
            if not naming:
                continue
            table = reader.table(collection)
            statement = select(*(raw(table.c[name]) for name in naming)).distinct()
            for lines in streamed(reader.connection(collection.source), statement, FEW):
                found.update(part for line in lines for part in parts_of(line) if seen.may_name(part))
    return found


def parts_of(line: Iterable[object]) -> Iterator[str]:
    """Yield the parts of the names in ``line`` that may stand for somebody, folded."""
    for name in line:
        if isinstance(name, str):
            for part in _LETTERS.findall(unicodedata.normalize("NFC", name)):
                folded = folded_word(part)
                if len(folded) >= SHORTEST and folded not in PARTICLES and folded not in TITLES:
                    yield folded


def _bases(word: str) -> list[str]:
    """Return ``word`` and what it may be an inflection of."""
    return [word, *(word[: -len(end)] for end in ENDINGS if word.endswith(end) and len(word) - len(end) >= SHORTEST)]


def _near(word: str) -> Iterator[str]:
    """Yield ``word`` and, where it is long enough to be typed wrong, what is left of it without one letter.

    Two words that differ by one letter more, less, another or swapped share at least one of these.
    """
    yield word
    if len(word) >= SURE:
        for place in range(len(word)):
            yield word[:place] + word[place + 1 :]


def _span(run: list[tuple[re.Match[str], int]]) -> Iterator[tuple[int, int]]:
    """Yield where the name in ``run`` stands, if its words are sure enough together."""
    weights = [weight for _word, weight in run]
    if sum(weights) < CERTAIN:
        return
    last = max(place for place, weight in enumerate(weights) if weight)
    first = next(place for place, (word, weight) in enumerate(run) if weight or _leads(word.group()))
    yield run[first][0].start(), run[last][0].end()


def _leads(word: str) -> bool:
    """Return whether a small word or initial belongs to the name behind it."""
    return word[:1].isupper() or word in LEADING
