"""Pictures of a card in the vault: put in, replaced, read, thrown away. Each lives under a key of its own.

Covering makes a new picture under a new key and destroys the old key, so that no backup shows what was covered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.events import CardMasked, UploadRefused
from portal.audit.record import PERSON, record
from portal.cases.models import Conversation, Evidence
from portal.cases.retention import forget_card
from portal.clock import now
from portal.config import settings_of
from portal.db import Database, new_id
from portal.errors import NotYours
from portal.files import evidence
from portal.files.evidence import Box, Covered, Picture, is_same
from portal.files.keys import Purpose, data_key
from portal.files.masks import Mask
from portal.files.vault import Vault
from portal.jobs import outbox as jobs

UNLINK = "files.unlink"


class Place(StrEnum):
    """Where a picture was covered."""

    BROWSER = "browser"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A picture that lies in the vault and has no row yet."""

    id: str
    file: str


def living(session: Session, conversation_id: str) -> Evidence | None:
    """Return the picture of this conversation, covered or not; None where there is none."""
    wanted = select(Evidence).where(Evidence.conversation_id == conversation_id, Evidence.destroyed_at.is_(None))
    return session.scalars(wanted.order_by(Evidence.created_at.desc()).limit(1)).one_or_none()


def seal(database: Database, jpeg: bytes) -> Sealed:
    """Put ``jpeg`` into the vault under a fresh key. The key is made in a transaction of its own: files come first."""
    picture_id = new_id()
    with database.writing() as minting:
        key = data_key(minting, picture_id, Purpose.IDENTITY, create=True)
        vault: Vault = minting.info["vault"]
    return Sealed(picture_id, vault.write(key, picture_id, [jpeg]).name)


def read(session: Session, card: Evidence) -> bytes:
    """Return the picture.

    Raises:
        NotYours, BlobMissing, KeyDestroyed: it is gone.
    """
    if card.file is None:
        raise NotYours
    key = data_key(session, card.id, Purpose.IDENTITY)
    vault: Vault = session.info["vault"]
    return b"".join(vault.read(card.file, key, card.id))


def boxes_of(mask: Mask) -> list[Box]:
    """Return what ``mask`` covers."""
    return [Box(each.left, each.top, each.width, each.height) for each in mask.all_covers]


def cover(session: Session, card: Evidence, mask: Mask, mark: str) -> Covered:
    """Return the picture with everything in ``mask`` painted over and ``mark`` across it. Slow: a child process."""
    slots = settings_of(session).data_dir / "slots"
    return evidence.cover(read(session, card), boxes_of(mask), mark, slots)


def put(session: Session, conversation_id: str, sealed: Sealed, picture: Picture) -> None:
    """Make the row of a picture that was just sealed, instead of the one before."""
    throw_away(session, conversation_id)
    session.add(_row(conversation_id, sealed, picture.width, picture.height, picture.warnings))
    session.flush()


def put_covered(
    session: Session,
    conversation_id: str,
    sealed: Sealed,
    card: Evidence | Picture,
    covered: Covered,
    boxes: int,
    place: Place,
    case_id: str | None = None,
) -> None:
    """Make the row of a covered picture instead of the one before.

    Args:
        session: a write session.
        conversation_id: whose picture it is.
        sealed: where it lies.
        card: what was covered, for its size and what is odd about it.
        covered: the picture itself.
        boxes: how many parts are covered.
        place: where that happened.
        case_id: a request that was sent already and waits for this picture.
    """
    row = _row(conversation_id, sealed, card.width, card.height, card.warnings)
    row.masked, row.boxes, row.case_id, row.fingerprint = True, boxes, case_id, covered.fingerprint
    row.same_as = _same_of_another(session, conversation_id, covered.fingerprint)
    throw_away(session, conversation_id)
    session.add(row)
    session.flush()
    record(session, CardMasked(evidence=row.id, boxes=boxes, place=place.value), PERSON, case_id)


def throw_away(session: Session, conversation_id: str) -> None:
    """Destroy every picture of an unsent conversation; a job takes the files off the disk after the commit."""
    unsent = select(Evidence).where(Evidence.conversation_id == conversation_id, Evidence.case_id.is_(None))
    for card in session.scalars(unsent).all():
        for name in forget_card(session, card, "replaced", now()):
            jobs.queue(session, UNLINK, {"file": name})
        session.delete(card)
    session.flush()


def note_refusal(session: Session, conversation_id: str) -> None:
    """Record that a file was refused."""
    record(session, UploadRefused(conversation=conversation_id), PERSON)


def _same_of_another(session: Session, conversation_id: str, fingerprint: str) -> str | None:
    """Return the id of the same picture, sent by somebody with another mailbox and not forgotten yet.

    One's own picture may come twice, with two requests. The answer is for the desk, never for who sent the picture.
    """
    mine = session.scalar(select(Conversation.verified_mailbox).where(Conversation.id == conversation_id))
    living = (
        select(Evidence.id, Evidence.fingerprint)
        .outerjoin(Conversation, Conversation.id == Evidence.conversation_id)
        .where(Evidence.destroyed_at.is_(None), Evidence.fingerprint.is_not(None))
        .where(Evidence.conversation_id.is_distinct_from(conversation_id))
        .where(Conversation.verified_mailbox.is_distinct_from(mine))
        .order_by(Evidence.created_at)
    )
    found = (picture_id for picture_id, other in session.execute(living) if is_same(fingerprint, other or ""))
    return next(found, None)


def _row(conversation_id: str, sealed: Sealed, width: int, height: int, warnings: Sequence[str]) -> Evidence:
    return Evidence(
        id=sealed.id,
        conversation_id=conversation_id,
        file=sealed.file,
        width=width,
        height=height,
        masked=False,
        boxes=0,
        warnings=list(warnings),
        created_at=now(),
    )
