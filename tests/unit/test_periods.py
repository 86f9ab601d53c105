"""Quarters and years: their days, the one before, and which are offered."""

from datetime import date

import pytest

from portal.review.periods import choices, period_named


@pytest.mark.parametrize(
    ("name", "first", "last", "before"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2025"),
        ("2026-q1", date(2026, 1, 1), date(2026, 3, 31), "2025-q4"),
        ("2024-q3", date(2024, 7, 1), date(2024, 9, 30), "2024-q2"),
        ("2026-q4", date(2026, 10, 1), date(2026, 12, 31), "2026-q3"),
    ],
)
def test_a_period_has_its_days_and_one_before_it(name: str, first: date, last: date, before: str) -> None:
    period = period_named(name)
    assert period is not None
    assert (period.name, period.first, period.last, period.before().name) == (name, first, last, before)
    assert period.before().next() == period


@pytest.mark.parametrize("name", ["", "2026-q5", "26", "2026-q0", "2026q1", "2026-q1 ", "9999", "1999"])
def test_what_names_no_period_is_none(name: str) -> None:
    assert period_named(name) is None


def test_offered_is_what_has_begun_since_the_first_request() -> None:
    names = [each.name for each in choices(date(2025, 11, 3), date(2026, 5, 20))]
    assert names == ["2026", "2026-q2", "2026-q1", "2025", "2025-q4"]
