"""The seven rights: their shape, what each may touch and why not, what they ask as proof."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.cases.grounds import GROUNDS
from portal.register import load_register
from portal.rights import RIGHTS, access, erase, ordered, port, rectify, restrict
from portal.rights import object as objection
from portal.rights.base import (
    ABOUT,
    EVERYTHING,
    UNSURE,
    Activity,
    Answers,
    Basis,
    Effect,
    Input,
    Kind,
    Proof,
    activities_for,
)
from portal.rights.scope import eligible_activities, scope

REGISTER = load_register()
ROWS = {row.slug: row.activity for row in REGISTER.rows}
EVERY_RIGHT = pytest.mark.parametrize("slug", RIGHTS)


def slugs(answers: Answers, right: str) -> set[str]:
    return {activity.slug for activity in scope(RIGHTS[right], answers, REGISTER.activities).activities}


def test_the_seven_rights_are_found_in_the_order_of_the_landing_page() -> None:
    assert list(RIGHTS) == ["access", "rectify", "erase", "restrict", "object", "port", "withdraw"]


def test_a_slug_or_a_place_that_is_taken_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="twice"):
        ordered([RIGHTS["access"], RIGHTS["access"]])
    with pytest.raises(ValueError, match="twice"):
        ordered([RIGHTS["access"], replace(RIGHTS["port"], order=RIGHTS["access"].order)])


@pytest.mark.parametrize(
    ("slug", "article", "clause", "effect"),
    [
        ("access", "15", "7.2", Effect.COLLECT),
        ("rectify", "16", "7.3", Effect.RECTIFY),
        ("withdraw", "7(3)", "7.4", Effect.WITHDRAW),
        ("erase", "17", "7.5", Effect.ERASE),
        ("restrict", "18", "7.6", Effect.RESTRICT),
        ("object", "21", "7.7", Effect.OBJECT),
        ("port", "20", "7.8", Effect.COLLECT),
    ],
)
def test_each_right_cites_its_article_and_clause(slug: str, article: str, clause: str, effect: Effect) -> None:
    right = RIGHTS[slug]
    assert (right.article, right.clause, right.effect) == (article, clause, effect)
    assert f"art. {article}" in right.caption


@EVERY_RIGHT
def test_a_right_has_words_for_everyone(slug: str) -> None:
    right = RIGHTS[slug]
    assert all([right.title, right.caption, right.done, right.checks, right.grounds, "%(name)s" in right.wish])


@EVERY_RIGHT
def test_every_ground_a_right_names_exists_and_every_offer_is_another_right(slug: str) -> None:
    right = RIGHTS[slug]
    assert set(right.grounds) <= set(GROUNDS)
    assert len(set(right.grounds)) == len(right.grounds)
    assert all(offer.right in RIGHTS and offer.right != slug and offer.sentence for offer in right.offers)


@EVERY_RIGHT
def test_every_required_input_has_its_own_sentence_for_when_it_is_empty(slug: str) -> None:
    for question in RIGHTS[slug].questions:
        if question.kind is Kind.FIELDS:
            assert all(field.missing for field in question.fields if field.required)
        elif question.required:
            assert question.missing


@EVERY_RIGHT
def test_no_field_asks_for_an_upload_and_every_choice_has_options(slug: str) -> None:
    for question in RIGHTS[slug].questions:
        for field in question.fields:
            assert bool(field.options) is (field.input is Input.CHOICE)
            assert not field.preset or field.preset in {option.slug for option in field.options}


def test_questions_with_the_same_key_are_the_same_question_so_that_an_answer_may_survive() -> None:
    seen: dict[str, Kind] = {}
    for right in RIGHTS.values():
        for question in right.questions:
            assert seen.setdefault(question.key, question.kind) is question.kind
    owners = [question.key for right in RIGHTS.values() for question in right.questions]
    assert {key for key in owners if owners.count(key) > 1} == {"about", "capacity", "trace"}


# -- what a right may touch --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["access", "rectify", "erase", "restrict"])
def test_rights_without_a_basis_rule_may_touch_every_activity(slug: str) -> None:
    assert all(RIGHTS[slug].allowed(activity).yes for activity in REGISTER.activities)


@pytest.mark.parametrize(
    ("slug", "allowed"),
    [
        ("withdraw", {"research"}),
        ("port", {"account", "research", "contract"}),
        (
            "object",
            {
                "logs",
                "devices",
                "usage",
                "contract",
                "administration",
                "communication",
                "helpdesk",
                "committee",
                "marketing",
            },
        ),
    ],
)
def test_the_picker_of_a_right_allows_exactly_what_its_legal_basis_allows(slug: str, allowed: set[str]) -> None:
    entries = eligible_activities(RIGHTS[slug], {}, REGISTER.activities)
    assert {activity.slug for activity, verdict in entries if verdict.yes} == allowed
    assert all(verdict.why for _, verdict in entries if not verdict.yes)


@pytest.mark.parametrize(
    ("slug", "activity", "words"),
    [
        ("object", "account", "contract"),
        ("object", "research", "Take back a permission"),
        ("object", "portal", "law obliges"),
        ("port", "usage", "own interest"),
        ("port", "portal", "law obliges"),
        ("port", "contract-company", "company"),
        ("withdraw", "account", "contract"),
        ("withdraw", "portal", "law obliges"),
        ("withdraw", "marketing", "Stop a certain use"),
    ],
)
def test_the_sentence_says_why_not_and_what_else_is_possible(slug: str, activity: str, words: str) -> None:
    verdict = RIGHTS[slug].allowed(ROWS[activity])
    assert not verdict.yes
    assert words in verdict.why


@settings(deadline=None)
@given(st.sampled_from(sorted(RIGHTS)), st.sampled_from(Basis), st.booleans())
def test_every_refusal_for_any_basis_has_a_reason(slug: str, basis: Basis, switch: bool) -> None:
    verdict = RIGHTS[slug].allowed(Activity("anything", basis, "9.9", switch=switch))
    assert verdict.yes is not bool(verdict.why)


def test_the_committee_and_marketing_may_be_refused_whatever_their_basis() -> None:
    for basis in Basis:
        assert RIGHTS["object"].allowed(Activity("x", basis, "4.1", switch=True)).yes


def test_rows_that_follow_from_others_are_never_offered() -> None:
    for right in RIGHTS.values():
        offered = {activity.slug for activity, _ in eligible_activities(right, {}, REGISTER.activities)}
        assert offered.isdisjoint({"legal-duty", "fraud", "legal-claims", "merger", "contract-company"})
    assert len(activities_for(RIGHTS["access"], REGISTER.activities)) == 13


@pytest.mark.parametrize(
    ("slug", "capacity", "allowed"),
    [
        ("object", "company", True),
        ("object", "individual", False),
        ("port", "individual", True),
        ("port", "company", False),
    ],
)
def test_for_whom_the_contract_was_made_decides_between_the_two_rows(slug: str, capacity: str, allowed: bool) -> None:
    answers: Answers = {ABOUT: ["contract"], "capacity": capacity}
    verdicts = {a.slug: v for a, v in eligible_activities(RIGHTS[slug], answers, REGISTER.activities)}
    assert verdicts["contract"].yes is allowed
    row = "contract" if capacity == "individual" else "contract-company"
    assert slugs(answers, slug) == ({row} if allowed else set())
    question = next(each for each in RIGHTS[slug].questions if each.key == "capacity")
    assert bool(question.check(capacity, answers)) is not allowed


# -- what a request covers ---------------------------------------------------------------------------------------------


def test_everything_takes_the_rows_of_clause_3_4_too_and_only_what_the_right_allows() -> None:
    assert slugs({ABOUT: [EVERYTHING]}, "access") == set(ROWS)
    assert slugs({ABOUT: [EVERYTHING]}, "port") == {"account", "research", "contract"}
    assert slugs({ABOUT: [EVERYTHING]}, "withdraw") == {"research"}


def test_who_is_unsure_gets_a_full_copy_but_changes_nothing() -> None:
    assert slugs({ABOUT: [UNSURE]}, "access") == set(ROWS)
    for slug in ("erase", "restrict", "object"):
        found = scope(RIGHTS[slug], {ABOUT: [UNSURE]}, REGISTER.activities)
        assert found.unsure
        assert not found.activities


def test_a_contract_picked_without_a_capacity_means_both_rows() -> None:
    assert slugs({ABOUT: ["contract"]}, "access") == {"contract", "contract-company"}


def test_corrections_cover_the_uses_named_with_the_items() -> None:
    answers: Answers = {"items": [{"what": "surname", "where": "account"}, {"what": "x", "where": "helpdesk"}]}
    assert slugs(answers, "rectify") == {"account", "helpdesk"}
    assert scope(RIGHTS["rectify"], {"items": [{"what": "x", "where": ""}]}, REGISTER.activities).unsure


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(ROWS)), unique=True), st.sampled_from(sorted(RIGHTS)))
def test_a_request_never_covers_what_the_right_does_not_allow(picked: list[str], slug: str) -> None:
    found = scope(RIGHTS[slug], {ABOUT: picked}, REGISTER.activities)
    assert all(RIGHTS[slug].allowed(activity).yes for activity in found.activities)
    assert {activity.slug for activity in found.activities} <= {*picked, "contract-company"}


# -- proof, deciding, and what the answers mean ------------------------------------------------------------------------


def test_withdrawal_and_marketing_ask_no_card_and_are_not_decided() -> None:
    for slug, answers in (("withdraw", {ABOUT: ["research"]}), ("object", {ABOUT: ["marketing"]})):
        assert RIGHTS[slug].proof(answers) is Proof.EMAIL
        assert not RIGHTS[slug].decided(answers)


@pytest.mark.parametrize("picked", [["usage"], ["committee"], ["marketing", "usage"], [UNSURE], []])
def test_any_other_objection_asks_the_card_and_is_decided(picked: list[str]) -> None:
    assert RIGHTS["object"].proof({ABOUT: picked}) is Proof.ID_FRONT
    assert RIGHTS["object"].decided({ABOUT: picked})


@pytest.mark.parametrize("slug", ["access", "rectify", "erase", "restrict", "port"])
def test_the_other_rights_ask_the_card_and_are_decided(slug: str) -> None:
    assert RIGHTS[slug].proof({ABOUT: ["marketing"]}) is Proof.ID_FRONT
    assert RIGHTS[slug].decided({ABOUT: ["marketing"]})


def test_only_erasure_asks_a_second_person_when_granted_and_only_copies_make_a_package() -> None:
    assert [slug for slug, right in RIGHTS.items() if right.four_eyes_on_grant] == ["erase"]
    assert [slug for slug, right in RIGHTS.items() if right.gives_package] == ["access", "port"]


@pytest.mark.parametrize(
    ("picked", "asked"),
    [
        (["marketing"], False),
        (["committee"], False),
        (["committee", "marketing"], False),
        (["usage"], True),
        ([], True),
    ],
)
def test_circumstances_are_asked_unless_the_refusal_needs_no_reason(picked: list[str], asked: bool) -> None:
    assert objection.needs_circumstances({ABOUT: picked}) is asked


def test_a_whole_account_needs_no_ground_and_chosen_uses_do() -> None:
    whole: Answers = {ABOUT: [EVERYTHING], "erase_why": [{"reason": "unlawful"}]}
    assert erase.whole_account(whole)
    assert erase.reason(whole) is None
    assert erase.reason({ABOUT: ["usage"], "erase_why": [{"reason": "unlawful"}]}) == "unlawful"


def test_a_copy_is_the_default_and_the_period_is_optional() -> None:
    assert access.wants_copy({})
    assert not access.wants_copy({"form": [{"form": "information"}]})
    assert access.period({}) == (None, None)
    first, last = access.period({"form": [{"from": "2020-01-02", "to": ""}]})
    assert (str(first), last) == ("2020-01-02", None)


def test_the_other_answers_read_back() -> None:
    assert rectify.items({"items": [{"what": "surname"}]}) == [{"what": "surname"}]
    assert restrict.case_of({"pause_why": [{"case": "claim"}]}) == "claim"
    assert port.other_controller({"destination": [{"to": "other", "controller": "X"}]}) == "X"
    assert port.other_controller({"destination": [{"to": "me", "controller": "X"}]}) is None


def test_restriction_offers_exactly_the_four_cases_and_erasure_all_of_17_1() -> None:
    [case] = [each for q in RIGHTS["restrict"].questions for each in q.fields if each.key == "case"]
    assert [option.slug for option in case.options] == ["accuracy", "unlawful", "claim", "objection"]
    assert [option.hint[-2] for option in erase.REASONS[:-1]] == list("abcdef")
