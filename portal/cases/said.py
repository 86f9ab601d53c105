"""What a person says about a request: an answer, that they take it back, that they do not agree. The caller commits.

They say it on their page, or, without a mailbox, by telephone, letter or at the counter, where staff write it down.
"""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.desk_events import PersonDisagreed
from portal.audit.events import PersonReplied
from portal.audit.record import PERSON, record
from portal.cases.access import UNSETTLED, decision_of, evidence_of
from portal.cases.attachments import Sealed, attach
from portal.cases.deadlines import add_months
from portal.cases.disagreements import TERM_MONTHS, Disagreement, Ending, may_disagree, settle
from portal.cases.heard import hear
from portal.cases.letters import queue_staff_letter
from portal.cases.lifecycle import Move
from portal.cases.mail_files import drop_unsorted
from portal.cases.models import Author, Case, Message
from portal.cases.moves import move
from portal.cases.retention import forget_card
from portal.cases.siblings import card_siblings
from portal.clock import now, today
from portal.db import changed, new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose, seal


def reply_to(session: Session, case: Case, text: str, files: Sequence[Sealed] = ()) -> Message:
    """Keep ``text`` and ``files`` as the person's message, tell the desk and end a wait.

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


def disagree(session: Session, case: Case, text: str, files: Sequence[Sealed] = ()) -> None:
    """Have ``case`` looked at again, within a month, by somebody who did not decide it; ``text`` says why.

    Raises:
        MoveRefused: there is no answer to disagree with, or they disagreed with it before.
    """
    decision = decision_of(session, case)
    if decision is None or not may_disagree(session, case):
        raise MoveRefused
    due_on = add_months(today(), TERM_MONTHS)
    row = Disagreement(
        id=new_id(),
        case_id=case.id,
        decision_id=decision.id,
        due_before=case.due_on,
        due_on=due_on,
        made_at=now(),
    )
    free = update(Case).where(Case.id == case.id, Case.version == case.version)
    if not changed(session, free.values(due_on=due_on, assigned_to=None)):
        raise MoveRefused
    session.refresh(case)
    session.add(row)
    session.flush()
    record(session, PersonDisagreed(version=decision.version, until=due_on.isoformat()), PERSON, case.id)
    move(session, case, Move.DISAGREE, PERSON)
    reply_to(session, case, text, files)


def relent(session: Session, case: Case) -> None:
    """Take the disagreement back: our answer stands as it did.

    Raises:
        MoveRefused: nobody disagrees (any more).
    """
    move(session, case, Move.RELENT, PERSON)
    settle(session, case, Ending.TAKEN_BACK, PERSON)


def withdraw(session: Session, case: Case) -> list[str]:
    """Take the request back and forget the picture; return the files to unlink after the caller's commit.

    A picture that another request sent together with it still needs goes over to that one. What nobody sorted of the
    files of a mail is deleted: it may show a card.
    """
    card = evidence_of(session, case)
    needing = [each for each in card_siblings(session, case) if each.identity in UNSETTLED]
    move(session, case, Move.WITHDRAW, PERSON)
    drop_unsorted(session, case)
    if card is None:
        return []
    if needing:
        card.case_id = needing[0].id
        return []
    return forget_card(session, card, "withdrawn", now())
