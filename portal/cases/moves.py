"""The sole writer of a case's status: each move checks the rule, changes one row, audits, queues letters and jobs.

All in the caller's transaction, which the caller commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.accounts.models import Role
from portal.audit.events import CaseMoved, CaseReceived, CaseStopped, DecisionReleased, StopLifted
from portal.audit.record import PERSON, SYSTEM, Actor, ActorKind, record
from portal.cases.access import decision_of, is_granted, ladder_of, may_release, right_of, seal_json
from portal.cases.arrivals import is_read
from portal.cases.deadlines import deadline
from portal.cases.disagreements import Ending, open_of, settle
from portal.cases.letters import queue_letter, queue_receipt, queue_staff_letter
from portal.cases.lifecycle import RULES, Identity, Move, Rule, Status, Unmet, Who
from portal.cases.models import Case, Channel, Conversation, Evidence
from portal.cases.naming import account_hash, mailbox_of, name_hash, new_reference
from portal.cases.papers import queue_paper
from portal.cases.siblings import siblings
from portal.cases.signing import Signed
from portal.cases.undo import LETTER, call_back, undo_until
from portal.clock import local, now
from portal.db import changed, new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose
from portal.jobs import outbox as jobs
from portal.rights import RIGHTS
from portal.rights.base import Answers
from portal.words import N_

OVER = frozenset({Status.CLOSED, Status.WITHDRAWN})
DECIDERS = frozenset({Role.REVIEWER.value, Role.MANAGER.value})
DECIDING = frozenset({Move.ANSWER, Move.PROPOSE, Move.CONFIRM})
READ_IT_FIRST = N_("Say first what this mail asks: until then nothing can be decided.")
FULFIL = "case.fulfil"
SELF = "self"  # who asks for somebody else shows a mandate first, so nothing happens at once


@dataclass(frozen=True, slots=True)
class Filing:
    """A signed request as it comes from the conversation."""

    right: str
    language: str
    answers: Answers
    contact: Mapping[str, str]  # name, email or address, residence; optionally known_email, other_proof, account
    signed: Signed
    policy_version: str
    register_version: str
    channel: Channel = Channel.PORTAL
    received_at: datetime | None = None  # where it came in before it was filed


def submit(session: Session, conversation: Conversation, filings: Sequence[Filing]) -> list[Case]:
    """File the requests of ``conversation`` as one case each: rows, jobs, record and one receipt, all or none, once.

    Args:
        session: a write session.
        conversation: where they were signed.
        filings: one for each right, at least one; all of one person.

    Raises:
        MoveRefused: this conversation was sent already.
    """
    moment = now()
    once = update(Conversation).where(Conversation.id == conversation.id, Conversation.submitted_at.is_(None))
    if not changed(session, once.values(submitted_at=moment)):
        raise MoveRefused
    cases = [_new_case(session, conversation.id, filing, moment) for filing in filings]
    session.add_all(cases)
    session.flush()
    owner = next((case for case in cases if case.needs_card), cases[0])
    owned = update(Evidence).where(Evidence.conversation_id == conversation.id).values(case_id=owner.id)
    session.execute(owned)
    for case in cases:
        record(session, CaseReceived(right=case.right_slug, channel=case.channel.value), PERSON, case.id)
        _follow(session, case, RULES[Move.SUBMIT], {})
        queue_paper(session, case.id, 1)
        queue_staff_letter(session, case, "staff-new-case")
    queue_receipt(session, cases)
    return cases


def file_for(session: Session, filing: Filing, by: Actor, told: Mapping[str, str]) -> Case:
    """File a request that came by mail, by telephone or at the counter, and queue its receipt; the caller commits.

    Nothing of it is confirmed: neither the mailbox nor a signature, so nothing happens at once.

    Args:
        session: a write session.
        filing: the request, of another channel than the portal.
        by: who writes it down, or the system for a mail that was read.
        told: what the receipt says besides reference, right and dates.
    """
    case = _new_case(session, new_id(), filing, filing.received_at or now())
    session.add(case)
    session.flush()
    record(session, CaseReceived(right=case.right_slug, channel=case.channel.value), by, case.id)
    _follow(session, case, RULES[Move.SUBMIT], {})
    queue_staff_letter(session, case, "staff-new-case")
    queue_receipt(session, [case], told)
    return case


def move(session: Session, case: Case, step: Move, by: Actor, facts: Mapping[str, str] | None = None) -> None:
    """Take ``step`` with ``case``.

    Args:
        session: a write session.
        case: the case as it was loaded; if it changed since, the move is refused.
        step: the move.
        by: who makes it.
        facts: what the letter that follows shows besides the reference and dates.

    Raises:
        MoveRefused: the rule does not allow it from here or for this actor, a condition is not met, or somebody else
            was first.
    """
    rule = RULES[step]
    if case.status not in rule.before:
        raise MoveRefused
    if not _may(rule, by):
        raise MoveRefused
    if step in DECIDING and not is_read(session, case):
        raise MoveRefused(READ_IT_FIRST)
    if rule.releases:
        _check_release(session, case, step, by)
    if step is Move.TAKE_BACK:
        _call_back(session, case)
    _write(session, case, step, _target(session, case, step), by)
    if rule.releases:
        settle(session, case, Ending.ANEW, by)
    _follow(session, case, rule, facts or {})
    if right_of(case).gives_package:
        for each in siblings(session, case):  # what is to be deleted may have waited for this copy
            moments = [until for until in (case.undo_until, each.undo_until) if until is not None]
            jobs.wake(session, FULFIL, each.id, max([now(), *moments]))


def stop(session: Session, case: Case) -> bool:
    """Stop ``case`` and all that was sent together with it: somebody with an address on file did not ask for it.

    A package of theirs can no longer be downloaded. False where all were stopped before, or are over.
    """
    stopped = [_stop_one(session, each) for each in (case, *siblings(session, case))]
    return any(stopped)


def _stop_one(session: Session, case: Case) -> bool:
    stopped = update(Case).where(Case.id == case.id, Case.stopped_at.is_(None), Case.status.not_in(OVER))
    if not changed(session, stopped.values(stopped_at=now(), version=Case.version + 1, sleeps_until=None)):
        return False
    record(session, CaseStopped(), PERSON, case.id)
    queue_staff_letter(session, case, "staff-stopped")
    return True


def lift_stop(session: Session, case: Case, by: Actor) -> None:
    """Let ``case`` go on after a stop turned out to be a mistake; the caller checks the role and keeps the reason.

    Raises:
        MoveRefused: it is not stopped (any more).
    """
    lifted = update(Case).where(Case.id == case.id, Case.stopped_at.is_not(None))
    if not changed(session, lifted.values(stopped_at=None, version=Case.version + 1)):
        raise MoveRefused
    session.refresh(case)
    record(session, StopLifted(), by, case.id)


def _new_case(session: Session, conversation_id: str, filing: Filing, moment: datetime) -> Case:
    case_id, right = new_id(), RIGHTS[filing.right]
    signed = {"text": filing.signed.text, "signature": filing.signed.signature.name}
    received_on = local(moment).date()
    return Case(
        id=case_id,
        reference=new_reference(session),
        conversation_id=conversation_id,
        right_slug=filing.right,
        channel=filing.channel,
        language=filing.language,
        residence=filing.contact.get("residence", ""),
        status=Status.RECEIVED,
        version=1,
        at_once=filing.channel is Channel.PORTAL
        and not right.decided(filing.answers)
        and filing.contact.get("acting", SELF) == SELF,
        needs_card=ladder_of(session).asks_card(right, filing.answers) and "account" not in filing.contact,
        received_at=moment,
        received_on=received_on,
        due_on=deadline(received_on),
        policy_version=filing.policy_version,
        register_version=filing.register_version,
        mailbox=mailbox_of(session, filing.contact),
        name_hash=name_hash(session, filing.contact["name"]),
        account_hash=account_hash(session, filing.contact.get("account", "")),
        contact=seal_json(session, case_id, Purpose.CONTACT, dict(filing.contact)),
        answers=seal_json(session, case_id, Purpose.ANSWERS, dict(filing.answers)),
        signed_text=seal_json(session, case_id, Purpose.ANSWERS, signed),
        signed_hash=filing.signed.sha256,
        identity=Identity.OPEN,
        on_file=False,
        found=False,
    )


def _may(rule: Rule, by: Actor) -> bool:
    kinds = {Who.PERSON: ActorKind.PERSON, Who.SYSTEM: ActorKind.SYSTEM}
    if rule.by in kinds:
        return by.kind is kinds[rule.by]
    return by.kind is ActorKind.STAFF and by.role in DECIDERS


def _check_release(session: Session, case: Case, step: Move, by: Actor) -> None:
    decision = decision_of(session, case)
    if step is Move.CONFIRM and decision is not None and by.id == decision.decided_by:
        raise MoveRefused(Unmet.SECOND.sentence)
    missing = may_release(session, case, now())
    if decision is not None and not is_granted(decision):
        missing = tuple(unmet for unmet in missing if unmet is Unmet.SECOND)
    if missing:
        raise MoveRefused(missing[0].sentence)


def _call_back(session: Session, case: Case) -> None:
    """Undo the sending: nothing of it leaves, and a second person's confirmation no longer stands."""
    decision = decision_of(session, case)
    call_back(session, case, FULFIL, granted=is_granted(decision), at=now())
    if decision is not None:
        decision.confirmed_by = decision.confirmed_at = None


