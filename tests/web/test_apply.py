"""Changing the sources: erase, rectify and flag do what the preview says, once, and touch nobody else's row."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from portal.config import HERE, SourceUrls
from portal.demo.medbook import build
from portal.demo.medbook.oracle import oracle_rows
from portal.demo.medbook.planted import planted_values
from portal.demo.medbook.schema_base import MEDBOOK, SUPPORT
from portal.errors import InputRejected, SourceDown
from portal.fulfilment.apply import apply, last_first, preview, rectifiable
from portal.fulfilment.locate import Subject, locate
from portal.fulfilment.plans import Correction, Effect, ErasePlan, FlagPlan, Plan, RectifyPlan, ValueChanged
from portal.sources import Sources, load_data_map
from portal.sources.model import Erase
from tests.support.shop import ADA, NOW, PHOTO, comments, customers, favourites, flags, open_shop, whole

ME = Subject((ADA,))
ALL = ErasePlan()
Tables = Mapping[str, Mapping[tuple[object, ...], Mapping[str, object]]]


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
    ("shop.order", Effect.DELETE): 1,
    ("shop.order", Effect.KEEP): 1,
    ("shop.order", Effect.DEIDENTIFY): 1,
    ("shop.order_lines", Effect.DEIDENTIFY): 2,
    ("shop.favourites", Effect.DELETE): 1,
    ("shop.products", Effect.KEEP): 2,
    ("shop.comments", Effect.DELETE): 2,
    ("shop.reviews", Effect.DEIDENTIFY): 2,
    ("letters.subscribers", Effect.DELETE): 2,
}
"""What erasing Ada means. Adam was referred by her, so in most tests that reference is taken out first."""


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
    found = counts(unreferred, ALL)
    # the first order is past its hold, but its line stays de-identified and needs it: it stays without its content
    assert {key for key, effect in found if effect is Effect.KEEP} == {"shop.order", "shop.products"}
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
    shop_map = unreferred.data_map
    own_only = replace(shop_map, edges=tuple(e for e in shop_map.edges if str(e.target) != "shop.comments.parent_id"))
    urls = {
        key: SourceUrls(*[unreferred[key].writer.url.render_as_string(hide_password=False)] * 2)
        for key in ("shop", "letters")
    }
    without_thread = Sources(own_only, urls)
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
    with pytest.raises(SourceDown):
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


def test_the_proof_holds_counts_and_hashes_but_no_value(unreferred: Sources) -> None:
    proof = apply(unreferred, ME, ALL, NOW)
    text = repr(proof)
    for value in (ADA, "Ada", "Byron", "470"):
        assert value not in text
    assert all(len(change.sha256) == 64 for changes in proof.sources.values() for change in changes)


@pytest.fixture
def medbook(tmp_path: Path) -> Iterator[tuple[Sources, list[str | bytes], str]]:
    urls = {key: f"sqlite:///{tmp_path / key}.db" for key in ("medbook", "medbook_support")}
    world = build(urls["medbook"], urls["medbook_support"], NOW, people=60)
    opened = Sources(load_data_map(HERE / "sources" / "manifests"), {k: SourceUrls(u, u) for k, u in urls.items()})
    person = world.shown["erase"]
    yield opened, planted_values(person), person.email
    opened.close()


def dump(sources: Sources) -> Tables:
    found: dict[str, dict[tuple[object, ...], Mapping[str, object]]] = {}
    for key, metadata in (("medbook", MEDBOOK), ("medbook_support", SUPPORT)):
        with sources[key].reader.connect() as connection:
            for table in metadata.sorted_tables:
                names = [column.name for column in table.primary_key]
                rows = connection.execute(select(table)).mappings()
                found[f"{key}.{table.name}"] = {tuple(row[name] for name in names): dict(row) for row in rows}
    return found


def holds(cell: object, planted: str | bytes) -> bool:
    if isinstance(planted, bytes):
        return isinstance(cell, bytes) and planted in cell
    text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False, default=str)
    return planted.casefold() in text.casefold()


def where_found(tables: Tables, planted: list[str | bytes]) -> set[tuple[str, tuple[object, ...]]]:
    return {
        (table, key)
        for table, rows in tables.items()
        for key, row in rows.items()
        if any(holds(cell, value) for cell in row.values() for value in planted)
    }


def test_after_erasing_nothing_of_the_person_is_left_but_what_the_letter_lists(
    medbook: tuple[Sources, list[str | bytes], str],
) -> None:
    sources, planted, email = medbook
    me = Subject((email,))
    with sources["medbook"].reader.connect() as one, sources["medbook_support"].reader.connect() as two:
        connections = {"medbook": one, "medbook_support": two}
        reached = oracle_rows(connections, email, named=True)
    before = dump(sources)
    assert len(where_found(before, planted)) > 40
    kept = {line.key: line.rows for line in preview(sources, me, ALL, NOW).kept}
    apply(sources, me, ALL, NOW)
    after = dump(sources)
    left = where_found(after, planted)
    assert {table for table, _ in left} <= set(kept)
    for table in kept:
        stayed = [key for key in reached[table] if key in after[table]]
        assert len(stayed) == kept[table]
        assert all(after[table][key] == before[table][key] for key in stayed)
    others = {(t, k): row for t, rows in before.items() for k, row in rows.items() if k not in reached.get(t, set())}
    assert all(after[table].get(key) == row for (table, key), row in others.items())
    for key in ("medbook", "medbook_support"):
        with sources[key].reader.connect() as connection:
            assert connection.exec_driver_sql("pragma foreign_key_check").all() == []
    assert apply(sources, me, ALL, NOW).rows == 0


def test_the_photo_is_gone_from_the_shop(unreferred: Sources) -> None:
    apply(unreferred, ME, ALL, NOW)
    assert not any(PHOTO in row.values() for rows in whole(unreferred).values() for row in rows.values())
    assert unreferred.data_map.collections["shop.customers"].erase is Erase.DELETE
