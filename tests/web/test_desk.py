"""The queue and the case page: order, pages, filters, search, tags, taking, notes, questions; who may see what."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask
from sqlalchemy import event, select, update

from portal.accounts.models import Role, Staff
from portal.audit.record import PERSON, AuditEntry
from portal.cases.access import text_of
from portal.cases.lifecycle import Move, Status
from portal.cases.models import Author, Case, Evidence, Message
from portal.cases.moves import move, stop
from portal.clock import now
from portal.db import Database
from portal.review.handling import ask_person
from portal.review.history import MOVES
from tests.support.critic import Critic
from tests.support.desk import actor, file_case, give, press, press_on, settle, staff_named
from tests.support.visitors import signed_in

DAY = timedelta(days=1)
REX, MAX = "reviewer@medbook.example", "privacy_manager@medbook.example"


def file(database: Database, **wish: object) -> Case:
    with database.writing() as session:
        return file_case(session, card=False, **wish)


def reread(database: Database, case: Case) -> Case:
    with database.reader() as session:
        return session.get_one(Case, case.id)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect every SELECT of the block."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_the_nearest_deadline_stands_first_in_words(database: Database, rex: Critic) -> None:
    ages = {"Ada": 2, "Bea": 31, "Cas": 30}
    for name, days in ages.items():
        file(database, name=name, email=f"{name}@example.com", age=days * DAY)
    text = rex.get("/desk/").text
    assert text.index("Bea") < text.index("Cas") < text.index("Ada")
    assert "1 day late" in text
    assert "due today" in text
    assert "3 open requests" in text


def test_the_queue_asks_as_many_queries_for_sixty_cases_as_for_five(database: Database, rex: Critic) -> None:
    rex.get("/desk/")
    numbers = []
    for wanted in (5, 60):
        with database.writing() as session:
            for number in range(wanted):
                file_case(session, card=False, email=f"{wanted}-{number}@example.com", on_file=number % 2 == 0)
        with counted(database) as queries:
            assert rex.get("/desk/").status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 15


def test_a_card_that_nobody_judged_for_ten_days_stands_on_top_until_it_goes(database: Database, rex: Critic) -> None:
    with database.writing() as session:
        for number in range(26):
            file_case(session, card=False, right="access", name=f"N{number:02}x", age=DAY)
        file_case(session, right="access", name="N77x")
        session.execute(update(Evidence).values(created_at=now() - 10 * DAY))
        file_case(session, right="access", name="N88x")
    page = rex.get("/desk/").text
    assert (_names(page)[0], len(_names(page)), page.count("picture goes soon")) == ("N77x", 26, 1)
    assert "1–25 of 28" in page
    later = rex.get(str(_link(page, "next"))).text
    assert "N77x" in _names(later), "and in its turn"
    assert "N77x" not in _names(rex.get("/desk/?view=answered").text)
    with database.writing() as session:
        session.execute(update(Evidence).values(destroyed_at=now()))
    assert _names(rex.get("/desk/").text)[0] != "N77x"


def test_turning_pages_shows_every_case_once_there_and_back(database: Database, rex: Critic) -> None:
    with database.writing() as session:
        for number in range(57):
            file_case(session, card=False, right="access", name=f"N{number:02}x", age=(number % 5) * DAY)
    pages, path = [], "/desk/"
    while path:
        page = rex.get(path).text
        pages.append(_names(page))
        path = _link(page, "next")
        earlier = _link(page, "prev")
    names = [name for page_names in pages for name in page_names]
    assert [len(names) for names in pages] == [25, 25, 7]
    assert len(set(names)) == 57
    assert "1–25 of 57" in rex.get("/desk/").text
    assert _names(rex.get(earlier).text) == pages[1]


def test_views_and_filters_keep_what_they_say(database: Database, rex: Critic) -> None:
    ada = file(database, name="Ada", email="ada@example.com")
    file(database, name="Bea", email="bea@example.com", right="access", language="fr")
    with database.writing() as session:
        settle(session, session.get_one(Case, ada.id), staff_named(session, REX))
    shown = {
        "view=mine": "Ada",
        "view=new": "Bea",
        "view=identity": "Bea",
        "view=all": "Ada Bea",
        "view=answered": "",
        "view=waiting": "",
        "view=second": "",
        "view=made-up": "Ada Bea",
        "right=access": "Bea",
        "language=nl": "Ada",
        "right=made-up&language=xx&after=nonsense": "Ada Bea",
        "view=due&right=erase&language=fr": "",
    }
    for query, names in shown.items():
        text = rex.get(f"/desk/?{query}").text
        assert [name for name in ("Ada", "Bea") if f"<td>{name}" in text] == names.split(), query


def test_a_search_finds_number_name_or_address_and_leaves_no_name_in_the_address(
    database: Database, rex: Critic
) -> None:
    ada = file(database, name="Ada  Peeters", email="ada@example.com")
    file(database, name="Bea", email="bea@example.com")
    spoken = ada.reference.removeprefix("MB-").replace("-", " ").lower()
    for words in (ada.reference, ada.reference.lower(), spoken, f"mb{spoken}", "ada PEETERS", " ADA@example.com "):
        answer = press(rex, "/desk/", "/desk/search", {"words": words})
        assert (answer.status_code, answer.location) == (200, None)
        assert ada.reference in answer.text
        assert "<td>Bea" not in answer.text
    assert ada.reference not in press(rex, "/desk/", "/desk/search", {"words": "Ada"}).text
    assert press(rex, "/desk/", "/desk/search", {"words": " "}).status_code == 422


def test_tags_say_what_needs_a_look(database: Database, rex: Critic) -> None:
    away, answered = file(database, on_file=False), file(database, email="b@example.com")
    with database.writing() as session:
        stop(session, session.get_one(Case, away.id))
        case = session.get_one(Case, answered.id)
        give(session, case, staff_named(session, REX))
        ask_person(session, case, "Which account?", actor(staff_named(session, REX)))
        session.add(Message(case_id=case.id, author=Author.PERSON, text=b"", created_at=case.received_at + DAY))
        move(session, case, Move.REPLY, PERSON)
    text = rex.get("/desk/").text
    for tag in ("stopped", "address unknown", "72-hour hold", "new message"):
        assert text.count(f">{tag}<") == 1, tag


def test_the_page_shows_what_is_asked_and_what_is_on_file(database: Database, rex: Critic) -> None:
    case = file(database, age=DAY)
    earlier = file(database, right="access", age=3 * DAY)
    text = rex.get(f"/desk/cases/{case.id}").text
    for words in (
        "Lies Janssens wants data deleted",
        "Right to erasure, art. 17",
        "Everything, my account too",
        "Lies M. Janssens",
        "same address",
        case.signed_hash,
        earlier.reference,
        "Assessments",
        "31 December 2033",
        "Received, confirmed by mail",
    ):
        assert words in text, words


def test_only_who_took_a_case_works_on_it(database: Database, rex: Critic, max_: Critic) -> None:
    case = file(database)
    path = f"/desk/cases/{case.id}"
    assert "/question" not in rex.get(path).text
    press(rex, path, "/take")
    assert reread(database, case).assigned_to is not None
    assert "/question" not in max_.get(path).text
    page = rex.get(path)
    press(max_, path, "/take")
    refused = press_on(rex, page, "/question", {"question": "Which account do you mean?"})
    assert refused.status_code == 409
    assert "Which account do you mean?" in refused.text
    assert reread(database, case).status is Status.IDENTITY


def test_of_two_who_take_a_case_at_once_one_gets_it(database: Database, rex: Critic, max_: Critic) -> None:
    case = file(database)
    path = f"/desk/cases/{case.id}"
    seen_by_both = rex.get(path), max_.get(path)
    assert press_on(rex, seen_by_both[0], "/take").status_code == 303
    assert press_on(max_, seen_by_both[1], "/take").status_code == 409


def test_a_case_is_handed_over_to_who_can_work_on_it_only(app: Flask, database: Database, rex: Critic) -> None:
    signed_in(app, Role.MANAGER), signed_in(app, Role.AUDITOR)
    case = file(database)
    path = f"/desk/cases/{case.id}"
    press(rex, path, "/take")
    with database.reader() as session:
        ids = {member.role: member.id for member in session.scalars(select(Staff))}
    assert press(rex, path, "/hand-over", {"colleague": ids[Role.AUDITOR]}).status_code == 409
    assert press(rex, path, "/hand-over", {"colleague": ""}).status_code == 422
    assert press(rex, path, "/hand-over", {"colleague": ids[Role.MANAGER]}).status_code == 303
    assert reread(database, case).assigned_to == ids[Role.MANAGER]
    assert "Handed over to Rex privacy_manager" in rex.get(path).text


def test_a_note_is_kept_for_staff_and_moves_nothing(database: Database, rex: Critic) -> None:
    case = file(database)
    path = f"/desk/cases/{case.id}"
    assert press(rex, path, "/note", {"note": " "}).status_code == 422
    assert press(rex, path, "/note", {"note": "x" * 5001}).status_code == 422
    assert press(rex, path, "/note", {"note": "The hospital <b>phoned</b>."}).status_code == 303
    assert "The hospital &lt;b&gt;phoned&lt;/b&gt;." in rex.get(path).text
    with database.reader() as session:
        note = session.scalars(select(Message)).one()
        assert (note.author, text_of(session, note)) == (Author.NOTE, "The hospital <b>phoned</b>.")
    assert reread(database, case).status is Status.IDENTITY


def test_a_question_makes_the_case_wait_and_going_on_brings_it_back(database: Database, rex: Critic) -> None:
    case = file(database)
    path = f"/desk/cases/{case.id}"
    press(rex, path, "/take")
    assert press(rex, path, "/question", {"question": "Which account?"}).status_code == 303
    waiting = reread(database, case)
    assert (waiting.status, waiting.due_on) == (Status.WAITING, case.due_on)
    assert press(rex, path, "/go-on").status_code == 303
    assert reread(database, case).status is Status.IDENTITY


def test_fields_that_a_form_does_not_have_change_nothing(database: Database, rex: Critic) -> None:
    case = file(database)
    forged = {"status": "answered", "identity": "confirmed", "on_file": "1", "role": "admin", "decision_id": "x"}
    press(rex, f"/desk/cases/{case.id}", "/note", {"note": "plain", **forged})
    after = reread(database, case)
    assert (after.status, after.identity, after.decision_id) == (case.status, case.identity, None)
    with database.reader() as session:
        assert session.scalars(select(Staff.role)).all() == [Role.REVIEWER]


def test_a_case_that_is_not_there_is_not_found(rex: Critic) -> None:
    assert rex.get("/desk/cases/" + "f" * 32).status_code == 404


def test_the_record_has_words_for_every_move() -> None:
    assert set(MOVES) == set(Move)


def test_looking_at_a_case_writes_nothing(database: Database, rex: Critic) -> None:
    case = file(database)
    with database.reader() as session:
        before = len(session.scalars(select(AuditEntry.seq)).all())
    rex.get(f"/desk/cases/{case.id}")
    with database.reader() as session:
        assert len(session.scalars(select(AuditEntry.seq)).all()) == before


def _names(page: str) -> list[str]:
    return re.findall(r"<td>(N\d\dx)</td>", page)


def _link(page: str, rel: str) -> str:
    _head, found, tail = page.partition(f'<a rel="{rel}" href="')
    return tail.partition('"')[0].replace("&amp;", "&") if found else ""
