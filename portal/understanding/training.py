"""Makes the head from the phrase bank: one multinomial logistic regression over both kinds of features.

Needs scipy, which comes with what tests need; the portal itself never imports this.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.understanding import grams
from portal.understanding.bank import Phrase
from portal.understanding.encoder import DIMENSIONS, Encoder, Matrix
from portal.understanding.features import Encoded, Landmarks, closeness, encode, texts, weigh
from portal.understanding.grams import BINS, Blocks, Row
from portal.understanding.labels import COMPLAINT, LABELS, NONE, class_of
from portal.understanding.model import Head, in_steps, softmax
from portal.understanding.text import message

LANDMARKS = 1536
PENALTY = 0.1  # of the squared weights, per message 1
STEPS = 120
SEED = 20
CAUTION = 0.85
"""Added to the score of every label that is no right: a right that is shown wrongly costs a person more than none."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A bank ready to learn from; row i of each belongs to phrase i."""

    encoded: Encoded
    blocks: list[Blocks]
    targets: Matrix

    def only(self, rows: Sequence[int]) -> "Prepared":
        """Return the part of the bank in ``rows``."""
        chosen, whole = list(rows), self.encoded
        part = Encoded(whole.whole[chosen], whole.said[chosen], whole.meaning[chosen])
        return Prepared(part, [self.blocks[row] for row in chosen], self.targets[chosen])


def prepare(phrases: Sequence[Phrase], cache: Path | None = None) -> Prepared:
    """Return ``phrases`` encoded and counted; ``cache`` is an npz that keeps encoded texts from one run to the next."""
    messages = [message(phrase.text) for phrase in phrases]
    encoder = _CachedEncoder([text for each in messages for text in texts(each)], cache)
    targets = np.zeros((len(phrases), len(LABELS)), np.float32)
    for row, phrase in enumerate(phrases):
        for label in phrase.labels:
            targets[row, LABELS.index(label)] = 1 / len(phrase.labels)
    return Prepared(encode(messages, encoder), [grams.rows(each) for each in messages], targets)


def train(bank: Prepared, steps: int = STEPS) -> Head:
    """Return the head learnt from ``bank``; the same bank gives the same head."""
    from scipy.optimize import fmin_l_bfgs_b

    chosen = np.random.RandomState(SEED).choice(len(bank.blocks), min(LANDMARKS, len(bank.blocks)), replace=False)
    words, meaning = (_landmarks(rows, np.sort(chosen)) for rows in (bank.encoded.whole, bank.encoded.meaning))
    turns, rarity = (_evened(words), _evened(words), _evened(meaning)), _rarity(bank.blocks)
    near, used = _turned(closeness(words, meaning, bank.encoded), turns), np.flatnonzero(rarity)
    found = _sparse([weigh(blocks, rarity) for blocks in bank.blocks])[:, used]
    start = np.zeros((near.shape[1] + len(used) + 1) * len(LABELS))
    best, _loss, _about = fmin_l_bfgs_b(_loss_over(near, found, bank.targets), start, maxiter=steps, m=6)
    weights = best.astype(np.float32).reshape(-1, len(LABELS))
    pieces = np.zeros((BINS, len(LABELS)), np.float32)
    pieces[used] = weights[near.shape[1] : -1]
    own = np.vstack(
        [turn @ part for turn, part in zip(turns, np.split(weights[: near.shape[1]], len(turns)), strict=True)]
    )
    return Head(words, meaning, rarity, own, pieces, weights[-1] + np.float32(CAUTION) * _no_right())


