"""Changing the sources: erase, rectify and flag do what the preview says, once, and touch nobody else's row."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from portal.config import SourceUrls
from portal.errors import SourceRefused
from portal.fulfilment.apply import apply, preview
from portal.fulfilment.locate import Subject
from portal.fulfilment.order import last_first
from portal.fulfilment.plans import Correction, Effect, ErasePlan, FlagPlan, Plan, RectifyPlan
from portal.sources import Sources
from portal.sources.model import Erase
from tests.support.shop import ADA, NOW, PHOTO, comments, customers, favourites, open_shop, whole

ME = Subject((ADA,))
ALL = ErasePlan()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Sources]:
    opened = open_shop(tmp_path)
    yield opened
    opened.close()


def counts(sources: Sources, plan: Plan) -> dict[tuple[str, Effect], int]:
    found: dict[tuple[str, Effect], int] = {}
    for line in preview(sources, ME, plan, NOW).lines:
        found[line.key, line.effect] = found.get((line.key, line.effect), 0) + line.rows
    return found


def fix(field: str, old: str, new: str) -> RectifyPlan:
    return RectifyPlan((Correction(f"shop.{field}", old, new),))


ERASED = {
    ("shop.customers", Effect.DELETE): 1,
    ("shop.order", Effect.KEEP): 1,
    ("shop.order", Effect.DEIDENTIFY): 2,
    ("shop.order_lines", Effect.DEIDENTIFY): 2,
    ("shop.favourites", Effect.DELETE): 1,
    ("shop.products", Effect.KEEP): 2,
    ("shop.comments", Effect.DELETE): 2,
    ("shop.reviews", Effect.DEIDENTIFY): 2,
    ("letters.subscribers", Effect.DELETE): 2,
}
"""What erasing Ada means, once Adam's row no longer says that she referred him.

