"""What a person can do with a running request: answer, add to it, take it back."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.events import CaseAmended, PersonReplied
from portal.audit.record import PERSON, record
from portal.cases.access import UNSETTLED, evidence_of
from portal.cases.attachments import Sealed, attach
from portal.cases.heard import hear
from portal.cases.letters import queue_staff_letter
from portal.cases.lifecycle import OPEN, Move
from portal.cases.models import Amendment, Author, Case, Channel, Message
from portal.cases.moves import move
from portal.cases.papers import Added, amend, amendments_of, queue_paper
from portal.cases.retention import forget_card
from portal.cases.siblings import card_siblings
from portal.clock import now
from portal.db import changed, new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose, seal
from portal.words import N_

MOST_AMENDMENTS = 20
ENOUGH = N_("You added to this request twenty times. Send us a message instead.")


def reply_to(session: Session, case: Case, text: str, files: Sequence[Sealed] = ()) -> Message:
    """Keep ``text`` and ``files`` as the person's message, tell the desk and end a wait; the caller commits.

    Whoever was deciding is told that something changed, and looks again.
    """
    message = Message(
        id=new_id(),
        case_id=case.id,
        author=Author.PERSON,
        text=seal(session, case.id, Purpose.MESSAGES, text.encode()),
        created_at=now(),
    )
    session.add(message)
    session.flush()
    attach(session, message, files)
    record(session, PersonReplied(message=message.id), PERSON, case.id)
    hear(session, case)
    queue_staff_letter(session, case, "staff-reply")
    return message


def add_to(session: Session, case: Case, text: str, name: str) -> Added:
    """Append ``text``, signed with the typed ``name``, to the request: what stands there stays. The caller commits.

    Whoever was deciding on the request as it was is told that it changed, and looks again.

    Raises:
        MoveRefused: the request is no longer open, or was added to twenty times.
    """
    still = update(Case).where(Case.id == case.id, Case.status.in_(OPEN))
    if not changed(session, still.values(version=Case.version + 1, sleeps_until=None)):
        raise MoveRefused
    session.refresh(case)
    earlier = amendments_of(session, case)
    if len(earlier) >= MOST_AMENDMENTS:
        raise MoveRefused(ENOUGH)
    moment = now()
    added = amend(earlier[-1].sha256 if earlier else case.signed_hash, len(earlier) + 1, text, name, moment)
    session.add(
        Amendment(
            id=new_id(),
            case_id=case.id,
            number=added.number,
            text=seal(session, case.id, Purpose.ANSWERS, added.canonical.encode()),
            hash=added.sha256,
            created_at=moment,
        )
    )
    session.flush()
    record(session, CaseAmended(number=added.number, digest=added.sha256), PERSON, case.id)
    if case.channel is Channel.PORTAL:  # a request that nobody signed has no signed paper
        queue_paper(session, case.id, added.number + 1)
    queue_staff_letter(session, case, "staff-reply")
    return added


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
