"""The trial copy: what would be handed over, prepared for the desk to look through before it is released.

The worker reads it from the sources page by page into a sealed file; the desk reads the file, never a source. Clearing
it ("looked through") keeps a keyed digest of each collection, so that a copy in which anything changed since is not
released before somebody looked again.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.desk_events import CopyAsked, CopyCleared
from portal.audit.record import SYSTEM, Actor, record
from portal.cases.access import findings_of, open_json, right_of, seal_json
from portal.cases.letters import queue_staff_letter
from portal.cases.lifecycle import Status
from portal.cases.models import Case
from portal.clock import now
from portal.config import settings_of
from portal.db import Base, UtcDateTime, changed, new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose, destroy_key
from portal.jobs import outbox as jobs
from portal.rights.base import Effect
from portal.words import N_

PREPARE = "case.trial"
FULFIL = "case.fulfil"
TRIAL_DAYS = 14
OVER = frozenset({Status.CLOSED, Status.WITHDRAWN})
NOT_READY = N_("The copy is not ready to look through, or it was read again. Reload the page.")
STALE = N_("A hidden row changed since: hide it again or undo it, then release.")


class TrialCopy(Base):
    """A copy to look through. The newest of a case counts; the file goes, who cleared it and the digests stay."""

    __tablename__ = "trial_copies"
    __table_args__ = (
        Index("ix_trial_copies_case", "case_id", "number", unique=True),
        Index("ix_trial_copies_living", "destroyed_at", "asked_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int]
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))  # None: the portal itself
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    file: Mapped[str | None] = mapped_column(String(32))  # sealed with a key of its own, purpose decision
    contents: Mapped[bytes | None]  # parts with their pages, what changed: JSON, sealed with the same key
    cleared_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looked: Mapped[bytes | None]  # digest by collection as it was cleared: JSON, purpose decision of the case
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_ready(self) -> bool:
        """Whether it can be looked through."""
        return self.file is not None and self.destroyed_at is None


def trial_of(session: Session, case: Case) -> TrialCopy | None:
    """Return the newest trial copy of ``case``, destroyed or not."""
    newest = select(TrialCopy).where(TrialCopy.case_id == case.id)
    return session.scalars(newest.order_by(TrialCopy.number.desc()).limit(1)).one_or_none()


def about_others(session: Session, case: Case) -> bool:
    """Whether texts about other people were found in what would be handed over."""
    return bool(findings_of(session, case).get("about_others"))


def look_is_wanted(session: Session, case: Case) -> bool:
    """Whether the copy must be looked through: somebody asked it, or it holds texts about others and that is a must."""
    if right_of(case).effect is not Effect.COLLECT:
        return False
    if trial_of(session, case) is not None:
        return True
    return settings_of(session).look_through and about_others(session, case)


def look_is_owed(session: Session, case: Case) -> bool:
    """Whether the copy must be looked through and nobody has."""
    newest = trial_of(session, case)
    return look_is_wanted(session, case) and (newest is None or newest.cleared_at is None)


def ask_trial(session: Session, case: Case, by: Actor) -> TrialCopy:
    """Have a copy of ``case`` prepared to look through; the one before, cleared or not, counts no more."""
    newest = trial_of(session, case)
    if newest is not None and newest.made_at is None and newest.destroyed_at is None:
        return newest
    asked = TrialCopy(
        id=new_id(),
        case_id=case.id,
        number=newest.number + 1 if newest else 1,
        asked_by=None if by == SYSTEM else by.id,
        asked_at=now(),
    )
    session.add(asked)
    session.flush()
    jobs.queue(session, PREPARE, {"copy": asked.id, "case": case.id}, case_id=case.id)
    record(session, CopyAsked(copy=asked.id), by, case.id)
    if by == SYSTEM:
        queue_staff_letter(session, case, "staff-look")
    return asked


def contents_of(session: Session, copy: TrialCopy) -> dict[str, Any]:
    """Return what the trial copy holds: its parts with their pages, and which hidings are stale."""
    found: dict[str, Any] = open_json(session, copy.id, Purpose.DECISION, copy.contents or b"")
    return found


def looked_at(session: Session, case: Case) -> Mapping[str, str] | None:
    """Return the digest by collection of the copy as it was cleared; None where nobody cleared the newest one."""
    newest = trial_of(session, case)
    if newest is None or newest.looked is None:
        return None
    found: dict[str, str] = open_json(session, case.id, Purpose.DECISION, newest.looked)
    return found


def clear(session: Session, case: Case, copy: TrialCopy, standing: frozenset[str], by: Actor) -> None:
    """Note that ``by`` looked ``copy`` through; a release that waited for it goes on.

    Args:
        session: a write session.
        case: the case.
        copy: the trial copy that was looked through.
        standing: ids of the hidings that stand.
        by: who looked.

    Raises:
        MoveRefused: it is not the newest, not ready, cleared before, or a hidden row changed since it was hidden.
    """
    newest = trial_of(session, case)
    if newest is None or newest.id != copy.id or not copy.is_ready:
        raise MoveRefused(NOT_READY)
    contents = contents_of(session, copy)
    if standing & set(contents["stale"]):
        raise MoveRefused(STALE)
    digests = {part["key"]: part["digest"] for part in contents["parts"]}
    once = update(TrialCopy).where(TrialCopy.id == copy.id, TrialCopy.cleared_at.is_(None))
    sealed = seal_json(session, case.id, Purpose.DECISION, digests)
    if not changed(session, once.values(cleared_at=now(), cleared_by=by.id, looked=sealed)):
        raise MoveRefused(NOT_READY)
    rows = sum(part["rows"] for part in contents["parts"])
    record(session, CopyCleared(copy=copy.id, rows=rows, hidden=len(standing)), by, case.id)
    jobs.wake(session, FULFIL, case.id)


def unclear(session: Session, case: Case) -> None:
    """Take back that the newest copy was looked through: something in it is hidden, or shown, differently now."""
    newest = trial_of(session, case)
    if newest is not None and newest.cleared_at is not None:
        newest.cleared_at = newest.cleared_by = newest.looked = None
        session.flush()


def forget_trial(session: Session, copy: TrialCopy, at: datetime) -> list[str]:
    """Destroy the key of ``copy`` and return the files to unlink after the commit."""
    file = copy.file
    once = update(TrialCopy).where(TrialCopy.id == copy.id, TrialCopy.destroyed_at.is_(None))
    if not changed(session, once.values(destroyed_at=at, file=None, contents=None)):
        return []
    destroy_key(session, copy.id, Purpose.DECISION)
    return [file] if file else []


def living_trials(session: Session, case: Case) -> list[TrialCopy]:
    """Return the trial copies of ``case`` whose file may still be there."""
    living = select(TrialCopy).where(TrialCopy.case_id == case.id, TrialCopy.destroyed_at.is_(None))
    return list(session.scalars(living.order_by(TrialCopy.number.desc())))


def ended_trials(session: Session, at: datetime) -> list[TrialCopy]:
    """Return the trial copies to forget: older than their term, or of a request that is over."""
    over = select(Case.id).where(or_(Case.status.in_(OVER), Case.forgotten_at.is_not(None)))
    old = TrialCopy.asked_at <= at - timedelta(days=TRIAL_DAYS)
    ended = select(TrialCopy).where(TrialCopy.destroyed_at.is_(None), or_(old, TrialCopy.case_id.in_(over)))
    return list(session.scalars(ended))
