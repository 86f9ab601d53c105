"""Files sent with a message, by either side, or found by hand: made anew, sealed under the key of the case's messages.

They are gone with that key.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.desk_events import AttachmentFetched
from portal.audit.record import Actor, ActorKind, AuditEntry, record
from portal.cases.models import Author, Case, Message
from portal.clock import now
from portal.config import Settings
from portal.db import Base, Database, UtcDateTime, new_id
from portal.errors import NotYours, PortalError, UploadRejected
from portal.files.attached import take_attachment
from portal.files.keys import Purpose, data_key, destroy_key, open_sealed, seal
from portal.files.sandbox import SandboxBroken, SandboxBusy
from portal.files.vault import Vault
from portal.words import N_

MOST_FILES = 3
MOST_OF_CASE = 30
LONGEST_NAME = 80
TOO_MANY = N_("Choose at most 3 files. Send the others with a next message.")
TOO_MANY_FOUND = N_("Choose at most 3 files.")
FULL = N_("This request holds 30 files already. Send what is left by post or to our address.")
ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg"}
Upload = tuple[str, IO[bytes]]


class Attachment(Base):
    """A file with a message, or with the answer to a manual task.

    It is never the file that came: only pixels of it, see ``files.attached``.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        Index("ix_attachments_case", "case_id"),
        CheckConstraint("(message_id IS NULL) <> (task_id IS NULL)", name="of_one"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("manual_tasks.id"))
    place: Mapped[int]
    name: Mapped[bytes]  # as the sender called it, purpose messages
    media_type: Mapped[str] = mapped_column(String(32))
    pages: Mapped[int]
    size: Mapped[int]
    file: Mapped[str | None] = mapped_column(String(32))
    own_key: Mapped[bool] = mapped_column(default=False)  # sealed with a key of its own, not that of the messages
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file that lies in the vault and has no row yet."""

    id: str
    file: str
    name: str = field(repr=False)
    media_type: str
    pages: int
    size: int
    own_key: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as both sides see it. ``looks`` are role and moment of each time that staff opened it; ``by_mail``: it
    came with a mail, and may be the copy of a card.
    """

    id: str
    name: str = field(repr=False)
    pages: int
    size: int
    looks: tuple[tuple[str, datetime], ...] = ()
    by_mail: bool = False


class FileRefused(PortalError):
    """One of the files cannot be taken, so none is; ``name`` says which, empty where it is about all of them.

    ``answer`` is the status of the answer that says so.
    """

    def __init__(self, name: str, fault: PortalError) -> None:
        super().__init__(fault.sentence, fault.values)
        self.name, self.answer = name, fault.status


def take_files(database: Database, case_id: str, uploads: Sequence[Upload], *, by_hand: bool = False) -> list[Sealed]:
    """Make each file anew and put it into the vault. Slow, a child process each; hold no write lock meanwhile.

    Args:
        database: where the key of the case's messages is made, should it have none.
        case_id: the case.
        uploads: name and content of each.
        by_hand: they answer a manual task, and do not count among the files of the messages.

    Raises:
        FileRefused: too many, or one that cannot be taken; no file is kept.
        KeyDestroyed: the content of this case was forgotten.
    """
    if not uploads:
        return []
    if len(uploads) > MOST_FILES:
        raise FileRefused("", UploadRejected(TOO_MANY_FOUND if by_hand else TOO_MANY))
    with database.reader() as reading:
        if not by_hand and count_of(reading, case_id) + len(uploads) > MOST_OF_CASE:
            raise FileRefused("", UploadRejected(FULL))
        settings: Settings = reading.info["settings"]
        vault: Vault = reading.info["vault"]
    taken = []
    for name, stream in uploads:
        try:
            taken.append((name, take_attachment(stream, settings.data_dir / "slots")))
        except (UploadRejected, SandboxBusy, SandboxBroken) as fault:
            raise FileRefused(plain_name(name), fault) from None
    with database.writing() as minting:
        key = data_key(minting, case_id, Purpose.MESSAGES, create=True)
    sealed = []
    for name, made in taken:
        file_id = new_id()
        stored = vault.write(key, file_id, [made.content])
        called = plain_name(name) + ENDINGS[made.media_type]
        sealed.append(Sealed(file_id, stored.name, called, made.media_type, made.pages, len(made.content)))
    return sealed


def attach(session: Session, message: Message, files: Iterable[Sealed]) -> None:
    """Hang what ``take_files`` gave on ``message``; the caller commits."""
    _keep(session, message.case_id, files, message_id=message.id)


def attach_found(session: Session, case_id: str, task_id: str, files: Iterable[Sealed]) -> None:
    """Hang what ``take_files`` gave on the answer to a manual task; the caller commits."""
    _keep(session, case_id, files, task_id=task_id)


