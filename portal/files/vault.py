"""The vault: encrypted files on this machine's disk. One class owns the disk; nothing here knows what is in a file.

A file in the vault is

``01 || salt(32) || prefix(7) || chunk 0 || chunk 1 || ... || last chunk``

where the file key is HKDF-SHA256(key, salt, info ``vault|1|`` + AAD) and each chunk is AES-256-GCM over 64 KiB of
plaintext (the last one shorter, never absent) with nonce ``prefix(7) || counter(4, big-endian) || last(1)`` (the
STREAM construction, Hoang et al. 2015). A chunk that was dropped, moved, repeated or taken from another file does not
open, nor does a file that was cut. Chunks open by themselves, so a range is read without the rest.

Write order: encrypt to ``incoming/``, fsync the file, rename into ``blobs/``, fsync the folder; only then may a row
name it. What a crash leaves behind is ciphertext without a row, and :meth:`Vault.sweep_orphans` takes it away.
"""

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.errors import PortalError
from portal.files.ring import SealBroken, sync_folder
from portal.words import N_

CHUNK = 64 * 1024
_FORMAT = b"\x01"
_SALT, _PREFIX, _TAG = 32, 7, 16
_HEAD = len(_FORMAT) + _SALT + _PREFIX
_NAME = re.compile(r"[0-9a-f]{32}")


class BlobMissing(PortalError):
    """The vault holds no such file (any more), or the name is none of ours."""

    status = 404
    default = N_("This file is no longer here.")


@dataclass(frozen=True)
class Stored:
    """What a row keeps of a file in the vault.

    Attributes:
        name: 32 hexadecimal digits.
        size: bytes of plaintext.
        sha256: of the file as it lies on the disk (ciphertext): it can be checked without a key, and says nothing of
            the content once the key is gone.
    """

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class _Layout:
    """How the bytes of one vault file divide into chunks."""

    chunks: int
    size: int

    @classmethod
    def of(cls, file_bytes: int) -> "_Layout":
        body = file_bytes - _HEAD
        chunks = -(-body // (CHUNK + _TAG))
        if chunks < 1 or body - (chunks - 1) * (CHUNK + _TAG) < _TAG:
            raise SealBroken
        return cls(chunks, body - chunks * _TAG)


class _Chunks:
    """Seals and opens the chunks of one file."""

    def __init__(self, key: bytes, aad: str, salt: bytes, prefix: bytes) -> None:
        info = b"vault|1|" + aad.encode()
        self._aead = AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key))
        self._prefix = prefix

    def seal(self, number: int, last: bool, plaintext: bytes) -> bytes:
        return self._aead.encrypt(self._nonce(number, last), plaintext, None)

    def open(self, number: int, last: bool, sealed: bytes) -> bytes:
        try:
            return self._aead.decrypt(self._nonce(number, last), sealed, None)
        except InvalidTag:
            raise SealBroken from None

    def _nonce(self, number: int, last: bool) -> bytes:
        return self._prefix + number.to_bytes(4, "big") + bytes([last])


