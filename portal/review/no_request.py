"""A mail that asks none of the rights, such as a question to the helpdesk: closed, and its sender told.

Only a mail of which nobody said yet what it asks: what was once understood as a request is decided, never set aside.
Whoever answers that they do ask something loses no day (``cases.incoming``).
"""

from enum import StrEnum

from sqlalchemy.orm import Session

from portal.audit.desk_events import MailSetAside
from portal.audit.record import Actor, record
from portal.cases.access import evidence_of
from portal.cases.arrivals import arrival_of
from portal.cases.attachments import destroy_file, rows_of
from portal.cases.lifecycle import Move
from portal.cases.mail_files import UNLINK
from portal.cases.models import Case
from portal.cases.moves import move
from portal.cases.retention import forget_card
from portal.clock import now
from portal.errors import MoveRefused
from portal.jobs import outbox as jobs
from portal.review.handling import write_note
from portal.words import N_

ASKS = N_("It was said what this request asks: it is decided, and not set aside.")


class About(StrEnum):
    """What such a mail is about; the letter names who helps with it."""

    HELP = "help"
    COMPLAINT = "complaint"
    OTHER = "other"

    @property
    def label(self) -> str:
        """What staff read."""
        return TITLES[self]


TITLES = {
    About.HELP: N_("A question to the helpdesk"),
    About.COMPLAINT: N_("A complaint"),
    About.OTHER: N_("Something else: thanks, advertising"),
}


def set_aside(session: Session, case: Case, about: About, why: str, by: Actor) -> None:
    """Close ``case``: its mail asks none of the rights. Its files go at once; the caller commits.

    Args:
        session: a write session.
        case: the case, of a mail that nobody read yet.
        about: what it is about instead.
        why: kept as a note of the desk.
        by: who has the case.

    Raises:
        MoveRefused: it came another way, somebody said what it asks, or somebody else was first.
    """
    arrival = arrival_of(session, case)
    if arrival is None or not arrival.unread:
        raise MoveRefused(ASKS)
    write_note(session, case, why, by)
    card = evidence_of(session, case)
    gone = forget_card(session, card, "withdrawn", now()) if card is not None else []
    gone += [name for row in rows_of(session, case) for name in destroy_file(session, row)]
    for name in gone:
        jobs.queue(session, UNLINK, {"file": name})
    record(session, MailSetAside(about=about.value), by, case.id)
    move(session, case, Move.SET_ASIDE, by, {"about": about.value})
