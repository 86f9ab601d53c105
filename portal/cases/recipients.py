"""To whom a person's data was given, told when it is corrected, deleted or restricted (Art. 19), and who confirmed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.record import PERSON, SYSTEM, record
from portal.audit.source_events import RecipientConfirmed, RecipientsTold
from portal.cases.access import open_json, seal_json
from portal.cases.letters import fates_of, queue_recipient_notice
from portal.cases.models import Case
from portal.clock import now
from portal.db import Base, UtcDateTime, changed, new_id
from portal.files.keys import KeyDestroyed, Purpose, destroy_key


class Recipient(Base):
    """One recipient of one person's data, to be told of what ``case_id`` changed."""

    __tablename__ = "recipients"
    __table_args__ = (Index("ix_recipients_case", "case_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    said: Mapped[bytes]  # name, address, when and for what it was given: JSON, purpose contact of the recipient
    mail_id: Mapped[str | None] = mapped_column(String(32))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Disclosed:
    """To whom data was given: name, mail address if one is known, the activity, the days, and the person's accounts."""

    name: str
    address: str = field(repr=False)
    activity: str
    days: tuple[str, ...]
    accounts: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What the person sees of one recipient: told, confirmed, or impossible to tell."""

    name: str
    activity: str
    told_at: datetime | None
    confirmed_at: datetime | None
    impossible: bool


def note_recipients(session: Session, case: Case, found: Iterable[Disclosed]) -> None:
    """Write down who must be told once ``case`` is carried out, in place of what was written before."""
    old = session.scalars(select(Recipient.id).where(Recipient.case_id == case.id, Recipient.told_at.is_(None))).all()
    for recipient_id in old:
        destroy_key(session, recipient_id, Purpose.CONTACT)
    session.execute(delete(Recipient).where(Recipient.id.in_(old)))
    for each in found:
        recipient_id = new_id()
        said = {"name": each.name, "address": each.address, "activity": each.activity, "days": list(each.days)}
        sealed = seal_json(session, recipient_id, Purpose.CONTACT, {**said, "accounts": list(each.accounts)})
        session.add(Recipient(id=recipient_id, case_id=case.id, said=sealed, made_at=now()))
    session.flush()


def tell_recipients(session: Session, case: Case) -> None:
    """Queue one notice to each recipient with an address, with a link to confirm it."""
    waiting = select(Recipient).where(Recipient.case_id == case.id, Recipient.told_at.is_(None))
    told = 0
    for each in session.scalars(waiting).all():
        address, each.told_at = str(said_of(session, each)["address"]), now()
        if address:
            each.mail_id = queue_recipient_notice(session, case, each.id, address).id
            told += 1
    if told:
        record(session, RecipientsTold(recipients=told), SYSTEM, case.id)


def recipient_of(session: Session, recipient_id: str) -> Recipient | None:
    """Return the recipient with this id, if there is one."""
    return session.get(Recipient, recipient_id)


def said_of(session: Session, recipient: Recipient) -> dict[str, Any]:
    """Return name, address, activity, days and accounts.

    Raises:
        KeyDestroyed: it was forgotten with the request.
    """
    found: dict[str, Any] = open_json(session, recipient.id, Purpose.CONTACT, recipient.said)
    return found


def confirm(session: Session, recipient: Recipient) -> bool:
    """Note that the recipient confirmed it; False where that was noted before."""
    once = update(Recipient).where(Recipient.id == recipient.id, Recipient.confirmed_at.is_(None))
    if not changed(session, once.values(confirmed_at=now())):
        return False
    record(session, RecipientConfirmed(), PERSON, recipient.case_id)
    return True


def told_of(session: Session, case: Case) -> list[Told]:
    """Return what became of each recipient of ``case``; nothing before it is carried out or once it is forgotten."""
    rows = select(Recipient).where(Recipient.case_id == case.id, Recipient.told_at.is_not(None))
    told = session.scalars(rows.order_by(Recipient.id)).all()
    fates = fates_of(session, [each.mail_id for each in told if each.mail_id])
    found = []
    for each in told:
        try:
            said: Mapping[str, Any] = said_of(session, each)
        except KeyDestroyed:
            continue
        sent_at, impossible = fates.get(each.mail_id or "", (None, True))
        found.append(Told(said["name"], said["activity"], sent_at, each.confirmed_at, impossible))
    return sorted(found, key=lambda each: each.name)


def forget_recipients(session: Session, case_id: str) -> None:
    """Destroy what is known of the recipients of ``case_id``."""
    for recipient_id in session.scalars(select(Recipient.id).where(Recipient.case_id == case_id)).all():
        destroy_key(session, recipient_id, Purpose.CONTACT)
