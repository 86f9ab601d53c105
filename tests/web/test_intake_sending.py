"""The end of the conversation: sign, check, send once, receipt; and that nothing said is readable on the disk."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.cases.access import answers_of, contact_of
from portal.cases.models import Case, Conversation
from portal.clock import today
from portal.files.keys import DataKey
from portal.files.ring import KeyRing
from portal.mail.outbox import Mail
from portal.rights import RIGHTS
from tests.support.portals import make_settings, portal
from tests.support.walks import ADDRESS, ANSWERS, CANARY, NAME, Walk, main_of, token_of

JPEG = b"\xff\xd8\xff\xe0\x00\x10jfif\x00"
"""How a picture that we write begins, in small letters; fewer bytes stand in sealed files by chance."""
LANGUAGES_OF_THE_WALKS = ("nl", "fr", "de", "en", "nl", "fr", "de")


@pytest.mark.parametrize(("right", "language"), list(zip(RIGHTS, LANGUAGES_OF_THE_WALKS, strict=True)))
def test_each_right_goes_from_the_landing_page_to_the_receipt(demo_app: Flask, right: str, language: str) -> None:
    walk = Walk(demo_app, language)
    walk.choose(right).answer(right).confirm()
    if right != "withdraw":
        walk.show_card()
    walk.sign()
    assert walk.step == "check"
    walk.fill({})
    case = walk.case()
    page = walk.page()
    assert case.reference in page
    assert f"/{language}/s/{case.id}" in page
    assert (case.right_slug, case.language, case.needs_card) == (right, language, right != "withdraw")
    with walk.database.reader() as session:
        assert contact_of(session, case)["email"] == ADDRESS
        assert set(answers_of(session, case)) == set(ANSWERS[right])


def test_sending_twice_gives_one_case_and_one_receipt(at_check: Walk) -> None:
    token = token_of(at_check.client.get(at_check.url))
    answers = [at_check.client.post(at_check.url, data={"csrf_token": token}) for _ in range(2)]
    assert [each.location for each in answers] == [at_check.at("received")] * 2
    assert at_check.count(Case) == 1
    with at_check.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(Mail).where(Mail.letter == "receipt")) == 1


def test_two_presses_at_the_same_moment_give_one_case(at_check: Walk) -> None:
    token = token_of(at_check.client.get(at_check.url))
    cookie = at_check.client.get_cookie("portal")
    assert cookie
    start = threading.Barrier(4)

    def press(_finger: int) -> str | None:
        browser = at_check.app.test_client()
        browser.set_cookie("portal", cookie.value)
        start.wait()
        return browser.post(at_check.url, data={"csrf_token": token}).location

    with ThreadPoolExecutor(4) as fingers:
        answers = list(fingers.map(press, range(4)))
    assert at_check.count(Case) == 1
    assert set(answers) == {at_check.at("received")}


def test_a_sent_conversation_shows_only_its_receipt(at_check: Walk) -> None:
    at_check.fill({})
    for step in ("right", "about", "contact", "sign", "check", "identity", "picture"):
        assert at_check.client.get(at_check.at(step)).location == at_check.at("received")
    assert at_check.case().reference in at_check.page("received")


def test_sending_empties_the_draft_and_destroys_its_key(at_check: Walk) -> None:
    at_check.fill({})
    with at_check.database.reader() as session:
        draft = session.get_one(Conversation, at_check.conversation)
        keys = session.scalars(select(DataKey).where(DataKey.owner == draft.id)).all()
        assert draft.answers is None
        assert [key.wrapped for key in keys] == [None]


def test_a_confirmed_mailbox_changes_the_session_and_opens_the_case_after_sending(walk: Walk) -> None:
    walk.choose("withdraw").answer("withdraw")
    before = walk.client.get_cookie("portal")
    walk.confirm().sign()
    after = walk.client.get_cookie("portal")
    walk.fill({})
    with walk.database.reader() as session:
        case = session.scalars(select(Case)).one()
    assert before
    assert after
    assert before.value != after.value
    assert walk.client.get(f"/nl/s/{case.id}").status_code == 200


def test_another_name_is_asked_about_once(walk: Walk) -> None:
    walk.choose("withdraw").answer("withdraw").confirm()
    asked = walk.client.submit(walk.url, {"signature": "Mina Zonderland"})
    assert asked.status_code == 422
    assert "Is this you?" in main_of(asked)
    data = {"signature": "Mina Zonderland", "confirmed": "yes"}
    walk.follow(walk.client.post(walk.url, data={**data, "csrf_token": token_of(asked)}))
    assert walk.step == "check"
    assert "Mina Zonderland" in walk.page()


def test_the_check_page_shows_every_answer_with_a_way_to_change_it(walk: Walk) -> None:
    page = walk.choose("restrict").answer("restrict").confirm().show_card().sign().page()
    for text in ("Every use of my data", "The data are not right", CANARY, NAME, f"{ADDRESS} (confirmed)", "Belgium"):
        assert text in page
    for step in ("right", "about", "pause_why", "contact", "identity", "sign"):
        assert f'href="{walk.at(step)}"' in page
    assert "Nothing has been sent yet" in page
    assert "no permission for anything else" in page
    assert str(today().year) in page


def test_each_answer_on_the_check_page_stands_apart_from_what_was_asked(walk: Walk) -> None:
    said = {"items-0-what": "name <b>", "items-0-why": "wrong", "items-0-says": "a", "items-0-should": "b"}
    walk.choose("rectify").fill(said | {"items-0-where": "account"})
    page = walk.page("contact")
    assert '<span class="asked">What is it about?</span> name &lt;b&gt;\n' in page
    assert 'data-saved="Saved: What is it about? name &lt;b&gt; ' in page


def test_nothing_a_person_says_is_readable_in_database_or_files(walk: Walk, tmp_path: Path) -> None:
    walk.follow(walk.client.submit("/en/", {"words": f"please help {CANARY}"}))
    walk.say(right="object").answer("object").confirm().show_card()
    walk.say(signature=NAME)
    look_for_canaries(tmp_path)
    walk.fill({})
    look_for_canaries(tmp_path)


def look_for_canaries(folder: Path) -> None:
    looked = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "mail"]
    assert any(path.name == "portal.db" for path in looked)
    assert any(path.parent.name == "blobs" for path in looked)
    for path in looked:
        content = path.read_bytes().lower()
        for text in (CANARY, NAME, "zonderland", ADDRESS):
            assert text.lower().encode() not in content, f"{text!r} is readable in {path.name}"
        assert JPEG not in content, f"a JPEG is readable in {path.name}"


def test_without_the_key_file_a_draft_does_not_open(walk: Walk, tmp_path: Path) -> None:
    walk.choose("erase").answer("erase")
    assert CANARY in walk.page("erase_why")
    other = tmp_path / "other-keys"
    KeyRing.create(other)
    with portal(make_settings(tmp_path, demo=True, smtp=None, key_file=other)) as opened:
        cookie = walk.client.get_cookie("portal")
        assert cookie
        thief = opened.test_client()
        thief.set_cookie("portal", cookie.value)
        response = thief.get(walk.at("erase_why"))
    assert response.status_code == 500
    assert CANARY not in response.get_data(as_text=True)


def test_the_receipt_needs_the_mailbox_of_the_case(at_check: Walk) -> None:
    assert at_check.client.get(at_check.at("received")).location == at_check.at("check")
    at_check.fill({})
    with at_check.client.session_transaction() as held:
        held["conversation"], held["mailbox"] = at_check.conversation, "0" * 64
    assert at_check.client.get(at_check.at("received")).status_code == 404
