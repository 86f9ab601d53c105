"""A clock that stands still, and the nightly sweep as the command runs it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select

from portal.cases.retention import Kind, Sweep, sweep
from portal.clock import now
from portal.db import Database
from portal.files.vault import Vault
from portal.mail.outbox import Mail

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Stop the clock on 12 March 2026, ten o'clock in Brussels."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def night(database: Database) -> Sweep:
    """Sweep as the command does: commit, then unlink."""
    with database.writer() as session:
        done = sweep(session, now())
        session.commit()
        vault: Vault = session.info["vault"]
    for name in done.files:
        assert vault.delete(name)
    return done


def dry(database: Database) -> dict[Kind, int]:
    with database.reader() as session:
        return {kind: count for kind, count in sweep(session, now(), dry_run=True).counts.items() if count}


def vault_of(database: Database) -> Vault:
    found: Vault = database.info["vault"]
    return found


def letters(database: Database, case_id: str) -> list[str]:
    with database.reader() as session:
        return sorted(session.scalars(select(Mail.letter).where(Mail.case_id == case_id)))
