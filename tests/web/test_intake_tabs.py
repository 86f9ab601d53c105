"""Several conversations in one browser, each in its tab, and what the first page shows of them."""

from datetime import timedelta

import time_machine

from portal.accounts import gates
from portal.clock import now
from portal.intake.coming_back import NAMELESS
from tests.support.critic import post_forms
from tests.support.visitors import in_conversation, visitor
from tests.support.walks import ADDRESS, ANSWERS, CANARY, Walk, token_of

UNDONE = "not finished"
CLOSE = "Close everything in this browser"


def second(first: Walk) -> Walk:
    """Return a person who began another conversation in another tab of the same browser."""
    tab = Walk(first.app)
    tab.client = first.client
    return tab.choose("restrict")


def landing(walk: Walk) -> str:
    return walk.client.get("/en/").get_data(as_text=True)


def test_a_second_conversation_leaves_the_first_open_in_its_tab(walk: Walk) -> None:
    walk.choose("access").say(about="everything")
    tab = second(walk)
    assert walk.page() != tab.page()
    walk.fill({"form-form": "copy"})
    assert walk.step == "contact"
    assert tab.step == "about"
    assert tab.say(about="everything").step == "pause_why"


def test_a_tab_is_open_to_no_other_browser(walk: Walk) -> None:
    walk.choose("access")
    tab, other = second(walk), Walk(walk.app).choose("access")
    for address in (walk.url, tab.url):
        assert visitor(walk.app).get(address).status_code == 404
        assert other.client.get(address).status_code == 404
    assert walk.client.get(other.url).status_code == 404


def test_of_six_the_one_that_was_used_longest_ago_gives_way(walk: Walk) -> None:
    walk.choose("access")
    behind = second(walk)
    later = [second(walk) for _ in range(gates.MOST_OPEN - 2)]
    walk.say(about="everything")
    later.append(second(walk))
    behind.page(status=303)
    for tab in (walk, *later):
        tab.page()


def test_one_that_lies_behind_another_ends_after_two_hours_and_the_last_one_after_half_a_day(walk: Walk) -> None:
    walk.choose("access")
    tab = second(walk)
    with time_machine.travel(now() + gates.BEHIND - timedelta(minutes=1), tick=False):
        walk.page()
    with time_machine.travel(now() + gates.BEHIND + timedelta(minutes=1), tick=False):
        walk.page(status=303)
        tab.page()
    with time_machine.travel(now() + gates.PUT_ASIDE - timedelta(minutes=1), tick=False):
        tab.page()


def test_what_was_typed_in_a_tab_whose_way_back_is_over_is_there_to_be_copied(walk: Walk) -> None:
    walk.choose("object").fill(ANSWERS["object"]["about"])
    with time_machine.travel(now() + NAMELESS + timedelta(minutes=1), tick=False):
        token = token_of(second(walk).client.get("/en/"))
        answer = walk.client.post(walk.url, data={"csrf_token": token, "circumstances": f"I wrote {CANARY}"})
    assert answer.status_code == 404
    assert f"I wrote {CANARY}</textarea>" in answer.get_data(as_text=True)


def test_an_answer_for_a_right_that_another_tab_changed_is_not_taken_for_the_new_one(walk: Walk) -> None:
    walk.choose("erase")
    stale = post_forms(walk.client.get(walk.url))[0][1]
    walk.client.submit(walk.at("right"), {"right": "port"})
    answer = walk.client.post(walk.url, data={**stale, "about": "everything"})
    assert (answer.status_code, answer.location) == (303, walk.at("about"))
    assert "Which data do you want to take along?" in walk.page()
    assert walk.say(about="everything").step == "destination"


def test_what_was_typed_for_a_question_that_is_gone_is_there_to_be_copied(walk: Walk) -> None:
    walk.choose("erase").fill(ANSWERS["erase"]["about"])
    stale = post_forms(walk.client.get(walk.url))[0][1]
    walk.client.submit(walk.at("right"), {"right": "port"})
    answer = walk.client.post(walk.url, data={**stale, "erase_why-facts": f"I wrote {CANARY}"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert f"I wrote {CANARY}</textarea>" in page
    assert f'href="{walk.at("about")}"' in page


def test_a_session_that_holds_one_conversation_still_opens_it(walk: Walk) -> None:
    walk.choose("access")
    walk.client = in_conversation(walk.app, walk.conversation)
    walk.page()
    second(walk)
    walk.page()


def test_the_first_page_offers_what_was_used_last_and_never_what_lies_behind_it(at_check: Walk) -> None:
    tab = second(at_check)
    page = landing(at_check)
    assert f'href="{tab.url}"' in page
    assert at_check.conversation not in page
    at_check.fill({})
    assert UNDONE not in landing(at_check)
    assert CLOSE in landing(at_check)


def test_the_first_is_sent_beside_the_second_and_shows_its_receipt(at_check: Walk) -> None:
    tab = second(at_check)
    at_check.fill({})
    assert at_check.case().right_slug == "withdraw"
    assert ADDRESS in at_check.page()
    assert CLOSE in at_check.page()
    tab.page()


def test_one_button_closes_every_conversation_and_what_is_known_of_the_person(at_check: Walk) -> None:
    tab = second(at_check)
    page = at_check.client.get("/en/")
    assert CLOSE in page.get_data(as_text=True)
    left = at_check.client.post("/en/requests/leave", data={"csrf_token": token_of(page)})
    assert left.headers["Clear-Site-Data"] == '"storage"'
    for each in (at_check, tab):
        each.page(status=404)
    assert CLOSE not in landing(at_check)
