"""What the words of a message say, in whichever language: "wis", "efface", "lösch" and "delete" say one thing.

The encoder blurs what tells the rights apart, and pieces of words know one language only. What is seen here is learnt
from one language and known in all: that "do not delete, but stop using" asks a restriction.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from portal.understanding.text import DENIAL, Message, fold

WORDS = Path(__file__).with_name("concepts.yml")
NEAR = 3  # concepts further in the clause that one is paired with
ENDS = 6  # concepts of a clause that are paired with those of the next, or that begin or end a message
_TOKEN = re.compile(r"\w+")

Phrase = tuple[tuple[str, ...], str]
"""The words that must follow, each with a star where any ending will do, and the concept that they say."""


def concepts(message: Message) -> list[str]:
    """Return what ``message`` says: concepts alone, in pairs, and at both its ends.

    ``not`` stands before those in a clause that denies something, else ``so``; ``&`` joins two of one clause, and ``|``
    one of a clause with one of the next.
    """
    clauses = [(bool(DENIAL.search(clause)), _in_order(clause)) for clause in message.clauses]
    marked = [[f"{'not' if denied else 'so'} {each}" for each in found] for denied, found in clauses]
    return [
        *(each for _denied, found in clauses for each in found),
        *(each for clause in marked for each in clause),
        *(f"{one} & {other}" for clause in marked for one, other in _near(clause)),
        *(f"{one} | {other}" for two in pairwise(marked) for one, other in product(two[0][:ENDS], two[1][:ENDS])),
        *(f"first {each}" for clause in marked[:1] for each in clause[:ENDS]),
        *(f"last {each}" for clause in marked[-1:] for each in clause[:ENDS]),
    ]


def _near(clause: Sequence[str]) -> Iterator[tuple[str, str]]:
    for place, one in enumerate(clause):
        yield from ((one, other) for other in clause[place + 1 : place + 1 + NEAR])


def _in_order(clause: str) -> list[str]:
    """Return the concepts that ``clause`` says, in order; of words that begin alike the longest phrase counts."""
    words, place = _TOKEN.findall(fold(clause)), 0
    found: list[str] = []
    while place < len(words):
        best = next((phrase for phrase in _beginning(words[place]) if _follow(phrase[0], words[place + 1 :])), None)
        if best:
            found.append(best[1])
        place += 1 + (len(best[0]) if best else 0)
    return found


def _follow(wanted: Sequence[str], words: Sequence[str]) -> bool:
    return len(words) >= len(wanted) and all(_fits(*pair) for pair in zip(wanted, words, strict=False))


def _fits(wanted: str, word: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


@cache
def _phrases() -> dict[str, list[Phrase]]:
    """Return the phrases by their first word, its star included."""
    loaded: Any = YAML(typ="safe").load(WORDS)
    by_first: dict[str, list[Phrase]] = {}
    for concept, phrases in loaded.items():
        for phrase in phrases:
            first, *rest = fold(str(phrase)).split()
            by_first.setdefault(first, []).append((tuple(rest), str(concept)))
    return by_first


def _beginning(word: str) -> list[Phrase]:
    """Return the phrases that may begin with ``word``: longer ones first, then those that leave less of it open."""
    starts = [word, *(f"{word[:size]}*" for size in range(len(word), 1, -1))]
    found = [phrase for start in starts for phrase in _phrases().get(start, ())]
    return sorted(found, key=lambda phrase: -len(phrase[0]))
