"""Very many requests at once, put into the tables without the conversations that would have made them. All made up."""

import json
import random
import secrets
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Index, Table, select, text

from portal.accounts.codes import mailbox_hash
from portal.accounts.models import Role, Staff
from portal.cases.lifecycle import OPEN, Identity, Status
from portal.cases.models import Case, Channel
from portal.cases.naming import name_hash
from portal.clock import now, today
from portal.db import Database, new_id
from portal.files.keys import DataKey, Purpose
from portal.files.ring import FORMAT, KEY_BYTES, KeyRing, encrypt
from portal.rights import RIGHTS
from tests.support.factories import add_member

SURNAME = "Peeters"
OPEN_OF_TEN = 1
OVER = [Status.CLOSED] * 16 + [Status.CARRIED_OUT] * 3 + [Status.WITHDRAWN]
OWED, SLUGS, LANGUAGES = sorted(OPEN), sorted(RIGHTS), ["nl"] * 12 + ["fr"] * 5 + ["en"] * 2 + ["de"]
SEALED = {
    name: secrets.token_bytes(length) for name, length in (("contact", 240), ("answers", 320), ("signed_text", 900))
}
"""As long as they usually are. Only who is asked for can be opened, so all the others hold the same."""
BATCH = 10_000
Row = dict[str, Any]


def fill(database: Database, cases: int) -> None:
    """Put ``cases`` requests into the empty tables; a tenth is open, of which each has a name that can be unsealed."""
    with database.writing() as session:
        for _member in range(20):
            add_member(session, Role.REVIEWER)
        staff = list(session.scalars(select(Staff.id)))
        chance, ring = random.Random(7), session.info["keyring"]
        hashes = {
            number: (name_hash(session, name), mailbox_hash(session, address))
            for number in range(cases)
            if is_open(number)
            for name, address in [person(number)]
        }
    tables = (Case.__table__, DataKey.__table__)
    with database.engine.begin() as connection:
        indexes = as_made(connection, [index for table in tables for index in table.indexes])  # type: ignore[attr-defined] # a Table each
        for index in indexes:
            index.drop(connection)
        keys: list[Row] = []
        rows = (a_case(number, chance, staff, hashes.get(number), ring, keys) for number in range(cases))
        while some := list(islice(rows, BATCH)):
            put(connection, Case.__table__, some)  # type: ignore[arg-type]
            put(connection, DataKey.__table__, keys)  # type: ignore[arg-type]
            keys.clear()
        for index in indexes:
            index.create(connection)
    settle(database)


def as_made(connection: Connection, indexes: list[Index]) -> list[Index]:
    """Return ``indexes`` in the order in which the migrations made them: of two as good, SQLite takes the newer one."""
    if connection.dialect.name != "sqlite":
        return indexes
    made = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY rowid")).all()
    return sorted(indexes, key=lambda index: made.index(index.name))


def settle(database: Database) -> None:
    """Have PostgreSQL do now what it does by itself a little later; until then it looks each counted row up."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def is_open(number: int) -> bool:
    """Whether the request with this number is open."""
    return number % 10 < OPEN_OF_TEN


def person(number: int) -> tuple[str, str]:
    """Return name and address of who made the request with this number."""
    return f"{SURNAME} {number}", f"peeters{number}@example.com"


def a_case(
    number: int,
    chance: random.Random,
    staff: list[str],
    hashes: tuple[str, str] | None,
    ring: KeyRing,
    keys: list[Row],
) -> Row:
    """Return one request; for one that is open, the key of its name is added to ``keys``."""
    case_id, owed = new_id(), hashes is not None
    age = chance.randrange(32) if owed else chance.randrange(40, 1200)
    received, due = today() - timedelta(days=age), today() - timedelta(days=age - 30)
    status = chance.choice(OWED) if owed else chance.choice(OVER)
    ended = None if owed else at(received + timedelta(days=20))
    blobs = dict(SEALED)
    if owed:
        key, place = secrets.token_bytes(KEY_BYTES), f"{case_id}|{Purpose.CONTACT.value}|1"
        said = {"name": person(number)[0], "email": person(number)[1], "residence": "be", "acting": "self"}
        blobs["contact"] = FORMAT + encrypt(key, place, json.dumps(said).encode())
        wrapped = ring.wrap(key, f"key|{place}")
        keys.append(
            {"id": new_id(), "owner": case_id, "purpose": "contact", "wrapped": wrapped, "created_at": at(received)}
        )
    return {
        "id": case_id,
        "reference": f"MB-{number:07}",
        "right_slug": chance.choice(SLUGS),
        "channel": Channel.PORTAL.value,
        "language": chance.choice(LANGUAGES),
        "residence": "be",
        "status": status.value,
        "waits_before": Status.DECIDING.value if status is Status.WAITING else None,
        "version": 1,
        "at_once": False,
        "needs_card": True,
        "received_at": at(received),
        "received_on": received,
        "due_on": due,
        "sleeps_until": due - timedelta(days=4) if owed and chance.random() < 0.05 else None,
        "answered_at": ended,
        "closed_at": ended,
        "policy_version": "2021-05-14",
        "register_version": "1",
        "name_hash": hashes[0] if hashes else secrets.token_hex(32),
        "mailbox": hashes[1] if hashes else secrets.token_hex(32),
        "signed_hash": secrets.token_hex(32),
        "identity": Identity.OPEN.value,
        "on_file": True,
        "found": True,
        "located_at": at(received),
        "assigned_to": None if owed and chance.random() < 0.3 else chance.choice(staff),
        **blobs,
    }


@cache
def at(day: date) -> datetime:
    """Return noon of ``day``, and not later than now."""
    return min(datetime.combine(day, time(12), UTC), now())


def put(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Insert ``rows``, which all have the same columns, the fast way of each database."""
    if not rows:
        return
    names = list(rows[0])
    cursor: Any = connection.connection.cursor()
    if connection.dialect.name == "postgresql":
        with cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(tuple(row.values()))
        return
    places = ", ".join("?" * len(names))
    plain = (tuple(_plain(value) for value in row.values()) for row in rows)
    cursor.executemany(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})", plain)  # noqa: S608


@lru_cache(10_000)
def _plain(value: object) -> object:
    """Return ``value`` as SQLAlchemy keeps it in SQLite."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value
