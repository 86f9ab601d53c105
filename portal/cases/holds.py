"""Legal holds: an order that certain data stays. It stops the sweep and every erasure it covers, until it ends.

A hold covers everybody, one person or one request, and all collections of the data map or some of them. Pictures of
cards and packages are never held: they go when their time has come, whatever stands here.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import JSON, ColumnElement, Date, ForeignKey, Index, Select, String, and_, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.accounts.codes import mailbox_hash
from portal.audit.desk_events import HoldLifted, HoldSet
from portal.audit.record import Actor, record
from portal.cases.lifecycle import UNDECIDED
from portal.cases.models import Case
from portal.clock import local, now
from portal.db import Base, UtcDateTime, changed, new_id
from portal.errors import MoveRefused
from portal.files.keys import KeyDestroyed, Purpose, open_sealed, seal
from portal.jobs import outbox as jobs
from portal.rights import RIGHTS
from portal.rights.base import Effect

LOCATE = "case.locate"


class LegalHold(Base):
    """One order. ``whole``: it covers everything there is on whom it covers, also the content of the requests."""

    __tablename__ = "legal_holds"
    __table_args__ = (Index("ix_legal_holds_open", "lifted_at", "ends_on"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str | None] = mapped_column(String(32), ForeignKey("cases.id"))
    mailbox: Mapped[str | None] = mapped_column(String(64))
    whole: Mapped[bool]
    collections: Mapped[list[str]] = mapped_column(JSON)
    terms: Mapped[bytes]  # order, address, and why it was lifted: JSON, purpose decision
    ordered_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    set_by: Mapped[str] = mapped_column(String(32), ForeignKey("staff.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_by: Mapped[str | None] = mapped_column(String(32), ForeignKey("staff.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def stands(self, at: datetime) -> bool:
        """Whether it is in force at the moment ``at``; its last day counts whole."""
        begun = self.set_at <= at and self.ends_on >= local(at).date()
        return begun and (self.lifted_at is None or self.lifted_at > at)


EVERYBODY = and_(LegalHold.case_id.is_(None), LegalHold.mailbox.is_(None))


@dataclass(frozen=True, slots=True)
class Order:
    """What the privacy manager sets.

    Attributes:
        order: who ordered it and under which number.
        ordered_on: its date.
        ends_on: the last day it is in force.
        collections: keys of the data map; empty means everything.
        case: the one request it covers, if it is about one.
        address: the mail address of the one person it covers, if it is about one.
    """

    order: str = field(repr=False)
    ordered_on: date
    ends_on: date
    collections: tuple[str, ...] = ()
    case: Case | None = None
    address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """What stays of a case's person: everything, or the collections by their keys; and the latest day it stays."""

    whole: bool = False
    collections: frozenset[str] = frozenset()
    until: date | None = None

    def keeps(self, collection: str) -> bool:
        """Whether the collection with this key stays."""
        return self.whole or collection in self.collections


def set_hold(session: Session, order: Order, by: Actor) -> LegalHold:
    """Set a hold and have the sources searched again for every open request whose erasure it touches."""
    hold_id = new_id()
    terms = json.dumps({"order": order.order, "address": order.address}, ensure_ascii=False)
    hold = LegalHold(
        id=hold_id,
        case_id=order.case.id if order.case else None,
        mailbox=mailbox_hash(session, order.address) if order.address else None,
        whole=not order.collections,
        collections=sorted(order.collections),
        terms=seal(session, hold_id, Purpose.DECISION, terms.encode()),
        ordered_on=order.ordered_on,
        ends_on=order.ends_on,
        set_by=by.id,
        set_at=now(),
    )
    session.add(hold)
    session.flush()
    record(session, HoldSet(hold=hold.id, collections=len(hold.collections)), by, hold.case_id)
    search_again(session, hold)
    return hold


def lift_hold(session: Session, hold: LegalHold, why: str, by: Actor) -> None:
    """Lift ``hold`` before its time, with the reason; what it touched is searched again.

    Raises:
        MoveRefused: it was lifted before.
    """
    terms = json.dumps({**terms_of(session, hold), "lifted": why}, ensure_ascii=False)
    sealed = seal(session, hold.id, Purpose.DECISION, terms.encode())
    once = update(LegalHold).where(LegalHold.id == hold.id, LegalHold.lifted_at.is_(None))
    if not changed(session, once.values(lifted_at=now(), lifted_by=by.id, terms=sealed)):
        raise MoveRefused
    session.refresh(hold)
    record(session, HoldLifted(hold=hold.id), by, hold.case_id)
    search_again(session, hold)


