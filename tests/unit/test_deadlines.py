"""The clock of a case: the earlier of 30 days and a calendar month, the day of receipt not counted."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.deadlines import add_months, days_left, days_used, deadline, extended

DAYS = st.dates(date(2018, 5, 25), date(2120, 12, 31))


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-12", "2026-04-11"),  # 30 days come before the month
        ("2026-01-31", "2026-02-28"),  # a month without that day ends on its last day
        ("2028-01-31", "2028-02-29"),
        ("2028-01-30", "2028-02-29"),
        ("2026-02-01", "2026-03-01"),  # the month comes before 30 days
        ("2028-02-01", "2028-03-01"),
        ("2026-11-23", "2026-12-23"),
        ("2026-12-31", "2027-01-30"),
        ("2026-04-30", "2026-05-30"),
        ("2026-07-16", "2026-08-15"),  # a Saturday and a holiday: no roll to a working day
    ],
)
def test_an_answer_is_due_on_the_earlier_day(received: str, due: str) -> None:
    assert deadline(date.fromisoformat(received)) == date.fromisoformat(due)


@given(DAYS)
def test_nobody_waits_longer_than_thirty_days_or_a_month(day: date) -> None:
    due = deadline(day)
    assert due <= day + timedelta(days=30)
    assert due <= add_months(day, 1)
    assert due in {day + timedelta(days=30), add_months(day, 1)}
    assert (due - day).days >= 28


@given(DAYS, DAYS)
def test_who_asks_later_is_never_due_earlier(one: date, other: date) -> None:
    first, last = sorted((one, other))
    assert deadline(first) <= deadline(last)


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-04-11", "2026-06-11"), ("2026-12-31", "2027-02-28"), ("2027-12-31", "2028-02-29")],
)
def test_the_one_extension_is_two_months_from_the_first_deadline(first: str, last: str) -> None:
    assert extended(date.fromisoformat(first)) == date.fromisoformat(last)


@given(DAYS, st.integers(-24, 24))
def test_adding_months_stays_in_the_month_asked_for(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@given(DAYS, st.integers(-40, 40))
def test_days_left_and_used_count_whole_days(day: date, away: int) -> None:
    today = day + timedelta(days=away)
    assert days_left(deadline(day), today) == (deadline(day) - day).days - away
    assert days_used(day, today) == max(away, 0)


def test_the_last_day_is_day_zero_and_the_next_one_is_late() -> None:
    due = deadline(date(2026, 3, 12))
    assert [days_left(due, due + timedelta(days=days)) for days in (-1, 0, 1)] == [1, 0, -1]
