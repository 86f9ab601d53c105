"""``flask verify``: a portal that did everything by its rules is clean; each planted breach is found and named."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from portal.accounts.models import Role
from portal.audit.record import AuditEntry, export_head
from portal.cases.lifecycle import Identity, Move, Outcome, Status
from portal.cases.models import Amendment, Case, Conversation, Decision, Evidence, Package, Paper
from portal.cases.moves import move, stop
from portal.cases.retention import CONTENT, forget_card
from portal.cli import register_commands
from portal.clock import now
from portal.config import settings_of
from portal.db import Database
from portal.files.keys import DataKey, Purpose, data_key, destroy_key
from portal.jobs.outbox import Job
from portal.mail.outbox import Mail, MailState
from portal.verify import breaches
from tests.support.factories import (
    actor_for,
    add_member,
    answer,
    begin_draft,
    deciding_case,
    finished_case,
    hand_over,
    locate,
    show_card,
    submit_case,
)
from tests.support.papers import added_to, make_papers
from tests.support.portals import database_of, make_settings, portal
from tests.support.postbox import Postbox

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Path:
    """Give the folder of a portal in which everything happened that can, by the rules, and whose mails have left."""
    folder = tmp_path_factory.mktemp("happened")
    with time_machine.travel(START, tick=False), portal(make_settings(folder), migrated) as app:
        let_everything_happen(app)
        make_papers(app)
        Postbox(app, tmp_path_factory.mktemp("post")).deliver()
    return folder


def let_everything_happen(app: Flask) -> None:
    """Write one request of every kind, and what became of it."""
    with database_of(app).writing() as session:
        reviewer, manager = add_member(session), add_member(session, Role.MANAGER)
        begin_draft(session)
        show_card(session, case=submit_case(session))
        finished_case(session)
        refused = deciding_case(session)
        answer(session, refused, reviewer, manager, Outcome.REFUSE)
        erased = deciding_case(session, "erase")
        answer(session, erased, reviewer, manager)
        at_once = submit_case(session, "withdraw")
        locate(session, at_once)
        held = submit_case(session)
        locate(session, held, on_file=False)
        stop(session, held)
        asked = deciding_case(session)
        move(session, asked, Move.ASK, actor_for(reviewer))
        added_to(session, asked, "And my old number.")
        added_to(session, asked, "And the year.")


@pytest.fixture
def busy_app(happened: Path, tmp_path: Path) -> Iterator[Flask]:
    """Give that portal, in a copy of its folder."""
    shutil.copytree(happened, tmp_path, dirs_exist_ok=True)
    with time_machine.travel(START, tick=False), portal(make_settings(tmp_path), happened / "portal.db") as opened:
        yield opened


@pytest.fixture
def busy(busy_app: Flask) -> Database:
    """Give that portal's database."""
    return database_of(busy_app)


def found(database: Database) -> list[str]:
    with database.reader() as session:
        return list(breaches(session))


def test_a_portal_that_kept_its_rules_is_clean(busy: Database) -> None:
    assert found(busy) == []


def test_a_new_portal_is_clean(database: Database) -> None:
    assert found(database) == []


def one(session: Session, kind: type[Case] | type[Package] | type[Evidence], **where: object) -> str:
    return str(session.query(kind).filter_by(**where).first().id)  # type: ignore[union-attr]


def lose_a_file(session: Session) -> None:
    name = session.get_one(Package, one(session, Package)).file
    session.info["vault"].delete(name)


def change_a_file(session: Session) -> None:
    name = session.get_one(Package, one(session, Package)).file
    path = session.info["vault"]._blobs / name
    content = bytearray(path.read_bytes())
    content[-40] ^= 1
    path.write_bytes(content)


def swap_a_file(session: Session) -> None:
    package = session.get_one(Package, one(session, Package))
    key = data_key(session, package.id, Purpose.PACKAGE)
    package.file = session.info["vault"].write(key, package.id, [b"another"]).name


def leave_a_file_behind(session: Session) -> None:
    stored = session.info["vault"].write(bytes(32), "nobody", [b"x"])
    long_ago = (START - timedelta(days=3)).timestamp()
    os.utime(session.info["vault"]._blobs / stored.name, (long_ago, long_ago))


