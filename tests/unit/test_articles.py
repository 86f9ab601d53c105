"""An article is cited as lawyers of each language cite it."""

import re

import pytest

from portal.cases.grounds import GROUNDS
from portal.config import LANGUAGES
from portal.ui.articles import cite


@pytest.mark.parametrize(
    ("article", "written"),
    [
        ("16", {"nl": "16", "fr": "16", "de": "16", "en": "16"}),
        ("12(5)(b)", {"nl": "12, lid 5, punt b", "fr": "12, paragraphe 5, point b", "de": "12 Abs. 5 Buchst. b"}),
        ("12(2), 12(6)", {"nl": "12, lid 2, 12, lid 6", "de": "12 Abs. 2, 12 Abs. 6", "en": "12(2), 12(6)"}),
        ("4(7)", {"nl": "4, punt 7", "fr": "4, point 7", "de": "4 Nr. 7", "en": "4(7)"}),
    ],
)
def test_an_article_is_written_as_the_language_writes_it(article: str, written: dict[str, str]) -> None:
    assert {language: cite(article, language) for language in written} == written


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_no_ground_keeps_the_english_form_in_another_language(language: str) -> None:
    assert [ground.slug for ground in GROUNDS.values() if re.search(r"\d\(", cite(ground.article, language))] == []
