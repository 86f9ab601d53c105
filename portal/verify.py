"""``flask verify``: every invariant of the house, looked at from outside the code that should keep it."""

from collections.abc import Iterator

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.audit.record import AuditEntry, exported_head, faults
from portal.cases.access import decision_of, may_release
from portal.cases.letters import mails_of
from portal.cases.lifecycle import RULES, Move, Status
from portal.cases.models import Carried, Case, Evidence, Package
from portal.cases.retention import CARD_DAYS, known_files
from portal.clock import now
from portal.config import settings_of
from portal.files.keys import KeyDestroyed, Purpose, SealBroken, data_key
from portal.files.vault import Vault
from portal.jobs.outbox import Job
from portal.mail.outbox import SEND, Mail, MailState


def breaches(session: Session) -> Iterator[str]:
    """Yield a sentence for each invariant that does not hold; ids and counts only (I2 to I13 of the threat model)."""
    yield from faults(session, exported_head(settings_of(session).data_dir))
    for check in (_files, _outbox, _histories, _releases, _forgotten, _database):
        yield from check(session)


def _files(session: Session) -> Iterator[str]:
    """I2: a row with a file has a file that opens with its key. I3: what has no row has no key."""
    vault: Vault = session.info["vault"]
    held = [(row.file, row.id, Purpose.IDENTITY) for row in session.scalars(select(Evidence)) if row.file]
    held += [(row.file, row.id, Purpose.PACKAGE) for row in session.scalars(select(Package)) if row.file]
    for name, owner, purpose in held:
        try:
            for _piece in vault.read(name, data_key(session, owner, purpose), owner):
                pass
        except (KeyDestroyed, SealBroken, OSError):
            yield f"files: {name} does not open for its {purpose.value} row"
    orphans = vault.orphans(set(known_files(session)), now())
    if len(orphans) > 1000:
        yield f"files: {len(orphans)} files without a row"


def _outbox(session: Session) -> Iterator[str]:
    """I5, I6: a mail is queued with its job; what is given up is marked so."""
    jobs = {job.payload["mail"]: job for job in session.scalars(select(Job).where(Job.kind == SEND))}
    for mail in session.scalars(select(Mail)):
        job = jobs.get(mail.id)
        if job is None:
            yield f"outbox: mail {mail.id} has no job"
        elif mail.state is MailState.QUEUED and (job.done_at or job.dead_at):
            yield f"outbox: mail {mail.id} waits for a job that has ended"


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
        if entry.facts["before"] != where.get(case_id) or Status(str(entry.facts["before"])) not in rule.before:
            yield f"history: entry {entry.seq} does not start where case {case_id} was"
        where[case_id] = str(entry.facts["after"])
    for case in session.scalars(select(Case)):
        if where.get(case.id) != case.status.value:
            yield f"history: case {case.id} is not where its moves lead"
        if not any(mail.letter == "receipt" for mail in mails_of(session, case)):
            yield f"history: case {case.id} was never acknowledged"


def _releases(session: Session) -> Iterator[str]:
    """I7, I10: nothing was released, erased or changed for a case whose guard was not met."""
    released = set(session.scalars(select(Package.case_id))) | set(session.scalars(select(Carried.case_id)))
    for case_id in sorted(released):
        case = session.get_one(Case, case_id)
        if case.stopped_at is None and may_release(session, case, now()):
            yield f"release: case {case_id} was carried out although its guard is not met"
        decision = decision_of(session, case)
        if decision and decision.needs_second and decision.confirmed_by in {None, decision.decided_by}:
            yield f"release: case {case_id} had no second pair of eyes"


def _forgotten(session: Session) -> Iterator[str]:
    """I12: what should be gone is gone: no key for a destroyed picture or package, none older than its term."""
    for purpose, rows in (
        (Purpose.IDENTITY, select(Evidence.id).where(Evidence.destroyed_at.is_not(None))),
        (Purpose.PACKAGE, select(Package.id).where(Package.destroyed_at.is_not(None))),
    ):
        for owner in session.scalars(rows):
            if _has_key(session, owner, purpose):
                yield f"forgetting: the {purpose.value} key of {owner} still lives"
    for card in session.scalars(select(Evidence).where(Evidence.destroyed_at.is_(None))):
        if (now() - card.created_at).days > CARD_DAYS + 1 and card.case_id:
            yield f"forgetting: picture {card.id} is older than {CARD_DAYS} days"


def _database(session: Session) -> Iterator[str]:
    """I13: the database itself is sound."""
    if session.get_bind().dialect.name == "sqlite":
        if session.scalar(text("pragma integrity_check")) != "ok":
            yield "database: integrity_check fails"
        if session.execute(text("pragma foreign_key_check")).first() is not None:
            yield "database: foreign_key_check fails"


def _has_key(session: Session, owner: str, purpose: Purpose) -> bool:
    try:
        data_key(session, owner, purpose)
    except KeyDestroyed:
        return False
    return True
