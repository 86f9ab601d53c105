"""Covering at the desk what its sender left open on the copy of a card; before that it shows only to be covered.

As in the conversation, covering makes a new picture under a new key and destroys the old key.
"""

from dataclasses import dataclass, field

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.events import CardMasked
from portal.audit.record import Actor, record
from portal.cases.mail_files import UNLINK, seal_alone
from portal.cases.models import Case, Evidence
from portal.cases.retention import forget_card
from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.errors import MoveRefused
from portal.files import evidence
from portal.files.evidence import Box
from portal.files.keys import Purpose, data_key
from portal.files.masks import Mask
from portal.files.vault import Vault
from portal.jobs import outbox as jobs
from portal.words import N_

COVER_FIRST = N_("Cover the card first.")
GONE = N_("This picture was covered already, or is gone.")
DESK = "desk"


@dataclass(frozen=True, slots=True)
class Covering:
    """A covered picture that lies in the vault under a fresh key, without a row yet."""

    id: str
    file: str
    boxes: int
    fingerprint: str = field(repr=False)


def cover(database: Database, card: Evidence, wanted: Mask, mark: str) -> Covering:
    """Return ``card`` with everything in ``wanted`` painted over and ``mark`` across it. Slow: a child process.

    Outside any transaction.

    Raises:
        BlobMissing, KeyDestroyed: the picture is gone.
        SandboxBusy, SandboxBroken: not the picture's fault.
    """
    settings: Settings = database.info["settings"]
    with database.reader() as reading:
        vault: Vault = reading.info["vault"]
        jpeg = b"".join(vault.read(card.file or "", data_key(reading, card.id, Purpose.IDENTITY), card.id))
    boxes = [Box(each.left, each.top, each.width, each.height) for each in wanted.all_covers]
    covered = evidence.cover(jpeg, boxes, mark, settings.data_dir / "slots")
    return Covering(*seal_alone(database, covered.jpeg), len(boxes), covered.fingerprint)


def put_cover(session: Session, case: Case, card: Evidence, covering: Covering, by: Actor) -> None:
    """Put ``covering`` in the place of ``card``, whose key is destroyed; the caller commits.

    Raises:
        MoveRefused: it was covered already, or judged.
    """
    files = [] if card.masked else forget_card(session, card, "covered", now())
    if not files:
        raise MoveRefused(GONE)
    for name in files:
        jobs.queue(session, UNLINK, {"file": name})
    fresh = Evidence(
        id=covering.id,
        conversation_id=card.conversation_id,
        case_id=card.case_id,
        file=covering.file,
        width=card.width,
        height=card.height,
        masked=True,
        boxes=covering.boxes,
        warnings=list(card.warnings),
        fingerprint=covering.fingerprint,
        same_as=card.same_as,
        created_at=card.created_at,
    )
    session.add(fresh)
    session.execute(update(Evidence).where(Evidence.same_as == card.id).values(same_as=fresh.id))
    session.flush()
    record(session, CardMasked(evidence=fresh.id, boxes=covering.boxes, place=DESK), by, case.id)


def must_be_covered(card: Evidence | None) -> None:
    """Let nobody judge by a picture that shows more than it must.

    Raises:
        MoveRefused: parts of it are still open.
    """
    if card is not None and not card.masked:
        raise MoveRefused(COVER_FIRST)
