"""Cases that were sent together: one conversation, one signature, one picture of a card. Reads only."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.lifecycle import OPEN
from portal.cases.models import Case
from portal.rights import RIGHTS


def sent_together(session: Session, conversation_id: str | None) -> list[Case]:
    """Return every case of this conversation, in the order of the rights; none before it was sent."""
    if conversation_id is None:
        return []
    cases = session.scalars(select(Case).where(Case.conversation_id == conversation_id)).all()
    return sorted(cases, key=lambda case: (RIGHTS[case.right_slug].order, case.id))


def siblings(session: Session, case: Case) -> list[Case]:
    """Return the other cases that were sent together with ``case``."""
    return [each for each in sent_together(session, case.conversation_id) if each.id != case.id]


def card_siblings(session: Session, case: Case) -> list[Case]:
    """Return the open cases whose card is the card of ``case``: sent together with it, and asking one too."""
    if not case.needs_card or case.status not in OPEN:
        return []
    return [each for each in siblings(session, case) if each.needs_card and each.status in OPEN]
