"""Handing over: a fresh code, an hour, five times, fourteen days; in parts; to nobody else; made again on a click."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import event, func, select, update

from portal.audit.record import AuditEntry
from portal.cases.lifecycle import Identity
from portal.cases.models import Case, Package
from portal.cases.moves import stop
from portal.cases.retention import sweep
from portal.clock import now
from portal.jobs.outbox import Job
from tests.support.factories import PACKAGE, hand_over, submit_case
from tests.support.handed import ZIP, Handed, clock, handed, token_of
from tests.support.portals import make_settings, portal
from tests.support.visitors import visitor, with_mailbox

__all__ = ["clock", "handed"]


# -- code and window


def test_a_fresh_code_opens_the_file_exactly_as_it_was_made(handed: Handed) -> None:
    handed.open()
    found = handed.fetch()
    assert (found.status_code, found.mimetype, found.data) == (200, "application/zip", PACKAGE)
    assert found.headers["Content-Disposition"] == f'attachment; filename="{ZIP}"'
    assert found.headers["Cache-Control"] == "no-store"
    assert found.headers["Accept-Ranges"] == "bytes"
    assert found.content_length == len(PACKAGE)


def test_the_link_without_a_code_gives_the_code_page_and_no_byte(handed: Handed) -> None:
    found = handed.fetch()
    assert (found.status_code, found.location) == (303, handed.page)
    assert b"PK" not in found.data
    page = handed.person.get(handed.page).get_data(as_text=True)
    assert "First type a code" in page
    assert handed.file not in page


def test_a_wrong_code_opens_nothing_and_counts_no_download(handed: Handed) -> None:
    code = handed.ask()
    found = handed.type(f"{(int(code) + 1) % 1_000_000:06d}")
    assert found.status_code == 422
    assert "This code is not right" in found.get_data(as_text=True)
    assert handed.fetch().status_code == 303
    assert handed.row().downloads == 0
    assert handed.type(code).status_code == 303


def test_the_window_closes_after_an_hour(handed: Handed, clock: time_machine.Traveller) -> None:
    handed.open()
    clock.shift(timedelta(minutes=59, seconds=59))
    assert handed.fetch().status_code == 200
    clock.shift(timedelta(seconds=1))
    assert handed.fetch().status_code == 303


def test_the_window_is_open_in_this_browser_only(handed: Handed) -> None:
    handed.open()
    same_person = with_mailbox(handed.app, handed.case.mailbox)
    assert same_person.get(handed.file).status_code == 303


def test_fetching_writes_nothing_and_counts_nothing(handed: Handed) -> None:
    handed.open()
    written: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.split(None, 1)[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            written.append(statement)

    event.listen(handed.database.engine, "before_cursor_execute", note)
    for _ in range(4):
        assert handed.fetch().status_code == 200
        assert handed.fetch(Range="bytes=0-9").status_code == 206
        handed.person.get(handed.page)
    assert handed.person.head(handed.file).content_length == len(PACKAGE)
    assert written == []
    assert handed.row().downloads == 1


def test_every_opening_stands_in_the_record(handed: Handed, clock: time_machine.Traveller) -> None:
    handed.open()
    clock.shift(timedelta(hours=2))
    handed.come_back()
    handed.open()
    with handed.database.reader() as session:
        opened = session.scalars(select(AuditEntry).where(AuditEntry.kind == "package:opened")).all()
    assert [entry.facts["nth"] for entry in opened] == [1, 2]
    assert {entry.case_id for entry in opened} == {handed.case.id}


def test_five_downloads_and_then_no_code_helps(handed: Handed, clock: time_machine.Traveller) -> None:
    for left in (4, 3, 2, 1, 0):
        handed.open()
        assert 5 - handed.row().downloads == left
        clock.shift(timedelta(hours=2))
        handed.come_back()
    page = handed.person.get(handed.page).get_data(as_text=True)
    assert "Your file is no longer there" in page
    assert "Make my file again" in page
    assert handed.fetch().status_code == 303


def test_a_code_asked_for_before_the_last_download_cannot_make_a_sixth(handed: Handed) -> None:
    code = handed.ask()
    with handed.database.writing() as session:
        session.execute(update(Package).values(downloads=5))
    token = token_of(handed.person)
    found = handed.person.post(handed.page, data={"code": code, "csrf_token": token})
    assert found.status_code == 410
    assert handed.row().downloads == 5


# -- parts of the file


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-14", 5, 15),
        ("bytes=100-", 100, len(PACKAGE)),
        ("bytes=-7", len(PACKAGE) - 7, len(PACKAGE)),
        (f"bytes=0-{len(PACKAGE) * 2}", 0, len(PACKAGE)),
    ],
)
def test_a_part_that_is_asked_for_is_that_part(handed: Handed, wanted: str, start: int, stop: int) -> None:
    handed.open()
    found = handed.fetch(Range=wanted)
    assert (found.status_code, found.data) == (206, PACKAGE[start:stop])
    assert found.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(PACKAGE)}"
    assert found.content_length == stop - start


def test_parts_of_a_large_file_put_together_are_the_file(handed: Handed, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=1))
    large = bytes(range(256)) * 1024  # four chunks of the vault
    with handed.database.writing() as session:
        session.execute(update(Package).where(Package.id == handed.package.id).values(destroyed_at=now()))
        handed.package = hand_over(session, session.get_one(Case, handed.case.id), large)
    handed.open()
    edges = [0, 1, 65_535, 65_536, 65_537, 200_000, len(large)]
    parts = [handed.fetch(Range=f"bytes={a}-{b - 1}").data for a, b in pairwise(edges)]
    assert b"".join(parts) == large == handed.fetch().data


@pytest.mark.parametrize("wanted", [f"bytes={len(PACKAGE)}-", f"bytes={len(PACKAGE) + 5}-{len(PACKAGE) + 9}"])
def test_a_part_beyond_the_end_is_refused(handed: Handed, wanted: str) -> None:
    handed.open()
    found = handed.fetch(Range=wanted)
    assert found.status_code == 416
    assert found.headers["Content-Range"] == f"bytes */{len(PACKAGE)}"


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-9", "lines=1-2", "bytes=9-2", "bytes=x", "nonsense", "bytes=--5"])
def test_what_is_no_single_part_gets_the_whole_file(handed: Handed, wanted: str) -> None:
    handed.open()
    found = handed.fetch(Range=wanted)
    assert (found.status_code, found.data) == (200, PACKAGE)


def test_a_download_that_goes_on_in_a_file_made_again_starts_over(handed: Handed) -> None:
    handed.open()
    tag = handed.fetch().headers["ETag"]
    assert handed.fetch(Range="bytes=5-9", If_Range=tag).status_code == 206
    assert handed.fetch(Range="bytes=5-9", If_Range='"another"').status_code == 200
    assert handed.fetch(Range="bytes=5-9", If_Range="Thu, 12 Mar 2026 09:00:00 GMT").status_code == 200


# -- nobody else


def test_another_person_finds_nothing_there(handed: Handed) -> None:
    mallory = with_mailbox(handed.app, handed.other.mailbox)
    token = token_of(mallory)
    assert mallory.get(handed.page).status_code == 404
    assert mallory.get(handed.file).status_code == 404
    for path in (handed.page, f"{handed.page}/code", f"{handed.page}/renew"):
        assert mallory.post(path, data={"csrf_token": token, "code": "000000"}).status_code == 404
    assert handed.row().downloads == 0


def test_an_open_window_opens_no_other_package(handed: Handed) -> None:
    handed.open()
    assert handed.person.get(f"/en/s/{handed.other.id}/download/{ZIP}").status_code == 404


def test_a_stranger_is_sent_to_the_code_page(handed: Handed) -> None:
    for path in (handed.page, handed.file):
        found = visitor(handed.app).get(path)
        assert (found.status_code, found.location.partition("?")[0]) == (303, "/en/requests")


def test_a_case_without_a_package_has_no_download_page(handed: Handed) -> None:
    with handed.database.writing() as session:
        case = submit_case(session)
    assert handed.person.get(f"/en/s/{case.id}/download").status_code == 404


def test_a_stop_closes_an_open_window_at_once(handed: Handed) -> None:
    handed.open()
    assert handed.fetch().status_code == 200
    with handed.database.writing() as session:
        assert stop(session, session.get_one(Case, handed.case.id))
    assert handed.fetch().status_code == 404
    assert handed.person.get(handed.page).status_code == 404
    assert "Download your file" not in handed.person.get(f"/en/s/{handed.case.id}").get_data(as_text=True)


def test_a_guard_that_is_no_longer_met_closes_it_too(handed: Handed) -> None:
    handed.open()
    with handed.database.writing() as session:
        session.execute(update(Case).where(Case.id == handed.case.id).values(identity=Identity.IMPOSTOR))
    assert handed.fetch().status_code == 404


# -- its end, and making it again


def test_after_fourteen_days_the_file_is_gone_even_with_an_open_window(
    handed: Handed, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=14) - timedelta(minutes=5))
    handed.come_back()
    handed.open()
    assert handed.fetch().status_code == 200
    clock.shift(timedelta(minutes=5))
    found = handed.fetch()
    assert found.status_code == 410
    assert "Make my file again" in found.get_data(as_text=True)
    with handed.database.writing() as session:
        sweep(session, now())
    assert handed.fetch().status_code == 410


def test_it_is_made_again_with_one_click_and_a_double_click_is_one(
    handed: Handed, clock: time_machine.Traveller
) -> None:
    with handed.database.writing() as session:
        session.execute(update(Package).values(expires_at=now()))
    for _ in range(2):
        found = handed.person.submit(handed.page, {}, follow_redirects=True)
        assert "We make your file again" in found.get_data(as_text=True)
    with handed.database.reader() as session:
        renewals = select(func.count()).where(Job.case_id == handed.case.id, Job.dedup.like("renew:%"))
        assert session.scalar(renewals) == 1
        assert session.scalar(select(func.count()).where(AuditEntry.kind == "package:renewed")) == 1
    clock.shift(timedelta(minutes=1))
    with handed.database.writing() as session:
        hand_over(session, session.get_one(Case, handed.case.id), b"PK made again")
    handed.open()
    assert handed.fetch().data == b"PK made again"


def test_a_file_that_still_works_is_not_made_again(handed: Handed) -> None:
    token = token_of(handed.person)
    assert handed.person.post(f"{handed.page}/renew", data={"csrf_token": token}).status_code == 409


def test_no_code_is_sent_for_a_file_that_is_gone(handed: Handed) -> None:
    token = token_of(handed.person)
    with handed.database.writing() as session:
        session.execute(update(Package).values(expires_at=now()))
    before = len(handed.post.deliver())
    assert handed.person.post(f"{handed.page}/code", data={"csrf_token": token}).status_code == 303
    assert len(handed.post.deliver()) == before


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_the_page_stands_in_every_language(handed: Handed, language: str) -> None:
    page = handed.person.get(f"/{language}/s/{handed.case.id}/download")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.get_data(as_text=True)


def test_it_works_the_same_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    with portal(make_settings(tmp_path, database_url=postgres_url)) as app:
        handed = Handed(app, app.extensions["portal_db"], tmp_path / "post")
        handed.open()
        assert handed.fetch().data == PACKAGE
