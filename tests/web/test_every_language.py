"""Every right in every language up to the check page: the words are of that language, and the bars of length hold."""

import re
from collections.abc import Iterator
from functools import cache
from xml.etree.ElementTree import Element

import html5lib
import pytest
from babel.messages.pofile import read_po
from flask import Flask
from werkzeug.test import TestResponse

from portal.config import HERE
from portal.demo.specimen import draw_specimen
from tests.support.walks import ANSWERS, CONTACT, COVERED, NAME, Walk, demo_app

__all__ = ["demo_app"]

LANGUAGES = ("nl", "fr", "de", "en")
SCREENS, INPUTS = 9, 10
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]")
RARE = 16  # letters from which a piece of a sentence stands for it


@pytest.mark.parametrize(
    ("right", "language"),
    [
        pytest.param(right, language, marks=() if place % 4 == turn else pytest.mark.long)
        for place, right in enumerate(ANSWERS)
        for turn, language in enumerate(LANGUAGES)
    ],
)
def test_a_right_speaks_one_language_in_nine_screens_and_ten_inputs(demo_app: Flask, right: str, language: str) -> None:
    walk = Walk(demo_app, language, f"/{language}/")
    required: dict[str, list[str]] = {}
    while walk.step != "check":
        read(walk, language)
        required[walk.step] = asked_for(walk)
        answer(walk, right)
    read(walk, language)
    screens = [*walk.visited, "check"]
    assert len(screens) <= SCREENS, screens
    assert sum(map(len, required.values())) <= INPUTS, required


def read(walk: Walk, language: str) -> None:
    """Fail where the page that is open is of another language, or says something in English."""
    page = html5lib.parse(walk.page(), namespaceHTMLElements=False)
    assert page.get("lang") == language
    if language == "en":
        return
    sentences, pieces = english(language)
    said = [re.sub(r"\s+", " ", text).strip() for text in texts(page)]
    left = [text for text in said if text in sentences or any(piece in text for piece in pieces)]
    assert not left, f"{walk.url} says in English: {left}"


def texts(node: Element) -> Iterator[str]:
    """Yield what is read on a page, also by a screen reader; not what a person typed."""
    if not isinstance(node.tag, str) or node.tag in {"script", "textarea"} or node.get("lang") == "en":
        return
    yield from (
        node.get(name, "") for name in ("aria-label", "alt", "title", "placeholder", "data-saved", "data-where")
    )
    yield node.text or ""
    for child in node:
        yield from texts(child)
        yield child.tail or ""


@cache
def english(language: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the source strings that are another text in ``language``, and the longer pieces of those with gaps."""
    with (HERE / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    sources: set[str] = set()
    spoken: set[str] = set()
    for message in catalogue:
        spoken |= {message.string} if isinstance(message.string, str) else set(message.string)
        sources |= {message.id} if isinstance(message.id, str) else set(message.id)
    foreign = {source for source in sources - spoken if source}
    gaps = {piece.strip() for source in foreign for piece in PLACEHOLDER.split(source) if "%" in source}
    return frozenset(foreign), tuple(piece for piece in gaps if len(piece) >= RARE and " " in piece)


def asked_for(walk: Walk) -> list[str]:
    """Return the inputs the open turn does not go on without: what its page complains of when left empty."""
    empty = walk.client.submit(walk.url, {"use": "1"} if walk.step == "mask" else {})
    if empty.status_code == 303:  # nothing is needed; the turn is answered again below
        return []
    missing = complaints(empty)
    return missing[:1] if walk.step == "mask" else missing  # one press of a stencil covers photo and number


def complaints(page: TestResponse) -> list[str]:
    """Return the places the error summary of a page points to."""
    tree = html5lib.parse(page.get_data(as_text=True), namespaceHTMLElements=False)
    (summary,) = (each for each in tree.iter("div") if each.get("aria-labelledby") == "errors-title")
    return [link.get("href", "") for link in summary.iter("a")]


def answer(walk: Walk, right: str) -> None:
    """Answer the open turn."""
    step = walk.step
    if step == "":
        walk.visited.append("right")
        walk.choose(right)
    elif step == "identity":
        walk.visited.append(step)
        walk.follow(walk.upload(draw_specimen(NAME, "en")))
    elif step == "code":
        walk.confirm()
    else:
        special = {"contact": CONTACT, "sign": {"signature": NAME}, "mask": COVERED}
        walk.fill({**special, **ANSWERS[right]}[step])
