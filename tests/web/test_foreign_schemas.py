"""Databases that were not made for the portal, annotated for Fides: each person's rows, and no row of a neighbour."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from portal.fulfilment.apply import apply
from portal.fulfilment.collect import collect
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import ErasePlan
from portal.sources import Sources, check
from tests.support.foreign import CLINIC, FORUM, SHOP, Foreign

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


def compare(foreign: Foreign, folder: Path, url: str) -> None:
    sources = foreign.open(folder, url)
    try:
        by_hand = {email: foreign.by_hand(sources, email) for email in foreign.people}
        for email in foreign.people:
            assert foreign.collected(sources, email) == by_hand[email], email
        assert {name for found in by_hand.values() for name in found} == set(foreign.rows)
        told = [str(fault) for fault in check(sources)]
        _erase_the_first(foreign, sources, by_hand)
        assert not [each for each in told if "without a direction" not in each and "unknown" not in each]
    finally:
        sources.close()


def _erase_the_first(foreign: Foreign, sources: Sources, by_hand: dict[str, dict[str, Counter[str]]]) -> None:
    """Erase one person: of the rows of everybody only that person's change, and an address shared stays."""
    me = foreign.people[0]
    before = foreign.everything(sources)
    apply(sources, Subject((me,)), ErasePlan(), NOW)
    after = foreign.everything(sources)
    for name, rows in before.items():
        assert sum(rows.values()) == sum(after[name].values())
        changed = rows - after[name]
        if name in foreign.listing:  # by hand only the own elements are found of what was a longer list
            assert sum(changed.values()) <= sum(by_hand[me].get(name, Counter()).values()), name
        else:
            assert changed <= by_hand[me].get(name, Counter()), name
    changed = {name for name in before if before[name] != after[name]}
    assert changed == foreign.erased


def test_a_forum_on_sqlite_gives_everybody_what_sql_finds(tmp_path: Path) -> None:
    compare(FORUM, tmp_path, f"sqlite:///{tmp_path / 'forum.db'}")


def test_a_shop_on_postgresql_gives_everybody_what_sql_finds(tmp_path: Path, postgres_url: str) -> None:
    compare(SHOP, tmp_path, postgres_url)


def test_a_clinic_on_mariadb_gives_everybody_what_sql_finds(tmp_path: Path, mariadb_url: str) -> None:
    compare(CLINIC, tmp_path, mariadb_url)


def test_a_person_is_found_by_any_identity_the_data_map_speaks_of(tmp_path: Path) -> None:
    by_handle = FORUM.manifest.replace(
        "{name: handle, data_categories: [user.account.username]}", "{name: handle, fides_meta: {identity: nickname}}"
    )
    sources = replace(FORUM, manifest=by_handle).open(tmp_path, f"sqlite:///{tmp_path / 'forum.db'}")
    found = {each.name: len(list(rows)) for each, rows in collect(sources, Subject((), more={"nickname": ("bob",)}))}
    sources.close()
    assert found == {"users": 1, "user_emails": 1, "topics": 1, "posts": 1, "likes": 2, "pms": 2, "user_badges": 1} | {
        "badges": 1
    }
