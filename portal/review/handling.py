"""Working on a case: taking it, handing it over, notes, questions to the person, going on."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.codes import mailbox_hash
from portal.accounts.models import Role, Staff
from portal.audit.desk_events import PersonTold
from portal.audit.events import CaseClaimed, CaseHandedOver, CaseReceived, NoteWritten, QuestionAsked
from portal.audit.record import Actor, AuditEntry, record
from portal.cases.attachments import Sealed, attach
from portal.cases.disagreements import barred
from portal.cases.letters import queue_letter
from portal.cases.lifecycle import OPEN, Move
from portal.cases.models import Author, Case, Channel, Message
from portal.cases.moves import move
from portal.clock import now
from portal.db import changed, new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose, seal
from portal.words import N_

TAKE_IT_FIRST = N_("Take this request first: only who has it works on it.")
DECIDED_BEFORE = N_("The person disagrees with an answer that this member of staff decided or confirmed.")
TOOK_IN = N_("You took this request in yourself: somebody else must settle who it is.")
OWN = N_("This request came from the address of this member of staff: somebody else must do it.")


def is_own(session: Session, case: Case, member: Staff | None) -> bool:
    """Whether ``member`` filed the case: it came from the address they sign in with."""
    return member is not None and mailbox_hash(session, member.login) == case.mailbox


def must_be_anothers(session: Session, case: Case, by: Actor) -> None:
    """Let nobody judge their own request.

    Raises:
        MoveRefused: the case was filed from the address ``by`` signs in with.
    """
    if is_own(session, case, session.get(Staff, by.id)):
        raise MoveRefused(OWN)


def must_have(session: Session, case: Case, by: Actor) -> None:
    """Let only the reviewer who has the case go on.

    Raises:
        MoveRefused: it is somebody else's, or nobody's; or their own request.
    """
    must_be_anothers(session, case, by)
    if case.assigned_to != by.id:
        raise MoveRefused(TAKE_IT_FIRST)
    if barred(session, case, by.id):
        raise MoveRefused(DECIDED_BEFORE)


def must_not_have_taken_in(session: Session, case: Case, by: Actor) -> None:
    """Let nobody settle who asked what they took in themselves: their word would be the only proof.

    Raises:
        MoveRefused: ``by`` took in this request, which did not come by the portal.
    """
    taken = select(AuditEntry.seq).where(
        AuditEntry.case_id == case.id, AuditEntry.kind == CaseReceived.kind, AuditEntry.actor_id == by.id
    )
    if case.channel is not Channel.PORTAL and session.scalar(taken) is not None:
        raise MoveRefused(TOOK_IN)


def assign(session: Session, case: Case, to: str, seen_owner: str | None, by: Actor) -> None:
    """Give the case to the member of staff with the id ``to``.

    Args:
        session: a write session.
        case: the case.
        to: id of a reviewer or privacy manager.
        seen_owner: who had it when ``by`` looked; if somebody took it since, nothing happens.
        by: who does it.

    Raises:
        MoveRefused: somebody else was first, or ``to`` cannot work on cases, filed this one, or decided what
            the person disagrees with.
    """
    taker = session.get(Staff, to)
    if taker is None or not taker.is_active or taker.role not in {Role.REVIEWER, Role.MANAGER}:
        raise MoveRefused(N_("This member of staff cannot take requests."))
    if is_own(session, case, taker):
        raise MoveRefused(OWN)
    if barred(session, case, to):
        raise MoveRefused(DECIDED_BEFORE)
    same = Case.assigned_to == seen_owner if seen_owner else Case.assigned_to.is_(None)
    if not changed(session, update(Case).where(Case.id == case.id, same).values(assigned_to=to, sleeps_until=None)):
        raise MoveRefused
    record(session, CaseClaimed() if to == by.id else CaseHandedOver(to=to), by, case.id)


def write_note(session: Session, case: Case, text: str, by: Actor) -> None:
    """Keep a note of the desk to itself."""
    message = _message(session, case, Author.NOTE, text, by)
    record(session, NoteWritten(message=message.id), by, case.id)


def ask_person(
    session: Session, case: Case, text: str, by: Actor, step: Move = Move.ASK, files: Sequence[Sealed] = ()
) -> None:
    """Ask the person something, with ``files`` to look at; the case waits, its clock runs on.

    Raises:
        MoveRefused: nothing can be asked from where the case is.
    """
    message = _message(session, case, Author.STAFF, text, by)
    attach(session, message, files)
    record(session, QuestionAsked(message=message.id), by, case.id)
    move(session, case, step, by)


def tell_person(session: Session, case: Case, text: str, by: Actor, files: Sequence[Sealed] = ()) -> None:
    """Tell the person something, with ``files``; the case goes on. The mail says only that a message waits.

    Raises:
        MoveRefused: no answer is owed any more.
    """
    if case.status not in OPEN:
        raise MoveRefused
    message = _message(session, case, Author.STAFF, text, by)
    attach(session, message, files)
    record(session, PersonTold(message=message.id), by, case.id)
    queue_letter(session, case, "message")


def _message(session: Session, case: Case, author: Author, text: str, by: Actor) -> Message:
    message = Message(
        id=new_id(),
        case_id=case.id,
        author=author,
        staff_id=by.id,
        text=seal(session, case.id, Purpose.MESSAGES, text.encode()),
        created_at=now(),
    )
    session.add(message)
    session.flush()
    return message
