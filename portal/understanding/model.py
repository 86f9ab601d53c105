"""The head over the encoder: landmarks and pieces of words in, a probability for each label out. Numpy only.

The weights are ours: ``training`` makes them from the phrase bank, ``weights.npz`` ships them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portal.understanding import grams
from portal.understanding.encoder import Encoder, Matrix
from portal.understanding.features import Landmarks, views, weigh
from portal.understanding.grams import BINS
from portal.understanding.labels import CLASSES, LABELS, class_of
from portal.understanding.text import Message

WEIGHTS = Path(__file__).with_name("weights.npz")
_TO_CLASS = np.array([[class_of(label) == each for each in CLASSES] for label in LABELS], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Head:
    """The trained part. ``near`` weighs landmarks (both views), ``pieces`` weighs bins; one column per label."""

    landmarks: Landmarks
    rarity: NDArray[np.float32]
    near: NDArray[np.float32]
    pieces: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, messages: Sequence[Message], encoder: Encoder) -> Matrix:
        """Return one row per message with the probability of each label, in the order of ``LABELS``."""
        pairs = [views(message) for message in messages]
        encoded = encoder.encode([text for pair in pairs for text in pair])
        close = self.landmarks.closeness((encoded[::2], encoded[1::2]))
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


def save_head(head: Head, path: Path = WEIGHTS) -> None:
    """Write ``head`` to ``path``: bins as whole numbers of one byte, landmarks in half precision."""
    step = np.abs(head.pieces).max(0) / 127
    used = np.flatnonzero(head.rarity)
    np.savez_compressed(
        path,
        centre=head.landmarks.centre,
        spread=np.float32(head.landmarks.spread),
        points=head.landmarks.points.astype(np.float16),
        rarity=head.rarity[used].astype(np.float16),
        near=head.near,
        used=np.diff(used, prepend=0).astype(np.uint16),
        pieces=np.rint(head.pieces[used] / step).astype(np.int8),
        step=step,
        bias=head.bias,
    )


def load_head(path: Path = WEIGHTS) -> Head:
    """Return the head written by ``save_head``.

    Raises:
        OSError, ValueError, KeyError, EOFError, BadZipFile: the file is missing or is not ours.
    """
    with np.load(path, allow_pickle=False) as kept:
        used = np.cumsum(kept["used"], dtype=np.int64)
        rarity, pieces = np.zeros(BINS, np.float32), np.zeros((BINS, len(LABELS)), np.float32)
        rarity[used] = kept["rarity"]
        pieces[used] = kept["pieces"] * kept["step"]
        landmarks = Landmarks(kept["centre"], float(kept["spread"]), kept["points"].astype(np.float32))
        return Head(landmarks, rarity, kept["near"], pieces, kept["bias"])
