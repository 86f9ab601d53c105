"""Figures: counted right, small counts kept back so that no sum tells them, read by who may and nobody else."""

import csv
import io
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
import time_machine
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, update

from portal.accounts.models import Role
from portal.cases.disagreements import Disagreement, Ending
from portal.cases.lifecycle import Identity, Outcome, Status
from portal.cases.models import Case, Decision
from portal.cases.tasks import Task
from portal.clock import now, today
from portal.db import Database, new_id
from portal.review.figures import figures
from portal.review.periods import Period
from portal.review.tallies import SMALL, Tally, lines, lines_of_year, together, withheld
from tests.support.critic import Critic
from tests.support.desk import file_case, settle, staff_named
from tests.support.visitors import signed_in
from tests.web.test_desk_decision import REX

MOST = 18  # requests of two groups together: all that there could be of so many are gone through
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


@pytest.fixture
def may(database: Database, rex: Critic) -> Database:
    """Give a portal with twelve requests of May 2026: ten answered after 1 to 10 days, one late, one open and late."""
    with time_machine.travel(NOON, tick=False), database.writing() as session:
        member = staff_named(session, REX)
        for number in range(12):
            right = "erase" if number < 5 else "access"
            case = file_case(session, card=False, right=right, language="fr" if number < 2 else "nl")
            received = date(2026, 4, 1) if number == 11 else date(2026, 5, 1)
            days = {10: 40, 11: None}.get(number, number + 1)
            answered = datetime(2026, 5, 1, 10, tzinfo=UTC) + timedelta(days=days) if days else None
            values = {
                "received_on": received,
                "due_on": received + timedelta(days=30),
                "answered_at": answered,
                "status": Status.ANSWERED if days else Status.IDENTITY,
            }
            if number < 5:
                refused = number < 2
                decision = Decision(
                    id=new_id(),
                    case_id=case.id,
                    version=1,
                    outcome=Outcome.REFUSE if refused else Outcome.GRANT,
                    ground="not-identified" if refused else None,
                    needs_second=False,
                    content=b"",
                    decided_by=member.id,
                    decided_at=now(),
                )
                session.add(decision)
                session.flush()
                values["decision_id"] = decision.id
            session.execute(update(Case).where(Case.id == case.id).values(**values))
    return database


def test_figures_count_what_came_in_was_answered_and_was_late(may: Database) -> None:
    with may.reader() as session:
        found = figures(session, Period(2026), date(2026, 7, 1))
    tally = found.whole.tally
    assert (found.whole.received, found.whole.answered) == (12, 11)
    assert (tally.in_time, tally.late, tally.in_time_share) == (10, 2, 83)
    assert (tally.median, tally.p90) == (6, 10)
    assert found.whole.in_time_share is None, "83 % of 12 would tell that two were late"
    assert {line.name: line.received for line in found.groups["right"]} == {"access": 7, "erase": 5}
    assert {line.name[5:7]: line.tally.received for line in found.months[3:6]} == {"04": 1, "05": 11, "06": 0}


def test_counts_below_five_are_kept_back_and_so_is_what_would_tell_them(may: Database) -> None:
    with may.reader() as session:
        found = figures(session, Period(2026), date(2026, 7, 1))
    assert {line.name: line.received for line in found.groups["language"]} == {"fr": None, "nl": None}
    assert found.whole.refused is None
    assert found.grounds == (("not-identified", None),)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([0, 5, 9], [0, 5, 9]),
        ([3, 5, 9], [None, None, 9]),
        ([3, 4, 9], [None, None, 9]),
        ([3], [None]),
        ([0, 3, 0], [0, None, 0]),
        ([1, 1, 9], [None, None, None]),
        ([1, 1, 9, 20], [None, None, None, 20]),
        ([0, 1, 1, 1, 1, 1], [None, None, None, None, None, None]),
        ([], []),
    ],
)
def test_a_sum_tells_no_small_count(counts: list[int], shown: list[int | None]) -> None:
    assert withheld(counts) == shown


def _due(in_time: int, late: int) -> Tally:
    return Tally(received=in_time + late, answered=in_time + late, in_time=in_time, late=late)


def _seen(tallies: list[Tally]) -> tuple[tuple[int | None, int | None], ...]:
    """Return what a table of groups and the whole above it show of how many were answered, and in time."""
    table = lines({str(number): tally for number, tally in enumerate(tallies)})
    shown = (*lines({"": together(tallies)}), *table)
    return tuple((line.answered, line.in_time_share) for line in shown)


