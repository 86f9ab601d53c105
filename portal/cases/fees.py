"""A fee for a repeated or excessive request (12(5)(a), 7.10): announced first, and owed only once it is accepted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.events import FeeAccepted, FeeAnnounced
from portal.audit.record import PERSON, Actor, record
from portal.cases.access import open_json, right_of, seal_json
from portal.cases.disagreements import open_of
from portal.cases.grounds import BURDEN_OURS, GROUNDS, Ground
from portal.cases.heard import hear
from portal.cases.letters import queue_staff_letter
from portal.cases.lifecycle import Move, Status
from portal.cases.models import Case, Fee
from portal.cases.moves import move
from portal.cases.parts import EarlierRequest, parts_of
from portal.clock import now, today
from portal.db import changed, new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose
from portal.words import N_

ANSWER_DAYS = 14
MOST_CENTS = 100_000
ACCEPTS = frozenset({Status.WAITING, Status.DECIDING})
"""Where a fee can be accepted: a question of the person meanwhile ends the wait, not the offer."""
NO_FEE = N_("No fee can be asked for this right.")
NO_FEE_AGAIN = N_("The person disagrees with an answer: looking at it again costs nothing.")
ONE_FEE = N_("A fee was announced before. That can be done only once.")


@dataclass(frozen=True, slots=True)
class Announced:
    """A fee as both sides read it.

    Attributes:
        cents: of a euro.
        ground: why it is asked.
        evidence: how we show that.
        costs: what the money is for.
        earlier: the earlier requests it rests on.
        answer_by: the day on which it lapses when the person says nothing.
        accepted_at: when the person accepted; None before that.
    """

    cents: int
    ground: Ground
    evidence: str = field(repr=False)
    costs: str = field(repr=False)
    earlier: tuple[EarlierRequest, ...]
    answer_by: date
    accepted_at: datetime | None

    def is_offered(self, case: Case, on: date) -> bool:
        """Return whether the person can still accept it on the day ``on``."""
        return self.accepted_at is None and case.status in ACCEPTS and self.answer_by >= on


def why_no_fee(session: Session, case: Case) -> str | None:
    """Return why no fee can be announced for ``case``, a source string; None where one can."""
    if not BURDEN_OURS & set(right_of(case).grounds):
        return NO_FEE
    if open_of(session, case) is not None:
        return NO_FEE_AGAIN
    return ONE_FEE if _row(session, case) is not None else None


def announce_fee(session: Session, case: Case, cents: int, content: Mapping[str, Any], version: int, by: Actor) -> None:
    """Announce a fee to the person; the case waits, its clock runs on. The caller commits.

    Args:
        session: a write session.
        case: the case.
        cents: of a euro.
        content: ``ground`` (a slug), ``evidence``, ``costs``, and ``earlier`` as ``cases.parts`` keeps it.
        version: of the case as the member of staff saw it.
        by: who does it.

    Raises:
        MoveRefused: no fee can be asked, or the case changed since.
    """
    if refused := why_no_fee(session, case):
        raise MoveRefused(refused)
    if case.version != version:
        raise MoveRefused
    answer_by = today() + timedelta(days=ANSWER_DAYS)
    session.add(
        Fee(
            id=new_id(),
            case_id=case.id,
            cents=cents,
            content=seal_json(session, case.id, Purpose.DECISION, dict(content)),
            announced_by=by.id,
            announced_at=now(),
            answer_by=answer_by,
        )
    )
    session.flush()
    record(session, FeeAnnounced(cents=cents, answer_by=answer_by.isoformat()), by, case.id)
    move(session, case, Move.ANNOUNCE_FEE, by, {"until_on": answer_by.isoformat()})


def accept_fee(session: Session, case: Case) -> None:
    """Note that the person accepts the fee, tell the desk and go on. The caller commits.

    Raises:
        MoveRefused: no fee waits for an answer, or its day is past.
    """
    waits = Fee.case_id == case.id, Fee.accepted_at.is_(None), Fee.answer_by >= today()
    if case.status not in ACCEPTS or not changed(session, update(Fee).where(*waits).values(accepted_at=now())):
        raise MoveRefused
    fee = session.scalars(select(Fee).where(Fee.case_id == case.id)).one()
    session.refresh(fee)
    record(session, FeeAccepted(cents=fee.cents), PERSON, case.id)
    if case.status is Status.WAITING:
        move(session, case, Move.ACCEPT_FEE, PERSON)
    else:  # whoever is deciding sees that it changed
        hear(session, case)
        if case.status not in ACCEPTS:
            raise MoveRefused
    queue_staff_letter(session, case, "staff-reply")


def fee_of(session: Session, case: Case) -> Announced | None:
    """Return the fee of ``case``; None without one, or once its content was forgotten."""
    row = _row(session, case)
    if row is None or case.forgotten_at is not None:
        return None
    said = open_json(session, case.id, Purpose.DECISION, row.content)
    return Announced(
        cents=row.cents,
        ground=GROUNDS[said["ground"]],
        evidence=said["evidence"],
        costs=said["costs"],
        earlier=parts_of(said).earlier,
        answer_by=row.answer_by,
        accepted_at=row.accepted_at,
    )


def _row(session: Session, case: Case) -> Fee | None:
    return session.scalars(select(Fee).where(Fee.case_id == case.id)).one_or_none()
