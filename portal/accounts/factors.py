"""Second factors: codes of an authenticator app (RFC 6238) and passkeys, equals. Each proof counts once."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Passkey, Staff
from portal.accounts.passkeys import Proven, use
from portal.audit.record import Actor, ActorKind, record
from portal.audit.staff_events import StaffConfirmed, StaffConfirmFailed
from portal.clock import now
from portal.db import changed
from portal.files.keys import Purpose, open_sealed, seal

FAILURES = 5
LOCK = timedelta(minutes=15)
FRESH = timedelta(minutes=10)
STEP = 30  # seconds, RFC 6238


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows as a second factor: a typed code, or a passkey whose answer was verified."""

    code: str = ""
    proven: Proven | None = None


def actor_of(staff: Staff) -> Actor:
    """Return ``staff`` as the record names them."""
    return Actor(ActorKind.STAFF, staff.id, staff.role.value)


def proves(session: Session, staff: Staff, shown: Shown) -> bool:
    """Whether ``shown`` is a second factor of ``staff`` that was not used before; it is used up by this."""
    if shown.proven is not None:
        return shown.proven.staff_id == staff.id and use(session, shown.proven)
    step = _step_of(secret_of(session, staff), shown.code) if staff.has_app else None
    return step is not None and _use_step(session, staff, step)


def confirm(session: Session, staff_id: str, shown: Shown) -> bool:
    """Ask somebody who is signed in for a second factor once more; failures count as those of signing in do.

    The caller commits whatever comes back; after five failures it ends their sessions.
    """
    staff = locked_row(session, staff_id)
    if not staff.is_active or is_locked(staff):
        return False
    if not proves(session, staff, shown):
        count_failure(staff)
        record(session, StaffConfirmFailed(staff=staff.id), actor_of(staff))
        return False
    staff.failures = 0
    record(session, StaffConfirmed(staff=staff.id), actor_of(staff))
    return True


def locked_row(session: Session, staff_id: str) -> Staff:
    """Return the row of a member of staff as it stands now, held until this transaction ends."""
    found = select(Staff).where(Staff.id == staff_id).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one()


def is_locked(staff: Staff) -> bool:
    """Whether nobody gets in at present, because of failures."""
    return staff.locked_until is not None and staff.locked_until > now()


def count_failure(staff: Staff) -> None:
    """Count a failure; the fifth one locks for a quarter of an hour."""
    staff.failures += 1
    if staff.failures >= FAILURES:
        staff.failures, staff.locked_until = 0, now() + LOCK


def is_fresh(confirmed_at: str | None) -> bool:
    """Whether a factor that was shown at ``confirmed_at`` (ISO text from the session) is at most ten minutes old."""
    return confirmed_at is not None and now() - datetime.fromisoformat(confirmed_at) < FRESH


def passkeys_of(session: Session, staff: Staff) -> list[Passkey]:
    """Return the passkeys of ``staff``, oldest first."""
    return list(session.scalars(select(Passkey).where(Passkey.staff_id == staff.id).order_by(Passkey.created_at)))


def factors_left(session: Session, staff: Staff) -> int:
    """Return how many second factors ``staff`` has."""
    count = select(func.count()).select_from(Passkey).where(Passkey.staff_id == staff.id)
    return int(staff.has_app) + int(session.scalar(count) or 0)


def new_secret(session: Session, staff: Staff) -> None:
    """Make a new secret for the app of ``staff``; it counts once its first code was typed."""
    staff.totp_next = seal(session, staff.id, Purpose.STAFF, pyotp.random_base32().encode())


def take_secret(session: Session, staff: Staff, code: str) -> bool:
    """Let the new secret count from now on, if ``code`` is one of its codes; the code is used up by this."""
    secret = next_secret(session, staff)
    step = _step_of(secret, code) if secret else None
    if step is None:
        return False
    staff.totp_secret, staff.totp_next = staff.totp_next or b"", None
    staff.totp_step, staff.has_app = step, True
    return True


def next_secret(session: Session, staff: Staff) -> str | None:
    """Return the secret that waits for its first code, or None."""
    if staff.totp_next is None:
        return None
    return open_sealed(session, staff.id, Purpose.STAFF, staff.totp_next).decode()


def secret_of(session: Session, staff: Staff) -> str:
    """Return the secret of the app of ``staff``."""
    return open_sealed(session, staff.id, Purpose.STAFF, staff.totp_secret).decode()


def app_address(staff: Staff, secret: str, product: str) -> str:
    """Return the address that an authenticator app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=staff.login, issuer_name=f"{product} privacy")


def _step_of(secret: str, code: str) -> int | None:
    typed = code.replace(" ", "").encode()
    totp = pyotp.TOTP(secret)
    here = int(now().timestamp()) // STEP
    for step in (here, here - 1, here + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed):
            return step
    return None


def _use_step(session: Session, staff: Staff, step: int) -> bool:
    later = update(Staff).where(Staff.id == staff.id, Staff.totp_step < step).values(totp_step=step)
    return changed(session, later) > 0
