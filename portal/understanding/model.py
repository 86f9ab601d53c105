"""The head over the encoder: landmarks and pieces of words in, a probability for each label out. Numpy only.

The weights are ours: ``training`` makes them from the phrase bank, ``weights.npz`` ships them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.understanding import grams
from portal.understanding.encoder import Encoder, Matrix
from portal.understanding.features import Landmarks, closeness, encode, weigh
from portal.understanding.grams import BINS
from portal.understanding.labels import CLASSES, LABELS, class_of
from portal.understanding.text import Message

WEIGHTS = Path(__file__).with_name("weights.npz")
_TO_CLASS = np.array([[class_of(label) == each for each in CLASSES] for label in LABELS], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Head:
    """The trained part. ``near`` weighs the closeness to landmarks, ``pieces`` weighs bins; one column per label."""

    words: Landmarks
    meaning: Landmarks
    rarity: NDArray[np.float32]
    near: NDArray[np.float32]
    pieces: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, messages: Sequence[Message], encoder: Encoder) -> Matrix:
        """Return one row per message with the probability of each label, in the order of ``LABELS``."""
        close = closeness(self.words, self.meaning, encode(messages, encoder))
        scores = close @ self.near + self.bias
        for number, message in enumerate(messages):
            bins, values = weigh(grams.rows(message), self.rarity)
            scores[number] += values @ self.pieces[bins]
        return softmax(scores)


def softmax(scores: Matrix) -> Matrix:
    """Return ``scores`` as probabilities, row by row."""
    powers = np.exp(scores - scores.max(1, keepdims=True))
    shares: Matrix = powers / powers.sum(1, keepdims=True)
    return shares


def by_class(probabilities: Matrix) -> Matrix:
    """Return the probabilities of labels added up to those of ``CLASSES``."""
    added: Matrix = probabilities @ _TO_CLASS
    return added


def in_steps(numbers: Matrix) -> tuple[NDArray[np.int8], Matrix]:
    """Return ``numbers`` as whole steps of one byte, and the size of a step for each column."""
    step = np.abs(numbers).max(0) / 127
    return np.rint(numbers / np.where(step, step, 1)).astype(np.int8), step.astype(np.float32)


def save_head(head: Head, bank: str, path: Path = WEIGHTS) -> None:
    """Write ``head`` to ``path``, what is large in steps of one byte; ``bank`` is the digest of what it learnt from."""
    used = np.flatnonzero(head.rarity)
    kept: dict[str, Any] = {
        "rarity": head.rarity[used].astype(np.float16),
        "near": head.near,
        "bias": head.bias,
        "bank": bank,
    }
    kept["used"] = np.diff(used, prepend=0).astype(np.uint16)
    kept["pieces"], kept["pieces_step"] = in_steps(head.pieces[used])
    for name, landmarks in (("words", head.words), ("meaning", head.meaning)):
        kept[f"{name}_centre"], kept[f"{name}_spread"] = landmarks.centre, np.float32(landmarks.spread)
        kept[f"{name}_points"], kept[f"{name}_step"] = in_steps(landmarks.points)
    with path.open("wb") as file:
        np.savez_compressed(file, **kept)


def learnt_from(path: Path = WEIGHTS) -> str:
    """Return the digest of the bank from which the head in ``path`` was made."""
    with np.load(path, allow_pickle=False) as kept:
        return str(kept["bank"])


def load_head(path: Path = WEIGHTS) -> Head:
    """Return the head written by ``save_head``.

    Raises:
        OSError, ValueError, KeyError, EOFError, BadZipFile: the file is missing or is not ours.
    """
    with np.load(path, allow_pickle=False) as kept:
        used = np.cumsum(kept["used"], dtype=np.int64)
        rarity, pieces = np.zeros(BINS, np.float32), np.zeros((BINS, len(LABELS)), np.float32)
        rarity[used] = kept["rarity"]
        pieces[used] = kept["pieces"] * kept["pieces_step"]
        words, meaning = (
            Landmarks(
                kept[f"{name}_centre"], float(kept[f"{name}_spread"]), kept[f"{name}_points"] * kept[f"{name}_step"]
            )
            for name in ("words", "meaning")
        )
        return Head(words, meaning, rarity, kept["near"], pieces, kept["bias"])
