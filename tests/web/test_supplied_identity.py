"""An IP address that a person supplies finds their visits and nothing else: many people may share one (Art. 11(2))."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from portal.config import SourceUrls
from portal.fulfilment.apply import apply
from portal.fulfilment.collect import collect
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import ErasePlan
from portal.sources import Sources
from portal.sources.model import Edge, FieldRef
from tests.support.shop import NOW, open_shop, whole


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Sources]:
    """Give a shop whose map leads from a visit's address to whoever was seen there."""
    plain = open_shop(tmp_path)
    seen = Edge(FieldRef("letters.visits", "ip"), FieldRef("letters.subscribers", "seen_ip"))
    urls = {key: str(plain[key].writer.url) for key in ("shop", "letters")}
    leading = replace(plain.data_map, edges=(*plain.data_map.edges, seen))
    opened = Sources(leading, {key: SourceUrls(url, url) for key, url in urls.items()})
    yield opened
    opened.close()
    plain.close()


def test_a_supplied_address_leads_to_no_other_collection(shop: Sources) -> None:
    found = {c.key: len(list(rows)) for c, rows in collect(shop, Subject((), ips=("192.0.2.1",)))}
    assert found == {"letters.visits": 2}


def test_erasing_by_a_supplied_address_and_day_touches_those_visits_only(shop: Sources) -> None:
    before = whole(shop)
    me = Subject((), ips=("192.0.2.1",), ip_days=frozenset({date(2026, 3, 1)}))
    apply(shop, me, ErasePlan(), NOW)
    after = whole(shop)
    assert set(after.pop("letters.visits")) == {(2,), (3,)}
    before.pop("letters.visits")
    assert after == before
