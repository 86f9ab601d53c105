"""Requests that were sent together: one card and one verdict for all, each with a life and a record of its own."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from portal.accounts.models import Role
from portal.accounts.tokens import LinkPurpose, make_link
from portal.audit.events import CardViewed, IdentityJudged, PackageMade, SourceChanged
from portal.audit.record import PERSON, AuditEntry
from portal.cases.access import awaited_copy, evidence_of
from portal.cases.letters import RECEIPT, mails_of
from portal.cases.lifecycle import Identity, Move, Outcome, Status
from portal.cases.models import Author, Case, Evidence, Message
from portal.cases.moves import move
from portal.cases.retention import CARD_DAYS, sweep
from portal.clock import now
from portal.config import SourceUrls
from portal.db import Database
from portal.demo.medbook import build, demo_people
from portal.demo.specimen import draw_specimen
from portal.files.keys import KeyDestroyed, Purpose, data_key
from portal.mail.outbox import Mail
from portal.verify import breaches
from tests.support.critic import Critic
from tests.support.desk import press
from tests.support.factories import (
    ADA,
    add_member,
    answer,
    confirm_identity,
    locate,
    submit_together,
)
from tests.support.portals import make_settings, portal, work
from tests.support.visitors import signed_in, with_mailbox

Cases = dict[str, Case]
ALL_YES = {f"check-{key}": "yes" for key in ("name", "valid", "front", "signature")}


@pytest.fixture
def rex(app: Flask) -> Critic:
    """Give the browser of a reviewer."""
    return signed_in(app, Role.REVIEWER)


@pytest.fixture
def cases(database: Database) -> Cases:
    """Give three requests sent together: access was searched for, rectify not yet; a permission asks no card."""
    with database.writing() as session:
        sent = submit_together(session, "withdraw", "access", "rectify")
        locate(session, sent["access"])
    return sent


def at(case: Case) -> str:
    return f"/desk/cases/{case.id}"


def reread(database: Database, case: Case) -> Case:
    with database.reader() as session:
        return session.get_one(Case, case.id)


def kinds(database: Database, case: Case, kind: str) -> int:
    with database.reader() as session:
        found = select(func.count()).where(AuditEntry.case_id == case.id, AuditEntry.kind == kind)
        return int(session.scalar(found) or 0)


def judge(database: Database, rex: Critic, case: Case, **verdict: str) -> None:
    if reread(database, case).assigned_to is None:
        assert press(rex, at(case), "/take").status_code == 303
    assert press(rex, at(case), "/card").status_code == 303
    answered = press(rex, at(case), "/identity", {**ALL_YES, "verdict": "confirmed", **verdict})
    assert answered.status_code == 303, answered.text


def test_one_verdict_counts_for_all_that_ask_the_card_and_destroys_the_picture(
    database: Database, rex: Critic, cases: Cases
) -> None:
    press(rex, at(cases["access"]), "/take")
    page = rex.get(at(cases["access"])).text
    assert f"Sent together with {cases['rectify'].reference}. This check counts for all of them." in page
    assert cases["withdraw"].reference not in page.partition("This check counts")[0].rpartition("Sent together")[2]
    judge(database, rex, cases["access"])
    for right in ("access", "rectify"):
        case = reread(database, cases[right])
        assert (case.status, case.identity) == (Status.DECIDING, Identity.CONFIRMED)
        assert kinds(database, case, IdentityJudged.kind) == kinds(database, case, CardViewed.kind) == 1
    untouched = reread(database, cases["withdraw"])
    assert (untouched.status, untouched.identity) == (Status.RECEIVED, Identity.OPEN)
    assert kinds(database, untouched, IdentityJudged.kind) == 0
    with database.reader() as session:
        card = session.scalars(select(Evidence)).one()
        assert card.destroyed_at is not None
        with pytest.raises(KeyDestroyed):
            data_key(session, card.id, Purpose.IDENTITY)
        assert list(breaches(session)) == []


def test_the_picture_is_seen_from_either_case_and_the_person_reads_the_look_on_both(
    app: Flask, database: Database, rex: Critic, cases: Cases
) -> None:
    with database.writing() as session:
        locate(session, session.get_one(Case, cases["rectify"].id))
    judge(database, rex, cases["rectify"])
    person = with_mailbox(app, cases["access"].mailbox)
    for right in ("access", "rectify"):
        page = person.get(f"/en/s/{cases[right].id}").text
        assert page.partition("Who looked at the picture of your card")[2].count("a reviewer") == 1
        assert "Sent together with this request" in page


def upload(person: Critic, case: Case) -> None:
    """Send a new picture for ``case`` and cover it."""
    home = f"/en/s/{case.id}/card"
    chosen = person.submit(home, {"card": (BytesIO(draw_specimen(ADA["name"], "en")), "card.jpg")})
    chosen.request.environ["wsgi.input"].close()
    covered = person.submit(f"{home}/cover", {"preset": ["photo-left", "number-low"], "use": "1"})
    assert covered.status_code == 303


def test_a_doubt_asks_on_each_and_one_new_picture_ends_the_wait_of_all(
    app: Flask, database: Database, rex: Critic, cases: Cases
) -> None:
    judge(database, rex, cases["access"], verdict="doubt", doubt="Is this card still valid?")
    for right in ("access", "rectify"):
        case = reread(database, cases[right])
        assert (case.status, case.identity) == (Status.WAITING, Identity.DOUBT)
    with database.reader() as session:
        assert len(session.scalars(select(Message).where(Message.author == Author.STAFF)).all()) == 2
    upload(with_mailbox(app, cases["access"].mailbox), cases["rectify"])
    for right in ("access", "rectify"):
        case = reread(database, cases[right])
        assert case.status is Status.IDENTITY
        with database.reader() as session:
            assert evidence_of(session, case) is not None
    judge(database, rex, cases["access"])
    assert reread(database, cases["rectify"]).identity is Identity.CONFIRMED


def test_what_settles_a_doubt_on_one_ends_the_wait_of_the_other(database: Database, rex: Critic, cases: Cases) -> None:
    judge(database, rex, cases["access"], verdict="doubt", doubt="Is this card still valid?")
    assert press(rex, at(cases["access"]), "/go-on").status_code == 303
    shown = {"check-name": "yes", "check-signature": "yes", "verdict": "confirmed", "other_proof": "A video call."}
    assert press(rex, at(cases["access"]), "/identity", shown).status_code == 303
    for right in ("access", "rectify"):
        case = reread(database, cases[right])
        assert (case.status, case.identity) == (Status.DECIDING, Identity.CONFIRMED)


def test_a_late_verdict_settles_what_was_not_shown_on_either(database: Database, rex: Critic, cases: Cases) -> None:
    judge(database, rex, cases["access"], verdict="unproven")
    assert reread(database, cases["rectify"]).identity is Identity.UNPROVEN
    shown = {"check-name": "yes", "check-signature": "yes", "verdict": "confirmed", "other_proof": "At the counter."}
    assert press(rex, at(cases["access"]), "/identity", shown).status_code == 303
    assert reread(database, cases["rectify"]).identity is Identity.CONFIRMED


def test_taking_one_back_leaves_the_other_with_the_picture(app: Flask, database: Database, cases: Cases) -> None:
    person = with_mailbox(app, cases["access"].mailbox)
    assert press(person, f"/en/s/{cases['access'].id}/withdraw", "/withdraw").status_code == 303
    with database.reader() as session:
        gone, kept = (session.get_one(Case, cases[right].id) for right in ("access", "rectify"))
        assert gone.status is Status.WITHDRAWN
        assert evidence_of(session, gone) is None
        assert evidence_of(session, kept) is not None
    assert press(person, f"/en/s/{cases['rectify'].id}/withdraw", "/withdraw").status_code == 303
    with database.reader() as session:
        assert session.scalars(select(Evidence)).one().destroyed_at is not None
        assert list(breaches(session)) == []


def test_a_picture_that_nobody_judged_goes_and_each_request_says_so(database: Database, cases: Cases) -> None:
    with time_machine.travel(now() + timedelta(days=CARD_DAYS, hours=1)), database.writing() as session:
        sweep(session, now())
        told = session.scalars(select(Mail.case_id).where(Mail.letter == "card-expired")).all()
    assert set(told) == {cases["access"].id, cases["rectify"].id}


def test_a_stop_stops_all_that_was_sent_together(app: Flask, database: Database, cases: Cases) -> None:
    with database.reader() as session:
        path = f"/en/stop/{make_link(session, LinkPurpose.STOP, cases['rectify'].id)}"
    stopper = app.test_client()
    assert isinstance(stopper, Critic)
    stopper.submit(path, {})
    assert all(reread(database, case).stopped_at is not None for case in cases.values())


def test_the_desk_finds_the_receipt_and_the_others_on_each(database: Database, rex: Critic, cases: Cases) -> None:
    for case in cases.values():
        with database.reader() as session:
            assert [mail.letter for mail in mails_of(session, case)].count(RECEIPT) == 1
        page = rex.get(at(case)).text
        assert "Sent together" in page
        assert all(each.reference in page for each in cases.values())
        assert "No other request of this person" in page


def test_a_permission_is_taken_back_at_once_whatever_was_sent_with_it(database: Database, cases: Cases) -> None:
    with database.writing() as session:
        case = session.get_one(Case, cases["withdraw"].id)
        locate(session, case)
        assert case.status is Status.ANSWERED
    assert reread(database, cases["access"]).status is Status.IDENTITY


# -- a copy first ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SourceUrls]:
    folder = tmp_path_factory.mktemp("medbook")
    urls = {key: f"sqlite:///{folder / key}.db" for key in ("medbook", "medbook_support")}
    build(urls["medbook"], urls["medbook_support"], now(), people=60)
    return {key: SourceUrls(url, url) for key, url in urls.items()}


@pytest.fixture
def medbook(tmp_path: Path, migrated: Path, sources: dict[str, SourceUrls]) -> Iterator[Flask]:
    settings = make_settings(tmp_path, demo=True, smtp=None, source_urls=sources)
    with portal(settings, migrated) as app:
        yield app


def granted_erasure(app: Flask, copy: str, shown: str) -> Cases:
    """File a copy and an erasure of somebody shown together and grant the erasure; return both."""
    database: Database = app.extensions["portal_db"]
    person = demo_people().shown[shown]
    who = {"name": person.full_name, "email": person.email, "residence": "be", "acting": "self"}
    with database.writing() as session:
        sent = submit_together(session, "erase", copy, who=who)
    work(app)
    with database.writing() as session:
        reviewer, manager = add_member(session), add_member(session, Role.MANAGER)
        for case in sent.values():
            confirm_identity(session, session.get_one(Case, case.id), reviewer)
        answer(session, session.get_one(Case, sent["erase"].id), reviewer, manager)
    work(app)
    return sent


def test_nothing_is_deleted_before_the_copy_is_handed_over(medbook: Flask) -> None:
    database: Database = medbook.extensions["portal_db"]
    sent = granted_erasure(medbook, "access", "erase")
    assert reread(database, sent["erase"]).status is Status.ANSWERED
    with database.reader() as session:
        waits_for = awaited_copy(session, session.get_one(Case, sent["erase"].id))
        assert waits_for is not None
        assert waits_for.id == sent["access"].id
    desk = signed_in(medbook, Role.REVIEWER).get(at(sent["erase"])).text
    assert f"A copy was asked with it: {named(sent['access'])}." in desk
    page = with_mailbox(medbook, sent["erase"].mailbox).get(f"/en/s/{sent['erase'].id}").text
    assert f"You get your copy first: {named(sent['access'])}." in page
    with database.writing() as session:
        answer(session, session.get_one(Case, sent["access"].id), add_member(session), add_member(session))
    work(medbook)
    assert reread(database, sent["access"]).status is Status.CARRIED_OUT
    assert reread(database, sent["erase"]).status is Status.CARRIED_OUT
    assert made(database, sent["access"]) < done(database, sent["erase"])
    with database.reader() as session:
        assert list(breaches(session)) == []


def named(case: Case) -> str:
    return f'<span class="num">{case.reference}</span>'


def made(database: Database, case: Case) -> int:
    return moment(database, case, PackageMade.kind)


def done(database: Database, case: Case) -> int:
    return moment(database, case, SourceChanged.kind)


def moment(database: Database, case: Case, kind: str) -> int:
    """Return where the first entry of ``kind`` stands in the record."""
    with database.reader() as session:
        found = select(func.min(AuditEntry.seq)).where(AuditEntry.case_id == case.id, AuditEntry.kind == kind)
        return int(session.scalars(found).one())


@pytest.mark.parametrize(("end", "shown"), [("refused", "port"), ("withdrawn", "access")])
def test_a_copy_that_will_not_come_holds_nothing_up(medbook: Flask, end: str, shown: str) -> None:
    database: Database = medbook.extensions["portal_db"]
    sent = granted_erasure(medbook, "port", shown)
    with database.writing() as session:
        copy = session.get_one(Case, sent["port"].id)
        if end == "refused":
            answer(session, copy, add_member(session), add_member(session, Role.MANAGER), Outcome.REFUSE)
        else:
            move(session, copy, Move.WITHDRAW, PERSON)
        assert awaited_copy(session, session.get_one(Case, sent["erase"].id)) is None
    work(medbook)
    assert reread(database, sent["erase"]).status is Status.CARRIED_OUT
