"""The chain: every entry carries a keyed hash of itself and of the one before, overall and per case."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.events import Event
from portal.clock import now
from portal.config import settings_of
from portal.db import Base, Database, UtcDateTime, enum_column

GENESIS = "0" * 64


class ActorKind(StrEnum):
    """Who acts: the data subject, a member of staff, or the portal itself."""

    PERSON = "person"
    STAFF = "staff"
    SYSTEM = "system"


class RecordBroken(Exception):
    """The chain does not hold. The message names entries, never what they say."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, by id; ``role`` is what the person may see of a member of staff."""

    kind: ActorKind
    id: str = ""
    role: str = ""


SYSTEM = Actor(ActorKind.SYSTEM)
PERSON = Actor(ActorKind.PERSON)


class AuditEntry(Base):
    """One line of the record."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_case_seq", "case_id", "seq"),
        Index("ix_audit_entries_kind_seq", "kind", "seq"),
    )

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(48))
    case_id: Mapped[str | None] = mapped_column(String(32))
    actor_kind: Mapped[ActorKind] = mapped_column(enum_column(ActorKind))
    actor_id: Mapped[str] = mapped_column(String(32))
    actor_role: Mapped[str] = mapped_column(String(32))
    facts: Mapped[dict[str, str | int | bool]] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    previous_of_case: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The last entry's number and hash: one row, locked while an entry is added."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class CaseHead(Base):
    """The last entry's hash of one case."""

    __tablename__ = "audit_case_heads"

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, ForeignKey("audit_entries.seq"))
    hash: Mapped[str] = mapped_column(String(64))


def record(session: Session, event: Event, actor: Actor, case_id: str | None = None) -> AuditEntry:
    """Append ``event`` to the record, in the caller's transaction.

    Args:
        session: a write session; its ``info["audit_key"]`` is the key of the chain.
        event: what happened.
        actor: who did it.
        case_id: the case it belongs to, if any.
    """
    head = _locked_head(session) or _first_head(session)
    case_head = session.get(CaseHead, case_id, populate_existing=True) if case_id else None
    entry = AuditEntry(
        seq=head.seq + 1,
        at=now(),
        kind=event.kind,
        case_id=case_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_role=actor.role,
        facts=asdict(event),
        previous=head.hash,
        previous_of_case=case_head.hash if case_head else GENESIS,
    )
    entry.hash = digest(session.info["audit_key"], entry)
    session.add(entry)
    session.flush()
    head.seq, head.hash = entry.seq, entry.hash
    if case_id:
        if case_head is None:
            session.add(CaseHead(case_id=case_id, seq=entry.seq, hash=entry.hash))
        else:
            case_head.seq, case_head.hash = entry.seq, entry.hash
    session.flush()
    return entry


def _locked_head(session: Session) -> AuditHead | None:
    """Return the head as it stands now, so that no other entry is added before this transaction ends."""
    found = select(AuditHead).where(AuditHead.id == 1).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def _first_head(session: Session) -> AuditHead:
    try:
        with session.begin_nested():
            session.add(AuditHead(id=1, seq=0, hash=GENESIS))
    except IntegrityError:  # another transaction made it first
        pass
    head = _locked_head(session)
    if head is None:
        raise RecordBroken("the head of the record is gone")
    return head


