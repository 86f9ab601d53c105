"""The identity desk on real findings: what is on file, what the search answers by itself, what a doubt asks."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Role
from portal.cases.access import text_of
from portal.cases.lifecycle import Identity, Status
from portal.cases.models import Author, Case, Evidence, Message
from portal.db import Database
from portal.demo.medbook import Person, demo_people
from portal.files.verdicts import REMARKS, Remark
from tests.support.critic import Critic
from tests.support.desk import file_case, press
from tests.support.factories import show_card, submit_case
from tests.support.portals import work
from tests.support.visitors import signed_in, with_mailbox
from tests.support.walks import main_of

PEOPLE = demo_people()
MOVED = next(each for each in PEOPLE.people if each.moved)
LATELY = "changed in the last 30 days"


def at(case_id: str) -> str:
    return f"/desk/cases/{case_id}"


def ask(app: Flask, person: Person) -> str:
    """File a request of ``person`` with a picture of a card, and search for it."""
    who = {"name": person.full_name, "email": person.email, "residence": "be", "acting": "self"}
    with app.extensions["portal_db"].writing() as session:
        case = submit_case(session, who=who)
        show_card(session, case=case)
    work(app)
    return case.id


@pytest.mark.parametrize(
    ("person", "says", "lately"), [(PEOPLE.ada, "yes", False), (MOVED, "no", True)], ids=["on file", "moved"]
)
def test_the_search_answers_whether_the_mailbox_is_on_file_and_the_record_keeps_it(
    medbook_app: Flask, person: Person, says: str, lately: bool
) -> None:
    case_id, rex = ask(medbook_app, person), signed_in(medbook_app, Role.REVIEWER)
    press(rex, at(case_id), "/take")
    page = main_of(rex.get(at(case_id)))
    assert f"Mailbox is on file by the search {says}" in page
    assert person.full_name in page.partition("On file")[2]
    assert (f"{MOVED.email} {LATELY}" in page) is lately
    assert (LATELY in page) is lately
    assert press(rex, at(case_id), "/identity", {"verdict": "unproven", "check-mailbox": "yes"}).status_code == 303
    assert f"Mailbox is on file: {says}." in main_of(rex.get(at(case_id)))


def test_a_doubt_without_words_asks_for_what_each_no_needs_in_the_language_of_the_person(
    app: Flask, database: Database, rex: Critic
) -> None:
    with database.writing() as session:
        case = file_case(session, language="fr")
    press(rex, at(case.id), "/take")
    said = {"check-name": "yes", "check-valid": "no", "check-front": "no", "verdict": "doubt"}
    assert press(rex, at(case.id), "/identity", said).status_code == 303
    with database.reader() as session:
        after = session.get_one(Case, case.id)
        (asked,) = session.scalars(select(Message).where(Message.author == Author.STAFF))
        lines = text_of(session, asked).splitlines()
    assert (after.status, after.identity) == (Status.WAITING, Identity.DOUBT)
    assert [line.partition(".")[0] for line in lines] == [
        "La carte n’est plus valable",
        "La photo ne montre pas l’avant d’une carte d’identité",
    ]
    assert "La carte n’est plus valable" in main_of(with_mailbox(app, after.mailbox).get(f"/fr/s/{case.id}"))


def test_a_doubt_with_words_asks_just_these(database: Database, rex: Critic) -> None:
    with database.writing() as session:
        case = file_case(session)
    press(rex, at(case.id), "/take")
    said = {"check-valid": "no", "verdict": "doubt", "doubt": "Hebt u een andere kaart?"}
    assert press(rex, at(case.id), "/identity", said).status_code == 303
    with database.reader() as session:
        (asked,) = session.scalars(select(Message).where(Message.author == Author.STAFF))
        assert text_of(session, asked) == "Hebt u een andere kaart?"


def test_a_doubt_about_nothing_is_not_taken(database: Database, rex: Critic) -> None:
    with database.writing() as session:
        case = file_case(session)
    press(rex, at(case.id), "/take")
    answer = press(rex, at(case.id), "/identity", {"check-valid": "yes", "verdict": "doubt"})
    assert (answer.status_code, "Write what the person should send or explain." in answer.text) == (422, True)


def test_what_is_odd_about_a_picture_stands_beside_it(database: Database, rex: Critic) -> None:
    with database.writing() as session:
        case, other = file_case(session), file_case(session, name="Iemand", email="iemand@example.org")
        card, same = (
            session.scalars(select(Evidence).where(Evidence.case_id == each.id)).one() for each in (case, other)
        )
        card.same_as, card.warnings = same.id, [REMARKS[Remark.BLURRED]]
    press(rex, at(case.id), "/take")
    page = main_of(rex.get(at(case.id)))
    assert f"Somebody with another mailbox sent the same picture. {other.reference}" in page
    assert REMARKS[Remark.BLURRED] in page
