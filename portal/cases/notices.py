"""What was mailed of a case already: notices to who is on file, each address once, and when a letter last went."""

from collections.abc import Sequence

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from portal.cases.letters import NOTICE
from portal.cases.models import Case
from portal.mail.outbox import Mail, address_of


def not_told(session: Session, case: Case, addresses: Sequence[str]) -> list[str]:
    """Return those of ``addresses`` to which no notice of ``case`` was sent yet."""
    notices = session.scalars(select(Mail).where(Mail.case_id == case.id, Mail.letter == NOTICE))
    told = {address_of(session, each).casefold() for each in notices}
    return [each for each in addresses if each.casefold() not in told]


def last_queued(letters: Sequence[str]) -> Subquery:
    """Return, as a subquery, when the last of ``letters`` was queued (``queued_at``), by ``case_id``."""
    newest = select(Mail.case_id, func.max(Mail.queued_at).label("queued_at")).where(Mail.letter.in_(letters))
    return newest.group_by(Mail.case_id).subquery()
