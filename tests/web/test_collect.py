"""Locating and collecting: every row of the person, no row of anybody else, and only what may be given."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, event, insert, update

from portal.config import HERE, SourceUrls
from portal.demo.medbook.oracle import oracle_rows
from portal.demo.medbook.people import Person
from portal.errors import SourceDown
from portal.fulfilment.collect import LeftOut, Scope, Why, collect
from portal.fulfilment.locate import SearchState, Subject, locate
from portal.register import load_register
from portal.rights.base import Basis
from portal.sources import Sources, check, load_data_map
from portal.sources.model import Collection, Row
from tests.support.medbook import Built, build_both
from tests.support.shop import ADA, NOW, PHOTO, comments, customers, open_shop, orders

ME = Subject((ADA,))
BASES = {"account": Basis.CONTRACT, "contract": Basis.CONTRACT, "helpdesk": Basis.LEGITIMATE_INTEREST}
OWN: dict[str, set[tuple[object, ...]]] = {
    "shop.customers": {(1,)},
    "shop.order": {(1,), (2,)},
    "shop.order_lines": {(1, 1), (1, 2), (2, 1)},
    "shop.favourites": {(1, 1)},
    "shop.products": {(1,), (2,)},
    "shop.comments": {(1,), (2,)},
    "shop.reviews": {(1,)},
    "letters.subscribers": {(" ADA@Example.org",), ("home@example.org",)},
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Sources]:
    opened = open_shop(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def medbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    yield from build_both(tmp_path_factory.mktemp("medbook"))


@pytest.fixture(scope="module")
def medbook_sources(medbook: Built) -> Iterator[Sources]:
    urls = {key: engine.url.render_as_string(hide_password=False) for key, engine in medbook.engines.items()}
    data_map = load_data_map(HERE / "sources" / "manifests")
    opened = Sources(data_map, {key: SourceUrls(url, url) for key, url in urls.items()})
    yield opened
    opened.close()


def keys_of(sources: Sources, subject: Subject, scope: Scope | None = None) -> dict[str, set[tuple[object, ...]]]:
    return {
        collection.key: {tuple(row[name] for name in collection.primary_key) for row in rows}
        for collection, rows in collect(sources, subject, scope)
    }


def drain(stream: Iterator[tuple[Collection, Iterator[Row]]]) -> None:
    for _, rows in stream:
        list(rows)


def rows_of(sources: Sources, scope: Scope | None = None) -> tuple[dict[str, list[Row]], list[LeftOut]]:
    collected = collect(sources, ME, scope)
    return {collection.key: list(rows) for collection, rows in collected}, collected.left_out


def test_a_person_gets_their_rows_across_two_databases_and_no_row_of_a_neighbour(shop: Sources) -> None:
    assert keys_of(shop, ME) == OWN


def test_it_is_the_same_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    opened = open_shop(tmp_path, postgres_url)
    try:
        assert check(opened) == []
        assert keys_of(opened, ME) == OWN
        found, _ = rows_of(opened)
        customer = found["shop.customers"][0]
        assert customer["photo"] == PHOTO
        assert customer["born"] == date(1990, 12, 10)
        assert customer["preferences"] == {"sign_as": "Ada Byron", "mail": [ADA], "größe": 3}
    finally:
        opened.close()


def test_it_is_the_same_on_mariadb(tmp_path: Path, mariadb_url: str) -> None:
    opened = open_shop(tmp_path, mariadb_url)
    try:
        assert check(opened) == []
        assert keys_of(opened, ME) == OWN
        found, _ = rows_of(opened)
        customer = found["shop.customers"][0]
        assert customer["photo"] == PHOTO
        assert customer["born"] == date(1990, 12, 10)
        with pytest.raises(SourceDown), opened["shop"].reading() as connection:
            connection.execute(update(customers).values(name="written while reading"))
    finally:
        opened.close()


def test_postgresql_plans_for_all_rows_and_not_for_the_first(tmp_path: Path, postgres_url: str) -> None:
    opened = open_shop(tmp_path, postgres_url)
    try:
        with opened["shop"].reading() as connection:
            assert connection.exec_driver_sql("SHOW cursor_tuple_fraction").scalar_one() == "1"
        with opened["shop"].writing() as connection:
            assert connection.exec_driver_sql("SHOW cursor_tuple_fraction").scalar_one() == "0.1"
    finally:
        opened.close()


def test_the_address_is_found_in_any_case_but_no_other_letter_counts_as_alike(shop: Sources) -> None:
    assert keys_of(shop, Subject((" Ada@EXAMPLE.org ",))) == OWN
    with shop["shop"].writer.begin() as connection:
        connection.execute(update(customers).where(customers.c.id == 3).values(email="mıke@example.org"))
    assert keys_of(shop, Subject(("MIKE@example.org",))) == {}
    assert keys_of(shop, Subject(("ada_@example.org",))) == {}
    assert keys_of(shop, Subject(("' OR 1=1 --",))) == {}


def test_a_ring_of_rows_ends_and_a_deep_chain_is_followed(shop: Sources) -> None:
    with shop["shop"].writer.begin() as connection:
        connection.execute(update(comments).where(comments.c.id == 1).values(parent_id=2))
        chain = [{"id": 10 + n, "customer_id": 3, "parent_id": 9 + n if n else 2, "body": "deep"} for n in range(30)]
        connection.execute(insert(comments), chain)
    assert keys_of(shop, ME)["shop.comments"] == {(1,), (2,), *((10 + n,) for n in range(30))}


def test_more_values_than_fit_one_statement_give_each_row_once(shop: Sources) -> None:
    with shop["shop"].writer.begin() as connection:
        many = [
            {"id": 100 + n, "customer_id": 1, "parent_id": 99 + n if n else None, "body": str(n)} for n in range(1300)
        ]
        connection.execute(insert(comments), many)
    statements: list[str] = []
    event.listen(Engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    found, _ = rows_of(shop)
    numbers = [row["id"] for row in found["shop.comments"]]
    assert sorted(numbers, key=str) == sorted([1, 2, *range(100, 1400)], key=str)
    assert len(statements) < 80


def test_reading_never_writes(shop: Sources) -> None:
    with shop["shop"].reading() as connection, pytest.raises(Exception, match="readonly database"):
        connection.exec_driver_sql("DELETE FROM customers")


def test_only_the_chosen_activities_are_given_and_the_rest_is_told(shop: Sources) -> None:
    found, left_out = rows_of(shop, Scope(activities=frozenset({"contract"})))
    assert set(found) == {"shop.order", "shop.order_lines"}
    not_asked = {each.collection.key: each.rows for each in left_out if each.why is Why.NOT_ASKED}
    assert not_asked == {key: len(rows) for key, rows in OWN.items() if key not in found}


def test_secrets_and_what_is_about_others_stay_out_of_a_copy(shop: Sources) -> None:
    found, left_out = rows_of(shop, Scope())
    customer = found["shop.customers"][0]
    assert "password" not in customer
    assert "notes" not in customer
    assert "by_id" not in found["shop.reviews"][0]
    told = {(each.collection.name, each.field.name): each.why for each in left_out if each.field}
    assert told == {
        ("customers", "password"): Why.WITHHELD,
        ("customers", "notes"): Why.THIRD_PARTY,
        ("reviews", "by_id"): Why.THIRD_PARTY,
    }


def test_a_period_limits_rows_that_carry_a_date(shop: Sources) -> None:
    found, left_out = rows_of(shop, Scope(period=(date(2020, 1, 1), None)))
    assert [row["id"] for row in found["shop.order"]] == [2]
    assert len(found["shop.comments"]) == 2
    assert [(each.collection.name, each.rows) for each in left_out if each.why is Why.OUTSIDE_PERIOD] == [("order", 1)]


def test_portability_covers_contract_and_consent_and_what_the_person_provided(shop: Sources) -> None:
    found, left_out = rows_of(shop, Scope("port", bases=BASES))
    assert set(found) == {"shop.customers", "shop.order", "shop.order_lines", "shop.favourites", "shop.comments"}
    told = {each.collection.key: each.why for each in left_out if each.field is None}
    assert told == {
        "shop.products": Why.BY_OTHERS,
        "shop.reviews": Why.OTHER_BASIS,
        "letters.subscribers": Why.OTHER_BASIS,
    }


def test_an_ip_address_counts_only_on_the_days_the_person_names(shop: Sources) -> None:
    assert "letters.visits" not in keys_of(shop, ME)
    every = Subject((ADA,), ips=("192.0.2.1",))
    assert keys_of(shop, every)["letters.visits"] == {(1,), (2,)}
    third_of_march = Subject((ADA,), ips=("192.0.2.1",), ip_days=frozenset({date(2026, 3, 3)}))
    assert keys_of(shop, third_of_march)["letters.visits"] == {(2,)}  # 23:30 in UTC is the next day in Brussels


def test_the_tally_knows_how_long_rows_are_kept(shop: Sources) -> None:
    collected = collect(shop, ME)
    for _ in collected:
        pass
    tally = collected.tallies["shop.order"]
    assert (tally.rows, tally.latest_end, tally.held_until) == (2, date(2034, 5, 1), date(2031, 5, 1))


def test_locating_counts_proves_the_search_and_knows_name_and_address(shop: Sources) -> None:
    located = locate(shop, ME)
    assert located.found
    assert located.counts == {key: len(rows) for key, rows in OWN.items()}
    states = {each.collection: each.state for each in located.searched}
    assert states["shop.statements"] is SearchState.EMPTY
    assert set(states) == set(shop.data_map.collections)
    assert located.names_on_file == ("Ada Byron",)
    assert [each.address for each in located.addresses_on_file] == [ADA]
    assert located.address_is_on_file("ADA@example.org", NOW)
    assert not located.address_is_on_file("adam@example.org", NOW)
    assert not locate(shop, Subject(("nobody@example.org",))).found


@pytest.mark.parametrize(("days", "counts"), [(29, False), (31, True)])
def test_an_address_changed_within_30_days_is_not_on_file(shop: Sources, days: int, counts: bool) -> None:
    changed = (NOW - timedelta(days=days)).replace(tzinfo=None)
    with shop["shop"].writer.begin() as connection:
        connection.execute(update(customers).where(customers.c.id == 1).values(email_changed_at=changed))
    assert locate(shop, ME).address_is_on_file(ADA, NOW) is counts


def test_a_source_that_is_down_is_told_when_locating_and_stops_collecting(tmp_path: Path) -> None:
    opened = open_shop(tmp_path)
    urls = {"shop": SourceUrls(*[f"sqlite:///{tmp_path / 'shop.db'}"] * 2), "letters": SourceUrls("sqlite:///", "x")}
    half = Sources(opened.data_map, urls)
    opened.close()
    located = locate(half, ME)
    assert located.failed == ("letters",)
    assert located.counts["shop.customers"] == 1
    with pytest.raises(SourceDown):
        keys_of(half, ME)
    half.close()


def test_a_source_that_goes_half_way_is_never_taken_for_complete(tmp_path: Path, postgres_url: str) -> None:
    opened = open_shop(tmp_path, postgres_url)
    stream = iter(collect(opened, ME))
    next(stream)
    with opened["shop"].writer.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(SourceDown):
        drain(stream)
    opened.close()


def test_everything_in_a_package_was_true_at_one_moment(shop: Sources) -> None:
    stream = iter(collect(shop, ME))
    next(stream)
    with shop["shop"].writer.begin() as connection:
        connection.execute(delete(orders).where(orders.c.id == 99))
        connection.execute(insert(comments), [{"id": 77, "customer_id": 1, "parent_id": None, "body": "new"}])
    seen = {collection.key: [row["id"] for row in rows] for collection, rows in stream if collection.name == "comments"}
    assert seen == {"shop.comments": [1, 2]}


def test_the_demo_data_map_fits_its_databases_and_the_register(medbook_sources: Sources) -> None:
    assert [str(fault) for fault in check(medbook_sources)] == []
    known = {activity.slug for activity in load_register().activities}
    assert {each.activity for each in medbook_sources.data_map.collections.values()} <= known


@pytest.mark.long
def test_collect_equals_hand_written_sql_for_everybody(medbook: Built, medbook_sources: Sources) -> None:
    people = [*medbook.world.people, medbook.world.contact]
    assert len(people) == 501
    assert_equals_sql(medbook, medbook_sources, people)


def test_collect_equals_hand_written_sql_for_one_in_six(medbook: Built, medbook_sources: Sources) -> None:
    people = [*medbook.world.people[::6], medbook.world.contact]
    assert len(people) > 80
    assert_equals_sql(medbook, medbook_sources, people)


def assert_equals_sql(medbook: Built, sources: Sources, people: Sequence[Person]) -> None:
    """Fail unless collecting finds for each of ``people`` what hand-written SQL says."""
    with medbook.open() as connections:
        for person in people:
            wanted = {key: rows for key, rows in oracle_rows(connections, person.email).items() if rows}
            assert keys_of(sources, Subject((person.email,))) == wanted, person.account_id