def lose_a_job(session: Session) -> None:
    session.execute(delete(Job).where(Job.kind == "mail.send"))


def give_a_mail_up_in_silence(session: Session) -> None:
    session.execute(update(Mail).values(state=MailState.QUEUED))
    session.execute(update(Job).where(Job.kind == "mail.send").values(done_at=None, dead_at=now()))


def lose_a_receipt(session: Session) -> None:
    receipts = session.query(Mail.id).filter_by(letter="receipt").all()
    session.execute(delete(Mail).where(Mail.id.in_([row.id for row in receipts])))


def set_a_status_by_hand(session: Session) -> None:
    session.execute(update(Case).where(Case.status == Status.IDENTITY).values(status=Status.DECIDING))


def shorten_a_deadline(session: Session) -> None:
    session.execute(update(Case).values(due_on=START.date()))


def unsettle_the_identity(session: Session) -> None:
    session.execute(update(Case).where(Case.status == Status.CARRIED_OUT).values(identity=Identity.OPEN))


def carry_out_after_a_stop(session: Session) -> None:
    early = START - timedelta(hours=1)
    session.execute(update(Case).where(Case.status == Status.CARRIED_OUT).values(stopped_at=early))


def drop_the_second_person(session: Session) -> None:
    session.execute(update(Decision).where(Decision.needs_second).values(confirmed_by=None))


def be_the_second_person_oneself(session: Session) -> None:
    session.execute(update(Decision).where(Decision.needs_second).values(confirmed_by=Decision.decided_by))


def take_the_decision_of_another_case(session: Session) -> None:
    decision = session.query(Decision).filter_by(needs_second=True).first()
    assert decision is not None
    session.execute(update(Case).where(Case.status == Status.CARRIED_OUT).values(decision_id=decision.id))


def make_a_second_package(session: Session) -> None:
    hand_over(session, session.get_one(Case, one(session, Case, status=Status.CARRIED_OUT)))


def keep_the_key_of_a_destroyed_card(session: Session) -> None:
    session.execute(update(Evidence).values(destroyed_at=now(), file=None))


def keep_the_key_of_a_forgotten_case(session: Session) -> None:
    session.execute(update(Case).where(Case.status == Status.CARRIED_OUT).values(forgotten_at=now()))


def keep_a_card_too_long(session: Session) -> None:
    session.execute(update(Evidence).values(created_at=START - timedelta(days=16)))


def keep_a_package_too_long(session: Session) -> None:
    session.execute(update(Package).values(created_at=START - timedelta(days=16)))


def keep_a_draft_too_long(session: Session) -> None:
    old = START - timedelta(days=40)
    session.execute(update(Conversation).where(Conversation.submitted_at.is_(None)).values(updated_at=old))


def keep_content_too_long(session: Session) -> None:
    old = START - timedelta(days=800)
    session.execute(update(Case).where(Case.status == Status.CARRIED_OUT).values(closed_at=old))


def lose_a_key(session: Session) -> None:
    destroy_key(session, one(session, Package), Purpose.PACKAGE)


def change_the_record(session: Session) -> None:
    session.execute(update(AuditEntry).where(AuditEntry.seq == 3).values(actor_id="x"))


def cut_the_record(session: Session) -> None:
    export_head(session, settings_of(session).data_dir)
    session.execute(text("pragma defer_foreign_keys=on"))
    last = session.query(AuditEntry).order_by(AuditEntry.seq.desc()).first()
    assert last is not None
    session.execute(text("delete from audit_case_heads where seq = :seq"), {"seq": last.seq})
    session.execute(delete(AuditEntry).where(AuditEntry.seq == last.seq))


def keep_the_key_of_a_picture_that_never_came(session: Session) -> None:
    old = START - timedelta(days=2, seconds=1)
    data_key(session, "nothing", Purpose.IDENTITY, create=True)
    session.execute(update(DataKey).where(DataKey.owner == "nothing").values(created_at=old))


def keep_the_key_of_a_package_that_never_came(session: Session) -> None:
    old = START - timedelta(days=2, seconds=1)
    data_key(session, "nothing", Purpose.PACKAGE, create=True)
    session.execute(update(DataKey).where(DataKey.owner == "nothing").values(created_at=old))