class Vault:
    """A folder of encrypted files, mode 0700; every file 0600 under a name made here.

    Args:
        root: the folder; made when it is not there. Its two sub-folders must be on one file system.
    """

    def __init__(self, root: Path) -> None:
        self._blobs = root / "blobs"
        self._incoming = root / "incoming"
        for folder in (root, self._blobs, self._incoming):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._real = self._blobs.resolve()

    def write(self, key: bytes, aad: str, chunks: Iterable[bytes]) -> Stored:
        """Encrypt ``chunks`` (of any sizes) into a new file that survives a power cut once this returns.

        Args:
            key: 32 bytes, the data key.
            aad: what the file is and whose (``owner|purpose|1``); needed again to read it.
            chunks: the plaintext; may be produced while it is written, so nothing large stands in memory.

        Raises:
            OSError: the disk is full or not writable; nothing is left behind.
        """
        name = secrets.token_hex(16)
        waiting = self._incoming / name
        try:
            size, digest = self._encrypt_to(waiting, key, aad, chunks)
            os.rename(waiting, self._blobs / name)
        except BaseException:
            waiting.unlink(missing_ok=True)
            raise
        sync_folder(self._blobs)
        return Stored(name, size, digest)

    def read(self, name: str, key: bytes, aad: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Return the plaintext from byte ``start`` up to, not including, ``stop`` (the end when None), piece by piece.

        The end of the file is proven before this returns, so a cut file gives no byte at all.

        Raises:
            BlobMissing: no such file. SealBroken: changed, cut, or another key or AAD. ValueError: a negative place.
        """
        if start < 0 or (stop is not None and stop < 0):
            raise ValueError("a range starts and ends at zero or later")
        with self._open(name) as file:
            layout, sealed = self._prove_end(file, key, aad)
        end = layout.size if stop is None else min(stop, layout.size)
        return self._pieces(name, layout, sealed, start, end)

    def size(self, name: str) -> int:
        """Return how many bytes of plaintext the file claims to hold; only :meth:`read` proves it."""
        with self._open(name) as file:
            return _Layout.of(os.fstat(file.fileno()).st_size).size

    def digest(self, name: str) -> str:
        """Return the SHA-256 (hex) of the file as it lies on the disk, to compare with ``Stored.sha256``."""
        with self._open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def delete(self, name: str) -> bool:
        """Take the file off the disk; True when it was there. Destroy its key first: that is what forgets."""
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            return False
        sync_folder(self._blobs)
        return True

    def names(self) -> set[str]:
        """Return the names of all files in the vault."""
        return {entry.name for entry in os.scandir(self._blobs) if _NAME.fullmatch(entry.name)}

    def orphans(self, known: set[str], older_than: datetime) -> list[Path]:
        """Return the files that no row knows and half-written ones, last changed before ``older_than`` (aware)."""
        loose = [Path(entry.path) for entry in os.scandir(self._blobs) if entry.name not in known]
        half = [Path(entry.path) for entry in os.scandir(self._incoming)]
        return sorted(path for path in loose + half if _changed(path) < older_than.timestamp())

    def sweep_orphans(self, known: set[str], older_than: datetime) -> list[str]:
        """Delete what :meth:`orphans` finds and return the names. Collect ``known`` after choosing ``older_than``."""
        gone = self.orphans(known, older_than)
        for path in gone:
            path.unlink(missing_ok=True)
        if gone:
            sync_folder(self._blobs)
            sync_folder(self._incoming)
        return [path.name for path in gone]

    def _encrypt_to(self, path: Path, key: bytes, aad: str, chunks: Iterable[bytes]) -> tuple[int, str]:
        salt, prefix = secrets.token_bytes(_SALT), secrets.token_bytes(_PREFIX)
        box, digest, size = _Chunks(key, aad, salt, prefix), hashlib.sha256(), 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            digest.update(head := _FORMAT + salt + prefix)
            file.write(head)
            for number, (plaintext, last) in enumerate(_blocks(chunks)):
                digest.update(sealed := box.seal(number, last, plaintext))
                file.write(sealed)
                size += len(plaintext)
            file.flush()
            os.fsync(descriptor)
        return size, digest.hexdigest()

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise BlobMissing
        path = self._blobs / name
        if path.resolve().parent != self._real:
            raise BlobMissing
        return path

    def _open(self, name: str) -> BufferedReader:
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(self._path(name), flags)
        except OSError:
            raise BlobMissing from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise BlobMissing
        return os.fdopen(descriptor, "rb")

    def _prove_end(self, file: BufferedReader, key: bytes, aad: str) -> tuple[_Layout, _Chunks]:
        layout = _Layout.of(os.fstat(file.fileno()).st_size)
        head = file.read(_HEAD)
        if head[:1] != _FORMAT:
            raise SealBroken
        sealed = _Chunks(key, aad, head[1 : 1 + _SALT], head[1 + _SALT :])
        last = layout.chunks - 1
        file.seek(_HEAD + last * (CHUNK + _TAG))
        sealed.open(last, True, file.read())
        return layout, sealed

    def _pieces(self, name: str, layout: _Layout, box: _Chunks, start: int, stop: int) -> Iterator[bytes]:
        if start >= stop:
            return
        first, final = start // CHUNK, (stop - 1) // CHUNK
        with self._open(name) as file:
            file.seek(_HEAD + first * (CHUNK + _TAG))
            for number in range(first, final + 1):
                plaintext = box.open(number, number == layout.chunks - 1, file.read(CHUNK + _TAG))
                begin = number * CHUNK
                yield plaintext[max(start - begin, 0) : stop - begin]


def _blocks(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut ``chunks`` into blocks of 64 KiB, each with whether it is the last; at least one block."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) > CHUNK:
            yield bytes(waiting[:CHUNK]), False
            del waiting[:CHUNK]
    yield bytes(waiting), True


def _changed(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.lstat().st_mtime
    return float("inf")
