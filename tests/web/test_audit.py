"""The record: what is written is found unchanged, and six ways of changing it are noticed."""

import threading
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from portal.audit import events
from portal.audit.events import CaseMoved, CaseReceived, Event, StaffSignedIn
from portal.audit.record import (
    GENESIS,
    PERSON,
    SYSTEM,
    ActorKind,
    AuditEntry,
    AuditHead,
    CaseHead,
    RecordBroken,
    digest,
    export_head,
    exported_head,
    faults,
    head,
    record,
)
from portal.db import Database, new_id
from tests.support.portals import make_settings, portal

CASES = [f"{number:032x}" for number in range(3)]


@pytest.fixture
def chain(database: Database) -> Database:
    """Give a record of thirteen entries about three cases and none."""
    with database.writing() as session:
        for case_id in CASES:
            record(session, CaseReceived(right="access", channel="portal"), PERSON, case_id)
        for number in range(9):
            moved = CaseMoved(move="ask", before="identity", after="waiting")
            record(session, moved, SYSTEM, CASES[number % 3])
        record(session, StaffSignedIn(staff=new_id()), SYSTEM)
    return database


def found(database: Database, exported: tuple[int, str] | None = None) -> list[str]:
    with database.reader() as session:
        return list(faults(session, exported))


def test_a_record_nobody_touched_holds(chain: Database, tmp_path: Path) -> None:
    with chain.reader() as session:
        exported = export_head(session, tmp_path)
        assert exported == head(session) == exported_head(tmp_path)
        assert exported[0] == 13
    assert found(chain, exported) == []


def test_an_empty_record_holds(database: Database) -> None:
    assert found(database) == []
    with database.reader() as session:
        assert head(session) == (0, GENESIS)


def flip(session: Session) -> None:
    facts = {"move": "ask", "before": "identity", "after": "answered"}
    session.execute(update(AuditEntry).where(AuditEntry.seq == 6).values(facts=facts))


def remove(session: Session) -> None:
    session.execute(delete(AuditEntry).where(AuditEntry.seq == 7))


def reorder(session: Session) -> None:
    for before, after in ((5, 100), (6, 5), (100, 6)):
        session.execute(update(AuditEntry).where(AuditEntry.seq == before).values(seq=after))


def insert(session: Session) -> None:
    for seq in range(13, 8, -1):
        session.execute(update(AuditEntry).where(AuditEntry.seq == seq).values(seq=seq + 1))
    last = session.get_one(AuditEntry, 8)
    session.add(
        AuditEntry(
            seq=9,
            at=last.at,
            kind="case:read",
            case_id=None,
            actor_kind=last.actor_kind,
            actor_id="",
            actor_role="",
            facts={},
            previous=last.hash,
            previous_of_case=GENESIS,
            hash="f" * 64,
        )
    )
    session.execute(update(AuditHead).values(seq=14))


def cut_tail(session: Session) -> None:
    """Cut the last five and make the heads fit: nothing inside the database shows it."""
    session.execute(delete(CaseHead))
    session.execute(delete(AuditEntry).where(AuditEntry.seq > 8))
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    session.execute(update(AuditHead).values(seq=8, hash=entries[-1].hash))
    last = {entry.case_id: entry for entry in entries if entry.case_id}
    session.add_all(CaseHead(case_id=case_id, seq=entry.seq, hash=entry.hash) for case_id, entry in last.items())


def rebuild(session: Session) -> None:
    """Change an entry and make every hash anew, all consistent, without the key of the chain."""
    session.execute(delete(CaseHead))
    previous, of_case = GENESIS, dict[str, str]()
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all():
        if entry.seq == 6:
            entry.facts = {"move": "ask", "before": "identity", "after": "answered"}
        entry.previous, entry.previous_of_case = previous, of_case.get(entry.case_id or "", GENESIS)
        entry.hash = previous = digest(b"not the key", entry)
        of_case[entry.case_id or ""] = previous
        if entry.case_id:
            session.merge(CaseHead(case_id=entry.case_id, seq=entry.seq, hash=entry.hash))
    session.execute(update(AuditHead).values(hash=previous))


