"""Reminders to people: a question of ours that waits for them, and a file that goes soon. Each once, and no pressure.

What we asked, and what the file holds, is on their page only. Who has no mailbox is reminded by letter of a question
that was posted; of a file that waits to be handed over the desk is.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.access import may_release
from portal.cases.by_post import READY, PostLetter
from portal.cases.letters import queue_letter
from portal.cases.lifecycle import Status
from portal.cases.models import Case, Package
from portal.cases.notices import last_queued
from portal.clock import local

ASKING = ("question", "fee")
"""The letters after which a request waits for the person."""
ANSWER, FILE = "reminder", "file-reminder"
ANSWER_AFTER = timedelta(days=7)
FILE_BEFORE = timedelta(days=3)


def nudge(session: Session, at: datetime) -> int:
    """Queue the reminders to people that are due at ``at`` and were not sent before; return how many."""
    return _of_questions(session, at) + _of_files(session, at)


def _of_questions(session: Session, at: datetime) -> int:
    asked = last_queued(ASKING)
    reminded = last_queued((ANSWER,), posted=False)
    waits = select(Case, asked.c.queued_at, reminded.c.queued_at).join(asked, asked.c.case_id == Case.id)
    waits = waits.join(reminded, reminded.c.case_id == Case.id, isouter=True)
    open_still = (Case.status == Status.WAITING, Case.stopped_at.is_(None), Case.due_on >= local(at).date())
    due = waits.where(*open_still, asked.c.queued_at <= at - ANSWER_AFTER).order_by(Case.id)
    found = [case for case, since, told in session.execute(due).all() if told is None or told < since]
    for case in found:
        queue_letter(session, case, ANSWER)
    return len(found)


def _of_files(session: Session, at: datetime) -> int:
    reminded = last_queued((FILE,), posted=False)
    there = select(Package, Case, reminded.c.queued_at).join(Case, Case.id == Package.case_id)
    there = there.join(reminded, reminded.c.case_id == Case.id, isouter=True)
    by_hand = select(PostLetter.case_id).where(PostLetter.letter == READY)
    unread = (Package.downloads == 0, Package.destroyed_at.is_(None), Package.case_id.not_in(by_hand))
    soon = Package.expires_at.between(at, at + FILE_BEFORE)
    sent = 0
    for package, case, told in session.execute(there.where(*unread, soon).order_by(Package.id)).all():
        if (told is None or told < package.created_at) and not may_release(session, case, at):
            queue_letter(session, case, FILE, {"until_on": local(package.expires_at).date().isoformat()})
            sent += 1
    return sent
