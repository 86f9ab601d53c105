"""What the person's page shows: the track, the ledger of the clock, who looked, messages, answer, what was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.events import CaseMoved, CaseReceived, DecisionReleased
from portal.audit.record import AuditEntry
from portal.cases.access import decision_content, decision_of, is_granted, open_json, package_of, right_of, text_of
from portal.cases.attachments import Sent, attachments_of
from portal.cases.deadlines import days_left, days_used
from portal.cases.disagreements import open_of
from portal.cases.letters import DecisionLetter, compose
from portal.cases.lifecycle import OPEN, Move, Status
from portal.cases.models import Author, Carried, Case, Conversation, Decision, Message, Package
from portal.cases.papers import Added, amendments_of
from portal.cases.retention import DRAFT_DAYS
from portal.cases.undo import is_held, shown_status
from portal.clock import local, now, today
from portal.files.keys import KeyDestroyed, Purpose
from portal.rights import RIGHTS
from portal.words import N_

TRACK = (Status.RECEIVED, Status.IDENTITY, Status.DECIDING, Status.ANSWERED, Status.CARRIED_OUT)
ENDS = frozenset({Status.CLOSED, Status.WITHDRAWN})
ANSWERING = (CaseMoved.kind, DecisionReleased.kind)


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop on the track: its name (a source string), whether it is done, now or to come, and since when."""

    title: str
    state: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the clock's ledger; ``sentence`` is a source string."""

    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class Look:
    """One time that a member of staff looked at the card: role and moment, no name."""

    at: datetime
    role: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message."""

    mine: bool
    text: str
    at: datetime
    files: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What was not sent: its id, what it asks (source strings, none before the choice), the day it is forgotten."""

    id: str
    titles: tuple[str, ...]
    until: date


LEDGER = {
    "case:received": N_("Received. The first day of the term is the next one."),
    "case:arrival_set": N_("We corrected the day on which your request came in. The term runs from that day."),
    "case:mail_set_aside": N_("We read your mail: it asks none of your privacy rights. There is no term any more."),
    "case:question_asked": N_("We asked you a question. The term goes on."),
    "case:person_replied": N_("You answered."),
    "case:person_told": N_("We sent you a message."),
    "case:amended": N_("You added something to your request."),
    "case:stopped": N_("Somebody with an address on file stopped the request."),
    "identity:card_destroyed": N_("The picture of your card was deleted."),
    "case:extended": N_("We need more time, so the term is two months longer. We told you so."),
    "fee:announced": N_("We announced a fee. The term goes on."),
    "fee:accepted": N_("You accepted the fee."),
    "case:passed_on": N_("You had another organisation told."),
    "decision:released": N_("Our answer was sent."),
    "case:disagreed": N_("You did not agree. Somebody else looks at it again, within one month."),
    "case:disagreement_ended": N_("The second look at our answer ended."),
    "package:made": N_("Your file was made."),
    "package:opened": N_("Your file was opened for download."),
}


def track(session: Session, case: Case) -> list[Stop]:
    """Return where the case is among the stops a person sees; one that is over shows only what it reached."""
    reached = _reached(session, case)
    if case.status in ENDS:
        been = [stop for stop in TRACK if stop.value in reached]
        done = [Stop(stop.label, "done", reached[stop.value]) for stop in been]
        return [*done, Stop(case.status.label, "now", reached.get(case.status.value))]
    stops = [stop for stop in TRACK if _applies(session, stop, case, reached)]
    place = stops.index(_here(case))
    return [
        Stop(
            stop.label,
            "done" if number < place else "now" if number == place else "todo",
            reached.get(stop.value) if number <= place else None,  # opened again, it is to come once more
        )
        for number, stop in enumerate(stops)
    ]


def ledger(session: Session, case: Case) -> list[LedgerLine]:
    """Return every start, question and answer that the clock knows, oldest first.

    A mail may have been read days after it came in: the term runs from that day, and so does the ledger.
    """
    at = {CaseReceived.kind: case.received_at}
    known = [entry for entry in _entries(session, case) if entry.kind in LEDGER]
    return [LedgerLine(at.get(entry.kind, entry.at), LEDGER[entry.kind]) for entry in known]


def looks(session: Session, case: Case) -> list[Look]:
    """Return every time the picture of the card was opened."""
    viewed = (entry for entry in _entries(session, case) if entry.kind == "identity:card_viewed")
    return [Look(entry.at, str(entry.facts["role"])) for entry in viewed]


def said(session: Session, case: Case) -> list[Said]:
    """Return the messages between person and desk; notes of the desk to itself are not among them."""
    theirs = select(Message).where(Message.case_id == case.id, Message.author != Author.NOTE)
    rows = session.scalars(theirs.order_by(Message.created_at, Message.id)).all()
    files = attachments_of(session, case)
    return [
        Said(row.author is Author.PERSON, _text(session, row), row.created_at, files.get(row.id, ())) for row in rows
    ]


