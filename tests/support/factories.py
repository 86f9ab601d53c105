"""Cases, staff, cards and packages made the way the portal makes them: by its moves. Everybody is made up.

Rows written here pass ``flask verify``; a test that wants a breach plants it itself.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache

import pyotp
from argon2 import PasswordHasher
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.accounts.models import Role, Staff
from portal.accounts.staff import find
from portal.audit.events import CaseLocated, NoticeQueued, PackageMade, StaffAdded
from portal.audit.record import SYSTEM, Actor, ActorKind, record
from portal.cases.access import right_of, seal_json
from portal.cases.letters import queue_letter, queue_notices
from portal.cases.lifecycle import Identity, Move, Outcome, Status
from portal.cases.models import Case, Conversation, Decision, Evidence, Package
from portal.cases.moves import Filing, move, submit
from portal.cases.signing import Signature, sign
from portal.clock import local, now
from portal.db import new_id
from portal.files.keys import Purpose, data_key, seal
from portal.mail.outbox import Mail, mark_sent
from portal.rights.base import Answers

ADA = {"name": "Ada Peeters", "email": "ada@example.com", "residence": "be", "acting": "self"}
BEN = {"name": "Ben Ouali", "email": "ben@example.org", "residence": "nl", "acting": "self"}
PASSWORD = "made up, long enough"
POLICY = "2021-05-14"
PICTURE = b"SPECIMEN made up by code"
PACKAGE = b"PK\x03\x04 made up by code, long enough to be asked for in parts" * 40

ANSWERS: Mapping[str, Answers] = {
    "access": {"about": ["everything"], "form": [{"form": "copy", "from": "", "to": ""}]},
    "rectify": {
        "items": [
            {"what": "surname", "why": "wrong", "says": "Peters", "should": "Peeters", "where": "account", "proof": ""}
        ]
    },
    "erase": {"about": ["everything"], "erase_all": [{"understood": "yes"}]},
    "restrict": {"about": ["everything"], "pause_why": [{"case": "accuracy", "facts": "", "until": ""}]},
    "object": {"about": ["usage"], "circumstances": "I was stalked, and this shows where I am."},
    "port": {"about": ["everything"], "destination": [{"to": "me", "controller": ""}]},
    "withdraw": {"about": ["everything"]},
}
"""What somebody answers who exercises each right, as the conversation keeps it."""

MARKETING: Answers = {"about": ["marketing"]}
"""The objection that is carried out at once."""


def begin_draft(session: Session, right: str = "access", language: str = "nl") -> Conversation:
    """Begin a conversation whose answers are sealed under its own key."""
    moment, draft_id = now(), new_id()
    draft = Conversation(
        id=draft_id,
        language=language,
        rights=[right],
        answers=seal_json(session, draft_id, Purpose.ANSWERS, {"answers": dict(ANSWERS[right])}),
        created_at=moment,
        updated_at=moment,
    )
    session.add(draft)
    session.flush()
    return draft


def filing(
    right: str = "access",
    *,
    who: Mapping[str, str] = ADA,
    language: str = "nl",
    answers: Answers | None = None,
) -> Filing:
    """Return a signed request of ``who``."""
    said = answers if answers is not None else ANSWERS[right]
    signed = sign(right, said, dict(who), Signature(who["name"]), now(), POLICY)
    return Filing(right, language, said, who, signed, POLICY, "1")


def submit_case(
    session: Session,
    right: str = "access",
    *,
    who: Mapping[str, str] = ADA,
    language: str = "nl",
    answers: Answers | None = None,
) -> Case:
    """File a request of ``who``: received, with its receipt and the job that looks for the person."""
    draft = begin_draft(session, right, language)
    return submit(session, draft, [filing(right, who=who, language=language, answers=answers)])[0]


def submit_together(session: Session, *rights: str, who: Mapping[str, str] = ADA) -> dict[str, Case]:
    """File requests of ``who`` that were signed together, with one picture of a card; return them by right."""
    draft = begin_draft(session, rights[0])
    show_card(session, draft=draft)
    cases = submit(session, draft, [filing(right, who=who) for right in rights])
    return {case.right_slug: case for case in cases}


@cache
def light_hash() -> str:
    """Return a hash of ``PASSWORD`` that costs next to nothing; a real one costs a third of a second each."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def add_member(session: Session, role: Role = Role.REVIEWER, number: int = 1) -> Staff:
    """Return the made-up member of staff ``number`` with ``role``, added on first use; password ``PASSWORD``."""
    login = f"{role.value}{number}@medbook.example"
    if known := find(session, login):
        return known
    member_id = new_id()
    member = Staff(
        id=member_id,
        name=f"Rex {role.value} {number}",
        login=login,
        password_hash=light_hash(),
        totp_secret=seal(session, member_id, Purpose.STAFF, pyotp.random_base32().encode()),
        role=role,
        language="en",
        created_at=now(),
    )
    session.add(member)
    session.flush()
    record(session, StaffAdded(staff=member_id, roles=role.value), SYSTEM)
    return member


def actor_for(member: Staff) -> Actor:
    """Return ``member`` as the record names them."""
    return Actor(ActorKind.STAFF, member.id, member.role.value)


