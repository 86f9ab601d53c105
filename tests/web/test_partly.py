"""What a decision leaves out is neither erased nor copied nor flagged, and nothing is promised for later."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.fulfilment.apply import apply, prepare, preview
from portal.fulfilment.collect import Scope, Why, collect
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import Effect, ErasePlan, Withheld
from portal.sources import Sources
from tests.support.shop import ADA, NOW, open_shop, whole

ME = Subject((ADA,))
ONE = Withheld(collections=frozenset({"shop.comments"}))
WHOLE = Withheld(activities=frozenset({"marketing"}))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Sources]:
    opened = open_shop(tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("without", "kept"), [(ONE, "shop.comments"), (WHOLE, "letters.subscribers")], ids=["a collection", "an activity"]
)
def test_what_is_refused_stays_at_the_source_and_the_rest_goes(shop: Sources, without: Withheld, kept: str) -> None:
    before, plan = whole(shop), ErasePlan(without=without)
    effects = {line.effect for line in preview(shop, ME, plan, NOW).lines if line.key == kept}
    assert effects == {Effect.KEEP}
    prepared = prepare(shop, ME, plan, NOW)
    assert kept not in {each.collection for each in prepared.kept}
    assert kept not in {grave.collection for grave in prepared.graves}
    apply(shop, ME, plan, NOW)
    after = whole(shop)
    assert after[kept] == before[kept]
    other = "letters.subscribers" if without is ONE else "shop.comments"
    assert len(after[other]) < len(before[other])


def test_what_is_refused_is_not_in_the_copy_and_the_copy_says_so(shop: Sources) -> None:
    collected = collect(shop, ME, Scope(without=ONE))
    given = {collection.key: len(list(rows)) for collection, rows in collected}
    assert "shop.comments" not in given
    assert "shop.order" in given
    told = {each.collection.key: each.rows for each in collected.left_out if each.why is Why.REFUSED}
    assert told == {"shop.comments": 2}
