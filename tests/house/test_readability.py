"""What a person reads is written in short sentences, in every language (ux.md: B1; a mean under 13 words)."""

import statistics

import pytest

from benchmarks.readability import LONGEST_MEAN, lengths, public_sources, sentences, words
from portal.config import LANGUAGES

NEVER = 24  # words


def test_sentences_and_words_are_counted_as_a_reader_would() -> None:
    said = "Wait: Art. 15 para. 3 says so (art. 15(3)). Is it %(name)s? A label"
    assert sentences(said) == ["Wait:", "Art.\u00a015 para. 3 says so (art.\u00a015(3)).", "Is it %(name)s?"]
    assert [words(each) for each in sentences(said)] == [1, 8, 3]


def test_what_staff_read_is_not_counted() -> None:
    sources = public_sources()
    assert "Nothing has been sent yet. You can still change everything." in sources
    assert "Search by number, name or e-mail" not in sources


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mean_sentence_is_shorter_than_13_words(language: str) -> None:
    found = lengths(language)
    assert len(found) > 400
    assert statistics.mean(found.values()) < LONGEST_MEAN


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_runs_on(language: str) -> None:
    assert {sentence: count for sentence, count in lengths(language).items() if count > NEVER} == {}
