"""A package in parts that are stored one behind the other in one file: first what their rows are, then how they end.

Every part tells the whole, which is known only when the last row has passed. So a part stays open until then: its end
(the exact copy, the contents page, the ZIP's own directory) comes after the rows of all parts.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from portal.fulfilment.archive import Sink

Stretch: TypeAlias = tuple[int, int]
"""First byte and end of some bytes of the stored file."""


@dataclass(frozen=True, slots=True)
class StoredPart:
    """One part: a ZIP by itself, once its stretches are put together."""

    size: int
    sha256: str
    rows: int
    stretches: tuple[Stretch, ...]


class Track:
    """The stored file being written, and where its parts are."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.size = 0


class PartSink:
    """Where one part writes to; several may be open, one writes at a time."""

    def __init__(self, track: Track) -> None:
        self.size = 0
        self._track, self._sum = track, sha256()
        self._stretches: list[Stretch] = []

    def write(self, data: bytes, /) -> int:
        """Write ``data`` at the end of the stored file, as the next bytes of this part."""
        start = self._track.size
        self._track.sink.write(data)
        self._track.size += len(data)
        self.size += len(data)
        self._sum.update(data)
        if self._stretches and self._stretches[-1][1] == start:
            self._stretches[-1] = (self._stretches[-1][0], self._track.size)
        else:
            self._stretches.append((start, self._track.size))
        return len(data)

    def flush(self) -> None:
        """Pass on what was taken."""
        self._track.sink.flush()

    def stored(self, rows: int) -> StoredPart:
        """Return what was stored, once the part is closed."""
        return StoredPart(self.size, self._sum.hexdigest(), rows, tuple(self._stretches))
