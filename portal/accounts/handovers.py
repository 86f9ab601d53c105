"""Persons whom the controller's app hands over: its signed word, the link that opens once, and forgetting both.

What lives here: reading and checking what the app posts (``docs/hand-over.md`` is the protocol), and the table. What
must not: conversations and cases, which the stages make of it.
"""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Handover
from portal.audit.events import HandoverMade, HandoverOpened
from portal.audit.record import PERSON, SYSTEM, record
from portal.clock import now
from portal.config import LANGUAGES
from portal.db import changed, new_id
from portal.errors import LinkExpired, PortalError
from portal.files.keys import Purpose, destroy_key, keyed_hash, open_sealed, seal
from portal.ui.forms import is_address, one_line

LIFE = timedelta(minutes=10)
SKEW = timedelta(minutes=5)
KEPT = timedelta(hours=1)
"""Longer than a signed message can be sent again (twice the skew): for so long a nonce counts once."""

LONGEST_BODY = 4096
LONGEST_NAME = 200
FIELDS = frozenset({"language", "name", "email", "account"})
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)


class HandoverRefused(PortalError):
    """What the app posted cannot be taken. The sentence is for its developers, in English, and holds nothing it sent.

    Args:
        code: the status to answer with.
        sentence: what is wrong and what to do.
    """

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Stamp:
    """The three headers that stand beside a body."""

    timestamp: str
    nonce: str
    signature: str


@dataclass(frozen=True, slots=True)
class Introduced:
    """A person as the app introduced them; ``at`` is when it did."""

    language: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    account: str = field(repr=False)
    at: datetime


def check_stamp(stamp: Stamp, body: bytes, secrets: Sequence[str], at: datetime) -> None:
    """Check that one of ``secrets`` signed ``body`` within five minutes of ``at``.

    Raises:
        HandoverRefused: 400 where a header is missing or malformed, 401 where the signature or the clock is wrong.
    """
    shapes = ((_TIMESTAMP, stamp.timestamp), (_NONCE, stamp.nonce), (_SIGNATURE, stamp.signature))
    if not all(shape.fullmatch(value) for shape, value in shapes):
        raise HandoverRefused(400, "Send X-Portal-Timestamp, X-Portal-Nonce and X-Portal-Signature as documented.")
    signed = f"{stamp.timestamp}\n{stamp.nonce}\n".encode() + body
    fits = [
        hmac.compare_digest(hmac.digest(secret.encode(), signed, "sha256").hex().encode(), stamp.signature.encode())
        for secret in secrets
    ]
    if not any(fits):
        raise HandoverRefused(401, "The signature does not fit: check the secret, and sign the very bytes you send.")
    if abs(int(stamp.timestamp) - at.timestamp()) > SKEW.total_seconds():
        raise HandoverRefused(401, "The timestamp is more than five minutes off: check the clock of your server.")


def read_body(body: bytes, at: datetime) -> Introduced:
    """Return the person that ``body`` introduces.

    Raises:
        HandoverRefused: 400 where it is no JSON, 422 where a field is missing, unknown or not as documented.
    """
    said = _fields(_read_json(body))
    if said["language"] not in LANGUAGES:
        raise HandoverRefused(422, f"language must be one of {', '.join(LANGUAGES)}.")
    name = one_line(said["name"])
    if not name or len(name) > LONGEST_NAME:
        raise HandoverRefused(422, f"name must hold 1 to {LONGEST_NAME} characters.")
    if said["email"] != one_line(said["email"]) or not is_address(said["email"]):
        raise HandoverRefused(422, "email must be one plain address.")
    if not _ACCOUNT.fullmatch(said["account"]):
        raise HandoverRefused(422, "account must hold 1 to 64 letters, digits, dots, colons, hyphens or underscores.")
    return Introduced(said["language"], name, said["email"], said["account"], at)


def hand_over(session: Session, introduced: Introduced, nonce: str) -> tuple[str, datetime]:
    """Keep ``introduced`` sealed for ten minutes; return the token of the link and the moment it ends.

    Raises:
        HandoverRefused: 409 where this nonce was used before.
    """
    token, handover_id = new_id(), new_id()
    told = {key: getattr(introduced, key) for key in FIELDS}
    row = Handover(
        id=handover_id,
        token_hash=_token_hash(session, token),
        nonce_hash=keyed_hash(session, "handover-nonce", nonce),
        said=seal(session, handover_id, Purpose.CONTACT, json.dumps(told).encode()),
        created_at=introduced.at,
        expires_at=introduced.at + LIFE,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as fault:
        raise HandoverRefused(409, "This nonce was used before: make a new one for each call.") from fault
    record(session, HandoverMade(handover=row.id), SYSTEM)
    return token, row.expires_at


def is_open(session: Session, token: str) -> bool:
    """Whether the link with ``token`` still opens something."""
    living = select(Handover.id).where(_living(_token_hash(session, token)))
    return session.scalar(living) is not None


def open_handover(session: Session, token: str, conversation_id: str) -> Introduced:
    """Use the link up for the conversation ``conversation_id``, and return whom it introduces; its key is destroyed.

    Of many at the same moment exactly one succeeds.

    Raises:
        LinkExpired: it was used before, is over, or never was.
    """
    hashed = _token_hash(session, token)
    if not changed(session, update(Handover).where(_living(hashed)).values(used_at=now())):
        raise LinkExpired
    row = session.scalars(select(Handover).where(Handover.token_hash == hashed)).one()
    told = json.loads(open_sealed(session, row.id, Purpose.CONTACT, row.said or b""))
    row.said = None
    destroy_key(session, row.id, Purpose.CONTACT)
    record(session, HandoverOpened(handover=row.id, conversation=conversation_id), PERSON)
    return Introduced(**told, at=row.created_at)


def ended(session: Session, at: datetime) -> list[Handover]:
    """Return the hand-overs that are to be forgotten at ``at``."""
    return list(session.scalars(select(Handover).where(Handover.created_at <= at - KEPT)))


def forget_handover(session: Session, row: Handover, _at: datetime) -> list[str]:
    """Forget one; there is no file to unlink."""
    destroy_key(session, row.id, Purpose.CONTACT)
    session.delete(row)
    return []


def _living(hashed: str) -> ColumnElement[bool]:
    return and_(Handover.token_hash == hashed, Handover.used_at.is_(None), Handover.expires_at > now())


def _token_hash(session: Session, token: str) -> str:
    return keyed_hash(session, "handover", token)


def _read_json(body: bytes) -> object:
    try:
        return json.loads(body.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as fault:
        raise HandoverRefused(400, "The body must be one JSON object in UTF-8, each name once.") from fault


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _fields(said: object) -> Mapping[str, str]:
    if not isinstance(said, dict) or said.keys() != FIELDS:
        raise HandoverRefused(422, f"Send exactly these fields: {', '.join(sorted(FIELDS))}.")
    if not all(isinstance(value, str) for value in said.values()):
        raise HandoverRefused(422, "Every field must be a string.")
    return said