def _target(session: Session, case: Case, step: Move) -> Status:
    rule = RULES[step]
    if rule.stays:
        return case.status
    if rule.restores:
        done = case.carried_out_at and case.answered_at and case.carried_out_at >= case.answered_at
        return Status.CARRIED_OUT if done else Status.ANSWERED
    if step is Move.TAKE_BACK:
        decision = decision_of(session, case)
        return Status.SECOND if decision is not None and decision.needs_second else Status.DECIDING
    return rule.to if rule.to is not None else Status(case.waits_before or Status.DECIDING)


def _write(session: Session, case: Case, step: Move, target: Status, by: Actor) -> None:
    before, moment = case.status, now()
    values: dict[str, object] = {"status": target, "version": case.version + 1}
    if target is not before:
        values["waits_before"] = before.value if target is Status.WAITING else None
    values["sleeps_until"] = None  # whatever happens to a request that was put aside brings it back
    stamp = {Status.ANSWERED: "answered_at", Status.CARRIED_OUT: "carried_out_at", Status.CLOSED: "closed_at"}
    if target in stamp and not RULES[step].restores:
        values[stamp[target]] = moment
    if target is Status.WITHDRAWN:
        values["closed_at"] = moment
    values |= _sending(session, case, step, moment)
    session.flush()
    one = update(Case).where(Case.id == case.id, Case.status == before, Case.version == case.version)
    if not changed(session, one.values(**values)):
        raise MoveRefused
    session.refresh(case)
    record(session, CaseMoved(move=step.value, before=before.value, after=target.value), by, case.id)


