"""The jobs of a case, on the made-up Medbook: whom they look for, whom they tell, and what a crash leaves behind."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text, update

from portal.app import make_worker
from portal.cases.access import findings_of, may_release
from portal.cases.letters import NOTICE, is_unreachable
from portal.cases.lifecycle import HOLD, Status, Unmet
from portal.cases.models import Carried, Case
from portal.cases.moves import stop
from portal.clock import now
from portal.config import SourceUrls
from portal.db import Database
from portal.demo.medbook import demo_people
from portal.demo.medbook.people import LOOKALIKE
from portal.fulfilment.released import NotReleased
from portal.jobs.worker import TryLater
from portal.mail.outbox import Mail, address_of
from portal.review.obstacles import untold
from portal.tracking.pages import carried
from tests.support.factories import add_member, answer, confirm_identity, submit_case, write_decision

ADA = demo_people().ada


def file_and_locate(app: Flask, right: str, email: str, **contact: str) -> str:
    """File ``right`` from ``email`` and let the worker look for the person; return the case's id."""
    database: Database = app.extensions["portal_db"]
    with database.writing() as session:
        who = {"name": "Somebody Madeup", "email": email, "residence": "be", "acting": "self", **contact}
        case_id = submit_case(session, right, who=who).id
    with app.app_context():
        make_worker(app).run_until_idle()
    return case_id


def told(app: Flask, case_id: str) -> set[str]:
    with app.extensions["portal_db"].reader() as session:
        notices = session.scalars(select(Mail).where(Mail.case_id == case_id, Mail.letter == NOTICE))
        return {address_of(session, mail) for mail in notices}


def test_two_addresses_never_make_one_person_of_two(medbook_app: Flask) -> None:
    case_id = file_and_locate(medbook_app, "erase", LOOKALIKE.email, known_email=ADA.email)
    with medbook_app.extensions["portal_db"].reader() as session:
        case = session.get_one(Case, case_id)
        found = findings_of(session, case)
        assert found["emails"] == [LOOKALIKE.email]
        assert found["names"] == [LOOKALIKE.full_name]
        assert found["claimed_elsewhere"] is True
        assert case.on_file


def test_an_address_somebody_only_claims_is_held_and_its_owner_is_told(medbook_app: Flask) -> None:
    case_id = file_and_locate(medbook_app, "access", "stranger@example.com", known_email=ADA.email)
    with medbook_app.extensions["portal_db"].reader() as session:
        case = session.get_one(Case, case_id)
        assert findings_of(session, case)["emails"] == [ADA.email]
        assert not case.on_file
        assert Unmet.HOLD in may_release(session, case, now())
    assert ADA.email in told(medbook_app, case_id)
    assert "stranger@example.com" not in told(medbook_app, case_id)


def test_who_asks_for_somebody_else_is_never_taken_for_that_person(medbook_app: Flask) -> None:
    case_id = file_and_locate(medbook_app, "access", ADA.email, acting="other", known_email=LOOKALIKE.email)
    with medbook_app.extensions["portal_db"].reader() as session:
        case = session.get_one(Case, case_id)
        assert findings_of(session, case)["emails"] == [LOOKALIKE.email]
        assert not case.on_file
    assert ADA.email not in told(medbook_app, case_id)


def test_who_has_no_account_is_known_by_the_address_of_the_newsletter(medbook_app: Flask) -> None:
    engine = create_engine(medbook_app.extensions["portal_settings"].source_urls["medbook"].read)
    with engine.connect() as medbook:
        only = medbook.scalar(
            text(
                "select email from newsletter_subscriptions where account_id is null and lower(email) not in "
                "(select lower(email) from accounts union select lower(email) from account_emails "
                "union select lower(email) from company_contacts)"
            )
        )
    engine.dispose()
    assert only
    case_id = file_and_locate(medbook_app, "access", str(only))
    with medbook_app.extensions["portal_db"].reader() as session:
        case = session.get_one(Case, case_id)
        assert case.found
        assert case.on_file
        assert Unmet.HOLD not in may_release(session, case, now())


