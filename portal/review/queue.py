"""The queue: fixed views, keyset pages of 25, the rows of a page with a fixed number of queries, and the search."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from portal.accounts.codes import mailbox_hash
from portal.accounts.models import Role, Staff
from portal.cases.access import contacts_of
from portal.cases.deadlines import days_used
from portal.cases.letters import bounced_cases, hold_ends
from portal.cases.lifecycle import OPEN, Status
from portal.cases.models import Author, Case, Message
from portal.cases.moves import name_hash
from portal.words import N_

PAGE = 25
DUE, MINE, ALL = "due", "mine", "all"

Condition: TypeAlias = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class View:
    """A fixed view of the queue. ``statuses`` None means every status, also the closed ones, which nobody counts."""

    slug: str
    title: str
    statuses: frozenset[Status] | None
    free: bool = False  # only what nobody has taken
    own: bool = False  # only what is mine

    @property
    def counted(self) -> bool:
        """Whether its rows are few enough to be counted on every page."""
        return self.statuses is not None and self.statuses <= OPEN

    def condition(self, member: Staff) -> Condition:
        """Return what a row of this view fulfils, for ``member``."""
        parts: list[Condition] = [] if self.statuses is None else [Case.status.in_(self.statuses)]
        if self.free:
            parts.append(Case.assigned_to.is_(None))
        if self.own:
            parts.append(Case.assigned_to == member.id)
        return and_(true(), *parts)


VIEWS = {
    view.slug: view
    for view in (
        View(DUE, N_("Due first"), OPEN),
        View(MINE, N_("Mine"), OPEN, own=True),
        View("new", N_("New"), OPEN, free=True),
        View("identity", N_("Identity"), frozenset({Status.IDENTITY})),
        View("waiting", N_("Waiting for the person"), frozenset({Status.WAITING})),
        View("second", N_("Second pair of eyes"), frozenset({Status.SECOND})),
        View("answered", N_("Answered"), frozenset({Status.ANSWERED, Status.CARRIED_OUT})),
        View(ALL, N_("All"), None),
    )
}


@dataclass(frozen=True, slots=True)
class Key:
    """The place of a row in the queue, written in the address as ``2026-12-22.<id>``."""

    due_on: date
    case_id: str

    def __str__(self) -> str:
        return f"{self.due_on.isoformat()}.{self.case_id}"

    @classmethod
    def read(cls, text: str | None) -> "Key | None":
        """Return the place that ``text`` names, or None."""
        day, _, case_id = (text or "").partition(".")
        try:
            return cls(date.fromisoformat(day), case_id) if case_id else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the queue is looked at."""

    view: View
    right: str = ""
    language: str = ""
    after: Key | None = None
    before: Key | None = None


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


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the queue. ``first`` and ``total`` are 0 where the view is not counted."""

    rows: tuple[Row, ...]
    earlier: Key | None
    later: Key | None
    first: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """What the head of the queue says."""

    open: int
    late: int
    soon: int


def counts(session: Session, member: Staff) -> dict[str, int]:
    """Return how many requests each counted view holds, with one query over what is open."""
    views = [view for view in VIEWS.values() if view.counted and view.slug != DUE]
    sums = [func.coalesce(func.sum(case((view.condition(member), 1), else_=0)), 0) for view in views]
    numbers = session.execute(select(*sums).where(Case.status.in_(OPEN))).one()
    return {view.slug: int(number) for view, number in zip(views, numbers, strict=True)}


def summary(session: Session, today: date, week: date) -> Summary:
    """Return how much is open, late, and due until ``week``."""
    late = func.coalesce(func.sum(case((Case.due_on < today, 1), else_=0)), 0)
    soon = func.coalesce(func.sum(case((Case.due_on.between(today, week), 1), else_=0)), 0)
    found = session.execute(select(func.count(), late, soon).where(Case.status.in_(OPEN))).one()
    return Summary(*(int(number) for number in found))


def page(session: Session, member: Staff, wanted: Wanted, today: date, at: datetime) -> Page:
    """Return one page, nearest deadline first. The number of queries does not depend on the number of requests."""
    kept = _kept(wanted, member)
    found = list(session.scalars(_slice(select(Case).where(kept), wanted)))
    more, found = len(found) > PAGE, found[:PAGE]
    if wanted.before:
        found.reverse()
    has_earlier = more if wanted.before else wanted.after is not None
    has_later = wanted.before is not None or more
    first, total = _place(session, wanted, kept, found)
    return Page(
        rows=_rows(session, member, found, today, at),
        earlier=_key(found[0]) if found and has_earlier else None,
        later=_key(found[-1]) if found and has_later else None,
        first=first,
        total=total,
    )


def search(session: Session, member: Staff, words: str, today: date, at: datetime) -> tuple[Row, ...]:
    """Return what has ``words`` as its reference, its name or its mail address; exact, by keyed hash."""
    typed = words.strip()
    exact = or_(
        Case.reference == typed.upper(),
        Case.mailbox == mailbox_hash(session, typed),
        Case.name_hash == name_hash(session, typed),
    )
    newest = select(Case).where(exact).order_by(Case.received_at.desc()).limit(PAGE)
    return _rows(session, member, list(session.scalars(newest)), today, at)


def _kept(wanted: Wanted, member: Staff) -> Condition:
    kept = wanted.view.condition(member)
    if wanted.right:
        kept = kept & (Case.right_slug == wanted.right)
    if wanted.language:
        kept = kept & (Case.language == wanted.language)
    return kept


def _slice(statement: Select[Case], wanted: Wanted) -> Select[Case]:
    if wanted.before:
        statement = statement.where(_earlier_than(wanted.before)).order_by(Case.due_on.desc(), Case.id.desc())
    else:
        statement = statement.order_by(Case.due_on, Case.id)
        if wanted.after:
            statement = statement.where(_later_than(wanted.after))
    return statement.limit(PAGE + 1)


def _earlier_than(key: Key) -> Condition:
    return or_(Case.due_on < key.due_on, and_(Case.due_on == key.due_on, Case.id < key.case_id))


def _later_than(key: Key) -> Condition:
    return or_(Case.due_on > key.due_on, and_(Case.due_on == key.due_on, Case.id > key.case_id))


def _key(case: Case) -> Key:
    return Key(case.due_on, case.id)


def _place(session: Session, wanted: Wanted, kept: Condition, found: Sequence[Case]) -> tuple[int, int]:
    if not found or not wanted.view.counted:
        return 0, 0
    before = func.coalesce(func.sum(case((_earlier_than(_key(found[0])), 1), else_=0)), 0)
    total, earlier = session.execute(select(func.count(), before).where(kept)).one()
    return int(earlier) + 1, int(total)


def _rows(session: Session, member: Staff, cases: Sequence[Case], today: date, at: datetime) -> tuple[Row, ...]:
    contacts = contacts_of(session, cases)
    owners = names_of_staff(session)
    replied = _replied(session, cases)
    ids = [each.id for each in cases]
    holds, bounced = hold_ends(session, ids), bounced_cases(session, ids)
    return tuple(
        Row(
            case=each,
            name=contacts.get(each.id, {}).get("name", ""),
            owner=owners.get(each.assigned_to or "", ""),
            mine=each.assigned_to == member.id,
            passed=days_used(each.received_on, today),
            total=(each.due_on - each.received_on).days,
            tags=tuple(_tags(each, each.id in replied, each.id in bounced, holds[each.id], at)),
        )
        for each in cases
    )


def _tags(each: Case, replied: bool, bounced: bool, hold: datetime | None, at: datetime) -> list[Tag]:
    tags = []
    if each.stopped_at is not None:
        tags.append(Tag(N_("stopped"), "err"))
    if each.status in OPEN and each.located_at is not None and not each.on_file:
        tags.append(Tag(N_("address unknown"), "err"))
        if each.found and (hold is None or hold > at):
            tags.append(Tag(N_("72-hour hold"), "warn"))
    if bounced and each.status in OPEN:
        tags.append(Tag(N_("mail came back"), "err"))
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
