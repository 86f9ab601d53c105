"""What a hand-over is worth to a case, on the made-up Medbook: the account and the mailbox must be one person's."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text, update

from portal.accounts.models import Role
from portal.audit.record import AuditEntry
from portal.cases.access import awaits_picture, may_release
from portal.cases.letters import NOTICE
from portal.cases.lifecycle import Identity, Move, Status, Unmet
from portal.cases.models import Case
from portal.cases.moves import move
from portal.clock import now
from portal.config import SourceUrls
from portal.db import Database
from portal.demo.medbook import Person, demo_people
from portal.errors import MoveRefused
from portal.fulfilment.trust import weigh_account
from portal.jobs import outbox as jobs
from portal.mail.outbox import Mail
from portal.verify import breaches
from tests.support.factories import MARKETING, actor_for, add_member, submit_case, write_decision
from tests.support.portals import make_settings, portal, work
from tests.support.visitors import signed_in, with_mailbox
from tests.support.walks import main_of

PEOPLE = demo_people()
ADA, BEN = PEOPLE.ada, PEOPLE.shown["erase"]
MOVED = next(each for each in PEOPLE.people if each.moved)
AT = "2026-03-12T09:04:00+00:00"


def file(app: Flask, right: str, email: str, account: str, **more: object) -> str:
    """File ``right`` as somebody who was handed over, and let the worker search; return the case's id."""
    who = {"name": "Somebody Madeup", "email": email, "residence": "be", "acting": "self"}
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        known = {**who, "account": account, "handed_over_at": AT} if account else who
        case_id = submit_case(session, right, who=known, **more).id  # type: ignore[arg-type] # answers, at most
    work(app)
    return case_id


def search_again(app: Flask, case_id: str) -> None:
    with app.extensions["portal_db"].writing() as session:
        jobs.queue(session, "case.locate", {"case": case_id}, case_id=case_id)
    work(app)


def case_of(app: Flask, case_id: str) -> Case:
    with app.extensions["portal_db"].reader() as session:
        assert list(breaches(session)) == []
        return session.get_one(Case, case_id)


def told(app: Flask, case_id: str, kind: str) -> int:
    with app.extensions["portal_db"].reader() as session:
        found = select(func.count()).where(AuditEntry.case_id == case_id, AuditEntry.kind == kind)
        return session.scalar(found) or 0


def number(person: Person) -> str:
    return str(person.account_id)


@pytest.mark.parametrize("right", ["access", "rectify", "erase", "restrict", "object", "port"])
def test_an_account_whose_address_it_is_settles_identity_without_a_card(medbook_app: Flask, right: str) -> None:
    case = case_of(medbook_app, case_id := file(medbook_app, right, ADA.email, number(ADA)))
    assert (case.identity, case.status, case.needs_card) == (Identity.ACCOUNT, Status.DECIDING, False)
    assert case.identity_at is not None
    assert told(medbook_app, case_id, "identity:account_trusted") == 1
    with medbook_app.extensions["portal_db"].reader() as session:
        assert may_release(session, case, now()) == (Unmet.NO_DECISION,)


def test_writing_the_address_in_capitals_changes_nothing(medbook_app: Flask) -> None:
    case = case_of(medbook_app, file(medbook_app, "access", ADA.email.upper(), number(ADA)))
    assert case.identity is Identity.ACCOUNT


@pytest.mark.parametrize(
    ("email", "account"),
    [
        (ADA.email, number(BEN)),
        (ADA.email, "999999"),
        (ADA.email, f"0{number(ADA)}"),
        (ADA.email, "nobody"),
        ("stranger@example.org", number(ADA)),
        (f"x{ADA.email}", number(ADA)),
    ],
)
def test_an_account_that_is_not_the_addresses_leaves_identity_to_the_desk(
    medbook_app: Flask, email: str, account: str
) -> None:
    case = case_of(medbook_app, case_id := file(medbook_app, "access", email, account))
    assert (case.identity, case.status, case.needs_card) == (Identity.OPEN, Status.IDENTITY, True)
    assert told(medbook_app, case_id, "identity:account_not_trusted") == 1
    search_again(medbook_app, case_id)
    assert told(medbook_app, case_id, "identity:account_not_trusted") == 1
    with medbook_app.extensions["portal_db"].writing() as session:
        member = add_member(session)
        again = session.get_one(Case, case_id)
        with pytest.raises(MoveRefused):
            move(session, again, Move.ANSWER, actor_for(member))
        move(session, again, Move.DOUBT, actor_for(member))
        assert awaits_picture(session, again), "a card can be asked for"


def test_nobody_without_a_hand_over_gets_past_the_card(medbook_app: Flask) -> None:
    case = case_of(medbook_app, file(medbook_app, "access", ADA.email, ""))
    assert (case.identity, case.status, case.needs_card) == (Identity.OPEN, Status.IDENTITY, True)


def test_an_address_changed_lately_still_holds_a_case_for_72_hours(medbook_app: Flask) -> None:
    case = case_of(medbook_app, case_id := file(medbook_app, "access", MOVED.email, number(MOVED)))
    assert (case.identity, case.status, case.on_file) == (Identity.ACCOUNT, Status.DECIDING, False)
    with medbook_app.extensions["portal_db"].writing() as session:
        assert session.scalar(select(func.count()).where(Mail.case_id == case_id, Mail.letter == NOTICE))
        again, member = session.get_one(Case, case_id), add_member(session)
        write_decision(session, again, member)
        with pytest.raises(MoveRefused) as refusal:
            move(session, again, Move.ANSWER, actor_for(member))
    assert refusal.value.sentence == Unmet.HOLD.sentence


