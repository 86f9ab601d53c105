"""The link that the app gets: one button, once, ten minutes; and the conversation in which the person is known."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Handover
from portal.cases.access import contact_of, open_json
from portal.cases.models import Case, Conversation, Evidence
from portal.clock import now
from portal.config import LANGUAGES
from portal.files.keys import DataKey, Purpose
from portal.verify import breaches
from tests.support.critic import post_forms
from tests.support.handing import ADA, App, ask, handed_over, press
from tests.support.racing import together
from tests.support.visitors import visitor, with_mailbox
from tests.support.walks import ANSWERS, Walk, main_of, token_of

OVER = "This link no longer works"


@pytest.fixture
def known(demo_app: Flask) -> Walk:
    """Give Ada, who came from the app and stands at the first question."""
    walk = Walk(demo_app)
    walk.url = press(walk.client, App(demo_app).link())
    return walk


def place_of(walk: Walk) -> tuple[int, int]:
    """Return which step the page says it is, of how many; 0 where it does not say how many."""
    found = re.search(r"\(step (\d+)(?: of (\d+))?\)", walk.page())
    assert found
    return int(found[1]), int(found[2] or 0)


# -- the link


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_one_button_and_nothing_about_the_person(demo_app: Flask, language: str) -> None:
    page = visitor(demo_app).get(App(demo_app).link(language=language))
    text = page.get_data(as_text=True)
    assert f'lang="{language}"' in text
    assert len(post_forms(page)) == 1
    assert "Medbook" in main_of(page)
    for value in (ADA["name"], ADA["email"], "Peeters"):
        assert value not in text


def test_looking_uses_nothing_up_and_opens_nothing(demo_app: Flask) -> None:
    link, scanner = App(demo_app).link(), visitor(demo_app)
    for method in ("HEAD", "GET", "GET", "HEAD", "GET"):
        assert scanner.open(link, method=method).status_code == 200
    assert scanner.get("/en/requests/mine").status_code == 303
    assert "/c/" in press(visitor(demo_app), link)


def test_the_link_works_once_for_whoever_is_first(demo_app: Flask) -> None:
    link, first, second = App(demo_app).link(), visitor(demo_app), visitor(demo_app)
    token = token_of(second.get(link))
    inside = press(first, link)
    for answer in (second.get(link), second.post(link, data={"csrf_token": token}), first.get(link)):
        assert answer.status_code == 410
        assert OVER in main_of(answer)
        assert "Go back to Medbook" in main_of(answer)
        assert 'href="/en/"' in answer.get_data(as_text=True)
    assert second.get(inside).status_code == 404
    assert first.get(inside).status_code == 200


def test_of_twenty_presses_at_once_one_opens(demo_app: Flask) -> None:
    link = App(demo_app).link()
    browsers = [visitor(demo_app) for _ in range(20)]
    tokens = [token_of(browser.get(link)) for browser in browsers]
    codes = together(20, lambda number: browsers[number].post(link, data={"csrf_token": tokens[number]}).status_code)
    assert sorted(codes) == [303] + [410] * 19
    walk = Walk(demo_app)
    assert walk.count(Conversation) == 1


def test_after_ten_minutes_the_link_is_over(demo_app: Flask) -> None:
    link, browser = App(demo_app).link(), visitor(demo_app)
    token = token_of(browser.get(link))
    with time_machine.travel(now() + timedelta(minutes=10)):
        assert browser.get(link).status_code == 410
        assert browser.post(link, data={"csrf_token": token}).status_code == 410
    assert Walk(demo_app).count(Conversation) == 0


@pytest.mark.parametrize("token", ["0" * 32, "x", "..", "\N{SNOWMAN}", "a" * 500])
def test_a_link_that_never_was_looks_like_one_that_is_over(demo_app: Flask, token: str) -> None:
    assert visitor(demo_app).get(f"/nl/h/{token}").status_code in {404, 410}


def test_a_form_of_another_website_opens_nothing(demo_app: Flask) -> None:
    link, browser = App(demo_app).link(), visitor(demo_app)
    token = token_of(browser.get(link))
    assert browser.post(link).status_code == 400
    answer = browser.post(link, data={"csrf_token": token}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400
    assert browser.get(link).status_code == 200


def test_using_the_link_destroys_what_was_kept_for_it(demo_app: Flask) -> None:
    walk = Walk(demo_app)
    handed_over(walk.database)
    press(walk.client, App(demo_app).link())
    with walk.database.reader() as session:
        rows = session.scalars(select(Handover).order_by(Handover.used_at.is_(None))).all()
        assert [(row.used_at is None, row.said is None) for row in rows] == [(False, True), (True, False)]
        keys = {key.owner: key.wrapped for key in session.scalars(select(DataKey))}
        assert keys[rows[0].id] is None
        assert list(breaches(session)) == []


def test_coming_from_the_app_ends_what_the_browser_knew_of_somebody_else(demo_app: Flask) -> None:
    browser = with_mailbox(demo_app, "0" * 64)
    before = browser.get_cookie("portal")
    press(browser, App(demo_app).link())
    after = browser.get_cookie("portal")
    assert before
    assert after
    assert before.value != after.value
    with browser.session_transaction() as session:
        assert session["mailbox"] != "0" * 64


# -- the conversation


@pytest.mark.parametrize("right", [right for right in ANSWERS if right != "withdraw"])
def test_neither_name_nor_code_nor_card_is_asked(known: Walk, right: str) -> None:
    ask(known, right)
    assert known.step == "sign"
    assert ADA["name"] in known.page()
    assert not {"contact", "code", "identity"} & set(known.visited)
    assert known.client.get(known.at("identity")).location == known.at("sign")
    known.say(signature=ADA["name"])
    page = known.page()
    assert f"{ADA['email']} (confirmed)" in page
    assert "Signed in to your account" in page
    known.fill({})
    with known.database.reader() as session:
        case = session.scalars(select(Case)).one()
        contact = contact_of(session, case)
        assert (contact["account"], contact["email"], case.needs_card) == ("7", ADA["email"], False)
        signed = open_json(session, case.id, Purpose.ANSWERS, case.signed_text)
        assert set(json.loads(signed["text"])["contact"]) == {"name", "email", "acting"}, "what she said, and no more"
    assert case.reference in known.page()
    assert known.client.get(f"/en/s/{case.id}").status_code == 200


def test_own_words_come_before_the_seven_rights_and_a_choice_after_them(known: Walk) -> None:
    page = known.page()
    assert page.index('name="words"') < page.index('name="right"')
    refused = known.client.submit(known.url, {})
    assert refused.status_code == 422
    assert "Choose what you want to do, or write it in your own words." in main_of(refused)
    assert known.say(words="My address is wrong", right="rectify").step == "items"
    assert known.page("right").index('name="right"') < known.page("right").index('name="words"')


def test_the_turns_that_the_app_answered_are_not_counted(known: Walk) -> None:
    places = []
    while known.step not in {"sign", "check"}:
        places.append(place_of(known))
        known.fill({"right": "access"} if known.step == "right" else ANSWERS["access"].get(known.step, {}))
    places.append(place_of(known))
    total = places[-1][1]
    assert places[1:] == [(number, total) for number in range(2, total)]
    assert total == len(places) + 1, "the check page comes last"


def test_no_mail_leaves_before_the_receipt(known: Walk) -> None:
    ask(known, "restrict").say(signature=ADA["name"])
    known.deliver()
    assert list(known.settings.mail_dir.glob("*.eml")) == []


def test_the_name_and_where_one_lives_can_still_be_changed(known: Walk) -> None:
    ask(known, "restrict")
    known.url = known.at("contact")
    known.say(contact__name="Ada Peeters-Ouali", contact__residence="be")
    assert known.step == "sign"
    assert "no longer proves" not in known.page()


def test_with_another_address_the_code_and_the_card_are_asked_again(known: Walk) -> None:
    ask(known, "restrict").say(signature=ADA["name"])
    assert known.step == "check"
    known.url = known.at("contact")
    known.say(contact__email="mallory@example.com")
    assert known.step == "code"
    assert "Your sign-in no longer proves who you are" in known.page()
    for step in ("sign", "check"):
        assert known.client.get(known.at(step)).location == known.at("code")
    known.confirm()
    assert known.step == "identity"
    known.show_card()
    known.say(signature=ADA["name"]).fill({})
    with known.database.reader() as session:
        case = session.scalars(select(Case)).one()
        assert case.needs_card
        assert not {"account", "handed_over_at"} & set(contact_of(session, case))


def test_back_at_the_address_of_the_account_the_sign_in_counts_again(known: Walk) -> None:
    ask(known, "restrict")
    known.url = known.at("contact")
    known.say(contact__email="mallory@example.com").confirm()
    assert known.step == "identity"
    known.upload(b"hello")
    known.url = known.at("contact")
    known.say(contact__email=ADA["email"].upper())
    assert known.step == "code", "the mailbox that was confirmed last is another one"
    known.confirm()
    assert known.step == "sign"
    assert known.count(Evidence) == 0


def test_for_somebody_else_the_card_is_asked(known: Walk) -> None:
    ask(known, "restrict")
    known.url = known.at("contact")
    known.say(contact__acting="other", contact__known_email="victim@example.com")
    assert known.step == "identity"
    assert "You are asking for someone else" in known.page()


def test_nobody_types_an_account_into_the_form(walk: Walk) -> None:
    walk.choose("withdraw")
    walk.fill(ANSWERS["withdraw"]["about"])
    token = token_of(walk.client.get(walk.url))
    typed = {"contact-name": "Mallory", "contact-email": "mallory@example.com", "contact-acting": "self"}
    forged = {"contact-account": "7", "contact-handed_over_at": "2026-03-12", "account": "7", "vouch": "7"}
    walk.follow(walk.client.post(walk.url, data={**typed, **forged, "csrf_token": token}))
    walk.confirm().say(signature="Mallory").fill({})
    with walk.database.reader() as session:
        contact = contact_of(session, session.scalars(select(Case)).one())
    assert not {"account", "handed_over_at", "vouch"} & set(contact)


def test_who_comes_back_by_a_code_from_the_mailbox_alone_shows_the_card(known: Walk) -> None:
    ask(known, "restrict").say(signature=ADA["name"])
    conversation = known.conversation
    with known.database.reader() as session:
        mailbox = session.get_one(Conversation, conversation).verified_mailbox
    thief = Walk(known.app)
    thief.client = with_mailbox(known.app, str(mailbox))
    asked = thief.client.get("/en/requests/mine")
    action, fields, _names = next(form for form in post_forms(asked) if conversation in form[0])
    thief.follow(thief.client.post(action, data=fields))
    opened = thief.client.get(thief.url)
    thief.url = opened.location or ""
    assert thief.step == "identity"
    assert "Your sign-in no longer proves who you are" in thief.page()
    token = token_of(thief.client.get(thief.url))
    assert thief.client.post(thief.at("check"), data={"csrf_token": token}).location == thief.at("identity")
    assert thief.count(Case) == 0


def test_a_new_conversation_in_the_same_browser_knows_nothing_of_the_sign_in(known: Walk) -> None:
    known.choose("restrict")
    while known.step in ANSWERS["restrict"]:
        known.fill(ANSWERS["restrict"][known.step])
    assert known.step == "contact"
    assert ADA["name"] not in known.page()


def test_what_is_asked_after_sending_knows_the_sign_in_too(known: Walk) -> None:
    ask(known, "withdraw").say(signature=ADA["name"]).fill({})
    known.follow(known.client.submit(known.url, {"offer": "erase"}))
    while known.step not in {"sign", "contact", "code", "identity"}:
        known.fill(ANSWERS["erase"].get(known.step, {}))
    assert known.step == "sign"
    assert "identity" not in {step for step in known.visited if step}


def test_several_rights_in_one_go_all_rest_on_the_sign_in(known: Walk) -> None:
    ask(known, "withdraw").say(signature=ADA["name"])
    token = token_of(known.client.get(known.url))
    known.follow(known.client.post(known.at("more"), data={"right": "access", "csrf_token": token}))
    while known.step.startswith("2-"):
        known.fill(ANSWERS["access"][known.step.removeprefix("2-")])
    assert known.step == "sign"
    known.say(signature=ADA["name"]).fill({})
    with known.database.reader() as session:
        cases = session.scalars(select(Case)).all()
        assert {case.right_slug for case in cases} == {"withdraw", "access"}
        assert [(contact_of(session, case)["account"], case.needs_card) for case in cases] == [("7", False)] * 2
