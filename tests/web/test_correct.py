"""Rectifying and flagging: the old value is checked, opinions get a statement, uses can see the flag."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete

from portal.errors import InputRejected
from portal.fulfilment.apply import apply, preview, rectifiable
from portal.fulfilment.locate import Subject, locate
from portal.fulfilment.plans import Correction, Effect, FlagPlan, Plan, RectifyPlan, ValueChanged
from portal.sources import Sources
from tests.support.shop import ADA, NOW, flags, open_shop, whole

ME = Subject((ADA,))


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


def test_a_correction_replaces_the_old_value_and_nothing_else(shop: Sources) -> None:
    before = whole(shop)
    plan = RectifyPlan(
        (
            Correction("shop.customers.name", "Ada Byron", "Ada King"),
            Correction("shop.customers.born", "1990-12-10", "1990-12-11"),
            Correction("shop.customers.phone", "+32 470 00 00 01", ""),
        )
    )
    assert [line.rows for line in preview(shop, ME, plan, NOW).lines] == [1, 1, 1]
    apply(shop, ME, plan, NOW)
    after = whole(shop)
    changed = dict(before["shop.customers"][(1,)]) | {"name": "Ada King", "born": date(1990, 12, 11), "phone": None}
    assert after["shop.customers"][(1,)] == changed
    assert after["shop.customers"][(3,)] == before["shop.customers"][(3,)]
    assert apply(shop, ME, plan, NOW).rows == 0


def test_an_old_value_that_is_not_there_is_not_replaced(shop: Sources) -> None:
    plan = fix("customers.name", "Ada Lovelace", "Ada King")
    assert [line.rows for line in preview(shop, ME, plan, NOW).lines] == [0]
    before = whole(shop)
    with pytest.raises(ValueChanged):
        apply(shop, ME, plan, NOW)
    assert whole(shop) == before


def test_a_corrected_address_does_not_count_as_on_file_yet(shop: Sources) -> None:
    apply(shop, ME, fix("customers.email", ADA, "ada.king@example.org"), NOW)
    assert not locate(shop, Subject(("ada.king@example.org",))).address_is_on_file("ada.king@example.org", NOW)


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("customers.born", "1990-12-10", "yesterday"),
        ("customers.name", "Ada Byron", "x" * 81),
        ("customers.name", "Ada Byron", "  "),
        ("customers.id", "1", "2"),
        ("customers.password", "secret", "mine"),
        ("customers.nothing", "", "x"),
        ("elsewhere.name", "", "x"),
    ],
)
def test_a_correction_that_does_not_fit_is_refused_with_a_sentence(
    shop: Sources, field: str, old: str, new: str
) -> None:
    with pytest.raises(InputRejected) as refused:
        apply(shop, ME, fix(field, old, new), NOW)
    assert new not in str(refused.value) or not new.strip()


def test_an_opinion_of_others_gets_a_statement_beside_it(shop: Sources) -> None:
    plan = RectifyPlan((Correction("supplement:shop.reviews", "pays late", "I paid on the day."),))
    before = whole(shop)
    assert counts(shop, plan) == {("shop.statements", Effect.SUPPLEMENT): 1}
    apply(shop, ME, plan, NOW)
    after = whole(shop)
    (added,) = after["shop.statements"].values()
    assert (added["review_id"], added["text"]) == (1, "I paid on the day.")
    assert after["shop.reviews"] == before["shop.reviews"]
    assert apply(shop, ME, plan, NOW).rows == 0


def test_the_desk_is_offered_what_can_be_corrected(shop: Sources) -> None:
    offered = {each.key: each for each in rectifiable(shop, ME)}
    assert set(offered) == {
        "shop.customers.email", "shop.customers.name", "shop.customers.phone", "shop.customers.born",
        "supplement:shop.reviews",
    }  # fmt: skip
    assert offered["shop.customers.born"].values == ("1990-12-10",)
    assert offered["shop.customers.name"].title["nl"] == "Klant: Naam"


def test_a_restriction_is_a_row_that_uses_can_obey_and_is_set_once(shop: Sources) -> None:
    plan = FlagPlan("restrict", frozenset({"account", "contract"}))
    assert counts(shop, plan) == {("shop.flags", Effect.INSERT): 2}
    apply(shop, ME, plan, NOW)
    assert set(whole(shop)["shop.flags"]) == {(1, "account", "restricted"), (1, "contract", "restricted")}
    assert apply(shop, ME, plan, NOW).rows == 0
    with shop["shop"].writer.begin() as connection:
        connection.execute(delete(flags).where(flags.c.activity == "account"))
    assert apply(shop, ME, plan, NOW).rows == 1


def test_objecting_sets_the_persons_rows_and_no_others(shop: Sources) -> None:
    before = whole(shop)
    plan = FlagPlan("object", frozenset({"marketing"}))
    apply(shop, ME, plan, NOW)
    after = whole(shop)
    mine = after["letters.subscribers"][(" ADA@Example.org",)]
    assert (mine["active"], mine["stopped_at"]) == (False, NOW.replace(tzinfo=None))
    for key in ("adam@example.org", "home@example.org"):
        assert after["letters.subscribers"][(key,)] == before["letters.subscribers"][(key,)]
    assert apply(shop, ME, plan, NOW).rows == 0
