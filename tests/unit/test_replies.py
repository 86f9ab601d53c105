"""What a form may say, what it is told when it may not, and how an answer reads."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.intake import replies
from portal.intake.script import CONTACT, AnswerFault, Context, as_form, input_name, readable, validate
from portal.register import LANGUAGES, load_register
from portal.rights import RIGHTS
from portal.rights.base import ABOUT, EVERYTHING, SOME, UNSURE, Answer, Answers, Chapter, Field, Kind, Question

REGISTER = load_register()
ACTING = {"contact-acting": ["self"]}


def question(right: str, key: str) -> Question:
    return next(each for each in [*RIGHTS[right].questions, CONTACT] if each.key == key)


def context(right: str, answers: Answers | None = None) -> Context:
    return Context(RIGHTS[right], answers or {}, REGISTER)


def take(right: str, key: str, form: dict[str, list[str]], answers: Answers | None = None) -> Answer:
    return validate(question(right, key), form, context(right, answers))


def fault(right: str, key: str, form: dict[str, list[str]], answers: Answers | None = None) -> dict[str, str]:
    with pytest.raises(AnswerFault) as caught:
        take(right, key, form, answers)
    return {name: words.text for name, words in caught.value.faults.items()}


# -- activities --------------------------------------------------------------------------------------------------------


def test_everything_unsure_and_single_uses_are_taken_as_they_are() -> None:
    assert take("access", ABOUT, {ABOUT: [EVERYTHING]}) == [EVERYTHING]
    assert take("erase", ABOUT, {ABOUT: [UNSURE]}) == [UNSURE]
    assert take("erase", ABOUT, {ABOUT: [SOME, "usage", "account", "usage"]}) == ["account", "usage"]


@pytest.mark.parametrize(
    ("right", "values", "sentence"),
    [
        ("access", [], question("access", ABOUT).missing),
        ("access", [""], question("access", ABOUT).missing),
        ("access", [SOME], replies.NOTHING_CHOSEN),
        ("access", [EVERYTHING, "usage"], replies.EITHER_OR),
        ("access", [EVERYTHING, UNSURE], replies.EITHER_OR),
        ("access", [EVERYTHING, SOME], replies.EITHER_OR),
        ("access", ["nonsense"], replies.UNKNOWN),
        ("access", ["fraud"], replies.UNKNOWN),
        ("access", ["contract-company"], replies.UNKNOWN),
        ("object", [EVERYTHING], replies.UNKNOWN),
        ("withdraw", [UNSURE], replies.UNKNOWN),
    ],
)
def test_a_choice_of_uses_that_cannot_be_taken_says_why(right: str, values: list[str], sentence: str) -> None:
    assert fault(right, ABOUT, {ABOUT: values}) == {ABOUT: sentence}


@pytest.mark.parametrize("right", ["object", "port", "withdraw"])
def test_a_use_the_right_does_not_allow_is_refused_with_its_reason(right: str) -> None:
    refused = [row.activity for row in REGISTER.rows if row.slug == "portal"]
    assert fault(right, ABOUT, {ABOUT: ["portal"]}) == {ABOUT: RIGHTS[right].allowed(refused[0]).why}


def test_stopping_advertising_is_asked_alone_so_that_it_goes_at_once() -> None:
    assert take("object", ABOUT, {ABOUT: ["marketing"]}) == ["marketing"]
    assert "second request" in fault("object", ABOUT, {ABOUT: ["marketing", "usage"]})[ABOUT]


def test_the_capacity_decides_whether_the_contract_may_be_refused_or_taken_along() -> None:
    answers: Answers = {ABOUT: ["contract"]}
    assert take("object", "capacity", {"capacity": ["company"]}, answers) == "company"
    assert "for yourself" in fault("object", "capacity", {"capacity": ["individual"]}, answers)["capacity"]
    assert take("port", "capacity", {"capacity": ["individual"]}, answers) == "individual"
    assert "company" in fault("port", "capacity", {"capacity": ["company"]}, answers)["capacity"]
    assert fault("port", "capacity", {}, answers)["capacity"] == question("port", "capacity").missing
    assert fault("port", "capacity", {"capacity": ["king"]}, answers)["capacity"] == replies.UNKNOWN


# -- fields and items --------------------------------------------------------------------------------------------------


def test_contact_wants_a_name_and_an_address_and_nothing_else() -> None:
    told = fault("access", "contact", {"contact-acting": ["self"]})
    assert told == {"contact-name": "Enter your full name.", "contact-email": "Enter your e-mail address."}
    taken = take(
        "access", "contact", {"contact-name": [" Ada\t Peeters "], "contact-email": ["ada@example.com"]} | ACTING
    )
    assert taken == [
        {"name": "Ada Peeters", "email": "ada@example.com", "known_email": "", "residence": "", "acting": "self"}
    ]


@pytest.mark.parametrize(
    "address",
    ["ada", "ada@", "@example.com", "ada@example", "a b@example.com", "a@b@example.com", "x" * 65 + "@example.com"],
)
def test_what_is_no_address_is_refused_with_an_example(address: str) -> None:
    form = {"contact-name": ["Ada"], "contact-email": [address]} | ACTING
    assert fault("access", "contact", form) == {"contact-email": replies.NOT_AN_ADDRESS}


def test_too_long_says_how_long_it_may_be() -> None:
    form = {"contact-name": ["A" * 201], "contact-email": ["ada@example.com"]} | ACTING
    with pytest.raises(AnswerFault) as caught:
        take("access", "contact", form)
    assert caught.value.faults["contact-name"].values == {"limit": 200}
    assert caught.value.sentence == AnswerFault.default


def test_circumstances_may_be_as_long_as_a_person_likes() -> None:
    told = "Ik weiger.\n" * 9000
    assert take("object", "circumstances", {"circumstances": [told]}) == told.strip()
    assert set(fault("object", "circumstances", {"circumstances": ["x" * 100_001]})) == {"circumstances"}
    assert set(fault("object", "circumstances", {"circumstances": ["  \n "]})) == {"circumstances"}


def test_a_correction_needs_what_it_says_now_unless_something_is_missing() -> None:
    form = {"items-0-what": ["My surname"], "items-0-why": ["wrong"], "items-0-should": ["Peeters"]}
    assert set(fault("rectify", "items", form)) == {"items-0-says"}
    taken = take("rectify", "items", form | {"items-0-why": ["incomplete"]})
    assert isinstance(taken, list)
    assert taken[0] == {
        "what": "My surname",
        "why": "incomplete",
        "says": "",
        "should": "Peeters",
        "where": "",
        "proof": "",
    }


def test_empty_entries_are_left_out_and_faults_stay_with_the_entry_that_was_sent() -> None:
    whole = {"what": "a", "why": "outdated", "says": "b", "should": "c", "where": "account"}
    form = {f"items-0-{key}": [""] for key in whole} | {f"items-3-{key}": [value] for key, value in whole.items()}
    taken = take("rectify", "items", form)
    assert [item["what"] for item in taken if isinstance(item, dict)] == ["a"]
    assert set(fault("rectify", "items", form | {"items-3-should": [" "]})) == {"items-3-should"}
    assert set(fault("rectify", "items", form | {"items-3-where": ["fraud"]})) == {"items-3-where"}


def test_no_entry_at_all_marks_every_field_that_is_needed() -> None:
    assert set(fault("rectify", "items", {})) == {"items", *(f"items-0-{k}" for k in ("what", "why", "says", "should"))}


def test_more_entries_than_one_request_can_hold_are_refused() -> None:
    form = {f"items-{index}-what": ["x"] for index in range(21)}
    assert fault("rectify", "items", form) == {"items": replies.TOO_MANY}


def test_a_period_is_optional_and_runs_forwards() -> None:
    form = {"form-form": ["copy"], "form-from": ["31/12/2020"], "form-to": ["2021-01-05"]}
    assert take("access", "form", form) == [{"form": "copy", "from": "2020-12-31", "to": "2021-01-05"}]
    assert set(fault("access", "form", form | {"form-to": ["1.1.2020"]})) == {"form-to"}
    assert fault("access", "form", form | {"form-from": ["31-02-2020"]}) == {"form-from": replies.NOT_A_DATE}
    assert take("access", "form", {"form-form": ["information"]}) == [{"form": "information", "from": "", "to": ""}]


@pytest.mark.parametrize(("ip", "fine"), [("192.0.2.10", True), ("2001:db8::1", True), ("", True), ("my phone", False)])
def test_an_ip_address_for_the_logs_is_optional_and_checked(ip: str, fine: bool) -> None:
    form = {"trace-ip": [ip], "trace-at": ["31-12-2025"]}
    if fine:
        assert take("access", "trace", form) == [{"ip": ip, "at": "2025-12-31"}]
    else:
        assert set(fault("access", "trace", form)) == {"trace-ip"}


def test_erasure_wants_to_hear_that_some_records_stay() -> None:
    assert set(fault("erase", "erase_all", {})) == {"erase_all-understood"}
    assert take("erase", "erase_all", {"erase_all-understood": ["on"]}) == [{"understood": "yes"}]
    assert set(fault("erase", "erase_why", {})) == {"erase_why-understood", "erase_why-reason"}


def test_another_organisation_needs_a_name() -> None:
    assert set(fault("port", "destination", {"destination-to": ["other"]})) == {"destination-controller"}
    assert take("port", "destination", {"destination-to": ["me"]}) == [{"to": "me", "controller": ""}]


@pytest.mark.parametrize("slug", ["access", "erase", "restrict", "port", "withdraw", "object", "rectify"])
def test_an_option_that_is_not_offered_is_refused(slug: str) -> None:
    for each in RIGHTS[slug].questions:
        for field in each.fields:
            if field.options:
                name = input_name(each, field.key)
                assert fault(slug, each.key, {name: ["nonsense"]})[name] == replies.UNKNOWN


def test_lines_texts_and_lists_of_any_right_to_come_are_read_too() -> None:
    colours = tuple(question("erase", "erase_why").fields[0].options)
    many = Question("many", "t", "w", Kind.MANY, Chapter.ABOUT, "s", options=colours, required=False)
    assert validate(many, {"many": ["law", "withdrawn"]}, context("access")) == ["withdrawn", "law"]
    with pytest.raises(AnswerFault):
        validate(many, {"many": ["nonsense"]}, context("access"))
    line = Question("line", "t", "w", Kind.LINE, Chapter.ABOUT, "s", max_length=5)
    assert validate(line, {"line": ["a\nb"]}, context("access")) == "a b"
    with pytest.raises(AnswerFault):
        validate(line, {"line": []}, context("access"))
    when = Question("when", "t", "w", Kind.PERIOD, Chapter.ABOUT, "s")
    assert validate(when, {"when-from": ["2020-01-01"]}, context("access")) == [{"from": "2020-01-01", "to": ""}]
    assert input_name(when, "from") == "when-from"


FORMS = st.dictionaries(
    st.sampled_from(
        sorted(
            {
                input_name(q, f.key, i)
                for r in RIGHTS.values()
                for q in r.questions
                for f in (*q.fields, Field("", ""))
                for i in (0, 1)
            }
        )
    ),
    st.lists(
        st.sampled_from(["", "usage", "copy", "x", "yes", "everything", "2020-01-01", "\x00", "a@example.com"])
        | st.text(max_size=20),
        max_size=3,
    ),
    max_size=12,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(RIGHTS)), FORMS)
def test_whatever_a_form_holds_the_answer_is_fit_or_the_fault_has_words(slug: str, form: dict[str, list[str]]) -> None:
    for each in RIGHTS[slug].questions:
        try:
            answer = validate(each, form, context(slug))
        except AnswerFault as refused:
            told = [words.text for words in refused.faults.values()]
        else:
            assert validate(each, as_form(each, answer), context(slug)) == answer
            told = [words.text for words in readable(each, answer, REGISTER, "nl")]
        assert told
        assert all(told)


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_chosen_uses_read_in_the_language_of_the_person(language: str) -> None:
    [words] = readable(question("access", ABOUT), ["account"], REGISTER, language)
    assert words.text == REGISTER.row("account").text("title", language)
    assert not words.translate


def test_options_are_translated_and_the_words_of_a_person_never() -> None:
    [everything] = readable(question("access", ABOUT), [EVERYTHING], REGISTER, "nl")
    assert everything.translate
    [told] = readable(question("object", "circumstances"), "Delete data", REGISTER, "nl")
    assert (told.text, told.translate) == ("Delete data", False)


def test_the_fields_of_an_entry_read_with_their_labels() -> None:
    items = [{"what": "a", "why": "wrong", "says": "b", "should": "c", "where": "account", "proof": ""}, {"what": "d"}]
    lines = readable(question("rectify", "items"), items, REGISTER, "fr")
    assert [line.item for line in lines] == [0, 0, 0, 0, 0, 1]
    assert lines[1].translate
    assert lines[4].text == REGISTER.row("account").text("title", "fr")
    assert all(line.label for line in lines)


@pytest.mark.parametrize("answer", ["", [], [{"ip": "", "at": ""}]])
def test_a_skipped_question_reads_as_not_provided(answer: Answer) -> None:
    assert [words.text for words in readable(question("access", "trace"), answer, REGISTER, "nl")] == ["Not provided"]


def test_a_ticked_box_reads_as_yes() -> None:
    [words] = readable(question("erase", "erase_all"), [{"understood": "yes"}], REGISTER, "de")
    assert (words.text, words.translate) == ("Yes", True)


def test_who_asks_for_somebody_else_gives_the_address_that_is_known_of_them() -> None:
    form = {"contact-name": ["Ada"], "contact-email": ["ada@example.com"], "contact-acting": ["other"]}
    missing = "Write the address that Medbook knows of the person you ask for."
    assert fault("access", "contact", form) == {"contact-known_email": missing}
    assert take("access", "contact", form | {"contact-known_email": ["ben@example.org"]})
