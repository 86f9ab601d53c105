"""The key ring: the key file outside the database, and the bytes it wraps. Knows no table; ``keys`` stands on it.

The key file holds one key a line, ``id base64(32 bytes)``; lines that start with ``#`` are comments. The first key is
current: it wraps new data keys. The last one is the root: hashes and the audit seal are derived from it, so it stays
last for ever. Keys in between may go once ``keys.rewrap`` returns 0. The formats are written down in ``keys``.
"""

import argparse
import base64
import binascii
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal import clock
from portal.errors import PortalError
from portal.words import N_

FORMAT = b"\x01"
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_BYTES = 32
_KEY_ID = re.compile(r"[0-9A-Za-z._-]{1,32}")


class KeyFileError(Exception):
    """The key file is missing, open to others or malformed. The message is for the operator and holds no key."""


class SealBroken(PortalError):
    """The bytes do not open: changed, cut, put in another place, or wrapped by a key the ring does not have."""

    status = 500
    default = N_("We cannot open this. It may be damaged. Try again later, or contact us.")


@dataclass(frozen=True, repr=False)
class RingKey:
    """One line of the key file."""

    id: str
    material: bytes


class KeyRing:
    """The keys of the key file, the current one first, the root last (see the module's first lines)."""

    def __init__(self, keys: Sequence[RingKey]) -> None:
        if not keys:
            raise KeyFileError("the key file holds no key")
        self._keys = {key.id: key.material for key in keys}
        if len(self._keys) != len(keys):
            raise KeyFileError("two keys in the key file have the same id")
        self.current = keys[0].id
        self._root = keys[-1].material

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the ring from ``path``.

        Raises:
            KeyFileError: not there, readable by others than its owner, or a line that is no key.
        """
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            todo = f" (make it: python -m portal.files.ring {path})" if isinstance(error, FileNotFoundError) else ""
            raise KeyFileError(f"the key file {path} cannot be opened: {error.strerror}{todo}") from None
        with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
            if os.fstat(descriptor).st_mode & 0o077:
                raise KeyFileError(f"the key file {path} must be readable by its owner only (chmod 600)")
            lines = file.read().splitlines()
        return cls([_parse(line, number) for number, line in enumerate(lines, 1) if _is_key(line)])

    @classmethod
    def create(cls, path: Path) -> Self:
        """Write a new key file with one key at ``path`` (mode 0600, never over an existing file) and load it."""
        _write_new(path, [_new_line()])
        return cls.load(path)

    @classmethod
    def rotate(cls, path: Path) -> Self:
        """Put a new current key before the others in ``path``, in one step, and load the ring. Then ``keys.rewrap``."""
        cls.load(path)
        waiting = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        _write_new(waiting, [_new_line(), *path.read_text("ascii").splitlines()])
        os.replace(waiting, path)
        sync_folder(path.parent)
        return cls.load(path)

    def wrap(self, data_key: bytes, aad: str) -> bytes:
        """Return ``data_key`` wrapped by the current key, bound to ``aad``."""
        return self.current_head + encrypt(self._keys[self.current], aad, data_key)

    def unwrap(self, wrapped: bytes, aad: str) -> bytes:
        """Return the data key inside ``wrapped``, or raise ``SealBroken``."""
        length = wrapped[1] if len(wrapped) > 1 else 0
        material = self._keys.get(wrapped[2 : 2 + length].decode("ascii", "replace"))
        if wrapped[:1] != FORMAT or material is None:
            raise SealBroken
        return decrypt(material, aad, wrapped[2 + length :])

    @property
    def current_head(self) -> bytes:
        """The first bytes of everything the current key wrapped."""
        return self._head(self.current)

    def derive(self, label: str) -> bytes:
        """Return the 32-byte key for ``label``, derived from the root; the same for ever."""
        info = b"medbook-portal|" + label.encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self._root)

    @staticmethod
    def _head(key_id: str) -> bytes:
        return FORMAT + bytes([len(key_id)]) + key_id.encode("ascii")


def encrypt(key: bytes, aad: str, plaintext: bytes) -> bytes:
    """Return ``nonce || ciphertext || tag`` of ``plaintext`` under ``key``, bound to ``aad`` (AES-256-GCM)."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, aad.encode())


def decrypt(key: bytes, aad: str, body: bytes) -> bytes:
    """Return what :func:`encrypt` was given, or raise ``SealBroken`` without saying why."""
    if len(body) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken
    try:
        return AESGCM(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], aad.encode())
    except InvalidTag:
        raise SealBroken from None


def _is_key(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _parse(line: str, number: int) -> RingKey:
    parts = line.split()
    try:
        material = base64.b64decode(parts[1], validate=True) if len(parts) == 2 else b""
    except binascii.Error:
        material = b""
    if len(material) != KEY_BYTES or not _KEY_ID.fullmatch(parts[0]):
        raise KeyFileError(f"line {number} of the key file is not 'id base64', with a key of {KEY_BYTES} bytes")
    return RingKey(parts[0], material)


def _new_line() -> str:
    key_id = f"{clock.today():%Y%m%d}-{secrets.token_hex(4)}"
    return f"{key_id} {base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode('ascii')}"


def _write_new(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(descriptor)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names inside ``folder`` survive a power cut (fsync of the folder itself)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def main() -> None:
    """Make a key file before the portal first starts: ``python -m portal.files.ring FILE``."""
    parser = argparse.ArgumentParser(description="Make a key file.")
    parser.add_argument("file", type=Path)
    asked = parser.parse_args()
    KeyRing.create(asked.file)
    print(f"{asked.file} is made. Keep it apart from the database and its backups.")


if __name__ == "__main__":
    main()
