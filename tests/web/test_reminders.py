"""The morning's mails to staff: 7, 3 and 1 days, late, digest. Each once, to the right one, in their language."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select, update

from portal.accounts.models import Role, Staff
from portal.app import _note_dead, make_worker
from portal.audit.record import PERSON
from portal.cases.lifecycle import Move
from portal.cases.models import Case
from portal.cases.moves import move
from portal.clock import now
from portal.db import Database
from portal.jobs import outbox
from portal.jobs.outbox import Job
from portal.jobs.worker import Handler
from portal.mail.outbox import Mail, address_of
from portal.review.reminders import REMIND, remind, send_digest
from tests.support.desk import file_case, give
from tests.support.factories import ADA, actor_for, add_member, deciding_case, submit_case
from tests.support.postbox import Letter, Postbox

MONDAY = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)
PRIVACY = "privacy@medbook.com"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def morning(database: Database, day: date) -> list[tuple[str, str, str]]:
    """Remind on ``day``; return letter, address and step of each mail that this queued."""
    with database.writing() as session:
        before = set(session.scalars(select(Mail.id)))
        remind(session, day)
        new = session.scalars(select(Mail).where(Mail.id.not_in(before)).order_by(Mail.letter, Mail.id))
        return sorted((mail.letter, address_of(session, mail), mail.facts["step"]) for mail in new)


@pytest.fixture
def case(database: Database, clock: time_machine.Traveller) -> Case:
    """Give a request that nobody has."""
    with database.writing() as session:
        return submit_case(session)


def test_7_3_and_1_days_before_it_is_told_once_each_and_once_when_late(database: Database, case: Case) -> None:
    told: dict[int, list[tuple[str, str, str]]] = {}
    for left in range(9, -4, -1):
        for _ in range(2):  # the job may run twice
            told.setdefault(left, []).extend(morning(database, case.due_on - timedelta(days=left)))
    assert {left: found for left, found in told.items() if found} == {
        7: [("staff-due", PRIVACY, "7")],
        3: [("staff-due", PRIVACY, "3")],
        1: [("staff-due", PRIVACY, "1")],
        -1: [("staff-overdue", PRIVACY, "")],
    }


def test_a_day_on_which_nothing_ran_is_made_up_for(database: Database, case: Case) -> None:
    assert morning(database, case.due_on - timedelta(days=5)) == [("staff-due", PRIVACY, "7")]
    assert morning(database, case.due_on - timedelta(days=4)) == []
    assert morning(database, case.due_on) == [("staff-due", PRIVACY, "1")]


def test_who_has_it_is_told_and_a_late_one_is_told_to_both(database: Database, case: Case) -> None:
    with database.writing() as session:
        owner = add_member(session)
        session.execute(update(Case).values(assigned_to=owner.id))
    assert morning(database, case.due_on - timedelta(days=3)) == [("staff-due", owner.login, "3")]
    late = morning(database, case.due_on + timedelta(days=1))
    assert late == [("staff-overdue", PRIVACY, ""), ("staff-overdue", owner.login, "")]


def test_who_left_is_not_told(database: Database, case: Case) -> None:
    with database.writing() as session:
        owner = add_member(session)
        session.execute(update(Case).values(assigned_to=owner.id))
        session.execute(update(Staff).values(disabled_at=now()))
    assert morning(database, case.due_on - timedelta(days=3)) == [("staff-due", PRIVACY, "3")]


def test_a_new_deadline_is_told_anew(database: Database, case: Case) -> None:
    assert len(morning(database, case.due_on)) == 1
    with database.writing() as session:
        session.execute(update(Case).values(due_on=case.due_on + timedelta(days=61)))
    assert morning(database, case.due_on) == []
    assert len(morning(database, case.due_on + timedelta(days=60))) == 1


def test_what_is_answered_or_withdrawn_is_not_told(database: Database, clock: time_machine.Traveller) -> None:
    with database.writing() as session:
        gone = submit_case(session)
        move(session, gone, Move.WITHDRAW, PERSON)
    assert morning(database, gone.due_on) == []


def digest(database: Database, at: datetime) -> list[dict[str, str]]:
    with database.writing() as session:
        send_digest(session, at)
        mails = session.scalars(select(Mail).where(Mail.letter == "staff-digest"))
        return [{**mail.facts, "to": address_of(session, mail)} for mail in mails]


def test_the_digest_counts_what_is_open_for_everybody_who_works_on_it(
    database: Database, clock: time_machine.Traveller
) -> None:
    with database.writing() as session:
        reviewer, manager = add_member(session), add_member(session, Role.MANAGER)
        for role in (Role.AUDITOR, Role.ADMIN):
            add_member(session, role)
        mine = file_case(session)
        give(session, mine, reviewer)
        file_case(session, age=timedelta(days=27))
        file_case(session, age=timedelta(days=40))
        asked = deciding_case(session)
        move(session, asked, Move.ASK, actor_for(reviewer))
    told = {each.pop("to"): each for each in digest(database, MONDAY)}
    assert set(told) == {reviewer.login, manager.login}
    counts = {key: told[manager.login][key] for key in ("open", "soon", "late", "free", "second", "replies", "mine")}
    assert counts == {
        "open": "4", "soon": "1", "late": "1", "free": "3", "second": "0", "replies": "0", "mine": "0"
    }  # fmt: skip
    assert told[reviewer.login]["mine"] == "1"
    assert "holds" not in told[reviewer.login], "only the privacy manager has holds to watch"


@pytest.mark.parametrize("days", [5, 6])
def test_there_is_no_digest_at_the_weekend(database: Database, case: Case, days: int) -> None:
    with database.writing() as session:
        add_member(session)
    assert digest(database, MONDAY + timedelta(days=days)) == []


def test_there_is_no_digest_where_nothing_is_open(database: Database, clock: time_machine.Traveller) -> None:
    with database.writing() as session:
        add_member(session)
    assert digest(database, MONDAY) == []


def test_the_worker_sends_them_once_a_day(app: Flask, database: Database, clock: time_machine.Traveller) -> None:
    with database.writing() as session:
        add_member(session)
        file_case(session, age=timedelta(days=40))
    with app.app_context():
        worker = make_worker(app)
        for hour in (7, 8, 9):
            clock.move_to(MONDAY.replace(hour=hour))
            worker.queue_nightly()
            run(database, worker.handlers[REMIND])
    with database.reader() as session:
        assert len(session.scalars(select(Mail).where(Mail.letter == "staff-digest")).all()) == 1
        assert len(session.scalars(select(Mail).where(Mail.letter == "staff-overdue")).all()) == 1


def jobs(database: Database) -> list[Job]:
    with database.reader() as session:
        return list(session.scalars(select(Job).where(Job.kind == REMIND, Job.done_at.is_(None))))


def run(database: Database, handler: Handler) -> None:
    for job in jobs(database):
        write = handler(database, job.payload)
        with database.writing() as session:
            if outbox.finish(session, job.id) and write is not None:
                write(session)


def test_a_mail_that_is_given_up_is_told_like_one_that_came_back(database: Database, case: Case) -> None:
    with database.writing() as session:
        receipt = session.scalars(select(Mail.id).where(Mail.letter == "receipt")).one()
        sending = session.scalars(select(Job).where(Job.kind == "mail.send", Job.case_id == case.id))
        _note_dead(session, next(job for job in sending if job.payload["mail"] == receipt))
        letters = list(session.scalars(select(Mail.letter).where(Mail.case_id == case.id)))
    assert letters.count("staff-bounced") == 1


def written(app: Flask, folder: Path) -> list[Letter]:
    return [letter for letter in Postbox(app, folder).deliver() if letter.to != ADA["email"]]


@pytest.mark.parametrize(
    ("language", "words"),
    [("nl", "Open aanvragen"), ("fr", "Demandes en cours"), ("de", "Offene Anfragen"), ("en", "Open requests")],
)
def test_staff_read_them_in_their_language_without_a_name(
    app: Flask, database: Database, case: Case, tmp_path: Path, language: str, words: str
) -> None:
    with database.writing() as session:
        owner = add_member(session)
        owner.language = language
        session.execute(update(Case).values(assigned_to=owner.id))
        remind(session, case.due_on - timedelta(days=3))
        send_digest(session, MONDAY)
    letters = [letter for letter in written(app, tmp_path / "post") if letter.to == owner.login]
    assert len(letters) == 2
    assert words in "".join(letter.text for letter in letters)
    assert any(case.reference in letter.subject for letter in letters)
    for letter in letters:
        assert letter.message["Content-Language"] == language
        for name in (*ADA["name"].split(), ADA["email"], owner.name):
            assert name not in letter.text


def test_the_subject_counts_the_days_that_are_left_on_that_morning(
    app: Flask, database: Database, case: Case, tmp_path: Path
) -> None:
    with database.writing() as session:
        owner = add_member(session)
        owner.language = "en"
        session.execute(update(Case).values(assigned_to=owner.id))
        for left in (5, 2, 0):  # no worker ran on the days in between
            remind(session, case.due_on - timedelta(days=left))
    subjects = [letter.subject for letter in written(app, tmp_path / "post") if letter.to == owner.login]
    words = ("5 days left", "2 days left", "Due today")
    assert sorted(subjects) == sorted(f"{said}: {case.reference}" for said in words)


def test_the_number_of_queries_does_not_depend_on_the_number_of_requests(
    database: Database, clock: time_machine.Traveller
) -> None:
    seen: list[str] = []
    with database.writing() as session:
        add_member(session)
        submit_case(session)
    event.listen(database.engine, "before_cursor_execute", lambda *said: seen.append(said[2]))

    def queries() -> int:
        seen.clear()
        with database.writing() as session:
            send_digest(session, MONDAY)
        return len(seen)

    queries()  # the first one makes the key for the addresses of staff
    first = queries()
    with database.writing() as session:
        for _ in range(5):
            submit_case(session)
    assert queries() == first
