"""Staff: adding one, and signing in with password and second factor. No public sign-up, no default account."""

import hmac
import threading
from datetime import timedelta

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Role, Staff
from portal.audit.events import StaffAdded, StaffSignedIn, StaffSignInFailed
from portal.audit.record import SYSTEM, Actor, ActorKind, record
from portal.clock import now
from portal.db import changed, new_id
from portal.errors import InputRejected
from portal.files.keys import Purpose, open_sealed, seal
from portal.words import N_

SHORTEST_PASSWORD = 15
FAILURES = 5
LOCK = timedelta(minutes=15)
STEP = 30  # seconds, RFC 6238

_hasher = PasswordHasher()
_one_at_a_time = threading.BoundedSemaphore(2)  # 64 MiB each
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$f0v0hJF6JK+x+PrvjP1Vyg$s5pHaKZsW9C/L0Q07C6JKVcO7alEVjeGtUZfrQBkUh4"


def add_staff(
    session: Session, name: str, login: str, password: str, role: Role, language: str = "nl"
) -> tuple[Staff, str]:
    """Add a member of staff and return them with the secret of the second factor, shown once.

    Raises:
        InputRejected: the password is too short or the address is taken.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise InputRejected(N_("Choose a password of at least 15 characters."))
    login = login.strip().lower()
    if session.scalar(select(Staff.id).where(Staff.login == login)):
        raise InputRejected(N_("There is already an account with this address."))
    secret, staff_id = pyotp.random_base32(), new_id()
    staff = Staff(
        id=staff_id,
        name=name,
        login=login,
        password_hash=_hasher.hash(password),
        totp_secret=seal(session, staff_id, Purpose.STAFF, secret.encode()),
        totp_step=0,
        role=role,
        language=language,
        failures=0,
        created_at=now(),
    )
    session.add(staff)
    session.flush()
    record(session, StaffAdded(staff=staff_id, roles=role.value), SYSTEM)
    return staff, secret


def password_fits(staff: Staff | None, password: str) -> bool:
    """Compare a password; takes as long for somebody we do not know. Call it outside a write transaction."""
    with _one_at_a_time:
        try:
            return _hasher.verify(staff.password_hash if staff else _NOBODY, password) and staff is not None
        except (VerifyMismatchError, InvalidHashError):
            return False


def sign_in(session: Session, login: str, fits: bool, code: str) -> Staff | None:
    """Finish a sign-in in a write session; None says nothing about what was wrong.

    Args:
        session: a write session; the caller commits whatever comes back.
        login: address typed.
        fits: what ``password_fits`` said, outside this transaction.
        code: six digits of the second factor; each is good for one sign-in only.
    """
    known = select(Staff).where(Staff.login == login.strip().lower()).with_for_update()
    staff = session.scalars(known.execution_options(populate_existing=True)).one_or_none()
    if staff is None or not staff.is_active or (staff.locked_until and staff.locked_until > now()):
        return None
    step = _step_of(session, staff, code) if fits else None
    actor = Actor(ActorKind.STAFF, staff.id, staff.role.value)
    if step is None or not _use_step(session, staff, step):
        staff.failures += 1
        if staff.failures >= FAILURES:
            staff.failures, staff.locked_until = 0, now() + LOCK
        record(session, StaffSignInFailed(staff=staff.id), actor)
        return None
    staff.failures, staff.locked_until = 0, None
    record(session, StaffSignedIn(staff=staff.id), actor)
    return staff


def find(session: Session, login: str) -> Staff | None:
    """Return the member of staff with this address."""
    return session.scalars(select(Staff).where(Staff.login == login.strip().lower())).one_or_none()


def current_code(session: Session, staff: Staff) -> str:
    """Return the second factor's present code. For the demo page only."""
    return pyotp.TOTP(_secret(session, staff)).at(now())


def totp_uri(session: Session, staff: Staff, product: str) -> str:
    """Return the address an authenticator app scans."""
    return pyotp.TOTP(_secret(session, staff)).provisioning_uri(name=staff.login, issuer_name=f"{product} privacy")


def _secret(session: Session, staff: Staff) -> str:
    return open_sealed(session, staff.id, Purpose.STAFF, staff.totp_secret).decode()


def _step_of(session: Session, staff: Staff, code: str) -> int | None:
    typed = code.replace(" ", "").encode()
    totp = pyotp.TOTP(_secret(session, staff))
    here = int(now().timestamp()) // STEP
    for step in (here, here - 1, here + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed):
            return step
    return None


def _use_step(session: Session, staff: Staff, step: int) -> bool:
    later = update(Staff).where(Staff.id == staff.id, Staff.totp_step < step).values(totp_step=step)
    return changed(session, later) > 0
