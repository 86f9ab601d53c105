"""Each language sets its signs as its readers are used to: quotes, spaces, and articles that stay with their number."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po
from ruamel.yaml import YAML

from benchmarks.readability import leaves
from portal.config import HERE, LANGUAGES

APART = re.compile(r"(?<=[^\s\u202f])[ \u00a0]+(?=[:;?!»])|«(?!\u202f)|(?<=[a-zà-ÿ)])[;?](?=\s|$)")
"""French keeps : ; ? ! and « » with their word by a narrow no-break space."""
LOOSE = {
    "nl": re.compile(r"\b(?:art\.|lid|punt) (?=[\d%])|\d MB\b"),
    "fr": re.compile(r"\b(?:art\.|paragraphe|n°) (?=[\d%])|\d (?:Mo|jours|heures|ans|mois)\b|§|'(?=\w)"),
    "de": re.compile(r"\b(?:Art\.|Abs\.|Nr\.|Ziffer) (?=[\d%])|\d MB\b|„[^“]*”|\bAbs\.\s\d [a-f]\b"),
}
"""What belongs together but can still break at the end of a line, and what another language would write."""
STALE = {
    "nl": re.compile(r"\bverzoek|\bten laatste|\bautoriteit(en)?\b(?! persoonsgegevens)", re.I),
    "fr": re.compile(r"autorisation|porter plainte|(?<!e-)\bmails?\b|abîmé", re.I),
    "de": re.compile(r"\bAntr[aä]g|Empfangsbestätigung|Zugangsschlüssel|Einwilligung zurück|(?<!E-)\bMails?\b(?!-)"),
}
"""Words that were given up for another: one thing has one name."""


TRANSLATED = [language for language in LANGUAGES if language != "en"]


def _texts(language: str) -> Iterator[str]:
    with (HERE / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        for message in read_po(file, locale=language):
            if message.id:
                yield from (message.string,) if isinstance(message.string, str) else message.string
    yield from leaves(YAML(typ="safe").load(HERE / "register" / "texts" / f"{language}.yml"))


def test_french_signs_stay_with_their_word() -> None:
    assert [text for text in _texts("fr") if APART.search(text)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_belongs_together_stays_on_one_line(language: str) -> None:
    assert [text for text in _texts(language) if LOOSE[language].search(text)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_one_thing_has_one_name(language: str) -> None:
    assert [text for text in _texts(language) if STALE[language].search(text)] == []
