"""The engine of the conversation: the turns, what survives a change, and the bars of every right."""

import itertools
import subprocess
import sys

import pytest

from portal.intake.script import (
    CHECK,
    CODE,
    IDENTITY,
    SIGN,
    Mark,
    Wish,
    inputs,
    keep,
    may_visit,
    next_step,
    progress,
    questions,
    steps,
    undone,
)
from portal.register import load_register
from portal.rights import RIGHTS
from portal.rights.base import ABOUT, EVERYTHING, UNSURE, Answer, Answers, Chapter

REGISTER = load_register()
ME: list[dict[str, str]] = [{"name": "Ada Peeters", "email": "ada@example.com", "acting": "self"}]
EVERY_RIGHT = pytest.mark.parametrize("slug", RIGHTS)
STATES: list[Answers] = [
    {ABOUT: list(picked), "capacity": "company"}
    for picked in (
        [EVERYTHING],
        [UNSURE],
        ["usage"],
        ["logs", "contract", "account"],
        ["marketing"],
        ["committee"],
        ["contract"],
        ["research"],
        ["logs"],
    )
]


def wish(right: str, answers: Answers | None = None) -> Wish:
    return Wish(RIGHTS[right], dict(answers or {}))


def keys(*wishes: Wish) -> list[str]:
    return [step.key for step in steps(wishes)]


@pytest.mark.parametrize("module", ["portal.rights", "portal.register", "portal.cases.grounds", "portal.intake.script"])
def test_the_pure_modules_load_neither_flask_nor_sqlalchemy(module: str) -> None:
    code = f"import {module}, sys; sys.exit(bool({{'flask', 'sqlalchemy'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- the turns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "answers", "expected"),
    [
        ("access", {ABOUT: [EVERYTHING]}, "right about form contact code identity sign check"),
        ("access", {ABOUT: ["logs"]}, "right about trace form contact code identity sign check"),
        ("rectify", {}, "right items contact code identity sign check"),
        ("erase", {ABOUT: [EVERYTHING]}, "right about erase_all contact code identity sign check"),
        ("erase", {ABOUT: ["usage"]}, "right about erase_why contact code identity sign check"),
        ("restrict", {ABOUT: [EVERYTHING]}, "right about pause_why contact code identity sign check"),
        ("object", {ABOUT: ["usage"]}, "right about circumstances contact code identity sign check"),
        ("object", {ABOUT: ["contract"]}, "right about capacity circumstances contact code identity sign check"),
        ("object", {ABOUT: ["committee"]}, "right about contact code identity sign check"),
        ("object", {ABOUT: ["marketing"]}, "right about contact code sign check"),
        ("port", {ABOUT: ["contract"]}, "right about capacity destination contact code identity sign check"),
        ("withdraw", {ABOUT: ["research"]}, "right about contact code sign check"),
    ],
)
def test_the_turns_of_a_right_follow_from_its_answers(right: str, answers: Answers, expected: str) -> None:
    assert keys(wish(right, answers)) == expected.split()


@EVERY_RIGHT
@pytest.mark.parametrize("answers", [{}, *STATES])
def test_no_right_is_above_nine_screens_or_ten_required_inputs(slug: str, answers: Answers) -> None:
    assert len(steps([wish(slug, answers)])) <= 9
    assert inputs([wish(slug, answers)]) <= 10


@pytest.mark.parametrize(
    ("slug", "answers", "screens", "required"),
    [
        ("access", {ABOUT: [EVERYTHING]}, 8, 8),
        ("rectify", {}, 9, 10),
        ("erase", {ABOUT: ["usage"]}, 9, 10),
        ("restrict", {ABOUT: ["usage"]}, 9, 9),
        ("object", {ABOUT: ["usage"]}, 9, 9),
        ("port", {ABOUT: ["account"]}, 9, 9),
        ("withdraw", {ABOUT: ["research"]}, 7, 7),
    ],
)
def test_the_common_way_through_each_right_keeps_to_its_own_bar(
    slug: str, answers: Answers, screens: int, required: int
) -> None:
    assert len(steps([wish(slug, answers)])) <= screens
    assert inputs([wish(slug, answers)]) <= required


@EVERY_RIGHT
@pytest.mark.parametrize("answers", STATES)
def test_the_mailed_code_comes_before_the_card_and_the_check_last(slug: str, answers: Answers) -> None:
    order = keys(wish(slug, answers))
    assert order.index("contact") < order.index(CODE)
    assert IDENTITY not in order or order.index(CODE) < order.index(IDENTITY)
    assert order[-2:] == [SIGN, CHECK]
    assert len(set(order)) == len(order)


def test_without_a_right_the_first_turn_is_the_choice() -> None:
    assert next_step([Wish()], {}, set()).key == "right"
    assert keys(Wish()) == ["right", "contact", CODE, IDENTITY, SIGN, CHECK]


def test_the_next_turn_is_the_first_open_one_and_an_empty_answer_closes_a_question() -> None:
    asked = wish("access")
    person: dict[str, Answer] = {}
    walked = []
    done: set[str] = set()
    given_answers: dict[str, Answer] = {ABOUT: ["logs"], "trace": [{"ip": "", "at": ""}], "form": [{"form": "copy"}]}
    given_answers["contact"] = ME
    while (step := next_step([asked], person, done)).key != CHECK:
        walked.append(step.key)
        if step.question:
            (asked.answers if step.number else person)[step.name] = given_answers[step.name]
        else:
            done.add(step.key)
    assert walked == [ABOUT, "trace", "form", "contact", CODE, IDENTITY, SIGN]


