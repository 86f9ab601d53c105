"""The person's own pages: found by a mailed code only, the same answer for everybody, and everything that was done."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import OneTimeCode
from portal.audit.record import AuditEntry
from portal.cases.lifecycle import Move, Status
from portal.cases.models import Case, Evidence, Message
from portal.cases.moves import move
from portal.db import Database
from portal.files.keys import KeyDestroyed, Purpose, data_key
from portal.mail.outbox import Mail
from tests.support.critic import Critic, post_forms
from tests.support.factories import (
    ADA,
    BEN,
    actor_for,
    add_member,
    deciding_case,
    finished_case,
    locate,
    show_card,
    submit_case,
)
from tests.support.postbox import Postbox
from tests.support.reading import unbroken
from tests.support.visitors import visitor, with_mailbox

FOREIGN = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "//[",
    "http:evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/ok\r\nSet-Cookie: x=1",
    "",
]


def token_of(browser: Critic) -> str:
    _action, fields, _names = post_forms(browser.get("/en/requests"))[0]
    return str(fields["csrf_token"])


def sign_in(app: Flask, folder: Path, following: str = "", address: str = ADA["email"]) -> Critic:
    """Come in by a mailed code, as a person does."""
    person = visitor(app)
    person.submit("/en/requests", {"email": address, "next": following})
    return finish(app, folder, person, following, address)


def finish(app: Flask, folder: Path, person: Critic, following: str, address: str) -> Critic:
    code = Postbox(app, folder).code(address)
    person.submit("/en/requests/code", {"code": code, "next": following})
    return person


def ada(app: Flask, case: Case) -> Critic:
    return with_mailbox(app, case.mailbox)


def text_of(browser: Critic, path: str) -> str:
    page = browser.get(path)
    assert page.status_code == 200, f"{path}: {page.status_code}"
    return re.sub(r"\s+", " ", unbroken(page.get_data(as_text=True)))


# -- finding one's requests


def test_a_mailed_code_shows_every_request_of_this_mailbox_and_no_other(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        mine = [submit_case(session, right) for right in ("access", "erase")]
        theirs = submit_case(session, who=BEN)
    person = sign_in(app, tmp_path / "post", address="ADA@example.com ".strip())
    page = text_of(person, "/en/requests/mine")
    assert all(case.reference in page for case in mine)
    assert theirs.reference not in page
    assert person.get(f"/en/s/{mine[0].id}").status_code == 200
    assert person.get(f"/en/s/{theirs.id}").status_code == 404


def test_an_unknown_address_gets_the_same_answer_and_as_many_mails(app: Flask, database: Database) -> None:
    with database.writing() as session:
        submit_case(session)
    seen = []
    for address in (ADA["email"], "nobody@example.com"):
        person = visitor(app)
        before = counts(database)
        posted = person.submit("/en/requests", {"email": address})
        page = person.get(posted.location)
        mails, codes_, entries = (after - was for after, was in zip(counts(database), before, strict=True))
        shown = page.get_data(as_text=True).replace(token_of(person), "")
        seen.append((posted.status_code, posted.location, posted.get_data(), shown, mails, codes_, entries))
    assert seen[0] == seen[1]
    assert seen[0][4:] == (1, 1, 0)


def counts(database: Database) -> tuple[int, ...]:
    with database.reader() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (Mail, OneTimeCode, AuditEntry)
        )


def test_who_has_no_request_reads_so_after_the_code_only(app: Flask, tmp_path: Path) -> None:
    person = sign_in(app, tmp_path / "post", address="nobody@example.com")
    assert "We have no requests from this address" in text_of(person, "/en/requests/mine")


@pytest.mark.parametrize("typed", ["", "ada", "ada@example.com\r\nBcc: eve@example.org", "a@b@c", "a@b.co, c@d.co"])
def test_what_is_no_address_is_asked_again_with_what_was_typed(client: Critic, database: Database, typed: str) -> None:
    found = client.submit("/en/requests", {"email": typed})
    assert found.status_code == 422
    assert "Enter an e-mail address" in found.get_data(as_text=True)
    assert counts(database) == (0, 0, 0)


def test_the_fourth_code_in_an_hour_is_not_sent(app: Flask, database: Database) -> None:
    found = [visitor(app).submit("/en/requests", {"email": ADA["email"]}).status_code for _ in range(5)]
    assert found == [303, 303, 303, 429, 429]
    assert counts(database)[0] == 3


def test_a_code_works_only_in_the_browser_that_asked_for_it(app: Flask, database: Database, tmp_path: Path) -> None:
    asker, thief = visitor(app), visitor(app)
    asker.submit("/en/requests", {"email": ADA["email"]})
    code = Postbox(app, tmp_path / "post").code(ADA["email"])
    assert thief.get("/en/requests/code").status_code == 302
    token = token_of(thief)
    assert thief.post("/en/requests/code", data={"code": code, "csrf_token": token}).location.endswith("/en/requests")
    assert asker.submit("/en/requests/code", {"code": code}).location == "/en/requests/mine"


def test_a_wrong_code_is_told_and_counted(app: Flask, tmp_path: Path) -> None:
    person = visitor(app)
    person.submit("/en/requests", {"email": ADA["email"]})
    code = Postbox(app, tmp_path / "post").code(ADA["email"])
    found = [person.submit("/en/requests/code", {"code": f"{(int(code) + 1) % 10**6:06d}"}) for _ in range(6)]
    assert [each.status_code for each in found] == [422] * 6
    assert "tried too often" in found[-1].get_data(as_text=True)
    assert person.get("/en/requests/mine").status_code == 303


def test_a_link_in_a_mail_comes_back_to_its_page_after_the_code(app: Flask, database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        case = submit_case(session)
    path = f"/en/s/{case.id}"
    person = visitor(app)
    sent = person.get(path)
    assert sent.status_code == 303
    asked = person.submit(sent.location, {"email": ADA["email"]})
    code = Postbox(app, tmp_path / "post").code(ADA["email"])
    assert person.submit(asked.location, {"code": code}).location == path


@pytest.mark.parametrize("wanted", FOREIGN)
def test_nobody_is_sent_to_another_site_afterwards(app: Flask, tmp_path: Path, wanted: str) -> None:
    person = visitor(app)
    assert person.get("/en/requests", query_string={"next": wanted}).status_code == 200
    asked = person.post("/en/requests", data={"email": ADA["email"], "next": wanted, "csrf_token": token_of(person)})
    assert asked.location == "/en/requests/code"
    code = Postbox(app, tmp_path / "post").code(ADA["email"])
    done = person.post("/en/requests/code", data={"code": code, "next": wanted, "csrf_token": token_of(person)})
    assert done.location == "/en/requests/mine"


def test_leaving_ends_it(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session)
    person = ada(app, case)
    assert person.post("/en/requests/leave", data={"csrf_token": token_of(person)}).status_code == 303
    assert person.get("/en/requests/mine").status_code == 303


@pytest.mark.parametrize("rest", ["", "/withdraw"])
def test_the_page_of_another_person_is_not_there(app: Flask, database: Database, rest: str) -> None:
    with database.writing() as session:
        case, other = submit_case(session), submit_case(session, who=BEN)
    mallory = with_mailbox(app, other.mailbox)
    assert mallory.get(f"/en/s/{case.id}{rest}").status_code == 404
    assert mallory.get(f"/en/s/{'0' * 32}{rest}").status_code == 404
    for action in ("reply", "withdraw"):
        data = {"csrf_token": token_of(mallory), "message": "hello"}
        assert mallory.post(f"/en/s/{case.id}/{action}", data=data).status_code == 404
    with database.reader() as session:
        assert session.get_one(Case, case.id).status is Status.RECEIVED


# -- what can be done there


def asked_case(session: Session) -> Case:
    case = deciding_case(session)
    move(session, case, Move.ASK, actor_for(add_member(session)))
    return case


def test_an_answer_ends_the_wait_and_tells_the_desk(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = asked_case(session)
    person = ada(app, case)
    assert "We wait for your answer" in text_of(person, f"/en/s/{case.id}")
    sent = person.submit(f"/en/s/{case.id}", {"message": "  From 2019\r\non.\x00 "}, follow_redirects=True)
    assert "Your message is sent." in sent.get_data(as_text=True)
    assert "From 2019\non." in sent.get_data(as_text=True)
    with database.reader() as session:
        after = session.get_one(Case, case.id)
        assert (after.status, after.waits_before) == (Status.DECIDING, None)
        assert session.scalar(select(func.count()).where(Mail.letter == "staff-reply")) == 1
        assert b"2019" not in session.scalars(select(Message.text)).one()


@pytest.mark.parametrize(("typed", "said"), [("   ", "Write your answer first."), ("x" * 5001, "Use at most 5000")])
def test_an_empty_or_endless_message_is_not_sent_and_not_lost(
    app: Flask, database: Database, typed: str, said: str
) -> None:
    with database.writing() as session:
        case = submit_case(session)
    found = ada(app, case).submit(f"/en/s/{case.id}", {"message": typed})
    assert found.status_code == 422
    assert said in found.get_data(as_text=True)
    assert typed.strip() in found.get_data(as_text=True)
    assert counts(database)[0] == 2


def test_what_a_person_writes_stays_text(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session)
    hostile = "<script>alert(1)</script>{{ 7*7 }}%(x)s"
    page = ada(app, case).submit(f"/en/s/{case.id}", {"message": hostile}, follow_redirects=True).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}%(x)s" in page


def test_taking_a_request_back_destroys_the_picture_at_once(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session)
        locate(session, case)
        card = show_card(session, case=case)
    person = ada(app, case)
    assert person.get(f"/en/s/{case.id}/withdraw").status_code == 200
    done = person.submit(f"/en/s/{case.id}/withdraw", {}, follow_redirects=True)
    assert "You took back your request." in done.get_data(as_text=True)
    assert "Withdrawn" in done.get_data(as_text=True)
    assert database.info["vault"].names() == set()
    with database.reader() as session:
        assert session.get_one(Case, case.id).status is Status.WITHDRAWN
        assert session.get_one(Evidence, card.id).destroyed_at is not None
        with pytest.raises(KeyDestroyed):
            data_key(session, card.id, Purpose.IDENTITY)
    assert person.get(f"/en/s/{case.id}/withdraw").status_code == 404


def test_what_was_answered_cannot_be_taken_back(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case, _package = finished_case(session)
    person = ada(app, case)
    assert person.get(f"/en/s/{case.id}/withdraw").status_code == 404
    token = token_of(person)
    assert person.post(f"/en/s/{case.id}/withdraw", data={"csrf_token": token}).status_code == 409
    assert person.post(f"/en/s/{case.id}/reply", data={"csrf_token": token, "message": "x"}).status_code == 404
