"""Every sentence is there in Dutch, French and German: none missing, empty, fuzzy, copied or left over."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.house.source import ROOT

LANGUAGES = ("nl", "fr", "de")
FUNCTIONS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?[a-z]+[^>]*>")
SAME: dict[str, frozenset[str]] = {
    "nl": frozenset(
        {"%(size)s kB", "%(size)s MB", "Code", "art. %(article)s"}
        | {"privacy", "privacy manager"}  # the policy itself says so
    ),
    "fr": frozenset(
        {"%(num)d page", "%(num)d pages", "Code", "Date", "Invitation", "Messages", "Note", "Notes", "Pages", "Photo"}
        | {
            "Sessions",
            "Signature",
            "Version %(number)d (PDF)",
            "Versions",
            "art. %(article)s",
            "date",
            "privacy manager",
            "version %(num)d",
        }
    ),
    "de": frozenset(
        {"Code", "Name", "Passkey", "Passkeys", "Version %(number)d (PDF)"}
        | {"https://www.dataprotectionauthority.be", "www.dataprotectionauthority.be"}
    ),
}
"""Source strings whose translation is, rightly, the same word."""


@cache
def _wanted() -> dict[str | tuple[str, ...], str]:
    """Return every string the source marks, with the place of its first use."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    found: dict[str | tuple[str, ...], str] = {}
    for mapping in mappings:
        folder, _, pattern = str(mapping["pattern"]).partition("/")
        marked = extract_from_dir(ROOT / folder, [(pattern, mapping["method"])], {pattern: mapping}, keywords=FUNCTIONS)
        for file, line, text, _notes, _context in marked:
            found.setdefault(text, f"{folder}/{file}:{line}")
    return found


@cache
def _catalogue(language: str) -> Catalog:
    with (ROOT / "portal" / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def _messages(language: str) -> Iterator[Message]:
    return (message for message in _catalogue(language) if message.id)


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def test_the_source_marks_its_strings() -> None:
    assert len(_wanted()) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_marked_string_is_in_the_catalogue(language: str) -> None:
    known = {message.id for message in _messages(language)}
    assert {text: place for text, place in _wanted().items() if text not in known} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_holds_nothing_that_is_not_used(language: str) -> None:
    assert [message.id for message in _messages(language) if message.id not in _wanted()] == []
    assert list(_catalogue(language).obsolete) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_empty_or_a_guess(language: str) -> None:
    plurals = _catalogue(language).num_plurals
    empty = [
        message.id
        for message in _messages(language)
        if message.fuzzy
        or not all(form.strip() for form in _forms(message.string))
        or (message.pluralizable and len(_forms(message.string)) != plurals)
    ]
    assert empty == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_copy_of_the_source(language: str) -> None:
    copied = {
        text
        for message in _messages(language)
        for text in _forms(message.id)
        if text in _forms(message.string) and re.search(r"[A-Za-z]{2}", PLACES.sub("", text))
    }
    assert copied - SAME[language] == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_on_the_list_of_equal_words_is_still_used(language: str) -> None:
    assert SAME[language] <= {text for message in _messages(language) for text in _forms(message.id)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_has_the_places_of_its_source(language: str) -> None:
    wrong = []
    for message in _messages(language):
        singular, *rest = _forms(message.id)
        plural = sorted(PLACES.findall(rest[-1] if rest else singular))
        allowed = (plural, sorted(PLACES.findall(singular)))
        wrong += [form for form in _forms(message.string) if sorted(PLACES.findall(form)) not in allowed]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_raises_its_voice(language: str) -> None:
    loud = [form for message in _messages(language) for form in _forms(message.string) if "!" in form]
    assert loud == []
