"""Who comes back in the same browser when the session is over: nothing lost, nothing twice, read by nobody else."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.models import OneTimeCode, WayBack
from portal.accounts.ways_back import LIFE
from portal.cases.models import Case, Conversation
from portal.clock import now
from tests.support.fingerprint import digest
from tests.support.visitors import visitor
from tests.support.walks import ADDRESS, ANSWERS, CANARY, CONTACT, NAME, Walk, main_of, token_of

ELSEWHERE = "somebody@example.org"
WORD, SESSION = "portal-unsent", "portal"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Give a clock that a test moves; it ticks, so that of two mails one is the newest."""
    with time_machine.travel(now(), tick=True) as traveller:
        yield traveller


def overnight(clock: time_machine.Traveller, hours: float = 13) -> None:
    clock.shift(timedelta(hours=hours))


def close_browser(walk: Walk) -> None:
    """Do what a browser does when it is closed: cookies without a term are gone."""
    walk.client.delete_cookie(SESSION, domain="localhost")


def word(walk: Walk) -> str:
    cookie = walk.client.get_cookie(WORD, domain="localhost")
    return cookie.value if cookie else ""


def fields_of(page: TestResponse) -> dict[str, list[str]]:
    """Return the hidden fields of the form that asks for the code."""
    form = page.get_data(as_text=True).partition('class="ask"')[2].partition("</form>")[0]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form):
        found.setdefault(name, []).append(value)
    return found


def press(walk: Walk, page: TestResponse, **values: str) -> TestResponse:
    """Press a button of the page that asks for the code, with all that travels along."""
    return walk.client.post(walk.at("back"), data={**fields_of(page), **values})


def knock(walk: Walk) -> TestResponse:
    """Follow the address of the turn to the page that asks for the code."""
    sent_on = walk.client.get(walk.url)
    assert (sent_on.status_code, sent_on.location) == (303, walk.at("back"))
    return walk.client.get(walk.at("back"))


def come_back(walk: Walk, page: TestResponse, address: str = "") -> None:
    """Ask for the code, type it, and stand where it leads."""
    asked = press(walk, page, **({"email": address} if address else {}))
    assert asked.status_code == 200, main_of(asked)
    walk.follow(press(walk, asked, code=walk.newest_code()))


def with_words(walk: Walk) -> Walk:
    """Return a person who wrote something and gave no address."""
    return walk.choose("object").fill(ANSWERS["object"]["about"]).fill(ANSWERS["object"]["circumstances"])


def with_address(walk: Walk) -> Walk:
    """Return a person who gave an address and did not confirm it."""
    return walk.choose("object").answer("object")


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
