"""Lengths of time as laws write them: ISO 8601 durations of years, months, weeks and days. Pure."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_PATTERN = re.compile(r"P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of calendar time."""

    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Return the duration written as ``text``, like ``P7Y`` or ``P1Y6M``.

        Raises:
            ValueError: ``text`` is not such a duration.
        """
        found = _PATTERN.fullmatch(text)
        if not found:
            raise ValueError("write an ISO 8601 duration such as P7Y, P18M or P30D")
        years, months, weeks, days = (int(part or 0) for part in found.groups())
        return cls(12 * years + months, 7 * weeks + days)

    def after(self, start: date) -> date:
        """Return the day this length after ``start``; a month without that day ends on its last day."""
        years, month = divmod(start.month - 1 + self.months, 12)
        year = start.year + years
        day = min(start.day, calendar.monthrange(year, month + 1)[1])
        return date(year, month + 1, day) + timedelta(days=self.days)
