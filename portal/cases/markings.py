"""What stands on a person's data: restricted, objected to, consent withdrawn, by activity; and how a restriction ends.

A restriction keeps every purge away from the data it covers (Art. 18(2)). Before it is lifted the person is told
(Art. 18(3)): ``announce_lift`` sends the letter, and only ``LIFT_AFTER`` later ``lift`` ends it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, Date, ForeignKey, Index, String, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.accounts.codes import mailbox_hash
from portal.audit.record import SYSTEM, Actor, record
from portal.audit.source_events import LiftAnnounced, MarkingLifted, MarkingSet
from portal.cases.access import findings_of, open_json, seal_json
from portal.cases.letters import queue_letter
from portal.cases.models import Case
from portal.clock import local, now
from portal.db import Base, UtcDateTime, changed, new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose, destroy_key

EVERY = "*"
RESTRICT = "restrict"
LIFT_AFTER = timedelta(days=14)


class Marking(Base):
    """One activity of one person that is restricted, objected to or withdrawn. ``number`` grows with each change."""

    __tablename__ = "markings"
    __table_args__ = (
        Index("ix_markings_number", "number", unique=True),
        Index("ix_markings_case", "case_id", "activity", unique=True),
        Index("ix_markings_standing", "right_slug", "lifted_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    number: Mapped[int]
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    right_slug: Mapped[str] = mapped_column(String(32))
    activity: Mapped[str] = mapped_column(String(64))  # a slug of the register; * is all of them
    mailboxes: Mapped[list[str]] = mapped_column(JSON)  # keyed hashes of every address the person is known by
    subjects: Mapped[bytes]  # account numbers and addresses, for systems that ask: JSON, purpose contact of the marking
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lift_on: Mapped[date | None] = mapped_column(Date)  # the person was told that it ends on this day
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def mark(session: Session, case: Case, activities: Iterable[str], subjects: Mapping[str, Sequence[str]]) -> None:
    """Note that what ``case`` asks stands from now on for ``activities``; what stands already is left as it is.

    Args:
        session: a write session.
        case: a request to restrict, object or withdraw that was carried out.
        activities: slugs of the register, or ``*``.
        subjects: ``accounts`` and ``emails`` of the person, for systems that ask.
    """
    known = set(session.scalars(select(Marking.activity).where(Marking.case_id == case.id)))
    hashes = sorted(mailboxes_of(session, case))
    fresh = sorted(set(activities) - known)
    for activity in fresh:
        marking_id = new_id()
        told = {"accounts": sorted(subjects.get("accounts", ())), "emails": sorted(subjects.get("emails", ()))}
        session.add(
            Marking(
                id=marking_id,
                number=_next_number(session),
                case_id=case.id,
                right_slug=case.right_slug,
                activity=activity,
                mailboxes=hashes,
                subjects=seal_json(session, marking_id, Purpose.CONTACT, told),
                set_at=now(),
            )
        )
        session.flush()
    if fresh:
        record(session, MarkingSet(right=case.right_slug, activities=len(fresh)), SYSTEM, case.id)


def paused(session: Session, case: Case) -> frozenset[str]:
    """Return the activities in which the data of the person of ``case`` is restricted; ``*`` is all of them."""
    theirs = mailboxes_of(session, case)
    standing = select(Marking).where(Marking.right_slug == RESTRICT, Marking.lifted_at.is_(None))
    return frozenset(each.activity for each in session.scalars(standing) if theirs & set(each.mailboxes))


def content_paused(session: Session) -> ColumnElement[bool]:
    """Return the condition that a request's own content stays: it restricts something, or its person restricted all."""
    standing = select(Marking).where(Marking.right_slug == RESTRICT, Marking.lifted_at.is_(None))
    cases = standing.with_only_columns(Marking.case_id)
    everything = session.scalars(standing.where(Marking.activity == EVERY))
    mailboxes = {mailbox for each in everything for mailbox in each.mailboxes}
    return or_(Case.id.in_(cases), Case.mailbox.in_(mailboxes))


