"""A ZIP written straight through: no seeking, no temporary copy, the same bytes for the same content and clock."""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol, cast

from portal.clock import local

LEVEL = 1
"""How hard the files are packed: the fastest way; the slow ones save a fifth and take three times as long."""


class Sink(Protocol):
    """Where the bytes go; need not be able to seek or tell."""

    def write(self, data: bytes, /) -> object:
        """Take ``data``."""
        ...

    def flush(self) -> object:
        """Pass on what was taken."""
        ...


@dataclass(frozen=True, slots=True)
class FileFact:
    """One file in the package; ``rows`` where it holds rows."""

    path: str
    size: int
    sha256: str
    rows: int | None = None


class EntryWriter:
    """Takes the bytes of one file and measures them."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._digest = hashlib.sha256()
        self.size = 0
        self.rows: int | None = None

    def write(self, data: bytes) -> None:
        """Add ``data`` to the file."""
        self._target.write(data)
        self._digest.update(data)
        self.size += len(data)

    def text(self, data: str) -> None:
        """Add ``data`` as UTF-8; what is no character at all (a lone surrogate) becomes a question mark."""
        self.write(data.encode("utf-8", "replace"))

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written so far."""
        return self._digest.hexdigest()


class Archive:
    """The ZIP being written.

    Args:
        sink: where it goes.
        made_at: the time every file in it carries.
    """

    def __init__(self, sink: Sink, made_at: datetime) -> None:
        self._zip = zipfile.ZipFile(cast("IO[bytes]", sink), "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        moment = local(made_at)
        self._stamp = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
        self._paths: set[str] = set()
        self.facts: list[FileFact] = []

    def close(self) -> None:
        """Write the ZIP's own directory; without it this is no ZIP."""
        self._zip.close()

    def abandon(self) -> None:
        """Let nothing complete the file behind our back after a failure; harmless once it is closed."""
        self._zip.fp = None

    def free(self, path: str) -> str:
        """Return ``path``, with a number before its ending if a file of that name is there already."""
        stem, dot, ending = path.rpartition(".")
        number, found = 1, path
        while found.lower() in self._paths:
            number += 1
            found = f"{stem}-{number}{dot}{ending}"
        return found

    @contextmanager
    def entry(self, path: str, *, packed: bool = True) -> Iterator[EntryWriter]:
        """Open the file ``path`` for writing; one at a time.

        Args:
            path: its path in the ZIP.
            packed: compress it; pictures are compressed already.
        """
        self._paths.add(path.lower())
        about = zipfile.ZipInfo(path, self._stamp)
        about.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        about._compresslevel = LEVEL  # type: ignore[attr-defined] # public only from Python 3.13 on
        about.external_attr = 0o600 << 16
        about.create_system = 3
        with self._zip.open(about, "w", force_zip64=True) as target:
            writer = EntryWriter(target)
            yield writer
        self.facts.append(FileFact(path, writer.size, writer.sha256, writer.rows))
