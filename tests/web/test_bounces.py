"""Mails that came back: read from delivery reports, marked once, told to the desk; a returned notice keeps the hold."""

import mailbox
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.audit.record import AuditEntry
from portal.cases.access import may_release
from portal.cases.letters import hold_ends_at, is_unreachable, queue_notices
from portal.cases.lifecycle import Unmet
from portal.cases.models import Case
from portal.cases.returned import mark_returned, reports_from
from portal.cli import register_commands
from portal.clock import now
from portal.db import Database
from portal.mail.outbox import Mail, MailState
from portal.mail.reports import LARGEST, read_report
from portal.verify import breaches
from tests.support.colleagues import browser_of, member_of
from tests.support.factories import add_member, answer, confirm_identity, hand_over, locate, submit_case
from tests.support.postbox import Postbox
from tests.support.returned import BARE, EXCHANGE, POSTFIX, report

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def held(app: Flask, database: Database, tmp_path: Path, clock: time_machine.Traveller) -> str:
    """Give the id of a case that somebody filed from another address; its notice was accepted."""
    with database.writing() as session:
        case = submit_case(session)
        locate(session, case, on_file=False)
        confirm_identity(session, case, add_member(session))
    Postbox(app, tmp_path / "post").deliver()
    return case.id


def mail_of(database: Database, case_id: str, letter: str) -> Mail:
    with database.reader() as session:
        return session.scalars(select(Mail).where(Mail.case_id == case_id, Mail.letter == letter)).one()


def state(database: Database, mail: Mail) -> MailState:
    with database.reader() as session:
        return session.get_one(Mail, mail.id).state


def read(database: Database, folder: Path, *reports: bytes) -> int:
    folder.mkdir(exist_ok=True)
    for number, content in enumerate(reports):
        (folder / f"{number}.eml").write_bytes(content)
    with database.writing() as session:
        return mark_returned(session, reports_from(folder)).marked


def unmet(database: Database, case_id: str) -> tuple[Unmet, ...]:
    with database.reader() as session:
        return may_release(session, session.get_one(Case, case_id), now())


@pytest.mark.parametrize("layout", [POSTFIX, EXCHANGE, BARE])
def test_a_mail_that_came_back_is_marked_recorded_and_told(
    database: Database, held: str, tmp_path: Path, layout: str
) -> None:
    mail = mail_of(database, held, "receipt")
    assert read(database, tmp_path / "in", report(mail.id, layout=layout, status="5.2.2")) == 1
    assert state(database, mail) is MailState.BOUNCED
    assert mail_of(database, held, "staff-bounced")
    with database.reader() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.kind == "mail:bounced")).one()
    assert (entry.case_id, entry.facts["status"], entry.facts["letter"]) == (held, "5.2.2", "receipt")


def test_reading_the_same_reports_again_changes_nothing(database: Database, held: str, tmp_path: Path) -> None:
    mail = mail_of(database, held, "receipt")
    content = report(mail.id)
    assert read(database, tmp_path / "in", content, content) == 1
    assert read(database, tmp_path / "in", content, content) == 0
    assert mail_of(database, held, "staff-bounced"), "told once"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"action": "delayed", "status": "4.4.1"}, id="delayed"),
        pytest.param({"action": "delivered", "status": "2.0.0"}, id="delivered"),
        pytest.param({"action": "relayed", "status": "2.0.0"}, id="relayed"),
        pytest.param({"domain": "elsewhere.example"}, id="of another sender"),
    ],
)
def test_what_is_no_failure_of_ours_marks_nothing(
    database: Database, held: str, tmp_path: Path, content: dict[str, str]
) -> None:
    mail = mail_of(database, held, "receipt")
    assert read(database, tmp_path / "in", report(mail.id, **content)) == 0
    assert state(database, mail) is MailState.SENT


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00 not a mail at all",
        b"Subject: hello\n\nMessage-ID: <%(id)s@medbook.example> Action: failed",
        b"Content-Type: multipart/report; report-type=delivery-status\n\nno parts",
        b"Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: message/delivery-status\n\nAction: failed\n",
        b"Content-Type: " + b"multipart/report; boundary=B\n\n" + b"--B\nContent-Type: message/rfc822\n\n" * 3000,
        b"A" * (LARGEST + 1),
    ],
    ids=["empty", "bytes", "plain mail", "no parts", "not a report", "nested", "huge"],
)
def test_what_cannot_be_read_is_left_alone(database: Database, held: str, tmp_path: Path, content: bytes) -> None:
    mail = mail_of(database, held, "receipt")
    assert read(database, tmp_path / "in", content.replace(b"%(id)s", mail.id.encode())) == 0
    assert state(database, mail) is MailState.SENT


