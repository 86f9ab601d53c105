"""Who asks for somebody else shows that they may, and a second person sees it before anything is granted."""

from sqlalchemy import select

from portal.audit.desk_events import MandateSeen
from portal.audit.record import AuditEntry
from portal.cases.lifecycle import Identity, Status
from portal.cases.models import Case, Decision
from portal.db import Database
from tests.support.arriving import press as act
from tests.support.arriving import the_case, upload
from tests.support.critic import Critic
from tests.support.desk import file_case, press
from tests.support.factories import locate
from tests.support.mails import mail
from tests.support.reading import unbroken
from tests.web.test_desk_decision import at, look, ready, reread, send

FOR_OTHER = {"acting": "other", "known_email": "child@example.com"}


def test_who_asks_for_somebody_else_is_confirmed_by_what_shows_that_they_may(rex: Critic, database: Database) -> None:
    with database.writing() as session:
        case = file_case(session, right="access", card=False, **FOR_OTHER)
    press(rex, at(case), "/take")
    page = rex.get(at(case)).text
    assert ("check-mandate" in page, "check-name" in page, "check-signature" in page) == (True, False, False)
    said = {"verdict": "confirmed", "check-asker": "yes", "check-mandate": "yes", "other_proof": ""}
    refused = press(rex, at(case), "/identity", said)
    assert (refused.status_code, 'id="other_proof-error"' in refused.text) == (422, True)
    doubted = press(rex, at(case), "/identity", said | {"check-mandate": "no", "other_proof": "A letter"})
    assert doubted.status_code == 422
    assert (
        press(rex, at(case), "/identity", said | {"other_proof": "Birth certificate, in the messages"}).status_code
        == 303
    )
    assert reread(database, case).identity is Identity.CONFIRMED


def test_a_grant_to_who_asks_for_somebody_else_waits_for_a_second_person_who_saw_the_mandate(
    rex: Critic, max_: Critic, database: Database
) -> None:
    case = ready(database, right="access", **FOR_OTHER)
    assert "They ask for someone else" in rex.get(at(case)).text
    assert send(rex, case, {"outcome": "grant"}).status_code == 303
    assert reread(database, case).status is Status.SECOND
    refused = press(max_, f"{at(case)}/second", "/confirm")
    assert (refused.status_code, 'id="mandate_seen-error"' in refused.text) == (422, True)
    assert "phoned the known number" in refused.text, "the note on what was shown stands on the page"
    assert press(max_, f"{at(case)}/second", "/confirm", {"mandate_seen": "yes"}).status_code == 303
    assert reread(database, case).status is Status.ANSWERED
    with database.reader() as session:
        seen = select(AuditEntry.actor_id).where(AuditEntry.case_id == case.id, AuditEntry.kind == MandateSeen.kind)
        decision = session.scalars(select(Decision).where(Decision.case_id == case.id)).one()
        assert session.scalars(seen).all() == [decision.confirmed_by]


def test_a_refusal_to_who_asks_for_somebody_else_needs_no_look_at_a_mandate(
    rex: Critic, max_: Critic, database: Database
) -> None:
    case = ready(database, right="access", **FOR_OTHER)
    words = {"outcome": "refuse", "ground": "no-mandate", "reason": "U toont geen volmacht.", "facts": "Geen antwoord."}
    assert look(rex, case, words).status_code == 200
    assert send(rex, case, words).status_code == 303
    assert press(max_, f"{at(case)}/second", "/confirm").status_code == 303


def test_a_mail_for_somebody_else_says_so_until_it_is_settled_who_asks(rex: Critic, database: Database) -> None:
    upload(rex, bytes(mail()))
    case = the_case(database)
    act(rex, case, "take")
    asked = {"right": "access", "language": "nl", "acting": "other"}
    missing = act(rex, case, "asked", **asked)
    assert (missing.status_code, 'id="known_email-error"' in missing.text) == (422, True)
    assert act(rex, case, "asked", **asked, known_email="child@example.com").status_code == 303
    with database.writing() as session:
        locate(session, session.get_one(Case, case.id))
    page = unbroken(rex.get(f"/desk/cases/{case.id}").text)
    assert "child@example.com" in page
    assert "How may you act for this person?" in page
    with database.writing() as session:
        session.get_one(Case, case.id).identity = Identity.CONFIRMED
    assert act(rex, case, "asked", **asked, known_email="another@example.com").status_code == 409
    assert act(rex, case, "asked", right="access", language="fr", acting="self").status_code == 409
