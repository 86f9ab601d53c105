"""From a writer that pushes to a vault that pulls: a package is stored as it is made, never whole in memory."""

import queue
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256

from portal.files.vault import CHUNK, Stored, Vault

WAITING = 16  # pieces between writer and vault


class Aborted(Exception):
    """The writer failed; the vault drops what it has."""


class VaultSink:
    """What the package writer writes to. Knows size and SHA-256 of what passed, in the clear."""

    def __init__(self, pieces: "queue.Queue[bytes | Aborted | None]", reader: threading.Thread) -> None:
        self.pieces, self.reader = pieces, reader
        self.size, self.sum = 0, sha256()
        self._waiting = bytearray()

    def write(self, data: bytes, /) -> int:
        """Pass ``data`` on, together with what is still to come where it is short; waits where the vault is slower."""
        self._waiting += data
        self.size += len(data)
        if len(self._waiting) >= CHUNK:
            self.pass_on()
        return len(data)

    def pass_on(self) -> None:
        """Pass on what waits, if anything does."""
        if not self._waiting:
            return
        piece = bytes(self._waiting)
        self._waiting.clear()
        self.sum.update(piece)
        while self.reader.is_alive():
            try:
                self.pieces.put(piece, timeout=1)
                return
            except queue.Full:
                continue
        raise Aborted("the vault stopped")

    def flush(self) -> None:
        """Do nothing: the vault flushes when all is there."""


def into_vault(vault: Vault, key: bytes, owner: str, write: Callable[[VaultSink], None]) -> tuple[Stored, int, str]:
    """Run ``write`` with a sink whose bytes go encrypted into ``vault``.

    Args:
        vault: where the file goes.
        key: its data key.
        owner: what the ciphertext is bound to.
        write: called once with the sink.

    Returns:
        The stored file, the size in bytes and the SHA-256 of what was written, in the clear.

    Raises:
        Whatever ``write`` or the vault raises; nothing is stored then.
    """
    pieces: queue.Queue[bytes | Aborted | None] = queue.Queue(WAITING)
    outcome: list[Stored | BaseException] = []

    def pull() -> Iterator[bytes]:
        while (piece := pieces.get()) is not None:
            if isinstance(piece, Aborted):
                raise piece
            yield piece

    def store() -> None:
        try:
            outcome.append(vault.write(key, owner, pull()))
        except BaseException as fault:  # handed to the caller's thread, which raises it
            outcome.append(fault)

    reader = threading.Thread(target=store, name="package-to-vault")
    reader.start()
    sink = VaultSink(pieces, reader)
    try:
        write(sink)
        sink.pass_on()
    except BaseException:
        _end(pieces, reader, Aborted("the writer stopped"))
        raise
    _end(pieces, reader, None)
    stored = outcome[0]
    if isinstance(stored, BaseException):
        raise stored
    return stored, sink.size, sink.sum.hexdigest()


def _end(pieces: "queue.Queue[bytes | Aborted | None]", reader: threading.Thread, last: Aborted | None) -> None:
    while reader.is_alive():
        try:
            pieces.put(last, timeout=1)
            break
        except queue.Full:
            continue
    reader.join()