def markings_of(session: Session, case: Case) -> list[Marking]:
    """Return what stands because of ``case``, and what stood."""
    return list(session.scalars(select(Marking).where(Marking.case_id == case.id).order_by(Marking.activity)))


def announce_lift(session: Session, case: Case, by: Actor) -> date:
    """Tell the person that the restriction of ``case`` ends, and return on which day.

    Raises:
        MoveRefused: nothing of it stands, or the person was told already.
    """
    day = local(now() + LIFT_AFTER).date()
    open_still = (Marking.case_id == case.id, Marking.right_slug == RESTRICT, Marking.lifted_at.is_(None))
    if not changed(session, update(Marking).where(*open_still, Marking.lift_on.is_(None)).values(lift_on=day)):
        raise MoveRefused
    record(session, LiftAnnounced(on=day.isoformat()), by, case.id)
    queue_letter(session, case, "pause-ends", {"until_on": day.isoformat()})
    return day


def lifting_due(session: Session, on: date) -> list[Marking]:
    """Return the restrictions whose announced day has come."""
    due = select(Marking).where(Marking.lift_on <= on, Marking.lifted_at.is_(None))
    return list(session.scalars(due.order_by(Marking.number)))


def stands_elsewhere(session: Session, marking: Marking, on: date) -> bool:
    """Return whether another request of the same person restricts the same beyond ``on``: then the source goes on."""
    others = select(Marking).where(
        Marking.case_id != marking.case_id,
        Marking.right_slug == marking.right_slug,
        Marking.lifted_at.is_(None),
        Marking.activity.in_((marking.activity, EVERY)),
        or_(Marking.lift_on.is_(None), Marking.lift_on > on),
    )
    return any(set(each.mailboxes) & set(marking.mailboxes) for each in session.scalars(others))


def lift(session: Session, marking: Marking) -> bool:
    """End ``marking``; False where it ended before. Its subjects stay known until the feed's readers had time."""
    once = update(Marking).where(Marking.id == marking.id, Marking.lifted_at.is_(None))
    if not changed(session, once.values(lifted_at=now(), number=_next_number(session))):
        return False
    session.refresh(marking)
    record(session, MarkingLifted(right=marking.right_slug), SYSTEM, marking.case_id)
    return True


def after(session: Session, number: int, most: int) -> list[tuple[Marking, dict[str, list[str]]]]:
    """Return the markings that changed after ``number``, in order, at most ``most``, with whom they are about."""
    rows = session.scalars(select(Marking).where(Marking.number > number).order_by(Marking.number).limit(most)).all()
    return [(each, subjects_of(session, each)) for each in rows]


def forget_lifted(session: Session, before: datetime) -> int:
    """Forget what was lifted before ``before``: readers of the feed had time to hear of it. Return how many."""
    old = list(session.scalars(select(Marking).where(Marking.lifted_at <= before)))
    for each in old:
        destroy_key(session, each.id, Purpose.CONTACT)
        session.delete(each)
    return len(old)


def mailboxes_of(session: Session, case: Case) -> set[str]:
    """Return the keyed hashes of every address the person of ``case`` is known by: their own, and those on file."""
    if case.forgotten_at is not None:
        return {case.mailbox}
    on_file = findings_of(session, case).get("addresses", ())
    return {case.mailbox, *(mailbox_hash(session, each["address"]) for each in on_file)}


def subjects_of(session: Session, marking: Marking) -> dict[str, list[str]]:
    """Return whom ``marking`` is about: ``accounts`` and ``emails``."""
    found: dict[str, Any] = open_json(session, marking.id, Purpose.CONTACT, marking.subjects)
    return found


def _next_number(session: Session) -> int:
    return (session.scalar(select(func.max(Marking.number))) or 0) + 1
