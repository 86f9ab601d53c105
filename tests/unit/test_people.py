"""Names of other people are found in free text, however they are written; a short form of benchmarks.redaction."""

import pytest

from benchmarks.redaction import LEAST, measured
from portal.fulfilment.people import Finder, Words, parts_of

OWN = Words(["Lies Janssens", "lies@example.com"])
KNOWN = Finder(set(parts_of(["Katrijn Pauwels", "Jörg Vogel", "Élodie N’Diaye", "Wout Van den Broeck", "李小明"])), OWN)


def test_at_least_nine_of_ten_planted_names_are_found_in_each_language() -> None:
    found = measured(40, 500)
    assert set(found["by_language"]) == {"nl", "fr", "de", "en"}
    assert min(found["by_language"].values()) >= LEAST
    assert found["recall"] >= LEAST
    assert found["covered"] >= LEAST


@pytest.mark.parametrize(
    ("text", "spots"),
    [
        ("Ik sprak Katrijn Pauwels gisteren.", ["Katrijn Pauwels"]),
        ("Pauwels, Katrijn kwam later.", ["Pauwels, Katrijn"]),
        ("het verslag van katrijn pauwels", ["van katrijn pauwels"]),
        ("K. Pauwels tekende.", ["K. Pauwels"]),
        ("Das ist Vogels Bericht.", ["Vogels"]),
        ("J’ai vu Elodie hier.", ["Elodie"]),
        ("Met Katrjin gebeld.", ["Katrjin"]),
        ("Vraag het aan Wout Van den Broeck.", ["Wout Van den Broeck"]),
        ("Mail naar jan@ziekenhuis.example.", ["jan@ziekenhuis.example"]),
        ("Besproken met J.P. en de familie.", ["J.P."]),
        ("mevrouw Godelieve Steurbaut belde.", ["Godelieve Steurbaut"]),
        ("Groeten, 李小明 (later)", ["李小明"]),
    ],
)
def test_a_name_is_found_as_it_is_written(text: str, spots: list[str]) -> None:
    assert KNOWN.spots(text) == spots


@pytest.mark.parametrize(
    "text", ["Ik ben Lies Janssens.", "Mijn adres is lies@example.com", "De controle was gunstig.", ""]
)
def test_the_person_and_plain_words_are_nobody_else(text: str) -> None:
    assert KNOWN.spots(text) == []


def test_only_parts_of_names_that_the_texts_may_hold_are_looked_for() -> None:
    seen = Words(["Vandaag kwam Katrjin langs."])
    assert seen.may_name("katrijn")
    assert not seen.may_name("wolfgang")
