"""Staff: adding one, and signing in with password and second factor. No public sign-up, no default account."""

import threading

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.factors import Shown, actor_of, app_address, count_failure, is_locked, proves, secret_of
from portal.accounts.models import Role, Staff
from portal.accounts.passkeys import Proven
from portal.audit.events import StaffAdded, StaffSignedIn, StaffSignInFailed
from portal.audit.record import SYSTEM, record
from portal.clock import now
from portal.db import new_id
from portal.errors import InputRejected
from portal.files.keys import Purpose, seal
from portal.words import N_

SHORTEST_PASSWORD = 15
LONGEST_PASSWORD = 1000
FEWEST_LETTERS = 6  # different ones
UNUSABLE = "!"  # no hash: nobody knows a password for it
OWN_NAME_LENGTH = 4  # of a part of a name that a password must not hold

_hasher = PasswordHasher()
_one_at_a_time = threading.BoundedSemaphore(2)  # 64 MiB each
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$f0v0hJF6JK+x+PrvjP1Vyg$s5pHaKZsW9C/L0Q07C6JKVcO7alEVjeGtUZfrQBkUh4"


def add_staff(
    session: Session, name: str, login: str, password: str, role: Role, language: str = "nl"
) -> tuple[Staff, str]:
    """Add a member of staff and return them with the secret of the app, shown once.

    Raises:
        InputRejected: the password does not do, or the address is taken.
    """
    check_password(password, name, login)
    secret = pyotp.random_base32()
    staff = new_row(session, name, login, hash_password(password), role, language, secret)
    record(session, StaffAdded(staff=staff.id, roles=role.value), SYSTEM)
    return staff, secret


def new_row(
    session: Session, name: str, login: str, password_hash: str, role: Role, language: str, secret: str
) -> Staff:
    """Add the row of a member of staff and return it.

    Raises:
        InputRejected: the address is taken.
    """
    login = login.strip().lower()
    if session.scalar(select(Staff.id).where(Staff.login == login)):
        raise InputRejected(N_("There is already an account with this address."))
    staff_id = new_id()
    staff = Staff(
        id=staff_id,
        name=name,
        login=login,
        password_hash=password_hash,
        totp_secret=seal(session, staff_id, Purpose.STAFF, secret.encode()),
        totp_step=0,
        has_app=True,
        role=role,
        language=language,
        failures=0,
        created_at=now(),
    )
    session.add(staff)
    session.flush()
    return staff


def check_password(password: str, name: str, login: str) -> None:
    """Refuse a password that is short, too even, or made of the own name or address (ASVS 6.2.1, 6.2.11).

    Raises:
        InputRejected: it says what is wrong.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise InputRejected(N_("Choose a password of at least 15 characters."))
    if len(password) > LONGEST_PASSWORD:
        raise InputRejected(N_("Choose a password of at most 1000 characters."))
    if len(set(password.casefold())) < FEWEST_LETTERS:
        raise InputRejected(N_("Choose a password with more different characters."))
    own = [*name.casefold().split(), *login.casefold().replace("@", ".").split(".")]
    if any(part in password.casefold() for part in own if len(part) >= OWN_NAME_LENGTH):
        raise InputRejected(N_("Choose a password without your name or address in it."))


def hash_password(password: str) -> str:
    """Return the hash to keep. Slow on purpose: call it outside a write transaction."""
    with _one_at_a_time:
        return _hasher.hash(password)


def password_fits(staff: Staff | None, password: str) -> bool:
    """Compare a password; takes as long for somebody we do not know. Call it outside a write transaction."""
    known = staff is not None and staff.password_hash != UNUSABLE
    with _one_at_a_time:
        try:
            return _hasher.verify(staff.password_hash if staff and known else _NOBODY, password) and known
        except (VerifyMismatchError, InvalidHashError):
            return False


def sign_in(session: Session, login: str, fits: bool, code: str, proven: Proven | None = None) -> Staff | None:
    """Finish a sign-in in a write session; None says nothing about what was wrong.

    Args:
        session: a write session; the caller commits whatever comes back.
        login: address typed.
        fits: what ``password_fits`` said, outside this transaction.
        code: six digits of the app; each is good for one sign-in only.
        proven: a passkey instead, as ``passkeys.prove`` verified it outside this transaction.
    """
    known = select(Staff).where(Staff.login == login.strip().lower()).with_for_update()
    staff = session.scalars(known.execution_options(populate_existing=True)).one_or_none()
    if staff is None or not staff.is_active or is_locked(staff):
        return None
    if not fits or not proves(session, staff, Shown(code, proven)):
        count_failure(staff)
        record(session, StaffSignInFailed(staff=staff.id), actor_of(staff))
        return None
    staff.failures, staff.locked_until, staff.signed_in_at = 0, None, now()
    record(session, StaffSignedIn(staff=staff.id), actor_of(staff))
    return staff


def find(session: Session, login: str) -> Staff | None:
    """Return the member of staff with this address."""
    return session.scalars(select(Staff).where(Staff.login == login.strip().lower())).one_or_none()


def current_code(session: Session, staff: Staff) -> str:
    """Return the app's present code. For the demo page only."""
    return pyotp.TOTP(secret_of(session, staff)).at(now())


def totp_uri(session: Session, staff: Staff, product: str) -> str:
    """Return the address an authenticator app scans."""
    return app_address(staff, secret_of(session, staff), product)
