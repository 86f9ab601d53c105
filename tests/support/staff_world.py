"""Something to see on the pages of staff: an invitation, a waiting reset, a hold, a check, a secret that waits."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from portal.accounts.activations import ask_reset, invite
from portal.accounts.factors import actor_of, new_secret
from portal.accounts.models import Passkey, Role, Staff
from portal.accounts.tokens import LinkPurpose, make_link
from portal.audit.checking import RecordCheck
from portal.cases.holds import Order, set_hold
from portal.cases.models import Case
from portal.clock import now, today
from portal.db import new_id

ORDER = "Rechtbank van eerste aanleg Leuven, 2026/17/A"


@dataclass(frozen=True, slots=True)
class StaffWorld:
    """What is there, by id."""

    invited: str  # a member of staff who has not begun yet
    activate_token: str
    begun: str  # an activation whose code and password were typed


def make_staff_world(session: Session, staff: dict[Role, str], case_id: str) -> StaffWorld:
    """Put something of everything there; ``case_id`` is the request that the hold is about."""
    members = {role: session.get_one(Staff, staff_id) for role, staff_id in staff.items()}
    admin, manager = members[Role.ADMIN], members[Role.MANAGER]
    nora, activation = invite(session, "Nora Claes", "nora@medbook.example", Role.REVIEWER, "nl", actor_of(admin))
    otto, begun = invite(session, "Otto Claes", "otto@medbook.example", Role.AUDITOR, "nl", actor_of(admin))
    for member in (otto, manager, members[Role.REVIEWER], members[Role.ADMIN]):
        new_secret(session, member)
    session.add(_passkey(manager))
    days, case = timedelta(days=3), session.get_one(Case, case_id)
    order = Order(ORDER, today() - days, today() + timedelta(days=365), ("medbook.invoices",), case)
    set_hold(session, order, actor_of(manager))
    ask_reset(session, members[Role.AUDITOR], actor_of(admin))
    for found, fault in ((0, None), (1, "audit: entry 7 was changed")):
        at = now() - timedelta(days=1 + found)
        session.add(RecordCheck(started_at=at, ended_at=at, entries=1234, faults=found, first_fault=fault))
    session.flush()
    return StaffWorld(nora.id, make_link(session, LinkPurpose.ACTIVATE, activation.id), begun.id)


def _passkey(member: Staff) -> Passkey:
    return Passkey(
        id=new_id(),
        staff_id=member.id,
        handle="0" * 64,
        credential=b"made up",
        public_key=b"made up",
        name="Sleutel aan mijn bos",
        created_at=now(),
    )
