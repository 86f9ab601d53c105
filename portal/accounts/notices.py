"""Mail to members of staff about their own account: that something changed, and what to do. It names nobody."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from portal.accounts.models import Staff
from portal.mail import outbox
from portal.mail.outbox import Mail

LETTERS = {"invite": "staff-invite", "reset": "staff-reset"}
CHANGED = "staff-account"


def tell(session: Session, staff: Staff, what: str, facts: Mapping[str, str] | None = None) -> Mail:
    """Queue the letter about ``what`` to ``staff``, in their language.

    Args:
        session: a write session.
        staff: to whom.
        what: ``invite`` and ``reset`` have letters of their own; all else is one letter that says what changed.
        facts: what the letter shows besides: a link.
    """
    letter = LETTERS.get(what, CHANGED)
    return outbox.queue(session, letter, staff.language, staff.login, {"what": what, **(facts or {})}, owner=staff.id)
