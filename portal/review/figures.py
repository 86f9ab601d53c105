"""Figures of a period: what came in, what was answered, how soon, what was refused or withdrawn.

Answered in time is answered on or before the last day (Art. 12(3)); what is unanswered past it counts as late. Where a
person did not agree, the first answer and its own last day count: a second look makes no late answer one in time, and
moves none out of the year in which it was given.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from portal.audit.events import IdentityJudged
from portal.audit.record import AuditEntry
from portal.cases.disagreements import Disagreement
from portal.cases.lifecycle import OPEN, Identity, Outcome, Status
from portal.cases.models import Case, Decision
from portal.cases.tasks import Task
from portal.clock import BRUSSELS, local
from portal.review.periods import Period
from portal.review.tallies import Line, Tally, lines, lines_of_year, together, withheld

OPEN_STILL = "open"
Ts = TypeVarTuple("Ts")
FIRST_ANSWERED: ColumnElement[datetime | None] = case(
    (Disagreement.id.is_not(None), func.coalesce(Decision.confirmed_at, Decision.decided_at)), else_=Case.answered_at
)
"""When the first answer was given: what was disagreed with was sent as it was decided or confirmed."""


class Fact(NamedTuple):
    """One request, as far as figures need it."""

    right: str
    language: str
    channel: str
    received_on: date
    due_on: date
    answered_on: date | None
    withdrawn_on: date | None
    extended: bool
    is_open: bool
    refused: bool
    ground: str | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one period. A quarter has months only: see ``tallies``."""

    period: Period
    whole: Line
    months: tuple[Line, ...]
    groups: dict[str, tuple[Line, ...]]
    grounds: tuple[tuple[str, int | None], ...]
    doubts: int | None
    disagreed: int | None  # answers that the person did not agree with
    endings: tuple[tuple[str, int | None], ...]  # what came of those; ``OPEN_STILL`` where nothing has yet
    by_hand: int | None  # manual tasks that were answered
    stands: int | None  # requests that are open on the last day, or today


GROUPS: dict[str, Callable[[Fact], str]] = {
    "right": lambda fact: fact.right,
    "language": lambda fact: fact.language,
    "channel": lambda fact: fact.channel,
}


@dataclass(slots=True)
class Counted:
    """The requests of a year, counted once each by month and by group."""

    year: Period
    months: dict[date, Tally]
    groups: dict[str, defaultdict[str, Tally]] = field(
        default_factory=lambda: {name: defaultdict(Tally) for name in GROUPS}
    )
    grounds: Counter[str] = field(default_factory=Counter)

    def tallies(self, fact: Fact, day: date | None) -> list[Tally]:
        """Return every tally that ``fact`` belongs in by ``day``; none where that is not in the year."""
        if day is None or not self.year.first <= day <= self.year.last:
            return []
        return [self.months[day.replace(day=1)], *(self.groups[name][of(fact)] for name, of in GROUPS.items())]


def figures(session: Session, period: Period, today: date) -> Figures:
    """Return the figures of ``period`` as they stand on ``today``; five queries, whatever the number of requests."""
    year = Period(period.year)
    counted = _count(_facts(session, year), year, today)
    quarters, months = lines_of_year([(each.isoformat(), tally) for each, tally in counted.months.items()])
    stands = withheld([_open_on(session, min(period.last, today))])[0]
    if period.quarter is not None:
        mine = {each.isoformat() for each in period.months()}
        of_quarter = tuple(line for line in months if line.name in mine)
        return Figures(period, quarters[period.quarter - 1], of_quarter, {}, (), None, None, (), None, stands)
    refused, endings = sorted(counted.grounds), _endings(session, period)
    return Figures(
        period,
        lines({"": together(counted.months.values())})[0],
        months,
        {name: lines(dict(sorted(group.items()))) for name, group in counted.groups.items()},
        tuple(zip(refused, withheld([counted.grounds[each] for each in refused]), strict=True)),
        withheld([_doubts(session, period)])[0],
        withheld([endings.total()])[0],
        tuple(zip(sorted(endings), withheld([endings[each] for each in sorted(endings)]), strict=True)),
        withheld([_by_hand(session, period)])[0],
        stands,
    )


def first_day(session: Session, today: date) -> date:
    """Return the day on which the first request came in; ``today`` before there is one."""
    return session.scalar(select(func.min(Case.received_on))) or today


def _count(facts: Iterable[Fact], year: Period, today: date) -> Counted:
    counted = Counted(year, {each: Tally() for each in year.months()})
    for fact in facts:
        for tally in counted.tallies(fact, fact.received_on):
            tally.received += 1
            tally.extended += fact.extended
        for tally in counted.tallies(fact, fact.withdrawn_on):
            tally.withdrawn += 1
        if fact.answered_on is not None:
            _count_answer(counted, fact, fact.answered_on)
        elif fact.is_open and fact.due_on < today:
            for tally in counted.tallies(fact, fact.due_on):
                tally.late += 1
    return counted


