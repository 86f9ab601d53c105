"""What an administrator does with the accounts of others: role, disabling, letting in again. Reads no case."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.activations import YOURSELF
from portal.accounts.factors import locked_row
from portal.accounts.models import Passkey, Role, Staff
from portal.accounts.notices import tell
from portal.accounts.own_sessions import end_sessions
from portal.audit.record import Actor, AuditEntry, record
from portal.audit.staff_events import KINDS, StaffDisabled, StaffEnabled, StaffRoleChanged
from portal.clock import now
from portal.errors import MoveRefused
from portal.words import N_

LAST_ADMIN = N_("This is the last administrator. Make somebody else one first.")
HISTORY = 50


@dataclass(frozen=True, slots=True)
class Access:
    """One line of the access review: who may do what, and since when."""

    member: Staff
    passkeys: int
    role_since: datetime


def change_role(session: Session, staff_id: str, role: Role, by: Actor) -> Staff:
    """Give a member of staff another role; their sessions end.

    Raises:
        MoveRefused: it is the own account, the role it has already, or the last administrator.
    """
    staff = _anothers(session, staff_id, by)
    if staff.role is role:
        raise MoveRefused(N_("That is the role this member has already."))
    _keep_an_admin(session, staff)
    before, staff.role = staff.role, role
    session.flush()
    end_sessions(session, staff, by)
    record(session, StaffRoleChanged(staff=staff.id, before=before.value, after=role.value), by)
    tell(session, staff, "role")
    return staff


def disable(session: Session, staff_id: str, by: Actor) -> Staff:
    """Let a member of staff in no more; their sessions end at once.

    Raises:
        MoveRefused: it is the own account, the last administrator, or disabled already.
    """
    staff = _anothers(session, staff_id, by)
    if staff.disabled_at is not None:
        raise MoveRefused
    _keep_an_admin(session, staff)
    staff.disabled_at = now()
    session.flush()
    end_sessions(session, staff, by)
    record(session, StaffDisabled(staff=staff.id), by)
    tell(session, staff, "disabled")
    return staff


def enable(session: Session, staff_id: str, by: Actor) -> Staff:
    """Let a member of staff in again, with the factors they had.

    Raises:
        MoveRefused: it is the own account, or not disabled.
    """
    staff = _anothers(session, staff_id, by)
    if staff.disabled_at is None:
        raise MoveRefused
    staff.disabled_at = None
    session.flush()
    record(session, StaffEnabled(staff=staff.id), by)
    tell(session, staff, "enabled")
    return staff


def access_review(session: Session) -> list[Access]:
    """Return every account with its role, factors and last sign-in, by name; three queries in all."""
    counted = select(Passkey.staff_id, func.count()).group_by(Passkey.staff_id)
    held = {staff_id: int(count) for staff_id, count in session.execute(counted)}
    whose = AuditEntry.facts["staff"].as_string().label("whose")
    changes = select(whose, func.max(AuditEntry.at)).where(AuditEntry.kind == StaffRoleChanged.kind)
    since = {str(staff_id): at for staff_id, at in session.execute(changes.group_by(whose))}
    return [
        Access(member, held.get(member.id, 0), since.get(member.id) or member.created_at)
        for member in session.scalars(select(Staff).order_by(Staff.name, Staff.id))
    ]


def history_of(session: Session, staff: Staff | None = None) -> list[AuditEntry]:
    """Return what happened to the account of ``staff`` (to all accounts, where None), newest first."""
    kinds = select(AuditEntry).where(AuditEntry.kind.in_(KINDS))
    if staff is not None:
        kinds = kinds.where(AuditEntry.facts["staff"].as_string() == staff.id)
    return list(session.scalars(kinds.order_by(AuditEntry.seq.desc()).limit(HISTORY)))


def _anothers(session: Session, staff_id: str, by: Actor) -> Staff:
    if staff_id == by.id:
        raise MoveRefused(YOURSELF)
    return locked_row(session, staff_id)


def _keep_an_admin(session: Session, staff: Staff) -> None:
    if staff.role is not Role.ADMIN:
        return
    others = select(func.count()).select_from(Staff).where(Staff.role == Role.ADMIN, Staff.id != staff.id)
    if not session.scalar(others.where(Staff.disabled_at.is_(None), Staff.invited_at.is_(None))):
        raise MoveRefused(LAST_ADMIN)
