"""Which rows that stay, a person's own or others' that mention them, refer to rows that are erased later.

On that day the reference is cut: else it would keep the row it points at, without its content.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TypeAlias

from portal.fulfilment.plans import Key, Part
from portal.fulfilment.references import Fates
from portal.sources.across import references_of
from portal.sources.engines import ForeignKey, Reader
from portal.sources.model import Collection, Erase, Value
from portal.sources.reading import Found

Led: TypeAlias = Mapping[str, Mapping[Key, tuple[Part, str, str]]]
"""How each row belongs to the person, by collection."""

Staying: TypeAlias = dict[tuple[str, str, date | None, Part], list[Key]]

_LATER = {Part.OWN: Part.TIED, Part.MENTION: Part.REFERRING}
"""What a row is on the day on which what it refers to goes; what others use too is left alone."""


class Ties:
    """The person's own rows and those that mention them, by the references among them that can be cut.

    Args:
        reader: the open read transactions.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._references: dict[str, list[ForeignKey]] = {}
        self._below: dict[ForeignKey, dict[Key, set[Key]]] = defaultdict(lambda: defaultdict(set))
        self._above: dict[ForeignKey, dict[Key, Key]] = defaultdict(dict)

    def note(self, collection: Collection, key: Key, row: Found) -> None:
        """Note ``row``, with the values that references hang on."""
        if collection.source not in self._references:
            found = references_of(self._reader, collection.source)
            self._references[collection.source] = [fk for fk in found if self._can_be_cut(fk)]
        for fk in self._references[collection.source]:
            if (fk.source, fk.table) == (collection.source, collection.name):
                there: tuple[Value, ...] = tuple(row[name] for name in fk.columns)
                if None not in there:
                    self._below[fk][there].add(key)
            if (fk.parent_source, fk.parent) == (collection.source, collection.name):
                self._above[fk][key] = tuple(row[name] for name in fk.parent_columns)

    def _can_be_cut(self, fk: ForeignKey) -> bool:
        child = self._reader.sources.data_map.collections.get(f"{fk.source}.{fk.table}")
        if child is None:
            return False
        table = self._reader.table(child)
        return any(table.c[name].nullable and name not in child.primary_key for name in fk.columns)

    def add_to(self, staying: Staying, fates: Mapping[str, Fates], led: Led) -> None:
        """Add to ``staying``, what is erased later, the rows that lose a reference to it on that day.

        Args:
            staying: keys by collection, why, until and part.
            fates: what is to happen now, by source.
            led: how each row belongs to the person.
        """
        collections = self._reader.sources.data_map.collections
        noted = {(place, key, *when) for (place, *when, _part), keys in staying.items() for key in keys}
        for (place, why, until, part), keys in list(staying.items()):
            if part is not Part.MENTION and collections[place].erase is Erase.DELETE:
                for fk, key in self._below_of(place, keys):
                    below = f"{fk.source}.{fk.table}"
                    then = _LATER.get(led[below][key][0])
                    if then and (below, key, why, until) not in noted and _still_refers(fates[fk.source], fk, key):
                        staying[below, why, until, then].append(key)
                        noted.add((below, key, why, until))

    def _below_of(self, place: str, keys: Iterable[Key]) -> Iterator[tuple[ForeignKey, Key]]:
        """Yield every row that refers to one of ``keys`` of the collection ``place``: by what, and its key."""
        wanted = list(keys)
        for fk, above in self._above.items():
            if f"{fk.parent_source}.{fk.parent}" == place:
                found = self._below.get(fk, {})
                for key in wanted:
                    yield from ((fk, each) for each in found.get(above.get(key, ()), ()))


def _still_refers(fates: Fates, fk: ForeignKey, key: Key) -> bool:
    """Return whether the row ``key`` stays, is not one that others use, and keeps its reference for now."""
    if key in fates.deletes.get(fk.table, ()) or key in fates.shared.get(fk.table, ()):
        return False
    change = fates.changes.get(fk.table, {}).get(key, {})
    return not any(name in change and change[name] is None for name in fk.columns)
