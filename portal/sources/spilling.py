"""Values by the text they are compared as, in order of arrival: some in memory, however many more on disk.

What goes to disk goes to a nameless temporary database that ends with the process: the values sealed, the texts only as
keyed marks. The key is in memory alone, so that nothing readable of a person ever touches the disk.
"""

import pickle
import secrets
import sqlite3
import weakref
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from typing import cast

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.sources.model import Value

BLOCK = 500
"""Values that lie together on disk."""

IN_MEMORY = 20 * BLOCK
"""Values in memory at most, before they go to disk."""

CACHE_KB = 4096
"""Memory that the temporary database may take."""


class Values:
    """A growing set of values; each has a place by its arrival, so that what is new can be told from what is known."""

    def __init__(self, values: dict[str, Value] | None = None) -> None:
        self._recent: dict[str, Value] = values or {}
        self._disk: _Disk | None = None

    def __len__(self) -> int:
        return self._stored + len(self._recent)

    def __contains__(self, key: str) -> bool:
        return key in self._recent or (self._disk is not None and self._disk.holds(key))

    @property
    def _stored(self) -> int:
        return self._disk.stored if self._disk else 0

    def lookup(self) -> "dict[str, Value] | Values":
        """Return what answers fastest whether a key is among them."""
        return self if self._disk else self._recent

    def add(self, key: str, value: Value) -> bool:
        """Add ``value`` under ``key``; return whether it is new."""
        return self.take({key: value}) == 1

    def take(self, values: Mapping[str, Value]) -> int:
        """Add those of ``values`` whose keys are new; return how many these were."""
        new = [key for key in values if key not in self._recent]
        if self._disk and new:
            held = self._disk.held(new)
            new = [key for key in new if key not in held]
        for key in new:
            self._recent[key] = values[key]
            if len(self._recent) == IN_MEMORY:
                self._disk = self._disk or _Disk()
                self._disk.store(self._recent)
                self._recent = {}
        return len(new)

    def pieces(self, start: int = 0, stop: int | None = None, size: int = BLOCK) -> Iterator[dict[str, Value]]:
        """Yield the values from place ``start`` up to ``stop``, at most ``size`` at once; more may arrive meanwhile."""
        stop = len(self) if stop is None else stop
        while start < stop:
            found = dict(self._from(start, min(stop - start, size)))
            yield found
            start += len(found)

    def _from(self, start: int, most: int) -> list[tuple[str, Value]]:
        """Return at least one and at most ``most`` values from the place ``start`` on."""
        if self._disk and start < self._stored:
            block = self._disk.block(start // BLOCK)
            return block[start % BLOCK : start % BLOCK + most]
        first = start - self._stored
        return list(islice(self._recent.items(), first, first + most))


class _Disk:
    """Full blocks of values, sealed, and a keyed mark of every key."""

    def __init__(self) -> None:
        self.stored = 0
        self._box = AESGCM(AESGCM.generate_key(256))
        self._unmarked = blake2b(key=secrets.token_bytes(32), digest_size=16)
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._database.close)
        for order in (
            "PRAGMA journal_mode=OFF",
            f"PRAGMA cache_size=-{CACHE_KB}",
            "CREATE TABLE marks (mark BLOB PRIMARY KEY) WITHOUT ROWID",
            "CREATE TABLE blocks (number INTEGER PRIMARY KEY, sealed BLOB)",
        ):
            self._database.execute(order)

    def holds(self, key: str) -> bool:
        return bool(self.held([key]))

    def held(self, keys: Sequence[str]) -> set[str]:
        """Return those of ``keys`` that are here."""
        found: set[str] = set()
        for start in range(0, len(keys), BLOCK):
            by_mark = {self._mark(key): key for key in keys[start : start + BLOCK]}
            order = f"SELECT mark FROM marks WHERE mark IN ({', '.join('?' * len(by_mark))})"  # noqa: S608 - only marks
            found.update(by_mark[mark] for (mark,) in self._database.execute(order, tuple(by_mark)))
        return found

    def store(self, values: dict[str, Value]) -> None:
        """Put away ``values``, as many as fill whole blocks."""
        rest = iter(values.items())
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO marks VALUES (?)", sorted((self._mark(key),) for key in values))
        while block := list(islice(rest, BLOCK)):
            number = self.stored // BLOCK
            sealed = self._box.encrypt(number.to_bytes(12, "big"), pickle.dumps(block), None)
            self._database.execute("INSERT INTO blocks VALUES (?, ?)", (number, sealed))
            self.stored += len(block)
        self._database.execute("COMMIT")

    def block(self, number: int) -> list[tuple[str, Value]]:
        (sealed,) = self._database.execute("SELECT sealed FROM blocks WHERE number = ?", (number,)).fetchone()
        opened = self._box.decrypt(number.to_bytes(12, "big"), sealed, None)
        found = pickle.loads(opened)  # noqa: S301 - sealed by this very object: nobody else has the key
        return cast("list[tuple[str, Value]]", found)

    def _mark(self, key: str) -> bytes:
        mark = self._unmarked.copy()  # a third cheaper than to begin with the key each time
        mark.update(key.encode("utf-8", "surrogatepass"))
        return mark.digest()
