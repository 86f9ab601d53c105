"""Getting stuck cases going: opened again, tried again, taken up, searched again, and a stop lifted by the manager."""

from sqlalchemy import select, update

from portal.cases.access import text_of
from portal.cases.lifecycle import Status
from portal.cases.models import Author, Case, Message
from portal.cases.moves import stop
from portal.clock import now
from portal.db import Database
from portal.jobs.outbox import Job
from portal.mail.outbox import Mail
from tests.support import factories
from tests.support.critic import Critic, post_forms
from tests.support.desk import file_case, give, press, settle, staff_named

REX = "reviewer@medbook.example"
FAILED = "The job failed"


def answered(database: Database, rex: Critic) -> Case:
    """File a case that Rex grants."""
    with database.writing() as session:
        case = file_case(session, card=False, right="access")
        settle(session, case, staff_named(session, REX))
        factories.answer(session, case, staff_named(session, REX), staff_named(session, REX))
        return case


def received(database: Database) -> Case:
    """File a case whose sources are not all searched, and give it to Rex."""
    with database.writing() as session:
        case = factories.submit_case(session, "object", answers=factories.MARKETING)
        give(session, case, staff_named(session, REX))
        return case


def at(case: Case) -> str:
    return f"/desk/cases/{case.id}"


def reread(database: Database, case: Case) -> Case:
    with database.reader() as session:
        return session.get_one(Case, case.id)


def give_up(database: Database, case: Case) -> None:
    with database.writing() as session:
        jobs = update(Job).where(Job.case_id == case.id, Job.kind == "case.fulfil", Job.done_at.is_(None))
        session.execute(jobs.values(dead_at=now(), fault="SourceDown"))


def halt(database: Database, case: Case) -> None:
    with database.writing() as session:
        stop(session, session.get_one(Case, case.id))


def waiting(database: Database, case: Case, kind: str) -> list[Job]:
    with database.reader() as session:
        found = select(Job).where(Job.case_id == case.id, Job.kind == kind)
        return list(session.scalars(found.where(Job.done_at.is_(None), Job.dead_at.is_(None))))


def actions(browser: Critic, case: Case) -> set[str]:
    return {where.rpartition("/")[2] for where, _held, _names in post_forms(browser.get(at(case)))}


def forge(browser: Critic, case: Case, action: str) -> int:
    """Send a form that the page of ``case`` does not have."""
    token = dict(post_forms(browser.get(at(case)))[0][1])["csrf_token"]
    return browser.post(f"{at(case)}/{action}", data={"csrf_token": token}).status_code


def test_an_answer_that_is_being_carried_out_is_neither_opened_nor_tried_again(database: Database, rex: Critic) -> None:
    case = answered(database, rex)
    assert FAILED not in rex.get(at(case)).text
    assert not {"reopen", "try-again", "search-again", "take-up"} & actions(rex, case)
    assert [forge(rex, case, each) for each in ("reopen", "try-again", "search-again", "take-up")] == [409] * 4


def test_a_failed_answer_is_shown_in_words_and_tried_again_once(database: Database, rex: Critic) -> None:
    case = answered(database, rex)
    give_up(database, case)
    assert FAILED in rex.get(at(case)).text
    assert press(rex, at(case), "/try-again").status_code == 303
    assert len(waiting(database, case, "case.fulfil")) == 1
    text = rex.get(at(case)).text
    assert FAILED not in text
    assert "Had it carried out again" in text
    assert forge(rex, case, "try-again") == 409
    give_up(database, case)
    assert press(rex, at(case), "/try-again").status_code == 303