class _CachedEncoder(Encoder):
    """An encoder that need not encode what it encoded before."""

    def __init__(self, wanted: Sequence[str], cache: Path | None) -> None:
        known = _read_cache(cache)
        new = [text for text in dict.fromkeys(wanted) if _key(text) not in known]
        if new:
            super().__init__()
            rows = np.hstack([super().words(new), super().meaning(new)])
            known |= {_key(text): row for text, row in zip(new, rows, strict=True)}
            if cache:
                cache.parent.mkdir(parents=True, exist_ok=True)
                np.savez(cache, keys=np.array(list(known)), rows=np.array(list(known.values())))
        self._known = known

    def words(self, texts: Sequence[str]) -> Matrix:
        return self._rows(texts)[:, :DIMENSIONS]

    def meaning(self, texts: Sequence[str]) -> Matrix:
        return self._rows(texts)[:, DIMENSIONS:]

    def _rows(self, texts: Sequence[str]) -> Matrix:
        return np.array([self._known[_key(text)] for text in texts], np.float32)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read_cache(cache: Path | None) -> dict[str, Matrix]:
    if cache is None or not cache.exists():
        return {}
    with np.load(cache, allow_pickle=False) as kept:
        return dict(zip(kept["keys"].tolist(), kept["rows"], strict=True))


def _landmarks(rows: Matrix, chosen: NDArray[np.int64]) -> Landmarks:
    """Return the ``chosen`` rows as landmarks, rounded as they will be kept."""
    centre = rows.mean(0)
    steps, step = in_steps(rows[chosen] - centre)
    return Landmarks(centre, float(((rows - centre) ** 2).sum(1).mean()), steps * step)


def _evened(landmarks: Landmarks) -> Matrix:
    """Return the matrix after which landmarks that resemble each other no longer count double (Nystroem)."""
    among = landmarks.closeness(landmarks.points + landmarks.centre).astype(np.float64)
    sizes, axes = np.linalg.eigh(among + 1e-4 * np.eye(len(among)))
    half: Matrix = (axes / np.sqrt(np.maximum(sizes, 1e-6))).astype(np.float32)
    return half


def _turned(close: Matrix, turns: Sequence[Matrix]) -> Matrix:
    parts = np.split(close, len(turns), axis=1)
    return np.hstack([part @ turn for part, turn in zip(parts, turns, strict=True)])


def _rarity(blocks: Sequence[Blocks]) -> NDArray[np.float32]:
    """Return the weight of each bin: 1 + ln of how rare it is, and 0 when only one message has it."""
    holders = np.zeros(BINS, np.int64)
    for rows in blocks:
        for bins, _counts in rows:
            holders[bins] += 1
    rare = np.log((1 + len(blocks)) / (1 + holders)) + 1
    return np.where(holders > 1, rare, 0).astype(np.float16).astype(np.float32)  # rounded as it will be kept


def _sparse(rows: Sequence[Row]) -> Any:
    from scipy.sparse import csr_matrix

    ends = np.concatenate([[0], np.cumsum([len(bins) for bins, _values in rows])])
    columns = np.concatenate([bins for bins, _values in rows])
    values = np.concatenate([values for _bins, values in rows])
    return csr_matrix((values, columns, ends), shape=(len(rows), BINS), dtype=np.float32)


def _loss_over(
    near: Matrix, pieces: Any, targets: Matrix
) -> Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]:
    """Return the function to make small: cross-entropy plus ``PENALTY`` times half the squared weights."""
    turned = pieces.T.tocsr()
    width = near.shape[1]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.astype(np.float32).reshape(-1, len(LABELS))
        inner = weights[:-1]
        shares = softmax(near @ inner[:width] + pieces @ inner[width:] + weights[-1])
        wrong = shares - targets
        slope = np.vstack([near.T @ wrong, turned @ wrong, wrong.sum(0, keepdims=True)])
        slope[:-1] += PENALTY * inner
        value = -float((targets * np.log(shares + 1e-9)).sum()) + PENALTY / 2 * float((inner**2).sum())
        return value, slope.ravel().astype(np.float64)

    return loss


def _no_right() -> NDArray[np.float32]:
    return np.array([class_of(label) in (COMPLAINT, NONE) for label in LABELS], dtype=np.float32)
