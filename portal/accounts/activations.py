"""Inviting members of staff, and letting them begin anew: a link by mail and a code by voice; neither alone opens it.

The code is derived from the row by a key that is not in the database, so it is nowhere written down.
"""

import hmac
import re
from datetime import timedelta

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.accounts.factors import actor_of, locked_row, new_secret, take_secret
from portal.accounts.models import Activation, ActivationKind, Passkey, Role, Staff
from portal.accounts.notices import tell
from portal.accounts.own_sessions import end_sessions
from portal.accounts.passkeys import Made, keep
from portal.accounts.staff import UNUSABLE, find, new_row
from portal.accounts.tokens import LinkPurpose, make_link, read_link
from portal.audit.events import StaffAdded, StaffSignedIn
from portal.audit.record import SYSTEM, Actor, record
from portal.audit.staff_events import (
    StaffActivated,
    StaffActivationFailed,
    StaffInvited,
    StaffResetAsked,
    StaffResetConfirmed,
    StaffResetRefused,
)
from portal.clock import now
from portal.config import settings_of
from portal.db import changed, new_id
from portal.errors import LinkExpired, MoveRefused, NotYours
from portal.files.keys import keyed_hash
from portal.words import N_

LIFE = timedelta(hours=24)
SHOWN_FOR = timedelta(minutes=10)
TRIES = 5
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look alike
CODE_LENGTH = 12  # of 31 letters: 59 bits
YOURSELF = N_("Nobody does this for their own account. Ask a colleague.")


def invite(session: Session, name: str, login: str, role: Role, language: str, by: Actor) -> tuple[Staff, Activation]:
    """Add a member of staff who chooses their own password and second factor.

    Raises:
        InputRejected: the address is taken.
    """
    staff = new_row(session, name, login, UNUSABLE, role, language, pyotp.random_base32())
    staff.has_app, staff.invited_at = False, now()
    session.flush()
    record(session, StaffAdded(staff=staff.id, roles=role.value), by)
    return staff, invite_again(session, staff, by)


def invite_again(session: Session, staff: Staff, by: Actor) -> Activation:
    """Give a new code and a new link to somebody whose account is not activated; the ones before stop working.

    Raises:
        MoveRefused: the account is in use.
    """
    if staff.invited_at is None or staff.disabled_at is not None:
        raise MoveRefused
    last = latest(session, staff)
    kind = last.kind if last is not None else ActivationKind.INVITE
    _end_all(session, staff)
    activation = _add(session, staff, kind, by)
    activation.expires_at = now() + LIFE
    session.flush()
    record(session, StaffInvited(staff=staff.id), by)
    _send(session, staff, activation)
    return activation


def ask_reset(session: Session, staff: Staff, by: Actor) -> Activation:
    """Ask that ``staff`` may begin anew, for a lost phone or password. It counts once somebody else confirmed it.

    Raises:
        MoveRefused: it is the own account, or one that is not in use.
    """
    if staff.id == by.id:
        raise MoveRefused(YOURSELF)
    if not staff.is_active:
        raise MoveRefused
    _end_all(session, staff)
    activation = _add(session, staff, ActivationKind.RESET, by)
    record(session, StaffResetAsked(staff=staff.id), by)
    return activation


def confirm_reset(session: Session, activation: Activation, by: Actor) -> None:
    """Confirm a reset: the old factors and sessions end now, and the link goes out.

    Raises:
        MoveRefused: ``by`` asked it or is the one it is for, or it does not wait any more.
    """
    _only_anothers(activation, by)
    once = update(Activation).where(
        Activation.id == activation.id, Activation.confirmed_by.is_(None), Activation.ended_at.is_(None)
    )
    if not changed(session, once.values(confirmed_by=by.id, expires_at=now() + LIFE)):
        raise MoveRefused
    session.refresh(activation)
    staff = locked_row(session, activation.staff_id)
    if staff.disabled_at is not None:
        raise MoveRefused
    _begin_anew(session, staff, by)
    _send(session, staff, activation)


def refuse_reset(session: Session, activation: Activation, by: Actor) -> None:
    """Refuse a reset; who asked it may take it back too.

    Raises:
        MoveRefused: it does not wait any more.
    """
    once = update(Activation).where(
        Activation.id == activation.id, Activation.confirmed_by.is_(None), Activation.ended_at.is_(None)
    )
    if not changed(session, once.values(ended_at=now())):
        raise MoveRefused
    record(session, StaffResetRefused(staff=activation.staff_id), by)


def reset_by_operator(session: Session, login: str) -> tuple[str, str]:
    """Let somebody begin anew on the word of who runs the server; return the link and the code. For a lost last admin.

    Raises:
        NotYours: there is nobody with this address.
    """
    found = find(session, login)
    if found is None:
        raise NotYours(N_("There is no account with this address."))
    staff = locked_row(session, found.id)
    _end_all(session, staff)
    activation = _add(session, staff, ActivationKind.RESET, SYSTEM)
    activation.confirmed_by, activation.expires_at = "operator", now() + LIFE
    _begin_anew(session, staff, SYSTEM)
    token = make_link(session, LinkPurpose.ACTIVATE, activation.id)
    return f"{settings_of(session).base_url}/desk/activate/{token}", code_of(session, activation)


