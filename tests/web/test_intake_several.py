"""Several rights in one go: added, changed, left out, offered, sent as one case each under one receipt."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.accounts import gates
from portal.cases.access import answers_of, evidence_of, open_json, seal_json
from portal.cases.models import Case, Conversation
from portal.cases.siblings import sent_together
from portal.files.keys import Purpose
from portal.intake import conversations
from portal.mail.outbox import Mail
from portal.rights import RIGHTS
from portal.verify import breaches
from tests.support.walks import ANSWERS, NAME, Walk, main_of, token_of


def add(walk: Walk, **wanted: str) -> Walk:
    """Press the button of the check page that asks something too."""
    walk.follow(walk.client.post(walk.at("more"), data={**wanted, "csrf_token": token(walk)}))
    return walk


def token(walk: Walk) -> str:
    return token_of(walk.client.get(walk.at("right")))


def answer_on(walk: Walk, right: str) -> Walk:
    """Answer the open questions of a right that was added."""
    while walk.step.partition("-")[2] in ANSWERS[right]:
        walk.fill(ANSWERS[right][walk.step.partition("-")[2]])
    return walk


def cases_of(walk: Walk) -> list[Case]:
    with walk.database.reader() as session:
        return sent_together(session, walk.conversation)


@pytest.fixture
def two(at_check: Walk) -> Walk:
    """Give a person who takes back a permission and asks for access, and only has to send."""
    answer_on(add(at_check, right="access"), "access").show_card().sign()
    assert at_check.step == "check"
    return at_check


def test_a_second_right_is_added_on_the_check_page_and_asked_turn_by_turn(at_check: Walk) -> None:
    assert "Ask something else too" in at_check.page()
    add(at_check, right="access")
    assert at_check.step == "2-about"
    page = at_check.page()
    assert "Your second request" in page
    assert "See what you have on me" in page
    answer_on(at_check, "access")
    assert at_check.step == "identity"
    at_check.show_card().sign()
    check = at_check.page()
    for text in ("Your first request", "Your second request", "For all your requests", "Send my 2 requests", NAME):
        assert text in check


def test_three_rights_become_three_cases_with_their_own_signed_text_under_one_receipt(two: Walk) -> None:
    add(two, right="rectify").fill(ANSWERS["rectify"]["items"]).sign().fill({})
    cases = cases_of(two)
    assert [case.right_slug for case in cases] == ["access", "rectify", "withdraw"]
    assert len({case.reference for case in cases}) == len({case.signed_hash for case in cases}) == 3
    page = two.page()
    with two.database.reader() as session:
        for case in cases:
            assert case.reference in page
            assert f"/en/s/{case.id}" in page
            assert set(answers_of(session, case)) == set(ANSWERS[case.right_slug])
            signed = open_json(session, case.id, Purpose.ANSWERS, case.signed_text)
            assert f'"right":"{case.right_slug}"' in signed["text"]
        assert session.scalar(select(func.count()).select_from(Mail).where(Mail.letter == "receipt")) == 1
        assert list(breaches(session)) == []


def test_the_one_receipt_mail_lists_every_number_and_no_name(two: Walk) -> None:
    two.fill({})
    two.deliver()
    newest = max(two.settings.mail_dir.glob("*.eml"))
    text = newest.read_text()
    for case in cases_of(two):
        assert case.reference in text
        assert case.id in text
    assert NAME not in text


def test_twenty_presses_at_once_file_the_set_once(two: Walk) -> None:
    send, cookie = token_of(two.client.get(two.url)), two.client.get_cookie("portal")
    assert cookie
    start = threading.Barrier(20)

    def press(_finger: int) -> str | None:
        browser = two.app.test_client()
        browser.set_cookie("portal", cookie.value)
        start.wait()
        return browser.post(two.url, data={"csrf_token": send}).location

    with ThreadPoolExecutor(20) as fingers:
        assert set(fingers.map(press, range(20))) == {two.at("received")}
    assert two.count(Case) == 2


def test_the_picture_belongs_to_the_cases_that_ask_it(two: Walk) -> None:
    two.fill({})
    with two.database.reader() as session:
        shown = {case.right_slug: evidence_of(session, case) is not None for case in cases_of(two)}
    assert shown == {"access": True, "withdraw": False}


def test_a_request_that_is_left_out_is_not_sent_and_the_rest_is_signed_anew(two: Walk) -> None:
    two.follow(two.client.post(two.at("less"), data={"right": "access", "csrf_token": token(two)}))
    assert two.step == "sign"
    two.sign().fill({})
    assert [case.right_slug for case in cases_of(two)] == ["withdraw"]
    with two.database.reader() as session:
        assert list(breaches(session)) == []


def test_the_last_request_stays(at_check: Walk) -> None:
    at_check.follow(
        at_check.client.post(at_check.at("less"), data={"right": "withdraw", "csrf_token": token(at_check)})
    )
    assert at_check.step == "check"
    assert "Leave this request out" not in at_check.page()


def test_an_old_tab_leaves_out_what_it_shows_and_nothing_else(two: Walk) -> None:
    for _press in range(2):
        two.follow(two.client.post(two.at("less"), data={"right": "withdraw", "csrf_token": token(two)}))
    two.sign()
    assert "See what you have on me" in two.page()


def test_an_answer_of_the_second_request_is_changed_and_comes_back_to_the_check_page(two: Walk) -> None:
    two.url = two.at("2-form")
    two.say(form__form="information")
    assert two.step == "sign"
    assert "Only the information" in two.sign().page()


def test_the_right_of_the_second_request_is_changed_and_keeps_what_applies(two: Walk) -> None:
    two.url = two.at("2-right")
    two.say(right="port")
    assert two.step == "2-destination"
    assert "Answer 2" not in two.page()


def test_the_same_right_twice_is_refused_with_a_sentence(two: Walk) -> None:
    two.url = two.at("2-right")
    asked = two.client.submit(two.url, {"right": "withdraw"})
    assert asked.status_code == 422
    assert "You are already asking this." in main_of(asked)
    again = two.client.post(two.at("more"), data={"right": "access", "csrf_token": token(two)})
    assert again.status_code == 422
    assert "You are already asking this." in main_of(again)
    nothing = two.client.post(two.at("more"), data={"csrf_token": token(two)})
    assert nothing.status_code == 422
    assert "Choose what you want to do." in main_of(nothing)


def test_an_offer_is_added_with_what_the_first_request_tells(at_check: Walk) -> None:
    assert "Do you also want us to delete the data you gave this permission for?" in at_check.page()
    add(at_check, offer="erase")
    assert at_check.step == "2-erase_why"
    assert 'value="withdrawn" checked' in at_check.page()
    at_check.say(erase_why__reason="withdrawn", erase_why__understood="yes").show_card().sign()
    assert "Do you want a copy first?" in at_check.page()
    add(at_check, offer="access")
    assert at_check.step == "sign"
    at_check.sign().fill({})
    assert [case.right_slug for case in cases_of(at_check)] == ["access", "erase", "withdraw"]
    assert "You get your copy first." in at_check.page()


def test_an_offer_that_nobody_makes_is_not_taken_up(at_check: Walk) -> None:
    refused = at_check.client.post(at_check.at("more"), data={"offer": "port", "csrf_token": token(at_check)})
    assert refused.status_code == 422
    assert [wish for wish in at_check.page().split() if "Your second" in wish] == []


def test_what_was_not_added_is_offered_on_the_receipt_and_starts_with_the_person_known(at_check: Walk) -> None:
    at_check.fill({})
    first = at_check.conversation
    at_check.follow(at_check.client.submit(at_check.url, {}))
    assert at_check.conversation != first
    assert at_check.step == "erase_why"
    at_check.say(erase_why__reason="withdrawn", erase_why__understood="yes")
    assert at_check.step == "identity"
    at_check.show_card().sign().fill({})
    with at_check.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 2


def test_the_receipt_starts_nothing_for_a_browser_that_confirmed_no_mailbox(at_check: Walk) -> None:
    at_check.fill({})
    pressed = {"offer": "erase", "csrf_token": token_of(at_check.client.get(at_check.url))}
    with at_check.client.session_transaction() as held:
        held[gates.CONVERSATION], held[gates.MAILBOX] = at_check.conversation, "0" * 64
    assert at_check.client.post(at_check.url, data=pressed).status_code == 404
    assert at_check.count(Conversation) == 1


def test_two_tabs_that_add_at_the_same_time_both_count(at_check: Walk) -> None:
    pressed = token(at_check)
    for right in ("access", "rectify"):
        at_check.follow(at_check.client.post(at_check.at("more"), data={"right": right, "csrf_token": pressed}))
    assert at_check.step == "2-about"
    answer_on(at_check, "access")
    assert at_check.step == "3-items"


def test_entries_of_the_second_request_are_added_and_removed(at_check: Walk) -> None:
    add(at_check, right="rectify")
    at_check.fill({"items-0-what": "first", "add": "1"})
    assert at_check.step == "2-items"
    at_check.fill({"items-1-what": "second", "remove": "0"})
    assert 'name="items-0-what" type="text" value="second"' in at_check.page()


def test_a_conversation_may_begin_with_several_rights(demo_app: Flask) -> None:
    walk = Walk(demo_app).choose("access")
    with walk.database.writing() as session:
        draft = conversations.begin(session, "en", [RIGHTS["access"], RIGHTS["erase"]], "all of it")
    with walk.client.session_transaction() as held:
        held[gates.CONVERSATION] = draft.id
    walk.url = f"/en/c/{draft.id}/about"
    for step in ("about", "form"):
        walk.fill(ANSWERS["access"][step])
    assert walk.step == "2-about"
    assert "Delete data" in walk.page()


def test_a_draft_of_the_time_of_one_right_still_opens(at_identity: Walk) -> None:
    old = {
        "words": "",
        "answers": {"about": ["usage"], "contact": [{"name": NAME, "email": "w@example.com", "acting": "self"}]},
        "done": ["code"],
        "pending": {},
        "code_for": "",
        "signature": "",
        "signed_at": None,
        "other_proof": "",
        "other_proof_note": "",
        "uploads": [],
        "mask": {},
        "notices": [],
    }
    with at_identity.database.writing() as session:
        row = session.get_one(Conversation, at_identity.conversation)
        kept = open_json(session, row.id, Purpose.ANSWERS, row.answers or b"")
        row.answers = seal_json(session, row.id, Purpose.ANSWERS, {**old, "mask": kept["mask"]})
    with at_identity.database.reader() as session:
        draft = conversations.load(session, at_identity.conversation)
    assert [wish.right for wish in draft.wishes] == [RIGHTS["restrict"]]
    assert draft.wishes[0].answers == {"about": ["usage"]}
    assert draft.contact["name"] == NAME
    assert draft.next_key == "pause_why"


def test_what_was_begun_and_not_sent_names_every_request(two: Walk) -> None:
    page = two.client.get("/en/requests/mine").get_data(as_text=True)
    assert "Take back a permission" in page
    assert "See what you have on me" in page