def digest(key: bytes, entry: AuditEntry) -> str:
    """Return the keyed hash (HMAC-SHA-256, hexadecimal) of everything ``entry`` says, the entries before included."""
    said = [
        entry.seq,
        entry.at.isoformat(timespec="microseconds"),
        entry.kind,
        entry.case_id,
        entry.actor_kind.value,
        entry.actor_id,
        entry.actor_role,
        entry.facts,
        entry.previous,
        entry.previous_of_case,
    ]
    message = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def faults(session: Session, exported: tuple[int, str] | None = None) -> Iterator[str]:
    """Yield a sentence for each place where the chain does not hold.

    Args:
        session: any session.
        exported: the number and hash of the last entry as kept outside the database, to notice a cut tail.
    """
    key: bytes = session.info["audit_key"]
    previous, seq, of_case = GENESIS, 0, dict[str, str]()
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq).execution_options(yield_per=1000)):
        seq += 1
        if entry.seq != seq:
            yield f"audit: entry {seq} is missing"
            seq = entry.seq
        if entry.previous != previous:
            yield f"audit: entry {entry.seq} does not follow the one before"
        if entry.case_id and entry.previous_of_case != of_case.get(entry.case_id, GENESIS):
            yield f"audit: entry {entry.seq} does not follow the one before of its case"
        if not hmac.compare_digest(entry.hash, digest(key, entry)):
            yield f"audit: entry {entry.seq} was changed"
        previous = entry.hash
        if entry.case_id:
            of_case[entry.case_id] = entry.hash
        if exported and entry.seq == exported[0] and entry.hash != exported[1]:
            yield f"audit: entry {entry.seq} is not the one that was exported"
    yield from _head_faults(session, (seq, previous), of_case)
    if exported and exported[0] > seq:
        yield f"audit: entries after {seq} are gone; {exported[0]} were exported"


def faults_of_case(session: Session, case_id: str) -> list[str]:
    """Return a sentence for each place where the chain of one case does not hold; whole chains are for ``faults``."""
    key: bytes = session.info["audit_key"]
    previous, found = GENESIS, list[str]()
    for entry in session.scalars(select(AuditEntry).where(AuditEntry.case_id == case_id).order_by(AuditEntry.seq)):
        if entry.previous_of_case != previous:
            found.append(f"audit: entry {entry.seq} does not follow the one before of its case")
        if not hmac.compare_digest(entry.hash, digest(key, entry)):
            found.append(f"audit: entry {entry.seq} was changed")
        previous = entry.hash
    kept = session.get(CaseHead, case_id)
    if (kept.hash if kept else GENESIS) != previous:
        found.append("audit: the last entry of the case is not the one its head names")
    return found


def _head_faults(session: Session, last: tuple[int, str], of_case: Mapping[str, str]) -> Iterator[str]:
    if head(session) != last:
        yield "audit: the last entry is not the one the head names"
    heads = {case_head.case_id: case_head.hash for case_head in session.scalars(select(CaseHead))}
    for case_id in sorted(heads.keys() | of_case.keys()):
        if heads.get(case_id) != of_case.get(case_id):
            yield f"audit: the last entry of case {case_id} is not the one its head names"


def head(session: Session) -> tuple[int, str]:
    """Return the number and hash of the last entry, to be kept outside the database."""
    found = session.get(AuditHead, 1)
    return (found.seq, found.hash) if found else (0, GENESIS)


def export_head(session: Session, folder: Path) -> tuple[int, str]:
    """Write the number and hash of the last entry to a file outside the database, so that a cut tail is noticed.

    Raises:
        RecordBroken: the entry exported before is gone or another: that proof is not written over.
    """
    last, before = head(session), exported_head(folder)
    if before is not None and before[0] > 0:
        entry = session.get(AuditEntry, before[0])
        if entry is None or entry.hash != before[1]:
            raise RecordBroken(f"entry {before[0]} is not the one that was exported")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = folder / ".audit-head"
    temporary.write_text(json.dumps(last), encoding="ascii")
    temporary.replace(folder / "audit-head")
    return last


def exported_head(folder: Path) -> tuple[int, str] | None:
    """Return what ``export_head`` wrote last, or None."""
    path = folder / "audit-head"
    if not path.exists():
        return None
    seq, digest_then = json.loads(path.read_text(encoding="ascii"))
    return int(seq), str(digest_then)


def export_job(database: Database, _payload: Mapping[str, str]) -> None:
    """Keep the head of the chain outside the database, once a night."""
    with database.reader() as session:
        export_head(session, settings_of(session).data_dir)