def test_erasing_still_needs_two_people(medbook_app: Flask) -> None:
    case_id = file(medbook_app, "erase", ADA.email, number(ADA))
    with medbook_app.extensions["portal_db"].writing() as session:
        case, member = session.get_one(Case, case_id), add_member(session)
        write_decision(session, case, member)
        with pytest.raises(MoveRefused) as refusal:
            move(session, case, Move.ANSWER, actor_for(member))
    assert refusal.value.sentence == Unmet.SECOND.sentence


@pytest.mark.parametrize(("right", "said"), [("withdraw", None), ("object", MARKETING)])
def test_what_is_carried_out_at_once_goes_by_the_mailbox_as_ever(
    medbook_app: Flask, right: str, said: dict[str, list[str]] | None
) -> None:
    on_file = case_of(medbook_app, file(medbook_app, right, ADA.email, number(ADA), answers=said))
    assert (on_file.identity, on_file.status) == (Identity.MAILBOX, Status.CARRIED_OUT)
    changed = case_of(medbook_app, case_id := file(medbook_app, right, MOVED.email, number(MOVED), answers=said))
    assert (changed.identity, changed.status) == (Identity.ACCOUNT, Status.DECIDING)
    other = case_of(medbook_app, file(medbook_app, right, MOVED.email, number(BEN), answers=said))
    assert (other.identity, other.status, other.needs_card) == (Identity.OPEN, Status.IDENTITY, False)
    page = with_mailbox(medbook_app, changed.mailbox).get(f"/en/s/{case_id}")
    assert "Deciding" in main_of(page)


# -- what changes later


def test_a_source_that_is_down_settles_nothing_until_it_answers(
    tmp_path: Path, migrated: Path, medbook_urls: dict[str, SourceUrls]
) -> None:
    lost = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    down = {**medbook_urls, "medbook_support": SourceUrls(lost, lost)}
    settings = make_settings(tmp_path, demo=True, smtp=None, source_urls=down)
    with portal(settings, migrated) as app:
        case_id = file(app, "access", ADA.email, number(ADA))
        case = case_of(app, case_id)
        assert (case.identity, case.status) == (Identity.OPEN, Status.IDENTITY)
        assert told(app, case_id, "identity:account_not_trusted") == 0
        app.extensions["portal_db"].engine.dispose()
    with portal(replace(settings, source_urls=medbook_urls)) as app:
        search_again(app, case_id)
        case = case_of(app, case_id)
        assert (case.identity, case.status) == (Identity.ACCOUNT, Status.DECIDING)


def test_a_later_search_that_finds_another_account_takes_the_trust_back(
    medbook_app: Flask, medbook_urls: dict[str, SourceUrls]
) -> None:
    case_id = file(medbook_app, "access", ADA.email, number(ADA))
    engine = create_engine(medbook_urls["medbook"].write)
    rename = text("update accounts set email = :new where email = :old")
    with engine.begin() as connection:
        connection.execute(rename, {"old": ADA.email, "new": "ada.moved@example.com"})
    try:
        search_again(medbook_app, case_id)
        search_again(medbook_app, case_id)
    finally:
        with engine.begin() as connection:
            connection.execute(rename, {"new": ADA.email, "old": "ada.moved@example.com"})
        engine.dispose()
    case = case_of(medbook_app, case_id)
    assert (case.identity, case.status, case.needs_card) == (Identity.DOUBT, Status.DECIDING, True)
    assert told(medbook_app, case_id, "identity:account_not_trusted") == 1
    search_again(medbook_app, case_id)
    assert case_of(medbook_app, case_id).identity is Identity.DOUBT, "a doubt is the desk's to lift"


@pytest.mark.parametrize("verdict", [Identity.CONFIRMED, Identity.IMPOSTOR, Identity.DOUBT, Identity.UNPROVEN])
def test_what_the_desk_found_out_is_not_overruled(database: Database, verdict: Identity) -> None:
    with database.writing() as session:
        who = {"name": "Ada", "email": "ada@example.com", "acting": "self", "account": "7", "handed_over_at": AT}
        case = submit_case(session, who=who)
        case.identity = verdict
        for same in (True, False):
            weigh_account(session, case, same=same)
            assert (case.identity, case.status) == (verdict, Status.RECEIVED)


def test_verify_names_an_identity_that_rests_on_an_account_nobody_vouched_for(database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session)
        session.execute(update(Case).where(Case.id == case.id).values(identity=Identity.ACCOUNT))
        assert [each for each in breaches(session) if "nothing vouches for" in each]


# -- the desk


def test_the_desk_sees_who_signed_in_and_when(medbook_app: Flask) -> None:
    case_id = file(medbook_app, "access", ADA.email, number(ADA))
    desk = signed_in(medbook_app, Role.REVIEWER)
    page = main_of(desk.get(f"/desk/cases/{case_id}"))
    assert "signed in to the account" in page
    assert "Signed in at Medbook, 12 March 2026, 10:04" in page
    assert "Identity: signed in to the account, and the address belongs to it" in page
    assert "Keep the verdict" not in page
    assert "asks no card" not in page
    assert "is not the one this address leads to" not in page


def test_the_desk_is_told_where_account_and_address_part(medbook_app: Flask) -> None:
    case_id = file(medbook_app, "access", ADA.email, number(BEN))
    page = main_of(signed_in(medbook_app, Role.REVIEWER).get(f"/desk/cases/{case_id}"))
    assert "The account that signed in is not the one this address leads to" in page
    assert "Identity: signed in to an account that this address does not belong to" in page