@pytest.mark.parametrize("harm", [flip, remove, reorder, insert, cut_tail, rebuild])
def test_each_of_six_ways_to_change_the_record_is_noticed(chain: Database, harm: Callable[[Session], None]) -> None:
    with chain.reader() as session:
        exported = head(session)
    with chain.writing() as session:
        session.execute(text("pragma defer_foreign_keys=on"))
        harm(session)
    assert found(chain, exported) != []
    if harm is not cut_tail:
        assert found(chain) != [], "noticed without what was kept outside, too"


def test_a_rebuilt_record_with_the_exported_head_is_noticed_even_with_the_key(chain: Database) -> None:
    with chain.reader() as session:
        exported, key = head(session), session.info["audit_key"]
    with chain.writing() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.case_id.is_(None)))
        entry = session.get_one(AuditEntry, 12)
        entry.actor_id = "somebody else"
        entry.hash = digest(key, entry)
        session.execute(update(AuditHead).values(seq=12, hash=entry.hash))
        session.execute(update(CaseHead).where(CaseHead.seq == 12).values(hash=entry.hash))
    assert found(chain) == []
    assert found(chain, exported) != []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", datetime(2020, 1, 1, tzinfo=UTC)),
        ("kind", "case:read"),
        ("case_id", CASES[1]),
        ("actor_kind", ActorKind.STAFF),
        ("actor_id", "x"),
        ("actor_role", "x"),
        ("facts", {}),
    ],
)
def test_no_column_can_be_changed_unnoticed(chain: Database, column: str, value: object) -> None:
    with chain.writing() as session:
        session.execute(update(AuditEntry).where(AuditEntry.seq == 1).values({column: value}))
    assert found(chain) != []


def test_a_lost_head_of_a_case_is_noticed(chain: Database) -> None:
    with chain.writing() as session:
        session.execute(delete(CaseHead).where(CaseHead.case_id == CASES[0]))
    assert found(chain) != []


def test_an_exported_head_is_never_written_over_by_a_shorter_record(chain: Database, tmp_path: Path) -> None:
    with chain.reader() as session:
        exported = export_head(session, tmp_path)
    with chain.writing() as session:
        session.execute(text("pragma defer_foreign_keys=on"))
        cut_tail(session)
    with chain.reader() as session, pytest.raises(RecordBroken):
        export_head(session, tmp_path)
    assert exported_head(tmp_path) == exported


def test_an_exported_head_moves_on_with_the_record(chain: Database, tmp_path: Path) -> None:
    with chain.reader() as session:
        export_head(session, tmp_path)
    with chain.writing() as session:
        record(session, StaffSignedIn(staff=new_id()), SYSTEM)
    with chain.reader() as session:
        assert export_head(session, tmp_path)[0] == 14
    assert found(chain, exported_head(tmp_path)) == []


def test_what_is_rolled_back_leaves_no_entry_and_no_gap(chain: Database) -> None:
    with chain.writer() as session:
        record(session, StaffSignedIn(staff=new_id()), SYSTEM)
        session.rollback()
    with chain.writing() as session:
        record(session, StaffSignedIn(staff=new_id()), SYSTEM)
    assert found(chain) == []
    with chain.reader() as session:
        assert head(session)[0] == 14


def write_together(database: Database, threads: int) -> None:
    gate = threading.Barrier(threads)

    def write(number: int) -> None:
        gate.wait()
        with database.writing() as session:
            record(session, StaffSignedIn(staff=f"{number}"), SYSTEM, CASES[number % 3])

    running = [threading.Thread(target=write, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def test_twenty_entries_at_once_make_one_chain(database: Database) -> None:
    write_together(database, 20)
    assert found(database) == []
    with database.reader() as session:
        assert head(session)[0] == 20


def test_entries_at_once_make_one_chain_on_postgresql_from_the_very_first(tmp_path: Path, postgres_url: str) -> None:
    with portal(make_settings(tmp_path, database_url=postgres_url)) as app:
        database: Database = app.extensions["portal_db"]
        write_together(database, 10)
        assert found(database) == []
        with database.reader() as session:
            assert head(session)[0] == 10


def test_every_event_has_a_name_of_its_own_and_only_plain_facts() -> None:
    known = [each for each in vars(events).values() if isinstance(each, type) and issubclass(each, Event)]
    named = [each for each in known if each is not Event]
    assert len({each.kind for each in named}) == len(named) > 20
    assert all(":" in each.kind for each in named)
    for each in named:
        assert {str(field.type) for field in fields(each)} <= {"str", "int", "bool", str(str), str(int), str(bool)}, (
            each
        )
