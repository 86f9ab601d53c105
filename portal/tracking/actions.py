"""What a person can do with a running request: answer, take it back."""

from sqlalchemy.orm import Session

from portal.audit.events import PersonReplied
from portal.audit.record import PERSON, record
from portal.cases.access import UNSETTLED, evidence_of
from portal.cases.letters import queue_staff_letter
from portal.cases.lifecycle import Move, Status
from portal.cases.models import Author, Case, Message
from portal.cases.moves import move
from portal.cases.retention import forget_card
from portal.cases.siblings import card_siblings
from portal.clock import now
from portal.db import new_id
from portal.files.keys import Purpose, seal


def reply_to(session: Session, case: Case, text: str) -> Message:
    """Keep ``text`` as the person's message, tell the desk and end a wait; the caller commits."""
    message = Message(
        id=new_id(),
        case_id=case.id,
        author=Author.PERSON,
        text=seal(session, case.id, Purpose.MESSAGES, text.encode()),
        created_at=now(),
    )
    session.add(message)
    session.flush()
    record(session, PersonReplied(message=message.id), PERSON, case.id)
    if case.status is Status.WAITING:
        move(session, case, Move.REPLY, PERSON)
    queue_staff_letter(session, case, "staff-reply")
    return message


def withdraw(session: Session, case: Case) -> list[str]:
    """Take the request back and forget the picture; return the files to unlink after the caller's commit.

    A picture that another request sent together with it still needs goes over to that one.
    """
    card = evidence_of(session, case)
    needing = [each for each in card_siblings(session, case) if each.identity in UNSETTLED]
    move(session, case, Move.WITHDRAW, PERSON)
    if card is None:
        return []
    if needing:
        card.case_id = needing[0].id
        return []
    return forget_card(session, card, "withdrawn", now())
