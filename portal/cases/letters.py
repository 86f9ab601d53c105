"""Which letter goes to whom, and what a decision letter says. Mail only tells that something waits."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import Staff
from portal.accounts.tokens import LinkPurpose, make_link
from portal.cases.by_post import WRITE, PostLetter, is_by_post, queue_post, unwritten_post
from portal.cases.grounds import GROUNDS, Ground
from portal.cases.lifecycle import HOLD, OPEN, Outcome
from portal.cases.models import Case, Decision
from portal.cases.parts import NO_PARTS, Parts, parts_of
from portal.cases.remedies import Remedies, remedies
from portal.clock import local, now
from portal.config import settings_of
from portal.db import new_id
from portal.files.keys import Purpose, open_sealed
from portal.jobs.outbox import Job
from portal.mail import outbox
from portal.mail.outbox import Facts, Mail, MailState
from portal.rights import RIGHTS

NOTICE = "asked-in-your-name"
RECEIPT = "receipt"
EXTENSION = "extension"
PASSED_ON = "passed-on"
RESUME = "resume"
TOLD = "recipient-notice"
SENT_ON = "sent-on"


def queue_letter(
    session: Session, case: Case, letter: str, facts: Facts | None = None, leaves_at: datetime | None = None
) -> Mail | PostLetter:
    """Queue ``letter`` to the person of ``case`` in the caller's transaction, to leave at once or at ``leaves_at``.

    Who has no mailbox gets it on paper.
    """
    contact = json.loads(open_sealed(session, case.id, Purpose.CONTACT, case.contact))
    told = {**case_facts(case), **(facts or {})}
    if is_by_post(contact):
        return queue_post(session, case, letter, told, leaves_at)
    address, language = contact["email"], case.language
    return outbox.queue(session, letter, language, address, told, owner=case.id, case_id=case.id, leaves_at=leaves_at)


def waiting_letter(session: Session, case: Case, letter: str) -> tuple[Mail | PostLetter, str] | None:
    """Return the newest ``letter`` to the person that did not leave yet, and the id of the job that takes it on."""
    queued = select(Mail).where(Mail.case_id == case.id, Mail.letter == letter, Mail.state == MailState.QUEUED)
    mail = session.scalars(queued.order_by(Mail.queued_at.desc()).limit(1)).one_or_none()
    row = mail or unwritten_post(session, case, letter)
    jobs = session.scalars(select(Job).where(Job.case_id == case.id, Job.kind.in_((outbox.SEND, WRITE))))
    return next(((row, job.id) for job in jobs if row is not None and row.id in job.payload.values()), None)


def queue_receipt(session: Session, cases: Sequence[Case], told: Mapping[str, str] | None = None) -> Mail | PostLetter:
    """Queue one receipt for all ``cases`` that were sent together; it hangs on the first.

    ``told`` says what else it shows of a request that came in otherwise: that it is ``unread``, and how many
    attachments were ``left_out``.
    """
    listed = [case_facts(case) for case in cases]
    references = ", ".join(case.reference for case in cases)
    facts: Facts = {"references": references, "requests": listed, **(told or {})}
    return queue_letter(session, cases[0], RECEIPT, facts)


def queue_way_back(session: Session, conversation_id: str, address: str, language: str, until: date) -> Mail:
    """Queue the letter with the way back to a request that was not sent: its link asks a code, sent to ``address``."""
    facts = {"until_on": until.isoformat(), "resume": make_link(session, LinkPurpose.RESUME, conversation_id)}
    return outbox.queue(session, RESUME, language, address, facts, owner=conversation_id)


def queue_staff_letter(session: Session, case: Case, letter: str, facts: Mapping[str, str] | None = None) -> Mail:
    """Queue ``letter`` to the privacy mailbox: a reference and a link, no name."""
    address, told = settings_of(session).controller.email, {**case_facts(case), **(facts or {})}
    owner = case.id if case.forgotten_at is None else new_id()  # what a forgotten case seals under is gone
    return outbox.queue(session, letter, "nl", address, told, owner=owner, case_id=case.id)


def queue_case_letter_to(session: Session, case: Case, member: Staff, letter: str, facts: Mapping[str, str]) -> Mail:
    """Queue ``letter`` about ``case`` to a member of staff, in their language: no name."""
    return outbox.queue(session, letter, member.language, member.login, facts, owner=case.id, case_id=case.id)


def queue_member_letter(session: Session, member: Staff, letter: str, facts: Mapping[str, str]) -> Mail:
    """Queue ``letter`` to a member of staff, in their language: references, dates and counts, no name."""
    return outbox.queue(session, letter, member.language, member.login, facts, owner=member.id)


def letters_queued(session: Session, letter: str, case_ids: Sequence[str]) -> list[tuple[str, Mapping[str, str]]]:
    """Return case and facts of every ``letter`` that was queued for one of these cases."""
    known = select(Mail.case_id, Mail.facts).where(Mail.letter == letter, Mail.case_id.in_(case_ids))
    return [(str(case_id), facts) for case_id, facts in session.execute(known)]


def queue_passed_on(session: Session, case: Case, address: str) -> Mail:
    """Tell another controller that a request concerns it: reference, right and day. No name, no answer, no way in."""
    return outbox.queue(session, PASSED_ON, case.language, address, case_facts(case), owner=case.id, case_id=case.id)


def queue_notices(session: Session, case: Case, addresses: list[str]) -> int:
    """Tell every address on file that somebody asks this in their name, with a link that stops it. Return how many."""
    facts = {**case_facts(case), "stop": make_link(session, LinkPurpose.STOP, case.id)}
    for address in addresses:
        outbox.queue(session, NOTICE, case.language, address, facts, owner=case.id, case_id=case.id)
    return len(addresses)


def queue_recipient_notice(session: Session, case: Case, recipient_id: str, address: str) -> Mail:
    """Tell one recipient of a person's data that something changed in it (Art. 19), with a link to confirm it."""
    facts = {"reference": case.reference, "told": make_link(session, LinkPurpose.TOLD, recipient_id)}
    return outbox.queue(session, TOLD, case.language, address, facts, owner=recipient_id, case_id=case.id)


