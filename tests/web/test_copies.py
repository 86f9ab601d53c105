"""A copy is looked through before it is released: what is hidden stays out, and what changed is looked at again."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text, update

from portal.audit.desk_events import CopyHidden
from portal.audit.record import AuditEntry
from portal.cases.lifecycle import Identity, Status
from portal.cases.models import Case, Package
from portal.cases.retention import sweep
from portal.cases.trial import TrialCopy, trial_of
from portal.clock import now
from portal.config import SourceUrls
from portal.demo.medbook import build
from portal.mail.outbox import Mail
from portal.verify import breaches
from tests.support.colleagues import browser_of, csrf_of, member_of
from tests.support.copying import CopyDesk
from tests.support.desk import press, press_on
from tests.support.portals import make_settings, portal, work


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SourceUrls]:
    """Give both databases of a small made-up Medbook of our own: these tests change rows in it."""
    folder = tmp_path_factory.mktemp("copies")
    found = {key: f"sqlite:///{folder / key}.db" for key in ("medbook", "medbook_support")}
    build(found["medbook"], found["medbook_support"], now(), people=30)
    return {key: SourceUrls(url, url) for key, url in found.items()}


@pytest.fixture
def shop(tmp_path: Path, migrated: Path, urls: dict[str, SourceUrls]) -> Iterator[Flask]:
    """Give a portal on that Medbook in which a copy with texts about others must be looked through."""
    with portal(make_settings(tmp_path, demo=True, smtp=None, source_urls=urls, look_through=True), migrated) as app:
        yield app


def test_a_copy_with_texts_about_others_is_not_granted_unlooked(shop: Flask) -> None:
    desk = CopyDesk(shop)
    assert desk.grant().status_code == 409
    assert (desk.case().status, desk.package()) == (Status.DECIDING, None)
    desk.prepare()
    assert desk.grant().status_code == 409
    assert desk.release().status_code == 303
    assert desk.grant().status_code == 303
    assert desk.data()["medbook.messages"]


def test_a_copy_without_texts_about_others_is_granted_at_once_with_the_settings_as_they_come(shop: Flask) -> None:
    desk = CopyDesk(shop, about="administration")
    assert "Look the copy through first" not in desk.browser.get(desk.address).text
    assert desk.grant().status_code == 303
    assert any(desk.data().values())


def test_what_is_hidden_stays_out_and_is_told_by_count(shop: Flask) -> None:
    desk = CopyDesk(shop)
    desk.prepare()
    messages, items = desk.page("Messages between users"), desk.page("Portfolio")
    assert desk.hide(messages, desk.body_of_the_first(messages)).status_code == 303
    assert desk.hide(messages, "row-1").status_code == 303
    assert desk.hide(items, "column-2", note="Only for us").status_code == 303
    with desk.database.reader() as session:
        told = [each.facts for each in session.scalars(select(AuditEntry).where(AuditEntry.kind == CopyHidden.kind))]
        assert told == [{"count": 1, "ground": "rights-of-others"}] * 3
        stored = repr([tuple(row) for row in session.execute(text("SELECT * FROM redactions"))])
        assert not any(word in stored for word in ("messages", "body", "Only for us")), "what is hidden is sealed"
    assert desk.release().status_code == 303
    assert desk.grant().status_code == 303
    assert "1 waarde, 1 rij, 1 kolom" in desk.letter
    package = desk.package()
    assert package is not None
    left_out = [each for each in json.loads(package.read("data.json"))["left_out"] if each["why"] == "redacted"]
    assert {(each["collection"], each["rows"], each["ground"]) for each in left_out} >= {
        ("medbook.messages", 1, "rights-of-others")
    }
    assert len(left_out) == 3
    assert "rechten van anderen" in package.read("index.html").decode()
    assert "Only for us" not in package.read("index.html").decode() + package.read("data.json").decode()


def test_a_grant_in_part_tells_only_of_what_is_hidden_in_what_it_gives_and_nothing_twice(shop: Flask) -> None:
    desk = CopyDesk(shop)
    desk.prepare()
    messages, items = desk.page("Messages between users"), desk.page("Portfolio")
    assert desk.hide(messages, desk.body_of_the_first(messages)).status_code == 303
    assert desk.hide(messages, "row-0").status_code == 303
    assert desk.hide(items, "column-2").status_code == 303
    assert desk.release().status_code == 303
    words = {"ground": "rights-of-others", "facts": "What was asked", "reason": "Why not"}
    without = {"outcome": "partly", "without-medbook.portfolio_items": "yes", **words}
    shown = press(desk.browser, desk.address, "/letter", without)
    assert "1 rij" in shown.text
    assert "1 waarde" not in shown.text
    assert "kolom" not in shown.text
    other = browser_of(shop, member_of(desk.database, number=2))
    assert other.get(messages).status_code == 409
    assert press_on(desk.browser, shown, "/decision").status_code == 303
    assert f'href="{desk.address}/copy"' in other.get(f"{desk.address}/second").text
    assert f'href="{messages}"' in other.get(f"{desk.address}/copy").text
    seen = other.get(messages)
    assert (seen.status_code, "<dt>Text</dt>" in seen.text) == (200, True), "the second person sees what the first saw"
    assert not re.search(r'name="pick"', seen.text), "and hides nothing"


def test_a_hiding_can_be_undone_until_the_release_and_not_after(shop: Flask) -> None:
    desk = CopyDesk(shop)
    desk.prepare()
    page = desk.page("Messages between users")
    rows = len(re.findall(r'value="row-\d+"', desk.browser.get(page).text))
    desk.hide(page, "row-0")
    hidden = re.search(r'name="hidden" value="(\w+)"', desk.browser.get(page).text)
    assert hidden
    undo = {"hidden": hidden[1], "place": "0-0", "csrf_token": csrf_of(desk.browser, "/desk/account")}
    desk.release()
    assert desk.browser.post(f"{desk.address}/copy/show", data=undo).status_code == 303
    with desk.database.reader() as session:
        newest = trial_of(session, session.get_one(Case, desk.case_id))
        assert newest is not None
        assert newest.cleared_at is None, "what is shown again is looked at again"
    desk.release()
    desk.grant()
    assert len(desk.data()["medbook.messages"]) >= rows
    assert desk.browser.post(f"{desk.address}/copy/show", data=undo).status_code == 409


def test_a_row_that_changed_since_is_shown_again_and_not_released_unlooked(
    shop: Flask, urls: dict[str, SourceUrls]
) -> None:
    desk = CopyDesk(shop)
    desk.prepare()
    page = desk.page("Messages between users")
    body = desk.body_of_the_first(page)
    desk.hide(page, body)
    desk.release()
    engine = create_engine(urls["medbook"].read)
    with engine.begin() as connection:
        connection.execute(text("UPDATE messages SET body = body || ' Zie ook Wolfgang Zimmermann.'"))
    engine.dispose()
    assert desk.grant().status_code == 303
    assert desk.package() is None
    work(shop)
    with desk.database.reader() as session:
        assert session.scalar(select(Mail.id).where(Mail.letter == "staff-look"))
    overview = desk.browser.get(f"{desk.address}/copy").text
    assert "changed, look again" in overview
    assert desk.release().status_code == 409, "what is hidden there changed too"
    desk.hide(page, body)
    assert desk.release().status_code == 303
    work(shop)
    assert desk.case().status is Status.CARRIED_OUT
    assert sum("Zie ook" in str(row["body"]) for row in desk.data()["medbook.messages"]) >= 1


def test_nobody_hides_without_a_reason_or_without_the_request(shop: Flask) -> None:
    desk = CopyDesk(shop)
    desk.prepare()
    page = desk.page("Messages between users")
    answer = desk.hide(page, "row-0", ground="")
    assert answer.status_code == 422
    assert 'value="row-0" checked' in answer.text
    assert desk.hide(page, "row-9999", "value-x", "column").status_code == 422
    other = browser_of(shop, member_of(desk.database, number=2))
    assert other.get(page).status_code == 409
    assert "<mark>" not in other.get(f"{desk.address}/copy").text
    token = csrf_of(other, "/desk/account")
    for act in ("prepare", "release", "0/0/hide", "show"):
        assert other.post(f"{desk.address}/copy/{act}", data={"csrf_token": token}).status_code == 409


def test_there_is_no_copy_to_look_through_where_none_was_asked(shop: Flask) -> None:
    desk = CopyDesk(shop, "erase")
    token = csrf_of(desk.browser, "/desk/account")
    assert desk.browser.post(f"{desk.address}/copy/prepare", data={"csrf_token": token}).status_code == 404
    assert "/copy" not in desk.browser.get(desk.address).text


def test_no_copy_is_prepared_for_an_impostor(shop: Flask) -> None:
    desk = CopyDesk(shop)
    with desk.database.writing() as session:
        session.execute(update(Case).values(identity=Identity.IMPOSTOR))
    token = csrf_of(desk.browser, "/desk/account")
    assert desk.browser.post(f"{desk.address}/copy/prepare", data={"csrf_token": token}).status_code == 409


def test_the_prepared_copy_goes_with_the_package_and_verify_tells_one_that_nobody_looked_through(shop: Flask) -> None:
    desk = CopyDesk(shop)
    desk.prepare()
    with desk.database.reader() as session:
        assert not [each for each in breaches(session) if "copy" in each or "files" in each]
    desk.release()
    desk.grant()
    with desk.database.reader() as session:
        gone = session.scalars(select(TrialCopy)).one()
        assert (gone.file, gone.contents) == (None, None)
        assert gone.looked is not None
        assert session.scalar(select(Package.id))
        assert list(sweep(session, now(), dry_run=True).files) == []
        assert not [each for each in breaches(session) if "copy" in each or "files" in each]
    with desk.database.writing() as session:
        session.execute(update(TrialCopy).values(cleared_at=None))
    with desk.database.reader() as session:
        assert any("nobody looked it through" in each for each in breaches(session))
