"""Figures of a period: what came in, what was answered, how soon, what was refused. Counts below five are not shown.

Answered in time is answered on or before the last day (Art. 12(3)); what is unanswered past it counts as late.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import ceil
from statistics import median_low

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.audit.events import IdentityJudged
from portal.audit.record import AuditEntry
from portal.cases.lifecycle import OPEN, Identity, Outcome
from portal.cases.models import Case, Decision
from portal.clock import BRUSSELS, local
from portal.review.periods import Period

SMALL = 5
"""Fewer than this could tell of one person."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One request, as far as figures need it."""

    right: str
    language: str
    channel: str
    received_on: date
    due_on: date
    answered_on: date | None
    extended: bool
    is_open: bool
    refused: bool
    ground: str | None


@dataclass(slots=True)
class Tally:
    """What a group of requests comes to, exactly; a ``Line`` says what may be told of it."""

    received: int = 0
    answered: int = 0
    in_time: int = 0
    late: int = 0
    extended: int = 0
    refused: int = 0
    days: list[int] = field(default_factory=list)

    @property
    def in_time_share(self) -> int | None:
        """Per cent answered in time; None where too few were due to say."""
        due = self.in_time + self.late
        return round(100 * self.in_time / due) if due >= SMALL else None

    @property
    def median(self) -> int | None:
        """Median days from receipt to answer; None where too few were answered."""
        return median_low(self.days) if len(self.days) >= SMALL else None

    @property
    def p90(self) -> int | None:
        """Days within which nine of ten were answered (nearest rank); None where too few were answered."""
        return sorted(self.days)[ceil(0.9 * len(self.days)) - 1] if len(self.days) >= SMALL else None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table. A count is None where it is below five, or would give away one that is."""

    name: str
    tally: Tally
    received: int | None
    answered: int | None
    extended: int | None
    refused: int | None

    @property
    def in_time_share(self) -> int | None:
        """Per cent answered in time; None where the count it is of is not told."""
        return None if self.answered is None else self.tally.in_time_share

    @property
    def median(self) -> int | None:
        """Median days to the answer; None where the count it is of is not told."""
        return None if self.answered is None else self.tally.median

    @property
    def p90(self) -> int | None:
        """Days within which nine of ten were answered; None where the count it is of is not told."""
        return None if self.answered is None else self.tally.p90


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one period."""

    period: Period
    whole: Line
    groups: dict[str, tuple[Line, ...]]
    grounds: tuple[tuple[str, int | None], ...]
    doubts: int | None
    stands: int | None  # requests that are open on the last day, or today


GROUPS: dict[str, Callable[[Fact], str]] = {
    "right": lambda fact: fact.right,
    "language": lambda fact: fact.language,
    "channel": lambda fact: fact.channel,
}


def figures(session: Session, period: Period, today: date) -> Figures:
    """Return the figures of ``period`` as they stand on ``today``; three queries, whatever the number of requests."""
    facts = _facts(session, period)
    whole = _tally(facts, period, today)
    groups = {
        name: _lines([(each, _tally((f for f in facts if of(f) == each), period, today)) for each in _names(facts, of)])
        for name, of in GROUPS.items()
    }
    months = [(each.isoformat(), _tally(facts, period, today, each)) for each in period.months()]
    refused = Counter(fact.ground or "" for fact in facts if fact.refused and _within(fact.answered_on, period))
    return Figures(
        period,
        _lines([("", whole)])[0],
        groups | {"month": _lines(months)},
        tuple(zip(sorted(refused), withheld([refused[each] for each in sorted(refused)]), strict=True)),
        withheld([_doubts(session, period)])[0],
        withheld([_open_on(session, min(period.last, today))])[0],
    )


def withheld(counts: Sequence[int]) -> list[int | None]:
    """Return ``counts`` without those from 1 to 4, and without what else would tell them beside the sum of all.

    The next smallest are kept back too, zeros last, until each that is kept back could be five or more: two ones
    whose sum is two would else tell themselves. A sum below five is not shown, so it tells nothing.
    """
    hidden = {place for place, count in enumerate(counts) if 0 < count < SMALL}
    if hidden and sum(counts) >= SMALL:
        others = sorted((count == 0, count, place) for place, count in enumerate(counts) if place not in hidden)
        for _zero, _count, place in others:
            if len(hidden) > 1 and sum(counts[each] for each in hidden) >= SMALL + len(hidden) - 1:
                break
            hidden.add(place)
    return [None if place in hidden else count for place, count in enumerate(counts)]


