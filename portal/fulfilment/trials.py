"""Prepares a copy for the desk to look through, and keeps a release back until somebody has.

The sources are read once, as for the package itself; pages wait encrypted in a spool while the names in them are looked
for, and end up in a sealed file. Memory holds one page, however large the copy is.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.audit.desk_events import CopyPrepared
from portal.audit.record import SYSTEM, record
from portal.cases.access import decision_content, decision_of, findings_of
from portal.cases.models import Case
from portal.cases.redactions import hash_key, hidden_of
from portal.cases.trial import (
    OVER,
    TrialCopy,
    ask_trial,
    contents_of,
    forget_trial,
    living_trials,
    look_is_owed,
    look_is_wanted,
    looked_at,
    trial_of,
)
from portal.clock import now
from portal.db import Database
from portal.files.keys import Purpose, data_key, seal
from portal.files.vault import Vault
from portal.fulfilment.brief import Brief, brief_for
from portal.fulfilment.collect import Collected, Columns, Scope, collect, is_given
from portal.fulfilment.hiding import Sieve, Watch, told
from portal.fulfilment.locate import Subject, reach_of
from portal.fulfilment.people import Finder, Words, people_named
from portal.fulfilment.spool import Spool
from portal.fulfilment.store import VaultSink, into_vault
from portal.jobs import outbox as jobs
from portal.jobs.worker import Finish, TryLater
from portal.sources.engines import Sources
from portal.sources.model import Collection
from portal.sources.reading import rows

LOOK_AGAIN = timedelta(minutes=10)
PAGE = 25
"""Rows of a page at the desk."""


class LookAgain(Exception):
    """What would be handed over is not what was looked through."""


@dataclass(slots=True)
class Part:
    """One collection of a trial copy, as its contents keep it: pages by first and last byte, numbers of pages."""

    collection: Collection
    digest: str = ""
    rows: int = 0
    pages: list[tuple[int, int]] = field(default_factory=list)
    spots: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)

    @property
    def kept(self) -> dict[str, Any]:
        """The part as JSON."""
        return {
            "key": self.collection.key,
            "title": dict(self.collection.title),
            "fields": [{"name": each.name, "title": dict(each.title)} for each in self.collection.fields],
            "rows": self.rows,
            "digest": self.digest,
            "pages": self.pages,
            "spots": self.spots,
            "changed": self.changed,
        }


def look_first(database: Database, case_id: str, by_hand_at: datetime | None = None) -> None:
    """Let a release wait until the copy was looked through, where that is wanted; with it goes what was found by hand,
    the last of it ``by_hand_at``: what came after the look was not looked at.

    Raises:
        TryLater: nobody has; a trial copy is prepared if there is none, and the desk is told.
    """
    with database.reader() as session:
        case = session.get_one(Case, case_id)
        newest = trial_of(session, case)
        late = bool(by_hand_at and newest and newest.cleared_at and by_hand_at > newest.cleared_at)
        if not late and not look_is_owed(session, case):
            return
    if late or newest is None or newest.destroyed_at is not None:
        look_again(database, case_id)
    raise TryLater(now() + LOOK_AGAIN)


def look_again(database: Database, case_id: str) -> None:
    """Have a trial copy prepared anew, and tell the desk."""
    with database.writing() as session:
        ask_trial(session, session.get_one(Case, case_id), SYSTEM)


def watch_of(session: Session, case: Case) -> tuple[Watch | None, Mapping[str, str]]:
    """Return what looks at each row of the copy of ``case``, and the digests it was cleared with."""
    hidden = hidden_of(session, case)
    if not hidden and not look_is_wanted(session, case):
        return None, {}
    return Watch(hash_key(session, case), hidden), looked_at(session, case) or {}


def hold_to(watch: Watch | None, looked: Mapping[str, str]) -> None:
    """Let only go out what was looked through.

    Raises:
        LookAgain: a row changed, came or went since.
    """
    if watch is not None and watch.unlike(looked):
        raise LookAgain


def forget_trials(session: Session, case: Case) -> None:
    """Forget what was prepared to be looked through: the copy itself is handed over now."""
    for copy in living_trials(session, case):
        for name in forget_trial(session, copy, now()):
            jobs.queue(session, "files.unlink", {"file": name})


def holding_others(sources: Sources, subject: Subject, scope: Scope) -> list[str]:
    """Return the collections in whose rows, as they would be handed over, a text about other people stands."""
    found = []
    with sources.reading() as reader:
        reach = reach_of(reader, subject)
        for collection in sources.data_map.in_order():
            texts = [each.name for each in collection.fields if each.third_party and is_given(collection, each, scope)]
            selectors = reach.selectors(collection.key)
            if texts and selectors:
                told_rows = rows(reader, collection, selectors, texts)
                if any(row[name] not in (None, "") for row in told_rows for name in texts):
                    found.append(collection.key)
    return found


class Trials:
    """The handler of the job ``case.trial``.

    Args:
        sources: the opened sources.
    """

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def prepare(self, database: Database, payload: Mapping[str, str]) -> Finish | None:
        """Read what would be handed over, as things stand, into a sealed file of pages.

        Raises:
            SourceDown: a source does not answer; the job is tried again.
        """
        with database.reader() as session:
            copy, case = session.get_one(TrialCopy, payload["copy"]), session.get_one(Case, payload["case"])
            if copy.made_at or copy.destroyed_at or case.status in OVER or case.forgotten_at:
                return None
            brief, decision, findings = brief_for(session, case), decision_of(session, case), findings_of(session, case)
            scope = brief.granted(decision_content(session, decision)) if decision else brief.scope
            watch = Watch(hash_key(session, case), hidden_of(session, case), apply=False)
            vault: Vault = session.info["vault"]
            before = _Before(session, case, vault)
        with database.writing() as session:
            key = data_key(session, copy.id, Purpose.DECISION, create=True)
        subject = _subject(brief, findings)
        own = Words([*findings.get("names", ()), *(each["address"] for each in findings.get("addresses", ()))])
        making = _Making(self.sources, before, own)
        stored, _size, _sum = into_vault(
            vault, key, copy.id, lambda sink: making.write(sink, collect(self.sources, subject, scope, watch), watch)
        )
        contents = {"parts": [part.kept for part in making.parts], "stale": watch.stale}

        def finish(session: Session) -> None:
            made = session.get_one(TrialCopy, copy.id)
            for older in living_trials(session, session.get_one(Case, case.id)):
                if older.id != made.id:
                    for name in forget_trial(session, older, now()):
                        jobs.queue(session, "files.unlink", {"file": name})
            made.file, made.made_at = stored.name, now()
            made.contents = seal(session, made.id, Purpose.DECISION, json.dumps(contents).encode())
            counts = {"rows": sum(part.rows for part in making.parts), "suggested": making.spots}
            record(session, CopyPrepared(copy=made.id, changed=making.changed, **counts), SYSTEM, case.id)

        return finish


class _Before:
    """The trial copy before this one: which rows were in it, as they were."""

    def __init__(self, session: Session, case: Case, vault: Vault) -> None:
        older = [each for each in living_trials(session, case) if each.is_ready]
        self.parts: dict[str, list[tuple[int, int]]] = {}
        if older:
            self.vault, self.id, self.file = vault, older[0].id, str(older[0].file)
            self.key = data_key(session, self.id, Purpose.DECISION)
            contents = contents_of(session, older[0])
            self.parts = {part["key"]: part["pages"] for part in contents["parts"]}
        self.is_there = bool(older)

    def marks(self, collection: str) -> set[str]:
        """Return the marks of the rows of ``collection``: 128 bits for each row."""
        found: set[str] = set()
        for start, stop in self.parts.get(collection, ()):
            page = json.loads(b"".join(self.vault.read(self.file, self.key, self.id, start, stop)))
            found.update(row["m"] for row in page)
        return found


class _Making:
    """A trial copy while it is written."""

    def __init__(self, sources: Sources, before: _Before, own: Words) -> None:
        self.sources, self.before, self.own = sources, before, own
        self.parts: list[Part] = []
        self.spots = self.changed = 0

    def write(self, sink: VaultSink, collected: Collected, watch: Watch) -> None:
        """Write every page to ``sink``, one after the other."""
        with Spool() as spool:
            seen = Words()
            for collection, batches in collected.tables():
                part = Part(collection)
                self.parts.append(part)
                sieve = watch.sieves[collection.key]
                for page in _pages(batches, sieve, self.before, collection.key):
                    spool.write(json.dumps(page).encode() + b"\n")
                    seen.add_all(text for row in page for value in row["v"] for text in texts_in(value))
                    part.pages.append((0, 0))
                    part.rows += len(page)
                part.digest = sieve.digest
            finder = Finder(people_named(self.sources, seen), self.own)
            lines = _lines(spool)
            for part in self.parts:
                self._finish(part, lines, finder, sink)

    def _finish(self, part: Part, lines: Iterator[bytes], finder: Finder, sink: VaultSink) -> None:
        for number in range(len(part.pages)):
            page = json.loads(next(lines))
            for row in page:
                row["s"] = {
                    str(place): found for place, value in enumerate(row["v"]) if (found := _found(finder, value))
                }
                self.spots += sum(map(len, row["s"].values()))
                self.changed += row["c"]
            if any(row["s"] for row in page):
                part.spots.append(number)
            if any(row["c"] for row in page):
                part.changed.append(number)
            start = sink.size
            sink.write(json.dumps(page).encode())
            part.pages[number] = (start, sink.size)


def texts_in(value: object) -> Iterator[str]:
    """Yield the texts in a JSON value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)


def _found(finder: Finder, value: object) -> list[str]:
    return list(dict.fromkeys(spot for text in texts_in(value) for spot in finder.spots(text)))


def _pages(batches: Iterator[Columns], sieve: Sieve, before: _Before, key: str) -> Iterator[list[dict[str, Any]]]:
    known = before.marks(key)
    page: list[dict[str, Any]] = []
    for columns in batches:
        values = zip(*([told(value) for value in column] for column in columns), strict=True)
        for (row, mark), line in zip(list(sieve.marks), values, strict=True):
            page.append({"k": row, "m": mark, "v": line, "c": before.is_there and mark not in known})
            if len(page) == PAGE:
                yield page
                page = []
    if page:
        yield page


def _lines(spool: Spool) -> Iterator[bytes]:
    left = b""
    for chunk in spool.read():
        *whole, left = (left + chunk).split(b"\n")
        yield from whole


def _subject(brief: Brief, findings: Mapping[str, Any]) -> Subject:
    return brief.subject(tuple(findings.get("emails", [brief.mailbox])))
