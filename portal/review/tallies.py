"""Counts that go on a page: what a group of requests comes to, and what of it may be told. Counts below five are not.

A percentage beside the count it is of tells how many were late and how many were not: it is told only where both are.
A year shows its months and, by right, language and channel, its groups. A quarter shows its months only: groups of a
quarter beside groups of its year would tell, by subtraction, what each kept back.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import ceil
from statistics import median_low

SMALL = 5
"""Fewer than this could tell of one person."""
NINE_OF_TEN = 10
"""Of fewer than this the slowest alone is the tenth: one person's wait."""


@dataclass(slots=True)
class Tally:
    """What a group of requests comes to, exactly; a ``Line`` says what may be told of it."""

    received: int = 0
    answered: int = 0
    in_time: int = 0
    late: int = 0
    extended: int = 0
    refused: int = 0
    withdrawn: int = 0
    days: list[int] = field(default_factory=list)

    @property
    def in_time_share(self) -> int | None:
        """Per cent answered in time; None where too few were due to say."""
        return round(100 * self.in_time / self.due) if self.due >= SMALL else None

    @property
    def due(self) -> int:
        """How many were answered in time or late, or are late and not answered yet."""
        return self.in_time + self.late

    @property
    def median(self) -> int | None:
        """Median days from receipt to answer; None where too few were answered."""
        return median_low(self.days) if len(self.days) >= SMALL else None

    @property
    def p90(self) -> int | None:
        """Days within which nine of ten were answered (nearest rank); None where too few were answered."""
        return sorted(self.days)[ceil(0.9 * len(self.days)) - 1] if len(self.days) >= NINE_OF_TEN else None


COLUMNS = ("received", "answered", "extended", "refused", "withdrawn")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table. A count is None where it is below five, or would give away one that is."""

    name: str
    tally: Tally
    share_told: bool
    received: int | None
    answered: int | None
    extended: int | None
    refused: int | None
    withdrawn: int | None

    @property
    def in_time_share(self) -> int | None:
        """Per cent answered in time; None where it would tell a count that is not told."""
        return self.tally.in_time_share if self.share_told and self.answered is not None else None

    @property
    def median(self) -> int | None:
        """Median days to the answer; None where the count it is of is not told."""
        return None if self.answered is None else self.tally.median

    @property
    def p90(self) -> int | None:
        """Days within which nine of ten were answered; None where the count it is of is not told."""
        return None if self.answered is None else self.tally.p90


def together(tallies: Iterable[Tally]) -> Tally:
    """Return what several groups that share no request come to."""
    sums = Tally()
    for tally in tallies:
        for each in fields(Tally):
            setattr(sums, each.name, getattr(sums, each.name) + getattr(tally, each.name))
    return sums


def lines(tallies: Mapping[str, Tally]) -> tuple[Line, ...]:
    """Return a line for each group, so that nothing in the table tells what it keeps back."""
    columns = (withheld([getattr(tally, each) for tally in tallies.values()]) for each in COLUMNS)
    return tuple(_lined(tallies, columns, shares_untold(list(tallies.values()))))


def lines_of_year(months: Sequence[tuple[str, Tally]]) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return the lines of the four quarters and of the twelve months of a year.

    Quarters stand beside the year and months beside their quarter: each keeps back what would tell another, and a
    quarter that is not told has no month that is.
    """
    starts = range(0, len(months), 3)
    quarters = [
        (str(start // 3 + 1), together(tally for _name, tally in months[start : start + 3])) for start in starts
    ]
    of_quarters = [withheld([getattr(tally, each) for _name, tally in quarters]) for each in COLUMNS]
    of_months: list[list[int | None]] = []
    for each, shown in zip(COLUMNS, of_quarters, strict=True):
        counts = [getattr(tally, each) for _name, tally in months]
        thirds = zip(shown, (counts[start : start + 3] for start in starts), strict=True)
        of_months.append(
            [cell for sum_, third in thirds for cell in (withheld(third) if sum_ is not None else [None] * 3)]
        )
    untold = shares_untold([tally for _name, tally in quarters])
    untold_months = {
        start + place
        for quarter, start in enumerate(starts)
        for place in (
            range(3) if quarter in untold else shares_untold([tally for _name, tally in months[start : start + 3]])
        )
    }
    return (
        tuple(_lined(dict(quarters), of_quarters, untold)),
        tuple(_lined(dict(months), of_months, untold_months)),
    )


def shares_untold(tallies: Sequence[Tally]) -> set[int]:
    """Return the places of those whose percentage would tell, beside what was answered, that one to four were late.

    Or that so few were in time. Where the percentage of all together is told, the next smallest are kept back too,
    until neither sum of what is kept back says which of them is small.
    """
    hidden = {place for place, tally in enumerate(tallies) if _is_small(tally)}
    if not hidden or _is_small(together(tallies)):
        return hidden
    for place in sorted(set(range(len(tallies))) - hidden, key=lambda at: (tallies[at].due == 0, tallies[at].due, at)):
        kept_back = together(tallies[each] for each in hidden)
        enough = SMALL + len(hidden) - 1
        if len(hidden) > 1 and all(not sum_ or sum_ >= enough for sum_ in (kept_back.in_time, kept_back.late)):
            break
        hidden.add(place)
    return hidden


def _is_small(tally: Tally) -> bool:
    return 0 < tally.in_time < SMALL or 0 < tally.late < SMALL


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


def _lined(
    tallies: Mapping[str, Tally], columns: Iterable[Sequence[int | None]], untold: Collection[int]
) -> Iterator[Line]:
    for place, ((name, tally), *cells) in enumerate(zip(tallies.items(), *columns, strict=True)):
        yield Line(name, tally, place not in untold, *cells)