def _sending(session: Session, case: Case, step: Move, moment: datetime) -> dict[str, object]:
    """Return what is kept of the half minute in which an answer can be taken back; one after a disagreement cannot."""
    if RULES[step].releases and RULES[step].letter is not None:
        until = None if open_of(session, case) else undo_until(session, moment)
        return {"undo_until": until, "answered_before": case.answered_at}
    if step is Move.TAKE_BACK:
        return {"undo_until": None, "answered_before": None, "answered_at": case.answered_before}
    return {}


def _follow(session: Session, case: Case, rule: Rule, facts: Mapping[str, str]) -> None:
    decision = decision_of(session, case)
    granted = is_granted(decision) or (case.at_once and decision is None)
    leaves_at = case.undo_until if rule.releases else None
    if rule.letter is not None:
        queue_letter(session, case, rule.letter, facts, leaves_at)
    if rule.job is not None and (not rule.releases or granted):
        once = f"{rule.job}:{case.id}:{case.version}"
        jobs.queue(session, rule.job, {"case": case.id}, case_id=case.id, run_at=leaves_at, dedup=once)
    if rule.releases and decision is not None:
        released = DecisionReleased(version=decision.version, outcome=decision.outcome.value)
        record(session, released, SYSTEM, case.id)
        written = {"case": case.id, "decision": decision.id}
        jobs.queue(session, LETTER, written, case_id=case.id, run_at=leaves_at, dedup=f"{LETTER}:{decision.id}")
