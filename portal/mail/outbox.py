"""The table of mails. A row holds the letter's name, the language, neutral facts and the sealed address: no answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import JSON, Index, String, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.clock import now
from portal.db import Base, UtcDateTime, changed, enum_column, new_id
from portal.files.keys import Purpose, open_sealed, seal
from portal.jobs import outbox as jobs

SEND = "mail.send"
Facts: TypeAlias = Mapping[str, str | Sequence[Mapping[str, str]]]
"""What a letter shows: references, dates and ids by name; a list where there are several of a kind. Never content."""


class MailState(StrEnum):
    """Where a mail is: staff see it beside the case."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"


class Mail(Base):
    """One mail to one address."""

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_case_letter", "case_id", "letter"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[str | None] = mapped_column(String(32))
    letter: Mapped[str] = mapped_column(String(48))
    language: Mapped[str] = mapped_column(String(2))
    address: Mapped[bytes]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[MailState] = mapped_column(enum_column(MailState), default=MailState.QUEUED)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bounced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bounce: Mapped[str | None] = mapped_column(String(16))  # the status of its delivery report, RFC 3463: 5.1.1


def queue(
    session: Session,
    letter: str,
    language: str,
    address: str,
    facts: Facts,
    *,
    owner: str,
    case_id: str | None = None,
    leaves_at: datetime | None = None,
) -> Mail:
    """Queue ``letter`` to ``address`` in the caller's transaction, with the job that sends it.

    Args:
        session: a write session.
        letter: name of the folder under ``templates/mail``.
        language: ``nl``, ``fr``, ``de`` or ``en``.
        address: one mail address; sealed under the owner's contact key.
        facts: what the letter shows.
        owner: whose contact key seals the address (a case, a conversation, a code).
        case_id: the case it belongs to, if any.
        leaves_at: not before this moment; None is at once.

    Raises:
        ValueError: there is no address. Who has none gets letters on paper, and nothing may try to mail them.
    """
    if not address.strip():
        raise ValueError("a mail needs an address")
    mail = Mail(
        id=new_id(),
        owner=owner,
        case_id=case_id,
        letter=letter,
        language=language,
        address=seal(session, owner, Purpose.CONTACT, address.encode()),
        facts=dict(facts),
        state=MailState.QUEUED,
        queued_at=now(),
    )
    session.add(mail)
    session.flush()
    jobs.queue(session, SEND, {"mail": mail.id}, case_id=case_id, run_at=leaves_at)
    return mail


def address_of(session: Session, mail: Mail) -> str:
    """Return the address of ``mail``; raises KeyDestroyed once it was forgotten."""
    return open_sealed(session, mail.owner, Purpose.CONTACT, mail.address).decode()


def mark_sent(session: Session, mail_id: str) -> bool:
    """Note that the mail server took the mail; False where it was noted before."""
    sent = (
        update(Mail).where(Mail.id == mail_id, Mail.state != MailState.SENT).values(state=MailState.SENT, sent_at=now())
    )
    return changed(session, sent) > 0


def mark_failed(session: Session, mail_id: str) -> None:
    """Note that the mail was given up."""
    session.execute(
        update(Mail).where(Mail.id == mail_id, Mail.state == MailState.QUEUED).values(state=MailState.FAILED)
    )
