"""Words of four languages that say one thing are known to say it, and what is denied is known to be denied."""

from collections import Counter

import pytest
from ruamel.yaml import YAML

from portal.understanding.concepts import WORDS, concepts
from portal.understanding.text import fold, message


@pytest.mark.parametrize(
    "text", ["Wis mijn facturen", "Effacez mes factures", "Lösch meine Rechnungen", "DELETE my invoices"]
)
def test_one_wish_says_the_same_in_four_languages(text: str) -> None:
    said = concepts(message(text))
    assert said[:2] == ["erase", "invoice"]
    assert "so erase & so invoice" in said


@pytest.mark.parametrize(
    "text",
    [
        "Niet verwijderen, bevries het",
        "Ne supprimez pas, gelez",
        "Nicht löschen, sperren",
        "Don't delete it, freeze it",
    ],
)
def test_what_is_denied_is_not_what_is_asked(text: str) -> None:
    said = concepts(message(text))
    assert "not erase | so freeze" in said
    assert "so erase" not in said


def test_of_words_that_begin_alike_the_longest_phrase_counts() -> None:
    assert concepts(message("passe"))[:1] == []
    assert concepts(message("mot de passe"))[:1] == ["login"]
    assert concepts(message("ne plus"))[:1] == ["no_more"]


@pytest.mark.parametrize("text", ["", "...", "xyzzy 42"])
def test_a_text_without_known_words_says_nothing(text: str) -> None:
    assert concepts(message(text)) == []


def test_no_word_says_two_things() -> None:
    words = Counter(fold(word) for found in YAML(typ="safe").load(WORDS).values() for word in found)
    assert [word for word, count in words.items() if count > 1] == []
