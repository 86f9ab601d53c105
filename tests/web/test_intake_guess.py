"""The door: a guess is shown and confirmed, never acted on; what asks for no right is led on kindly."""

import re

import pytest
from flask import Flask

from portal.cases.models import Conversation
from portal.rights import RIGHTS
from tests.support.readings import ROUTED, ByHeart
from tests.support.walks import CONTACT, Walk, main_of

CANARY = "quokka-4410-wens"


@pytest.fixture
def mind(demo_app: Flask) -> ByHeart:
    """Give the portal an understanding that knows a few messages by heart."""
    mind = ByHeart()
    demo_app.extensions["portal_understanding"] = mind
    return mind


def write(walk: Walk, words: str, language: str = "en") -> str:
    """Write ``words`` at the door; return the page that follows."""
    walk.language = language
    walk.follow(walk.client.submit(f"/{language}/", {"words": words}))
    assert walk.step == "right"
    return walk.page()


def checked(page: str, name: str) -> list[str]:
    """Return the values of the choices called ``name`` that are chosen."""
    boxes = [box for box in re.findall(r"<input [^>]*>", page) if f'name="{name}"' in box and " checked" in box]
    return [found[1] for box in boxes if (found := re.search(r'value="([^"]*)"', box))]


def test_one_guess_is_asked_and_nothing_is_chosen_yet(walk: Walk, mind: ByHeart) -> None:
    page = write(walk, f"sure {CANARY}")
    assert "You want data deleted. Is that right?" in page
    assert CANARY in page
    assert checked(page, "right") == []
    assert walk.client.get(walk.at("about")).location == walk.at("right")
    walk.say(yes="erase")
    assert walk.step == "about"
    assert "You want data deleted. Is that right?" in walk.page()


def test_two_guesses_are_two_choices_and_the_other_five_stand_below(walk: Walk, mind: ByHeart) -> None:
    page = write(walk, "torn between both")
    assert "Do you mean one of these?" in page
    assert sorted(re.findall(r'name="right" value="(\w+)"', page)) == sorted(RIGHTS)
    assert checked(page, "right") == []
    refused = walk.client.submit(walk.url, {"words": "torn between both"})
    assert refused.status_code == 422
    assert "Choose what you want to do." in main_of(refused)
    walk.say(right="port", words="torn between both")
    assert walk.step == "about"


def test_a_wrong_guess_costs_one_choice(walk: Walk, mind: ByHeart) -> None:
    write(walk, "sure of nothing")
    walk.say(right="restrict", words="sure of nothing")
    assert walk.step == "about"
    assert "Pause the use of my data" in walk.page()


def test_what_was_chosen_in_the_list_counts_also_where_enter_sends_the_first_button(walk: Walk, mind: ByHeart) -> None:
    write(walk, f"sure {CANARY}")
    walk.say(yes="erase", right="access", words=f"sure {CANARY}")
    assert walk.step == "about"
    assert "See what you have on me" in walk.page()


def test_several_rights_are_asked_in_one_go_once_they_are_confirmed(walk: Walk, mind: ByHeart) -> None:
    page = write(walk, "both please")
    assert "You ask more than one thing. Shall we do it in one go?" in page
    assert checked(page, "rights") == ["access", "erase"]
    walk.say(rights=["access", "erase"], together="1", words="both please")
    assert '<p class="mine">See what you have on me\nDelete data</p>' in walk.page()
    walk.say(about="everything").say(form__form="copy")
    assert walk.step == "2-about"


def test_each_of_several_rights_is_filled_in_with_what_its_own_part_named(walk: Walk, mind: ByHeart) -> None:
    write(walk, "apart please")
    walk.say(rights=["object", "access"], together="1", words="apart please")
    assert walk.step == "about"
    assert checked(walk.page(), "about") == ["some", "marketing"]
    walk.fill({})
    assert walk.step == "2-about"
    assert checked(walk.page(), "about") == ["everything"]