def queue_transmission(
    session: Session, case: Case, sending_id: str, address: str, language: str, until: datetime
) -> Mail:
    """Send another controller the link by which it takes a person's file (Art. 20(2)): reference, last day, no name."""
    link = make_link(session, LinkPurpose.RECEIVE, sending_id)
    facts = {"reference": case.reference, "receive": link, "until_on": local(until).date().isoformat()}
    return outbox.queue(session, SENT_ON, language, address, facts, owner=case.id, case_id=case.id)


def fates_of(session: Session, mail_ids: Iterable[str]) -> dict[str, tuple[datetime | None, bool]]:
    """Return by id when each mail was sent, and whether it never arrived: given up, or it came back."""
    lost = {MailState.FAILED, MailState.BOUNCED}
    found = select(Mail.id, Mail.sent_at, Mail.state).where(Mail.id.in_(list(mail_ids)))
    return {mail_id: (sent_at, state in lost) for mail_id, sent_at, state in session.execute(found)}


def hold_ends_at(session: Session, case: Case) -> datetime | None:
    """Return when the 72 hours are over: counted from the last notice that its mail server accepted.

    None where no notice was accepted, or one still waits to be: the hold has no end then. A notice that was given up
    (an old address that no longer exists) or came back does not count beside one that was accepted; one that came back
    alone ends no hold.
    """
    return fates_of_mails(session, [case.id])[0][case.id]


def fates_of_mails(session: Session, case_ids: Sequence[str]) -> tuple[dict[str, datetime | None], set[str]]:
    """Return, with one query for many cases, ``hold_ends_at`` by case id, and the ids of those of which a mail to the
    person, or to an address on file, came back.
    """
    sent: dict[str, list[datetime | None]] = {case_id: [] for case_id in case_ids}
    back: set[str] = set()
    counted = and_(Mail.letter == NOTICE, Mail.state.in_({MailState.QUEUED, MailState.SENT}))
    returned = and_(Mail.state == MailState.BOUNCED, Mail.letter.not_like("staff-%"))
    found = select(Mail.case_id, Mail.state, Mail.sent_at).where(Mail.case_id.in_(case_ids), or_(counted, returned))
    for case_id, state, sent_at in session.execute(found):
        if state is MailState.BOUNCED:
            back.add(str(case_id))
        else:
            sent[str(case_id)].append(sent_at if state is MailState.SENT else None)
    return {case_id: _hold_end(moments) for case_id, moments in sent.items()}, back


