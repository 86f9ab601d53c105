"""The coded grounds: each cites an article, has words for both sides, and is used by some right."""

import re

import pytest

from portal.cases.grounds import GROUNDS
from portal.rights import RIGHTS


@pytest.mark.parametrize("slug", GROUNDS)
def test_a_ground_cites_article_and_clause_and_speaks_to_both_sides(slug: str) -> None:
    ground = GROUNDS[slug]
    assert ground.slug == slug
    assert re.fullmatch(r"\d+(\(\d\))?(\([a-f]\))?(, \d+\(\d\))?", ground.article)
    assert re.fullmatch(r"\d\.\d+(\.\d)?", ground.clause)
    assert ground.title != ground.letter
    assert ground.letter.endswith(".")


@pytest.mark.parametrize("slug", GROUNDS)
def test_a_ground_is_used_by_some_right(slug: str) -> None:
    assert any(slug in right.grounds for right in RIGHTS.values())


def test_no_two_grounds_say_the_same() -> None:
    assert len({ground.letter for ground in GROUNDS.values()}) == len(GROUNDS)
    assert len({ground.title for ground in GROUNDS.values()}) == len(GROUNDS)


@pytest.mark.parametrize("slug", ["unfounded", "repeated"])
def test_taking_back_a_permission_cannot_be_called_repeated_or_unfounded(slug: str) -> None:
    assert slug not in RIGHTS["withdraw"].grounds


def test_what_must_stay_by_law_has_a_ground_that_asks_for_the_law() -> None:
    assert "17(3)(b)" in GROUNDS["duty-to-keep"].article
    assert "law" in GROUNDS["duty-to-keep"].title
    assert "duty-to-keep" in RIGHTS["erase"].grounds
