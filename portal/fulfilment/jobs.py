"""The two jobs of a case: locate (right after it came in) and fulfil (once it may be released). Both may run twice."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.events import CaseLocated, NoticeQueued, PackageMade
from portal.audit.record import SYSTEM, record
from portal.cases.access import (
    awaited_copy,
    decision_content,
    decision_of,
    findings_of,
    package_of,
    right_of,
    seal_json,
)
from portal.cases.asked_by_hand import waits_for_hand
from portal.cases.letters import hold_begun, queue_letter, queue_notices
from portal.cases.lifecycle import UNDECIDED, Identity, Move, Status
from portal.cases.models import Carried, Case, Channel, Decision, Package
from portal.cases.moves import move
from portal.cases.notices import not_told, to_tell
from portal.cases.recipients import Disclosed, note_recipients, tell_recipients
from portal.cases.retention import PACKAGE_DAYS, forget_package
from portal.cases.tasks import Found
from portal.clock import local, now
from portal.config import settings_of
from portal.db import Database, new_id
from portal.files.keys import Purpose, data_key
from portal.fulfilment.apply import Prepared, apply, carry_out, in_order, prepare
from portal.fulfilment.brief import Brief, brief_for
from portal.fulfilment.by_hand import ask_hands, tasks_needed
from portal.fulfilment.collect import collect
from portal.fulfilment.disclosed import MUST_BE_TOLD, disclosed, registered, touched
from portal.fulfilment.findings import Finding, find
from portal.fulfilment.found_files import with_files
from portal.fulfilment.ledger import mark_standing, note_begun, note_carried, steps_begun
from portal.fulfilment.locate import Subject
from portal.fulfilment.package import Packed, write_package
from portal.fulfilment.package_pages import Cover
from portal.fulfilment.plans import FlagPlan, Plan, Proof
from portal.fulfilment.released import LOOK_AGAIN, must_be_released
from portal.fulfilment.store import VaultSink, into_vault
from portal.fulfilment.trials import LookAgain, forget_trials, hold_to, look_again, look_first, watch_of
from portal.fulfilment.trust import weigh_account
from portal.jobs import outbox as jobs
from portal.jobs.worker import Finish, TryLater
from portal.register import Register
from portal.rights.base import Effect
from portal.sources.engines import Sources

LOCATE = "case.locate"
PACKAGE_LIFE = timedelta(days=PACKAGE_DAYS)


class Fulfilment:
    """The handlers of the jobs ``case.locate`` and ``case.fulfil``.

    Args:
        sources: the opened sources.
    """

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def locate_case(self, database: Database, payload: Mapping[str, str]) -> Finish | None:
        """Look for the person in every source, work out what granting would do, and move the case on."""
        case_id = payload["case"]
        with database.reader() as session:
            case = session.get_one(Case, case_id)
            if case.status not in UNDECIDED:
                return None
            brief = brief_for(session, case)
        found = find(self.sources, brief)

        def finish(session: Session) -> None:
            _note_finding(session, session.get_one(Case, case_id), found)

        return finish

    def fulfil_case(self, database: Database, payload: Mapping[str, str]) -> Finish | None:
        """Carry out what was granted.

        Raises:
            TryLater: it may not be released yet, a copy that was asked with it is not handed over, a manual task is
                not answered, or nobody looked the copy through as it is now.
            NeverAgain: the case may not be released.
            SourceDown: a source does not answer; the job is tried again.
        """
        with database.reader() as session:
            case = session.get_one(Case, payload["case"])
            must_be_released(session, case)
            if awaited_copy(session, case) is not None:
                raise TryLater(now() + LOOK_AGAIN)
            brief, decision = brief_for(session, case), decision_of(session, case)
            wanted = tasks_needed(self.sources.data_map, brief, decision_content(session, decision) if decision else {})
        by_hand = ask_hands(database, case, wanted)
        if right_of(case).effect is Effect.COLLECT:
            look_first(database, case.id, max((each.at for each in by_hand), default=None))
            return self._pack(database, case, brief, by_hand)
        return self._change(database, case, brief)

    def _pack(self, database: Database, case: Case, brief: Brief, by_hand: Sequence[Found]) -> Finish | None:
        with database.reader() as session:
            decision, there = decision_of(session, case), package_of(session, case)
            if there is not None and _is_unread(there) and not _is_older(there, decision):
                return None
            settings, register, vault = settings_of(session), session.info["register"], session.info["vault"]
            granted = brief.granted(decision_content(session, decision) if decision else {})
            watch, looked = watch_of(session, case)
        package_id, made_at = new_id(), now()
        with database.writing() as session:
            key = data_key(session, package_id, Purpose.PACKAGE, create=True)
        cover = Cover(
            case.right_slug, case.language, made_at, settings.controller, register, case.reference, brief.wants_copy
        )
        packed: list[Packed] = []

        def write(sink: VaultSink) -> None:
            with force_locale(case.language):
                collected = collect(self.sources, _subject(database, case, brief), granted, watch)
                packed.append(write_package(sink, collected, cover, settings.part_bytes, with_files(database, by_hand)))
                hold_to(watch, looked)

        try:
            stored, size, sha256 = into_vault(vault, key, package_id, write)
        except LookAgain:
            look_again(database, case.id)
            raise TryLater(now() + LOOK_AGAIN) from None
        package = Package(
            id=package_id,
            case_id=case.id,
            file=stored.name,
            size=size,
            sha256=sha256,
            rows=sum(packed[0].rows.values()),
            parts=_parts(packed[0]),
            downloads=0,
            created_at=made_at,
            expires_at=made_at + PACKAGE_LIFE,
        )

        def finish(session: Session) -> None:
            packed_for = session.get_one(Case, case.id)
            must_be_released(session, packed_for, case.decision_id)
            if waits_for_hand(session, packed_for):
                raise TryLater(now())  # asked while it was packed: what is found belongs in it
            _hand_over(session, packed_for, package, packed[0])

        return finish

    def _change(self, database: Database, case: Case, brief: Brief) -> Finish | None:
        if case.status is not Status.ANSWERED:
            return None
        subject = _subject(database, case, brief)
        with database.reader() as session:
            decision = decision_of(session, case)
            plan = brief.plan(decision_content(session, decision) if decision else {})
            decided_at = decision.decided_at if decision else case.received_at
            this_time = select(Carried.id).where(Carried.case_id == case.id, Carried.at >= decided_at)
            begun = session.scalars(this_time).first()
        if begun is None:
            prepared = prepare(self.sources, subject, plan, now())
            found = self._recipients(database, case, subject, plan, prepared)
            with database.writing() as session:
                note_begun(session, case, self.sources.data_map, prepared)
                note_recipients(session, case, found)
            proof = carry_out(self.sources, prepared.steps)
        else:
            proof = self._go_on(database, case, subject, plan)

        def finish(session: Session) -> None:
            note_carried(session, session.get_one(Case, case.id), proof)
            tell_recipients(session, session.get_one(Case, case.id))
            if isinstance(plan, FlagPlan):
                mark_standing(session, session.get_one(Case, case.id), plan)

        return finish

    def _recipients(
        self, database: Database, case: Case, subject: Subject, plan: Plan, prepared: Prepared
    ) -> list[Disclosed]:
        if case.right_slug not in MUST_BE_TOLD:
            return []
        with database.reader() as session:
            accounts = tuple(findings_of(session, case).get("accounts", ()))
            register: Register = session.info["register"]
        activities = touched(self.sources.data_map, plan, prepared.lines)
        found = disclosed(self.sources, subject, plan, accounts)
        return found + registered(register, activities, accounts, found)

    def _go_on(self, database: Database, case: Case, subject: Subject, plan: Plan) -> Proof:
        """Do what was begun and cut off, as it was decided then; and what has come since."""
        with database.reader() as session:
            begun = steps_begun(session, case)
        return carry_out(self.sources, in_order(self.sources, begun)) + apply(self.sources, subject, plan, now())


def _parts(packed: Packed) -> list[dict[str, Any]] | None:
    """Return how the row of a package tells its parts; None where it is one."""
    if len(packed.parts) == 1:
        return None
    return [{"size": each.size, "sha256": each.sha256, "stretches": each.stretches} for each in packed.parts]


def _subject(database: Database, case: Case, brief: Brief) -> Subject:
    with database.reader() as session:
        emails = findings_of(session, session.get_one(Case, case.id)).get("emails", [brief.mailbox])
    return brief.subject(tuple(emails))


def _note_finding(session: Session, case: Case, found: Finding) -> None:
    if case.status not in UNDECIDED:
        return
    told_before = hold_begun(session, case)
    case.findings = seal_json(session, case.id, Purpose.DECISION, found.content)
    case.found, case.located_at = found.found, now()
    case.on_file = found.on_file and not told_before and case.channel is Channel.PORTAL
    session.flush()
    record(session, CaseLocated(**found.counts, failed=len(found.failed), on_file=found.on_file), SYSTEM, case.id)
    if found.failed:
        again = now() + LOOK_AGAIN
        jobs.queue(session, LOCATE, {"case": case.id}, case_id=case.id, run_at=again)
    if case.status is Status.RECEIVED and case.at_once and not found.failed and case.on_file:
        case.identity, case.identity_at = Identity.MAILBOX, now()
        session.flush()
        move(session, case, Move.CARRY_OUT_AT_ONCE, SYSTEM)
        return
    if case.status is Status.RECEIVED and not (case.at_once and found.failed):
        move(session, case, Move.CHECK_IDENTITY, SYSTEM)
    if not found.failed:
        weigh_account(session, case, same=found.same_account)
    addresses = not_told(session, case, to_tell(session, case, found.addresses, on_file=found.on_file))
    if found.found and not case.on_file and not found.failed and addresses:
        told = queue_notices(session, case, addresses)
        record(session, NoticeQueued(addresses=told), SYSTEM, case.id)


def _is_unread(package: Package) -> bool:
    return package.destroyed_at is None and package.downloads == 0 and package.expires_at > now()


def _is_older(package: Package, decision: Decision | None) -> bool:
    """Whether it was made for an earlier decision: after a disagreement something else may be in it."""
    return decision is not None and package.created_at < decision.decided_at


def _hand_over(session: Session, case: Case, package: Package, packed: Packed) -> None:
    older = package_of(session, case)
    if older is not None:
        for name in forget_package(session, older, now()):
            jobs.queue(session, "files.unlink", {"file": name})
    forget_trials(session, case)
    session.add(package)
    session.flush()
    took = {"searched": packed.searched, "milliseconds": round(packed.seconds * 1000)}
    made = PackageMade(package=package.id, size=package.size, rows=package.rows, digest=package.sha256, **took)
    record(session, made, SYSTEM, case.id)
    facts = {"until_on": local(package.expires_at).date().isoformat()}
    if case.status is Status.ANSWERED:
        move(session, case, Move.HAND_OVER, SYSTEM, facts)
    else:
        queue_letter(session, case, "ready", facts)
