"""Other controllers of the data (clause 2.3): having them told, once each, when the person wants it."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.events import PassedOn
from portal.audit.record import PERSON, AuditEntry, record
from portal.cases.access import decision_content, decision_of
from portal.cases.letters import queue_passed_on
from portal.cases.lifecycle import OPEN
from portal.cases.models import Case
from portal.cases.parts import Other, parts_of
from portal.db import changed
from portal.errors import MoveRefused, NotYours
from portal.ui.forms import is_address


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another controller that the answer names, and whether it was told; ``reachable`` is whether we have a mailbox."""

    other: Other
    told: bool
    reachable: bool


def elsewhere(session: Session, case: Case) -> list[Elsewhere]:
    """Return the other controllers that the answer to ``case`` names; none before it was sent, or once forgotten."""
    decision = decision_of(session, case)
    if decision is None or case.answered_at is None or case.forgotten_at is not None or case.status in OPEN:
        return []
    others = parts_of(decision_content(session, decision)).others
    if not others:
        return []
    entries = select(AuditEntry.facts).where(AuditEntry.case_id == case.id, AuditEntry.kind == PassedOn.kind)
    told = {str(facts["to"]) for facts in session.scalars(entries)}
    return [Elsewhere(other, other.slug in told, is_address(other.contact)) for other in others]


def pass_on(session: Session, case: Case, slug: str) -> Other:
    """Tell the controller ``slug`` that a request concerns it; the caller commits.

    Raises:
        NotYours: the answer names no such controller.
        MoveRefused: it was told before, or has no mailbox.
    """
    found = next((each for each in elsewhere(session, case) if each.other.slug == slug), None)
    if found is None:
        raise NotYours
    once = update(Case).where(Case.id == case.id, Case.version == case.version).values(version=case.version + 1)
    if found.told or not found.reachable or not changed(session, once):
        raise MoveRefused
    session.refresh(case)
    record(session, PassedOn(to=slug), PERSON, case.id)
    queue_passed_on(session, case, found.other.contact)
    return found.other
