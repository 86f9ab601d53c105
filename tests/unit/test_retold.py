"""Answers as a person reads them: dates and labels are written the way the language writes them."""

from collections.abc import Callable

import pytest

from portal.register import load_register
from portal.register.reading import LABELLED, retold
from portal.rights import RIGHTS

FRENCH = {LABELLED: "%(label)s : %(answer)s"}


def speak(words: dict[str, str]) -> Callable[..., str]:
    """Return a translation that knows ``words`` and leaves the rest."""

    def say(text: str, **values: object) -> str:
        return words.get(text, text) % values if values else words.get(text, text)

    return say


@pytest.mark.parametrize(
    ("language", "written"),
    [("nl", "1 februari 2024"), ("fr", "1 février 2024"), ("de", "1. Februar 2024"), ("en", "1 February 2024")],
)
def test_a_date_is_written_as_the_language_writes_it(language: str, written: str) -> None:
    answers = {"about": ["everything"], "form": [{"form": "copy", "from": "2024-02-01"}]}
    told = dict(retold(RIGHTS["access"].questions, answers, load_register(), language, speak({})))
    assert any(written in text for text in told.values()), told


def test_a_label_is_followed_as_the_language_does_it() -> None:
    answers = {"about": ["everything"], "form": [{"form": "copy", "from": "2024-02-01"}]}
    told = retold(RIGHTS["access"].questions, answers, load_register(), "fr", speak(FRENCH))
    assert "From : 1 février 2024" in "\n".join(text for _label, text in told)
