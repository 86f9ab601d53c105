"""Each view of the queue walks one index in its order, from its place on: as fast at a million requests as at ten."""

from datetime import date

import pytest
from sqlalchemy import Select, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.accounts.models import Role, Staff
from portal.cases.lifecycle import OPEN
from portal.cases.models import GIVEN_ANSWER, Case, one_of
from portal.db import Database
from portal.review.counting import MOST, in_short, up_to_most
from portal.review.queue import place_in
from portal.review.wanted import VIEWS, Key, Wanted
from tests.support.desk import file_case
from tests.support.factories import add_member

TODAY = date(2026, 3, 12)
PLACE = Key(date(2026, 3, 20), "a" * 32)
INDEXES = {
    "due": "ix_cases_open",
    "mine": "ix_cases_mine",
    "new": "ix_cases_free ix_cases_mine",
    "identity": "ix_cases_queue",
    "waiting": "ix_cases_queue",
    "second": "ix_cases_queue",
    "aside": "ix_cases_asleep",
    "answered": "ix_cases_answered",
    "all": "ix_cases_due",
}
FILTERED = {
    ("due", "right"): "ix_cases_open_right",
    ("due", "language"): "ix_cases_open_language",
    ("due", "right language"): "ix_cases_open_both",
    ("all", "right"): "ix_cases_right_due",
    ("all", "language"): "ix_cases_language_due",
    ("all", "right language"): "ix_cases_both_due",
}
FILTERS = {"": {}, "right": {"right": "erase"}, "language": {"language": "fr"}}
FILTERS["right language"] = FILTERS["right"] | FILTERS["language"]


def plan(session: Session, statement: Select[Case]) -> str:
    """Return how SQLite goes about it; a database that was never analysed, as an operator's is."""
    written = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    return "; ".join(str(row[3]) for row in session.execute(text(f"EXPLAIN QUERY PLAN {written}")))


@pytest.mark.parametrize("slug", INDEXES)
def test_a_view_is_read_from_one_index_in_order_whatever_the_filters(database: Database, slug: str) -> None:
    with database.writing() as session:
        member = add_member(session, Role.REVIEWER)
        for name, filters in FILTERS.items():
            index = FILTERED.get((slug, name), INDEXES[slug])
            for side in ({}, {"after": PLACE}, {"before": PLACE}):
                wanted = Wanted(VIEWS[slug], **filters, **side)
                statement = place_in(select(Case).where(wanted.condition(member, TODAY)), wanted).limit(26)
                found = plan(session, statement)
                assert any(f"INDEX {each} " in found + " " for each in index.split()), f"{name}: {found}"
                assert "TEMP B-TREE" not in found, found
                assert not side or "due_on" in found, f"it walks to its place from the beginning: {found}"


def test_only_sqlite_is_told_which_index_not_to_take() -> None:
    kept = Wanted(VIEWS["mine"], right="erase").condition(Staff(id="a" * 32), TODAY)
    written = {kind: str(select(Case.id).where(kept).compile(dialect=kind.dialect())) for kind in (sqlite, postgresql)}
    assert "+cases.right_slug = " in written[sqlite]
    assert " cases.right_slug = " in written[postgresql]


def test_counting_a_view_touches_no_row_and_ends_at_a_thousand(database: Database) -> None:
    with database.writing() as session:
        member = add_member(session, Role.REVIEWER)
        for view in VIEWS.values():
            if view.counted and view.statuses == OPEN:
                found = plan(session, select(up_to_most(view.condition(member, TODAY))))
                assert "COVERING INDEX" in found, found
    assert [in_short(number) for number in (0, MOST, MOST + 1)] == ["0", "1000", "1000+"]


def test_the_partial_indexes_hold_the_statuses_that_the_code_calls_open(database: Database) -> None:
    with database.reader() as session:
        found = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index'"))
        made = {name: written for name, written in found}
    for name in ("ix_cases_open", "ix_cases_mine", "ix_cases_free", "ix_cases_asleep", "ix_cases_open_right"):
        assert one_of(OPEN) in made[name]
    assert one_of(GIVEN_ANSWER) in made["ix_cases_answered"]


def test_the_thousandth_and_the_next_are_counted_as_more(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.review.counting.MOST", 2)
    with database.writing() as session:
        for number in range(4):
            file_case(session, card=False, email=f"{number}@example.com")
        member = add_member(session, Role.REVIEWER)
        counted = session.scalar(select(up_to_most(VIEWS["due"].condition(member, TODAY))))
    assert counted == 3
