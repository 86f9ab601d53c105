"""The conversation: turns, answers, changes and the mailed code, through the real app and its worker."""

import re

import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts import codes, gates
from portal.cases.access import answers_of
from portal.cases.models import Conversation
from portal.clock import now
from portal.demo.specimen import draw_specimen
from portal.mail.outbox import Mail
from portal.rights import RIGHTS
from tests.support.visitors import visitor
from tests.support.walks import ANSWERS, CANARY, CONTACT, NAME, Walk, main_of


def test_marketing_alone_asks_no_card(walk: Walk) -> None:
    walk.choose("object").say(about=["some", "marketing"]).fill(CONTACT).confirm()
    assert walk.step == "sign"
    assert "Identity card" not in walk.page()


def test_another_browser_finds_nothing(at_identity: Walk) -> None:
    at_identity.upload(draw_specimen(NAME, "en"))
    stranger = Walk(at_identity.app).choose("access")
    for step in (
        "right",
        "about",
        "contact",
        "code",
        "identity",
        "mask",
        "picture",
        "other-proof",
        "check",
        "received",
    ):
        assert stranger.client.get(at_identity.at(step)).status_code == 404
    assert at_identity.app.test_client().get(at_identity.at("about")).status_code == 404


def test_nobody_gets_ahead_of_the_open_turn(walk: Walk) -> None:
    walk.choose("access")
    for step in ("form", "contact", "code", "identity", "mask", "picture", "other-proof", "sign", "check", "nonsense"):
        assert walk.client.get(walk.at(step)).location == walk.at("about")


def test_own_words_are_kept_and_never_acted_on(walk: Walk) -> None:
    walk.follow(walk.client.submit("/en/", {"words": f"delete it all {CANARY}"}))
    assert walk.step == "right"
    page = walk.page()
    assert "We are not sure. Choose what fits best." in page
    assert page.count('name="right"') == len(RIGHTS)
    assert 'name="right" value="erase" checked' not in page
    walk.say(right="withdraw")
    walk.answer("withdraw").confirm().sign()
    assert CANARY in walk.page()
    walk.fill({})
    with walk.database.reader() as session:
        assert CANARY in str(answers_of(session, walk.case())["own_words"])


def test_an_empty_first_page_says_what_to_do(walk: Walk) -> None:
    response = walk.client.submit("/en/", {})
    assert response.status_code == 422
    assert "Choose what you want to do" in main_of(response)
    assert walk.count(Conversation) == 0


def test_a_use_that_the_right_does_not_cover_is_shown_with_the_reason(walk: Walk) -> None:
    page = walk.choose("object").page()
    assert "We need this for our contract with you" in page
    assert re.search(r'<input type="checkbox"[^>]*value="account"[^>]*disabled', page)
    refused = walk.client.submit(walk.url, {"about": ["some", "account"]})
    assert refused.status_code == 422


def test_a_faulty_answer_comes_back_with_what_was_typed(walk: Walk) -> None:
    walk.choose("access").say(about="everything")
    response = walk.client.submit(walk.url, {"form-form": "copy", "form-from": "31-31-2020"})
    assert response.status_code == 422
    assert "31-31-2020" in response.get_data(as_text=True)
    assert "<title>Error:" in response.get_data(as_text=True)


def test_entries_are_added_and_removed_without_script(walk: Walk) -> None:
    walk.choose("rectify")
    walk.fill({"items-0-what": "first", "items-0-should": "kept though unfinished", "add": "1"})
    assert walk.step == "items"
    walk.fill({"items-1-what": "second", "add": "1"})
    assert 'name="items-2-what"' in walk.page()
    walk.fill({"remove": "0"})
    page = walk.page()
    assert "kept though unfinished" not in page
    assert 'name="items-0-what" type="text" value="second"' in page
    assert 'name="items-2-what"' not in page


def test_a_change_comes_back_to_the_check_page_after_signing_anew(walk: Walk) -> None:
    walk.choose("access").answer("access").confirm().show_card().sign()
    walk.url = walk.at("form")
    walk.say(form__form="information")
    assert walk.step == "sign"
    assert "sign your request again" in walk.page()
    walk.sign()
    assert walk.step == "check"
    assert "Only the information" in walk.page()


def test_changing_the_right_keeps_what_applies_and_says_what_does_not(walk: Walk) -> None:
    walk.choose("erase").answer("erase").confirm()
    walk.url = walk.at("right")
    walk.say(right="restrict")
    assert walk.step == "pause_why"
    page = walk.page()
    assert "This no longer applies: Your reason." in page
    assert "Your account, career and portfolio" in page
    walk.fill(ANSWERS["restrict"]["pause_why"])
    assert walk.step == "identity"


def test_the_language_switch_keeps_turn_and_answers(walk: Walk) -> None:
    walk.choose("access").say(about="everything")
    page = walk.client.get(walk.url.replace("/en/", "/fr/"))
    assert page.status_code == 200
    assert '<html lang="fr">' in page.get_data(as_text=True)
    walk.language, walk.url = "fr", walk.url.replace("/en/", "/fr/")
    walk.fill(ANSWERS["access"]["form"]).fill(CONTACT)
    with walk.database.reader() as session:
        assert session.get_one(Conversation, walk.conversation).language == "fr"
        assert session.scalars(select(Mail)).one().language == "fr"