def _hold_end(moments: Sequence[datetime | None]) -> datetime | None:
    accepted = [moment for moment in moments if moment is not None]
    if not moments or len(accepted) < len(moments):
        return None
    return max(accepted) + HOLD


def hold_begun(session: Session, case: Case) -> bool:
    """Whether anybody was told that this is asked in their name: from then on the case stays held."""
    return session.scalar(select(Mail.id).where(Mail.case_id == case.id, Mail.letter == NOTICE).limit(1)) is not None


def is_unreachable(session: Session, case: Case) -> bool:
    """Whether nobody on file can be told of this request: no address is known, or every notice was given up.

    A notice that came back keeps the hold for 72 hours from when that was known: time to reach the person otherwise.
    """
    if case.on_file or case.located_at is None:
        return False
    alive = Mail.state.in_({MailState.QUEUED, MailState.SENT})
    came_back = and_(Mail.state == MailState.BOUNCED, Mail.bounced_at > now() - HOLD)
    told = select(Mail.id).where(Mail.case_id == case.id, Mail.letter == NOTICE, or_(alive, came_back)).limit(1)
    return session.scalar(told) is None


def bounced_open(session: Session) -> int:
    """Return how many open cases have a mail to the person, or to an address on file, that came back."""
    back = select(Mail.case_id).where(Mail.state == MailState.BOUNCED, Mail.letter.not_like("staff-%"))
    return session.scalar(select(func.count()).where(Case.status.in_(OPEN), Case.id.in_(back))) or 0


def mails_of(session: Session, case: Case) -> list[Mail]:
    """Return the mails of ``case``, oldest first: letter, state and moment, no address. The receipt may be shared."""
    together = select(Case.id).where(Case.conversation_id == case.conversation_id)
    shared = and_(Mail.letter == RECEIPT, Mail.case_id.in_(together))
    return list(session.scalars(select(Mail).where(or_(Mail.case_id == case.id, shared)).order_by(Mail.queued_at)))


def case_facts(case: Case) -> dict[str, str]:
    """Return what a letter may show of a case: reference, right, dates, id of its page."""
    return {
        "case_id": case.id,
        "reference": case.reference,
        "right": case.right_slug,
        "right_title": RIGHTS[case.right_slug].title,
        "received_on": case.received_on.isoformat(),
        "due_on": case.due_on.isoformat(),
    }


@dataclass(frozen=True, slots=True)
class DecisionLetter:
    """Everything a decision letter says; one template shows it to the reviewer and to the person."""

    reference: str
    right: str
    received_on: date
    outcome: Outcome
    ground: Ground | None
    reason: str
    facts: str
    kept: tuple[dict[str, str], ...]
    changes: tuple[dict[str, str], ...]
    remedies: Remedies
    decided_on: date
    partly: bool = False  # granted, but not everything that was asked
    to_other: bool = False  # the person wanted the file sent to another organisation (Art. 20(2))
    opening: str = field(default="", repr=False)  # the reviewer's own words before and after what follows by itself
    closing: str = field(default="", repr=False)
    parts: Parts = NO_PARTS


def compose(case: Case, decision: Decision, content: Mapping[str, object], answered_on: date) -> DecisionLetter:
    """Return the letter for ``decision``, whose opened content is ``content``."""
    return DecisionLetter(
        reference=case.reference,
        right=case.right_slug,
        received_on=case.received_on,
        outcome=decision.outcome,
        ground=GROUNDS[decision.ground] if decision.ground else None,
        reason=str(content.get("reason", "")),
        facts=str(content.get("facts", "")),
        kept=_lines(content, "kept"),
        changes=_lines(content, "changes"),
        remedies=remedies(case.residence, answered_on, late=answered_on > case.due_on),
        decided_on=local(decision.decided_at).date(),
        partly=bool(content.get("partly")),
        to_other=bool(content.get("to_other")),
        opening=str(content.get("opening", "")),
        closing=str(content.get("closing", "")),
        parts=parts_of(content),
    )


def _lines(content: Mapping[str, object], key: str) -> tuple[dict[str, str], ...]:
    found = content.get(key, ())
    return tuple(dict(line) for line in found) if isinstance(found, list) else ()
