"""A portal in which something of everything is there, so that every page has something to show. Ada is the person.

Rows are put where a walk would have left them; how they get there is proven by the journeys.
"""

from dataclasses import dataclass
from datetime import timedelta

import pyotp
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.codes import mailbox_hash
from portal.accounts.handovers import Introduced, hand_over
from portal.accounts.models import Role
from portal.accounts.staff import new_row
from portal.accounts.tokens import LinkPurpose, make_link
from portal.audit.events import StaffAdded
from portal.audit.record import SYSTEM, record
from portal.cases.access import seal_json
from portal.cases.lifecycle import Identity, Outcome, Status
from portal.cases.models import Case, Conversation, Decision, Evidence, Package
from portal.cases.moves import Filing, submit
from portal.cases.recipients import Disclosed, Recipient, note_recipients, tell_recipients
from portal.cases.signing import Signature, sign
from portal.cases.tasks import Wanted, make_tasks, tasks_of
from portal.clock import now
from portal.db import Database, new_id
from portal.delivery.transmission import Transmission
from portal.demo.specimen import draw_specimen
from portal.files.keys import Purpose, data_key
from portal.intake import conversations, script
from portal.intake.wishes import Wish
from portal.rights import RIGHTS
from portal.rights.base import Answer
from tests.support.factories import light_hash
from tests.support.staff_world import StaffWorld, make_staff_world

ADA = {"name": "Ada Peeters", "email": "ada@example.com", "residence": "be", "acting": "self"}
ANSWERS: dict[str, Answer] = {"about": ["everything"], "form": [{"form": "copy"}]}
POLICY = "2021-05-14"
PACKAGE = b"PK made up for the tests"
DECISION = {"reason": "Everything is in order.", "facts": "", "kept": [], "changes": [], "corrections": []}


@dataclass(frozen=True, slots=True)
class World:
    """What is there, by id."""

    draft: str  # a conversation that is finished but not sent, with a picture of a card
    steps: tuple[str, ...]  # the turns of that conversation
    sent: str  # the conversation that became ``finished_case``
    mailbox: str  # Ada's, as a hash
    open_case: str  # its identity is being checked, by ``reviewer``
    card: str  # the picture of ``open_case``
    doubted_case: str  # it waits for a new picture of the card, which is chosen and not covered yet
    second_case: str  # a refusal that waits for a second pair of eyes
    finished_case: str  # carried out, with a package that can be downloaded
    package: str
    stop_token: str
    told_token: str  # of the link that a recipient of Ada's data got
    receive_token: str  # of the link that another controller got to Ada's file
    handover_token: str  # of a link that was not used yet
    resume_token: str  # of the link that leads back to ``draft``
    task: str  # somebody is to look by hand
    staff: dict[Role, str]
    desk: StaffWorld  # what there is to see of accounts, holds and the record


def make_world(app: Flask) -> World:
    """Fill the empty portal ``app``."""
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        mailbox = mailbox_hash(session, ADA["email"])
        staff = {role: _hire(session, role) for role in Role}
        reviewer = staff[Role.REVIEWER]
        draft = _draft(session, mailbox)
        _show_card(session, conversation_id=draft.id)
        open_case, second, finished = _file(session, "erase"), _file(session, "restrict"), _file(session, "access")
        _settle(session, open_case, Status.IDENTITY, Identity.OPEN, reviewer)
        card = _show_card(session, case_id=open_case.id)
        doubted = _file(session, "port")
        _settle(session, doubted, Status.WAITING, Identity.DOUBT, reviewer)
        _show_card(session, conversation_id=doubted.conversation_id)
        _settle(session, second, Status.SECOND, Identity.CONFIRMED, reviewer)
        _decide(session, second, Outcome.REFUSE, reviewer)
        _settle(session, finished, Status.CARRIED_OUT, Identity.CONFIRMED, reviewer)
        _decide(session, finished, Outcome.GRANT, reviewer)
        return World(
            draft=draft.id,
            steps=tuple(step.key for step in draft.steps if step.question),
            sent=str(finished.conversation_id),
            mailbox=mailbox,
            open_case=open_case.id,
            card=card,
            doubted_case=doubted.id,
            second_case=second.id,
            finished_case=finished.id,
            package=_pack(session, finished),
            stop_token=make_link(session, LinkPurpose.STOP, open_case.id),
            told_token=_tell_a_recipient(session, open_case),
            receive_token=_send_on(session, finished),
            resume_token=make_link(session, LinkPurpose.RESUME, draft.id),
            handover_token=hand_over(session, Introduced("nl", ADA["name"], ADA["email"], "7", now()), new_id())[0],
            task=_ask_by_hand(session, finished),
            staff=staff,
            desk=make_staff_world(session, staff, finished.id),
        )


