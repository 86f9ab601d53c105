"""The decision letter as PDF: said as on the page, readable for every program, sealed, checked and forgotten."""

from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Role
from portal.audit.record import AuditEntry
from portal.cases.letter_papers import LetterPaper, read_letter
from portal.cases.lifecycle import Outcome
from portal.cases.models import Case
from portal.cases.retention import CONTENT_DAYS, sweep
from portal.cases.undo import LETTER
from portal.clock import now
from portal.config import LANGUAGES
from portal.db import Database
from portal.files.keys import Purpose, data_key
from portal.fulfilment.letter import make_letter
from portal.jobs.outbox import Job
from portal.verify import breaches
from tests.support.colleagues import MORNING, browser_of
from tests.support.critic import Critic
from tests.support.desk import press
from tests.support.factories import add_member, answer, deciding_case
from tests.support.papers import opened, ua_faults
from tests.support.portals import make_settings, portal
from tests.support.visitors import visitor, with_mailbox


def make_letters(app: Flask) -> None:
    """Run every job that writes a letter and was not run yet."""
    database: Database = app.extensions["portal_db"]
    with database.reader() as session:
        waiting = session.scalars(select(Job).where(Job.kind == LETTER, Job.done_at.is_(None))).all()
    for job in waiting:
        with app.app_context():
            finish = make_letter(database, job.payload)
        with database.writing() as session:
            if finish is not None:
                finish(session)
            session.get_one(Job, job.id).done_at = now()


def answered(app: Flask, outcome: Outcome = Outcome.GRANT, language: str = "nl") -> Case:
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        case = deciding_case(session, "access")
        case.language = language
        answer(session, case, add_member(session), add_member(session, Role.MANAGER), outcome)
    make_letters(app)
    return case


def letter_of(database: Database) -> tuple[LetterPaper, bytes]:
    with database.reader() as session:
        paper = session.scalars(select(LetterPaper)).one()
        return paper, read_letter(session, paper)


def owner_of(app: Flask, case: Case) -> Critic:
    return with_mailbox(app, case.mailbox)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_in_every_language_what_the_page_says_and_a_screen_reader_can_read_it(
    app: Flask, database: Database, language: str
) -> None:
    case = answered(app, Outcome.REFUSE, language)
    _row, pdf = letter_of(database)
    paper = opened(pdf)
    assert ua_faults(pdf) == []
    assert str(paper.reader.trailer["/Root"]["/Lang"]) == language  # type: ignore[index]
    page = owner_of(app, case).get(f"/{language}/s/{case.id}").text
    for words in ("We looked at everything.", case.reference):
        assert words in paper.text
        assert words in page
    assert f"http://localhost/{language}/verify" in paper.links()


def test_the_person_and_the_desk_get_the_same_bytes_and_each_time_goes_on_record(
    app: Flask, database: Database
) -> None:
    with time_machine.travel(MORNING, tick=False):
        case = answered(app)
        row, pdf = letter_of(database)
        theirs = press(owner_of(app, case), f"/nl/s/{case.id}", "/letter")
        with database.writing() as session:
            member = add_member(session)
        ours = press(browser_of(app, member), f"/desk/cases/{case.id}", "/letter.pdf")
    assert theirs.data == ours.data == pdf
    assert theirs.headers["Content-Disposition"] == f'attachment; filename="{case.reference}-letter.pdf"'
    with database.reader() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.kind.like("decision:letter_%"))).all()
        assert [entry.kind.partition("_")[2] for entry in entries] == ["made", "fetched", "fetched"]
        assert entries[0].facts["digest"] == row.sha256


def test_nobody_gets_it_before_the_letter_left(tmp_path: Path, migrated: Path) -> None:
    with (
        time_machine.travel(MORNING, tick=False) as clock,
        portal(make_settings(tmp_path, undo_seconds=30), migrated) as app,
    ):
        case = answered(app)
        person = owner_of(app, case)
        assert "/letter" not in person.get(f"/nl/s/{case.id}").text
        token = person.get("/nl/requests").text.partition('name="csrf_token" value="')[2].partition('"')[0]
        assert person.post(f"/nl/s/{case.id}/letter", data={"csrf_token": token}).status_code == 404
        clock.shift(30)
        assert press(person, f"/nl/s/{case.id}", "/letter").mimetype == "application/pdf"


def test_a_stranger_is_told_nothing_of_it(app: Flask) -> None:
    case = answered(app)
    stranger = with_mailbox(app, "0" * 64)
    token = stranger.get("/nl/requests").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert stranger.post(f"/nl/s/{case.id}/letter", data={"csrf_token": token}).status_code == 404


def test_it_is_sealed_and_its_absence_or_exchange_is_noticed(app: Flask, database: Database) -> None:
    case = answered(app)
    row, pdf = letter_of(database)
    with database.writing() as session:
        vault = session.info["vault"]
        (file,) = session.info["settings"].files_dir.rglob(f"{row.file}*")
        assert pdf[:200] not in file.read_bytes()
        assert [line for line in breaches(session) if line.startswith("files")] == []
        key = data_key(session, case.id, Purpose.DECISION)
        session.get_one(LetterPaper, row.id).file = vault.write(key, row.id, [b"another"]).name
        session.flush()
        assert any("is not what was put into it" in line for line in breaches(session))


def test_it_is_forgotten_with_its_case_and_can_still_be_checked(app: Flask, database: Database) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        case = answered(app, Outcome.REFUSE)
        _row, pdf = letter_of(database)
        clock.shift(CONTENT_DAYS * 86400 + 1)
        with database.writing() as session:
            done = sweep(session, now())
        row = _forgotten(database)
        assert row.file is None
        assert len(done.files) >= 1
        assert check(app, pdf) == (True, False)
        with database.writing() as session:
            session.get_one(LetterPaper, row.id).file = "0" * 32
            session.flush()
            assert f"forgetting: a PDF of case {case.id} is still there" in set(breaches(session))


def _forgotten(database: Database) -> LetterPaper:
    with database.reader() as session:
        return session.scalars(select(LetterPaper)).one()


def test_anybody_can_check_a_letter_and_one_changed_byte_shows(app: Flask, database: Database) -> None:
    answered(app)
    _row, pdf = letter_of(database)
    assert check(app, pdf) == (True, False)
    assert check(app, pdf + b"\n") == (False, True)


def check(app: Flask, pdf: bytes) -> tuple[bool, bool]:
    """Return whether the public page knows the letter, and whether it says that the file is none of ours."""
    browser = visitor(app)
    page = browser.submit("/en/verify", {"paper": (BytesIO(pdf), "letter.pdf")}).text
    return "It is a letter that we sent" in page, "It is not a PDF as we issued it." in page
