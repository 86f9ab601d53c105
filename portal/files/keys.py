"""Envelope encryption and forgetting: the key ring, one data key per owner and purpose, sealed bytes.

What lives here: every key the portal has. What must not: files on disk (``vault``), pictures (``evidence``), commits.

How it hangs together. The key ring is a file outside the database. Its keys only wrap data keys. A data key belongs
to one owner (a case, a conversation, one uploaded picture) and one purpose, and stands wrapped in ``data_keys``.
Destroying the wrapped key makes everything sealed under it unreadable, in every copy and backup. Database, files and
``SECRET_KEY`` together open nothing without the key file.

Formats, all AES-256-GCM with a random 96-bit nonce and a 128-bit tag, ``||`` is concatenation:

==============  ===========================================================  ==============================
sealed bytes    ``01 || nonce(12) || ciphertext || tag(16)``                 AAD ``owner|purpose|1``
wrapped key     ``01 || n(1) || ring key id(n) || nonce || ct(32) || tag``   AAD ``key|owner|purpose|1``
subkey          HKDF-SHA256(root, salt none, info ``medbook-portal|label``)  32 bytes
keyed hash      HMAC-SHA256(subkey ``hash|label``, UTF-8 value), hex         64 characters
==============  ===========================================================  ==============================

The key file itself, its rotation and its root are ``ring``. ``tests/unit/test_keys.py`` holds test vectors.
"""

import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import LargeBinary, String, UniqueConstraint, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import clock
from portal.db import Base, UtcDateTime, enum_column, new_id
from portal.errors import PortalError
from portal.files.ring import FORMAT, KEY_BYTES, KeyFileError, KeyRing, SealBroken, decrypt, encrypt
from portal.words import N_

__all__ = [
    "DataKey",
    "KeyDestroyed",
    "KeyFileError",
    "KeyRing",
    "Purpose",
    "SealBroken",
    "data_key",
    "destroy_key",
    "keyed_hash",
    "open_many",
    "open_sealed",
    "rewrap",
    "seal",
    "subkey",
]

_OWNER = re.compile(r"[0-9A-Za-z:._-]{1,64}")


class KeyDestroyed(PortalError):
    """There is no key (any more) for this owner and purpose: what was sealed under it is gone for good."""

    status = 410
    default = N_("This has been deleted, so it cannot be shown any more.")


class Purpose(StrEnum):
    """What a data key protects; one owner has at most one key of each."""

    ANSWERS = "answers"
    IDENTITY = "identity"
    MESSAGES = "messages"
    PACKAGE = "package"
    CONTACT = "contact"
    STAFF = "staff"
    DECISION = "decision"


