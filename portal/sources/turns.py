"""Which collection has its turn before which: ``after`` as rows are looked for, ``erase_after`` as they go. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from portal.sources.faults import Fault
from portal.sources.model import Collection

Waits: TypeAlias = Mapping[str, AbstractSet[str]]
"""For each key what comes before it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a manifest says of the turn of one collection, by keys.

    Args:
        file: the manifest.
        path: place of the collection in it.
        after: collections, or whole sources, whose rows are looked for first.
        erase_after: collections whose rows are erased first.
    """

    file: str
    path: str
    after: tuple[str, ...] = ()
    erase_after: tuple[str, ...] = ()

    def earlier(self, key: str, collections: Mapping[str, Collection]) -> tuple[str, ...]:
        """Return the collections whose rows are looked for before those of the collection ``key``."""
        before = [name for name in self.after if name in collections]
        before += [name for name, other in collections.items() if other.source in self.after]
        return tuple(name for name in dict.fromkeys(before) if name != key)

    def erased_earlier(self, key: str, collections: Mapping[str, Collection]) -> tuple[str, ...]:
        """Return the collections whose rows are erased before those of the collection ``key``."""
        return tuple(name for name in dict.fromkeys(self.erase_after) if name in collections and name != key)


def in_turn(keys: Iterable[str], *rules: Waits) -> list[str]:
    """Return ``keys`` so that each comes after what ``rules`` say, else as they stood.

    Where rules contradict one another, the earlier one is kept; in a ring of one rule they go as they stood.
    """
    waiting, found = list(dict.fromkeys(keys)), []
    while waiting:
        free = waiting
        for rule in rules:
            left = [key for key in free if not rule.get(key, frozenset()) & set(waiting) - {key}]
            free = left or free
        waiting.remove(free[0])
        found.append(free[0])
    return found


def tables_in_turn(source: str, tables: Iterable[str], collections: Mapping[str, Collection]) -> list[str]:
    """Return the ``tables`` of ``source`` in the order in which ``erase_after`` has them changed."""
    keys = in_turn((f"{source}.{name}" for name in tables), waits_of(collections.values()))
    return [key.partition(".")[2] for key in keys]


def first_in_turn(
    source: str, free: Sequence[str], waiting: Iterable[str], collections: Mapping[str, Collection]
) -> str:
    """Return which of the tables ``free`` is erased first, where all those ``waiting`` are yet to be erased."""
    rule, left = waits_of(collections.values()), {f"{source}.{name}" for name in waiting}
    return next((name for name in free if not rule[f"{source}.{name}"] & left), free[0])


def waits_of(collections: Iterable[Collection]) -> dict[str, set[str]]:
    """Return for each collection the ones that are erased before it."""
    return {each.key: set(each.erase_after) for each in collections}


def source_waits(collections: Iterable[Collection]) -> dict[str, set[str]]:
    """Return for each source the ones that are changed before it, since a collection of theirs is erased earlier."""
    found: dict[str, set[str]] = {}
    for each in collections:
        before = {key.partition(".")[0] for key in each.erase_after} - {each.source}
        found.setdefault(each.source, set()).update(before)
    return found


def remarks_on_turns(
    turns: Mapping[str, Turn], collections: Mapping[str, Collection], known: AbstractSet[str]
) -> Iterator[Fault]:
    """Yield what the check tells of ``turns``: orders that cannot be kept, and names that are not ``known``.

    A Dataset that is not here may be one that Fides reaches in another way.
    """
    sources = {each.source for each in collections.values()}
    for turn in turns.values():
        named = [("after", name) for name in turn.after] + [("erase_after", name) for name in turn.erase_after]
        for key, name in named:
            if name not in known and name.partition(".")[0] in sources:
                place = f"{turn.path}.fides_meta.{key}"
                yield Fault(turn.file, place, f"There is no `{name}`.", "Correct it or take it out.")
    for rule in (waits_of(collections.values()), source_waits(collections.values())):
        if ring := next(_in_rings(rule), None):
            first = next(each for name, each in turns.items() if ring in {name, name.partition(".")[0]})
            place = f"{first.path}.fides_meta.erase_after"
            todo = "Take one `erase_after` out of the ring."
            yield Fault(first.file, place, f"`{ring}` would wait for itself.", todo)


def _in_rings(rule: Waits) -> Iterator[str]:
    """Yield the keys that wait for themselves."""
    for key in rule:
        seen: set[str] = set()
        ahead = set(rule[key])
        while ahead:
            seen |= ahead
            ahead = {each for found in ahead for each in rule.get(found, ())} - seen
        if key in seen:
            yield key
