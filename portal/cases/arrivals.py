"""How a request came in that nobody filed on the portal: from which day its clock counts and why, and what it asks.

A mail is filed at once, as what it seems to ask; until somebody has read it nothing can be decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.desk_events import ArrivalSet, AskedSet
from portal.audit.record import Actor, record
from portal.cases.access import UNSETTLED, contact_of, ladder_of, open_json, seal_json
from portal.cases.deadlines import deadline
from portal.cases.letters import queue_receipt
from portal.cases.lifecycle import UNDECIDED
from portal.cases.models import Case, Channel
from portal.cases.representing import Whose, whose_of
from portal.clock import BRUSSELS, now, today
from portal.db import Base, UtcDateTime, changed, enum_column
from portal.errors import MoveRefused
from portal.files.keys import Purpose, keyed_hash
from portal.jobs import outbox as jobs
from portal.rights import RIGHTS
from portal.rights.base import Answers
from portal.words import N_

LOCATE = "case.locate"
AT_ONCE = N_("Somebody else read this mail at the same moment. Look for it in the queue.")
NOT_THIS = N_("The day of this request cannot be changed: it is certain, or the term was extended.")
SETTLED = N_("It is settled who asks: for whom they ask can no longer be changed.")


CHANNELS = {
    Channel.PORTAL: N_("this portal"),
    Channel.MAIL: N_("mail"),
    Channel.PHONE: N_("telephone"),
    Channel.COUNTER: N_("counter"),
    Channel.POST: N_("letter"),
}
"""How a request came in, as people read it."""


DOCUMENTS = {
    "eid": N_("Belgian identity card"),
    "id": N_("identity card of another country"),
    "passport": N_("passport"),
    "residence": N_("residence card"),
}
"""What somebody can show at the counter. Which kind is noted; no number, and no copy is kept."""


class Basis(StrEnum):
    """What the day of arrival rests on."""

    SERVER = "server"
    EARLIEST = "earliest"
    READ = "read"
    SAID = "said"
    DESK = "desk"

    @property
    def sentence(self) -> str:
        """What staff read."""
        return BASES[self]


BASES = {
    Basis.SERVER: N_("By the line that our own mail server wrote."),
    Basis.EARLIEST: N_("No line of our own server. We count from the earliest day in the mail: the safe one."),
    Basis.READ: N_("The mail holds no day that can be true. We count from the day it was read."),
    Basis.SAID: N_("Written down by who took it in."),
    Basis.DESK: N_("Set at the desk."),
}


class Arrival(Base):
    """How one case came in; there is none for what was filed on the portal."""

    __tablename__ = "arrivals"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    basis: Mapped[Basis] = mapped_column(enum_column(Basis))
    unread: Mapped[bool]  # nobody said yet what it asks
    taken_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    content: Mapped[bytes]  # subject, what was left out, why the day was set: JSON, purpose answers


class ReadMail(Base):
    """A mail that was read already: it is not filed again. The hash is keyed, of its Message-ID or of its bytes."""

    __tablename__ = "read_mails"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks, as the desk understood it."""

    right: str
    language: str
    answers: Answers = field(repr=False)


def note_arrival(
    session: Session, case: Case, basis: Basis, by: Actor, content: Mapping[str, Any], *, unread: bool = False
) -> None:
    """Keep how ``case`` came in."""
    sealed = seal_json(session, case.id, Purpose.ANSWERS, dict(content))
    session.add(Arrival(case_id=case.id, basis=basis, unread=unread, taken_by=by.id or None, content=sealed))
    session.flush()


def arrival_of(session: Session, case: Case) -> Arrival | None:
    """Return how ``case`` came in; None where it was filed on the portal."""
    return None if case.channel is Channel.PORTAL else session.get(Arrival, case.id)


def told_of(session: Session, arrival: Arrival) -> dict[str, Any]:
    """Return subject, what was left out, and why the day was set.

    Raises:
        KeyDestroyed: the content of the case was forgotten.
    """
    found: dict[str, Any] = open_json(session, arrival.case_id, Purpose.ANSWERS, arrival.content)
    return found


