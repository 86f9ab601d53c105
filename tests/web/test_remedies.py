"""Where to go who does not agree, and until when: each day that a law sets, computed, and plainly where none is set."""

from datetime import date

import pytest
from flask import Flask, get_template_attribute
from flask_babel import force_locale

from portal.cases.remedies import remedies
from portal.config import LANGUAGES
from portal.ui.filters import datelong

ANSWERED, LAST = date(2026, 3, 12), date(2026, 4, 23)  # six weeks apart
NARROW = "\N{NO-BREAK SPACE}"
NO_DAY = {
    "nl": "geen laatste dag",
    "fr": "pas de dernier jour",
    "de": "keinen letzten Tag",
    "en": "no last day",
}
BY = {
    "be": {"nl": "30 juli 2018, art. 209", "fr": "30 juillet 2018, art. 209", "de": "30. Juli 2018", "en": "art. 209"},
    "nl": dict.fromkeys(LANGUAGES, "UAVG"),
    "other": {"nl": "art. 79", "fr": "art. 79", "de": "Art. 79", "en": "art. 79"},
}


def told(app: Flask, language: str, residence: str, answered_on: date | None = ANSWERED, *, late: bool = False) -> str:
    """Return what a person in ``residence`` reads."""
    with app.test_request_context("/"), force_locale(language):
        ways = get_template_attribute("letters/parts.html", "ways_on")
        return str(ways(remedies(residence, answered_on, late=late))).replace(NARROW, " ")


def day(app: Flask, language: str, on: date) -> str:
    with app.test_request_context("/"), force_locale(language):
        return datelong(on).replace(NARROW, " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_resident_reads_court_complaint_and_day_in_their_language(app: Flask, language: str) -> None:
    answered, last = day(app, language, ANSWERED), day(app, language, LAST)
    for residence, court in BY.items():
        said = told(app, language, residence)
        assert court[language] in said, residence
        assert answered in said, residence
        assert "2017" in said, "how a complaint to the Belgian authority is made"
        assert (last in said) == (residence == "nl"), residence
        assert ("autoriteitpersoonsgegevens" in said) == (residence == "nl"), residence
    assert NO_DAY[language] in told(app, language, "be")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_late_answer_and_none_set_no_last_day_in_the_netherlands(app: Flask, language: str) -> None:
    for answered_on in (ANSWERED, None):
        said = told(app, language, "nl", answered_on, late=True)
        assert NO_DAY[language] in said
        assert day(app, language, LAST) not in said


def test_before_an_answer_no_day_is_named(app: Flask) -> None:
    for residence in BY:
        assert "2026" not in told(app, "en", residence, None)
