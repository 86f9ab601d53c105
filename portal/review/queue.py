"""The queue: keyset pages of 25, the rows of a page with a fixed number of queries, and the search."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Date, Select, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from portal.accounts.codes import mailbox_hash
from portal.accounts.models import Role, Staff
from portal.cases.access import contacts_of
from portal.cases.arrivals import CHANNELS
from portal.cases.by_post import cases_waiting
from portal.cases.deadlines import days_used
from portal.cases.disagreements import contested
from portal.cases.letters import fates_of_mails
from portal.cases.lifecycle import OPEN, Status
from portal.cases.models import Author, Case, Channel, Message
from portal.cases.naming import name_hash, reference_in
from portal.clock import local
from portal.review.counting import MOST, up_to_most
from portal.review.fading import fading, on_top
from portal.review.presence import Beside, beside
from portal.review.wanted import Condition, Key, Wanted, has_one_of, is_awake
from portal.words import N_

PAGE = 25
CHUNK = 500
WORKABLE = OPEN - {Status.SECOND, Status.WAITING}


@dataclass(frozen=True, slots=True)
class Tag:
    """A word beside a row; ``text`` is a source string."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One request in the queue."""

    case: Case
    name: str
    owner: str
    mine: bool
    passed: int
    total: int
    tags: tuple[Tag, ...]
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the queue. ``first`` and ``total`` are 0 where nobody counts; a ``total`` above ``MOST`` means more.

    ``last`` is the place of its last row. What stands on top out of its turn does not count.
    """

    rows: tuple[Row, ...]
    earlier: Key | None
    later: Key | None
    first: int = 0
    last: int = 0
    total: int = 0


def page(session: Session, member: Staff, wanted: Wanted, today: date, at: datetime) -> Page:
    """Return one page, nearest deadline first; above the first one stand those whose picture goes soon.

    The number of queries does not depend on the number of requests.
    """
    kept = wanted.condition(member, today)
    found = list(session.scalars(place_in(select(Case).where(kept), wanted).limit(PAGE + 1)))
    more, found = len(found) > PAGE, found[:PAGE]
    if wanted.before:
        found.reverse()
    has_earlier = more if wanted.before else wanted.after is not None
    has_later = wanted.before is not None or more
    first, total = _place(session, wanted, kept, found)
    faded = fading(session, at) if wanted.view.counted else []
    top = on_top(session, wanted, kept, faded)
    shown = [*top, *(each for each in found if each not in top)]
    return Page(
        rows=_rows(session, member, shown, today, at, frozenset(faded)),
        earlier=Key.of(found[0]) if found and has_earlier else None,
        later=Key.of(found[-1]) if found and has_later else None,
        first=first,
        last=first + len(found) - 1 if first else 0,
        total=total,
    )


def every_row(session: Session, member: Staff, wanted: Wanted, today: date, at: datetime) -> Iterator[Row]:
    """Give every row of the view from its first page on, some hundreds at a time."""
    kept, place = wanted.condition(member, today), replace(wanted, after=None, before=None)
    while found := list(session.scalars(place_in(select(Case).where(kept), place).limit(CHUNK))):
        yield from _rows(session, member, found, today, at)
        place = replace(place, after=Key.of(found[-1]))
        session.expunge_all()


def search(session: Session, member: Staff, words: str, today: date, at: datetime) -> tuple[Row, ...]:
    """Return what has ``words`` as its reference, its name or its mail address; exact, by keyed hash."""
    typed = words.strip()
    exact = or_(
        Case.reference == reference_in(typed),
        Case.mailbox == mailbox_hash(session, typed),
        Case.name_hash == name_hash(session, typed),
    )
    newest = select(Case).where(exact).order_by(Case.received_at.desc()).limit(PAGE)
    return _rows(session, member, list(session.scalars(newest)), today, at)


def next_after(session: Session, member: Staff, case: Case, today: date) -> str | None:
    """Return the id of what is due next after ``case`` and can be worked on: mine or nobody's, and not my own request.

    After the last one it begins anew with the first.
    """
    workable = has_one_of(OPEN) & Case.status.in_(WORKABLE) & is_awake(today) & (Case.id != case.id)
    workable &= or_(Case.assigned_to == member.id, Case.assigned_to.is_(None))
    workable &= Case.mailbox != mailbox_hash(session, member.login)
    first = select(Case.id).where(workable).order_by(Case.due_on, Case.id).limit(1)
    return session.scalar(first.where(_later_than(Key.of(case)))) or session.scalar(first)


def place_in(statement: Select[Case], wanted: Wanted) -> Select[Case]:
    """Return ``statement`` in the order of the queue, from the place that ``wanted`` names on."""
    if wanted.before:
        return statement.where(_earlier_than(wanted.before)).order_by(Case.due_on.desc(), Case.id.desc())
    statement = statement.order_by(Case.due_on, Case.id)
    return statement.where(_later_than(wanted.after)) if wanted.after else statement


def _earlier_than(key: Key) -> Condition:
    return tuple_(Case.due_on, Case.id) < tuple_(literal(key.due_on, Date()), literal(key.case_id))


def _later_than(key: Key) -> Condition:
    return tuple_(Case.due_on, Case.id) > tuple_(literal(key.due_on, Date()), literal(key.case_id))


def _place(session: Session, wanted: Wanted, kept: Condition, found: Sequence[Case]) -> tuple[int, int]:
    if not found or not wanted.view.counted:
        return 0, 0
    earlier = kept & _earlier_than(Key.of(found[0]))
    total, before = session.execute(select(up_to_most(kept), up_to_most(earlier))).one()
    return (int(before) + 1 if before <= MOST else 0), int(total)


def _rows(
    session: Session,
    member: Staff,
    cases: Sequence[Case],
    today: date,
    at: datetime,
    faded: frozenset[str] = frozenset(),
) -> tuple[Row, ...]:
    contacts = contacts_of(session, cases)
    owners = names_of_staff(session)
    replied = _replied(session, cases)
    ids = [each.id for each in cases]
    holds, bounced = fates_of_mails(session, ids)
    others, disagree = beside(session, ids, member, at), contested(session, ids)
    to_post = cases_waiting(session, ids)
    return tuple(
        Row(
            case=each,
            name=contacts.get(each.id, {}).get("name", ""),
            owner=owners.get(each.assigned_to or "", ""),
            mine=each.assigned_to == member.id,
            passed=days_used(each.received_on, today),
            total=(each.due_on - each.received_on).days,
            tags=(
                *((Tag(N_("picture goes soon"), "err"),) if each.id in faded else ()),
                *((Tag(N_("Disagrees"), "warn"),) if each.id in disagree else ()),
                *((Tag(N_("waiting for the post"), "warn"),) if each.id in to_post else ()),
                *_tags(each, each.id in replied, each.id in bounced, holds[each.id], at),
            ),
            beside=tuple(others.get(each.id, ())),
        )
        for each in cases
    )


def _tags(each: Case, replied: bool, bounced: bool, hold: datetime | None, at: datetime) -> list[Tag]:
    tags = [] if each.channel is Channel.PORTAL else [Tag(CHANNELS[each.channel])]
    if each.stopped_at is not None:
        tags.append(Tag(N_("stopped"), "err"))
    if each.status in OPEN and each.located_at is not None and not each.on_file:
        came_here = each.channel is Channel.PORTAL
        tags.append(Tag(N_("address unknown"), "err") if came_here else Tag(N_("address unconfirmed"), "warn"))
        if each.found and (hold is None or hold > at):
            tags.append(Tag(N_("72-hour hold"), "warn"))
    if bounced and each.status in OPEN:
        tags.append(Tag(N_("mail came back"), "err"))
    if each.status in OPEN and each.sleeps_until is not None and each.sleeps_until > local(at).date():
        tags.append(Tag(N_("put aside")))
    if replied and each.status in OPEN:
        tags.append(Tag(N_("new message"), "warn"))
    return tags


def _replied(session: Session, cases: Sequence[Case]) -> set[str]:
    """Return the ids of the cases in which the person had the last word."""
    spoken = select(Message.case_id, Message.author).where(
        Message.case_id.in_([each.id for each in cases]), Message.author != Author.NOTE
    )
    last = {case_id: author for case_id, author in session.execute(spoken.order_by(Message.created_at, Message.id))}
    return {case_id for case_id, author in last.items() if author is Author.PERSON}


def names_of_staff(session: Session) -> dict[str, str]:
    """Return the name of every member of staff by id, also of those who left: their work keeps its name."""
    return {staff_id: name for staff_id, name in session.execute(select(Staff.id, Staff.name))}


def colleagues(session: Session, member: Staff) -> list[Staff]:
    """Return who could take over from ``member``."""
    active = select(Staff).where(Staff.disabled_at.is_(None), Staff.invited_at.is_(None))
    working = active.where(Staff.role.in_((Role.REVIEWER, Role.MANAGER)))
    return list(session.scalars(working.where(Staff.id != member.id).order_by(Staff.name)))
