"""Pieces of words, counted in a fixed number of bins: robust against typing errors, dialect and compounds."""

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from portal.understanding.concepts import concepts
from portal.understanding.statute import named
from portal.understanding.text import Message, fold

BITS = 17
BINS = 1 << BITS
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\w+|[^\w\s]+")

Row = tuple[NDArray[np.int64], NDArray[np.float32]]
"""The bins of one message in rising order, and the damped count (1 + ln n) of each."""


Blocks = tuple[Row, Row, Row, Row, Row]
"""Of one message: pieces of words, words and pairs, both of what it denies, rights named by law, and concepts."""


def rows(message: Message) -> Blocks:
    """Return the blocks of ``message``."""
    whole, denied = fold(message.whole), fold(message.denied)
    return (
        _counted(_pieces(whole, "c")),
        _counted(_words(whole, "w")),
        _counted([*_pieces(denied, "n"), *_words(denied, "nw")]),
        _counted([f"law:{right}" for right in named(message.whole)]),
        _counted([f"says:{each}" for each in concepts(message)]),
    )


def _pieces(text: str, space: str) -> Iterator[str]:
    """Give the pieces of 1 to 5 characters of each word with a blank at both ends."""
    for word in _TOKEN.findall(text):
        padded = f" {word} "
        for size in range(1, 6):
            if size >= len(padded):
                yield space + padded
                break
            for start in range(len(padded) - size + 1):
                yield space + padded[start : start + size]


def _words(text: str, space: str) -> Iterator[str]:
    words = _WORD.findall(text)
    yield from (f"{space}:{word}" for word in words)
    yield from (f"{space}:{first} {second}" for first, second in pairwise(words))


def _counted(pieces: Iterator[str] | list[str]) -> Row:
    counts = Counter(zlib.crc32(piece.encode()) & (BINS - 1) for piece in pieces)
    bins = np.array(sorted(counts), dtype=np.int64)
    return bins, (1 + np.log([counts[each] for each in bins.tolist()])).astype(np.float32)
