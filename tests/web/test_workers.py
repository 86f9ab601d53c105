"""The worker: what dies in the middle is done by the next, failures wait longer, three days are the end."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from sqlalchemy import func, select

from portal.clock import now
from portal.db import Database
from portal.jobs import outbox
from portal.jobs.outbox import GIVE_UP_AFTER, LEASE, Job
from portal.jobs.worker import NeverAgain, Nightly, TryLater, Worker
from tests.support.queued import all_jobs, doing, jobs, put, store, the_job

__all__ = ["jobs", "store"]

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


KILLED = """
import sys, time
from portal.db import Database
from portal.jobs.worker import Worker
def handle(database, payload):
    print("in the middle", flush=True)
    time.sleep(60)
Worker(Database(sys.argv[1], {}), {"work": handle}).run_one()
"""


def kill_a_worker_in_the_middle(url: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, url], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "in the middle"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_the_job_of_a_killed_worker_is_done_by_the_next_once_its_lease_is_over(store: Database) -> None:
    put(store)
    kill_a_worker_in_the_middle(store.engine.url.render_as_string(hide_password=False))
    seen: list[str] = []
    runner = Worker(store, {"work": doing(seen)})
    assert not runner.run_one(), "the lease still holds"
    with time_machine.travel(datetime.now(UTC) + LEASE + timedelta(seconds=1), tick=False):
        assert runner.run_one()
    assert seen == ["0"]
    job = the_job(store)
    assert job.done_at is not None
    assert job.attempts == 2


def test_a_job_that_kills_every_worker_is_given_up_too(jobs: Database) -> None:
    told: list[str] = []
    runner = Worker(jobs, {"work": doing([])}, on_dead=lambda _session, job: told.append(job.id))
    with time_machine.travel(START, tick=False) as clock:
        put(jobs)
        while clock_is_early(START):
            with jobs.writing() as session:
                assert outbox.claim(session) is not None  # and the worker dies
            clock.shift(timedelta(hours=4))
        assert runner.run_one()
    job = the_job(jobs)
    assert job.dead_at is not None
    assert job.fault == "LeftBehind"
    assert told == [job.id]


def clock_is_early(start: datetime) -> bool:
    return now() - start <= GIVE_UP_AFTER


def test_a_job_that_fails_waits_longer_each_time_up_to_an_hour(jobs: Database) -> None:
    waits: list[float] = []
    seen: list[str] = []
    runner = Worker(jobs, {"work": doing(seen, OSError)})
    with time_machine.travel(START, tick=False) as clock:
        put(jobs)
        for _ in range(9):
            assert runner.run_one()
            wait = the_job(jobs).run_at - now()
            clock.shift(wait - timedelta(seconds=1))
            assert not runner.run_one(), "too early"
            clock.shift(timedelta(seconds=1))
            waits.append(wait / timedelta(minutes=1))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_job_is_given_up_after_three_days_and_not_before(jobs: Database) -> None:
    told: list[str] = []
    runner = Worker(jobs, {"work": doing([], OSError)}, on_dead=lambda _session, job: told.append(job.kind))
    with time_machine.travel(START, tick=False) as clock:
        put(jobs)
        while the_job(jobs).dead_at is None:
            assert now() - START < timedelta(hours=74)
            runner.run_one()
            clock.shift(timedelta(minutes=30))
    job = the_job(jobs)
    assert job.dead_at is not None
    assert job.dead_at - START > GIVE_UP_AFTER
    assert job.fault == "OSError"
    assert told == ["work"]
    assert not runner.run_one(), "a dead job is not run again"


def test_a_job_that_had_to_wait_for_something_else_still_gets_its_three_days(jobs: Database) -> None:
    """A case is held for 72 hours; the source being down when the hold ends must not be the end of the job."""
    held_until = START + timedelta(hours=72)

    def handle(_database: Database, _payload: Mapping[str, str]) -> None:
        if now() < held_until:
            raise TryLater(held_until)
        raise OSError

    runner = Worker(jobs, {"work": handle})
    with time_machine.travel(START, tick=False) as clock:
        put(jobs)
        assert runner.run_one()
        assert the_job(jobs).run_at == held_until
        clock.shift(timedelta(hours=72, minutes=5))
        assert runner.run_one()
    job = the_job(jobs)
    assert job.dead_at is None
    assert job.attempts == 1


def test_a_job_that_can_never_succeed_is_given_up_at_once(jobs: Database) -> None:
    put(jobs)
    seen: list[str] = []
    Worker(jobs, {"work": doing(seen, NeverAgain)}).run_until_idle()
    assert seen == ["0"]
    assert the_job(jobs).dead_at is not None


def test_bad_jobs_do_not_stop_good_ones(jobs: Database) -> None:
    put(jobs, "bad", times=30)
    put(jobs, "unknown to this worker", times=3)
    put(jobs, "good", times=3)
    seen: list[str] = []
    Worker(jobs, {"bad": doing([], ZeroDivisionError), "good": doing(seen)}).run_until_idle()
    assert len(seen) == 3


def test_the_fault_of_a_job_says_its_kind_and_nothing_that_was_in_it(jobs: Database) -> None:
    put(jobs)
    Worker(jobs, {"work": doing([], lambda: ValueError("ada@example.com"))}).run_one()
    assert the_job(jobs).fault == "ValueError"


def test_a_job_for_later_waits(jobs: Database) -> None:
    put(jobs, run_at=now() + timedelta(hours=1))
    assert not Worker(jobs, {"work": doing([])}).run_one()


def test_nightly_jobs_are_queued_once_a_night_by_the_clock_of_brussels(store: Database) -> None:
    nightly = (Nightly("sweep", 2), Nightly("export", 3))
    workers = [Worker(store, {}, nightly) for _ in range(2)]
    with time_machine.travel(datetime(2026, 7, 1, 23, 59, tzinfo=UTC), tick=False) as clock:
        for hour in range(6):
            for each in workers:
                each.queue_nightly()
            expected = {0: [], 1: ["sweep"]}.get(hour, ["sweep", "export"])  # 01:59, 02:59, 03:59 in Brussels
            assert sorted(job.kind for job in all_jobs(store)) == sorted(expected), hour
            clock.shift(timedelta(hours=1))
        clock.shift(timedelta(days=1))
        workers[0].queue_nightly()
        assert len(all_jobs(store)) == 4


STOPPED = """
import sys, time
from portal.db import Database
from portal.jobs.worker import Worker
def handle(database, payload):
    print("in the middle", flush=True)
    time.sleep(1)
Worker(Database(sys.argv[1], {}), {"work": handle}).run_for_ever(0.05)
"""


def test_a_worker_that_is_told_to_stop_ends_the_job_in_hand(jobs: Database) -> None:
    put(jobs, times=2)
    url = jobs.engine.url.render_as_string()
    process = subprocess.Popen([sys.executable, "-c", STOPPED, url], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "in the middle"
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()
    with jobs.reader() as session:
        assert session.scalar(select(func.count()).where(Job.done_at.is_not(None))) == 1
        assert session.scalar(select(func.count()).where(Job.lease_until.is_not(None))) == 0


def test_a_database_that_does_not_answer_does_not_end_the_worker(tmp_path: Path) -> None:
    runner = Worker(Database(f"sqlite:///{tmp_path / 'not migrated.db'}", {}), {})
    thread = threading.Thread(target=runner.run_for_ever, args=(0.01,))
    thread.start()
    time.sleep(0.2)
    assert thread.is_alive()
    runner.stopping = True
    thread.join(10)
    assert not thread.is_alive()
