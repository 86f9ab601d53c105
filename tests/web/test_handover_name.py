"""After a hand-over: the person reads in whose name the request is made, and ends what was opened for another."""

import pytest
from flask import Flask

from portal.cases.models import Conversation
from portal.config import LANGUAGES
from portal.verify import breaches
from tests.support.handing import ADA, App, ask, press
from tests.support.walks import Walk, main_of, token_of


@pytest.fixture
def known(demo_app: Flask) -> Walk:
    """Give Ada, who came from the app and stands at the first question."""
    walk = Walk(demo_app)
    walk.url = press(walk.client, App(demo_app).link())
    return walk


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_and_the_signature_say_in_whose_name_it_is(demo_app: Flask, language: str) -> None:
    walk = Walk(demo_app, language)
    walk.url = press(walk.client, App(demo_app).link(language=language))
    said = {"nl": "aangemeld als", "fr": "session est au nom de", "de": "angemeldet als", "en": "signed in as"}
    for step in ("right", "sign"):
        page = walk.page()
        assert f"{said[language]} Ada Peeters, a…@example.com" in page
        assert ADA["email"] not in page[: page.find("<ol")]
        assert walk.step == step
        if step == "right":
            ask(walk, "restrict")


def test_who_is_not_the_person_who_is_signed_in_ends_it_and_nothing_is_kept(known: Walk) -> None:
    ask(known, "restrict")
    ended = known.client.submit(known.at("not-me"), {})
    assert ended.location == "/en/not-me"
    page = known.client.get("/en/not-me")
    assert "Somebody else is still signed in to Medbook" in main_of(page)
    assert known.count(Conversation) == 0
    assert known.client.get(known.at("right")).status_code == 404
    assert known.client.get("/en/requests/mine").status_code == 303
    with known.database.reader() as session:
        assert list(breaches(session)) == []


def test_a_conversation_that_nobody_was_introduced_for_has_no_such_end(walk: Walk) -> None:
    walk.choose("restrict")
    assert "signed in as" not in walk.page("right")
    assert walk.client.get(walk.at("not-me")).location == walk.at("about#q")
    token = token_of(walk.client.get(walk.url))
    assert walk.client.post(walk.at("not-me"), data={"csrf_token": token}).status_code == 303
    assert walk.count(Conversation) == 1
