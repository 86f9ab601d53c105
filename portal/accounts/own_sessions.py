"""The sessions of a member of staff: listed, and ended by themselves or with a change of role or factor."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.accounts.models import ServerSession, Staff
from portal.accounts.sessions import IDLE_STAFF, hash_of
from portal.audit.record import Actor, record
from portal.audit.staff_events import StaffSessionsEnded
from portal.clock import now
from portal.db import changed


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One living session. ``key`` names it in a form; it opens nothing."""

    key: str
    device: str | None
    began_at: datetime
    seen_at: datetime
    here: bool


def sessions_of(session: Session, staff: Staff, sid: str | None = None) -> list[OwnSession]:
    """Return the living sessions of ``staff``, newest first; ``sid`` is the one that asks."""
    moment = now()
    living = select(ServerSession).where(
        ServerSession.staff_id == staff.id,
        ServerSession.expires_at > moment,
        ServerSession.last_seen_at > moment - IDLE_STAFF,
    )
    here = hash_of(sid) if sid else None
    return [
        OwnSession(row.id_hash, row.device, row.created_at, row.last_seen_at, row.id_hash == here)
        for row in session.scalars(living.order_by(ServerSession.created_at.desc()))
    ]


def end_session(session: Session, staff: Staff, key: str, by: Actor) -> None:
    """End one session of ``staff``; nothing happens where it is not theirs or ended already."""
    one = delete(ServerSession).where(ServerSession.staff_id == staff.id, ServerSession.id_hash == key)
    if changed(session, one):
        record(session, StaffSessionsEnded(staff=staff.id, sessions=1), by)


def end_sessions(session: Session, staff: Staff, by: Actor, but: str | None = None) -> int:
    """End every session of ``staff``, save the one with the id ``but``; return how many ended."""
    theirs = delete(ServerSession).where(ServerSession.staff_id == staff.id)
    ended = changed(session, theirs.where(ServerSession.id_hash != hash_of(but)) if but else theirs)
    if ended:
        record(session, StaffSessionsEnded(staff=staff.id, sessions=ended), by)
    return ended
