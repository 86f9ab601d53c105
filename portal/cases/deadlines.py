"""The clock of a case. Pure.

The answer is due at the earlier of 30 days (clause 7.9) and one calendar month (Art. 12(3) GDPR), counted as Regulation
1182/71 Art. 3 counts: the day of receipt is not counted, a month that lacks the day ends on its last day. We do not use
Art. 3(4), which would move a weekend to Monday.
"""

import calendar
from datetime import date, timedelta

PROMISED_DAYS = 30


def deadline(received_on: date) -> date:
    """Return the last day for the answer to a request received on ``received_on`` (a date in Brussels)."""
    return min(received_on + timedelta(days=PROMISED_DAYS), add_months(received_on, 1))


def extended(first: date) -> date:
    """Return the last day after the one extension of Art. 12(3): two calendar months from the first deadline."""
    return add_months(first, 2)


def may_extend(received_on: date, today: date) -> bool:
    """Return whether the term can still be extended: the person is told before the first deadline (Art. 12(3))."""
    return received_on <= today <= deadline(received_on)


def add_months(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the last day of that month where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def days_left(due_on: date, today: date) -> int:
    """Return the days until ``due_on``: 0 is due today, below 0 is late."""
    return (due_on - today).days


def days_used(received_on: date, today: date) -> int:
    """Return the days of the term that have passed; the day of receipt is not counted."""
    return max((today - received_on).days, 0)