def _count_answer(counted: Counted, fact: Fact, answered_on: date) -> None:
    within = counted.tallies(fact, answered_on)
    for tally in within:
        tally.answered += 1
        tally.refused += fact.refused
        tally.days.append((answered_on - fact.received_on).days)
        tally.in_time += answered_on <= fact.due_on
        tally.late += answered_on > fact.due_on
    if within and fact.refused:
        counted.grounds[fact.ground or ""] += 1


def _facts(session: Session, year: Period) -> Iterator[Fact]:
    """Yield every request that came in, was answered or withdrawn, or became due in ``year``."""
    begins, ends = _moment(year.first), _moment(year.last + timedelta(days=1))
    due = func.coalesce(Disagreement.due_before, Case.due_on)
    asked = _with_first(
        select(
            Case.right_slug,
            Case.language,
            Case.channel,
            Case.received_on,
            due,
            FIRST_ANSWERED,
            Case.closed_at,
            Case.first_due_on,
            Case.status,
            Decision.outcome,
            Decision.ground,
        )
    )
    asks_nothing = and_(Case.status == Status.CLOSED, Case.answered_at.is_(None))  # a mail that was set aside
    of_year = or_(
        Case.received_on.between(year.first, year.last),
        due.between(year.first, year.last),
        FIRST_ANSWERED.between(begins, ends),
        Case.closed_at.between(begins, ends),
    )
    for (
        right,
        language,
        channel,
        received_on,
        due_on,
        answered,
        closed,
        first_due_on,
        status,
        outcome,
        ground,
    ) in session.execute(asked.where(of_year, not_(asks_nothing))):
        yield Fact(
            right=right,
            language=language,
            channel=channel.value,
            received_on=received_on,
            due_on=due_on,
            answered_on=local(answered).date() if answered else None,
            withdrawn_on=local(closed).date() if closed and status is Status.WITHDRAWN else None,
            extended=first_due_on is not None,
            is_open=status in OPEN,
            refused=outcome is Outcome.REFUSE or (outcome is not None and ground is not None),
            ground=ground,
        )


def _with_first(asked: Select[*Ts]) -> Select[*Ts]:
    """Return ``asked`` of every case, with the first disagreement, if any, and the decision of the first answer."""
    earlier = aliased(Disagreement)
    first = not_(
        exists().where(
            earlier.case_id == Disagreement.case_id,
            or_(
                earlier.made_at < Disagreement.made_at,
                and_(earlier.made_at == Disagreement.made_at, earlier.id < Disagreement.id),
            ),
        )
    )
    found = asked.select_from(Case).join(Disagreement, and_(Disagreement.case_id == Case.id, first), isouter=True)
    return found.join(Decision, Decision.id == func.coalesce(Disagreement.decision_id, Case.decision_id), isouter=True)


def _doubts(session: Session, period: Period) -> int:
    """Return how many requests had doubt about who asked, once or more, in ``period``."""
    judged = select(AuditEntry.case_id, AuditEntry.facts).where(
        AuditEntry.kind == IdentityJudged.kind,
        AuditEntry.at >= _moment(period.first),
        AuditEntry.at < _moment(period.last + timedelta(days=1)),
    )
    doubtful = {Identity.DOUBT.value, Identity.IMPOSTOR.value}
    return len({case_id for case_id, facts in session.execute(judged) if facts.get("verdict") in doubtful})


def _endings(session: Session, period: Period) -> Counter[str]:
    """Return what came of the disagreements that were made in ``period``."""
    begins, ends = _moment(period.first), _moment(period.last + timedelta(days=1))
    made = select(Disagreement.ending, func.count()).where(Disagreement.made_at >= begins, Disagreement.made_at < ends)
    counted = session.execute(made.group_by(Disagreement.ending)).all()
    return Counter({ending.value if ending else OPEN_STILL: number for ending, number in counted})


def _by_hand(session: Session, period: Period) -> int:
    """Return how many manual tasks were answered in ``period``."""
    begins, ends = _moment(period.first), _moment(period.last + timedelta(days=1))
    answered = (Task.answered_at >= begins, Task.answered_at < ends)
    return session.scalar(select(func.count()).where(*answered)) or 0


def _open_on(session: Session, day: date) -> int:
    """Return how many requests had come in by ``day`` and were neither answered nor withdrawn at its end."""
    end = _moment(day + timedelta(days=1))
    unanswered = or_(FIRST_ANSWERED.is_(None), FIRST_ANSWERED >= end)
    still = or_(Case.closed_at.is_(None), Case.closed_at >= end)
    return session.scalar(_with_first(select(func.count())).where(Case.received_on <= day, unanswered, still)) or 0


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), BRUSSELS)
