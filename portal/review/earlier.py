"""Earlier requests of the same person (7.10): what was asked, how long ago, what changed. Says, decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.cases.access import answers_of, contact_of, decision_of, findings_of, is_granted, right_of
from portal.cases.by_post import is_by_post
from portal.cases.lifecycle import Identity, Outcome
from portal.cases.models import Carried, Case
from portal.clock import local
from portal.register import Register
from portal.rights.access import period, wants_copy
from portal.rights.base import Activity, Answers, Right, fields_of
from portal.rights.scope import scope
from portal.words import N_

MOST = 20
"""Earlier requests that are looked at, the newest."""
LONG_AGO = timedelta(days=365)
"""After this long a new request is reasonable, whatever was answered before."""

SAME_MAILBOX, SAME_ACCOUNT, SAME_NAME = N_("same mailbox"), N_("same account"), N_("only the same name")
SAME_ADDRESS = N_("same name and postal address")

OTHER_PERSON = N_("Only the name is the same: it may be somebody else.")
NEVER_SETTLED = N_("It was never settled who asked then: it may be somebody else.")
OTHER_RIGHT = N_("Another right was asked then.")
OTHER_SCOPE = N_("Something else was asked then.")
NOT_ANSWERED = N_("That request was not answered in substance.")
TOO_LONG_AGO = N_("More than a year ago: asking again is reasonable.")
CHANGED = N_("The data changed since, so the same question can have another answer.")
UNKNOWN = N_("Nobody can tell any more what was asked or found then.")


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier request beside the one at hand.

    Attributes:
        case: the earlier request.
        known_by: why it is taken for the same person, a source string.
        days: from the receipt of that one to the receipt of this one.
        same_scope: whether it covered all that is asked now; None where that was forgotten.
        rows: how many rows were found more (or fewer, below 0) now than then; None where that is not known.
        changed: whether other rows are found than then, by their number, or a request of the person changed some since;
            None where that is not known. What stands in the rows is not compared.
        answered_on: the day of its answer; None without one.
        why_not: why this one does not carry "repeated", a source string; empty where it does.
    """

    case: Case
    known_by: str
    days: int
    same_scope: bool | None
    rows: int | None
    changed: bool | None
    answered_on: date | None
    why_not: str

    @property
    def supports(self) -> bool:
        """Whether a refusal as repeated, or a fee, may rest on it."""
        return not self.why_not

    @property
    def kept(self) -> dict[str, str]:
        """What a decision that rests on it keeps."""
        answered = self.answered_on.isoformat() if self.answered_on else ""
        on = self.case.received_on.isoformat()
        return {"reference": self.case.reference, "received_on": on, "answered_on": answered}


def earlier_requests(session: Session, case: Case) -> tuple[Earlier, ...]:
    """Return the earlier requests of the person of ``case``, newest first; what was sent together is not among them."""
    same = [Case.mailbox == case.mailbox, Case.name_hash == case.name_hash]
    if case.account_hash is not None:
        same.append(Case.account_hash == case.account_hash)
    before = select(Case).where(or_(*same), Case.id != case.id, Case.received_at <= case.received_at)
    if case.conversation_id is not None:
        before = before.where(or_(Case.conversation_id.is_(None), Case.conversation_id != case.conversation_id))
    found = session.scalars(before.order_by(Case.received_at.desc(), Case.id).limit(MOST)).all()
    return tuple(_beside(session, case, each) for each in found)


def _beside(session: Session, case: Case, then: Case) -> Earlier:
    right, living = right_of(case), case.forgotten_at is None and then.forgotten_at is None
    same_right = then.right_slug == case.right_slug
    same_scope = changed = rows = None
    if living:
        register: Register = session.info["register"]
        asked, asked_then = answers_of(session, case), answers_of(session, then)
        same_scope = same_right and covers(right, asked_then, asked, register.activities)
        rows, changed = _difference(_counts(session, case), _counts(session, then))
        if changed is False and then.answered_at is not None:
            changed = _was_changed_since(session, then, then.answered_at)
    known_by = _known_by(session, case, then)
    days = (case.received_on - then.received_on).days
    doubts = (
        (OTHER_PERSON, known_by == SAME_NAME),
        (NEVER_SETTLED, known_by == SAME_ADDRESS and then.identity is not Identity.CONFIRMED),
        (OTHER_RIGHT, not same_right),
        (NOT_ANSWERED, not _in_substance(session, then)),
        (TOO_LONG_AGO, days > LONG_AGO.days),
        (UNKNOWN, same_scope is None or changed is None),
        (OTHER_SCOPE, same_scope is False),
        (CHANGED, changed is True),
    )
    return Earlier(
        case=then,
        known_by=known_by,
        days=days,
        same_scope=same_scope,
        rows=rows,
        changed=changed,
        answered_on=local(then.answered_at).date() if then.answered_at else None,
        why_not=next((sentence for sentence, holds in doubts if holds), ""),
    )


def covers(right: Right, then: Answers, now: Answers, register: Sequence[Activity]) -> bool:
    """Return whether a request with the answers ``then`` covered all that ``now`` asks under the same ``right``."""
    before, after = scope(right, then, register), scope(right, now, register)
    if not {each.slug for each in after.activities} <= {each.slug for each in before.activities}:
        return False
    if fields_of(now, "trace") != fields_of(then, "trace"):
        return False
    if right.slug == "access":
        return _within(period(now), period(then)) and (wants_copy(then) or not wants_copy(now))
    return all(item in _items(then) for item in _items(now))


def _items(answers: Answers) -> list[dict[str, str]]:
    return [
        {key: " ".join(str(item.get(key, "")).casefold().split()) for key in ("what", "says", "should", "where")}
        for item in answers.get("items", ())
        if isinstance(item, dict)
    ]


def _within(inner: tuple[date | None, date | None], outer: tuple[date | None, date | None]) -> bool:
    first = outer[0] is None or (inner[0] is not None and inner[0] >= outer[0])
    return first and (outer[1] is None or (inner[1] is not None and inner[1] <= outer[1]))


def _known_by(session: Session, case: Case, then: Case) -> str:
    if case.account_hash is not None and case.account_hash == then.account_hash:
        return SAME_ACCOUNT
    if case.mailbox != then.mailbox:
        return SAME_NAME
    on_paper = case.forgotten_at is None and is_by_post(contact_of(session, case))
    return SAME_ADDRESS if on_paper else SAME_MAILBOX


def _in_substance(session: Session, then: Case) -> bool:
    decision = decision_of(session, then)
    if then.answered_at is None:
        return False
    return decision is None or is_granted(decision) or decision.outcome is Outcome.NO_DATA


def _counts(session: Session, case: Case) -> Mapping[str, int] | None:
    said = findings_of(session, case)
    if not said or said.get("failed"):
        return None
    return {str(each["key"]): int(each["rows"]) for each in said.get("counts", ())} | {"": int(said.get("rows", 0))}


def _was_changed_since(session: Session, then: Case, at: datetime) -> bool:
    """Return whether a request of the person of ``then`` changed something at a source after ``at``."""
    same = Case.mailbox == then.mailbox
    if then.account_hash is not None:
        same = or_(same, Case.account_hash == then.account_hash)
    since = select(Carried.id).join(Case, Case.id == Carried.case_id).where(same, Carried.changed > 0)
    return session.scalar(since.where(Carried.done_at > at).limit(1)) is not None


def _difference(now: Mapping[str, int] | None, then: Mapping[str, int] | None) -> tuple[int | None, bool | None]:
    if now is None or then is None:
        return None, None
    return now[""] - then[""], now != then
