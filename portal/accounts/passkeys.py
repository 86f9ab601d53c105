"""Passkeys (WebAuthn Level 3), the server's half: the challenge, the check of what the browser answers, the counter.

Keys are discoverable, so the question that a browser gets names nobody and is the same for everybody. A passkey belongs
to the name in the portal's address: at a bare IP address browsers offer none.
"""

import hashlib
import ipaddress
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.accounts.models import Passkey, Staff
from portal.clock import now
from portal.config import Settings, settings_of
from portal.db import changed, new_id

LONGEST_NAME = 60
LONGEST_ANSWER = 20_000  # characters of the browser's answer


@dataclass(frozen=True, slots=True)
class Proven:
    """A passkey whose signature over our challenge was verified; it counts once ``use`` has taken its counter."""

    passkey_id: str
    staff_id: str
    sign_count: int


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey that the browser made for ``staff_id``, verified."""

    staff_id: str
    credential: bytes
    public_key: bytes
    sign_count: int


def is_possible(settings: Settings) -> bool:
    """Whether browsers offer passkeys for this portal: its address has a name."""
    try:
        ipaddress.ip_address(_host(settings))
    except ValueError:
        return True
    return False


def question(session: Session) -> dict[str, Any]:
    """Return what a browser is asked to sign in with any passkey of this portal; its ``challenge`` is fresh."""
    asked = webauthn.generate_authentication_options(
        rp_id=_host(settings_of(session)), user_verification=UserVerificationRequirement.PREFERRED
    )
    return _as_json(webauthn.options_to_json(asked))


def offer(session: Session, staff: Staff) -> dict[str, Any]:
    """Return what a browser is asked to make a new passkey for ``staff``, on a device that holds none yet."""
    settings = settings_of(session)
    held = session.scalars(select(Passkey.credential).where(Passkey.staff_id == staff.id))
    asked = webauthn.generate_registration_options(
        rp_id=_host(settings),
        rp_name=f"{settings.controller.product} privacy",
        user_id=staff.id.encode(),
        user_name=staff.login,
        user_display_name=staff.name,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in held],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return _as_json(webauthn.options_to_json(asked))


def prove(session: Session, answer: str, challenge: str | None) -> Proven | None:
    """Verify what a browser answered to ``question``. Call it outside a write transaction.

    Args:
        session: any session.
        answer: the credential, as JSON.
        challenge: of the question that was asked in this very session, base64url; None where none was.
    """
    said = _parsed(answer)
    known = session.scalars(select(Passkey).where(Passkey.handle == _handle(said.get("rawId")))).one_or_none()
    if known is None or not challenge:
        return None
    settings = settings_of(session)
    try:
        verified = webauthn.verify_authentication_response(
            credential=said,
            expected_challenge=webauthn.base64url_to_bytes(challenge),
            expected_rp_id=_host(settings),
            expected_origin=settings.base_url,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    return Proven(known.id, known.staff_id, verified.new_sign_count)


def use(session: Session, proven: Proven) -> bool:
    """Take the counter of a proven passkey in a write session; False where another use was first."""
    counts = proven.sign_count > 0  # some keys never count; for those the challenge, good once, is the only lock
    earlier = Passkey.sign_count < proven.sign_count if counts else Passkey.sign_count == 0
    later = update(Passkey).where(Passkey.id == proven.passkey_id, earlier)
    return changed(session, later.values(sign_count=proven.sign_count, used_at=now())) > 0


def read_new(session: Session, staff: Staff, answer: str, challenge: str | None) -> Made | None:
    """Verify the passkey that a browser made for ``staff``. Call it outside a write transaction."""
    settings = settings_of(session)
    try:
        verified = webauthn.verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=webauthn.base64url_to_bytes(challenge or ""),
            expected_rp_id=_host(settings),
            expected_origin=settings.base_url,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    if not challenge:
        return None
    return Made(staff.id, verified.credential_id, verified.credential_public_key, verified.sign_count)


def keep(session: Session, made: Made, name: str) -> Passkey | None:
    """Keep a new passkey under ``name`` in a write session; None where it is known already."""
    handle = hashlib.sha256(made.credential).hexdigest()
    if session.scalar(select(Passkey.id).where(Passkey.handle == handle)) is not None:
        return None
    passkey = Passkey(
        id=new_id(),
        staff_id=made.staff_id,
        handle=handle,
        credential=made.credential,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name[:LONGEST_NAME],
        created_at=now(),
    )
    session.add(passkey)
    session.flush()
    return passkey


def _host(settings: Settings) -> str:
    return urlsplit(settings.base_url).hostname or ""


def _parsed(answer: str) -> dict[str, Any]:
    try:
        said = json.loads(answer[:LONGEST_ANSWER])
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _as_json(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def _handle(raw_id: object) -> str:
    try:
        return hashlib.sha256(webauthn.base64url_to_bytes(str(raw_id))).hexdigest()
    except ValueError:
        return bytes_to_base64url(b"")
