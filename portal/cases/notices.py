"""Who was told what, and when: who on file that somebody asks in their name, and when each person was written to."""

from collections.abc import Sequence

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from portal.cases.access import contact_of
from portal.cases.by_post import PostLetter, is_by_post
from portal.cases.letters import NOTICE
from portal.cases.models import Case, Channel
from portal.mail.outbox import Mail, address_of


def to_tell(session: Session, case: Case, addresses: Sequence[str], *, on_file: bool) -> list[str]:
    """Return every address that is told of ``case``.

    Nobody confirmed the mailbox of a request that did not come by the portal, so the address on file is told even where
    it is the same: who only wrote it in a From line does not read what goes there. Where rows stand under an address
    that is on no account, that address is told of who says that they have no mailbox.

    Args:
        session: any session.
        case: the case.
        addresses: those on file, but for the mailbox of the case.
        on_file: whether that mailbox is on file too.
    """
    if case.channel is Channel.PORTAL:
        return list(addresses)
    contact = contact_of(session, case)
    if is_by_post(contact):
        return list(addresses) or [each for each in (contact.get("known_email", ""),) if each]
    own = contact["email"]
    return [*addresses, own] if on_file and own not in addresses else list(addresses)


def not_told(session: Session, case: Case, addresses: Sequence[str]) -> list[str]:
    """Return those of ``addresses`` to which no notice of ``case`` was sent yet."""
    notices = session.scalars(select(Mail).where(Mail.case_id == case.id, Mail.letter == NOTICE))
    told = {address_of(session, each).casefold() for each in notices}
    return [each for each in addresses if each.casefold() not in told]


def last_queued(letters: Sequence[str], *, posted: bool = True) -> Subquery:
    """Return, as a part of another query, by case when the newest of ``letters`` was queued.

    Of a letter on paper it is the moment when it was noted that it was posted, unless ``posted`` is False.
    """
    moment = PostLetter.noted_at if posted else PostLetter.queued_at
    mails = select(Mail.case_id, Mail.queued_at).where(Mail.letter.in_(letters))
    posts = select(PostLetter.case_id, moment.label("queued_at")).where(PostLetter.letter.in_(letters))
    every = mails.union_all(posts).subquery()
    newest = select(every.c.case_id, func.max(every.c.queued_at).label("queued_at"))
    return newest.group_by(every.c.case_id).subquery()
