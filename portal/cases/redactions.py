"""What a reviewer hides in a copy before it is handed over, each with a coded reason (Art. 15(4), 20(4), recital 63).

A hiding is about a column, a row or a value of a row. It is pinned to the row as it was looked at by keyed hashes, and
what it is about is sealed with the case; kind and ground stand in the clear, so that they can be counted for ever.
"""

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from sqlalchemy import ForeignKey, Index, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.desk_events import CopyHidden, CopyShownAgain
from portal.audit.record import Actor, record
from portal.cases.access import seal_json
from portal.cases.models import Case
from portal.clock import now
from portal.db import Base, UtcDateTime, changed, enum_column, new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose, keyed_hash, open_all

HIDING_GROUNDS = frozenset({"rights-of-others", "rights-of-others-port", "trade-secret", "secrecy"})
"""The coded grounds (``cases.grounds``) that a hiding may rest on, where the right knows them."""

MOST = 5000
"""Hidings of one case that stand at the same time: who hides more hides columns, or refuses in part."""


class Kind(StrEnum):
    """How much is hidden."""

    WORDS = "words"
    VALUE = "value"
    ROW = "row"
    COLUMN = "column"


class Redaction(Base):
    """One hiding. Undone ones stay, for the record of who hid what when."""

    __tablename__ = "redactions"
    __table_args__ = (Index("ix_redactions_case", "case_id", "undone_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    ground: Mapped[str] = mapped_column(String(48))
    target: Mapped[bytes]  # collection, field, key of the row, hash, words, note: JSON, purpose decision
    made_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Target:
    """What is hidden.

    Args:
        kind: how much.
        collection: key of the collection.
        column: of the value or column; empty for a row.
        row: the row's key as JSON; empty for a column.
        hash: keyed hash of the value or row as it was looked at; empty for a column.
        words: for ``words``, what is taken out of the text.
    """

    kind: Kind
    collection: str
    column: str = ""
    row: str = field(default="", repr=False)
    hash: str = ""
    words: tuple[str, ...] = field(default=(), repr=False)

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it is: a place is hidden once."""
        return self.collection, self.column, self.row


@dataclass(frozen=True, slots=True)
class Hidden:
    """A hiding that stands, opened. ``note`` is for the desk only."""

    id: str
    target: Target
    ground: str
    note: str = field(default="", repr=False)


def hash_key(session: Session, case: Case) -> bytes:
    """Return the key by which rows and values of the copy of ``case`` are hashed."""
    return bytes.fromhex(keyed_hash(session, "redaction", case.id))


def spelled_out(values: object) -> str:
    """Return JSON values as one text, the same for the same values."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def mark_of(key: bytes, values: object) -> str:
    """Return the keyed hash (hex, 128 bits) of JSON values."""
    text = spelled_out(values).encode("utf-8", "surrogatepass")
    return blake2b(text, key=key, digest_size=16).hexdigest()


def hidden_of(session: Session, case: Case) -> list[Hidden]:
    """Return the hidings of ``case`` that stand, oldest first."""
    standing = select(Redaction).where(Redaction.case_id == case.id, Redaction.undone_at.is_(None))
    found = list(session.scalars(standing.order_by(Redaction.made_at, Redaction.id)))
    said = open_all(session, case.id, Purpose.DECISION, [each.target for each in found])
    return [_opened(each, json.loads(blob)) for each, blob in zip(found, said, strict=True)]


def count_hidden(session: Session, case: Case) -> int:
    """Return how many hidings of ``case`` stand."""
    standing = select(func.count()).where(Redaction.case_id == case.id, Redaction.undone_at.is_(None))
    return session.scalar(standing) or 0


def hide(session: Session, case: Case, targets: Sequence[Target], ground: str, note: str, by: Actor) -> None:
    """Hide ``targets``; what was hidden there before is replaced.

    Raises:
        MoveRefused: more would stand than one case may have.
    """
    standing = {each.target.place: each for each in hidden_of(session, case)}
    if len(standing) + len(targets) > MOST:
        raise MoveRefused
    for target in targets:
        if target.place in standing:
            _undo(session, standing[target.place].id, by)
        session.add(_row(session, case, target, ground, note, by))
    session.flush()
    record(session, CopyHidden(count=len(targets), ground=ground), by, case.id)


def show_again(session: Session, case: Case, redaction_id: str, by: Actor) -> None:
    """Undo one hiding of ``case``.

    Raises:
        MoveRefused: it is not of this case, or was undone before.
    """
    found = session.get(Redaction, redaction_id)
    if found is None or found.case_id != case.id or not _undo(session, redaction_id, by):
        raise MoveRefused
    record(session, CopyShownAgain(redaction=redaction_id), by, case.id)


def withheld(session: Session, case: Case, left_out: AbstractSet[str] = frozenset()) -> list[dict[str, Any]]:
    """Return how many values, rows and columns are hidden for which ground, as the letter tells it.

    What is hidden in a collection that is ``left_out`` does not count: nothing of that is in the copy. A value in a row
    or a column that is hidden as a whole counts with that.
    """
    counted: dict[str, dict[str, int]] = {}
    hidden = hidden_of(session, case)
    places = {each.target.place for each in hidden}
    for each in hidden:
        if each.target.collection in left_out or _is_within(each.target, places):
            continue
        kind = Kind.VALUE if each.target.kind is Kind.WORDS else each.target.kind
        by_kind = counted.setdefault(each.ground, {})
        by_kind[kind.value] = by_kind.get(kind.value, 0) + 1
    return [{"ground": ground, **by_kind} for ground, by_kind in counted.items()]


def _is_within(target: Target, places: AbstractSet[tuple[str, str, str]]) -> bool:
    """Return whether ``target`` is a value in a row or a column that ``places`` hide as a whole."""
    if target.kind in {Kind.ROW, Kind.COLUMN}:
        return False
    return bool({(target.collection, "", target.row), (target.collection, target.column, "")} & places)


def _undo(session: Session, redaction_id: str, by: Actor) -> bool:
    once = update(Redaction).where(Redaction.id == redaction_id, Redaction.undone_at.is_(None))
    return changed(session, once.values(undone_at=now(), undone_by=by.id)) > 0


def _row(session: Session, case: Case, target: Target, ground: str, note: str, by: Actor) -> Redaction:
    said = {
        "collection": target.collection,
        "column": target.column,
        "row": target.row,
        "hash": target.hash,
        "words": list(target.words),
        "note": note,
    }
    return Redaction(
        id=new_id(),
        case_id=case.id,
        kind=target.kind,
        ground=ground,
        target=seal_json(session, case.id, Purpose.DECISION, said),
        made_by=by.id,
        made_at=now(),
    )


def _opened(each: Redaction, said: dict[str, Any]) -> Hidden:
    target = Target(each.kind, said["collection"], said["column"], said["row"], said["hash"], tuple(said["words"]))
    return Hidden(each.id, target, each.ground, said["note"])