def test_a_turn_may_be_visited_when_all_before_it_are_finished() -> None:
    asked, person = [wish("withdraw", {ABOUT: ["research"]})], {"contact": ME}
    assert may_visit(asked, person, set(), ABOUT)
    assert may_visit(asked, person, set(), CODE)
    assert not may_visit(asked, person, set(), SIGN)
    assert may_visit(asked, person, {CODE}, SIGN)
    assert not may_visit(asked, person, {CODE, SIGN}, IDENTITY)
    assert not may_visit([Wish()], {}, set(), "contact")


def test_progress_counts_turns_and_chapters_and_marks_where_a_person_is() -> None:
    asked = [wish("erase", {ABOUT: ["usage"]})]
    where = progress(asked, "erase_why")
    assert (where.number, where.total) == (3, 8)
    assert (where.chapter_number, len(where.chapters)) == (3, 7)
    assert [mark.mark for mark in where.chapters] == [Mark.DONE] * 2 + [Mark.CURRENT] + [Mark.AHEAD] * 4
    with pytest.raises(ValueError, match="nowhere"):
        progress(asked, "nowhere")


def test_what_was_answered_for_a_person_counts_only_where_it_is_looked_at() -> None:
    asked, given = [wish("access", {ABOUT: [EVERYTHING]})], {"contact", CODE}
    places = [progress(asked, key, known=True, given=given) for key in ("right", ABOUT, "form", SIGN, CHECK)]
    assert [(each.number, each.total) for each in places] == [(number, 5) for number in range(1, 6)]
    assert Chapter.WHO not in {mark.chapter for mark in places[0].chapters}
    looked_at = progress(asked, "contact", known=True, given=given)
    assert (looked_at.number, looked_at.total) == (4, 6)
    assert Chapter.WHO in {mark.chapter for mark in looked_at.chapters}


def test_withdrawal_shows_no_chapter_it_does_not_have() -> None:
    chapters = {mark.chapter for mark in progress([wish("withdraw")], ABOUT).chapters}
    assert chapters == {Chapter.WISH, Chapter.ABOUT, Chapter.WHO, Chapter.SIGN, Chapter.CHECK}


# -- changing one's mind -----------------------------------------------------------------------------------------------


def test_a_change_of_right_keeps_the_uses_that_still_apply() -> None:
    answers: Answers = {ABOUT: ["usage", "devices"], "form": [{"form": "copy", "from": "", "to": ""}]}
    kept = keep(RIGHTS["access"], RIGHTS["object"], answers, REGISTER)
    assert kept.answers == {ABOUT: ["usage", "devices"]}
    assert kept.dropped == ("form",)


def test_uses_the_new_right_may_not_touch_are_asked_again() -> None:
    kept = keep(RIGHTS["access"], RIGHTS["object"], {ABOUT: ["account", "usage"]}, REGISTER)
    assert kept.dropped == (ABOUT,)


def test_seeing_everything_never_turns_into_deleting_everything() -> None:
    kept = keep(RIGHTS["access"], RIGHTS["erase"], {ABOUT: [EVERYTHING]}, REGISTER)
    assert kept.dropped == (ABOUT,)
    same_effect = keep(RIGHTS["access"], RIGHTS["port"], {ABOUT: [EVERYTHING]}, REGISTER)
    assert same_effect.answers == {ABOUT: [EVERYTHING]}


def test_a_changed_answer_drops_the_questions_it_makes_pointless() -> None:
    why = [{"reason": "unlawful", "facts": "", "understood": "yes"}]
    kept = keep(RIGHTS["erase"], RIGHTS["erase"], {ABOUT: [EVERYTHING], "erase_why": why}, REGISTER)
    assert kept.dropped == ("erase_why",)
    unchanged: Answers = {ABOUT: ["usage"], "erase_why": why}
    assert keep(RIGHTS["erase"], RIGHTS["erase"], unchanged, REGISTER).answers == unchanged


def test_the_capacity_is_judged_again_under_the_new_right() -> None:
    answers: Answers = {ABOUT: ["contract"], "capacity": "company"}
    assert keep(RIGHTS["object"], RIGHTS["port"], answers, REGISTER).dropped == ("capacity",)


@pytest.mark.parametrize(("old", "new"), list(itertools.permutations(RIGHTS, 2)))
def test_whatever_is_kept_is_a_fit_answer_of_the_new_right(old: str, new: str) -> None:
    for state in STATES:
        answers: Answers = {**state, "circumstances": "x", "destination": [{"to": "me", "controller": ""}]}
        kept = keep(RIGHTS[old], RIGHTS[new], answers, REGISTER)
        assert set(kept.answers) | set(kept.dropped) == set(answers)
        assert set(kept.answers) <= {each.key for each in questions(RIGHTS[new], kept.answers)}


def test_any_change_asks_the_signature_again_and_another_address_a_code() -> None:
    before: Answers = {ABOUT: ["usage"]}
    assert undone(before, dict(before)) == frozenset()
    assert undone(before, {ABOUT: ["devices"]}) == {SIGN}
    person: Answers = {"contact": ME}
    assert undone(person, dict(person)) == frozenset()
    assert undone(person, {"contact": [ME[0] | {"name": "A. Peeters"}]}) == {SIGN}
    assert undone(person, {"contact": [ME[0] | {"email": "ADA@example.com"}]}) == {SIGN}
    assert undone(person, {"contact": [ME[0] | {"email": "eve@example.com"}]}) == {SIGN, CODE}
