"""Save and resume: the way back is mailed to a confirmed mailbox only, asks one code, and loses nothing."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from portal.accounts.codes import mailbox_hash
from portal.cases.models import Conversation
from portal.mail.outbox import Mail
from tests.support.visitors import visitor, with_mailbox
from tests.support.walks import ADDRESS, ANSWERS, CANARY, CONTACT, NAME, Walk, main_of, token_of


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


def way_back(walk: Walk) -> str:
    """Return the path of the link in the newest mail."""
    link = re.search(r"http://localhost(/\S+/go-on/\S+)", newest_mail(walk))
    assert link
    return link[1]


def come_back(walk: Walk) -> Walk:
    """Return the same person at another browser, where the link of the mail and one code led them."""
    other = Walk(walk.app, walk.language)
    other.url = way_back(walk)
    other.follow(other.client.submit(other.url, {}))
    assert main_of(other.client.get(other.url)).count("Code") == 1
    other.follow(other.client.submit(other.url, {"code": other.newest_code()}))
    assert other.page()
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
    text, link = newest_mail(walk), way_back(walk)
    assert CANARY not in text
    assert walk.conversation not in text
    before = letters(walk, "code")
    stranger = visitor(walk.app)
    for _look in range(3):
        page = stranger.get(link)
        assert "Go on with your request" in main_of(page)
        for secret in (CANARY, ADDRESS, NAME, walk.conversation, "Stop a certain use"):
            assert secret not in page.get_data(as_text=True)
        assert stranger.get(f"/en/c/{walk.conversation}/save").status_code == 404
        assert stranger.get("/en/requests/mine").status_code == 303
    assert letters(walk, "code") == before


def test_the_link_opens_nothing_without_the_right_code(walk: Walk) -> None:
    walk.choose("object").answer("object").confirm()
    keep(walk, mail="1")
    link, stranger = way_back(walk), visitor(walk.app)
    assert stranger.submit(link, {}).location == link
    right = walk.newest_code()
    wrong = stranger.submit(link, {"code": f"{(int(right.replace(' ', '')) + 1) % 1_000_000:06d}"})
    assert wrong.status_code == 422
    assert "You have 4 tries left." in main_of(wrong)
    assert stranger.get(f"/en/c/{walk.conversation}/save").status_code == 404
    assert stranger.submit(link, {"code": right}).location == f"/en/c/{walk.conversation}/identity#q"
    assert stranger.get(f"/en/c/{walk.conversation}/identity").status_code == 200


def test_too_many_codes_for_one_link_are_told(walk: Walk) -> None:
    walk.choose("object").answer("object").confirm()
    keep(walk, mail="1")
    link, stranger = way_back(walk), visitor(walk.app)
    assert stranger.submit(link, {}).status_code == 303
    for _press in range(2):
        assert stranger.submit(link, {"again": "1"}).status_code == 303
    refused = stranger.submit(link, {"again": "1"})
    assert refused.status_code == 422
    assert "several codes" in main_of(refused)


def test_where_the_request_is_open_the_link_needs_no_code(walk: Walk) -> None:
    walk.choose("object").answer("object").confirm()
    keep(walk, mail="1")
    link = way_back(walk)
    assert walk.client.get(link).location == f"/en/c/{walk.conversation}/identity#q"
    with walk.database.reader() as session:
        mailbox = mailbox_hash(session, ADDRESS)
    confirmed = with_mailbox(walk.app, mailbox)
    went = confirmed.submit(link, {})
    assert went.location == f"/en/c/{walk.conversation}/check", "which leads on to the turn that is open"


def test_the_link_of_what_was_sent_forgotten_or_forged_looks_the_same(walk: Walk, demo_app: Flask) -> None:
    walk.choose("withdraw").answer("withdraw").confirm()
    keep(walk, mail="1")
    link, stranger = way_back(walk), visitor(walk.app)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        old = stranger.get(link)
    walk.url = walk.at("sign")
    walk.sign().fill({})
    sent, forged = stranger.get(link), stranger.get(f"{link}x")
    assert [each.status_code for each in (old, sent, forged)] == [410] * 3
    assert len({main_of(each) for each in (old, sent, forged)}) == 1
    assert stranger.submit("/en/", {"right": "access"}).status_code == 303
    page = stranger.get(stranger.get("/en/").request.path)
    assert stranger.post(link, data={"csrf_token": token_of(page)}).status_code == 410


def test_who_types_another_address_after_it_was_confirmed_may_still_save(walk: Walk) -> None:
    walk.choose("object").answer("object").confirm()
    walk.url = walk.at("contact")
    walk.fill({**CONTACT, "contact-email": "other@example.com"})
    page = walk.page("save")
    assert "We mailed the link" not in page
    keep(walk, email=ADDRESS)
    assert f"We mailed the link to {ADDRESS}." in walk.page()
    assert come_back(walk).step == "code"


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
    assert f"http://localhost/{language}/go-on/" in text
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