def waiting_resets(session: Session) -> list[tuple[Activation, Staff]]:
    """Return the resets that wait for a second person, oldest first, with whom they are for."""
    waiting = select(Activation, Staff).join(Staff, Staff.id == Activation.staff_id)
    unconfirmed = waiting.where(Activation.kind == ActivationKind.RESET, Activation.confirmed_by.is_(None))
    found = unconfirmed.where(Activation.ended_at.is_(None), Activation.expires_at.is_(None))
    return [(activation, staff) for activation, staff in session.execute(found.order_by(Activation.asked_at))]


def latest(session: Session, staff: Staff) -> Activation | None:
    """Return the newest activation of ``staff`` that has not ended."""
    newest = select(Activation).where(Activation.staff_id == staff.id, Activation.ended_at.is_(None))
    return session.scalars(newest.order_by(Activation.asked_at.desc()).limit(1)).one_or_none()


def code_to_hand_over(session: Session, activation: Activation | None) -> str | None:
    """Return the code that an administrator tells the member; only for ten minutes after it began to work."""
    if activation is None or activation.expires_at is None or activation.tries >= TRIES:
        return None
    return code_of(session, activation) if activation.expires_at - LIFE + SHOWN_FOR > now() else None


def code_of(session: Session, activation: Activation) -> str:
    """Return the code that goes with ``activation``, in three groups."""
    said = int(keyed_hash(session, "activation", activation.id), 16)
    letters = ""
    for _ in range(CODE_LENGTH):
        said, place = divmod(said, len(LETTERS))
        letters += LETTERS[place]
    return "-".join(letters[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def from_link(session: Session, token: str) -> Activation:
    """Return the activation that ``token`` points to, if it still works.

    Raises:
        LinkExpired: it does not.
    """
    found = session.get(Activation, read_link(session, LinkPurpose.ACTIVATE, token))
    if found is None or not is_open(found):
        raise LinkExpired
    return found


def is_open(activation: Activation) -> bool:
    """Whether ``activation`` may still be used."""
    expires_at, ended_at = activation.expires_at, activation.ended_at
    return expires_at is not None and expires_at > now() and ended_at is None and activation.tries < TRIES


def check_code(session: Session, activation: Activation, typed: str) -> bool:
    """Compare a typed code, counting the try first; the caller commits whatever comes back."""
    counted = update(Activation).where(
        Activation.id == activation.id, Activation.tries < TRIES, Activation.ended_at.is_(None)
    )
    if not changed(session, counted.values(tries=Activation.tries + 1)):
        return False
    plain = re.sub(r"[\s-]", "", typed).upper()
    if hmac.compare_digest(plain.encode(), code_of(session, activation).replace("-", "").encode()):
        return True
    staff = session.get_one(Staff, activation.staff_id)
    record(session, StaffActivationFailed(staff=staff.id), actor_of(staff))
    return False


def take_password(session: Session, activation: Activation, password_hash: str) -> None:
    """Keep the chosen password and make the app's secret; the account works once a second factor was shown."""
    staff = locked_row(session, activation.staff_id)
    staff.password_hash = password_hash
    new_secret(session, staff)


def finish_with_code(session: Session, activation: Activation, code: str) -> Staff | None:
    """Activate the account with the first code of its app; None where the code is not right."""
    staff = locked_row(session, activation.staff_id)
    if not take_secret(session, staff, code):
        return None
    return _activate(session, activation, staff)


def finish_with_passkey(session: Session, activation: Activation, made: Made, name: str) -> Staff | None:
    """Activate the account with a passkey that was just made for it; None where it is known already."""
    staff = locked_row(session, activation.staff_id)
    if made.staff_id != staff.id or keep(session, made, name) is None:
        return None
    staff.totp_next, staff.has_app = None, False
    return _activate(session, activation, staff)


def _activate(session: Session, activation: Activation, staff: Staff) -> Staff:
    once = update(Activation).where(Activation.id == activation.id, Activation.ended_at.is_(None))
    if not changed(session, once.values(ended_at=now())) or staff.invited_at is None:
        raise MoveRefused
    staff.invited_at, staff.signed_in_at = None, now()
    session.flush()
    record(session, StaffActivated(staff=staff.id), actor_of(staff))
    record(session, StaffSignedIn(staff=staff.id), actor_of(staff))
    tell(session, staff, "activated")
    return staff


def _begin_anew(session: Session, staff: Staff, by: Actor) -> None:
    """End the password, the factors and the sessions of ``staff``: they choose new ones."""
    session.execute(delete(Passkey).where(Passkey.staff_id == staff.id))
    staff.password_hash, staff.has_app, staff.totp_next = UNUSABLE, False, None
    staff.invited_at, staff.failures, staff.locked_until = now(), 0, None
    session.flush()
    end_sessions(session, staff, by)
    record(session, StaffResetConfirmed(staff=staff.id), by)


def _only_anothers(activation: Activation, by: Actor) -> None:
    if by.id in {activation.asked_by, activation.staff_id}:
        raise MoveRefused(N_("Somebody else must confirm this: not who asked it, and not who it is for."))


def _end_all(session: Session, staff: Staff) -> None:
    older = update(Activation).where(Activation.staff_id == staff.id, Activation.ended_at.is_(None))
    session.execute(older.values(ended_at=now()), execution_options={"synchronize_session": False})


def _add(session: Session, staff: Staff, kind: ActivationKind, by: Actor) -> Activation:
    activation = Activation(id=new_id(), staff_id=staff.id, kind=kind, asked_by=by.id, asked_at=now(), tries=0)
    session.add(activation)
    session.flush()
    return activation


def _send(session: Session, staff: Staff, activation: Activation) -> None:
    tell(session, staff, activation.kind.value, {"activate": make_link(session, LinkPurpose.ACTIVATE, activation.id)})