def test_what_is_shown_of_two_groups_never_tells_how_few_were_late_or_in_time() -> None:
    """Whoever knows the rule, and goes through everything there could be, is left with more than one count."""
    could_be: defaultdict[object, list[tuple[int, ...]]] = defaultdict(list)
    for counts in (each for each in product(range(MOST + 1), repeat=4) if sum(each) <= MOST):
        could_be[_seen([_due(*counts[:2]), _due(*counts[2:])])].append(counts)
    for shown, all_counts in could_be.items():
        for each in zip(*all_counts, strict=True):
            assert len(set(each)) > 1 or not 0 < each[0] < SMALL, (shown, all_counts)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9)), min_size=12, max_size=12))
def test_no_percentage_of_a_year_its_quarters_or_months_is_one_of_too_few(due: list[tuple[int, int]]) -> None:
    tallies = [(f"{month:02}", _due(*each)) for month, each in enumerate(due, 1)]
    quarters, months = lines_of_year(tallies)
    year = lines({"": together(tally for _name, tally in tallies)})
    groups = lines(dict(tallies))
    for line in (*year, *quarters, *months, *groups):
        if line.in_time_share is not None:
            assert {line.tally.late, line.tally.in_time}.isdisjoint(range(1, SMALL))
    thirds = [((quarter,), months[at * 3 : at * 3 + 3]) for at, quarter in enumerate(quarters)]
    for above, below in ((year, groups), (year, quarters), *thirds):
        kept_back = [line.tally for line in below if line.in_time_share is None]
        if above[0].in_time_share is not None and len(kept_back) == 1:
            assert {kept_back[0].late, kept_back[0].in_time}.isdisjoint(range(1, SMALL)), "by subtraction"


def test_disagreements_and_what_came_of_them_are_counted_in_the_year(database: Database, rex: Critic) -> None:
    endings = [Ending.ANEW] * 5 + [Ending.UPHELD] * 6 + [None] * 5
    with database.writing() as session:
        member = staff_named(session, REX)
        for ending in endings:
            case = file_case(session, card=False, right="access")
            decision = Decision(
                id=new_id(), case_id=case.id, version=1, outcome=Outcome.REFUSE, ground="not-identified",
                needs_second=False, content=b"", decided_by=member.id, decided_at=now(),
            )  # fmt: skip
            session.add(decision)
            session.flush()
            due = {"due_before": today(), "due_on": today(), "made_at": now()}
            session.add(Disagreement(case_id=case.id, decision_id=decision.id, ending=ending, **due))
            task = Task(
                case_id=case.id, source="paper", title={}, look_for={}, role=Role.REVIEWER, colleague="",
                due_on=today(), created_at=now(), answered_at=now() if ending else None,
            )  # fmt: skip
            session.add(task)
    with database.reader() as session:
        found = figures(session, Period(today().year), today())
    assert (found.disagreed, found.endings) == (16, (("anew", 5), ("open", 5), ("upheld", 6)))
    assert found.by_hand == 11
    page = rex.get("/desk/figures")
    assert "Decided anew" in page.text
    table = rex.get("/desk/figures.csv").text
    assert "disagreements,,16," in table
    assert "disagreements,anew,5," in table
    assert "manual tasks,,,11," in table


def test_a_second_look_moves_no_answer_and_makes_no_late_one_one_in_time(may: Database) -> None:
    """Of the five that were decided: the first two refused, now decided anew in the year after."""
    with may.writing() as session:
        member = staff_named(session, REX)
        for case in session.scalars(select(Case).where(Case.decision_id.is_not(None))).all():
            first = session.get_one(Decision, case.decision_id)
            first.decided_at = datetime(2026, 6, 10, 10, tzinfo=UTC)  # the last day was 31 May
            anew = Decision(
                id=new_id(), case_id=case.id, version=2, outcome=Outcome.GRANT, needs_second=False, content=b"",
                decided_by=member.id, decided_at=now(),
            )  # fmt: skip
            made = {"made_at": datetime(2026, 6, 20, 10, tzinfo=UTC), "due_before": case.due_on}
            session.add_all(
                [anew, Disagreement(case_id=case.id, decision_id=first.id, due_on=date(2027, 1, 20), **made)]
            )
            session.flush()
            later = {
                "decision_id": anew.id,
                "due_on": date(2027, 1, 20),
                "answered_at": datetime(2027, 1, 9, tzinfo=UTC),
            }
            session.execute(update(Case).where(Case.id == case.id).values(**later))
    with may.reader() as session:
        found, after = (figures(session, Period(year), date(2027, 2, 1)) for year in (2026, 2027))
    june = found.months[5].tally
    assert (june.answered, june.in_time, june.late, june.refused) == (6, 0, 6, 2), "five, and one late of its own"
    assert (found.whole.answered, after.whole.answered) == (11, 0)
    assert (found.whole.tally.in_time, found.whole.tally.late) == (5, 7)
    assert found.stands is None, "the one that is open"


