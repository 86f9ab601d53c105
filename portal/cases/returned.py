"""Mails that came back: marked, put on record and told to the desk, once each. A returned notice keeps the hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.desk_events import MailBounced
from portal.audit.record import SYSTEM, record
from portal.cases.heard import wake
from portal.cases.letters import queue_staff_letter
from portal.cases.models import Case
from portal.clock import now
from portal.config import settings_of
from portal.db import changed
from portal.mail.outbox import Mail, MailState
from portal.mail.reports import Report, reports_in

TO_STAFF = "staff-"
CAME_BACK = "staff-bounced"


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of the reports: mails marked now, reports of mails that were marked or are not ours."""

    marked: int
    others: int


def reports_from(folder: Path) -> list[Report]:
    """Return what is reported in ``folder`` (a Maildir, or plain files); read before anything is written."""
    return reports_in(folder)


def mark_returned(session: Session, reports: Iterable[Report]) -> Marked:
    """Mark each mail that ``reports`` names as bounced, once; the desk is told of those of a case."""
    ours = settings_of(session).mail_from.partition("@")[2].lower()
    marked = others = 0
    for report in reports:
        if report.domain.lower() == ours and _mark(session, report):
            marked += 1
        else:
            others += 1
    return Marked(marked, others)


def tell_not_delivered(session: Session, mail: Mail) -> None:
    """Tell the desk that a mail of a case did not arrive: it came back, or was given up. Not of a mail to the desk.

    Who was asked something in it will not answer: the case is no longer put aside.
    """
    if mail.case_id is not None and not mail.letter.startswith(TO_STAFF):
        queue_staff_letter(session, session.get_one(Case, mail.case_id), CAME_BACK)
        wake(session, mail.case_id)


def _mark(session: Session, report: Report) -> bool:
    sent = update(Mail).where(Mail.id == report.mail_id, Mail.state == MailState.SENT)
    values = {"state": MailState.BOUNCED, "bounced_at": now(), "bounce": report.status[:16]}
    if not changed(session, sent.values(**values)):
        return False
    mail = session.get_one(Mail, report.mail_id, populate_existing=True)
    event = MailBounced(mail=mail.id, letter=mail.letter, status=report.status)
    record(session, event, SYSTEM, mail.case_id)
    tell_not_delivered(session, mail)
    return True
