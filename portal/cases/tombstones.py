"""What was erased, as keyed hashes: after a backup of a source is put back, the same rows are found and erased again.

A tombstone says that a row with this primary key, led to by this value, was erased; neither can be read from it. What
named the person is hashed too, so that text that came back can be cleaned without anybody having kept the words. It is
kept until the last backup that could bring the row back is gone.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, String, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.clock import now
from portal.config import settings_of
from portal.db import Base, UtcDateTime, enum_column, new_id
from portal.files.keys import subkey

BATCH = 500


class Kind(StrEnum):
    """What a tombstone is of: a row, a word that named somebody, or a value by which others referred to them."""

    ROW = "row"
    WORD = "word"
    VALUE = "value"


class Tombstone(Base):
    """One erased row, word or value. ``place`` is the collection of a row; ``size`` the characters of a word."""

    __tablename__ = "tombstones"
    __table_args__ = (
        Index("ix_tombstones_hash", "place", "hash"),
        Index("ix_tombstones_case", "case_id"),
        Index("ix_tombstones_expires", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    place: Mapped[str] = mapped_column(String(128))
    hash: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Hasher:
    """Hashes what tombstones are made of, keyed.

    Args:
        session: carries the key ring.
    """

    def __init__(self, session: Session) -> None:
        self._key = subkey(session, "hash|tombstone")

    def __call__(self, kind: Kind, *parts: object) -> str:
        """Return the hash of ``parts``, which are compared as text."""
        said = json.dumps([kind.value, *map(str, parts)], ensure_ascii=False)
        return hmac.digest(self._key, said.encode(), "sha256").hex()


def set_tombstones(session: Session, case_id: str, found: Iterable[tuple[Kind, str, str, int]]) -> None:
    """Write a tombstone for each kind, place, hash and size in ``found``."""
    expires = now() + timedelta(days=settings_of(session).backup_days)
    rows = [
        {"id": new_id(), "case_id": case_id, "kind": kind, "place": place, "hash": digest, "size": size}
        | {"expires_at": expires}
        for kind, place, digest, size in found
    ]
    for start in range(0, len(rows), BATCH):
        session.execute(insert(Tombstone), rows[start : start + BATCH])


def drop_tombstones(session: Session, case_id: str) -> None:
    """Take back the tombstones of ``case_id``: what was planned was never done."""
    session.execute(delete(Tombstone).where(Tombstone.case_id == case_id))


def places_with_tombstones(session: Session) -> set[str]:
    """Return the keys of the collections that have a tombstone."""
    return set(session.scalars(select(Tombstone.place).where(Tombstone.kind == Kind.ROW).distinct()))


def which_stand(session: Session, place: str, hashes: Sequence[str]) -> set[str]:
    """Return those of ``hashes`` that have a tombstone in the collection ``place``."""
    found = select(Tombstone.hash).where(Tombstone.place == place, Tombstone.hash.in_(hashes))
    return set(session.scalars(found.where(Tombstone.kind == Kind.ROW)))


def hashes_of(session: Session, kind: Kind) -> Mapping[str, int]:
    """Return the hashes of every word or value that stands, with its size."""
    found = select(Tombstone.hash, Tombstone.size).where(Tombstone.kind == kind)
    return {digest: size for digest, size in session.execute(found)}


def forget_expired(session: Session, at: datetime) -> int:
    """Forget the tombstones of what no backup can bring back any more; return how many."""
    return len(session.scalars(delete(Tombstone).where(Tombstone.expires_at <= at).returning(Tombstone.id)).all())
