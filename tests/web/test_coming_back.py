"""Who comes back in the same browser when the session is over: nothing lost, nothing twice, read by nobody else."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine

from portal.accounts.ways_back import LIFE
from tests.support.fingerprint import digest
from tests.support.returning import (
    close_browser,
    come_back,
    knock,
    overnight,
    press,
    with_address,
    with_words,
)
from tests.support.walks import ADDRESS, ANSWERS, CANARY, CONTACT, NAME, Walk, main_of, token_of


@pytest.mark.parametrize("how", ["the night", "a closed browser"])
def test_who_gave_an_address_goes_on_by_a_code_to_it(walk: Walk, clock: time_machine.Traveller, how: str) -> None:
    with_address(walk)
    assert walk.step == "code"
    if how == "the night":
        overnight(clock)
    else:
        close_browser(walk)
        clock.shift(timedelta(minutes=11))
    page = knock(walk)
    for secret in (CANARY, ADDRESS, NAME, "Stop a certain use"):
        assert secret not in page.get_data(as_text=True)
    come_back(walk, page)
    assert walk.step == "identity", "the same code confirms the address"
    assert CANARY in walk.page("circumstances")


def test_who_gave_no_address_gives_one_and_it_becomes_that_of_the_request(
    walk: Walk, clock: time_machine.Traveller
) -> None:
    with_words(walk)
    overnight(clock)
    page = knock(walk)
    assert CANARY not in page.get_data(as_text=True)
    assert press(walk, page, email="no address").status_code == 422
    come_back(walk, page, ADDRESS)
    assert walk.step == "contact"
    assert f'value="{ADDRESS}"' in walk.page()
    walk.fill(CONTACT)
    assert walk.step == "identity", "it need not be confirmed again"


def test_without_an_address_the_way_ends_a_day_after_the_last_turn_and_with_one_after_a_week(
    walk: Walk, clock: time_machine.Traveller
) -> None:
    with_words(walk)
    clock.shift(timedelta(hours=25))
    walk.page(status=404)
    assert "You began a request" not in walk.client.get("/en/").get_data(as_text=True)
    other = with_address(Walk(walk.app))
    clock.shift(LIFE - timedelta(minutes=1))
    assert knock(other).status_code == 200
    clock.shift(timedelta(minutes=2))
    other.page(status=404)


def test_the_first_page_leads_back_to_each_that_was_begun_and_says_nothing_of_it(
    walk: Walk, clock: time_machine.Traveller
) -> None:
    with_words(walk)
    tab = Walk(walk.app)
    tab.client = walk.client
    with_address(tab)
    overnight(clock)
    page = walk.client.get("/en/").get_data(as_text=True)
    assert page.count("You began a request in this browser on") == 2
    assert f'href="{walk.at("back")}"' in page
    assert f'href="{tab.at("back")}"' in page
    assert CANARY not in page
    come_back(tab, knock(tab))
    assert tab.step == "identity"
    come_back(walk, knock(walk), ADDRESS)
    assert walk.step == "contact"
    assert tab.page(), "the other tab stays open"


def test_what_was_sent_after_the_night_is_back_in_its_turn_and_no_answer_before(
    walk: Walk, clock: time_machine.Traveller
) -> None:
    walk.choose("object").fill(ANSWERS["object"]["about"])
    token = token_of(walk.client.get(walk.url))
    overnight(clock)
    before = digest(walk.app)
    page = walk.client.post(walk.url, data={"csrf_token": token, "circumstances": f"I wrote {CANARY}"})
    assert page.status_code == 403
    assert "is not lost" in main_of(page)
    asked = press(walk, page, email=ADDRESS)
    wrong = press(walk, asked, code="000000")
    assert wrong.status_code == 422
    after = digest(walk.app)
    for table in ("conversations", "cases", "evidence"):
        assert after[table] == before[table], "nothing is written for who has shown nothing"
    walk.follow(press(walk, wrong, code=walk.newest_code()))
    assert walk.step == "circumstances"
    assert f"I wrote {CANARY}</textarea>" in walk.page()
    assert "back in its place" in walk.page()
    assert walk.client.get(walk.at("contact")).location == f"{walk.at('circumstances')}", "it is no answer yet"
    walk.fill({"circumstances": "Something else"})
    assert "Something else</textarea>" in walk.page("circumstances")
    assert CANARY not in walk.page("circumstances")


def test_several_choices_travel_together(walk: Walk, clock: time_machine.Traveller) -> None:
    walk.choose("erase")
    token = token_of(walk.client.get(walk.url))
    overnight(clock)
    page = walk.client.post(walk.url, data={"csrf_token": token, "about": ["some", "usage", "account"]})
    come_back(walk, page, ADDRESS)
    assert walk.step == "about"
    chosen = re.findall(r'value="(\w+)" checked', walk.page())
    assert set(chosen) == {"some", "usage", "account"}


def test_who_they_are_and_a_signature_are_back_too(walk: Walk, clock: time_machine.Traveller) -> None:
    walk.choose("withdraw").fill(ANSWERS["withdraw"]["about"])
    token = token_of(walk.client.get(walk.url))
    overnight(clock)
    page = walk.client.post(walk.url, data={"csrf_token": token, **CONTACT})
    come_back(walk, page, ADDRESS)
    assert walk.step == "contact"
    assert f'value="{NAME}"' in walk.page()
    walk.fill(CONTACT)
    assert walk.step == "sign"
    token = token_of(walk.client.get(walk.url))
    overnight(clock)
    page = walk.client.post(walk.url, data={"csrf_token": token, "signature": "W. Zonderland"})
    come_back(walk, page)
    assert 'value="W. Zonderland"' in walk.page()


def test_words_that_were_changed_are_back_where_they_are_changed(walk: Walk, clock: time_machine.Traveller) -> None:
    walk.follow(walk.client.submit("/en/", {"words": "My data"}))
    token = token_of(walk.client.get(walk.at("right")))
    overnight(clock)
    page = walk.client.post(walk.at("right"), data={"csrf_token": token, "words": CANARY})
    come_back(walk, page, ADDRESS)
    assert f"{CANARY}</textarea>" in walk.client.get(walk.url).get_data(as_text=True)


def test_a_file_does_not_travel_and_the_page_says_so(at_identity: Walk, clock: time_machine.Traveller) -> None:
    walk = at_identity
    token = token_of(walk.client.get(walk.url))
    overnight(clock)
    page = walk.client.post(walk.url, data={"csrf_token": token, "card": (BytesIO(b"GIF89a"), "card.gif")})
    page.request.environ["wsgi.input"].close()
    assert page.status_code == 403
    assert "does not come along" in main_of(page)
    come_back(walk, page)
    assert walk.step == "identity"
    assert "Choose it again." in walk.page()


def test_a_script_that_sends_a_file_is_led_to_the_code(at_identity: Walk, clock: time_machine.Traveller) -> None:
    overnight(clock)
    sent = at_identity.client.post(at_identity.url, data={}, headers={"Accept": "application/json"})
    assert sent.get_json() == {"next": at_identity.at("back")}
