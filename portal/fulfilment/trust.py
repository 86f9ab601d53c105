"""Whether the account that the controller's app handed over settles who the person is. Looks at no source itself."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.events import AccountNotTrusted, AccountTrusted
from portal.audit.record import SYSTEM, AuditEntry, record
from portal.cases.access import answers_of, contact_of, right_of
from portal.cases.lifecycle import Identity, Move, Status
from portal.cases.models import Case
from portal.cases.moves import move
from portal.clock import now
from portal.rights.base import Proof


def weigh_account(session: Session, case: Case, *, same: bool) -> None:
    """Settle the identity of a person who was handed over, or leave it to the desk; nothing for all others.

    Args:
        session: a write session.
        case: the case, after every source was searched.
        same: whether the mailbox of the case belongs to exactly the account that was handed over.
    """
    if "account" not in contact_of(session, case):
        return
    if same:
        _trust(session, case)
    elif case.identity is Identity.ACCOUNT or (case.identity is Identity.OPEN and not _was_told(session, case)):
        _ask_for_more(session, case)


def _trust(session: Session, case: Case) -> None:
    """Go on to deciding; what the desk found out meanwhile is not touched."""
    if case.identity is not Identity.OPEN or case.status is not Status.IDENTITY:
        return
    case.identity, case.identity_at, case.needs_card = Identity.ACCOUNT, now(), False
    session.flush()
    record(session, AccountTrusted(), SYSTEM, case.id)
    move(session, case, Move.TRUST_ACCOUNT, SYSTEM)


def _ask_for_more(session: Session, case: Case) -> None:
    """Leave it to the desk, which may ask for a card; where a later search takes trust back, it is a doubt."""
    if case.identity is Identity.ACCOUNT:
        case.identity, case.identity_at = Identity.DOUBT, now()
    case.needs_card = right_of(case).proof(answers_of(session, case)) is Proof.ID_FRONT
    case.version += 1
    session.flush()
    record(session, AccountNotTrusted(), SYSTEM, case.id)


def _was_told(session: Session, case: Case) -> bool:
    told = select(AuditEntry.seq).where(AuditEntry.case_id == case.id, AuditEntry.kind == AccountNotTrusted.kind)
    return session.scalar(told.limit(1)) is not None
