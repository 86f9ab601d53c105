"""Jobs: queued with what they follow from, in one transaction, and done once however many workers there are."""

import threading
import time
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.clock import now
from portal.db import Database
from portal.jobs import outbox
from portal.jobs.outbox import Job
from portal.jobs.worker import Finish, Handler, Worker
from tests.support.queued import all_jobs, jobs, put, store, the_job

__all__ = ["jobs", "store"]


def test_what_is_rolled_back_leaves_no_job(store: Database) -> None:
    with store.writer() as session:
        outbox.queue(session, "work", {})
        session.rollback()
    assert all_jobs(store) == []


def test_a_job_with_a_known_key_is_queued_once(store: Database) -> None:
    with store.writing() as session:
        assert outbox.queue(session, "work", {}, dedup="once") is not None
        assert outbox.queue(session, "work", {}, dedup="once") is None
    with store.writing() as session:
        assert outbox.queue(session, "work", {}, dedup="once") is None
        assert outbox.queue(session, "work", {}, dedup="another") is not None
    assert len(all_jobs(store)) == 2


def test_a_key_queued_by_two_at_once_is_queued_once_and_fails_neither(store: Database) -> None:
    queued: list[bool] = []
    gate = threading.Barrier(4)

    def race() -> None:
        gate.wait()
        with store.writing() as session:
            queued.append(outbox.queue(session, "work", {}, dedup="once") is not None)

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(queued) == [False, False, False, True]


def test_two_workers_do_every_job_once(store: Database) -> None:
    put(store, times=24)
    seen: list[str] = []

    def handle(_database: Database, payload: Mapping[str, str]) -> None:
        time.sleep(0.005)
        seen.append(payload["n"])

    threads = [threading.Thread(target=Worker(store, {"work": handle}).run_until_idle) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Worker(store, {"work": handle}).run_until_idle()
    assert sorted(seen, key=int) == [str(number) for number in range(24)]
    assert all(job.done_at and job.lease_until is None for job in all_jobs(store))


def test_work_and_its_done_mark_are_one_transaction(store: Database) -> None:
    """What a handler wants written is written with the mark, or neither is."""
    put(store)
    tries: list[int] = []

    def handle(_database: Database, _payload: Mapping[str, str]) -> Finish:
        def finish(session: Session) -> None:
            outbox.queue(session, "follows", {})
            session.flush()
            tries.append(1)
            if len(tries) == 1:
                raise RuntimeError("after writing, before the commit")

        return finish

    runner = Worker(store, {"work": handle})
    assert runner.run_one()
    assert [job.kind for job in all_jobs(store)] == ["work"]
    with store.writing() as session:
        session.execute(update(Job).values(run_at=now()))
    assert runner.run_one()
    assert sorted(job.kind for job in all_jobs(store)) == ["follows", "work"]


def test_a_worker_that_was_overtaken_writes_nothing(store: Database) -> None:
    """Its lease ran out, another did the job: the late one's writes are dropped, so there are no doubles."""
    put(store)
    late_in, other_done = threading.Event(), threading.Event()

    def writes(name: str, wait: bool) -> Handler:
        def handle(_database: Database, _payload: Mapping[str, str]) -> Finish:
            if wait:
                late_in.set()
                other_done.wait(20)
            return lambda session: session.add(Job(kind=name, payload={}, created_at=now(), run_at=now()))

        return handle

    late = threading.Thread(target=Worker(store, {"work": writes("late", True)}).run_one)
    late.start()
    late_in.wait(20)
    with store.writing() as session:
        session.execute(update(Job).values(lease_until=now() - timedelta(seconds=1)))
    assert Worker(store, {"work": writes("prompt", False)}).run_one()
    other_done.set()
    late.join()
    assert sorted(job.kind for job in all_jobs(store)) == ["prompt", "work"]


def test_a_worker_that_was_overtaken_notes_no_failure(jobs: Database) -> None:
    put(jobs)
    with jobs.writing() as session:
        late = outbox.claim(session)
        assert late is not None
    with jobs.writing() as session:
        session.execute(update(Job).values(lease_until=now() - timedelta(seconds=1)))
    with jobs.writing() as session:
        prompt = outbox.claim(session)
        assert prompt is not None
    with jobs.writing() as session:
        assert not outbox.fail(session, late, "Late", final=True)
        assert not outbox.postpone(session, late, now() + timedelta(days=9))
    job = the_job(jobs)
    assert job.dead_at is None
    assert job.lease_until == prompt.lease_until
