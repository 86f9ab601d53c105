"""What is done in the queue: saved views, putting aside, several at once, the file, who is here, what comes next."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Role, Staff
from portal.accounts.sessions import BACKGROUND, IDLE_STAFF
from portal.audit.record import AuditEntry
from portal.cases.letters import queue_letter
from portal.cases.models import Case
from portal.cases.moves import stop
from portal.cases.returned import tell_not_delivered
from portal.cases.said import reply_to
from portal.clock import now, today
from portal.db import Database
from portal.review.models import Presence
from portal.tracking.actions import add_to
from tests.support.bulk import fill
from tests.support.critic import Critic
from tests.support.desk import file_case, give, press, press_on, settle, staff_named
from tests.support.reading import unbroken
from tests.support.visitors import signed_in

DAY = timedelta(days=1)
REX, MAX = "reviewer@medbook.example", "privacy_manager@medbook.example"


def file(database: Database, owner: str = "", **wish: object) -> Case:
    with database.writing() as session:
        case = file_case(session, card=False, **wish)
        if owner:
            give(session, case, staff_named(session, owner))
        return case


def reread(database: Database, case: Case) -> Case:
    with database.reader() as session:
        return session.get_one(Case, case.id)


def shown(browser: Critic, query: str = "") -> str:
    return browser.get(f"/desk/{query}").text


# -- views


def test_a_saved_view_belongs_to_who_saved_it_and_comes_back_with_its_filters(rex: Critic, max_: Critic) -> None:
    saving = rex.get("/desk/?view=new&right=erase&language=fr")
    answer = press_on(rex, saving, "/views", {"name": "Fresh <b>French</b>"})
    assert (answer.status_code, answer.location) == (303, "/desk/?view=new&right=erase&language=fr")
    page = rex.get("/desk/")
    assert "Fresh &lt;b&gt;French&lt;/b&gt;</a>" in page.text
    assert "?view=new&amp;right=erase&amp;language=fr" in page.text
    assert "Fresh" not in shown(max_)
    (removal,) = [line for line in page.text.split('"') if line.endswith("/remove")]
    assert press_on(max_, max_.get("/desk/"), "/search", {"words": "x"}).status_code == 200
    token = {"csrf_token": page.text.partition('name="csrf_token" value="')[2].partition('"')[0]}
    assert max_.post(removal, data=token).status_code == 404
    assert press_on(rex, page, "/remove").status_code == 303
    assert "Fresh" not in shown(rex)


def test_a_view_without_a_name_or_beyond_the_twelfth_is_not_saved(rex: Critic) -> None:
    for name in (" ", "x" * 41):
        assert press(rex, "/desk/", "/views", {"name": name}).status_code == 422
    for number in range(12):
        press(rex, "/desk/", "/views", {"name": f"View {number}"})
    refused = press(rex, "/desk/", "/views", {"name": "One more"})
    assert refused.status_code == 422
    assert 'value="One more"' in refused.text


# -- putting aside


def test_what_is_put_aside_leaves_the_queue_and_still_counts_as_owed(database: Database, rex: Critic) -> None:
    case = file(database, REX)
    path = f"/desk/cases/{case.id}"
    assert press(rex, path, "/put-aside", {"until": "reply"}).status_code == 303
    assert reread(database, case).sleeps_until == case.due_on - 3 * DAY
    for view in ("due", "mine"):
        assert case.id not in shown(rex, f"?view={view}")
    assert case.id in shown(rex, "?view=aside")
    assert case.id in shown(rex, "?view=all")
    assert "1 open request" in shown(rex)
    assert "Put aside until" in rex.get(path).text
    press(rex, path, "/bring-back")
    assert case.id in shown(rex)


@pytest.mark.parametrize("wakes", ["reply", "addition", "stop", "returned", "hand-over", "day", "deadline"])
def test_a_reply_a_move_or_the_day_brings_it_back(app: Flask, database: Database, rex: Critic, wakes: str) -> None:
    signed_in(app, Role.MANAGER)
    case = file(database, REX)
    chosen = (today() + 5 * DAY).isoformat()
    press(rex, f"/desk/cases/{case.id}", "/put-aside", {"until": "day", "day": chosen})
    assert case.id not in shown(rex)
    later = timedelta()
    with database.writing() as session:
        again = session.get_one(Case, case.id)
        if wakes == "reply":
            reply_to(session, again, "Here I am")
        elif wakes == "addition":
            add_to(session, again, "And this too", "Lies Janssens")
        elif wakes == "stop":
            stop(session, again)
        elif wakes == "returned":
            tell_not_delivered(session, queue_letter(session, again, "question"))
        elif wakes == "hand-over":
            give(session, again, staff_named(session, MAX))
        elif wakes == "day":
            later = 5 * DAY
        else:
            again.sleeps_until = again.due_on
            later = 27 * DAY
    with time_machine.travel(now() + later):
        assert case.id in shown(signed_in(app, Role.REVIEWER))


def test_nothing_is_put_aside_within_three_days_of_its_date_or_beyond(database: Database, rex: Critic) -> None:
    soon, later = file(database, REX, age=27 * DAY), file(database, REX, email="b@example.com")
    assert "/put-aside" not in rex.get(f"/desk/cases/{soon.id}").text
    page = rex.get(f"/desk/cases/{later.id}")
    for day in ("", "tomorrow", today().isoformat(), (later.due_on - 2 * DAY).isoformat()):
        refused = press_on(rex, page, "/put-aside", {"until": "day", "day": day})
        assert refused.status_code == 422, day
    assert reread(database, later).sleeps_until is None


# -- several at once


def test_the_chosen_go_to_a_colleague_and_what_somebody_else_took_stays(
    app: Flask, database: Database, rex: Critic, max_: Critic
) -> None:
    cases = [file(database, email=f"{number}@example.com") for number in range(3)]
    page = rex.get("/desk/?view=new")
    chosen = [f"{case.id}." for case in cases[:2]]
    with database.writing() as session:
        rex_id, max_id = (staff_named(session, login).id for login in (REX, MAX))
        give(session, session.get_one(Case, cases[1].id), staff_named(session, REX))
    answer = press_on(rex, page, "/assign", {"to": max_id, "chosen": chosen})  # type: ignore[dict-item]
    assert (answer.status_code, answer.location) == (303, "/desk/?view=new")
    assert [reread(database, case).assigned_to for case in cases] == [max_id, rex_id, None]
    text = shown(rex, "?view=new")
    assert "1 request has a new owner." in text
    assert "1 stayed as it is" in text
    with database.reader() as session:
        handed = session.scalars(select(AuditEntry).where(AuditEntry.kind == "case:handed_over")).one()
        assert (handed.case_id, handed.facts) == (cases[0].id, {"to": max_id})


def test_nothing_chosen_or_nobody_named_is_said(database: Database, rex: Critic) -> None:
    case = file(database)
    assert "Choose at least one request." in press(rex, "/desk/", "/assign").text
    refused = press(rex, "/desk/", "/assign", {"chosen": f"{case.id}."})
    assert (refused.status_code, "Choose a colleague." in refused.text) == (422, True)


def test_the_file_holds_what_the_view_shows_in_cells_no_spreadsheet_runs(database: Database, rex: Critic) -> None:
    bad = file(database, name="=HYPERLINK(1)", email="a@example.com", age=2 * DAY)
    file(database, name="Bea", right="access", email="bea@example.com")
    answer = press(rex, "/desk/?right=erase", "/queue.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [row["Who"] for row in rows] == ["'=HYPERLINK(1)"]
    assert (rows[0]["Number"], rows[0]["Due"], rows[0]["Days left"]) == (
        bad.reference,
        bad.due_on.isoformat(),
        "28 days",
    )
    assert "example.com" not in unbroken(answer.text)
    with database.reader() as session:
        taken = session.scalars(select(AuditEntry).where(AuditEntry.kind == "queue:exported")).one()
        assert taken.facts == {"view": "due", "right": "erase", "language": ""}


def test_beyond_a_thousand_the_queue_says_so_and_the_file_still_holds_all(database: Database, rex: Critic) -> None:
    fill(database, 10_100)
    text = shown(rex)
    assert "More than 1000 open requests" in text
    assert "1–25 of more than 1000" not in shown(rex, "?view=all")
    held = press(rex, "/desk/?view=all&right=port", "/queue.csv").get_data(as_text=True)
    with database.reader() as session:
        expected = len(session.scalars(select(Case.id).where(Case.right_slug == "port")).all())
    assert len(held.splitlines()) == expected + 1


# -- who is here


def test_a_colleague_sees_who_has_it_open_and_who_decides_until_they_leave(
    database: Database, rex: Critic, max_: Critic
) -> None:
    case = file(database)
    path, asked = f"/desk/cases/{case.id}", f"/desk/presence?of={case.id}"
    with time_machine.travel(datetime(2026, 3, 12, 9, tzinfo=UTC), tick=False) as clock:
        rex.get(path)
        assert "Rex reviewer is viewing" in shown(max_)
        assert "Rex reviewer is viewing" in max_.get(path).text
        assert "is viewing" not in shown(rex).replace("Rex privacy_manager is viewing", "")
        rex.get(f"/desk/presence?here={case.id}&doing=deciding")
        said = json.loads(max_.get(asked).text)["beside"]
        assert said == {case.id: "Rex reviewer is deciding"}
        clock.shift(timedelta(seconds=46))
        assert json.loads(max_.get(asked).text)["beside"] == {}
        max_.get(path)
        with database.reader() as session:
            assert len(session.scalars(select(Presence.staff_id)).all()) == 1, "old rows are swept"


def test_an_open_page_hears_that_the_request_moved_on(database: Database, rex: Critic) -> None:
    case = file(database, REX)
    assert json.loads(rex.get(f"/desk/presence?here={case.id}").text)["version"] == case.version
    press(rex, f"/desk/cases/{case.id}", "/question", {"question": "Which?"})
    assert json.loads(rex.get(f"/desk/presence?here={case.id}").text)["version"] > case.version
    assert rex.get("/desk/presence?here=" + "f" * 32).status_code == 404


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(app: Flask, database: Database) -> None:
    with time_machine.travel(datetime(2026, 3, 12, 9, tzinfo=UTC), tick=False) as clock:
        browser = signed_in(app, Role.REVIEWER)
        for _quarter in range(4):
            clock.shift(IDLE_STAFF / 4 + timedelta(seconds=1))
            answer = browser.get("/desk/presence", headers={BACKGROUND: "1"})
        assert answer.status_code == 303


# -- two versions


def test_whoever_saves_after_somebody_else_sees_both_versions_and_picks(
    database: Database, rex: Critic, max_: Critic
) -> None:
    case = file(database, right="access")
    with database.writing() as session:
        settle(session, session.get_one(Case, case.id), staff_named(session, REX))
    path = f"/desk/cases/{case.id}"
    page = rex.get(path)
    refusal = {"outcome": "refuse", "ground": "not-identified", "reason": "Their reason", "facts": "Their facts"}
    first = press(rex, path, "/letter", refusal)
    assert press_on(rex, first, "/decision").status_code == 303
    assert press(max_, f"{path}/second", "/second/back", {"why": "Look again"}).status_code == 303
    late = press_on(rex, page, "/letter", {"outcome": "grant", "reason": "My reason"})
    assert late.status_code == 409
    for words in ("Two versions", "Their reason", "Their facts", "My reason", "Refused", "Granted", "differs"):
        assert words in late.text, words
    assert 'href="#decision"' in late.text
    mine = press_on(rex, late, "/letter")
    assert (mine.status_code, "My reason" in mine.text) == (200, True), "mine goes on from the page that shows both"
    theirs = rex.get(path)
    assert "Their reason" in theirs.text


# -- settings, and what is next


def test_keys_are_switched_off_by_who_does_not_want_them(rex: Critic, max_: Critic) -> None:
    assert 'data-module="keys"' in shown(rex)
    assert press(rex, "/desk/settings", "/settings", {"keys": "", "after": "next"}).status_code == 303
    assert 'data-module="keys"' not in shown(rex)
    assert "Switch the keys off" in shown(max_)


def test_after_an_answer_the_next_due_opens_or_the_queue_as_one_prefers(
    app: Flask, database: Database, rex: Critic
) -> None:
    done = file(database, right="access", age=9 * DAY)
    taken = file(database, right="access", age=8 * DAY, email="b@example.com", owner="")
    own = file(database, right="access", age=7 * DAY, email=REX)
    following = file(database, right="access", age=6 * DAY, email="c@example.com")
    signed_in(app, Role.MANAGER)
    with database.writing() as session:
        give(session, session.get_one(Case, taken.id), staff_named(session, MAX))
        settle(session, session.get_one(Case, done.id), staff_named(session, REX))
    address = f"/desk/cases/{following.id}"
    assert own.id not in address
    assert rex.get(f"/desk/cases/{done.id}/next").location == address
    assert rex.get(f"/desk/cases/{following.id}/next").location == f"/desk/cases/{done.id}", "it begins anew"
    letter = press(rex, f"/desk/cases/{done.id}", "/letter", {"outcome": "grant"})
    press(rex, "/desk/settings", "/settings", {"keys": "on", "after": "queue"})
    with database.reader() as session:
        assert not session.scalars(select(Staff.next_due).where(Staff.login == REX)).one()
    assert press_on(rex, letter, "/decision").location == "/desk/"
    press(rex, "/desk/settings", "/settings", {"keys": "on", "after": "next"})
    assert rex.get(f"/desk/cases/{done.id}/next").location == address
