"""Save and resume: the way back is mailed to a confirmed mailbox only, opens a code page, and loses nothing."""

import re
from email import message_from_bytes
from email.policy import default

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.cases.models import Conversation
from portal.mail.outbox import Mail
from tests.support.visitors import visitor
from tests.support.walks import ADDRESS, ANSWERS, CANARY, CONTACT, Walk, main_of, token_of


def letters(walk: Walk, letter: str = "resume") -> int:
    """Return how many mails of this kind were queued."""
    with walk.database.reader() as session:
        return int(session.scalar(select(func.count()).where(Mail.letter == letter)) or 0)


def newest_mail(walk: Walk) -> str:
    """Return the text of the newest mail."""
    walk.deliver()
    body = message_from_bytes(max(walk.settings.mail_dir.glob("*.eml")).read_bytes(), policy=default).get_body(
        ("plain",)
    )
    assert body is not None
    return str(body.get_content())


def keep(walk: Walk, **values: str) -> None:
    """Press the button of the page that saves for later; come back to the same page."""
    walk.follow(walk.client.submit(walk.at("save"), values))
    assert walk.step == "save"


def come_back(walk: Walk, address: str = ADDRESS) -> Walk:
    """Return the same person at another browser, where the link of the mail and a code led them."""
    link = re.search(r"http://localhost(/\S+)", newest_mail(walk))
    assert link
    other = Walk(walk.app, walk.language)
    asked = other.client.get(link[1])
    assert asked.status_code == 303
    other.url = asked.location or ""
    other.follow(other.client.submit(other.url, {"email": address}))
    other.follow(other.client.submit(other.url, {"code": other.newest_code()}))
    page = other.client.get(other.url)
    action = re.search(r'action="([^"]*/requests/mine/[0-9a-f]{32})"', page.get_data(as_text=True))
    assert action
    moved = other.client.post(action[1], data={"csrf_token": token_of(page)})
    while moved.status_code in {302, 303}:
        other.url = moved.location or ""
        moved = other.client.get(other.url)
    assert moved.status_code == 200
    return other


def test_every_turn_offers_to_save(walk: Walk) -> None:
    walk.choose("restrict")
    for _turn in range(2):
        assert f'href="{walk.at("save")}"' in walk.page()
        walk.fill(ANSWERS["restrict"][walk.step])
    assert walk.step == "contact"
    assert f'href="{walk.at("save")}"' in walk.page()


def test_before_there_is_a_mailbox_it_is_confirmed_first(walk: Walk) -> None:
    walk.choose("restrict").fill(ANSWERS["restrict"]["about"])
    assert "In this browser you find them again" in walk.page("save")
    keep(walk, email=ADDRESS)
    assert letters(walk) == 0, "an address that was only typed gets no link"
    walk.deliver()
    wrong = walk.client.submit(walk.at("save"), {"code": "000000"})
    assert wrong.status_code == 422
    assert "You have 4 tries left." in main_of(wrong)
    keep(walk, code=walk.newest_code())
    assert letters(walk) == 1
    assert f"We mailed the link to {ADDRESS}." in walk.page()
    other = come_back(walk)
    assert other.conversation == walk.conversation
    assert other.step == "pause_why"
    other.fill(ANSWERS["restrict"]["pause_why"])
    assert f'value="{ADDRESS}"' in other.page(), "the address need not be typed again"
    other.fill(CONTACT)
    assert other.step == "identity", "nor confirmed again"


def test_a_person_goes_on_at_another_browser_where_they_stopped(walk: Walk) -> None:
    walk.choose("object").answer("object").confirm()
    assert walk.step == "identity"
    keep(walk, mail="1")
    other = come_back(walk)
    assert other.step == "identity"
    assert CANARY in other.page("circumstances")


def test_the_link_says_nothing_and_a_look_at_it_sends_nothing(walk: Walk) -> None:
    walk.choose("object").answer("object").confirm()
    keep(walk, mail="1")
    text = newest_mail(walk)
    assert CANARY not in text
    assert walk.conversation not in text
    before = letters(walk, "code")
    stranger = visitor(walk.app)
    for _look in range(3):
        assert stranger.get(f"/en/c/{walk.conversation}/save").status_code == 404
        assert stranger.get("/en/requests/mine").status_code == 303
    assert letters(walk, "code") == before


def test_another_mailbox_finds_nothing(walk: Walk) -> None:
    walk.choose("object").answer("object").confirm()
    keep(walk, mail="1")
    other = Walk(walk.app)
    other.follow(other.client.submit("/en/requests", {"email": "mallory@example.net"}))
    other.follow(other.client.submit(other.url, {"code": other.newest_code()}))
    assert "We have no requests from this address." in other.client.get(other.url).get_data(as_text=True)


def test_the_link_is_mailed_three_times_an_hour_at_most(walk: Walk) -> None:
    walk.choose("object").answer("object").confirm()
    for _press in range(3):
        keep(walk, mail="1")
    refused = walk.client.submit(walk.at("save"), {"mail": "1"})
    assert refused.status_code == 422
    assert "several times" in main_of(refused)
    assert letters(walk) == 3


@pytest.mark.parametrize(
    "typed", ["", "ada", "a@example.com, b@example.com", "ada@example.com\r\nBcc: eve@example.org"]
)
def test_what_is_no_address_is_told_so(walk: Walk, typed: str) -> None:
    walk.choose("restrict")
    response = walk.client.submit(walk.at("save"), {"email": typed})
    assert response.status_code == 422
    assert letters(walk, "code") == 0


def test_a_wrong_address_can_be_typed_again(walk: Walk) -> None:
    walk.choose("restrict")
    keep(walk, email="wrong@example.com")
    keep(walk, another="1")
    keep(walk, email=ADDRESS)
    keep(walk, code=walk.newest_code())
    assert f"We mailed the link to {ADDRESS}." in walk.page()


def test_the_code_of_an_old_address_does_not_confirm_a_new_one(walk: Walk) -> None:
    walk.choose("restrict")
    keep(walk, email=ADDRESS)
    code = walk.newest_code()
    keep(walk, another="1")
    keep(walk, email="mallory@example.net")
    assert walk.client.submit(walk.at("save"), {"code": code}).status_code == 422
    with walk.database.reader() as session:
        assert session.get_one(Conversation, walk.conversation).verified_mailbox is None


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_the_letter_stands_in_every_language(walk: Walk, language: str) -> None:
    walk.language = language
    walk.choose("withdraw").answer("withdraw").confirm()
    keep(walk, mail="1")
    text = newest_mail(walk)
    assert f"http://localhost/{language}/requests/mine" in text
    said = {"nl": "bewaard", "fr": "enregistrée", "de": "gespeichert", "en": "saved"}
    assert said[language] in text


def test_what_was_typed_when_the_session_ended_is_shown_to_be_copied(walk: Walk, demo_app: Flask) -> None:
    walk.choose("object").fill(ANSWERS["object"]["about"])
    stranger = demo_app.test_client()
    wrote = f"I wrote this for an hour {CANARY} <b>"
    response = stranger.post(walk.url, data={"csrf_token": "old", "circumstances": wrote, "code": "12 34 56"})
    page = response.get_data(as_text=True)
    assert response.status_code == 400
    assert re.search(r"<textarea[^>]* readonly>\s*I wrote this for an hour[^<]*&lt;b&gt;</textarea>", page)
    assert "12 34 56" not in page
    assert "/en/requests" in page