def is_read(session: Session, case: Case) -> bool:
    """Whether it is known what ``case`` asks: always, but for a mail that nobody has read yet."""
    arrival = arrival_of(session, case)
    return arrival is None or not arrival.unread


def set_arrival(session: Session, case: Case, day: date, why: str, by: Actor) -> None:
    """Count ``case`` from ``day``, and tell the person the new dates with a receipt.

    Raises:
        MoveRefused: the day stands by our own server, lies ahead, or the term was extended or the case decided.
    """
    arrival = arrival_of(session, case)
    fixed = arrival is None or arrival.basis is Basis.SERVER or case.first_due_on is not None
    if arrival is None or fixed or day > today() or case.status not in UNDECIDED:
        raise MoveRefused(NOT_THIS)
    before = case.received_on
    moment = datetime.combine(day, time(12), BRUSSELS)
    values = {"received_at": moment, "received_on": day, "due_on": deadline(day), "version": case.version + 1}
    _write(session, case, values)
    content = told_of(session, arrival) | {"why": why}
    arrival.basis, arrival.content = Basis.DESK, seal_json(session, case.id, Purpose.ANSWERS, content)
    record(session, ArrivalSet(before=before.isoformat(), after=day.isoformat()), by, case.id)
    queue_receipt(session, [case], {"unread": "yes"} if arrival.unread else None)


def set_asked(session: Session, case: Case, asked: Asked, whose: Whose, by: Actor) -> None:
    """Say what ``case`` asks, and of whom; the sources are searched again, and the person gets the receipt of it.

    What came in stays as it came: its text and hash are not touched.

    Raises:
        MoveRefused: it was filed on the portal, or is decided; or it is settled who asks, and that was for somebody
            else.
    """
    arrival = arrival_of(session, case)
    if arrival is None or case.status not in UNDECIDED:
        raise MoveRefused
    said = contact_of(session, case)
    if whose != whose_of(said) and case.identity not in UNSETTLED:
        raise MoveRefused(SETTLED)
    first = arrival.unread or asked.right != case.right_slug
    own_account = "account" in said
    values = {
        "right_slug": asked.right,
        "language": asked.language,
        "answers": seal_json(session, case.id, Purpose.ANSWERS, dict(asked.answers)),
        "contact": seal_json(session, case.id, Purpose.CONTACT, whose.within(said)),
        "needs_card": ladder_of(session).asks_card(RIGHTS[asked.right], asked.answers) and not own_account,
        "version": case.version + 1,
    }
    _write(session, case, values)
    arrival.unread = False
    record(session, AskedSet(right=asked.right, language=asked.language, acting=whose.acting), by, case.id)
    key = f"{LOCATE}:{case.id}:{case.version}"
    jobs.queue(session, LOCATE, {"case": case.id}, case_id=case.id, dedup=key)
    if first:
        queue_receipt(session, [case])


def read_before(session: Session, name: str) -> Case | None:
    """Return the case of the mail called ``name`` (its Message-ID, or the hash of its bytes), if it was read before."""
    row = session.get(ReadMail, keyed_hash(session, "mail", name))
    return session.get(Case, row.case_id) if row else None


def note_read(session: Session, name: str, case: Case) -> None:
    """Remember that the mail called ``name`` went to ``case``.

    Raises:
        MoveRefused: somebody else read it at the same moment; nothing of this transaction is to be kept.
    """
    noted = {"digest": keyed_hash(session, "mail", name), "case_id": case.id, "read_at": now()}
    try:
        session.execute(insert(ReadMail).values(**noted))
    except IntegrityError:
        raise MoveRefused(AT_ONCE) from None


def _write(session: Session, case: Case, values: Mapping[str, Any]) -> None:
    if not changed(session, update(Case).where(Case.id == case.id, Case.version == case.version).values(**values)):
        raise MoveRefused
    session.refresh(case)
