"""Cases on the desk, as the worker leaves them after it searched the sources. All persons are made up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts.models import Staff
from portal.audit.record import SYSTEM, Actor, ActorKind
from portal.cases.access import seal_json
from portal.cases.letters import queue_notices
from portal.cases.lifecycle import Identity, Move
from portal.cases.models import Case, Conversation, Evidence
from portal.cases.moves import Filing, move, submit
from portal.cases.signing import Signature, sign
from portal.cases.strokes import Strokes
from portal.clock import now
from portal.db import new_id
from portal.demo.specimen import draw_specimen
from portal.files.keys import Purpose, data_key
from portal.review.handling import assign
from portal.review.identity import Judgement, judge
from portal.rights.base import Answer
from tests.support.critic import Critic, post_forms

POLICY = "2021-05-14"
ANSWERS: dict[str, dict[str, Answer]] = {
    "access": {"about": ["everything"], "form": [{"form": "copy"}]},
    "erase": {"about": ["everything"], "erase_all": [{"understood": "yes"}]},
    "port": {"about": ["everything"], "destination": [{"to": "me", "controller": ""}]},
    "restrict": {"about": ["usage"], "pause_why": [{"case": "accuracy"}]},
    "rectify": {
        "items": [
            {"what": "My surname", "why": "wrong", "says": "Jansens", "should": "Janssens", "where": "account"},
            {
                "what": "An assessment",
                "why": "wrong",
                "says": "unsatisfactory",
                "should": "I disagree",
                "where": "usage",
            },
        ]
    },
}
PREVIEW = [
    {
        "title": {"nl": "Account", "en": "Account"},
        "rows": 2,
        "effect": "delete",
        "why": {"nl": "niet meer nodig", "en": "no longer needed"},
        "until": None,
    },
    {
        "title": {"nl": "Beoordelingen", "en": "Assessments"},
        "rows": 46,
        "effect": "deidentify",
        "why": "7.10",
        "until": None,
    },
    {
        "title": {"nl": "Facturen", "en": "Invoices"},
        "rows": 7,
        "effect": "keep",
        "why": {"nl": "art. 60 WBTW", "en": "art. 60 VAT Code"},
        "until": "2033-12-31",
    },
]
CORRECTABLE = [
    {
        "key": "medbook.accounts.full_name",
        "title": {"nl": "Naam", "en": "Name"},
        "values": [{"value": "Lies Jansens", "row": [7]}, {"value": "Lies Jansens", "row": [8]}],
        "type": "text",
        "length": 30,
    },
    {
        "key": "supplement:medbook.assessments",
        "title": {"nl": "Beoordeling", "en": "Assessment"},
        "values": [{"value": "2022-05-01 · Laat", "row": [41]}, {"value": "2022-06-01 · Stil", "row": [42]}],
        "type": "text",
        "length": None,
    },
    {
        "key": "medbook.accounts.born_on",
        "title": {"nl": "Geboren", "en": "Born"},
        "values": [{"value": "1990-12-10", "row": [7]}],
        "type": "date",
        "length": None,
    },
]


@dataclass(frozen=True, slots=True)
class Filed:
    """How a case comes in. ``age`` is how long ago; ``findings`` are what the search says otherwise than usual."""

    right: str = "erase"
    name: str = "Lies Janssens"
    email: str = "lies@example.com"
    language: str = "nl"
    on_file: bool = True
    found: bool = True
    card: bool = True
    age: timedelta = timedelta()
    answers: Mapping[str, Answer] | None = None
    known_email: str = ""
    acting: str = "self"
    account: str = ""  # of who was handed over by the app
    findings: Mapping[str, object] | None = None
    strokes: Strokes | None = None


def file_case(session: Session, filed: Filed | None = None, **changes: Any) -> Case:
    """File a case and search the sources for it, with what they hold made up; its identity is to be checked."""
    wish, moment = replace(filed or Filed(), **changes), now()
    contact = {"name": wish.name, "email": wish.email, "residence": "be", "acting": wish.acting}
    conversation = Conversation(
        id=new_id(), language=wish.language, rights=[wish.right], created_at=moment, updated_at=moment
    )
    session.add(conversation)
    session.flush()
    if wish.known_email:
        contact["known_email"] = wish.known_email
    if wish.account:
        contact |= {"account": wish.account, "handed_over_at": moment.isoformat()}
    answers = wish.answers or ANSWERS[wish.right]
    signed = sign(wish.right, answers, contact, Signature(wish.name, wish.strokes), moment, POLICY)
    filing = Filing(wish.right, wish.language, answers, contact, signed, POLICY, "1")
    case = submit(session, conversation, [filing])[0]
    _backdate(session, case, wish.age)
    if wish.card:
        show_card(session, case, wish.name)
    _locate(session, case, wish, moment)
    move(session, case, Move.CHECK_IDENTITY, SYSTEM)
    return case


def show_card(session: Session, case: Case, name: str) -> Evidence:
    """Give the case a picture of a made-up card, sealed in the vault."""
    card_id = new_id()
    key = data_key(session, card_id, Purpose.IDENTITY, create=True)
    card = Evidence(
        id=card_id,
        case_id=case.id,
        file=session.info["vault"].write(key, card_id, [draw_specimen(name, case.language)]).name,
        width=1600,
        height=1000,
        masked=True,
        warnings=[],
        created_at=now(),
    )
    session.add(card)
    session.flush()
    return card


def give(session: Session, case: Case, member: Staff) -> None:
    """Give the case to ``member``."""
    assign(session, case, member.id, case.assigned_to, actor(member))
    session.refresh(case)


def settle(session: Session, case: Case, member: Staff, verdict: Identity = Identity.CONFIRMED) -> None:
    """Have ``member`` take the case and judge who it is; the case is then to be decided."""
    give(session, case, member)
    said = Judgement(
        verdict, {"name": "yes", "signature": "yes"}, "phoned the known number", "Who are you?", case.version
    )
    judge(session, case, said, actor(member))


def actor(member: Staff) -> Actor:
    """Return ``member`` as the record names them."""
    return Actor(ActorKind.STAFF, member.id, member.role.value)


def staff_named(session: Session, login: str) -> Staff:
    """Return the member of staff who signs in with ``login``."""
    return session.scalars(select(Staff).where(Staff.login == login)).one()


def _backdate(session: Session, case: Case, age: timedelta) -> None:
    if age:
        times: Mapping[str, datetime] = {"received_at": case.received_at - age}
        dates = {"received_on": case.received_on - age, "due_on": case.due_on - age}
        session.execute(update(Case).where(Case.id == case.id).values(**times, **dates))
        session.refresh(case)


def _locate(session: Session, case: Case, wish: Filed, moment: datetime) -> None:
    known = wish.email if wish.on_file else "other@example.com"
    case.findings = seal_json(
        session,
        case.id,
        Purpose.DECISION,
        {
            "searched": 27,
            "rows": 55 if wish.found else 0,
            "failed": [],
            "counts": [{"key": "medbook.accounts", "title": {"nl": "Account"}, "rows": 2, "state": "found"}],
            "names": ["Lies M. Janssens"] if wish.found else [],
            "addresses": [{"address": known, "changed_at": None, "counts": True}] if wish.found else [],
            "mailbox_on_file": wish.on_file,
            "preview": PREVIEW if wish.found else [],
            "rectifiable": CORRECTABLE if wish.right == "rectify" else [],
            "previewed_at": moment.isoformat(),
            **(wish.findings or {}),
        },
    )
    case.located_at, case.found, case.on_file = moment, wish.found, wish.on_file
    session.flush()
    if wish.found and not wish.on_file:
        queue_notices(session, case, [known])


def press(browser: Critic, path: str, action: str, values: Mapping[str, object] | None = None) -> TestResponse:
    """Open ``path``, fill in the form that goes to an address ending in ``action``, and send it.

    ``values`` may name what the form does not have: a made-up field travels along, as a forger would send it.
    """
    page = browser.get(path)
    assert page.status_code == 200, f"{path} answered {page.status_code}"
    return press_on(browser, page, action, values)


def press_on(
    browser: Critic, page: TestResponse, action: str, values: Mapping[str, object] | None = None
) -> TestResponse:
    """Fill in and send a form of a page that is open already."""
    found = [(where, held) for where, held, _names in post_forms(page) if where.endswith(action)]
    assert found, f"no form goes to {action}"
    where, held = found[0]
    return browser.post(where, data={**held, **(values or {})})