def _tell_a_recipient(session: Session, case: Case) -> str:
    note_recipients(session, case, [Disclosed("Made-up Bank", "bank@example.com", "contract", ("2026-03-01",), ("7",))])
    tell_recipients(session, case)
    recipient = session.scalars(select(Recipient).where(Recipient.case_id == case.id)).one()
    return make_link(session, LinkPurpose.TOLD, recipient.id)


def _send_on(session: Session, case: Case) -> str:
    package = session.scalars(select(Package).where(Package.case_id == case.id)).one()
    sending = Transmission(case_id=case.id, package_id=package.id, name="Made-up Portfolio", made_at=now())
    session.add(sending)
    session.flush()
    return make_link(session, LinkPurpose.RECEIVE, sending.id)


def _ask_by_hand(session: Session, case: Case) -> str:
    texts = {"nl": "Het papieren archief", "en": "The paper archive"}
    make_tasks(session, case, [Wanted("archive", texts, {"en": "Letters to and from this person"}, "reviewer", "", 7)])
    session.flush()
    return tasks_of(session, case)[0].id


def another_draft(app: Flask) -> tuple[str, str]:
    """Give ``app`` one more conversation that is finished but not sent; return its id and Ada's mailbox."""
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        mailbox = mailbox_hash(session, ADA["email"])
        draft = _draft(session, mailbox)
        _show_card(session, conversation_id=draft.id)
        return draft.id, mailbox


def _hire(session: Session, role: Role) -> str:
    login, secret = f"{role.value}@medbook.example", pyotp.random_base32()
    member = new_row(session, f"Rex {role.value}", login, light_hash(), role, "nl", secret)
    record(session, StaffAdded(staff=member.id, roles=role.value), SYSTEM)
    return member.id


def _draft(session: Session, mailbox: str) -> conversations.Draft:
    draft = conversations.begin(session, "nl", [RIGHTS["access"]], "What do you know of me?")
    draft.wishes = [Wish(RIGHTS["access"], dict(ANSWERS)), Wish(RIGHTS["withdraw"], {"about": ["research"]})]
    draft.person = {script.CONTACT.key: [ADA]}
    draft.done = {script.CODE, script.IDENTITY, script.SIGN}
    draft.code_for = draft.mailbox = mailbox
    draft.signature, draft.signed_at = ADA["name"], now()
    conversations.save(session, draft, "nl")
    return draft


def _file(session: Session, right: str) -> Case:
    moment = now()
    conversation = Conversation(id=new_id(), language="nl", created_at=moment, updated_at=moment, rights=[right])
    session.add(conversation)
    session.flush()
    signed = sign(right, ANSWERS, ADA, Signature(ADA["name"]), moment, POLICY)
    return submit(session, conversation, [Filing(right, "nl", ANSWERS, ADA, signed, POLICY, "1")])[0]


def _settle(session: Session, case: Case, status: Status, identity: Identity, staff_id: str) -> None:
    moment = now()
    case.status, case.identity, case.assigned_to = status, identity, staff_id
    case.found = case.on_file = True
    case.located_at = moment
    case.waits_before = Status.IDENTITY.value if status is Status.WAITING else None
    if status is Status.CARRIED_OUT:
        case.answered_at = case.carried_out_at = moment
    session.flush()


def _show_card(session: Session, case_id: str | None = None, conversation_id: str | None = None) -> str:
    picture_id = new_id()
    key = data_key(session, picture_id, Purpose.IDENTITY, create=True)
    jpeg = draw_specimen(ADA["name"], "nl")
    session.add(
        Evidence(
            id=picture_id,
            case_id=case_id,
            conversation_id=conversation_id,
            file=session.info["vault"].write(key, picture_id, [jpeg]).name,
            width=1600,
            height=1000,
            warnings=[],
            created_at=now(),
        )
    )
    return picture_id


def _decide(session: Session, case: Case, outcome: Outcome, staff_id: str) -> None:
    refused = outcome is Outcome.REFUSE
    decision = Decision(
        id=new_id(),
        case_id=case.id,
        version=1,
        outcome=outcome,
        ground="unfounded" if refused else None,
        needs_second=refused,
        content=seal_json(session, case.id, Purpose.DECISION, DECISION),
        decided_by=staff_id,
        decided_at=now(),
    )
    session.add(decision)
    session.flush()
    session.execute(update(Case).where(Case.id == case.id).values(decision_id=decision.id))


def _pack(session: Session, case: Case) -> str:
    package_id = new_id()
    key = data_key(session, package_id, Purpose.PACKAGE, create=True)
    stored = session.info["vault"].write(key, package_id, [PACKAGE])
    moment = now()
    session.add(
        Package(
            id=package_id,
            case_id=case.id,
            file=stored.name,
            size=stored.size,
            sha256=stored.sha256,
            rows=1,
            created_at=moment,
            expires_at=moment + timedelta(days=14),
        )
    )
    return package_id
