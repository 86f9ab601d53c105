"""Random schemas, references and rows: collecting finds what a plain walker finds, erasing leaves nothing and no more.

Each claim has a short form here and a long one for ``bin/prove``.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as effort
from hypothesis import strategies as some
from sqlalchemy import event

from portal.fulfilment.apply import apply, carry_out, prepare, prepare_named
from portal.fulfilment.collect import collect
from portal.fulfilment.journal import read_steps, steps_as_json
from portal.fulfilment.locate import Subject
from portal.fulfilment.mask import TOKEN
from portal.fulfilment.plans import Effect, ErasePlan
from portal.fulfilment.promises import named
from portal.sources import Sources
from portal.sources.model import Edge, Erase, Mask
from tests.support.wild import ADDRESSES, HELD, NAMES, NOW, Link, Rows, Wild, copied, opened, reopened, whole, wilds

ADA = ADDRESSES[0]
WORDS = (ADA, NAMES[0], "Lovelace Ada", "Lovelace, Ada")
QUICK = effort(max_examples=25, deadline=None, derandomize=True, phases=(Phase.generate, Phase.shrink))
LONG = effort(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))


class PowerCut(BaseException):
    """Nobody catches it, as nobody catches a machine that goes off."""


@contextmanager
def crashing(sources: Sources, at: int) -> Iterator[None]:
    """Cut the power before the write number ``at``, counted over both sources."""
    seen = 0

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        nonlocal seen
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            seen += 1
            if seen > at:
                raise PowerCut

    engines = [sources[key].writer for key in ("one", "two")]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", count)


def cut_after(_source: str, _changes: object) -> None:
    raise PowerCut


def without_tokens(rows: Rows) -> Rows:
    """Return ``rows`` with every token alike; they are drawn anew each time."""
    token = re.compile(rf"{TOKEN}[0-9a-f]{{64}}")
    return {
        place: {name: token.sub(TOKEN, value) if isinstance(value, str) else value for name, value in row.items()}
        for place, row in rows.items()
    }


Claim = Callable[[Wild, Path], None]


def in_a_folder(claim: Claim, wild: Wild) -> None:
    with TemporaryDirectory() as folder:
        claim(wild, Path(folder))


def finds_what_a_plain_walker_finds(wild: Wild, folder: Path) -> None:
    with opened(wild, folder) as sources:
        rows = whole(wild, sources)
        for address in ADDRESSES:
            found = [
                (collection.key, tuple(row[name] for name in collection.primary_key))
                for collection, stream in collect(sources, Subject((address,)))
                for row in stream
            ]
            assert sorted(found, key=repr) == sorted(wild.reached(rows, address, mentions=False), key=repr)


def erases_all_and_no_more(wild: Wild, folder: Path) -> None:
    with opened(wild, folder) as sources:
        before = whole(wild, sources)
        proof = apply(sources, Subject((ADA,)), ErasePlan(), NOW)
        after = whole(wild, sources)
        told = {
            change.collection: change.rows
            for changes in proof.sources.values()
            for change in changes
            if change.effect is Effect.DELETE
        }
        gone = [place[0] for place in before.keys() - after.keys()]
        assert told == {key: gone.count(key) for key in set(gone)}
        _check_erased(wild, before, after)
        merely_named = _merely_named(wild, before, after)
        assert merely_named or apply(sources, Subject((ADA,)), ErasePlan(), NOW).rows == 0
        apply(sources, Subject((ADA,)), ErasePlan(), NOW)
        twice = whole(wild, sources)
        assert {place for place in before if twice.get(place) != after.get(place)} <= merely_named


def ends_the_same_after_a_crash(wild: Wild, folder: Path, at: int) -> None:
    (folder / "whole").mkdir()
    (folder / "cut").mkdir()
    with opened(wild, folder / "cut"):
        copied(folder / "cut", folder / "whole")
    with reopened(wild, folder / "whole") as sources:
        apply(sources, Subject((ADA,)), ErasePlan(), NOW)
        expected = without_tokens(whole(wild, sources))
    with reopened(wild, folder / "cut") as sources:
        steps = prepare(sources, Subject((ADA,)), ErasePlan(), NOW).steps
        kept = {key: steps_as_json(todo) for key, todo in steps.items()}
        try:
            with crashing(sources, at):
                carry_out(sources, steps, cut_after if at % 2 else None)
        except PowerCut:
            carry_out(sources, {key: read_steps(text) for key, text in kept.items()})
        assert without_tokens(whole(wild, sources)) == expected


def erases_later_what_a_pause_kept(wild: Wild, folder: Path) -> None:
    """Everything is kept first, then erased by its keys alone: the end is the same as if it had been erased at once."""
    (folder / "late").mkdir()
    (folder / "now").mkdir()
    with opened(wild, folder / "late"):
        copied(folder / "late", folder / "now")
    with reopened(wild, folder / "now") as sources:
        apply(sources, Subject((ADA,)), ErasePlan(), NOW)
        expected = without_tokens(whole(wild, sources))
    with reopened(wild, folder / "late") as sources:
        before = whole(wild, sources)
        paused = prepare(sources, Subject((ADA,)), ErasePlan(paused=frozenset({"*"})), NOW)
        carry_out(sources, paused.steps)
        assert whole(wild, sources) == before
        carry_out(sources, prepare_named(sources, ErasePlan(), named(paused.kept), NOW).steps)
        assert without_tokens(whole(wild, sources)) == expected


def _merely_named(wild: Wild, before: Rows, after: Rows) -> set[tuple[str, tuple[object, ...]]]:
    """Return the rows that were the person's through rows that went, and that only name them now.

    A new request treats these as anybody's row that names the person; until then what the map keeps stays as it is.
    """
    own = wild.reached(before, ADA, mentions=False) & after.keys()
    return own & (wild.reached(after, ADA, mentions=True) - wild.reached(after, ADA, mentions=False))


def _check_erased(wild: Wild, before: Rows, after: Rows) -> None:
    own, full = wild.reached(before, ADA, mentions=False), wild.reached(before, ADA, mentions=True)
    assert after.keys() <= before.keys()
    for place, row in before.items():
        shape, now = wild.shapes[place[0]], after.get(place)
        held = shape.held and (row["day"] is None or HELD.duration.after(row["day"]) >= NOW.date())
        links = {link.name for link in shape.links}
        if place not in full:
            assert now == row, f"{place} is another person's"
            continue
        if now is None:
            assert place in own
            assert shape.erase is Erase.DELETE
            assert not held
            continue
        changed = {name for name, value in row.items() if now[name] != value}
        if held or (place in own and shape.erase is Erase.KEEP):
            assert changed <= links
            assert all(now[name] is None for name in changed), "only cut"
        elif place not in own:
            masks = {each.name: each.mask for each in wild.data_map.collections[place[0]].fields}
            cut = {link.name for link in shape.links if link.kept_by_database and _is_gone(link, row, before, after)}
            assert {masks[name] for name in changed - cut} <= {Mask.REDACT, Mask.UNLINK}
            for link in shape.links:
                theirs = any(edge.target.field == link.name for edge in _edges_into(wild, place[0], own, before, row))
                unlinked = link.name in cut or (theirs and link.mask is Mask.UNLINK)
                assert now[link.name] == (None if unlinked else row[link.name])
            _check_no_word(place, now)
        elif shape.erase is Erase.DELETE and changed - links:
            assert now["note"] is now["extra"] is now["day"] is None, "emptied"
            assert now["text"] == "[erased]"
            _check_needed(wild, place, after)
        elif shape.erase is Erase.DELETE:
            _check_needed(wild, place, after)
        else:
            assert now["note"] is None
            assert now["day"] == row["day"]
            _check_no_word(place, now)


def _is_gone(link: Link, row: dict[str, Any], before: Rows, after: Rows) -> bool:
    """Return whether ``row`` referred by ``link`` to a row that was there and is not any more."""
    referred = [place for place in before if place[0] == link.parent and place[1][0] == row[link.name]]
    return bool(referred) and not any(place in after for place in referred)


def _edges_into(
    wild: Wild, key: str, own: set[tuple[str, tuple[object, ...]]], before: Rows, row: dict[str, Any]
) -> Iterator[Edge]:
    """Yield the edges by which a row of the person leads to ``row``."""
    for edge in wild.data_map.edges:
        origins = (before[place] for place in own if place[0] == edge.origin.collection)
        values = {str(origin[edge.origin.field]) for origin in origins}
        if edge.target.collection == key and str(row[edge.target.field]) in values - {"None"}:
            yield edge


def _check_no_word(place: object, row: dict[str, Any]) -> None:
    said = " ".join(str(row[name]) for name in ("text", "extra", "name", "email") if name in row)
    for word in WORDS:
        assert f" {word}" not in f" {said}".replace("x" + word, ""), f"{place} still names the person"


def _check_needed(wild: Wild, place: tuple[str, tuple[object, ...]], after: Rows) -> None:
    """A row that should have gone stays only where a row that stays refers to it by a reference of the database."""
    assert any(
        row[link.name] == place[1][0]
        for other, row in after.items()
        for link in wild.shapes[other[0]].links
        if link.parent == place[0] and link.kept_by_database
    ), f"{place} stays and nothing needs it"


@QUICK
@given(wilds())
def test_collecting_finds_what_a_plain_walker_finds(wild: Wild) -> None:
    in_a_folder(finds_what_a_plain_walker_finds, wild)


@QUICK
@given(wilds())
def test_erasing_leaves_nothing_of_the_person_and_changes_nobody_else(wild: Wild) -> None:
    in_a_folder(erases_all_and_no_more, wild)


@QUICK
@given(wilds(), some.integers(0, 9))
def test_a_crash_at_any_step_ends_the_same_once_it_goes_on(wild: Wild, at: int) -> None:
    in_a_folder(lambda drawn, folder: ends_the_same_after_a_crash(drawn, folder, at), wild)


@QUICK
@given(wilds())
def test_what_a_pause_kept_is_erased_later_as_it_would_have_been(wild: Wild) -> None:
    in_a_folder(erases_later_what_a_pause_kept, wild)


@pytest.mark.long
@pytest.mark.timeout(3600)
@LONG
@given(wilds())
def test_collecting_and_erasing_hold_for_two_thousand_schemas(wild: Wild) -> None:
    in_a_folder(finds_what_a_plain_walker_finds, wild)
    in_a_folder(erases_all_and_no_more, wild)
    in_a_folder(erases_later_what_a_pause_kept, wild)


@pytest.mark.long
@pytest.mark.timeout(3600)
@LONG
@given(wilds(), some.integers(0, 9))
def test_a_crash_ends_the_same_for_two_thousand_schemas(wild: Wild, at: int) -> None:
    in_a_folder(lambda drawn, folder: ends_the_same_after_a_crash(drawn, folder, at), wild)