def added(session: Session, case: Case) -> list[Added]:
    """Return what the person added to the request after signing it; nothing once its content is forgotten."""
    return amendments_of(session, case) if case.forgotten_at is None else []


def letter(session: Session, case: Case) -> DecisionLetter | None:
    """Return the answer as it was sent, also the one the person disagrees with; None before that.

    While it can still be taken back there is none either.
    """
    decision = decision_of(session, case)
    if case.status in OPEN:  # opened again: what is proposed now is not for the person yet
        row = open_of(session, case)
        decision = session.get_one(Decision, row.decision_id) if row else None
    if decision is None or case.answered_at is None or case.forgotten_at is not None or is_held(case, now()):
        return None
    return compose(case, decision, decision_content(session, decision), local(case.answered_at).date())


def carried(session: Session, case: Case) -> list[dict[str, Any]]:
    """Return what carrying out did, collection by collection: title by language, rows, effect, until when it stays."""
    if case.forgotten_at is not None:
        return []
    done = select(Carried).where(Carried.case_id == case.id, Carried.done_at.is_not(None))
    rows = session.scalars(done.order_by(Carried.source)).all()
    return [line for row in rows for line in open_json(session, case.id, Purpose.DECISION, row.proof)]


def clock_of(case: Case, on: date | None = None, since: date | None = None) -> dict[str, Any]:
    """Return the numbers of the clock: days used, days in all, days left, and whether an answer is still owed.

    ``since`` is the first day of the term, where that is not the day on which the request was received.
    """
    day, first = on or today(), since or case.received_on
    ended = case.answered_at or case.closed_at
    stopped = local(ended).date() if ended and shown_status(case, now()) not in OPEN else day
    return {
        "used": days_used(first, min(day, stopped)),
        "total": (case.due_on - first).days,
        "left": days_left(case.due_on, day),
        "runs": shown_status(case, now()) in OPEN,
        "tone": _tone(days_left(case.due_on, day)),
    }


def _tone(left: int) -> str:
    return "late" if left < 0 else "soon" if left <= 7 else ""


def drafts_of(session: Session, mailbox: str) -> list[Draft]:
    """Return the requests that were begun from ``mailbox`` (its keyed hash), confirmed there and never sent."""
    unsent = select(Conversation).where(Conversation.verified_mailbox == mailbox, Conversation.submitted_at.is_(None))
    rows = session.scalars(unsent.order_by(Conversation.updated_at.desc())).all()
    life = timedelta(days=DRAFT_DAYS)
    return [
        Draft(row.id, tuple(RIGHTS[slug].title for slug in row.rights), local(row.updated_at + life).date())
        for row in rows
    ]


def package_for(session: Session, case: Case) -> Package | None:
    """Return the package of the case, if its right gives one."""
    return package_of(session, case) if right_of(case).gives_package else None


def _text(session: Session, message: Message) -> str:
    try:
        return text_of(session, message)
    except KeyDestroyed as gone:
        return gone.sentence


def _applies(session: Session, stop: Status, case: Case, reached: Mapping[str, datetime]) -> bool:
    if stop in {Status.IDENTITY, Status.DECIDING}:
        return not case.at_once or Status.IDENTITY.value in reached
    if stop is Status.CARRIED_OUT and case.status is Status.ANSWERED:
        decision = decision_of(session, case)
        return decision is None or is_granted(decision)
    return True


def _here(case: Case) -> Status:
    if case.status is Status.WAITING and case.waits_before:
        return Status(case.waits_before)
    return Status.DECIDING if case.status is Status.SECOND else shown_status(case, now())


def _reached(session: Session, case: Case) -> dict[str, datetime]:
    found = {Status.RECEIVED.value: case.received_at}
    for entry in _entries(session, case):
        if entry.kind == "case:moved":
            found.setdefault(str(entry.facts["after"]), entry.at)
    return found


def _entries(session: Session, case: Case) -> list[AuditEntry]:
    """Return the record of ``case`` without answers that were, or still can be, taken back."""
    found: list[AuditEntry] = []
    for entry in session.scalars(select(AuditEntry).where(AuditEntry.case_id == case.id).order_by(AuditEntry.seq)):
        if entry.kind == CaseMoved.kind and entry.facts["move"] == Move.TAKE_BACK:
            found = _unanswered(found)
        else:
            found.append(entry)
    return _unanswered(found) if is_held(case, now()) else found


def _unanswered(entries: list[AuditEntry]) -> list[AuditEntry]:
    """Return ``entries`` without the last answer."""
    last = {kind: max((each.seq for each in entries if _answers(each, kind)), default=0) for kind in ANSWERING}
    return [each for each in entries if each.seq not in last.values()]


def _answers(entry: AuditEntry, kind: str) -> bool:
    return entry.kind == kind and (kind != CaseMoved.kind or entry.facts["after"] == Status.ANSWERED)
