"""Who on file was told already that somebody asks in their name: each address once, whichever search finds it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.letters import NOTICE
from portal.cases.models import Case
from portal.mail.outbox import Mail, address_of


def not_told(session: Session, case: Case, addresses: Sequence[str]) -> list[str]:
    """Return those of ``addresses`` to which no notice of ``case`` was sent yet."""
    notices = session.scalars(select(Mail).where(Mail.case_id == case.id, Mail.letter == NOTICE))
    told = {address_of(session, each).casefold() for each in notices}
    return [each for each in addresses if each.casefold() not in told]
