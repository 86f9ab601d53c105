"""The morning's mails to staff: answers that are due in 7, 3 and 1 days, late ones, and a digest. Numbers, no names.

Each reminder goes out once for each deadline, also where the worker was down on the very day: to who has the request,
else to the privacy mailbox. A late answer is told to both.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, case, func, not_, or_, select, true
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import Role, Staff
from portal.cases.by_post import answers_waiting, count_waiting
from portal.cases.holds import LegalHold
from portal.cases.letters import (
    bounced_open,
    case_facts,
    letters_queued,
    queue_case_letter_to,
    queue_member_letter,
    queue_staff_letter,
)
from portal.cases.lifecycle import OPEN, Status
from portal.cases.models import Author, Case, Message
from portal.cases.tasks import Task, count_for
from portal.clock import local, now
from portal.db import Database
from portal.jobs.outbox import Job
from portal.jobs.worker import Finish
from portal.review.desk import DESK
from portal.review.nudges import nudge

REMIND = "desk.remind"
DUE, LATE, DIGEST = "staff-due", "staff-overdue", "staff-digest"
STEPS = (1, 3, 7)  # days before the deadline
WEEKEND = 5  # Saturday, by date.weekday()
HOLD_SOON = timedelta(days=14)
CHUNK = 500


def remind_job(_database: Database, _payload: Mapping[str, str]) -> Finish:
    """Queue the reminders of this morning, to staff and to people, and the digest; the job itself runs once a day."""

    def finish(session: Session) -> None:
        moment = now()
        remind(session, local(moment).date())
        send_digest(session, moment)
        nudge(session, moment)

    return finish


def remind(session: Session, today: date) -> int:
    """Queue each reminder that is due on ``today`` and was not sent before; return how many requests it was about.

    An answer on paper counts once it left.
    """
    owed = or_(Case.status.in_(OPEN), Case.id.in_(answers_waiting()))
    near = select(Case).where(owed, Case.due_on <= today + timedelta(days=max(STEPS)))
    cases = list(session.scalars(near.order_by(Case.due_on, Case.id)))
    members = {staff.id: staff for staff in session.scalars(select(Staff)) if staff.is_active and staff.role in DESK}
    return sum(
        _remind_some(session, cases[start : start + CHUNK], members, today) for start in range(0, len(cases), CHUNK)
    )


def _remind_some(session: Session, cases: Sequence[Case], members: Mapping[str, Staff], today: date) -> int:
    told = {
        (letter, case_id, facts["due_on"], facts.get("step", ""))
        for letter in (DUE, LATE)
        for case_id, facts in letters_queued(session, letter, [each.id for each in cases])
    }
    reminded = 0
    for each in cases:
        letter, step = _reminder(each, today)
        if (letter, each.id, each.due_on.isoformat(), step) not in told:
            facts = {**case_facts(each), "step": step, "told_on": today.isoformat()}
            _tell(session, each, members.get(each.assigned_to or ""), letter, facts)
            reminded += 1
    return reminded


def send_digest(session: Session, at: datetime) -> int:
    """Queue the digest of a working day for everybody who works on requests; none where nothing is open."""
    today = local(at).date()
    numbers = _numbers(session, at, today)
    by_hand = session.scalar(select(Task.id).where(Task.answered_at.is_(None)).limit(1))
    if today.weekday() >= WEEKEND or (not any(numbers.values()) and by_hand is None):
        return 0
    sent = 0
    for member in session.scalars(select(Staff).where(Staff.role.in_(DESK)).order_by(Staff.id)):
        if member.is_active:
            mine = select(func.count()).where(Case.assigned_to == member.id, Case.status.in_(OPEN))
            own = {"mine": str(session.scalar(mine) or 0), "tasks": str(count_for(session, member))}
            own["tasks_late"] = str(count_for(session, member, today))
            kept = {key: str(count) for key, count in numbers.items() if member.role is Role.MANAGER or key != "holds"}
            queue_member_letter(session, member, DIGEST, {"day_on": today.isoformat(), **own, **kept})
            sent += 1
    return sent


def _reminder(each: Case, today: date) -> tuple[str, str]:
    """Return the letter that fits the days left, and the step it belongs to."""
    left = (each.due_on - today).days
    if left < 0:
        return LATE, ""
    return DUE, str(next(step for step in STEPS if left <= step))


def _tell(session: Session, each: Case, owner: Staff | None, letter: str, facts: Mapping[str, str]) -> None:
    if owner is not None:
        queue_case_letter_to(session, each, owner, letter, facts)
    if owner is None or letter == LATE:
        queue_staff_letter(session, each, letter, facts)


def _numbers(session: Session, at: datetime, today: date) -> dict[str, int]:
    """Return what the digest counts, with a fixed number of queries."""
    week = today + timedelta(days=max(STEPS))
    given_up = select(func.count(func.distinct(Job.case_id))).where(Job.dead_at > at - timedelta(days=1))
    ending = LegalHold.ends_on.between(today, today + HOLD_SOON)
    counted = {
        "open": true(),
        "free": Case.assigned_to.is_(None),
        "soon": Case.due_on.between(today, week),
        "late": Case.due_on < today,
        "second": Case.status == Status.SECOND,
        "replies": Case.id.in_(_answered_by_person()),
    }
    sums = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in counted.values()]
    found = session.execute(select(*sums).where(Case.status.in_(OPEN))).one()
    return {
        **{key: int(count) for key, count in zip(counted, found, strict=True)},
        "bounced": bounced_open(session),
        "post": session.scalar(select(count_waiting())) or 0,
        "failed": session.scalar(given_up) or 0,
        "holds": session.scalar(select(func.count()).where(LegalHold.lifted_at.is_(None), ending)) or 0,
    }


def _answered_by_person() -> Select[str]:
    """Return the ids of the cases in which the person had the last word."""
    said = aliased(Message)
    later = select(said.id).where(
        said.case_id == Message.case_id, said.author != Author.NOTE, said.created_at > Message.created_at
    )
    return select(Message.case_id).where(Message.author == Author.PERSON, not_(later.exists()))
