"""Several rights in one conversation: their turns, the way, and what an offer fills in."""

import itertools

import pytest

from portal.intake.script import CHECK, CODE, IDENTITY, SIGN, Mark, asks_card, may_visit, next_step, progress, steps
from portal.intake.wishes import HEADINGS, MOST, Wish, left, offered, proposals
from portal.register import load_register
from portal.rights import RIGHTS
from portal.rights.base import ABOUT, EVERYTHING, Answers, slugs_of

REGISTER = load_register()
RESEARCH: Answers = {ABOUT: ["research"]}


def wish(right: str, answers: Answers | None = None) -> Wish:
    return Wish(RIGHTS[right], dict(answers or {}))


def follow(right: str, answers: Answers, to: str) -> Wish:
    """Return the wish that the offer of ``to`` makes of an answered ``right``."""
    offer = next(each for each in RIGHTS[right].offers if each.right == to)
    return offered(offer, answers, REGISTER)


# -- the turns ---------------------------------------------------------------------------------------------------------


def test_each_wish_has_its_turns_and_the_person_is_asked_once() -> None:
    turns = [step.key for step in steps([wish("withdraw"), wish("access"), wish("rectify")])]
    assert turns == [
        "right", "about", "2-right", "2-about", "2-form", "3-right", "3-items",
        "contact", CODE, IDENTITY, SIGN, CHECK,
    ]  # fmt: skip


def test_the_keys_of_all_seven_at_once_are_all_different() -> None:
    turns = [step.key for step in steps([wish(slug) for slug in RIGHTS])]
    assert len(set(turns)) == len(turns)
    assert len(HEADINGS) == MOST == len(RIGHTS)


def test_one_wish_that_needs_a_card_is_enough_to_ask_it() -> None:
    assert not asks_card([wish("withdraw", RESEARCH), wish("object", {ABOUT: ["marketing"]})])
    assert asks_card([wish("withdraw", RESEARCH), wish("access")])


def test_the_next_turn_stands_in_the_first_wish_that_is_not_answered() -> None:
    asked = [wish("withdraw", RESEARCH), wish("access", {ABOUT: [EVERYTHING]})]
    assert next_step(asked, {}, set()).key == "2-form"
    assert may_visit(asked, {}, set(), "2-form")
    assert not may_visit(asked, {}, set(), "contact")
    assert not may_visit(asked, {}, set(), "3-right")


def test_the_way_names_each_wish_by_its_right() -> None:
    where = progress([wish("withdraw", RESEARCH), wish("access")], "2-about")
    titles = [mark.title for mark in where.chapters]
    assert titles[:3] == [RIGHTS["withdraw"].title, RIGHTS["access"].title, "Who you are"]
    assert [mark.mark for mark in where.chapters][:3] == [Mark.DONE, Mark.CURRENT, Mark.AHEAD]
    assert where.chapter_number == 2


# -- what goes with what -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ("access", []),
        ("rectify", ["restrict"]),
        ("erase", ["access"]),
        ("restrict", []),
        ("object", ["restrict", "erase"]),
        ("port", []),
        ("withdraw", ["erase"]),
    ],
)
def test_the_offers_are_the_ones_of_the_policy(right: str, expected: list[str]) -> None:
    assert [each.offer.right for each in proposals([wish(right)])] == expected


def test_what_is_asked_already_is_neither_offered_nor_left_to_choose() -> None:
    asked = [wish("rectify"), wish("object"), wish("erase")]
    assert [(each.number, each.offer.right) for each in proposals(asked)] == [(1, "restrict"), (3, "access")]
    assert [right.slug for right in left(asked)] == ["access", "restrict", "port", "withdraw"]


def test_an_objection_fills_in_the_pause_until_it_is_decided() -> None:
    pause = follow("object", {ABOUT: ["usage", "contract"], "capacity": "company", "circumstances": "x"}, "restrict")
    assert set(slugs_of(pause.answers, ABOUT)) == {"contract", "usage"}
    assert pause.answers["pause_why"] == [{"case": "objection", "facts": "", "until": ""}]
    assert [step.key for step in steps([pause]) if step.question][:2] == [ABOUT, "pause_why"]
    assert pause.pending == {}


def test_a_correction_pauses_the_uses_it_names_and_asks_where_it_names_none() -> None:
    item = {"what": "name", "why": "wrong", "says": "a", "should": "b", "where": "account", "proof": ""}
    named = follow("rectify", {"items": [item, {**item, "where": "usage"}]}, "restrict")
    assert slugs_of(named.answers, ABOUT) == ("account", "usage")
    assert named.answers["pause_why"] == [{"case": "accuracy", "facts": "", "until": ""}]
    unnamed = follow("rectify", {"items": [item, {**item, "where": ""}]}, "restrict")
    assert ABOUT not in unnamed.answers
    assert next_step([unnamed], {}, set()).key == ABOUT


def test_deleting_after_a_permission_is_about_its_data_and_still_wants_to_be_understood() -> None:
    gone = follow("withdraw", RESEARCH, "erase")
    assert gone.answers == {ABOUT: ["research"]}
    assert gone.pending["erase_why"]["erase_why-reason"] == ["withdrawn"]
    assert next_step([gone], {}, set()).key == "erase_why"


def test_every_permission_taken_back_never_becomes_the_whole_account() -> None:
    gone = follow("withdraw", {ABOUT: [EVERYTHING]}, "erase")
    allowed = {each.slug for each in REGISTER.activities if RIGHTS["withdraw"].allowed(each).yes}
    assert set(slugs_of(gone.answers, ABOUT)) == allowed
    assert EVERYTHING not in slugs_of(gone.answers, ABOUT)


@pytest.mark.parametrize(
    "answers", [{ABOUT: [EVERYTHING]}, {ABOUT: ["logs"], "trace": [{"ip": "192.0.2.1", "at": "2026-01-02"}]}]
)
def test_a_copy_before_deleting_is_of_the_same_and_asks_nothing_more(answers: Answers) -> None:
    copy = follow("erase", answers, "access")
    assert {key: copy.answers[key] for key in answers} == answers
    assert next_step([copy], {}, set()).key == "contact"


@pytest.mark.parametrize(("slug", "index"), [(slug, n) for slug in RIGHTS for n in range(len(RIGHTS[slug].offers))])
def test_no_offer_breaks_on_a_right_without_answers(slug: str, index: int) -> None:
    made = offered(RIGHTS[slug].offers[index], {}, REGISTER)
    assert made.right is RIGHTS[RIGHTS[slug].offers[index].right]
    assert next_step([made], {}, set()).key != "contact"


def test_any_two_rights_go_together() -> None:
    for one, other in itertools.permutations(RIGHTS, 2):
        turns = steps([wish(one), wish(other)])
        assert turns[-1].key == CHECK
        assert progress([wish(one), wish(other)], "2-right").number > 1


def test_who_stops_advertising_is_not_asked_to_wait_for_a_decision() -> None:
    alone = Wish(RIGHTS["object"], {"about": ["marketing"]})
    assert [(each.offer.right, "if we agree" in each.offer.sentence) for each in proposals([alone])] == [
        ("erase", False)
    ]
    weighed = Wish(RIGHTS["object"], {"about": ["usage"]})
    assert [(each.offer.right, "if we agree" in each.offer.sentence) for each in proposals([weighed])] == [
        ("restrict", False),
        ("erase", True),
    ]
