"""The files of a mail: each made anew and kept under a key of its own; the desk says which one is the copy of a card.

Nobody knows before somebody looks which file shows a card. The one that does is treated as an uploaded card from then
on: compared with others, watermarked when shown, destroyed at the verdict. The file itself is destroyed at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from portal.audit.desk_events import CardNamed, FileDropped, FileKept
from portal.audit.record import SYSTEM, Actor, record
from portal.cases.access import UNSETTLED, evidence_of
from portal.cases.attachments import ENDINGS, Attachment, Sealed, destroy_file, plain_name
from portal.cases.lifecycle import OPEN, UNDECIDED
from portal.cases.models import Case, Channel, Evidence
from portal.config import Settings
from portal.db import Database, new_id
from portal.errors import MoveRefused, UploadRejected
from portal.files import evidence
from portal.files.attached import take_attachment
from portal.files.evidence import Picture, is_same
from portal.files.keys import Purpose, data_key
from portal.files.vault import Vault
from portal.jobs import outbox as jobs
from portal.words import N_

SORT_DAYS = 14
"""As long as a card waits to be judged (``retention.CARD_DAYS``): any of these files may be one."""
MOST_TRIED = 5
"""Files of one mail that are looked into; the others are named."""
NOT_NOW = N_("Nothing can be done with this file now.")
SORT_FIRST = N_("Say first of each file of the mail whether it is the card.")
UNLINK = "files.unlink"


@dataclass(frozen=True, slots=True)
class CardCopy:
    """A file as the picture of a card: sealed under a fresh key, without a row yet."""

    id: str
    file: str
    picture: Picture = field(repr=False)
    fingerprint: str = field(repr=False)


def keep_files(database: Database, files: Iterable[tuple[str, bytes]], slots: Path) -> tuple[list[Sealed], list[str]]:
    """Make the files of a mail, by name and content, anew and seal them; return them, and the names of those kept out.

    Outside any transaction: it takes seconds.

    Raises:
        SandboxBusy, SandboxBroken: not the file's fault.
    """
    kept: list[Sealed] = []
    left_out: list[str] = []
    for number, (called, content) in enumerate(files):
        try:
            made = take_attachment(BytesIO(content), slots) if number < MOST_TRIED else None
        except UploadRejected:
            made = None
        if made is None:
            left_out.append(called)
            continue
        file_id, stored = seal_alone(database, made.content)
        name = plain_name(called) + ENDINGS[made.media_type]
        kept.append(Sealed(file_id, stored, name, made.media_type, made.pages, len(made.content), own_key=True))
    return kept, left_out


def may_name_card(session: Session, case: Case) -> bool:
    """Whether a file of a mail may become the card of ``case``: it did not come by the portal, is not settled, and has
    no card.
    """
    unsettled = case.identity in UNSETTLED and case.status in UNDECIDED
    return case.channel is not Channel.PORTAL and unsettled and evidence_of(session, case) is None


def copy_of(database: Database, content: bytes, mark: str) -> CardCopy:
    """Take in a file as the picture of a card, with its fingerprint. Slow: two child processes.

    It is covered next (``covers``): what is burned in then is burned in once.

    Raises:
        UploadRejected: it is blank, or too small to show a card; the sentence says so.
    """
    settings: Settings = database.info["settings"]
    slots = settings.data_dir / "slots"
    picture = evidence.take_in(BytesIO(content), slots)
    fingerprint = evidence.cover(picture.jpeg, (), mark, slots).fingerprint
    return CardCopy(*seal_alone(database, picture.jpeg), picture, fingerprint)


def name_card(session: Session, case: Case, row: Attachment, copy: CardCopy, by: Actor) -> None:
    """Make ``copy`` the card of ``case``, and destroy the file that it was made of; the caller commits.

    Raises:
        MoveRefused: the file came another way or is gone, or the case has a card or is settled.
    """
    if not row.own_key or row.file is None or not may_name_card(session, case):
        raise MoveRefused(NOT_NOW)
    card = Evidence(
        id=copy.id,
        conversation_id=case.conversation_id,
        case_id=case.id,
        file=copy.file,
        width=copy.picture.width,
        height=copy.picture.height,
        warnings=list(copy.picture.warnings),
        fingerprint=copy.fingerprint,
        same_as=_same_of_another(session, case, copy.fingerprint),
        created_at=row.created_at,  # its fourteen days run from the day the mail was read, not from this look
    )
    session.add(card)
    _destroy(session, row)
    session.flush()
    record(session, CardNamed(evidence=card.id, attachment=row.id), by, case.id)


def may_sort(row: Attachment) -> bool:
    """Whether a file may be kept or deleted: it is there, and nobody said yet what it shows. Also once its request is
    answered: who has no mailbox may send a scan then.
    """
    return row.own_key and row.file is not None


def drop_file(session: Session, case: Case, row: Attachment, by: Actor) -> None:
    """Delete a file of a mail that is not needed, such as the back of a card (Art. 5(1)(c)); the caller commits.

    Raises:
        MoveRefused: it came another way, or is gone.
    """
    _take_out(session, row)
    session.flush()
    record(session, FileDropped(attachment=row.id), by, case.id)


def seal_with_messages(session: Session, row: Attachment) -> str:
    """Seal a file of a mail once more, with the key of the messages; return the name of it. Outside a write.

    Raises:
        KeyDestroyed, BlobMissing: it is gone.
    """
    vault: Vault = session.info["vault"]
    content = vault.read(row.file or "", data_key(session, row.id, Purpose.IDENTITY), row.id)
    return vault.write(data_key(session, row.case_id, Purpose.MESSAGES), row.id, content).name


def keep_file(session: Session, case: Case, row: Attachment, stored: str, by: Actor) -> None:
    """Make a file of a mail that shows no card one of the messages, which both people at the desk open.

    What lay under its own key is destroyed; ``stored`` is what was sealed instead. The caller commits.

    Raises:
        MoveRefused: it came another way, or is gone.
    """
    _take_out(session, row)
    row.file, row.own_key = stored, False
    session.flush()
    record(session, FileKept(attachment=row.id), by, case.id)


def drop_unsorted(session: Session, case: Case) -> None:
    """Delete what nobody sorted, since ``case`` is over: each of these files may show a card. The caller commits."""
    for row in session.scalars(select(Attachment).where(_unsorted(), Attachment.case_id == case.id)).all():
        drop_file(session, case, row, SYSTEM)


def left_unsorted(session: Session, at: datetime) -> list[Attachment]:
    """Return the files that nobody sorted within ``SORT_DAYS`` of requests of which no answer is owed."""
    old = Attachment.created_at <= at - timedelta(days=SORT_DAYS)
    done = Case.status.not_in(OPEN)
    found = select(Attachment).join(Case, Case.id == Attachment.case_id).where(_unsorted(), old, done)
    return list(session.scalars(found.order_by(Attachment.created_at, Attachment.id)))


def forget_unsorted(session: Session, row: Attachment, _at: datetime) -> list[str]:
    """Delete one of ``left_unsorted``; a job unlinks it."""
    drop_file(session, session.get_one(Case, row.case_id), row, SYSTEM)
    return []


def _take_out(session: Session, row: Attachment) -> None:
    if not may_sort(row):
        raise MoveRefused(NOT_NOW)
    _destroy(session, row)


def _destroy(session: Session, row: Attachment) -> None:
    """Destroy what lies under the key of its own; a job unlinks it after the commit."""
    for name in destroy_file(session, row):
        jobs.queue(session, UNLINK, {"file": name})


def _unsorted() -> ColumnElement[bool]:
    return and_(Attachment.own_key, Attachment.file.is_not(None))


def is_unsorted(session: Session, case: Case) -> bool:
    """Whether nobody said yet of a file of a mail if it is the card: only its reviewer opens it until then."""
    wanted = select(Attachment.id).where(_unsorted(), Attachment.case_id == case.id).limit(1)
    return session.scalar(wanted) is not None


def _same_of_another(session: Session, case: Case, fingerprint: str) -> str | None:
    """Return the id of the same picture in a request of another mailbox, where it is not forgotten yet."""
    living = (
        select(Evidence.id, Evidence.fingerprint)
        .outerjoin(Case, Case.id == Evidence.case_id)
        .where(Evidence.destroyed_at.is_(None), Evidence.fingerprint.is_not(None))
        .where(or_(Case.mailbox.is_(None), Case.mailbox != case.mailbox))
        .order_by(Evidence.created_at)
    )
    found = (picture_id for picture_id, other in session.execute(living) if is_same(fingerprint, other or ""))
    return next(found, None)


def seal_alone(database: Database, content: bytes) -> tuple[str, str]:
    """Put ``content`` into the vault under a fresh key, made in a transaction of its own: files come first."""
    file_id = new_id()
    with database.writing() as minting:
        key = data_key(minting, file_id, Purpose.IDENTITY, create=True)
        vault: Vault = minting.info["vault"]
    return file_id, vault.write(key, file_id, [content]).name
