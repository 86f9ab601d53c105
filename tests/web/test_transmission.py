"""Straight to another organisation: behind a fresh code, by a link that opens once; no more than the person could."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.tokens import LinkPurpose, make_link
from portal.audit.delivery_events import PackageSentOn, PackageTaken
from portal.audit.record import AuditEntry
from portal.cases.letters import SENT_ON
from portal.cases.moves import stop
from portal.cases.retention import sweep
from portal.clock import now
from portal.db import Database
from portal.delivery.transmission import MOST, Transmission
from portal.mail.outbox import Mail, MailState, address_of
from tests.support.critic import Critic, post_forms
from tests.support.factories import PACKAGE
from tests.support.handed import Handed, clock, handed, token_of
from tests.support.visitors import visitor

__all__ = ["clock", "handed"]
ADDRESS = "intake@portfolio.example.com"


@pytest.fixture
def port(app: Flask, database: Database, tmp_path: Path, clock: time_machine.Traveller) -> Handed:
    """Give a file of data to take elsewhere, in a browser with a fresh code."""
    found = Handed(app, database, tmp_path / "post", "port")
    found.open()
    return found


def send(port: Handed, receiver: str | None = "voorbeeld-portfolio") -> TestResponse:
    """Press the button that sends the file on."""
    page = port.person.get(port.page)
    at = [action for action, _fields, _names in post_forms(page)].index(f"{port.page}/send")
    return port.person.submit(port.page, {"receiver": receiver} if receiver else {}, form=at)


def link(port: Handed) -> str:
    """Return the address in the newest mail to the receiver."""
    with port.database.reader() as session:
        mail = session.scalars(select(Mail).where(Mail.letter == SENT_ON).order_by(Mail.queued_at.desc())).first()
        assert mail is not None
        assert address_of(session, mail) == ADDRESS
        assert (mail.language, "Ada" in str(mail.facts)) == ("nl", False)
        return f"/{mail.language}/receive/{mail.facts['receive']}"


def kinds(port: Handed) -> list[str]:
    with port.database.reader() as session:
        return [entry.kind for entry in session.scalars(select(AuditEntry).where(AuditEntry.case_id == port.case.id))]


def fetched(stranger: Critic, address: str) -> TestResponse:
    return stranger.submit(address, {})


def test_the_receiver_gets_the_file_once_and_the_person_sees_it(port: Handed, clock: time_machine.Traveller) -> None:
    assert send(port).status_code == 303
    assert "not taken yet" in port.person.get(port.page).text
    stranger = visitor(port.app)
    page = stranger.get(link(port))
    assert (page.status_code, "Voorbeeld Portfolio nv" in page.text, "Ada" in page.text) == (200, True, False)
    assert kinds(port).count(PackageTaken.kind) == 0, "looking takes nothing"
    given = fetched(stranger, link(port))
    assert (given.status_code, given.mimetype, given.data) == (200, "application/zip", PACKAGE)
    assert "taken on" in port.person.get(port.page).text
    clock.shift(timedelta(minutes=59))
    assert fetched(stranger, link(port)).data == PACKAGE, "a lost line may be tried again"
    clock.shift(timedelta(minutes=2))
    late = stranger.get(link(port))
    assert (late.status_code, b"PK" in late.data) == (410, False)
    assert (kinds(port).count(PackageSentOn.kind), kinds(port).count(PackageTaken.kind)) == (1, 1)


def test_a_used_link_gives_nothing_to_who_kept_its_page(port: Handed, clock: time_machine.Traveller) -> None:
    send(port)
    stranger, late = visitor(port.app), visitor(port.app)
    _action, fields, _names = post_forms(late.get(link(port)))[0]
    fetched(stranger, link(port))
    clock.shift(timedelta(minutes=61))
    refused = late.post(link(port), data=fields)
    assert (refused.status_code, b"PK" in refused.data) == (410, False)


def test_nothing_is_sent_without_a_fresh_code(port: Handed, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=61))
    port.come_back()
    assert f"{port.page}/send" not in port.person.get(port.page).text
    said = {"csrf_token": token_of(port.person), "receiver": "voorbeeld-portfolio"}
    answer = port.person.post(f"{port.page}/send", data=said)
    assert (answer.status_code, answer.location) == (303, port.page)
    assert PackageSentOn.kind not in kinds(port)


def test_only_an_organisation_of_the_file_gets_it(port: Handed) -> None:
    for receiver in (None, "eve@example.org"):
        answer = send(port, receiver)
        assert (answer.status_code, "Choose the organisation" in answer.text) == (422, True)
    assert PackageSentOn.kind not in kinds(port)


def test_a_copy_to_read_is_not_sent_on(handed: Handed) -> None:
    handed.open()
    assert f"{handed.page}/send" not in handed.person.get(handed.page).text
    said = {"csrf_token": token_of(handed.person), "receiver": "voorbeeld-portfolio"}
    answer = handed.person.post(f"{handed.page}/send", data=said)
    assert answer.status_code == 409
    assert PackageSentOn.kind not in kinds(handed)


def test_a_case_that_is_stopped_or_forgotten_gives_the_receiver_nothing(port: Handed) -> None:
    send(port)
    with port.database.writing() as session:
        stop(session, session.merge(port.case))
    assert visitor(port.app).get(link(port)).status_code == 410


def test_the_link_ends_with_the_file(port: Handed, clock: time_machine.Traveller) -> None:
    send(port)
    clock.shift(timedelta(days=15))
    with port.database.writing() as session:
        sweep(session, now())
    assert visitor(port.app).get(link(port)).status_code == 410


def test_five_sendings_are_enough(port: Handed) -> None:
    for _number in range(MOST):
        assert send(port).status_code == 303
    assert send(port).status_code == 409


def test_a_mail_that_came_back_is_told_to_the_person(port: Handed) -> None:
    send(port)
    with port.database.writing() as session:
        for mail in session.scalars(select(Mail).where(Mail.letter == SENT_ON)):
            mail.state = MailState.BOUNCED
    assert "the mail did not arrive" in port.person.get(port.page).text


def test_a_link_for_something_else_opens_nothing(port: Handed) -> None:
    send(port)
    with port.app.app_context(), port.database.reader() as session:
        sending = session.scalars(select(Transmission)).one()
        other = make_link(session, LinkPurpose.TOLD, sending.id)
    assert visitor(port.app).get(f"/en/receive/{other}").status_code == 410
    assert visitor(port.app).get("/en/receive/made-up").status_code == 410