def locate(session: Session, case: Case, *, found: bool = True, on_file: bool = True, rows: int = 12) -> None:
    """Say that the person was looked for, as the worker does, and move the case on; notices go out where due."""
    findings = {"searched": 3, "rows": rows, "failed": [], "counts": [], "names": [], "addresses": [], "preview": []}
    case.findings = seal_json(session, case.id, Purpose.DECISION, findings)
    case.found, case.on_file, case.located_at = found, on_file, now()
    if case.at_once and on_file:
        case.identity, case.identity_at = Identity.MAILBOX, now()
    session.flush()
    told = CaseLocated(collections=3, searched=3, rows=rows, failed=0, on_file=on_file)
    record(session, told, SYSTEM, case.id)
    if case.at_once and on_file:
        move(session, case, Move.CARRY_OUT_AT_ONCE, SYSTEM)
        return
    move(session, case, Move.CHECK_IDENTITY, SYSTEM)
    if found and not on_file:
        queue_notices(session, case, ["on.file@example.org"])
        record(session, NoticeQueued(addresses=1), SYSTEM, case.id)


def accept_mails(session: Session, mails: Iterable[Mail]) -> None:
    """Say that the mail server took ``mails`` now."""
    for mail in mails:
        mark_sent(session, mail.id)


def confirm_identity(session: Session, case: Case, by: Staff, identity: Identity = Identity.CONFIRMED) -> None:
    """Settle who it is; from here the case waits for a decision."""
    session.execute(update(Case).where(Case.id == case.id).values(identity=identity, identity_at=now()))
    session.refresh(case)
    step = Move.CONFIRM_IDENTITY if identity is Identity.CONFIRMED else Move.SUSPECT
    move(session, case, step, actor_for(by))


def write_decision(
    session: Session, case: Case, by: Staff, outcome: Outcome = Outcome.GRANT, *, needs_second: bool | None = None
) -> Decision:
    """Write the next version of the decision; a refusal, and what the right says, needs a second person."""
    if needs_second is None:
        needs_second = outcome is Outcome.REFUSE or (outcome is Outcome.GRANT and right_of(case).four_eyes_on_grant)
    decision = Decision(
        id=new_id(),
        case_id=case.id,
        version=len(case.decisions) + 1,
        outcome=outcome,
        ground="unfounded" if outcome is Outcome.REFUSE else None,
        needs_second=needs_second,
        content=seal_json(session, case.id, Purpose.DECISION, {"reason": "We looked at everything.", "facts": ""}),
        decided_by=by.id,
        decided_at=now(),
    )
    session.add(decision)
    session.flush()
    case.decision_id = decision.id
    session.flush()
    session.refresh(case)
    return decision


def answer(session: Session, case: Case, by: Staff, second: Staff, outcome: Outcome = Outcome.GRANT) -> Decision:
    """Decide and send the answer, over the desk of the second person where one is needed."""
    decision = write_decision(session, case, by, outcome)
    if decision.needs_second:
        move(session, case, Move.PROPOSE, actor_for(by))
        decision.confirmed_by, decision.confirmed_at = second.id, now()
        session.flush()
        move(session, case, Move.CONFIRM, actor_for(second))
    else:
        move(session, case, Move.ANSWER, actor_for(by))
    return decision


def show_card(session: Session, *, case: Case | None = None, draft: Conversation | None = None) -> Evidence:
    """Put a picture of a card in the vault, under its own key."""
    card = Evidence(
        id=new_id(),
        case_id=case.id if case else None,
        conversation_id=draft.id if draft else None,
        width=856,
        height=540,
        masked=True,
        boxes=2,
        warnings=[],
        created_at=now(),
    )
    key = data_key(session, card.id, Purpose.IDENTITY, create=True)
    card.file = session.info["vault"].write(key, card.id, [PICTURE]).name
    session.add(card)
    session.flush()
    return card


def hand_over(session: Session, case: Case, content: bytes = PACKAGE) -> Package:
    """Put a package in the vault and hand it over, as carrying out does."""
    package_id, moment = new_id(), now()
    key = data_key(session, package_id, Purpose.PACKAGE, create=True)
    stored = session.info["vault"].write(key, package_id, [content])
    package = Package(
        id=package_id,
        case_id=case.id,
        file=stored.name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        rows=12,
        downloads=0,
        created_at=moment,
        expires_at=moment + timedelta(days=14),
    )
    session.add(package)
    session.flush()
    took = {"searched": 15, "milliseconds": 40}
    made = PackageMade(package=package_id, size=package.size, rows=package.rows, digest=package.sha256, **took)
    record(session, made, SYSTEM, case.id)
    facts = {"until_on": local(package.expires_at).date().isoformat()}
    if case.status is Status.ANSWERED:
        move(session, case, Move.HAND_OVER, SYSTEM, facts)
    else:
        queue_letter(session, case, "ready", facts)
    return package


def deciding_case(
    session: Session,
    right: str = "access",
    *,
    who: Mapping[str, str] = ADA,
    language: str = "nl",
    on_file: bool = True,
) -> Case:
    """File a request of a person who was found and whose identity is settled; it waits for a decision."""
    case = submit_case(session, right, who=who, language=language)
    locate(session, case, on_file=on_file)
    confirm_identity(session, case, add_member(session))
    return case


def finished_case(session: Session, right: str = "access", *, who: Mapping[str, str] = ADA) -> tuple[Case, Package]:
    """File a request of access or portability that was granted and whose package waits to be downloaded."""
    case = deciding_case(session, right, who=who)
    answer(session, case, add_member(session), add_member(session, Role.MANAGER))
    return case, hand_over(session, case)