def test_a_source_that_was_down_does_not_leave_a_case_held_for_ever(medbook_app: Flask, tmp_path: Path) -> None:
    database: Database = medbook_app.extensions["portal_db"]
    settings = medbook_app.extensions["portal_settings"]
    gone = SourceUrls(f"sqlite:///{tmp_path}/nowhere/medbook.db", f"sqlite:///{tmp_path}/nowhere/medbook.db")
    medbook_app.extensions["portal_settings"] = replace(settings, source_urls={**settings.source_urls, "medbook": gone})
    case_id = file_and_locate(medbook_app, "access", ADA.email)
    with database.reader() as session:
        case = session.get_one(Case, case_id)
        assert case.status is Status.IDENTITY, "a source that is down stops nobody"
        assert findings_of(session, case)["failed"] == ["medbook"]
    assert told(medbook_app, case_id) == set()
    medbook_app.extensions["portal_settings"] = settings
    with medbook_app.app_context():
        worker = make_worker(medbook_app)
        write = worker.handlers["case.locate"](database, {"case": case_id})
        assert write is not None
        with database.writing() as session:
            write(session)
    with database.reader() as session:
        case = session.get_one(Case, case_id)
        assert case.on_file
        assert findings_of(session, case)["failed"] == []
        assert not is_unreachable(session, case)


def test_a_source_that_is_down_never_takes_the_place_of_the_notice_and_its_72_hours(
    medbook_app: Flask, tmp_path: Path
) -> None:
    database: Database = medbook_app.extensions["portal_db"]
    settings = medbook_app.extensions["portal_settings"]
    gone = SourceUrls(f"sqlite:///{tmp_path}/nowhere/x.db", f"sqlite:///{tmp_path}/nowhere/x.db")
    urls = {**settings.source_urls, "medbook_support": gone}
    medbook_app.extensions["portal_settings"] = replace(settings, source_urls=urls)
    case_id = file_and_locate(medbook_app, "access", "stranger@example.com", known_email=ADA.email)
    assert told(medbook_app, case_id) == set(), "the silent source may know the mailbox"
    with database.reader() as session:
        case = session.get_one(Case, case_id)
        assert case.found
        assert Unmet.HOLD in may_release(session, case, now() + 2 * HOLD), "nor is anything released meanwhile"
        assert not untold(session, case), "a second person takes the place of no notice that can still be sent"
    medbook_app.extensions["portal_settings"] = settings
    with medbook_app.app_context():
        write = make_worker(medbook_app).handlers["case.locate"](database, {"case": case_id})
        assert write is not None
        with database.writing() as session:
            write(session)
    assert ADA.email in told(medbook_app, case_id)


def test_nothing_is_looked_up_again_once_a_decision_stands(medbook_app: Flask) -> None:
    database: Database = medbook_app.extensions["portal_db"]
    case_id = file_and_locate(medbook_app, "access", ADA.email)
    with database.writing() as session:
        session.execute(update(Case).where(Case.id == case_id).values(status=Status.SECOND))
    with medbook_app.app_context():
        assert make_worker(medbook_app).handlers["case.locate"](database, {"case": case_id}) is None


def test_a_copy_that_was_decided_anew_or_stopped_while_it_was_packed_is_not_handed_over(medbook_app: Flask) -> None:
    database: Database = medbook_app.extensions["portal_db"]
    case_id = file_and_locate(medbook_app, "access", ADA.email)
    with database.writing() as session:
        rex, case = add_member(session), session.get_one(Case, case_id)
        confirm_identity(session, case, rex)
        answer(session, case, rex, rex)
    with medbook_app.app_context():
        write = make_worker(medbook_app).handlers["case.fulfil"](database, {"case": case_id})
    assert write is not None
    with database.writer() as session:
        write_decision(session, session.get_one(Case, case_id), rex)
        with pytest.raises(TryLater):
            write(session)
    with database.writer() as session:
        stop(session, session.get_one(Case, case_id))
        with pytest.raises(NotReleased):
            write(session)


def test_a_crash_after_the_sources_changed_loses_no_line_and_claims_nothing_before(medbook_app: Flask) -> None:
    database: Database = medbook_app.extensions["portal_db"]
    jonas = demo_people().shown["withdraw"]
    who = {"name": jonas.full_name, "email": jonas.email, "residence": "other", "acting": "self"}
    with database.writing() as session:
        case_id = submit_case(session, "withdraw", who=who).id
    with medbook_app.app_context():
        worker = make_worker(medbook_app)
        write = worker.handlers["case.locate"](database, {"case": case_id})
        assert write is not None
        with database.writing() as session:
            write(session)
        worker.handlers["case.fulfil"](database, {"case": case_id})  # and then the worker dies
        with database.reader() as session:
            assert carried(session, session.get_one(Case, case_id)) == [], "planned is not done"
            assert session.scalars(select(Carried.id).where(Carried.case_id == case_id)).all()
        worker.run_until_idle()
    with database.reader() as session:
        case = session.get_one(Case, case_id)
        assert case.status is Status.CARRIED_OUT
        rows = session.scalars(select(Carried).where(Carried.case_id == case_id)).all()
        assert sum(row.changed for row in rows) > 0
        assert all(row.done_at and row.digest for row in rows)
        assert carried(session, case)
