"""Who got the data is told when it changes, without a name, and confirms it with one button; the person sees it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text

from portal.accounts.models import Role
from portal.app import make_worker
from portal.cases.letters import TOLD
from portal.cases.models import Case
from portal.cases.recipients import Disclosed, Recipient, forget_recipients, said_of, told_of
from portal.clock import now
from portal.config import HERE, SourceUrls
from portal.db import Database
from portal.demo.medbook import build, demo_people
from portal.files.keys import DataKey
from portal.fulfilment.disclosed import registered, touched
from portal.fulfilment.plans import Effect, ErasePlan, FlagPlan, Line, RectifyPlan
from portal.mail.outbox import Mail, MailState, address_of
from portal.register import load_register
from portal.sources import load_data_map
from tests.support import factories
from tests.support.desk import press
from tests.support.portals import make_settings, portal
from tests.support.visitors import visitor, with_mailbox

ADA = demo_people().ada
WHO = {"name": ADA.full_name, "email": ADA.email, "residence": "be", "acting": "self"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SourceUrls]:
    folder = tmp_path_factory.mktemp("medbook")
    urls = {key: f"sqlite:///{folder / key}.db" for key in ("medbook", "medbook_support")}
    build(urls["medbook"], urls["medbook_support"], now(), people=60)
    engine = create_engine(urls["medbook"])
    with engine.begin() as connection:
        connection.execute(text("update disclosures set recipient_email = 'desk@recipient.example'"))
        number = connection.execute(text("select id from accounts where email = :email"), {"email": ADA.email}).scalar()
        last = connection.execute(
            text("select max(id) from disclosures where account_id = :id"), {"id": number}
        ).scalar()
        assert last, "the demo has told somebody about Ada"
        connection.execute(text("update disclosures set recipient_email = null where id = :id"), {"id": last})
    engine.dispose()
    return {key: SourceUrls(url, url) for key, url in urls.items()}


@pytest.fixture
def app(tmp_path: Path, migrated: Path, shared: dict[str, SourceUrls]) -> Iterator[Flask]:
    with portal(make_settings(tmp_path, demo=True, smtp=None, source_urls=shared), migrated) as opened:
        yield opened


KEEP_COPIES = {
    f"privacy@{each}" for each in ("tickets.example.com", "accounting.example.com", "committee.example.org")
} | {"privacy@research.example.org"}
"""Who keeps a copy of their own, by the register."""


def restricted(app: Flask) -> str:
    """Carry out a restriction for Ada, which leaves the rows as they are."""
    database: Database = app.extensions["portal_db"]
    with app.app_context():
        worker = make_worker(app)
        with database.writing() as session:
            case_id = factories.submit_case(session, "restrict", who=WHO).id
        worker.run_until_idle()
        with database.writing() as session:
            case, rex = session.get_one(Case, case_id), factories.add_member(session)
            factories.confirm_identity(session, case, rex)
            factories.answer(session, case, rex, factories.add_member(session, Role.MANAGER))
        worker.run_until_idle()
    return case_id


def test_each_recipient_is_told_and_confirms_and_the_person_sees_it(app: Flask) -> None:
    case_id = restricted(app)
    database: Database = app.extensions["portal_db"]
    with database.reader() as session:
        case = session.get_one(Case, case_id)
        told = told_of(session, case)
        assert any(each.impossible for each in told), "one has no address"
        mails = session.scalars(select(Mail).where(Mail.letter == TOLD)).all()
        written = Counter(address_of(session, mail) for mail in mails)
        assert written.keys() - {"desk@recipient.example"} <= KEEP_COPIES
        assert written["privacy@accounting.example.com"] == 1, "one notice, for three uses of the register"
        assert len(mails) == sum(not each.impossible for each in told)
        token, mailbox = mails[0].facts["told"], case.mailbox
        facts = str([mail.facts for mail in mails])
    assert ADA.email not in facts
    stranger = visitor(app)
    page = stranger.get(f"/en/told/{token}").text
    assert "Please only store what you got from us." in page
    for word in (ADA.email, ADA.full_name):
        assert word not in page
    assert press(stranger, f"/en/told/{token}", f"/told/{token}").status_code == 303
    assert "Thank you, you confirmed this" in stranger.get(f"/en/told/{token}").text
    mine = with_mailbox(app, mailbox).get(f"/en/s/{case_id}").text
    assert "Who had these data from us" in mine
    assert "confirmed on" in mine
    assert "could not be told: no address works" in mine


def test_a_notice_that_bounced_could_not_be_told(app: Flask) -> None:
    case_id = restricted(app)
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        for mail in session.scalars(select(Mail).where(Mail.letter == TOLD)):
            mail.state = MailState.BOUNCED
    with database.reader() as session:
        assert all(each.impossible for each in told_of(session, session.get_one(Case, case_id)))


def test_a_link_for_something_else_opens_nothing(app: Flask) -> None:
    assert visitor(app).get("/en/told/made-up").status_code in {404, 410}


def test_an_answer_that_changes_nothing_tells_nobody(app: Flask) -> None:
    database: Database = app.extensions["portal_db"]
    with app.app_context():
        with database.writing() as session:
            factories.submit_case(session, "object", who=WHO, answers=factories.MARKETING)
        make_worker(app).run_until_idle()
    with database.reader() as session:
        assert session.scalars(select(Recipient)).all() == []


def test_what_is_known_of_recipients_goes_with_the_request(app: Flask) -> None:
    case_id = restricted(app)
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        one = session.scalars(select(Recipient).where(Recipient.case_id == case_id)).first()
        assert one
        assert said_of(session, one)["name"]
        forget_recipients(session, case_id)
    with database.reader() as session:
        assert told_of(session, session.get_one(Case, case_id)) == []
        owners = select(Recipient.id).where(Recipient.case_id == case_id)
        assert not any(session.scalars(select(DataKey.wrapped).where(DataKey.owner.in_(owners))))


def parties(found: list[Disclosed]) -> set[tuple[str, str]]:
    return {(each.address, each.activity) for each in found}


def test_who_keeps_a_copy_by_the_register_is_told_of_what_touched_it_and_once() -> None:
    register = load_register()
    one = next(row.slug for row in register.rows if any(each.slug == "research" for each in row.recipients))
    assert parties(registered(register, frozenset({one}), (), [])) == {("privacy@research.example.org", one)}
    everything = parties(registered(register, frozenset({"*"}), (), []))
    assert {address for address, _activity in everything} == KEEP_COPIES
    assert len(everything) == len(KEEP_COPIES)
    assert registered(register, frozenset(), (), []) == []
    known = [Disclosed("Onderzoekscentrum Voorbeeld vzw", "other@example.org", one, (), ())]
    assert registered(register, frozenset({one}), (), known) == []


def test_what_was_only_kept_touches_no_activity() -> None:
    data_map = load_data_map(HERE / "sources" / "manifests")
    invoices = next(key for key, each in data_map.collections.items() if each.activity)
    kept, gone = (Line(invoices, {}, 3, effect) for effect in (Effect.KEEP, Effect.DELETE))
    assert touched(data_map, ErasePlan(), [kept]) == frozenset()
    assert touched(data_map, ErasePlan(), [kept, gone]) == {data_map.collections[invoices].activity}
    assert touched(data_map, FlagPlan("restrict", frozenset({"*"})), [gone]) == {"*"}
    assert touched(data_map, FlagPlan("restrict", frozenset({"*"})), []) == frozenset()


def test_a_correction_touches_the_activity_of_its_field() -> None:
    data_map = load_data_map(HERE / "sources" / "manifests")
    corrected = Line("medbook.accounts.email", {}, 1, Effect.CHANGE)
    stated = Line("medbook.assessment_statements", {}, 1, Effect.SUPPLEMENT)
    wanted = {data_map.collections[key].activity for key in ("medbook.accounts", "medbook.assessment_statements")}
    assert touched(data_map, RectifyPlan(()), [corrected, stated]) == wanted
