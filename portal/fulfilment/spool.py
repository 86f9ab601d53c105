"""A place for parts of a package that cannot be written yet: a nameless temporary file, encrypted with a key in memory.

Memory stays flat however much is put in, and nothing readable ever touches the disk: when the process ends, the key has
gone with it.
"""

import secrets
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import IO

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

CHUNK = 1 << 16


class Spool:
    """Bytes written first and read once, from the start.

    The key is used for one stream of bytes only, so counter mode never repeats; nobody can reach the nameless file to
    change it, so nothing is authenticated.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None  # opened with the first byte: many a spool never sees one
        self._cipher = Cipher(AES(secrets.token_bytes(32)), CTR(secrets.token_bytes(16)))
        self._encryptor = self._cipher.encryptor()
        self.size = 0

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything."""
        if self._file is not None:
            self._file.close()

    def write(self, data: bytes) -> None:
        """Add ``data`` at the end."""
        if self._file is None:
            self._file = tempfile.TemporaryFile()
        self._file.write(self._encryptor.update(data))
        self.size += len(data)

    def read(self) -> Iterator[bytes]:
        """Yield everything that was written, in order."""
        if self._file is None:
            return
        self._file.seek(0)
        decryptor = self._cipher.decryptor()
        while chunk := self._file.read(CHUNK):
            yield decryptor.update(chunk)