def keep_the_content_of_a_case_that_never_closed(session: Session) -> None:
    old = START - timedelta(days=800)
    session.execute(update(Case).where(Case.status == Status.ANSWERED).values(answered_at=old, closed_at=None))


def lose_a_paper(session: Session) -> None:
    session.info["vault"].delete(session.query(Paper).first().file)  # type: ignore[union-attr]


def swap_a_paper(session: Session) -> None:
    paper = session.query(Paper).first()
    assert paper is not None
    key = data_key(session, paper.case_id, Purpose.ANSWERS)
    paper.file = session.info["vault"].write(key, paper.id, [b"another"]).name


def sign_something_else(session: Session) -> None:
    session.execute(update(Case).where(Case.status == Status.RECEIVED).values(signed_hash="0" * 64))


def edit_an_addition(session: Session) -> None:
    first = session.query(Amendment).filter_by(number=1).one()
    first.text = session.query(Amendment).filter_by(number=2).one().text


def issue_a_paper_about_nothing(session: Session) -> None:
    session.execute(update(Paper).values(signed_hash="0" * 64))


def keep_a_paper_of_a_forgotten_case(session: Session) -> None:
    case = session.get_one(Case, one(session, Case, status=Status.CARRIED_OUT))
    for purpose in CONTENT:
        destroy_key(session, case.id, purpose)
    case.forgotten_at = now()


BREACHES: dict[str, tuple[Callable[[Session], None], ...]] = {
    "files": (lose_a_file, change_a_file, swap_a_file, leave_a_file_behind, lose_a_key, lose_a_paper, swap_a_paper),
    "outbox": (lose_a_job, give_a_mail_up_in_silence),
    "history": (set_a_status_by_hand, lose_a_receipt),
    "clock": (shorten_a_deadline,),
    "signature": (sign_something_else, edit_an_addition, issue_a_paper_about_nothing),
    "release": (
        unsettle_the_identity,
        carry_out_after_a_stop,
        drop_the_second_person,
        be_the_second_person_oneself,
        take_the_decision_of_another_case,
        make_a_second_package,
    ),
    "forgetting": (
        keep_the_key_of_a_destroyed_card,
        keep_the_key_of_a_forgotten_case,
        keep_a_card_too_long,
        keep_a_package_too_long,
        keep_a_draft_too_long,
        keep_content_too_long,
        keep_the_content_of_a_case_that_never_closed,
        keep_the_key_of_a_picture_that_never_came,
        keep_the_key_of_a_package_that_never_came,
        keep_a_paper_of_a_forgotten_case,
    ),
    "audit": (change_the_record, cut_the_record),
}


@pytest.mark.parametrize(("word", "harm"), [(word, harm) for word, harms in BREACHES.items() for harm in harms])
def test_a_planted_breach_is_found_and_named(busy: Database, word: str, harm: Callable[[Session], None]) -> None:
    with busy.writing() as session:
        harm(session)
    said = found(busy)
    assert any(sentence.startswith(f"{word}: ") for sentence in said), said
    assert not any("@" in sentence or "Ada" in sentence for sentence in said), "ids and counts only"


def test_a_row_that_points_to_nobody_is_found(busy: Database) -> None:
    with busy.engine.connect() as connection:
        connection.exec_driver_sql("commit")
        connection.exec_driver_sql("pragma foreign_keys=off")
        connection.exec_driver_sql("update evidence set case_id = 'nobody'")
        connection.exec_driver_sql("pragma foreign_keys=on")
    assert any(sentence.startswith("database: ") for sentence in found(busy))


def test_the_command_says_so_and_ends_with_one(busy_app: Flask) -> None:
    if "verify" not in busy_app.cli.commands:
        register_commands(busy_app)
    runner = busy_app.test_cli_runner()
    assert runner.invoke(args=["verify"]).exit_code == 0
    with database_of(busy_app).writing() as session:
        shorten_a_deadline(session)
    done = runner.invoke(args=["verify", "--json"])
    assert done.exit_code == 1
    assert '"ok": false' in done.output


def test_a_card_that_was_forgotten_by_the_rules_is_no_breach(busy: Database) -> None:
    with busy.writing() as session:
        card = session.query(Evidence).one()
        gone = forget_card(session, card, "verdict", now())
    for name in gone:
        busy.info["vault"].delete(name)
    assert found(busy) == []