def test_a_failed_answer_is_opened_again_and_the_person_is_told(database: Database, rex: Critic, max_: Critic) -> None:
    case = answered(database, rex)
    give_up(database, case)
    assert FAILED in max_.get(at(case)).text
    assert "reopen" not in actions(max_, case)
    assert forge(max_, case, "reopen") == 409
    assert press(rex, at(case), "/reopen").status_code == 303
    assert reread(database, case).status is Status.DECIDING
    with database.reader() as session:
        letters = list(session.scalars(select(Mail.letter).where(Mail.case_id == case.id)))
    assert "reopened" in letters
    assert "Opened again, for a new decision" in rex.get(at(case)).text


def test_a_stopped_answer_is_opened_again_but_not_tried_again(database: Database, rex: Critic) -> None:
    case = answered(database, rex)
    halt(database, case)
    give_up(database, case)
    assert {"reopen", "try-again"} & actions(rex, case) == {"reopen"}
    assert forge(rex, case, "try-again") == 409
    assert press(rex, at(case), "/reopen").status_code == 303


def test_work_that_still_waits_ends_when_its_answer_is_opened_again(database: Database, rex: Critic) -> None:
    case = answered(database, rex)
    assert waiting(database, case, "case.fulfil")
    halt(database, case)
    assert press(rex, at(case), "/reopen").status_code == 303
    assert waiting(database, case, "case.fulfil") == [], "it would carry out the next answer before its time"


def test_a_request_is_taken_up_before_every_source_answered(database: Database, rex: Critic, max_: Critic) -> None:
    case = received(database)
    sentence = "Not every source was searched yet."
    assert sentence in max_.get(at(case)).text
    assert "take-up" not in actions(max_, case)
    assert forge(max_, case, "take-up") == 409
    assert sentence in rex.get(at(case)).text
    assert press(rex, at(case), "/take-up").status_code == 303
    assert reread(database, case).status is Status.IDENTITY
    assert "Taken up by the desk" in rex.get(at(case)).text


def test_searching_again_queues_one_search_until_an_answer_stands(database: Database, rex: Critic) -> None:
    case = received(database)
    with database.writing() as session:
        session.execute(update(Job).where(Job.case_id == case.id).values(done_at=now()))
    assert press(rex, at(case), "/search-again").status_code == 303
    (job,) = waiting(database, case, "case.locate")
    with database.writing() as session:
        session.execute(update(Job).where(Job.id == job.id).values(run_at=now().replace(year=2100)))
    assert press(rex, at(case), "/search-again").status_code == 303
    (brought,) = waiting(database, case, "case.locate")
    assert brought.run_at <= now()
    assert rex.get(at(case)).text.count("Had the sources searched again") == 2


def test_only_the_manager_lifts_a_stop_and_writes_why(database: Database, rex: Critic, max_: Critic) -> None:
    case = answered(database, rex)
    assert "lift-stop" not in actions(max_, case)
    halt(database, case)
    assert "lift-stop" not in actions(rex, case)
    assert forge(rex, case, "lift-stop") == 404
    assert press(max_, at(case), "/lift-stop", {"lift": " "}).status_code == 422
    assert reread(database, case).stopped_at is not None
    assert press(max_, at(case), "/lift-stop", {"lift": "She phoned: pressed by mistake."}).status_code == 303
    assert reread(database, case).stopped_at is None
    assert "Stop lifted" in rex.get(at(case)).text
    with database.reader() as session:
        note = session.scalars(select(Message)).all()[-1]
        assert (note.author, text_of(session, note)) == (Author.NOTE, "She phoned: pressed by mistake.")


def test_a_manager_does_not_lift_the_stop_on_their_own_request(database: Database, max_: Critic) -> None:
    with database.writing() as session:
        case = file_case(session, card=False, email="privacy_manager@medbook.example")
    halt(database, case)
    assert "lift-stop" not in actions(max_, case)
    token = dict(post_forms(max_.get(at(case)))[0][1])["csrf_token"]
    refused = max_.post(f"{at(case)}/lift-stop", data={"csrf_token": token, "lift": "It was me."})
    assert refused.status_code == 409
    assert reread(database, case).stopped_at is not None
