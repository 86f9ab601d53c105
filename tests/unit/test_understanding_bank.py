"""The phrase bank: enough, balanced, varied, and every row is what it says."""

from collections import Counter
from pathlib import Path

import pytest

from portal.understanding import CLASSES, RIGHTS
from portal.understanding.bank import KIN, LANGUAGES, BankFault, Phrase, crowded, folds, load_bank
from portal.understanding.labels import LABELS, class_of


@pytest.fixture(scope="module")
def bank() -> list[Phrase]:
    return load_bank()


def test_the_bank_has_4000_messages_that_ask_a_right_and_1000_that_ask_none(bank: list[Phrase]) -> None:
    asking = sum(phrase.labels[0] in RIGHTS for phrase in bank)
    assert asking >= 4000
    assert len(bank) - asking >= 1000


def test_the_rights_are_in_balance_in_every_language(bank: list[Phrase]) -> None:
    counts = Counter((phrase.language, phrase.labels[0]) for phrase in bank if len(phrase.labels) == 1)
    for language in LANGUAGES:
        found = [counts[language, right] for right in RIGHTS]
        assert max(found) <= 1.15 * min(found), (language, found)
    whole = [sum(counts[language, right] for right in RIGHTS) for language in LANGUAGES]
    assert max(whole) <= 1.1 * min(whole)


def test_every_label_is_found_in_every_language(bank: list[Phrase]) -> None:
    found = {(phrase.language, label) for phrase in bank for label in phrase.labels}
    assert found == {(language, label) for language in LANGUAGES for label in LABELS}


def test_no_more_than_five_messages_share_a_frame(bank: list[Phrase]) -> None:
    shared = crowded([phrase.text for phrase in bank])
    assert {bank[row].text: count for row, count in shared.items()} == {}


def test_the_counter_of_frames_sees_a_template() -> None:
    filled = [
        f"I would like to delete my {thing} from your system please"
        for thing in "photo name file mail note log".split()
    ]
    assert len(crowded([*filled, "Something wholly different"])) == 6
    assert crowded(filled[:5]) == {}


def test_no_message_is_there_twice(bank: list[Phrase]) -> None:
    counts = Counter(phrase.text.casefold() for phrase in bank)
    assert [text for text, count in counts.items() if count > 1] == []


def test_a_fifth_holds_authors_of_every_language(bank: list[Phrase]) -> None:
    part_of = folds(phrase.author for phrase in bank)
    for part in range(5):
        held = [author for author, number in part_of.items() if number == part]
        assert {author[:2] for author in held} == set(LANGUAGES)
        assert all(sum(author.startswith(language) for author in held) >= 2 for language in LANGUAGES)


def test_authors_who_say_like_things_are_held_out_together(bank: list[Phrase]) -> None:
    part_of = folds(phrase.author for phrase in bank)
    assert [kin for kin in KIN if len({part_of[author] for author in kin}) > 1] == []


@pytest.mark.parametrize(
    "row",
    [
        "nl\taccess\tplain",
        "es\taccess\tplain\thola",
        "nl\tlook\tplain\tik wil kijken",
        "nl\taccess\tloud\tik wil kijken",
        "nl\taccess\tplain\t ",
        "fr\taccess\tplain\tje veux voir",
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "nl-someone.tsv").write_text(f"nl\terase\tshort\tweg ermee\n{row}\n", encoding="utf-8")
    with pytest.raises(BankFault, match=r"nl-someone\.tsv:2"):
        load_bank(tmp_path)


def test_a_label_counts_for_its_class() -> None:
    assert {class_of(label) for label in LABELS} == set(CLASSES)