def test_a_quarter_shows_no_group_that_its_year_would_tell(may: Database, rex: Critic) -> None:
    with may.reader() as session:
        found = figures(session, Period(2026, 2), date(2026, 7, 1))
    assert (found.whole.received, found.groups, found.grounds, found.doubts) == (12, {}, (), None)
    assert (found.disagreed, found.endings, found.by_hand) == (None, (), None)
    assert "figures?period=2026" in rex.get("/desk/figures?period=2026-q2").text
    table = rex.get("/desk/figures.csv?period=2026-q2").text
    assert ("month,2026-05-01" in table, "language" in table, "doubts" in table) == (True, False, False)


def _received(*months: int) -> list[list[int | None]]:
    """Return what the quarters and then the months of a year show, of these counts for each month."""
    tallies = [(f"{month:02}", Tally(received=count)) for month, count in enumerate(months, 1)]
    return [[line.received for line in lines] for lines in lines_of_year(tallies)]


def test_no_quarter_is_told_by_its_year_and_no_month_by_its_quarter() -> None:
    quarters, months = _received(1, 1, 0, 9, 9, 9, 20, 3, 20, 30, 30, 30)
    assert quarters == [None, None, 43, 90]
    assert months == [None] * 6 + [None, None, 20, 30, 30, 30]


def test_withdrawn_requests_are_counted_in_the_month_they_ended(may: Database) -> None:
    with may.writing() as session:
        for _number in range(6):
            case = file_case(session, card=False, right="access")
            ended = {"status": Status.WITHDRAWN, "closed_at": datetime(2026, 6, 3, 10, tzinfo=UTC)}
            session.execute(update(Case).where(Case.id == case.id).values(**ended))
    with may.reader() as session:
        found = figures(session, Period(2026), date(2026, 7, 1))
    assert (found.whole.withdrawn, found.months[5].withdrawn, found.months[4].withdrawn) == (6, 6, 0)


def test_doubt_about_who_asked_is_counted_once_a_request(database: Database, rex: Critic) -> None:
    with database.writing() as session:
        for _number in range(5):
            case = file_case(session, card=False, right="access")
            settle(session, case, staff_named(session, REX), Identity.DOUBT)
    with database.reader() as session:
        assert figures(session, Period(today().year), today()).doubts == 5


def test_the_page_the_table_and_the_report_say_the_same(may: Database, rex: Critic) -> None:
    page = rex.get("/desk/figures?period=2026")
    assert page.status_code == 200
    assert "83 %" not in page.text
    rows = list(csv.reader(io.StringIO(rex.get("/desk/figures.csv?period=2026").text.lstrip("\ufeff"))))
    assert rows[1] == ["all", "", "12", "11", "", "6", "10", "0", "×", "0"]
    assert ["language", "fr", "×", "×", "", "", "", "0", "×", "0"] in rows
    report = rex.get("/desk/figures/report/2026")
    assert (report.status_code, "Medbook (Imengine bv)" in report.text) == (200, True)
    assert rex.get("/desk/figures/report/2019").status_code == 404


def test_a_period_that_is_none_is_the_present_year(rex: Critic) -> None:
    page = rex.get("/desk/figures?period=never")
    assert (page.status_code, f'value="{today().year}" selected' in page.text) == (200, True)


def test_the_auditor_reads_figures_and_the_admin_does_not(app: Flask, database: Database) -> None:
    assert signed_in(app, Role.AUDITOR).get("/desk/figures").status_code == 200
    assert signed_in(app, Role.ADMIN).get("/desk/figures").status_code == 404


def test_figures_ask_as_many_queries_for_many_requests_as_for_one(database: Database, rex: Critic) -> None:
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    numbers = []
    for many in (1, 12):
        with database.writing() as session:
            for _number in range(many):
                file_case(session, card=False, right="access")
        with database.reader() as session:
            asked.clear()
            figures(session, Period(today().year), today())
            numbers.append(len(asked))
    assert numbers[0] == numbers[1] <= 7
