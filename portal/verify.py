"""``flask verify``: every invariant of the house, looked at from outside the code that should keep it."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, select, text
from sqlalchemy.orm import Session, aliased

from portal.accounts.handovers import KEPT
from portal.accounts.models import Handover
from portal.audit.events import AccountTrusted
from portal.audit.record import AuditEntry, exported_head, faults
from portal.cases.access import decision_of, may_release
from portal.cases.attachments import Attachment, key_of
from portal.cases.by_post import WRITE, PostLetter
from portal.cases.deadlines import add_months, deadline, extended
from portal.cases.disagreements import TERM_MONTHS, Disagreement, Ending
from portal.cases.letter_papers import LetterPaper
from portal.cases.letters import EXTENSION, NOTICE, RECEIPT
from portal.cases.lifecycle import RULES, Identity, Move, Status, Unmet
from portal.cases.models import Amendment, Carried, Case, Conversation, Evidence, Package, Paper
from portal.cases.papers import is_whole
from portal.cases.retention import (
    CARD_DAYS,
    CONTENT,
    DRAFT_DAYS,
    KEY_DAYS,
    PACKAGE_DAYS,
    content_due,
    known_files,
)
from portal.cases.trial import TRIAL_DAYS, TrialCopy
from portal.clock import local, now
from portal.config import settings_of
from portal.errors import PortalError
from portal.files.keys import DataKey, Purpose, data_key
from portal.files.vault import Vault
from portal.jobs.outbox import Job
from portal.mail.outbox import SEND, Mail, MailState

LATE = timedelta(days=1)  # the sweep runs once a night
ORPHAN_LIFE = timedelta(hours=24)
RELEASED = frozenset({Status.ANSWERED, Status.CARRIED_OUT, Status.CLOSED})


def breaches(session: Session) -> Iterator[str]:
    """Yield a sentence for each invariant that does not hold; ids and counts only (I2 to I14 of the threat model)."""
    yield from faults(session, exported_head(settings_of(session).data_dir))
    checks = (_files, _outbox, _histories, _clocks, _signatures, _releases, _forgotten, _overdue, _handovers, _database)
    for check in checks:
        yield from check(session)


def _files(session: Session) -> Iterator[str]:
    """I2: a row with a file has a file that opens with its key. I3: a file without a row is gone within a day."""
    vault: Vault = session.info["vault"]
    pictures, packages = session.scalars(select(Evidence)), session.scalars(select(Package))
    held = [(row.file, row.id, row.id, Purpose.IDENTITY, "") for row in pictures if row.file]
    held += [(row.file, row.id, row.id, Purpose.PACKAGE, row.sha256) for row in packages if row.file]
    papers = session.scalars(select(Paper))
    held += [(row.file, row.id, row.case_id, Purpose.ANSWERS, row.sha256) for row in papers if row.file]
    copies = session.scalars(select(TrialCopy))
    held += [(row.file, row.id, row.id, Purpose.DECISION, "") for row in copies if row.file]
    letters = session.scalars(select(LetterPaper))
    held += [(row.file, row.id, row.case_id, Purpose.DECISION, row.sha256) for row in letters if row.file]
    posts = session.scalars(select(PostLetter))
    held += [(row.file, row.id, row.case_id, Purpose.CONTACT, row.sha256 or "") for row in posts if row.file]
    sent = session.scalars(select(Attachment))
    held += [(row.file, row.id, *key_of(row), "") for row in sent if row.file]
    for name, row_id, owner, purpose, sha256 in held:
        found = hashlib.sha256()
        try:
            for piece in vault.read(name, data_key(session, owner, purpose), row_id):
                found.update(piece)
        except (PortalError, OSError):
            yield f"files: {name} does not open for its {purpose.value} row"
        else:
            if sha256 and found.hexdigest() != sha256:
                yield f"files: {name} is not what was put into it"
    for path in vault.orphans(set(known_files(session)), now() - ORPHAN_LIFE - LATE):
        yield f"files: {path.name} has no row and was not taken away"


def _outbox(session: Session) -> Iterator[str]:
    """I5, I6: a mail is queued with its job; what is given up is marked so."""
    jobs = {job.payload["mail"]: job for job in session.scalars(select(Job).where(Job.kind == SEND))}
    for mail in session.scalars(select(Mail)):
        job = jobs.get(mail.id)
        if job is None:
            yield f"outbox: mail {mail.id} has no job"
        elif mail.state is MailState.QUEUED and (job.done_at or job.dead_at):
            yield f"outbox: mail {mail.id} waits for a job that has ended"
        elif mail.state in {MailState.SENT, MailState.BOUNCED} and not job.done_at:
            yield f"outbox: mail {mail.id} was sent but its job is still open"
    writing = {job.payload["post"]: job for job in session.scalars(select(Job).where(Job.kind == WRITE))}
    unwritten = select(PostLetter).join(Case, Case.id == PostLetter.case_id).where(Case.forgotten_at.is_(None))
    for row in session.scalars(unwritten.where(PostLetter.file.is_(None))):
        job = writing.get(row.id)
        if job is None or job.done_at or job.dead_at:
            yield f"outbox: letter {row.id} for the post is not written, and nothing writes it"


def _histories(session: Session) -> Iterator[str]:
    """I9: the moves in the record lead, each by its rule, from received to where the case is."""
    where: dict[str, str] = {}
    moves = select(AuditEntry).where(AuditEntry.kind.in_(("case:received", "case:moved"))).order_by(AuditEntry.seq)
    for entry in session.scalars(moves):
        case_id = entry.case_id or ""
        if entry.kind == "case:received":
            where[case_id] = Status.RECEIVED.value
            continue
        rule = RULES[Move(str(entry.facts["move"]))]
        before, after = str(entry.facts["before"]), str(entry.facts["after"])
        if before != where.get(case_id) or Status(before) not in rule.before:
            yield f"history: entry {entry.seq} does not start where case {case_id} was"
        if rule.to is not None and after != rule.to.value:
            yield f"history: entry {entry.seq} does not lead where its rule says"
        where[case_id] = after
    acknowledged = {case_id for case_id, _queued_at in _told(session, RECEIPT)}
    together = set(session.scalars(select(Case.conversation_id).where(Case.id.in_(acknowledged))))
    for case_id, status, conversation_id in session.execute(select(Case.id, Case.status, Case.conversation_id)):
        if where.get(case_id) != status.value:
            yield f"history: case {case_id} is not where its moves lead"
        if case_id not in acknowledged and (conversation_id is None or conversation_id not in together):
            yield f"history: case {case_id} was never acknowledged"


def _clocks(session: Session) -> Iterator[str]:
    """I14: the deadline follows from the moment of receipt, or from the moment the person did not agree."""
    clocks = select(Case.id, Case.received_at, Case.received_on, Case.first_due_on, Case.due_on)
    contested: dict[str, list[Disagreement]] = {}
    for row in session.scalars(select(Disagreement).order_by(Disagreement.made_at, Disagreement.id)):
        contested.setdefault(row.case_id, []).append(row)
    for case_id, at, day, first, due_on in session.execute(clocks):
        again = contested.get(case_id, [])
        due = again[0].due_before if again else due_on
        if again and not _is_term_of(again[-1], due_on):
            yield f"clock: the second look at case {case_id} has another last day than it should"
        follows = due == deadline(day) if first is None else (first, due) == (deadline(day), extended(deadline(day)))
        if day != local(at).date() or not follows:
            yield f"clock: the deadline of case {case_id} does not follow from its receipt"
    told = dict(_told(session, EXTENSION))
    for case_id, first in session.execute(select(Case.id, Case.first_due_on)):
        if first is not None and (case_id not in told or local(told[case_id]).date() > first):
            yield f"clock: nobody was told in time that the term of case {case_id} is longer"


def _told(session: Session, letter: str) -> list[tuple[str | None, datetime]]:
    """Return case and moment of every ``letter``, by mail or on paper."""
    mails = session.execute(select(Mail.case_id, Mail.queued_at).where(Mail.letter == letter))
    posts = session.execute(select(PostLetter.case_id, PostLetter.queued_at).where(PostLetter.letter == letter))
    return [(case_id, queued_at) for case_id, queued_at in (*mails, *posts)]


def _is_term_of(row: Disagreement, due_on: date) -> bool:
    if row.ending not in {None, Ending.ANEW}:
        return due_on == row.due_before
    return due_on == row.due_on == add_months(local(row.made_at).date(), TERM_MONTHS)


def _signatures(session: Session) -> Iterator[str]:
    """I15: what was signed, and added since, is what its hash was made of; each PDF rests on one of these hashes."""
    for case in session.scalars(select(Case).where(Case.forgotten_at.is_(None))):
        if not is_whole(session, case):
            yield f"signature: the text of case {case.id}, or what was added, is not what was signed"
    signed = {(case_id, sha256) for case_id, sha256 in session.execute(select(Case.id, Case.signed_hash))}
    signed |= {(case_id, sha256) for case_id, sha256 in session.execute(select(Amendment.case_id, Amendment.hash))}
    for case_id, number, last in session.execute(select(Paper.case_id, Paper.number, Paper.signed_hash)):
        if (case_id, last) not in signed:
            yield f"signature: PDF {number} of case {case_id} rests on nothing that was signed"


def _releases(session: Session) -> Iterator[str]:
    """I7, I10: nothing was released, erased or changed for a case whose guard was not met."""
    made = dict(session.execute(select(Package.case_id, func.max(Package.created_at)).group_by(Package.case_id)).all())
    done = select(Carried.case_id, func.max(Carried.done_at)).where(Carried.done_at.is_not(None))
    made |= {case_id: at for case_id, at in session.execute(done.group_by(Carried.case_id)) if at is not None}
    for case_id, at in sorted(made.items()):
        case = session.get_one(Case, case_id)
        missing = set(may_release(session, case, now())) - _known_later(session, case, at)
        if case.stopped_at is None and missing:
            yield f"release: case {case_id} was carried out although its guard is not met"
        if case.stopped_at is not None and at > case.stopped_at:
            yield f"release: case {case_id} was carried out after it was stopped"
    last = aliased(TrialCopy)
    newest = select(func.max(last.number)).where(last.case_id == TrialCopy.case_id).scalar_subquery()
    unlooked = select(Package.case_id).join(TrialCopy, TrialCopy.case_id == Package.case_id)
    unlooked = unlooked.where(TrialCopy.number == newest, TrialCopy.cleared_at.is_(None))
    for case_id in session.scalars(unlooked.where(Package.created_at > TrialCopy.asked_at)):
        yield f"release: the copy of case {case_id} went out although nobody looked it through"
    for case in session.scalars(select(Case).where(Case.status.in_(RELEASED), Case.decision_id.is_not(None))):
        decision = decision_of(session, case)
        if decision is None or decision.case_id != case.id:
            yield f"release: case {case.id} was answered without a decision of its own"
        elif decision.needs_second and decision.confirmed_by in {None, decision.decided_by}:
            yield f"release: case {case.id} had no second pair of eyes"
    living = select(Package.case_id).where(Package.destroyed_at.is_(None)).group_by(Package.case_id)
    for case_id in session.scalars(living.having(func.count() > 1)):
        yield f"release: case {case_id} has more than one package"


def _known_later(session: Session, case: Case, at: datetime) -> set[Unmet]:
    """Return what the guard says now and could not know at ``at``: a later legal hold, a notice that came back."""
    back = select(Mail.id).where(Mail.case_id == case.id, Mail.letter == NOTICE, Mail.bounced_at > at).limit(1)
    return {Unmet.LEGAL_HOLD} | ({Unmet.HOLD, Unmet.SECOND} if session.scalar(back) else set())


def _forgotten(session: Session) -> Iterator[str]:
    """I12: what was forgotten, or never came to be, has no key any more."""
    dropped = select(Attachment.id).where(Attachment.own_key, Attachment.file.is_(None))
    gone = {
        Purpose.IDENTITY: select(Evidence.id).where(Evidence.destroyed_at.is_not(None)).union(dropped),
        Purpose.PACKAGE: select(Package.id).where(Package.destroyed_at.is_not(None)),
        **{purpose: select(Case.id).where(Case.forgotten_at.is_not(None)) for purpose in CONTENT},
    }
    for purpose, owners in gone.items():
        living = select(DataKey.owner).where(DataKey.purpose == purpose, DataKey.wrapped.is_not(None))
        for owner in session.scalars(living.where(DataKey.owner.in_(owners))):
            yield f"forgetting: the {purpose.value} key of {owner} still lives"
    gone_copies = select(TrialCopy.id).where(TrialCopy.destroyed_at.is_not(None))
    living = select(DataKey.owner).where(DataKey.purpose == Purpose.DECISION, DataKey.wrapped.is_not(None))
    for owner in session.scalars(living.where(DataKey.owner.in_(gone_copies))):
        yield f"forgetting: the key of trial copy {owner} still lives"
    kept = select(Evidence.id).where(Evidence.destroyed_at.is_not(None), Evidence.fingerprint.is_not(None))
    for owner in session.scalars(kept):
        yield f"forgetting: the fingerprint of picture {owner} outlived its key"
    for row in (Paper, LetterPaper, PostLetter):
        kept = select(row.case_id).join(Case, Case.id == row.case_id).distinct()
        for case_id in session.scalars(kept.where(Case.forgotten_at.is_not(None), row.file.is_not(None))):
            yield f"forgetting: a PDF of case {case_id} is still there"
    rows = {Purpose.IDENTITY: select(Evidence.id).union(select(Attachment.id)), Purpose.PACKAGE: select(Package.id)}
    for purpose, owners in rows.items():
        old = and_(DataKey.wrapped.is_not(None), DataKey.created_at < now() - timedelta(days=KEY_DAYS) - LATE)
        lost = select(DataKey.owner).where(DataKey.purpose == purpose, old, DataKey.owner.not_in(owners))
        for owner in session.scalars(lost):
            yield f"forgetting: the {purpose.value} key of {owner} has no row"


def _overdue(session: Session) -> Iterator[str]:
    """I12: nothing is kept beyond its term and the night that follows it."""
    moment = now() - LATE
    terms = {
        "picture": select(Evidence.id).where(
            Evidence.destroyed_at.is_(None), Evidence.created_at < moment - timedelta(days=CARD_DAYS)
        ),
        "package": select(Package.id).where(
            Package.destroyed_at.is_(None), Package.created_at < moment - timedelta(days=PACKAGE_DAYS)
        ),
        "trial copy": select(TrialCopy.id).where(
            TrialCopy.destroyed_at.is_(None), TrialCopy.asked_at < moment - timedelta(days=TRIAL_DAYS)
        ),
        "draft": select(Conversation.id).where(
            func.coalesce(Conversation.submitted_at, Conversation.updated_at) < moment - timedelta(days=DRAFT_DAYS)
        ),
    }
    for what, late in terms.items():
        for owner in session.scalars(late):
            yield f"forgetting: {what} {owner} is kept beyond its term"
    for case in content_due(session, moment):
        yield f"forgetting: content of case {case.id} is kept beyond its term"


def _handovers(session: Session) -> Iterator[str]:
    """A link that was used holds nothing any more, and an account settles an identity only where the record says so."""
    late = select(Handover.id).where(Handover.created_at < now() - KEPT - LATE)
    for handover in session.scalars(late):
        yield f"hand-over: {handover} is kept beyond its term"
    for handover in session.scalars(
        select(Handover.id).where(Handover.used_at.is_not(None), Handover.said.is_not(None))
    ):
        yield f"hand-over: {handover} was used and still holds what was said"
    trusted = select(AuditEntry.case_id).where(AuditEntry.kind == AccountTrusted.kind)
    for case_id in session.scalars(select(Case.id).where(Case.identity == Identity.ACCOUNT, Case.id.not_in(trusted))):
        yield f"hand-over: case {case_id} rests on an account that nothing vouches for"


def _database(session: Session) -> Iterator[str]:
    """I13: the database itself is sound."""
    if session.get_bind().dialect.name == "sqlite":
        if session.scalar(text("pragma integrity_check")) != "ok":
            yield "database: integrity_check fails"
        if session.execute(text("pragma foreign_key_check")).first() is not None:
            yield "database: foreign_key_check fails"