def test_a_wrong_code_says_how_many_tries_are_left(walk: Walk) -> None:
    walk.choose("access").answer("access")
    right = walk.newest_code()
    wrong = "000000" if right != "000000" else "111111"
    for left in ("4 tries", "3 tries", "2 tries", "1 try"):
        response = walk.client.submit(walk.url, {"code": wrong})
        assert response.status_code == 422
        assert f"You have {left} left." in main_of(response)
    for _ in range(2):
        assert "tried too often" in main_of(walk.client.submit(walk.url, {"code": wrong}))
    assert "tried too often" in main_of(walk.client.submit(walk.url, {"code": right}))
    walk.say(again="1")
    walk.confirm()
    assert walk.step == "identity"


def test_an_expired_code_offers_a_new_one(walk: Walk) -> None:
    walk.choose("access").answer("access")
    old = walk.newest_code()
    with time_machine.travel(now() + codes.LIFE, tick=True):
        assert "has expired" in main_of(walk.client.submit(walk.url, {"code": old}))
        walk.say(again="1").confirm()
        assert walk.step == "identity"


def test_too_many_codes_lose_nothing(walk: Walk) -> None:
    walk.choose("access").answer("access")
    for _ in range(codes.PER_HOUR):
        walk.say(again="1")
    assert walk.step == "code"
    assert "Wait an hour" in walk.page()
    assert NAME in walk.page("contact")


def test_a_code_for_one_address_confirms_no_other(demo_app: Flask) -> None:
    """A mailbox that may get no more codes leaves the older code of this conversation alive; it proves nothing."""
    victim = {**CONTACT, "contact-email": "victim@example.com"}
    for _ in range(codes.PER_HOUR):
        Walk(demo_app).choose("access").fill(ANSWERS["access"]["about"]).fill(ANSWERS["access"]["form"]).fill(victim)
    mine = Walk(demo_app).choose("access").answer("access")
    code = mine.newest_code()
    mine.url = mine.at("contact")
    mine.fill(victim)
    assert mine.step == "code"
    assert mine.client.submit(mine.url, {"code": code}).status_code == 422
    assert mine.client.get(mine.at("identity")).location == mine.at("code")


def test_another_address_asks_another_code(at_identity: Walk) -> None:
    at_identity.url = at_identity.at("contact")
    at_identity.fill({**CONTACT, "contact-email": "new@example.com"})
    assert at_identity.step == "code"
    at_identity.url = at_identity.at("contact")
    at_identity.fill(CONTACT)
    assert at_identity.step == "identity"


def test_an_unfinished_request_is_offered_again(walk: Walk) -> None:
    walk.choose("access").say(about="everything")
    page = walk.client.get("/en/").get_data(as_text=True)
    assert f'href="{walk.at("form")}"' in page


def test_a_new_conversation_inherits_nothing_of_who_sat_here_before(walk: Walk) -> None:
    inherited = {gates.MAILBOX: "0" * 64, gates.FINDING: "0" * 64, gates.WINDOWS: {"package": "2100-01-01"}}
    walk.client = visitor(walk.app, inherited)
    assert walk.client.get("/en/requests/mine").status_code == 200
    walk.choose("access")
    assert walk.client.get("/en/requests/mine").status_code == 303
    with walk.client.session_transaction(base_url="http://localhost") as held:
        assert not inherited.keys() & held.keys()


def test_who_asks_for_somebody_else_names_the_address_that_is_known_of_them(walk: Walk) -> None:
    walk.choose("withdraw").fill(ANSWERS["withdraw"]["about"])
    other = {**CONTACT, "contact-acting": "other"}
    asked = walk.client.submit(walk.url, other)
    assert asked.status_code == 422
    assert "Write the address that Medbook knows of the person you ask for." in main_of(asked)
    walk.fill({**other, "contact-known_email": "known@example.com"})
    assert walk.step == "code"


def test_a_conversation_that_is_not_open_here_says_how_to_come_back(walk: Walk) -> None:
    walk.choose("access")
    page = visitor(walk.app).get(walk.at("about"))
    assert page.status_code == 404
    assert "This conversation is not open in this browser. Follow a request by mail to go on." in main_of(page)


def test_proof_of_a_mistake_promises_no_document_that_cannot_be_sent(walk: Walk) -> None:
    page = walk.choose("rectify").page()
    assert "If you like. You can tell more later, on the page of your request." in page
    assert "add a document" not in page


def test_the_next_page_begins_at_its_question_unless_something_is_said_above_it(walk: Walk) -> None:
    begun = walk.client.submit("/en/", {"right": "access"})
    walk.follow(begun)
    assert begun.location == f"{walk.at('about')}#q"
    assert f'action="{walk.at("about")}"' in walk.page(), "the answer to a fault is read from its top"
    walk.say(about="everything")
    walk.fill({"form-form": "copy"}).fill(CONTACT)
    again = walk.client.submit(walk.url, {"again": "1"})
    assert again.location == walk.at("code")
    assert "We sent a new code." in walk.page()


def test_each_turn_is_one_step_further_of_as_many(walk: Walk) -> None:
    walk.choose("withdraw").answer("withdraw").confirm().sign()
    counted = []
    for step in (*walk.visited[1:], walk.step):
        page = walk.client.get(walk.at(step)).text
        counted += re.findall(r"<title>.*step (\d+) of (\d+)\)", page)
    numbers, totals = [int(number) for number, _total in counted], {total for _number, total in counted}
    assert len(numbers) > 3
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert totals == {str(numbers[-1])}, "the last turn is the last of all that were promised"