def test_of_several_rights_only_what_stays_ticked_is_asked(walk: Walk, mind: ByHeart) -> None:
    write(walk, "both please")
    walk.say(rights=["erase"], together="1", words="both please")
    walk.say(about="everything")
    assert walk.step != "2-about"


@pytest.mark.parametrize("route", ROUTED)
@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_what_asks_for_no_right_is_led_on_and_may_still_become_a_request(
    walk: Walk, mind: ByHeart, route: str, language: str
) -> None:
    page = write(walk, f"{route} {CANARY}", language)
    helped = {"complaint": "privacy@", "others": "details"}.get(route, "helpdesk@")
    assert helped in page[page.find("<main") : page.find("</main>")]
    assert CANARY in page
    assert sorted(re.findall(r'name="right" value="(\w+)"', page)) == sorted(RIGHTS)
    walk.say(right="access", words=f"{route} {CANARY}")
    assert walk.step == "about"


@pytest.mark.parametrize(
    ("language", "words", "said"),
    [
        ("nl", "sure: mijn zoon is overleden, kunnen jullie zijn account sluiten", "Onze oprechte deelneming"),
        ("fr", "others: mon mari est décédé", "condoléances"),
        ("de", "lost: meine Mutter ist verstorben", "Beileid"),
        ("en", "sure: my father died", "We are sorry for your loss."),
    ],
)
def test_who_writes_of_somebody_who_died_reads_a_kind_sentence_and_whom_to_call(
    walk: Walk, mind: ByHeart, language: str, words: str, said: str
) -> None:
    page = write(walk, words, language)
    told = page[page.find("<main") : page.find("</main>")]
    assert said in told
    assert "helpdesk@" in told
    assert "tel:" in told
    assert 'name="yes"' not in told
    walk.say(right="access", words=words)
    assert walk.step == "about"


def test_a_complaint_that_demands_something_may_ask_it_at_once(walk: Walk, mind: ByHeart) -> None:
    page = write(walk, "complaint and a demand")
    assert "How to complain" in page
    assert "You can also ask this here, now:" in page
    walk.say(yes="access", words="complaint and a demand")
    assert walk.step == "about"


def test_what_is_vague_shows_the_seven_and_after_two_tries_a_person(walk: Walk, mind: ByHeart) -> None:
    page = write(walk, "hm")
    assert "We are not sure. Choose what fits best." in page
    assert "You can also tell it to a person" not in page
    walk.say(words="hm hm")
    page = walk.page()
    assert "hm hm" in page
    assert "You can also tell it to a person" in page
    walk.say(words="sure now")
    assert "You want data deleted. Is that right?" in walk.page()
    assert mind.asked == ["hm", "hm hm", "sure now"]


def test_showing_a_page_reads_nothing_again(walk: Walk, mind: ByHeart) -> None:
    write(walk, "sure")
    for _ in range(3):
        walk.page()
    assert mind.asked == ["sure"]


def test_a_choice_by_button_is_not_read(walk: Walk, mind: ByHeart) -> None:
    walk.follow(walk.client.submit("/en/", {"words": "sure", "right": "access"}))
    assert walk.step == "about"
    assert mind.asked == []


def test_what_was_said_fills_the_turns_in_and_counts_only_once_confirmed(walk: Walk, mind: ByHeart) -> None:
    write(walk, "told you so")
    walk.say(yes="object", words="told you so")
    page = walk.page()
    assert checked(page, "about") == ["some", "marketing"]
    assert "You wrote about this. Check it, and change what is wrong." in page
    assert walk.client.get(walk.at("contact")).location == walk.at("about")
    walk.say(about=["some", "marketing"])
    assert walk.step == "contact"
    page = walk.page()
    assert 'value="ada.known@example.org"' in page
    walk.fill(CONTACT)
    assert 'value="ada.known@example.org"' not in walk.page("contact")
    assert "You wrote about this" not in walk.page("contact")


