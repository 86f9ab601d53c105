"""Random schemas, references and rows: collecting finds what a plain walker finds, erasing leaves nothing and no more.

Each claim has a short form here and a long one for ``bin/prove``.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

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
from tests.support.erased import check_erased
from tests.support.wild import ADDRESSES, NOW, Rows, Wild, copied, opened, reopened, whole, wilds

ADA = ADDRESSES[0]
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
        check_erased(wild, before, after)
        assert apply(sources, Subject((ADA,)), ErasePlan(), NOW).rows == 0, "erased twice"
        assert whole(wild, sources) == after


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
            apply(sources, Subject((ADA,)), ErasePlan(), NOW)  # what has come since: nothing
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
