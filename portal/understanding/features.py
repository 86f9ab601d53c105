"""What the head looks at: closeness to landmark messages, the pieces of words in it, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portal.understanding.encoder import Encoder, Matrix
from portal.understanding.grams import Row
from portal.understanding.text import Message

MIX = (1.5, 2.0, 1.0, 2.0, 1.0)
"""How heavily the blocks of ``grams.rows`` count: pieces, words and pairs, what is denied, named by law, concepts."""
GAMMA = 1.0
"""How fast closeness falls: exp(-GAMMA d^2), with d^2 in units of the bank's mean squared distance to its centre."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Messages as encoded, a row each: the words of the whole, the words of what is said, the meaning of the whole."""

    whole: Matrix
    said: Matrix
    meaning: Matrix


def texts(message: Message) -> tuple[str, str]:
    """Return the whole, and what is said once what is denied is left out; one word says too little, then the whole."""
    return message.whole, message.said if len(message.said.split()) > 1 else message.whole


def encode(messages: Sequence[Message], encoder: Encoder) -> Encoded:
    """Return ``messages`` as ``encoder`` sees them."""
    pairs = [texts(message) for message in messages]
    whole = [whole for whole, _said in pairs]
    denying = [number for number, (first, said) in enumerate(pairs) if said != first]
    words = encoder.words([*whole, *(pairs[number][1] for number in denying)])
    said = words[: len(whole)].copy()
    said[denying] = words[len(whole) :]
    return Encoded(words[: len(whole)], said, encoder.meaning(whole))


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Messages of the bank to which others are compared: encoded, less the ``centre`` of the bank."""

    centre: NDArray[np.float32]
    spread: float
    points: NDArray[np.float32]

    def closeness(self, rows: Matrix) -> Matrix:
        """Return the closeness of each row to every landmark, from 0 to 1."""
        moved = rows - self.centre
        far = (moved**2).sum(1)[:, None] + (self.points**2).sum(1)[None, :] - 2 * moved @ self.points.T
        close: Matrix = np.exp(np.maximum(far, 0) * np.float32(-GAMMA / self.spread))
        return close


def closeness(words: Landmarks, meaning: Landmarks, encoded: Encoded) -> Matrix:
    """Return the closeness of each message to every landmark, in words, in what is said and in meaning."""
    return np.hstack(
        [words.closeness(encoded.whole), words.closeness(encoded.said), meaning.closeness(encoded.meaning)]
    )


def weigh(blocks: Sequence[Row], rarity: NDArray[np.float32]) -> Row:
    """Return one sparse row: each block weighed by how rare its pieces are, set to length 1 and mixed by ``MIX``."""
    bins, values = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    for (where, counts), share in zip(blocks, MIX, strict=True):
        weighed = counts * rarity[where]
        length = float(np.sqrt((weighed**2).sum()))
        if length:
            bins.append(where)
            values.append(weighed * np.float32(share / length))
    return np.concatenate(bins), np.concatenate(values)