def _keep(session: Session, case_id: str, files: Iterable[Sealed], **of: str) -> None:
    for place, each in enumerate(files):
        session.add(
            Attachment(
                **of,
                id=each.id,
                case_id=case_id,
                place=place,
                name=seal(session, case_id, Purpose.MESSAGES, each.name.encode()),
                media_type=each.media_type,
                pages=each.pages,
                size=each.size,
                file=each.file,
                own_key=each.own_key,
                created_at=now(),
            )
        )
    session.flush()


def attachments_of(session: Session, case: Case) -> dict[str, tuple[Sent, ...]]:
    """Return the files of ``case`` that can be opened, by id of message or task; nothing once it is forgotten."""
    if case.forgotten_at is not None:
        return {}
    looks = _looks(session, case)
    found: dict[str, tuple[Sent, ...]] = {}
    for row in rows_of(session, case):
        name = open_sealed(session, case.id, Purpose.MESSAGES, row.name).decode()
        sent = Sent(row.id, name, row.pages, row.size, tuple(looks.get(row.id, ())), row.own_key)
        of = row.message_id or row.task_id or ""
        found[of] = (*found.get(of, ()), sent)
    return found


def rows_of(session: Session, case: Case) -> list[Attachment]:
    """Return the rows of the files of ``case`` that can be opened, in the order in which they were sent."""
    there = select(Attachment).where(Attachment.case_id == case.id, Attachment.file.is_not(None))
    of = (Attachment.message_id, Attachment.task_id)
    return list(session.scalars(there.order_by(Attachment.created_at, *of, Attachment.place)))


def attachment_at(session: Session, case: Case, attachment_id: str, *, of_person: bool) -> Attachment:
    """Return one file of ``case``.

    Args:
        session: any session.
        case: the case, loaded by somebody who may see it.
        attachment_id: of the file.
        of_person: whether the person asks, who sees no file of a note and has those found by hand in the package.

    Raises:
        NotYours: no such file in this case, or not any more.
    """
    wanted = select(Attachment).join(Message, Message.id == Attachment.message_id, isouter=True)
    wanted = wanted.where(Attachment.case_id == case.id, Attachment.id == attachment_id, Attachment.file.is_not(None))
    if of_person:
        wanted = wanted.where(Message.author != Author.NOTE)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NotYours
    return found


def read_attachment(session: Session, row: Attachment) -> tuple[str, bytes]:
    """Return name and content.

    Raises:
        KeyDestroyed: the content of its case was forgotten. BlobMissing: so was its file.
    """
    key = data_key(session, *key_of(row))
    vault: Vault = session.info["vault"]
    name = open_sealed(session, row.case_id, Purpose.MESSAGES, row.name).decode()
    return name, b"".join(vault.read(row.file or "", key, row.id))


def key_of(row: Attachment) -> tuple[str, Purpose]:
    """Return the owner and purpose of the key that a file is sealed with."""
    return (row.id, Purpose.IDENTITY) if row.own_key else (row.case_id, Purpose.MESSAGES)


def forget_attachments(session: Session, case_id: str) -> list[str]:
    """Let go of the files of a case whose key is destroyed; return their names, to unlink after the commit."""
    rows = session.scalars(select(Attachment).where(Attachment.case_id == case_id, Attachment.file.is_not(None))).all()
    return [name for row in rows for name in destroy_file(session, row)]


def destroy_file(session: Session, row: Attachment) -> list[str]:
    """Let go of one file, with its key where it has its own; return its name, to unlink after the commit."""
    if row.own_key:
        destroy_key(session, row.id, Purpose.IDENTITY)
    files, row.file = [row.file] if row.file else [], None
    return files


def note_fetched(session: Session, row: Attachment, by: Actor) -> None:
    """Record that ``by`` opens a file; the caller commits before the bytes leave."""
    record(session, AttachmentFetched(attachment=row.id), by, row.case_id)


def count_of(session: Session, case_id: str) -> int:
    """Return how many files were sent with the messages of a case."""
    of_messages = (Attachment.case_id == case_id, Attachment.message_id.is_not(None))
    return session.scalar(select(func.count()).where(*of_messages)) or 0


def _looks(session: Session, case: Case) -> dict[str, list[tuple[str, datetime]]]:
    entries = select(AuditEntry).where(AuditEntry.case_id == case.id, AuditEntry.kind == AttachmentFetched.kind)
    staff = entries.where(AuditEntry.actor_kind == ActorKind.STAFF).order_by(AuditEntry.seq)
    looks: dict[str, list[tuple[str, datetime]]] = {}
    for entry in session.scalars(staff):
        looks.setdefault(str(entry.facts["attachment"]), []).append((entry.actor_role or "", entry.at))
    return looks


def plain_name(name: str) -> str:
    """Return the name of a file without folders, ending and what has no place in one."""
    last = re.split(r"[\\/]", name)[-1]
    stem = last.rpartition(".")[0] or last
    kept = "".join(each if each.isalnum() or each in " -_()." else "_" for each in stem).strip(" .")
    return kept[:LONGEST_NAME] or "file"
