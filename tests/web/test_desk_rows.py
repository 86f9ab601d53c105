"""What the desk is offered to correct, row by row, and that only the chosen row is corrected or gets the statement."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.fulfilment.apply import apply, rectifiable
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import Correction, Key, RectifyPlan, ValueChanged
from portal.sources import Sources
from tests.support.shop import ADA, NOW, open_shop, whole

ME = Subject((ADA,))
STATEMENT = "I paid on the day."


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Sources]:
    opened = open_shop(tmp_path)
    yield opened
    opened.close()


def state(shop: Sources, key: Key | None, words: str = "") -> None:
    apply(shop, ME, RectifyPlan((Correction("supplement:shop.reviews", words, STATEMENT, key),)), NOW)


def test_each_choice_carries_its_row_and_what_the_column_takes(shop: Sources) -> None:
    offered = {each.key: each for each in rectifiable(shop, ME)}
    name, born = offered["shop.customers.name"], offered["shop.customers.born"]
    assert [(each.value, each.row) for each in name.stated] == [("Ada Byron", (1,))]
    assert (name.kind, name.length, born.kind, born.length) == ("text", 80, "date", None)
    opinions = offered["supplement:shop.reviews"].stated
    assert [(each.value, each.row) for each in opinions] == [("Ada Byron pays late", (1,))]


def test_only_the_chosen_row_is_corrected(shop: Sources) -> None:
    elsewhere = RectifyPlan((Correction("shop.customers.name", "Ada Byron", "Ada King", (99,)),))
    with pytest.raises(ValueChanged):
        apply(shop, ME, elsewhere, NOW)
    apply(shop, ME, RectifyPlan((Correction("shop.customers.name", "Ada Byron", "Ada King", (1,)),)), NOW)
    assert whole(shop)["shop.customers"][(1,)]["name"] == "Ada King"


def test_a_statement_is_added_to_the_chosen_row_and_never_to_all(shop: Sources) -> None:
    for key, words in ((None, ""), (None, "words that no row says"), ((99,), "pays late")):
        with pytest.raises(ValueChanged):
            state(shop, key, words)
    assert whole(shop)["shop.statements"] == {}
    state(shop, (1,), "2026-01-01 · any description")
    (added,) = whole(shop)["shop.statements"].values()
    assert (added["review_id"], added["text"]) == (1, STATEMENT)
