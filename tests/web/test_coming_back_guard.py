"""The way back to what was begun in a browser leads nobody else there, and does nothing twice."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from portal.accounts.models import OneTimeCode, WayBack
from portal.accounts.ways_back import LIFE
from portal.cases.models import Case, Conversation
from tests.support.fingerprint import digest
from tests.support.returning import (
    ELSEWHERE,
    WORD,
    come_back,
    fields_of,
    knock,
    overnight,
    press,
    with_address,
    with_words,
    word,
)
from tests.support.visitors import visitor
from tests.support.walks import ADDRESS, ANSWERS, CANARY, Walk, main_of, token_of


def test_a_tab_that_lay_behind_another_too_long_asks_for_the_code(walk: Walk, clock: time_machine.Traveller) -> None:
    with_address(walk)
    tab = Walk(walk.app)
    tab.client = walk.client
    tab.choose("restrict")
    clock.shift(timedelta(hours=3))
    page = walk.client.post(walk.url, data={"csrf_token": token_of(walk.client.get(tab.url)), "code": "123456"})
    assert page.status_code == 403
    assert "123456" not in page.get_data(as_text=True)
    come_back(walk, page)
    assert walk.step == "identity"


def test_without_its_word_and_with_anothers_the_request_is_not_there(walk: Walk, clock: time_machine.Traveller) -> None:
    with_address(walk)
    other = with_address(Walk(walk.app))
    overnight(clock)
    for browser in (visitor(walk.app), other.client):
        for path in (walk.url, walk.at("back")):
            assert browser.get(path).status_code == 404
            assert browser.post(path, data={"csrf_token": token_of(browser.get("/en/"))}).status_code in {400, 404}
    forged = visitor(walk.app)
    forged.set_cookie(WORD, "x" * 32, domain="localhost")
    assert forged.get(walk.at("back")).status_code == 404


def test_the_word_opens_nothing_by_itself_and_the_code_goes_to_no_address_but_the_one_given(
    walk: Walk, clock: time_machine.Traveller
) -> None:
    with_address(walk)
    overnight(clock)
    page = knock(walk)
    asked = press(walk, page, email=ELSEWHERE)
    walk.deliver()
    newest = max(walk.settings.mail_dir.glob("*.eml")).read_text(encoding="utf-8")
    assert f"To: {ADDRESS}" in newest
    assert ADDRESS not in asked.get_data(as_text=True)
    assert press(walk, asked, code="000000", email=ELSEWHERE).status_code == 422
    assert walk.client.get(walk.url).status_code == 303


def test_a_code_that_went_to_one_address_confirms_no_other(walk: Walk, clock: time_machine.Traveller) -> None:
    with_words(walk)
    overnight(clock)
    asked = press(walk, knock(walk), email=ELSEWHERE)
    forged = {**fields_of(asked), "email": [ADDRESS], "code": walk.newest_code()}
    answer = walk.client.post(walk.at("back"), data=forged)
    assert answer.status_code == 422
    assert "expired" in main_of(answer)


def test_whoever_else_held_it_open_holds_it_no_more_once_a_code_opened_it(
    walk: Walk, clock: time_machine.Traveller
) -> None:
    with_address(walk)
    victim = Walk(walk.app)
    victim.url = walk.url
    victim.client.set_cookie(WORD, word(walk), domain="localhost")
    clock.shift(timedelta(minutes=11))
    come_back(victim, knock(victim))
    assert victim.page()
    assert walk.client.get(walk.url).status_code == 404, "neither by its session nor by its word"
    assert word(victim) != word(walk)


def test_loading_the_page_again_mails_no_second_code_and_a_look_writes_nothing(
    walk: Walk, clock: time_machine.Traveller
) -> None:
    with_address(walk).deliver()
    overnight(clock)
    page = knock(walk)
    before = digest(walk.app)
    for _look in range(2):
        walk.client.get(walk.at("back"))
    assert digest(walk.app) == before
    for _press in range(3):
        assert press(walk, page).status_code == 200
    assert walk.count(OneTimeCode) == 2, "one at the turn of the address, and one to come back"


def test_too_many_codes_are_told_and_what_was_typed_still_travels(walk: Walk, clock: time_machine.Traveller) -> None:
    walk.choose("object").fill(ANSWERS["object"]["about"])
    token = token_of(walk.client.get(walk.url))
    overnight(clock)
    page = walk.client.post(walk.url, data={"csrf_token": token, "circumstances": CANARY})
    page = press(walk, page, email=ADDRESS)
    for _press in range(2):
        page = press(walk, page, again="1")
    page = press(walk, page, again="1")
    assert page.status_code == 422
    assert "several codes" in main_of(page)
    assert fields_of(page)["kept-circumstances"] == [CANARY]


def test_what_was_sent_meanwhile_has_no_way_back_and_is_sent_once(
    at_check: Walk, clock: time_machine.Traveller
) -> None:
    walk = at_check
    before, token = word(walk), token_of(walk.client.get(walk.url))
    walk.follow(walk.client.submit(walk.url, {}))
    assert before
    assert walk.count(WayBack) == 0
    overnight(clock)
    again = walk.client.post(walk.at("check"), data={"csrf_token": token})
    assert again.status_code in {400, 404}
    assert walk.client.get(walk.at("back")).status_code == 404
    assert walk.count(Case) == 1


def test_the_last_button_pressed_after_the_night_sends_nothing_until_it_is_pressed_again(
    at_check: Walk, clock: time_machine.Traveller
) -> None:
    walk = at_check
    token = token_of(walk.client.get(walk.url))
    overnight(clock)
    page = walk.client.post(walk.url, data={"csrf_token": token})
    come_back(walk, page)
    assert walk.step == "check"
    assert walk.count(Case) == 0
    walk.follow(walk.client.submit(walk.url, {}))
    assert walk.count(Case) == 1


def test_what_was_begun_can_be_thrown_away(walk: Walk, clock: time_machine.Traveller) -> None:
    with_words(walk)
    overnight(clock)
    assert press(walk, knock(walk), forget="1").location == "/en/"
    assert walk.count(Conversation) == walk.count(WayBack) == 0
    assert word(walk) == ""


def test_a_confirmed_one_is_only_closed_here(at_identity: Walk, clock: time_machine.Traveller) -> None:
    overnight(clock)
    page = knock(at_identity)
    assert "Close it here" in main_of(page)
    press(at_identity, page, forget="1")
    assert at_identity.count(Conversation) == 1
    at_identity.page(status=404)


def test_who_leaves_a_shared_computer_leaves_no_way_back(walk: Walk) -> None:
    with_address(walk)
    token = token_of(walk.client.get("/en/"))
    walk.client.post("/en/requests/leave", data={"csrf_token": token})
    assert word(walk) == ""
    assert walk.count(WayBack) == 0
    walk.page(status=404)


def test_of_six_words_the_oldest_gives_way_and_the_cookie_has_a_term(walk: Walk) -> None:
    walk.choose("access")
    for _more in range(5):
        walk.choose("access")
    assert len(word(walk).split(".")) == 5
    assert walk.count(WayBack) == 5
    cookie = walk.client.get_cookie(WORD, domain="localhost")
    assert cookie is not None
    assert cookie.max_age == LIFE.total_seconds()
    assert cookie.http_only
    with walk.database.reader() as session:
        hashes = set(session.scalars(select(WayBack.word_hash)))
    assert not hashes & set(word(walk).split(".")), "the server keeps hashes only"
