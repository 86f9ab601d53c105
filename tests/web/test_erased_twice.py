"""Erasing twice is erasing once, also for rows that were the person's only through rows that the first erasure took."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from portal.config import SourceUrls
from portal.fulfilment.apply import apply, carry_out, prepare, prepare_named
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import Effect, ErasePlan, Part
from portal.fulfilment.promises import named
from portal.sources import Sources, load_data_map
from portal.sources.model import Erase, Mask
from tests.support.wild import ADDRESSES, NAMES, NOW, Link, Shape, Wild, Wildrow, opened, whole

ME = Subject((ADDRESSES[0],))
PAUSED = ErasePlan(paused=frozenset({"*"}))


def row(number: int, text: str, **more: object) -> Wildrow:
    return {"id": number, "text": text, "note": None, "extra": None, "day": None} | more


def link(name: str, parent: str, *, mention: bool = False) -> Link:
    mask = Mask.UNLINK if mention else None
    return Link(
        name, parent, True, down=True, up=False, mention=mention, kept_by_database=True, as_text=False, mask=mask
    )


ORDERS = Shape("one.orders", False, Erase.DELETE, False, (link("by", "one.people"),))
LETTERS = Shape(
    "one.letters",
    False,
    Erase.KEEP,
    False,
    (link("of", "one.orders"), link("about", "one.people", mention=True)),
)
SHAPES = {"one.people": Shape("one.people", False, Erase.KEEP, False, ()), "one.orders": ORDERS, "one.letters": LETTERS}
TOLD = f"{NAMES[0]} rang"
ROWS = {
    "one.people": [
        row(number, "a person", email=email, name=NAMES[number - 1]) for number, email in enumerate(ADDRESSES, 1)
    ],
    "one.orders": [row(1, "an order", by=1), row(2, "an order", by=2)],
    "one.letters": [
        row(1, TOLD, of=1, about=1),
        row(2, TOLD, of=1, about=None),
        row(3, TOLD, of=2, about=1),
        row(4, TOLD, of=2, about=2),
    ],
}
"""Letters stay, whoever's they are. The first two are Ada's through her order, and only the first names her as well."""


HELD_ORDERS = [row(1, "an order", by=1, day=NOW.date()), row(2, "an order", by=2)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Sources]:
    with opened(Wild(SHAPES, ROWS), tmp_path) as sources:
        yield sources


def letters(sources: Sources) -> dict[object, tuple[object, object, object]]:
    found = whole(Wild(SHAPES, ROWS), sources)
    return {
        key[0]: (each["text"], each["of"], each["about"])
        for (place, key), each in found.items()
        if place == "one.letters"
    }


AFTERWARDS = {1: ("[erased] rang", None, None), 2: (TOLD, None, None), 3: ("[erased] rang", 2, None), 4: (TOLD, 2, 2)}


def test_what_was_the_persons_only_through_what_goes_loses_their_name_at_once(world: Sources) -> None:
    prepared = prepare(world, ME, ErasePlan(), NOW)
    told = {(line.key, line.effect, line.rows) for line in prepared.lines if line.key == "one.letters"}
    carry_out(world, prepared.steps)
    assert letters(world) == AFTERWARDS
    assert told == {("one.letters", Effect.DEIDENTIFY, 2), ("one.letters", Effect.DEIDENTIFY, 1)} | {
        ("one.letters", Effect.KEEP, 1)
    }


def test_the_second_erasure_finds_nothing_more_to_change(world: Sources) -> None:
    apply(world, ME, ErasePlan(), NOW)
    assert apply(world, ME, ErasePlan(), NOW).rows == 0
    assert letters(world) == AFTERWARDS


def test_what_stays_the_persons_by_another_way_is_kept_as_it_is(world: Sources) -> None:
    apply(world, ME, ErasePlan(activities=frozenset({"letters"})), NOW)
    assert letters(world)[1] == (TOLD, 1, 1)


def test_a_pause_remembers_which_rows_will_merely_name_the_person(world: Sources) -> None:
    prepared = prepare(world, ME, PAUSED, NOW)
    carry_out(world, prepared.steps)
    assert letters(world)[1] == (TOLD, 1, 1)
    parts = {key[0]: kept.part for kept in prepared.kept if kept.collection == "one.letters" for key in kept.keys}
    assert parts == {1: Part.MENTION, 2: Part.TIED, 3: Part.MENTION}
    carry_out(world, prepare_named(world, ErasePlan(), named(prepared.kept), NOW).steps)
    assert letters(world) == AFTERWARDS


def test_the_name_goes_once_no_law_keeps_what_made_a_row_the_persons(tmp_path: Path) -> None:
    wild = Wild(SHAPES | {"one.orders": replace(ORDERS, held=True)}, ROWS | {"one.orders": HELD_ORDERS})
    with opened(wild, tmp_path) as sources:
        prepared = prepare(sources, ME, ErasePlan(), NOW)
        carry_out(sources, prepared.steps)
        assert letters(sources)[1] == (TOLD, 1, 1), "the order is still hers, and the letter about it"
        kept = {each.collection: each for each in prepared.kept}
        assert (kept["one.letters"].part, kept["one.letters"].keys) == (Part.MENTION, ((1,),))
        ends = kept["one.orders"].until
        assert ends is not None
        assert kept["one.letters"].until == ends
        later = datetime.combine(ends + timedelta(days=1), NOW.timetz())
        carry_out(sources, prepare_named(sources, ErasePlan(), named(prepared.kept), later).steps)
        assert {key: (told, about) for key, (told, _of, about) in letters(sources).items()} == {
            key: (told, about) for key, (told, _of, about) in AFTERWARDS.items()
        }


def test_on_the_day_a_law_ends_a_row_goes_as_planned_and_what_stays_loses_the_reference(tmp_path: Path) -> None:
    wild = Wild(SHAPES | {"one.orders": replace(ORDERS, held=True)}, ROWS | {"one.orders": HELD_ORDERS})
    with opened(wild, tmp_path) as sources:
        prepared = prepare(sources, ME, ErasePlan(), NOW)
        carry_out(sources, prepared.steps)
        tied = {key[0] for each in prepared.kept if each.part is Part.TIED for key in each.keys}
        assert tied == {1, 2}
        ends = max(each.until for each in prepared.kept if each.until)
        later = datetime.combine(ends + timedelta(days=1), NOW.timetz())
        carry_out(sources, prepare_named(sources, ErasePlan(), named(prepared.kept), later).steps)
        assert letters(sources) == AFTERWARDS
        assert {key for place, key in whole(wild, sources) if place == "one.orders"} == {(2,)}


def test_on_that_day_a_row_of_others_that_mentions_the_person_loses_the_reference_too(tmp_path: Path) -> None:
    """The order is not left behind as an empty row for the sake of a letter that only names the person."""
    letter = replace(LETTERS, links=(replace(LETTERS.links[0], down=False), LETTERS.links[1]))
    shapes = SHAPES | {"one.orders": replace(ORDERS, held=True), "one.letters": letter}
    about_her, others = ROWS["one.letters"][0], ROWS["one.letters"][2:]
    wild = Wild(shapes, ROWS | {"one.orders": HELD_ORDERS, "one.letters": [about_her, *others]})
    with opened(wild, tmp_path) as sources:
        prepared = prepare(sources, ME, ErasePlan(), NOW)
        carry_out(sources, prepared.steps)
        assert letters(sources)[1] == ("[erased] rang", 1, None), (
            "the order stays for now, and so does what points at it"
        )
        assert [(each.collection, each.keys) for each in prepared.kept if each.part is Part.REFERRING] == [
            ("one.letters", ((1,),))
        ]
        ends = max(each.until for each in prepared.kept if each.until)
        later = datetime.combine(ends + timedelta(days=1), NOW.timetz())
        carry_out(sources, prepare_named(sources, ErasePlan(), named(prepared.kept), later).steps)
        found = whole(wild, sources)
        assert {key for place, key in found if place == "one.orders"} == {(2,)}
        assert letters(sources) == {
            1: ("[erased] rang", None, None),
            3: ("[erased] rang", 2, None),
            4: (TOLD, 2, 2),
        }


def test_a_tombstone_tells_that_such_a_row_only_named_the_person(world: Sources) -> None:
    graves = prepare(world, ME, ErasePlan(), NOW).graves
    assert {each.key[0]: each.part for each in graves if each.collection == "one.letters"} == {
        1: Part.MENTION,
        2: Part.OWN,
        3: Part.MENTION,
    }


def test_a_row_that_others_need_loses_the_name_too(tmp_path: Path) -> None:
    """Its own key makes it the person's, so others' reference keeps it; the person's way to it goes."""
    up = replace(link("of", "one.letters"), down=False, up=True)
    orders = replace(ORDERS, links=(*ORDERS.links, up))
    letter = replace(LETTERS, erase=Erase.DELETE, links=LETTERS.links[1:])
    shapes = {"one.people": SHAPES["one.people"], "one.letters": letter, "one.orders": orders}
    rows = ROWS | {
        "one.letters": [row(1, TOLD, about=1)],
        "one.orders": [row(1, "an order", by=1, of=1), row(2, "an order", by=2, of=1)],
    }
    wild = Wild(shapes, rows)
    with opened(wild, tmp_path) as sources:
        apply(sources, ME, ErasePlan(), NOW)
        assert apply(sources, ME, ErasePlan(), NOW).rows == 0
        found = whole(wild, sources)
    assert found["one.letters", (1,)]["text"] == "[erased] rang"
    assert found["one.orders", (2,)]["of"] == 1


