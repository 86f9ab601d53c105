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
from portal.understanding.features import Landmarks, views, weigh
from portal.understanding.grams import BINS, Row
from portal.understanding.labels import COMPLAINT, LABELS, NONE, class_of
from portal.understanding.model import Head, softmax
from portal.understanding.text import message

LANDMARKS = 1024
PENALTY = 0.1  # of the squared weights, per message 1
STEPS = 120
SEED = 20
CAUTION = 0.4  # added to the score of every label that is no right: a right shown wrongly costs more than none shown


@dataclass(frozen=True, slots=True)
class Prepared:
    """A bank ready to learn from; row i of each belongs to phrase i."""

    encoded: tuple[Matrix, Matrix]
    blocks: list[tuple[Row, Row, Row]]
    targets: Matrix

    def only(self, rows: Sequence[int]) -> "Prepared":
        """Return the part of the bank in ``rows``."""
        chosen, (whole, said) = list(rows), self.encoded
        return Prepared((whole[chosen], said[chosen]), [self.blocks[row] for row in chosen], self.targets[chosen])


def prepare(phrases: Sequence[Phrase], cache: Path | None = None) -> Prepared:
    """Return ``phrases`` encoded and counted; ``cache`` is an npz that keeps encoded texts from one run to the next."""
    messages = [message(phrase.text) for phrase in phrases]
    pairs = [views(each) for each in messages]
    encoded = _encode([text for pair in pairs for text in pair], cache)
    targets = np.zeros((len(phrases), len(LABELS)), np.float32)
    for row, phrase in enumerate(phrases):
        for label in phrase.labels:
            targets[row, LABELS.index(label)] = 1 / len(phrase.labels)
    return Prepared((encoded[::2], encoded[1::2]), [grams.rows(each) for each in messages], targets)


def train(bank: Prepared, steps: int = STEPS) -> Head:
    """Return the head learnt from ``bank``; the same bank gives the same head."""
    from scipy.optimize import fmin_l_bfgs_b

    landmarks, rarity = _landmarks(bank), _rarity(bank.blocks)
    close = landmarks.closeness(bank.encoded)
    turn, used = _evened(landmarks), np.flatnonzero(rarity)
    near, found = close @ turn, _sparse([weigh(blocks, rarity) for blocks in bank.blocks])[:, used]
    start = np.zeros((near.shape[1] + len(used) + 1) * len(LABELS))
    best, _loss, _about = fmin_l_bfgs_b(_loss_over(near, found, bank.targets), start, maxiter=steps, m=6)
    weights = best.astype(np.float32).reshape(-1, len(LABELS))
    pieces = np.zeros((BINS, len(LABELS)), np.float32)
    pieces[used] = weights[near.shape[1] : -1]
    bias = weights[-1] + np.float32(CAUTION) * _no_right()
    return Head(landmarks, rarity, turn @ weights[: near.shape[1]], pieces, bias)


def _landmarks(bank: Prepared) -> Landmarks:
    whole = bank.encoded[0]
    centre = whole.mean(0)
    spread = float(((whole - centre) ** 2).sum(1).mean())
    chosen = np.random.RandomState(SEED).choice(len(whole), min(LANDMARKS, len(whole)), replace=False)
    points = (whole[np.sort(chosen)] - centre).astype(np.float16).astype(np.float32)  # as they will be kept
    return Landmarks(centre, spread, points)


def _evened(landmarks: Landmarks) -> Matrix:
    """Return the matrix after which landmarks that resemble each other no longer count double (Nystroem)."""
    among = landmarks.closeness([landmarks.points + landmarks.centre]).astype(np.float64)
    sizes, axes = np.linalg.eigh(among + 1e-4 * np.eye(len(among)))
    half = (axes / np.sqrt(np.maximum(sizes, 1e-6))).astype(np.float32)
    none = np.zeros_like(half)
    return np.block([[half, none], [none, half]]).astype(np.float32)


def _rarity(blocks: Sequence[tuple[Row, Row, Row]]) -> NDArray[np.float32]:
    """Return the weight of each bin: 1 + ln of how rare it is, and 0 when only one message has it."""
    holders = np.zeros(BINS, np.int64)
    for rows in blocks:
        for bins, _counts in rows:
            holders[bins] += 1
    rare = np.log((1 + len(blocks)) / (1 + holders)) + 1
    return np.where(holders > 1, rare, 0).astype(np.float16).astype(np.float32)


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


def _encode(texts: Sequence[str], cache: Path | None) -> Matrix:
    known = _read_cache(cache)
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if new:
        known |= dict(zip(new, Encoder().encode(list(new.values())), strict=True))
        if cache:
            cache.parent.mkdir(parents=True, exist_ok=True)
            np.savez(cache, keys=np.array(list(known)), rows=np.array(list(known.values())))
    return np.array([known[key] for key in keys], np.float32).reshape(-1, DIMENSIONS)


def _read_cache(cache: Path | None) -> dict[str, Matrix]:
    if cache is None or not cache.exists():
        return {}
    with np.load(cache, allow_pickle=False) as kept:
        return dict(zip(kept["keys"].tolist(), kept["rows"], strict=True))
