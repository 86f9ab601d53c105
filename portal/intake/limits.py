"""How many requests may be begun from one network, and lie unsent from one mailbox; with whom to ask for more."""

from flask import request
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import db
from portal.accounts.limits import count_try
from portal.cases.models import Conversation
from portal.config import settings_of
from portal.errors import TooManyTries
from portal.intake.conversations import Draft
from portal.words import N_

BEGUN_PER_HOUR = 100
"""From one network: a hospital has one address for all its doctors."""
UNSENT = 10
"""Of one mailbox."""
BEGIN = "begin"
TOO_MANY_BEGUN = N_("Many requests were begun from your network within an hour. Wait an hour, or write to %(email)s.")
TOO_MANY_UNSENT = N_(
    "Ten requests from this address are not sent yet. Follow your requests and send one first, or write to %(email)s."
)


def refusal_to_begin() -> str:
    """Count one beginning, in a transaction of its own; return the sentence for one too many, else nothing."""
    try:
        count_try(db.database(), BEGIN, request.remote_addr, BEGUN_PER_HOUR)
    except TooManyTries:
        return _told(TOO_MANY_BEGUN)
    return ""


def refusal_to_confirm(session: Session, draft: Draft) -> str:
    """Return the sentence for a mailbox from which too many requests lie unsent, else nothing.

    Ask only once its code was right: to others it would tell what lies there.

    Args:
        session: any session.
        draft: the conversation in which the mailbox was just shown to be the person's.
    """
    others = select(func.count()).where(
        Conversation.verified_mailbox == draft.code_for,
        Conversation.submitted_at.is_(None),
        Conversation.id != draft.id,
    )
    return _told(TOO_MANY_UNSENT) if (session.scalar(others) or 0) >= UNSENT else ""


def _told(sentence: str) -> str:
    return str(_(sentence, email=settings_of(db.reader()).controller.email))