def test_an_unknown_id_is_nobodys(database: Database, held: str, tmp_path: Path) -> None:
    assert read(database, tmp_path / "in", report("0" * 32)) == 0


def test_a_report_that_another_program_moved_meanwhile_is_left_alone(
    database: Database, held: str, tmp_path: Path
) -> None:
    mail = mail_of(database, held, "receipt")
    (tmp_path / "in").mkdir()
    assert read_report(tmp_path / "in" / "gone.eml") is None
    assert read(database, tmp_path / "in", report(mail.id)) == 1


def test_the_command_reads_a_maildir(app: Flask, database: Database, held: str, tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "Maildir")
    box.add(report(mail_of(database, held, "receipt").id))
    seen = mailbox.MaildirMessage(report(mail_of(database, held, "asked-in-your-name").id))
    seen.set_subdir("cur")
    box.add(seen)
    register_commands(app)
    said = app.test_cli_runner().invoke(args=["read-bounces", str(tmp_path / "Maildir")])
    assert said.exit_code == 0
    assert said.output == "2 mails marked as bounced, 0 reports of others\n"
    assert app.test_cli_runner().invoke(args=["read-bounces", str(tmp_path / "nowhere")]).exit_code == 2


def test_a_letter_to_the_desk_that_comes_back_starts_no_round(database: Database, held: str, tmp_path: Path) -> None:
    mail = mail_of(database, held, "staff-new-case")
    assert read(database, tmp_path / "in", report(mail.id)) == 1
    with database.reader() as session:
        assert session.scalars(select(Mail).where(Mail.letter == "staff-bounced")).all() == []


# -- the hold


def test_a_returned_notice_keeps_the_hold_that_its_acceptance_would_have_ended(
    database: Database, held: str, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(hours=71))
    assert Unmet.HOLD in unmet(database, held)
    notice = mail_of(database, held, "asked-in-your-name")
    read(database, tmp_path / "in", report(notice.id, status="5.2.2"))
    clock.shift(timedelta(hours=2))
    assert Unmet.HOLD in unmet(database, held), "72 hours after its acceptance nobody was told all the same"
    with database.reader() as session:
        case = session.get_one(Case, held)
        assert hold_ends_at(session, case) is None
        assert not is_unreachable(session, case)


def test_after_72_more_hours_somebody_else_must_look_at_it(
    database: Database, held: str, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    read(database, tmp_path / "in", report(mail_of(database, held, "asked-in-your-name").id))
    clock.shift(timedelta(hours=72))
    assert Unmet.HOLD not in unmet(database, held)
    assert Unmet.SECOND in unmet(database, held)


def test_a_notice_that_arrived_elsewhere_still_ends_it(
    app: Flask, database: Database, held: str, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    returned = mail_of(database, held, "asked-in-your-name")
    with database.writing() as session:
        queue_notices(session, session.get_one(Case, held), ["second@example.org"])
    Postbox(app, tmp_path / "post").deliver()
    read(database, tmp_path / "in", report(returned.id))
    clock.shift(timedelta(hours=72))
    assert Unmet.HOLD not in unmet(database, held)
    assert Unmet.SECOND not in unmet(database, held)


def test_a_notice_that_comes_back_late_closes_the_download_and_is_no_breach(
    database: Database, held: str, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(hours=73))
    with database.writing() as session:
        case = session.get_one(Case, held)
        first = add_member(session)
        answer(session, case, first, first)
        hand_over(session, case)
    clock.shift(timedelta(hours=1))
    read(database, tmp_path / "in", report(mail_of(database, held, "asked-in-your-name").id))
    assert Unmet.HOLD in unmet(database, held)
    with database.reader() as session:
        assert [breach for breach in breaches(session) if breach.startswith("release")] == []


def test_the_desk_sees_it_in_the_queue_and_on_the_case(
    app: Flask, database: Database, held: str, tmp_path: Path
) -> None:
    browser = browser_of(app, member_of(database))
    assert "mail came back" not in browser.get("/desk/?view=all").text
    read(database, tmp_path / "in", report(mail_of(database, held, "asked-in-your-name").id))
    assert "mail came back" in browser.get("/desk/?view=all").text
    page = browser.get(f"/desk/cases/{held}").text
    assert ">bounced<" in page
    assert "A mail came back, status 5.1.1" in page
