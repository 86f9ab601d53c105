"""Keeps the promises of an erasure: what had to stay is erased on its day, and the person told if they still can be.

What the law, an order or a restriction keeps longer than was foreseen is promised anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.audit.record import SYSTEM, record
from portal.audit.source_events import PromiseKept, PromisesMade
from portal.cases import markings
from portal.cases.access import open_json, seal_json
from portal.cases.holds import held
from portal.cases.letters import queue_letter
from portal.cases.models import Case
from portal.cases.promises import Promise, Why, close, due_cases, due_promises
from portal.cases.tombstones import Hasher, set_tombstones
from portal.clock import now, today
from portal.db import Database, new_id
from portal.files.keys import Purpose
from portal.fulfilment.apply import Prepared, carry_out, prepare_named
from portal.fulfilment.brief import legal_hold
from portal.fulfilment.journal import keys_as_json, read_keys
from portal.fulfilment.known import Known, Named
from portal.fulfilment.plans import TIES, ErasePlan, Kept, Key, Part, Proof, digest_of
from portal.fulfilment.restored import tombstones_of
from portal.jobs import outbox as jobs
from portal.jobs.worker import Finish
from portal.sources.engines import Sources

NIGHTLY = "promises.nightly"
KEEP = "promises.keep"
LOOK_AGAIN = timedelta(days=90)
"""After so long rows are looked at whose end could not be told: the moment it is counted from may be known by then."""


ONCE_REFUSED = timedelta(days=7)
"""A source that refused an erasure is not asked again before: somebody has to look at its rules first."""


def make_promises(session: Session, case: Case, kept: Iterable[Kept]) -> None:
    """Write into the ledger what stays for now, in place of what ``case`` had promised and not begun to keep."""
    session.execute(delete(Promise).where(Promise.case_id == case.id, Promise.done_at.is_(None)))
    made = [_promise(session, case.id, each) for each in kept]
    session.add_all(made)
    if made:
        rows = sum(each.rows for each in made)
        record(session, PromisesMade(collections=len(made), rows=rows), SYSTEM, case.id)


class Promises:
    """The handlers of the jobs that keep promises.

    Args:
        sources: the opened sources.
    """

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def queue_due(self, database: Database, _payload: Mapping[str, str]) -> Finish:
        """Queue one job for each case with a promise whose day has come, but for those just given up."""
        with database.reader() as session:
            waiting = jobs.given_up_since(session, KEEP, now() - ONCE_REFUSED)
            due = [case_id for case_id in due_cases(session, today()) if case_id not in waiting]

        def finish(session: Session) -> None:
            for case_id in due:
                jobs.queue(session, KEEP, {"case": case_id}, case_id=case_id, dedup=f"{KEEP}:{case_id}:{today()}")

        return finish

    def keep(self, database: Database, payload: Mapping[str, str]) -> Finish | None:
        """Erase what is due of one case. May run twice: rows that are gone are not found.

        Raises:
            SourceDown: a source does not answer; the job is tried again.
        """
        with database.reader() as session:
            case = session.get_one(Case, payload["case"])
            due = [_open(session, each) for each in due_promises(session, case.id, today())]
            plan = ErasePlan(hold=legal_hold(held(session, case, now())), paused=markings.paused(session, case))
        if not due:
            return None
        prepared = prepare_named(self.sources, plan, named(each.kept for each in due), now())
        proof = carry_out(self.sources, prepared.steps)

        def finish(session: Session) -> None:
            _settle(session, session.get_one(Case, case.id), due, prepared, proof)

        return finish


@dataclass(frozen=True, slots=True)
class _Due:
    """A promise whose day has come, opened."""

    id: str
    kept: Kept = field(repr=False)

    def staying(self, prepared: Prepared) -> list[Kept]:
        """Return what of it must stay longer."""
        same = [
            each for each in prepared.kept if (each.collection, each.part) == (self.kept.collection, self.kept.part)
        ]
        mine = set(self.kept.keys)
        found = [replace(each, keys=tuple(key for key in each.keys if key in mine)) for each in same]
        return [each for each in found if each.keys]

    def tied_to(self, longer: Iterable[Kept]) -> list[Kept]:
        """Return it as what loses a reference on each day on which a row of ``longer``, which it may point at, goes."""
        days = dict.fromkeys((each.why, each.ground, each.until) for each in longer)
        return [replace(self.kept, why=why, ground=ground, until=until) for why, ground, until in days]


def _open(session: Session, promise: Promise) -> _Due:
    said: dict[str, Any] = open_json(session, promise.id, Purpose.DECISION, promise.kept or b"")
    values = {ref: frozenset(found) for ref, found in said["values"].items()}
    keys, words = tuple(read_keys(said["keys"])), frozenset(said["words"])
    kept = Kept(
        promise.collection, promise.why, promise.ground, promise.due_on, Part(said["part"]), keys, words, values
    )
    return _Due(promise.id, kept)


def named(kept: Iterable[Kept]) -> Named:
    """Return the rows of ``kept`` as rows to erase now, with what was known of the person then."""
    places: dict[Part, dict[str, set[Key]]] = {part: defaultdict(set) for part in Part}
    known = Known()
    for each in kept:
        places[each.part][each.collection].update(each.keys)
        if each.part in {Part.SHARED, Part.TIED}:
            places[Part.OWN][each.collection].update(each.keys)
        elif each.part is Part.REFERRING:
            places[Part.MENTION][each.collection].update(each.keys)
        known.recall(each.words, each.values)
    return Named(places[Part.OWN], places[Part.SHARED], places[Part.MENTION], known)


def _settle(session: Session, case: Case, due: list[_Due], prepared: Prepared, proof: Proof) -> None:
    """Close what was erased, promise anew what must stay longer, and tell the person."""
    set_tombstones(session, case.id, tombstones_of(Hasher(session), prepared))
    erased = 0
    whole = [kept for each in due if each.kept.part not in TIES for kept in each.staying(prepared)]
    for each in due:
        promise = session.get_one(Promise, each.id)
        longer = each.tied_to(whole) if each.kept.part in TIES else each.staying(prepared)
        staying = sum(len(kept.keys) for kept in longer)
        if staying == len(each.kept.keys) and len(longer) == 1:
            promise.why, promise.due_on, promise.ends = Why(longer[0].why), _due_on(longer[0]), bool(longer[0].until)
            continue
        changes = tuple(c for c in proof.sources.get(promise.source, ()) if c.collection == promise.collection)
        gone = len(each.kept.keys) - staying if each.kept.part not in TIES else 0
        if close(session, promise, now(), gone, digest_of(changes)):
            told = PromiseKept(source=promise.source, rows=gone, digest=str(promise.digest))
            record(session, told, SYSTEM, case.id)
            erased += gone
        session.add_all([_promise(session, case.id, kept) for kept in longer])
    if erased and case.forgotten_at is None:
        queue_letter(session, case, "kept-erased")


def _promise(session: Session, case_id: str, kept: Kept) -> Promise:
    promise_id = new_id()
    values = {ref: sorted(found) for ref, found in kept.values.items()}
    said = {
        "part": kept.part.value,
        "keys": keys_as_json(list(kept.keys)),
        "words": sorted(kept.words),
        "values": values,
    }
    return Promise(
        id=promise_id,
        case_id=case_id,
        source=kept.collection.split(".")[0],
        collection=kept.collection,
        why=Why(kept.why),
        ground=kept.ground[:200],
        rows=len(kept.keys) if kept.part not in TIES else 0,
        kept=seal_json(session, promise_id, Purpose.DECISION, said),
        due_on=_due_on(kept),
        ends=kept.until is not None,
        made_at=now(),
        changed=0,
    )


def _due_on(kept: Kept) -> date:
    """Return the last day rows stay; rows that wait for something else than a day are looked at again."""
    if kept.until is not None:
        return kept.until
    return today() if kept.why == Why.PAUSE else today() + LOOK_AGAIN
