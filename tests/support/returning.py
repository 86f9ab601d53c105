"""A person who comes back in the same browser when its session is over: clock, browser, the page with the code."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from werkzeug.test import TestResponse

from portal.clock import now
from tests.support.walks import ANSWERS, Walk, main_of

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