def first_day(session: Session, today: date) -> date:
    """Return the day on which the first request came in; ``today`` before there is one."""
    return session.scalar(select(func.min(Case.received_on))) or today


def _facts(session: Session, period: Period) -> list[Fact]:
    """Return every request that came in, was answered, or became due in ``period``."""
    begins, ends = _moment(period.first), _moment(period.last + timedelta(days=1))
    asked = select(
        Case.right_slug,
        Case.language,
        Case.channel,
        Case.received_on,
        Case.due_on,
        Case.answered_at,
        Case.first_due_on,
        Case.status,
        Decision.outcome,
        Decision.ground,
    ).join_from(Case, Decision, Decision.id == Case.decision_id, isouter=True)
    of_period = or_(
        Case.received_on.between(period.first, period.last),
        Case.due_on.between(period.first, period.last),
        Case.answered_at.between(begins, ends),
    )
    return [
        Fact(
            right=right,
            language=language,
            channel=channel.value,
            received_on=received_on,
            due_on=due_on,
            answered_on=local(answered_at).date() if answered_at else None,
            extended=first_due_on is not None,
            is_open=status in OPEN,
            refused=outcome is Outcome.REFUSE or (outcome is not None and ground is not None),
            ground=ground,
        )
        for (
            right,
            language,
            channel,
            received_on,
            due_on,
            answered_at,
            first_due_on,
            status,
            outcome,
            ground,
        ) in session.execute(asked.where(of_period))
    ]


def _tally(facts: Iterable[Fact], period: Period, today: date, month: date | None = None) -> Tally:
    """Count ``facts`` within ``period``, or within one ``month`` of it."""

    def counts(day: date | None) -> bool:
        return _within(day, period) and (month is None or (day is not None and day.replace(day=1) == month))

    tally = Tally()
    for fact in facts:
        if counts(fact.received_on):
            tally.received += 1
            tally.extended += fact.extended
        if counts(fact.answered_on) and fact.answered_on is not None:
            tally.answered += 1
            tally.refused += fact.refused
            tally.days.append((fact.answered_on - fact.received_on).days)
            tally.in_time += fact.answered_on <= fact.due_on
            tally.late += fact.answered_on > fact.due_on
        elif fact.answered_on is None and fact.is_open and counts(fact.due_on) and fact.due_on < today:
            tally.late += 1
    return tally


def _lines(tallies: Sequence[tuple[str, Tally]]) -> tuple[Line, ...]:
    columns = [
        withheld([getattr(tally, each) for _name, tally in tallies])
        for each in ("received", "answered", "extended", "refused")
    ]
    return tuple(Line(name, tally, *cells) for (name, tally), *cells in zip(tallies, *columns, strict=True))


def _names(facts: Iterable[Fact], of: Callable[[Fact], str]) -> list[str]:
    return sorted({of(fact) for fact in facts})


def _within(day: date | None, period: Period) -> bool:
    return day is not None and period.first <= day <= period.last


def _doubts(session: Session, period: Period) -> int:
    """Return how many requests had doubt about who asked, once or more, in ``period``."""
    judged = select(AuditEntry.case_id, AuditEntry.facts).where(
        AuditEntry.kind == IdentityJudged.kind,
        AuditEntry.at >= _moment(period.first),
        AuditEntry.at < _moment(period.last + timedelta(days=1)),
    )
    doubtful = {Identity.DOUBT.value, Identity.IMPOSTOR.value}
    return len({case_id for case_id, facts in session.execute(judged) if facts.get("verdict") in doubtful})


def _open_on(session: Session, day: date) -> int:
    """Return how many requests had come in by ``day`` and were neither answered nor withdrawn at its end."""
    end = _moment(day + timedelta(days=1))
    unanswered = or_(Case.answered_at.is_(None), Case.answered_at >= end)
    still = or_(Case.closed_at.is_(None), Case.closed_at >= end)
    return session.scalar(select(func.count()).where(Case.received_on <= day, unanswered, still)) or 0


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), BRUSSELS)