def test_a_use_that_the_right_may_not_touch_is_never_filled_in(walk: Walk, mind: ByHeart) -> None:
    write(walk, "told you so")
    walk.say(right="withdraw", words="told you so")
    assert checked(walk.page(), "about") == []


def test_who_closes_an_account_is_not_narrowed_to_that_one_use(walk: Walk, mind: ByHeart) -> None:
    write(walk, "closing my account")
    walk.say(yes="erase", words="closing my account")
    assert checked(walk.page(), "about") == []


def test_without_an_understanding_the_buttons_do(walk: Walk, mind: ByHeart) -> None:
    mind.awake = False
    page = write(walk, "sure")
    assert "We are not sure. Choose what fits best." in page
    walk.say(right="erase", words="sure")
    assert walk.step == "about"


def test_words_stay_in_the_sealed_draft_and_nowhere_else(walk: Walk, mind: ByHeart) -> None:
    before = {path for path in walk.settings.data_dir.rglob("*") if path.is_file()}
    write(walk, f"sure {CANARY}")
    walk.say(words=f"torn {CANARY}")
    with walk.database.reader() as session:
        row = session.get_one(Conversation, walk.conversation)
        assert CANARY.encode() not in (row.answers or b"")
        assert row.rights == []
    for path in {path for path in walk.settings.data_dir.rglob("*") if path.is_file()} | before:
        assert CANARY.encode() not in path.read_bytes(), path


def test_enter_confirms_no_guess(walk: Walk, mind: ByHeart) -> None:
    for words in ("sure of it", "both please", "complaint and a demand"):
        page = write(walk, words)
        form = page[page.index('<form class="ask"') :]
        first = re.search(r"<button[^>]*>", form)
        assert first
        assert " name=" not in first[0], "the first button of a form is what Enter presses"
        refused = walk.client.submit(walk.url, {"words": words})
        assert refused.status_code == 422
        assert "Choose what you want to do." in main_of(refused)


def test_who_goes_back_from_the_guess_finds_their_words_and_changes_them(walk: Walk, mind: ByHeart) -> None:
    page = write(walk, f"sure {CANARY}")
    back = f"{walk.at('right')}?again=1"
    assert f'href="{back}"' in page
    again = walk.client.get(back).get_data(as_text=True)
    assert f"sure {CANARY}</textarea>" in again
    assert 'href="/en/"' in again[again.index("<main") :]
    assert sorted(re.findall(r'name="right" value="(\w+)"', again)) == sorted(RIGHTS)
    walk.follow(walk.client.submit(back, {}))
    assert "You want data deleted. Is that right?" in walk.page()
    walk.follow(walk.client.submit(back, {"words": f"torn {CANARY}"}))
    assert "Do you mean one of these?" in walk.page()
    walk.follow(walk.client.submit(back, {"right": "access"}))
    assert walk.step == "about"


def test_who_asks_for_more_than_is_shown_is_told_where_to_add_it(walk: Walk, mind: ByHeart) -> None:
    assert "You can add it before you send your request." in write(walk, "both please, and a third")
    walk.follow(walk.client.submit(walk.url, {"right": "withdraw"}))
    walk.answer("withdraw").confirm().sign()
    assert "Did you write about more than this? Add it below." in walk.page("check")
    walk.follow(walk.client.submit(walk.at("check"), {"right": "restrict"}, form=1))
    assert walk.step == "2-about"


def test_who_wrote_nothing_is_not_asked_what_else_they_wrote(at_check: Walk) -> None:
    assert "Did you write about more" not in at_check.page()


def test_long_words_show_how_they_begin_and_the_rest_on_demand(walk: Walk, mind: ByHeart) -> None:
    page = write(walk, "Delete all you have on me. " + "I wrote it before. " * 40 + CANARY)
    begins, _, whole = page.partition('<div class="mine">')[2].partition("</div>")[0].partition("<details")
    assert "Delete all you have on me." in begins
    assert CANARY not in begins
    assert CANARY in whole
