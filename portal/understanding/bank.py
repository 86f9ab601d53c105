"""The phrase bank: messages as people type them, one file per author, from which the model learns.

``phrases/<language>-<author>.tsv`` holds ``language<TAB>label<TAB>slice<TAB>text``. An author is one person's way of
writing: words, length, punctuation, situation. Labels (see ``labels``):

- ``access`` see, know, copy, who received it, where from, how long; ``rectify`` wrong, old, incomplete, misspelt;
  ``erase`` delete, forget, close for good; ``restrict`` keep it but do nothing with it for now; ``object`` do not use
  it for that, no earlier permission; ``port`` take it elsewhere, for a machine; ``withdraw`` take back a permission
  given earlier.
- ``complaint`` unhappy about how data are handled, rather than asking for one right.
- ``none/login`` cannot sign in; ``none/helpdesk`` how does the product work, deadlines, invoices; ``none/others``
  somebody else's data, or for somebody else; ``none/vague`` too little to tell; ``none/other`` everything else.
- ``access+erase``: several at once, in order of mention.

Whole authors are held out when the model is judged, never single messages: a person's habits would leak.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from portal.understanding.concepts import WORDS
from portal.understanding.labels import LABELS, SLICES

PHRASES = Path(__file__).parent / "phrases"
LANGUAGES = ("nl", "fr", "de", "en")
SHARED = 0.6  # overlap of 5-grams beyond which two messages have the same frame
FRAME = 5  # how many messages may share one frame
_GRAM = 5
KIN = (
    ("de-klar", "en-crisp", "fr-net", "nl-knap"),
    ("de-neugier", "en-nosy", "fr-curieux", "nl-vragend"),
    ("de-jens", "en-zoe", "fr-luc", "nl-tine"),
    ("nl-balie", "fr-accueil", "de-sekretariat", "en-frontdesk"),
    ("nl-rechten", "en-lawstudent", "fr-liege"),
    ("fr-modele", "de-muster", "en-letter", "nl-bond"),
    ("fr-bref", "de-kurz"),
    ("nl-haio", "fr-garde", "de-station", "en-voice"),
    ("nl-emine", "en-lisbon"),
    ("nl-pieter", "fr-solene", "de-ricarda", "en-hamish"),
    ("nl-roos", "fr-gaston", "de-mehmet", "en-ngozi"),
    ("nl-stef", "fr-manon", "de-lukas", "en-carol"),
    ("nl-tuur", "fr-odile", "de-beate", "en-mo"),
)
"""Authors who say like things, each in another language: held out together, for the encoder knows no languages."""


class BankFault(Exception):
    """A row of the bank cannot be used; the message names the file, the line and the fault."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One message of the bank; ``labels`` has one entry, or two to three where several rights are asked."""

    author: str
    language: str
    labels: tuple[str, ...]
    slice: str
    text: str


def load_bank(folder: Path = PHRASES) -> list[Phrase]:
    """Return every message, by author and in the order of the files.

    Raises:
        BankFault: a row has not four parts, or an unknown language, label or slice, or no text.
    """
    return [phrase for path in sorted(folder.glob("*.tsv")) for phrase in _read(path)]


def digest(phrases: Iterable[Phrase]) -> str:
    """Return the SHA-256 of all that is learnt from ``phrases`` and of the words they are read with.

    It tells whether weights were made from both as they are now.
    """
    rows = ("\t".join((phrase.author, "+".join(phrase.labels), phrase.text)) for phrase in phrases)
    return hashlib.sha256("\n".join([*rows, WORDS.read_text(encoding="utf-8")]).encode()).hexdigest()


def folds(authors: Iterable[str], count: int = 5) -> dict[str, int]:
    """Return the fold of each author: those of one language are dealt out in turn, then kin join the first of them."""
    dealt: dict[str, int] = {}
    turn: Counter[str] = Counter()
    for author in sorted(set(authors)):
        language = author.partition("-")[0]
        dealt[author] = turn[language] % count
        turn[language] += 1
    for kin in KIN:
        dealt |= {author: dealt[kin[0]] for author in kin if author in dealt and kin[0] in dealt}
    return dealt


def crowded(texts: Sequence[str]) -> dict[int, int]:
    """Return the messages whose frame is shared by more than ``FRAME``: index to how many share it, itself included.

    Two messages share a frame when their character 5-grams overlap, |A and B| / min(|A|, |B|), by more than ``SHARED``.
    """
    grams = [_grams(text) for text in texts]
    holders: dict[str, list[int]] = defaultdict(list)
    for index, own in enumerate(grams):
        for gram in own:
            holders[gram].append(index)
    held = {gram: np.array(rows) for gram, rows in holders.items()}
    found, sizes = {}, np.array([len(own) for own in grams])
    for index, own in enumerate(grams):
        common = np.bincount(np.concatenate([held[gram] for gram in own]), minlength=len(grams))
        sharing = int((common > SHARED * np.minimum(len(own), sizes)).sum())
        if sharing > FRAME:
            found[index] = sharing
    return found


def _grams(text: str) -> set[str]:
    words = " ".join(re.findall(r"\w+", text.lower()))
    plain = f" {words} "
    return {plain[start : start + _GRAM] for start in range(max(1, len(plain) - _GRAM + 1))}


def _read(path: Path) -> Iterable[Phrase]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        parts = line.split("\t")
        labels = tuple(parts[1].split("+")) if len(parts) == 4 else ()
        known = len(parts) == 4 and parts[0] in LANGUAGES and parts[2] in SLICES and bool(parts[3].strip())
        if not known or not set(labels) <= set(LABELS) or path.stem.partition("-")[0] != parts[0]:
            raise BankFault(f"{path.name}:{number}: not language, label, slice and text: {line[:80]}")
        yield Phrase(path.stem, parts[0], labels, parts[2], parts[3])