def terms_of(session: Session, hold: LegalHold) -> dict[str, str]:
    """Return what ``hold`` says: order, address, and once lifted the reason."""
    found: dict[str, str] = json.loads(open_sealed(session, hold.id, Purpose.DECISION, hold.terms))
    return found


def holds(session: Session) -> list[LegalHold]:
    """Return every hold, the newest first."""
    return list(session.scalars(select(LegalHold).order_by(LegalHold.set_at.desc(), LegalHold.id)))


def covering(session: Session, case: Case) -> list[LegalHold]:
    """Return every hold that covers the person of ``case``, or ``case`` alone; also those that have ended."""
    theirs = or_(EVERYBODY, LegalHold.case_id == case.id, LegalHold.mailbox.in_(_mailboxes(session, case)))
    return list(session.scalars(select(LegalHold).where(theirs).order_by(LegalHold.set_at)))


def held(session: Session, case: Case, at: datetime) -> Held:
    """Return what must stay of the person of ``case``: by the holds in force at ``at``."""
    return _together(hold for hold in covering(session, case) if hold.stands(at))


def held_for_everybody(session: Session, at: datetime) -> Held:
    """Return what must stay of everybody, by the holds in force at ``at``."""
    return _together(hold for hold in session.scalars(select(LegalHold).where(EVERYBODY)) if hold.stands(at))


def held_anew(session: Session, case: Case, decided_at: datetime) -> bool:
    """Whether a hold was set after the sources were searched or the case decided: what was to go must stay now."""
    if RIGHTS[case.right_slug].effect is not Effect.ERASE:
        return False
    moment = now()
    known = min(decided_at, case.located_at or decided_at)
    return any(hold.stands(moment) and hold.set_at > known for hold in covering(session, case))


def content_held(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a case's own content stays at ``at``: a hold on everything of it or of its person."""
    standing = and_(LegalHold.whole, LegalHold.set_at <= at, LegalHold.ends_on >= local(at).date())
    open_still = and_(standing, or_(LegalHold.lifted_at.is_(None), LegalHold.lifted_at > at))
    cases = select(LegalHold.case_id).where(open_still, LegalHold.case_id.is_not(None))
    mailboxes = select(LegalHold.mailbox).where(open_still, LegalHold.mailbox.is_not(None))
    return or_(Case.id.in_(cases), Case.mailbox.in_(mailboxes))


def search_again(session: Session, hold: LegalHold) -> None:
    """Have the sources searched again for each undecided erasure that ``hold`` covers: its dry run changes."""
    erasing = [slug for slug, right in RIGHTS.items() if right.effect is Effect.ERASE]
    touched = select(Case).where(Case.status.in_(UNDECIDED), Case.right_slug.in_(erasing), Case.located_at.is_not(None))
    for case in session.scalars(_of(touched, hold)):
        jobs.queue(session, LOCATE, {"case": case.id}, case_id=case.id)


def _together(holds: Iterable[LegalHold]) -> Held:
    standing = list(holds)
    return Held(
        whole=any(hold.whole for hold in standing),
        collections=frozenset(key for hold in standing for key in hold.collections),
        until=max((hold.ends_on for hold in standing), default=None),
    )


def _of(cases: Select[Case], hold: LegalHold) -> Select[Case]:
    if hold.case_id is not None:
        return cases.where(Case.id == hold.case_id)
    return cases.where(Case.mailbox == hold.mailbox) if hold.mailbox is not None else cases


def _mailboxes(session: Session, case: Case) -> set[str]:
    """Return the hashes of every address the person of ``case`` is known by: their own, and those on file."""
    found: Mapping[str, Sequence[Mapping[str, str]]] = {}
    if case.findings is not None:
        try:
            found = json.loads(open_sealed(session, case.id, Purpose.DECISION, case.findings))
        except KeyDestroyed:
            found = {}
    addresses = [each["address"] for each in found.get("addresses", ())]
    return {case.mailbox, *(mailbox_hash(session, address) for address in addresses)}
