"""One person with 30 rows over 15 tables, from the grant to the package that is ready, in a portal as it runs.

What is counted: the transaction that grants, the worker's looking for the job, claiming it, reading the case, finding,
packing, encrypting and storing, and the transaction that hands over, audits and queues the letter. What other jobs of
the case do (letters by mail and as PDF) is not; claiming them is. Milliseconds of processor, the median of many rounds.
"""

import statistics
import time
from collections.abc import Mapping
from pathlib import Path

from flask import Flask

from portal.accounts.models import Role, Staff
from portal.app import make_worker
from portal.cases.access import package_of
from portal.cases.models import Case
from portal.config import SourceUrls
from portal.db import Database
from portal.jobs.worker import Handler, Worker
from tests.support.factories import add_member, answer, confirm_identity, locate, submit_case
from tests.support.portals import make_settings, portal


def measure(folder: Path, manifests: Path, url: str, email: str, rows: int, rounds: int = 30) -> dict[str, object]:
    """Return the medians in milliseconds of processor: of the whole, and of the part that grants.

    Args:
        folder: an empty folder for the portal.
        manifests: where the data map is, with one source ``person``.
        url: the address of that source.
        email: whose data is asked for.
        rows: how many rows a package holds, if it is right.
        rounds: how many requests are granted.

    Raises:
        SystemExit: a package is missing, or holds other than ``rows`` rows.
    """
    changes = {"manifests_dir": manifests, "source_urls": {"person": SourceUrls(url, url)}, "look_through": False}
    with portal(make_settings(folder, **changes)) as app, app.app_context():
        database: Database = app.extensions["portal_db"]
        with database.writing() as session:
            staff = [add_member(session, Role.REVIEWER, number).id for number in (1, 2)]
        worker = _worker(app, database)
        spent = [_round(database, worker, staff, email, rows) for _ in range(rounds + 1)][1:]
    grants, wholes = zip(*spent, strict=True)
    return {
        "granted_ms": round(statistics.median(wholes) * 1000, 1),
        "of_which_granting_ms": round(statistics.median(grants) * 1000, 1),
    }


def _worker(app: Flask, database: Database) -> Worker:
    usual: Mapping[str, Handler] = make_worker(app).handlers
    return Worker(database, {kind: usual[kind] if kind == "case.fulfil" else _nothing for kind in usual})


def _nothing(_database: Database, _payload: Mapping[str, str]) -> None:
    return None


def _round(database: Database, worker: Worker, staff: list[str], email: str, rows: int) -> tuple[float, float]:
    """Grant one request and carry it out; return seconds of the grant, and of all."""
    with database.writing() as session:
        first = session.get_one(Staff, staff[0])
        who = {"name": "Person 1", "email": email, "residence": "be", "acting": "self"}
        case_id = submit_case(session, "access", who=who).id
        locate(session, session.get_one(Case, case_id), rows=rows)
        confirm_identity(session, session.get_one(Case, case_id), first)
    worker.run_until_idle()
    started = time.process_time()
    with database.writing() as session:
        first, second = (session.get_one(Staff, each) for each in staff)
        answer(session, session.get_one(Case, case_id), first, second)
    granted = time.process_time() - started
    worker.run_until_idle()
    whole = time.process_time() - started
    with database.reader() as session:
        package = package_of(session, session.get_one(Case, case_id))
        if package is None or package.rows != rows:
            raise SystemExit(f"{package and package.rows} rows were handed over, {rows} are the person's")
    return granted, whole
