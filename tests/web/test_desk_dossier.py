"""The dossier of a case: everything on record, the same bytes each time, given to the privacy manager on record."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from portal.accounts.models import Role
from portal.audit.desk_events import DossierMade
from portal.audit.record import AuditEntry
from portal.cases.access import seal_json
from portal.cases.lifecycle import Outcome
from portal.cases.models import Carried, Case
from portal.cases.redactions import Kind as RedactionKind
from portal.cases.redactions import Target, hide
from portal.cases.retention import CONTENT_DAYS, sweep
from portal.cases.said import disagree
from portal.clock import now
from portal.db import Database
from portal.files.keys import Purpose
from portal.review.dossier import dossier
from portal.review.history import entries_of
from portal.tracking.actions import add_to
from tests.support.arriving import press as press_case
from tests.support.arriving import the_case, upload
from tests.support.critic import Critic
from tests.support.desk import actor, press, staff_named
from tests.support.factories import add_member, answer, deciding_case, locate, submit_case, write_decision
from tests.support.mails import mail
from tests.support.papers import make_papers
from tests.support.visitors import signed_in
from tests.web.test_desk_decision import REFUSAL, REX, at, ready, reread, send
from tests.web.test_desk_terms import MORE, force


def opened(content: bytes) -> dict[str, bytes]:
    """Return every file of a dossier."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def refused(app: Flask, database: Database, rex: Critic, max_: Critic) -> Case:
    """Give a case whose term was extended and that two people refused."""
    case = ready(database, right="access")
    assert press(rex, at(case), "/extend", MORE).status_code == 303
    assert send(rex, case, REFUSAL).status_code == 303
    assert press(max_, f"{at(case)}/second", "/confirm").status_code == 303
    make_papers(app)
    return case


def test_a_dossier_holds_request_clock_decision_record_and_hashes(refused: Case, max_: Critic) -> None:
    given = press(max_, at(refused), "/dossier")
    assert (given.status_code, given.mimetype) == (200, "application/zip")
    files = opened(given.data)
    listed = json.loads(files["contents.json"])["sha256"]
    assert listed == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "contents.json"
    }
    request, clock = json.loads(files["request.json"]), json.loads(files["clock.json"])
    assert request["contact"]["name"] == "Lies Janssens"
    assert request["answers"] == {"about": ["everything"], "form": [{"form": "copy"}]}
    assert clock["extension"] == {"because": "complex", "reason": MORE["more_time"]}
    decision = json.loads(files["decisions/version-1.json"])
    assert (decision["outcome"], decision["ground"], decision["sent"]) == ("refuse", "not-identified", True)
    assert decision["decided_by"] != decision["confirmed_by"] != ""
    assert REFUSAL["facts"] in files["decisions/version-1.html"].decode()
    assert [name for name in files if name.startswith("signed/") and files[name].startswith(b"%PDF")]
    record = json.loads(files["record.json"])
    assert record[0]["kind"] == "case:received"
    assert all(later["previous_of_case"] == earlier["hash"] for earlier, later in pairwise(record))
    assert {each["case_id"] for each in record} == {refused.id}
    assert json.loads(files["chain.json"]) == {"faults": []}
    assert "extension" in {each["letter"] for each in json.loads(files["mails.json"])}
    assert b"lies@example.com" not in files["mails.json"]


def test_a_dossier_says_how_a_mail_came_in_and_why_its_day_was_set(
    app: Flask, database: Database, rex: Critic, max_: Critic
) -> None:
    upload(rex, bytes(mail(received=None)))
    case = the_case(database)
    press_case(rex, case, "take")
    press_case(rex, case, "arrival", arrived_on="2026-11-20", arrival_why="The log of our server.")
    with database.writing() as session:
        found = session.get_one(Case, case.id)
        locate(session, found)
        target = Target(RedactionKind.COLUMN, "medbook.reviews", "author")
        hide(session, found, [target], "rights-of-others", "Names a colleague.", actor(staff_named(session, REX)))
        add_to(session, found, "And my newsletters too.", "Ada Peeters")
    files = opened(press(max_, at(case), "/dossier").data)
    arrival = json.loads(files["arrival.json"])
    assert (arrival["basis"], arrival["why"], arrival["subject"]) == ("desk", "The log of our server.", "Mijn gegevens")
    (hidden,) = json.loads(files["hidden.json"])
    assert (hidden["column"], hidden["ground"], hidden["note"]) == ("author", "rights-of-others", "Names a colleague.")
    assert [each["text"] for each in json.loads(files["amendments.json"])] == ["And my newsletters too."]
    assert "searched" in json.loads(files["search.json"])
    assert [json.loads(files[f"{name}.json"]) for name in ("carried-out", "kept", "recipients")] == [[], [], []]