VISITS = """
dataset:
  - fides_key: site
    meta:
      visits: {erase: deidentify}
      visits.session: {erase: random}
    collections:
      - name: visits
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, fides_meta: {identity: email}}
          - {name: session}
"""


def test_a_random_token_hides_which_rows_had_the_same_value_and_stays_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text(VISITS)
    url = f"sqlite:///{tmp_path / 'site.db'}"
    engine, sources = create_engine(url), Sources(load_data_map(tmp_path), {"site": SourceUrls(url, url)})
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE visits (id INTEGER PRIMARY KEY, email TEXT, session VARCHAR(40))")
        for number in (1, 2):
            connection.exec_driver_sql("INSERT INTO visits VALUES (?, ?, 'the same')", (number, ADDRESSES[0]))
    apply(sources, ME, ErasePlan(), NOW)
    with engine.begin() as connection:
        left = set(connection.exec_driver_sql("SELECT session FROM visits").scalars())
    assert len(left) == 2
    assert all(each.startswith("erased-") and len(each) == 40 for each in left)
    assert apply(sources, ME, ErasePlan(), NOW).rows == 0
    sources.close()
    engine.dispose()


def test_a_row_that_another_needs_is_emptied_once_and_not_again(tmp_path: Path) -> None:
    belongs = replace(link("by", "one.people"), nullable=False)
    needs = replace(link("of", "one.orders"), nullable=False, down=False, up=True)
    orders = Shape("one.orders", False, Erase.DELETE, False, (belongs,))
    notes = Shape("one.letters", False, Erase.DELETE, False, (link("about", "one.people", mention=True), needs))
    shapes = {"one.people": SHAPES["one.people"], "one.orders": orders, "one.letters": notes}
    rows = {
        "one.people": ROWS["one.people"],
        "one.orders": [row(1, TOLD, by=1), row(2, "an order", by=2)],
        "one.letters": [row(1, TOLD, of=1, about=1), row(2, "a letter", of=2, about=2)],
    }
    with opened(Wild(shapes, rows), tmp_path) as sources:
        first = {
            each.collection: each.rows
            for done in apply(sources, ME, ErasePlan(), NOW).sources.values()
            for each in done
        }
        assert first == {"one.orders": 1, "one.letters": 1}
        assert whole(Wild(shapes, rows), sources)["one.orders", (1,)]["text"] == "[erased]"
        assert apply(sources, ME, ErasePlan(), NOW).rows == 0
