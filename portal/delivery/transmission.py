"""Sending a package straight to another controller (Art. 20(2)): a signed link that opens once, for one hour.

The person sends it, with a fresh code; the receiver gets no more than the person could hand over, and no longer than
the package lives. Each sending is one row; the release guard is looked at when it is sent and when it is opened.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.accounts.tokens import LinkPurpose, read_link
from portal.audit.delivery_events import PackageSentOn, PackageTaken
from portal.audit.record import PERSON, SYSTEM, record
from portal.cases.access import may_release
from portal.cases.letters import fates_of, queue_transmission
from portal.cases.models import Case, Package
from portal.clock import now
from portal.db import Base, UtcDateTime, changed, new_id
from portal.delivery.packages import WINDOW, is_there
from portal.delivery.receivers import Receiver
from portal.errors import LinkExpired, MoveRefused, NotYours
from portal.words import N_

PORT = "port"
TAKEN = N_("This link was used. It opens once; the person can send a new one.")
GONE = N_("This file is no longer there. The person can ask for it again and send it anew.")
MOST = 5
"""Sendings of one package: as many as downloads."""


class Transmission(Base):
    """One sending of one package to one receiver."""

    __tablename__ = "transmissions"
    __table_args__ = (Index("ix_transmissions_case", "case_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"))
    package_id: Mapped[str] = mapped_column(String(32), ForeignKey("packages.id"))
    name: Mapped[str] = mapped_column(String(200))
    mail_id: Mapped[str | None] = mapped_column(String(32))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class SentOn:
    """What the person sees of one sending: to whom, when, and whether it was taken or could not be told."""

    name: str
    made_at: datetime
    opened_at: datetime | None
    impossible: bool


def send_on(session: Session, case: Case, package: Package, receiver: Receiver) -> Transmission:
    """Send ``package`` to ``receiver``, in the caller's transaction.

    Raises:
        MoveRefused: only data that are taken elsewhere go straight on, and five times at most.
        LinkExpired: the package is gone.
        NotYours: it may not be released (any more).
    """
    moment = now()
    if case.right_slug != PORT:
        raise MoveRefused(N_("Only data that you take elsewhere can be sent straight on."))
    if not is_there(package, moment):
        raise LinkExpired(N_("This file is deleted. Ask for it again."))
    if may_release(session, case, moment):
        raise NotYours
    if len(sent_on(session, case, package)) >= MOST:
        raise MoveRefused(N_("You sent this file on five times. Ask for it again."))
    sending = Transmission(id=new_id(), case_id=case.id, package_id=package.id, name=receiver.name, made_at=moment)
    session.add(sending)
    session.flush()
    mail = queue_transmission(session, case, sending.id, receiver.address, receiver.language, package.expires_at)
    sending.mail_id = mail.id
    record(session, PackageSentOn(package=package.id, receiver=receiver.slug), PERSON, case.id)
    return sending


def sent_on(session: Session, case: Case, package: Package) -> list[SentOn]:
    """Return the sendings of ``package``, the oldest first."""
    found = select(Transmission).where(Transmission.case_id == case.id, Transmission.package_id == package.id)
    rows = session.scalars(found.order_by(Transmission.made_at, Transmission.id)).all()
    fates = fates_of(session, [each.mail_id for each in rows if each.mail_id])
    return [
        SentOn(each.name, each.made_at, each.opened_at, fates.get(each.mail_id or "", (None, True))[1]) for each in rows
    ]


def sending_behind(session: Session, token: str) -> tuple[Transmission, Case, Package]:
    """Return what the link of a receiver points to; raises LinkExpired where there is nothing any more."""
    sending = session.get(Transmission, read_link(session, LinkPurpose.RECEIVE, token))
    if sending is None:
        raise LinkExpired(GONE)
    case, package = session.get_one(Case, sending.case_id), session.get_one(Package, sending.package_id)
    if not is_there(package, now()) or may_release(session, case, now()):
        raise LinkExpired(GONE)
    return sending, case, package


def is_used(sending: Transmission) -> bool:
    """Whether the hour in which the receiver may take the file is over."""
    return sending.opened_at is not None and sending.opened_at <= now() - WINDOW


def take(session: Session, sending: Transmission) -> None:
    """Note that the receiver takes the file, in the caller's transaction; a lost line may be tried again for an hour.

    Raises:
        LinkExpired: the link was used.
    """
    once = update(Transmission).where(Transmission.id == sending.id, Transmission.opened_at.is_(None))
    if changed(session, once.values(opened_at=now())):
        record(session, PackageTaken(package=sending.package_id), SYSTEM, sending.case_id)
        return
    session.refresh(sending)
    if is_used(sending):
        raise LinkExpired(TAKEN)