def test_a_dossier_says_what_was_changed_where_and_no_row_of_it(database: Database, max_: Critic) -> None:
    with database.writing() as session:
        case = submit_case(session)
        proof = [{"key": "medbook.accounts", "title": {"en": "Account"}, "rows": 2, "effect": "erased"}]
        sealed = seal_json(session, case.id, Purpose.DECISION, proof)
        done = {"changed": 2, "kept": 0, "digest": "d" * 64, "proof": sealed, "at": now(), "done_at": now()}
        session.add(Carried(case_id=case.id, source="medbook", **done))
    files = opened(press(max_, at(case), "/dossier").data)
    (carried,) = json.loads(files["carried-out.json"])
    assert (carried["source"], carried["changed"], carried["collections"]) == ("medbook", 2, proof)


def test_a_dossier_says_of_each_decision_whether_it_was_sent_and_when(database: Database, max_: Critic) -> None:
    with database.writing() as session:
        case = deciding_case(session)
        first, second = add_member(session, number=1), add_member(session, number=2)
        answer(session, case, first, second, Outcome.REFUSE)
        disagree(session, case, "You overlooked my invoices.")
        write_decision(session, case, second, Outcome.GRANT)
    files = opened(press(max_, at(case), "/dossier").data)
    one, two = (json.loads(files[f"decisions/version-{number}.json"]) for number in (1, 2))
    assert (one["sent"], two["sent"], two["sent_at"]) == (True, False, None), "the second one is only proposed"
    assert one["sent_at"]


def test_the_same_case_gives_the_same_bytes_and_each_giving_is_on_record(
    app: Flask, database: Database, refused: Case, max_: Critic
) -> None:
    with app.app_context(), database.reader() as session:
        case = session.get_one(Case, refused.id)
        assert dossier(session, case) == dossier(session, case)
    given = press(max_, at(refused), "/dossier").data
    with database.reader() as session:
        last = entries_of(session, session.get_one(Case, refused.id))[-1]
    assert (last.kind, last.facts["sha256"]) == (DossierMade.kind, hashlib.sha256(given).hexdigest())


def test_a_record_that_was_tampered_with_says_so_in_the_dossier(app: Flask, database: Database, refused: Case) -> None:
    with database.writing() as session:
        second = entries_of(session, session.get_one(Case, refused.id))[1]
        session.execute(update(AuditEntry).where(AuditEntry.seq == second.seq).values(actor_role="somebody else"))
    with app.app_context(), database.reader() as session:
        files = opened(dossier(session, session.get_one(Case, refused.id)))
    assert json.loads(files["chain.json"])["faults"] == [f"audit: entry {second.seq} was changed"]


def test_nobody_but_the_privacy_manager_makes_one(app: Flask, refused: Case, rex: Critic) -> None:
    assert "/dossier" not in rex.get(at(refused)).text
    assert force(rex, refused, "/dossier", {}).status_code == 404
    assert signed_in(app, Role.AUDITOR).get(at(refused)).status_code == 404


def test_what_was_forgotten_is_not_in_it_and_the_record_is(app: Flask, database: Database, refused: Case) -> None:
    with time_machine.travel(now() + timedelta(days=CONTENT_DAYS + 1), tick=False), app.app_context():
        with database.writing() as session:
            sweep(session, now())
        assert reread(database, refused).forgotten_at is not None
        with database.reader() as session:
            files = opened(dossier(session, session.get_one(Case, refused.id)))
    assert {"messages.json", "search.json", "hidden.json", "amendments.json"}.isdisjoint(files)
    assert "contact" not in json.loads(files["request.json"])
    assert "content" not in json.loads(files["decisions/version-1.json"])
    assert len(json.loads(files["record.json"])) > 5
