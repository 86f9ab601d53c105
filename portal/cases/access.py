"""Loading a case is the permission check; opening what is sealed in it happens here too. Writes nothing."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Role, Staff
from portal.cases.holds import held_anew
from portal.cases.letters import hold_ends_at, is_unreachable
from portal.cases.lifecycle import OPEN, Identity, Outcome, ReleaseFacts, Status, Unmet, unmet
from portal.cases.models import Case, Decision, Evidence, Message, Package
from portal.cases.siblings import card_siblings, siblings
from portal.cases.signing import Undersigned, undersigned
from portal.cases.undo import is_held
from portal.clock import now
from portal.errors import NotYours
from portal.files.keys import Purpose, open_many, open_sealed, seal
from portal.rights import RIGHTS
from portal.rights.base import Answers, Effect, Right
from portal.rights.ladder import Ladder

UNSETTLED = frozenset({Identity.OPEN, Identity.DOUBT, Identity.UNPROVEN})


def ladder_of(session: Session) -> Ladder:
    """Return what the operator wants as proof of identity."""
    found: Ladder = session.info["ladder"]
    return found


def case_of_person(session: Session, case_id: str, mailbox: str) -> Case:
    """Return the case if it was filed from ``mailbox`` (its keyed hash).

    Raises:
        NotYours: there is no such case, or it is another person's; the two look the same.
    """
    case = session.scalars(select(Case).where(Case.id == case_id, Case.mailbox == mailbox)).one_or_none()
    if case is None:
        raise NotYours
    return case


def cases_of_person(session: Session, mailbox: str) -> list[Case]:
    """Return every case filed from ``mailbox``, newest first."""
    return list(session.scalars(select(Case).where(Case.mailbox == mailbox).order_by(Case.received_at.desc())))


def case_for_staff(session: Session, case_id: str, member: Staff) -> Case:
    """Return the case for a member of staff who may read cases.

    Raises:
        NotYours: there is no such case, or this role reads no content (the auditor).
    """
    case = session.get(Case, case_id)
    if case is None or member.role not in {Role.REVIEWER, Role.MANAGER}:
        raise NotYours
    return case


def evidence_of(session: Session, case: Case) -> Evidence | None:
    """Return the picture that still lives for this case; cases sent together that ask a card have one picture."""
    owners = [case.id, *(each.id for each in card_siblings(session, case))]
    living = select(Evidence).where(Evidence.case_id.in_(owners), Evidence.destroyed_at.is_(None))
    return session.scalars(living.order_by(Evidence.created_at.desc()).limit(1)).one_or_none()


def awaits_picture(session: Session, case: Case) -> bool:
    """Return whether the person may send a new picture: asked something, not known yet, and no picture is left."""
    waits = case.status is Status.WAITING and case.needs_card and case.identity in UNSETTLED
    return waits and evidence_of(session, case) is None


def package_of(session: Session, case: Case) -> Package | None:
    """Return the newest package of this case, expired or not."""
    newest = select(Package).where(Package.case_id == case.id).order_by(Package.created_at.desc()).limit(1)
    return session.scalars(newest).one_or_none()


def right_of(case: Case) -> Right:
    """Return the right this case is about."""
    return RIGHTS[case.right_slug]


def answers_of(session: Session, case: Case) -> Answers:
    """Return the answers as they were signed."""
    found: Answers = open_json(session, case.id, Purpose.ANSWERS, case.answers)
    return found


def contact_of(session: Session, case: Case) -> dict[str, str]:
    """Return name, address and what else the person said of who they are."""
    found: dict[str, str] = open_json(session, case.id, Purpose.CONTACT, case.contact)
    return found


def contacts_of(session: Session, cases: Sequence[Case]) -> dict[str, dict[str, str]]:
    """Return ``contact_of`` for many cases with one query, by case id; forgotten ones are left out."""
    opened = open_many(session, Purpose.CONTACT, {case.id: case.contact for case in cases})
    return {case_id: json.loads(blob) for case_id, blob in opened.items()}


def signature_of(session: Session, case: Case) -> Undersigned:
    """Return how and when the request was signed."""
    return undersigned(open_json(session, case.id, Purpose.ANSWERS, case.signed_text)["text"])


def findings_of(session: Session, case: Case) -> dict[str, Any]:
    """Return what locating found: counts, names and addresses on file, the dry run. Empty before that."""
    if case.findings is None:
        return {}
    found: dict[str, Any] = open_json(session, case.id, Purpose.DECISION, case.findings)
    return found


def decision_of(session: Session, case: Case) -> Decision | None:
    """Return the decision in force or proposed: the latest version."""
    return session.get(Decision, case.decision_id) if case.decision_id else None


def decision_content(session: Session, decision: Decision) -> dict[str, Any]:
    """Return reason, facts and corrections of ``decision``."""
    found: dict[str, Any] = open_json(session, decision.case_id, Purpose.DECISION, decision.content)
    return found


def text_of(session: Session, message: Message) -> str:
    """Return what ``message`` says."""
    return open_sealed(session, message.case_id, Purpose.MESSAGES, message.text).decode()


def open_json(session: Session, owner: str, purpose: Purpose, blob: bytes) -> Any:
    """Return the value sealed as JSON."""
    return json.loads(open_sealed(session, owner, purpose, blob))


def seal_json(session: Session, owner: str, purpose: Purpose, value: object) -> bytes:
    """Seal ``value`` as JSON under the key of ``owner`` for ``purpose``."""
    return seal(session, owner, purpose, json.dumps(value, ensure_ascii=False, sort_keys=True).encode())


def may_release(session: Session, case: Case, at: datetime, deciding: Decision | None = None) -> tuple[Unmet, ...]:
    """Return what keeps ``case`` from being released at ``at``; empty means nothing does.

    Args:
        session: any session.
        case: the case.
        at: the moment, aware.
        deciding: the decision to look at, where it is not the one of the case.
    """
    decision = deciding or decision_of(session, case)
    return unmet(
        ReleaseFacts(
            identity=case.identity,
            stopped=case.stopped_at is not None,
            found=case.found,
            on_file=case.on_file,
            hold_ends_at=hold_ends_at(session, case),
            outcome=decision.outcome if decision else None,
            decided_by=decision.decided_by if decision else None,
            confirmed_by=decision.confirmed_by if decision else None,
            needs_second=decision.needs_second if decision else False,
            at_once=case.at_once and decision is None,  # once the desk decided, its decision counts
            unreachable=nobody_to_tell(session, case),
            held_anew=held_anew(session, case, decision.decided_at if decision else at),
        ),
        at,
    )


def nobody_to_tell(session: Session, case: Case) -> bool:
    """Whether nobody on file can be told of this request, and every source was asked.

    One that did not answer may know an address: until it does, the 72 hours have not begun.
    """
    if not is_unreachable(session, case):
        return False
    return case.forgotten_at is not None or not findings_of(session, case).get("failed")


def awaited_copy(session: Session, case: Case) -> Case | None:
    """Return the request for a copy, sent together with this one to delete, that is neither handed over nor refused.

    As long as there is one nothing is deleted: what is gone can no longer be copied.
    """
    if right_of(case).effect is not Effect.ERASE:
        return None
    copies = (each for each in siblings(session, case) if right_of(each).gives_package)
    return next((each for each in copies if _is_due(session, each)), None)


def _is_due(session: Session, copy: Case) -> bool:
    owed = copy.status in OPEN or is_held(copy, now())
    return owed or (copy.status is Status.ANSWERED and is_granted(decision_of(session, copy)))


def is_granted(decision: Decision | None) -> bool:
    """Whether ``decision`` lets something happen at a source or leave in a package."""
    return decision is not None and decision.outcome is Outcome.GRANT
