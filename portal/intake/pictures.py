"""Pictures of a card in the vault: put in, replaced, read, thrown away. Each lives under a key of its own.

Covering makes a new picture under a new key and destroys the old key, so that no backup shows what was covered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.events import CardMasked, UploadRefused
from portal.audit.record import PERSON, record
from portal.cases.models import Evidence
from portal.cases.retention import forget_card
from portal.clock import now
from portal.config import settings_of
from portal.db import Database, new_id
from portal.errors import NotYours
from portal.files.evidence import Box, Picture, burn_boxes, watermark
from portal.files.keys import Purpose, data_key
from portal.files.vault import Vault
from portal.intake.masks import Mask
from portal.jobs import outbox as jobs

UNLINK = "files.unlink"


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


def cover(session: Session, card: Evidence, mask: Mask, mark: str) -> bytes:
    """Return the picture with everything in ``mask`` painted over and ``mark`` across it. Slow: two child processes."""
    slots = settings_of(session).data_dir / "slots"
    boxes = [Box(each.left, each.top, each.width, each.height) for each in mask.all_covers]
    covered = burn_boxes(read(session, card), boxes, slots)
    return watermark(covered, mark, slots)


def put(session: Session, conversation_id: str, sealed: Sealed, picture: Picture) -> None:
    """Make the row of a picture that was just sealed, instead of the one before."""
    throw_away(session, conversation_id)
    session.add(_row(conversation_id, sealed, picture.width, picture.height, picture.warnings))
    session.flush()


def put_covered(
    session: Session, conversation_id: str, sealed: Sealed, card: Evidence, boxes: int, case_id: str | None = None
) -> None:
    """Make the row of the covered picture instead of ``card``; with ``case_id`` it goes to a request that was sent."""
    row = _row(conversation_id, sealed, card.width, card.height, card.warnings)
    row.masked, row.boxes, row.case_id = True, boxes, case_id
    throw_away(session, conversation_id)
    session.add(row)
    session.flush()
    record(session, CardMasked(evidence=row.id, boxes=boxes), PERSON, case_id)


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
