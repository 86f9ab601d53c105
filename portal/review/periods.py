"""The periods figures are asked for: a year or a quarter, and the one each is compared with. Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_NAME = re.compile(r"(20\d\d)(?:-q([1-4]))?")


@dataclass(frozen=True, slots=True)
class Period:
    """A year, or a quarter of one."""

    year: int
    quarter: int | None = None

    @property
    def name(self) -> str:
        """What stands in an address: ``2026`` or ``2026-q3``."""
        return f"{self.year}-q{self.quarter}" if self.quarter else str(self.year)

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, 3 * self.quarter - 2 if self.quarter else 1, 1)

    @property
    def last(self) -> date:
        """The last day."""
        return self.next().first - timedelta(days=1)

    def next(self) -> "Period":
        """Return the period after this one."""
        if self.quarter is None or self.quarter == 4:
            return Period(self.year + 1, 1 if self.quarter else None)
        return Period(self.year, self.quarter + 1)

    def before(self) -> "Period":
        """Return the period before this one."""
        if self.quarter is None or self.quarter == 1:
            return Period(self.year - 1, 4 if self.quarter else None)
        return Period(self.year, self.quarter - 1)

    def months(self) -> list[date]:
        """Return the first day of each month."""
        return [date(self.year, month, 1) for month in range(self.first.month, self.last.month + 1)]


def period_named(name: str) -> Period | None:
    """Return the period that an address names; None where it names none."""
    found = _NAME.fullmatch(name)
    return Period(int(found[1]), int(found[2]) if found[2] else None) if found else None


def choices(since: date, today: date) -> list[Period]:
    """Return every quarter and year from ``since`` to ``today``, the newest first, each year before its quarters."""
    found: list[Period] = []
    for year in range(today.year, since.year - 1, -1):
        quarters = [Period(year, quarter) for quarter in (4, 3, 2, 1)]
        found += [Period(year), *(each for each in quarters if each.first <= today and each.last >= since)]
    return found
