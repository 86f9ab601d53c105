"""Whether an earlier request covered what is asked now: only then is the new one the same question again."""

import pytest

from portal.register import load_register
from portal.review.earlier import covers
from portal.rights import RIGHTS
from portal.rights.base import Answers

ACTIVITIES = load_register().activities
ALL: Answers = {"about": ["everything"], "form": [{"form": "copy"}]}
SOME: Answers = {"about": ["usage"], "form": [{"form": "copy"}]}
INFORMATION: Answers = {"about": ["everything"], "form": [{"form": "information"}]}
YEAR: Answers = {"about": ["everything"], "form": [{"form": "copy", "from": "2025-01-01", "to": "2025-12-31"}]}
MONTH: Answers = {"about": ["everything"], "form": [{"form": "copy", "from": "2025-03-01", "to": "2025-03-31"}]}
TRACED: Answers = {**ALL, "trace": [{"ip": "192.0.2.10", "at": "2025-03-01"}]}


def item(should: str) -> Answers:
    """Return a request to correct a surname into ``should``."""
    return {"items": [{"what": "Surname", "why": "wrong", "says": "Peters", "should": should, "where": "account"}]}


@pytest.mark.parametrize(
    ("right", "then", "now", "same"),
    [
        ("access", ALL, ALL, True),
        ("access", ALL, SOME, True),
        ("access", SOME, ALL, False),
        ("access", INFORMATION, ALL, False),
        ("access", ALL, INFORMATION, True),
        ("access", YEAR, MONTH, True),
        ("access", MONTH, YEAR, False),
        ("access", ALL, TRACED, False),
        ("rectify", item("Peeters"), item(" peeters"), True),
        ("rectify", item("Peeters"), item("Pieters"), False),
    ],
)
def test_it_is_the_same_question_only_where_all_of_it_was_asked_before(
    right: str, then: Answers, now: Answers, same: bool
) -> None:
    assert covers(RIGHTS[right], then, now, ACTIVITIES) is same