One order is kept by law and only loses its customer; the other is past its hold, but its lines stay de-identified and
need it, so it stays without its content.
"""


@pytest.fixture
def unreferred(shop: Sources) -> Sources:
    cut_referral(shop)
    return shop


def cut_referral(sources: Sources) -> None:
    with sources["shop"].writer.begin() as connection:
        connection.execute(update(customers).values(referred_by=None))


def check_erased(sources: Sources) -> None:
    before = whole(sources)
    proof = apply(sources, ME, ALL, NOW)
    after = whole(sources)
    assert (1,) not in after["shop.customers"]
    assert set(after["shop.order"]) == {(1,), (2,), (3,)}
    assert after["shop.order"][(2,)]["customer_id"] is None
    assert after["shop.order_lines"][(1, 1)]["gift_note"] == "From [erased] to Eve"
    assert after["shop.order_lines"][(2, 1)]["gift_note"] == "for [erased], not Adanna"
    assert after["shop.reviews"][(1,)] == {"id": 1, "about_id": None, "by_id": 2, "verdict": "[erased] pays late"}
    assert after["shop.reviews"][(2,)]["verdict"] == "Adam is kind, says [erased]"
    assert after["shop.reviews"][(2,)]["about_id"] == 2
    assert set(after["letters.subscribers"]) == {("adam@example.org",)}
    for table, key in [("customers", (2,)), ("customers", (3,)), ("order", (3,)), ("order_lines", (3, 1))]:
        assert after[f"shop.{table}"][key] == before[f"shop.{table}"][key]
    assert after["shop.comments"] == {(3,): before["shop.comments"][(3,)]}
    assert set(proof.sources) == {"letters", "shop"}
    assert proof.rows > 0


def test_erasing_deletes_deidentifies_and_keeps_what_a_law_keeps(unreferred: Sources) -> None:
    assert counts(unreferred, ALL) == ERASED
    check_erased(unreferred)


def test_it_is_the_same_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    opened = open_shop(tmp_path, postgres_url)
    try:
        cut_referral(opened)
        check_erased(opened)
        assert apply(opened, ME, ALL, NOW).rows == 0
    finally:
        opened.close()


def test_a_kept_row_is_told_with_its_law_and_end_date(unreferred: Sources) -> None:
    held = [line for line in preview(unreferred, ME, ALL, NOW).kept if line.key == "shop.order"]
    assert [(line.rows, line.until) for line in held] == [(1, date(2031, 5, 1))]
    assert held[0].why == {"nl": "Btw-wet (art. 60)", "en": "VAT law (art. 60)"}


def test_a_preview_changes_nothing(shop: Sources) -> None:
    before = whole(shop)
    for plan in (ALL, FlagPlan("restrict", frozenset({"account"})), fix("customers.name", "Ada Byron", "Ada King")):
        preview(shop, ME, plan, NOW)
    assert whole(shop) == before


def test_erasing_twice_is_erasing_once(unreferred: Sources) -> None:
    apply(unreferred, ME, ALL, NOW)
    once = whole(unreferred)
    assert apply(unreferred, ME, ALL, NOW).rows == 0
    assert whole(unreferred) == once
    assert not [line for line in preview(unreferred, ME, ALL, NOW).lines if line.effect is not Effect.KEEP]


def test_a_row_that_another_person_needs_loses_its_content_instead(shop: Sources) -> None:
    before = whole(shop)
    apply(shop, ME, ALL, NOW)
    after = whole(shop)
    ada = after["shop.customers"][(1,)]
    assert {name for name, value in ada.items() if value is not None} == {"id", "email", "name"}
    assert (ada["email"], ada["name"]) == ("erased-1", "[erased]")
    assert after["shop.customers"][(2,)] == before["shop.customers"][(2,)]


def test_a_shared_row_stays_while_others_use_it_and_goes_when_nobody_does(unreferred: Sources) -> None:
    apply(unreferred, ME, ALL, NOW)
    assert set(whole(unreferred)["shop.products"]) == {(1,), (2,)}  # order lines that stay still name them
    with unreferred["shop"].writer.begin() as connection:
        connection.execute(insert(customers), [{"id": 9, "email": "eve@example.org", "name": "Eve"}])
        connection.execute(insert(favourites), [{"customer_id": 9, "product_id": 2}])
    apply(unreferred, Subject(("eve@example.org",)), ALL, NOW)
    assert (9,) not in whole(unreferred)["shop.customers"]


def test_a_deep_thread_is_deleted_from_the_leaves_up(tmp_path: Path, postgres_url: str) -> None:
    opened = open_shop(tmp_path, postgres_url)
    cut_referral(opened)
    chain = [{"id": 100 + n, "customer_id": 1, "parent_id": 99 + n if n else 2, "body": "deep"} for n in range(1200)]
    with opened["shop"].writer.begin() as connection:
        connection.execute(insert(comments), chain)
    apply(opened, ME, ALL, NOW)
    assert set(whole(opened)["shop.comments"]) == {(3,)}
    opened.close()


def test_a_reply_of_another_person_keeps_the_thread_but_not_the_words(unreferred: Sources) -> None:
    with unreferred["shop"].writer.begin() as connection:
        connection.execute(
            insert(comments), [{"id": 50, "customer_id": 2, "parent_id": None, "body": "Adam answers elsewhere"}]
        )
    edges = tuple(edge for edge in unreferred.data_map.edges if str(edge.target) != "shop.comments.parent_id")
    urls = {key: str(unreferred[key].writer.url) for key in ("shop", "letters")}
    own_only = replace(unreferred.data_map, edges=edges)
    without_thread = Sources(own_only, {key: SourceUrls(url, url) for key, url in urls.items()})
    with unreferred["shop"].writer.begin() as connection:
        connection.execute(update(comments).where(comments.c.id == 50).values(parent_id=2))
    before = whole(unreferred)
    apply(without_thread, ME, ALL, NOW)
    after = whole(unreferred)
    without_thread.close()
    assert after["shop.comments"][(50,)] == before["shop.comments"][(50,)]
    assert after["shop.comments"][(2,)]["body"] == "[erased]"
    assert (1,) not in after["shop.comments"]


def test_erasing_one_activity_leaves_the_others(unreferred: Sources) -> None:
    before = whole(unreferred)
    apply(unreferred, ME, ErasePlan(frozenset({"marketing"})), NOW)
    after = whole(unreferred)
    assert after.pop("letters.subscribers") != before.pop("letters.subscribers")
    assert after == before


def test_a_failure_half_way_undoes_the_whole_source(unreferred: Sources) -> None:
    with unreferred["shop"].writer.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER stop BEFORE DELETE ON customers BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    before = whole(unreferred)
    with pytest.raises(SourceRefused):
        apply(unreferred, ME, ALL, NOW)
    after = whole(unreferred)
    assert {key: rows for key, rows in after.items() if key.startswith("shop")} == {
        key: rows for key, rows in before.items() if key.startswith("shop")
    }
    with unreferred["shop"].writer.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER stop")
    apply(unreferred, ME, ALL, NOW)  # the source that leads to the other one came last, so the person is still found
    assert (1,) not in whole(unreferred)["shop.customers"]


def test_sources_that_others_lead_to_come_first(shop: Sources) -> None:
    assert last_first(shop.data_map) == ["letters", "shop"]


def test_the_proof_holds_counts_and_hashes_but_no_value(unreferred: Sources) -> None:
    proof = apply(unreferred, ME, ALL, NOW)
    text = repr(proof)
    for value in (ADA, "Ada", "Byron", "470"):
        assert value not in text
    assert all(len(change.sha256) == 64 for changes in proof.sources.values() for change in changes)


def test_the_photo_is_gone_from_the_shop(unreferred: Sources) -> None:
    apply(unreferred, ME, ALL, NOW)
    assert not any(PHOTO in row.values() for rows in whole(unreferred).values() for row in rows.values())
    assert unreferred.data_map.collections["shop.customers"].erase is Erase.DELETE