class DataKey(Base):
    """A wrapped data key. ``wrapped`` is empty from the moment it is destroyed; the row stays as its tombstone."""

    __tablename__ = "data_keys"
    __table_args__ = (UniqueConstraint("owner", "purpose"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[Purpose] = mapped_column(enum_column(Purpose))
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def seal(session: Session, owner: str, purpose: Purpose, plaintext: bytes) -> bytes:
    """Encrypt ``plaintext`` under the data key of ``owner`` and ``purpose``, made now if there is none.

    Returns:
        The sealed bytes. They open only for the same owner and purpose.

    Raises:
        KeyDestroyed: this owner's key was destroyed before; a new one needs a new owner id.
    """
    key = data_key(session, owner, purpose, create=True)
    return FORMAT + encrypt(key, _place(owner, purpose), plaintext)


def open_sealed(session: Session, owner: str, purpose: Purpose, blob: bytes) -> bytes:
    """Return what :func:`seal` was given.

    Raises:
        KeyDestroyed: the key is gone.
        SealBroken: anything else; it does not say what.
    """
    return _open(data_key(session, owner, purpose), _place(owner, purpose), blob)


def open_many(session: Session, purpose: Purpose, sealed: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return what was sealed, by owner, with one query however many there are; owners whose key is gone are left out.

    Raises:
        SealBroken: a key is there and does not fit.
    """
    living = select(DataKey.owner, DataKey.wrapped).where(
        DataKey.purpose == purpose, DataKey.owner.in_(sealed), DataKey.wrapped.is_not(None)
    )
    opened = {}
    for owner, wrapped in session.execute(living):
        place = _place(owner, purpose)
        opened[owner] = _open(_ring(session).unwrap(wrapped or b"", f"key|{place}"), place, sealed[owner])
    return opened


def open_all(session: Session, owner: str, purpose: Purpose, blobs: Sequence[bytes]) -> list[bytes]:
    """Return what each of ``blobs`` was sealed from, with one query however many there are.

    Raises:
        KeyDestroyed: the key is gone.
        SealBroken: anything else.
    """
    if not blobs:
        return []
    key, place = data_key(session, owner, purpose), _place(owner, purpose)
    return [_open(key, place, blob) for blob in blobs]


def data_key(session: Session, owner: str, purpose: Purpose, create: bool = False) -> bytes:
    """Return the 32-byte data key of ``owner`` and ``purpose``.

    Args:
        session: carries the ring in ``session.info["keyring"]``; with ``create`` it must be able to write.
        owner: an id of at most 64 plain characters.
        purpose: what the key protects.
        create: make the key when there never was one.

    Raises:
        KeyDestroyed: there is none, or it was destroyed.
    """
    row = _wrapped(session, owner, purpose)
    if row is None and create:
        row = _create(session, owner, purpose)
    if row is None or row[0] is None:
        raise KeyDestroyed
    return _ring(session).unwrap(row[0], f"key|{_place(owner, purpose)}")


def destroy_key(session: Session, owner: str, purpose: Purpose) -> bool:
    """Destroy the data key, for good; True when there was one to destroy. It takes effect with the caller's commit."""
    # A plain statement on the table: one condition, one row, and the first of two racers wins.
    gone = (
        update(DataKey)
        .where(DataKey.owner == owner, DataKey.purpose == purpose, DataKey.wrapped.is_not(None))
        .values(wrapped=None, destroyed_at=clock.now())
        .returning(DataKey.id)
    )
    return session.execute(gone).first() is not None


def rewrap(session: Session, limit: int = 500) -> int:
    """Wrap up to ``limit`` data keys anew by the current key; return how many. Repeat (and commit) until it is 0."""
    ring = _ring(session)
    head = ring.current_head
    old = (
        select(DataKey.id, DataKey.owner, DataKey.purpose, DataKey.wrapped)
        .where(DataKey.wrapped.is_not(None), func.substr(DataKey.wrapped, 1, len(head)) != head)
        .limit(limit)
    )
    rows = session.execute(old).all()
    for row_id, owner, purpose, wrapped in rows:
        aad = f"key|{_place(owner, purpose)}"
        fresh = ring.wrap(ring.unwrap(wrapped or b"", aad), aad)
        session.execute(update(DataKey).where(DataKey.id == row_id, DataKey.wrapped == wrapped).values(wrapped=fresh))
    return len(rows)


def subkey(source: Session | KeyRing, label: str) -> bytes:
    """Return the 32-byte key for ``label`` ("audit", ...), the same after every rotation (HKDF, RFC 5869)."""
    ring = source if isinstance(source, KeyRing) else _ring(source)
    return ring.derive(label)


def keyed_hash(session: Session, label: str, value: str) -> str:
    """Return the HMAC-SHA256 (hex) by which ``value`` can be found again without being stored. Callers normalise it."""
    return hmac.digest(subkey(session, f"hash|{label}"), value.encode(), "sha256").hex()


def _ring(session: Session) -> KeyRing:
    ring = session.info["keyring"]
    if not isinstance(ring, KeyRing):
        raise TypeError("session.info['keyring'] is not a KeyRing")
    return ring


def _open(key: bytes, place: str, blob: bytes) -> bytes:
    if blob[:1] != FORMAT:
        raise SealBroken
    return decrypt(key, place, blob[1:])


def _place(owner: str, purpose: Purpose) -> str:
    if not _OWNER.fullmatch(owner):
        raise ValueError("an owner is 1 to 64 plain characters")
    return f"{owner}|{Purpose(purpose).value}|1"


def _wrapped(session: Session, owner: str, purpose: Purpose) -> tuple[bytes | None] | None:
    row = session.execute(
        select(DataKey.wrapped).where(DataKey.owner == owner, DataKey.purpose == purpose)
    ).one_or_none()
    return None if row is None else (row[0],)


def _create(session: Session, owner: str, purpose: Purpose) -> tuple[bytes | None] | None:
    wrapped = _ring(session).wrap(secrets.token_bytes(KEY_BYTES), f"key|{_place(owner, purpose)}")
    try:
        with session.begin_nested():
            session.add(DataKey(owner=owner, purpose=purpose, wrapped=wrapped))
    except IntegrityError:  # another transaction made it first: use theirs
        return _wrapped(session, owner, purpose)
    return (wrapped,)
