"""A QR code as one path to draw: no picture is loaded, and the secret in it travels nowhere else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

import segno

QUIET = 4  # modules of margin, as the standard wants


@dataclass(frozen=True, slots=True)
class Qr:
    """What is drawn: the side in modules, margin included, and a path of dark squares."""

    side: int
    path: str = field(repr=False)


def qr_of(text: str) -> Qr:
    """Return the QR code of ``text``."""
    rows = segno.make(text, error="m", micro=False).matrix
    runs = [
        f"M{start + QUIET} {y + QUIET}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _runs(row)
    ]
    return Qr(len(rows) + 2 * QUIET, "".join(runs))


def _runs(row: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield where each run of dark modules begins, and its length."""
    place = 0
    for dark, run in groupby(row):
        length = len(list(run))
        if dark:
            yield place, length
        place += length
