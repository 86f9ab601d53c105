"""Which references belong together: a key of several columns leads to a row only as a whole, never column by column.

A manifest names references one column at a time. The database's own foreign keys say which of them are one key; where
it keeps none, references that cover the whole primary key at either end are one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portal.errors import SourceDown
from portal.sources.edges import Edge
from portal.sources.engines import Pairs, Reader
from portal.sources.model import Collection, DataMap
from portal.sources.places import Place


@dataclass(frozen=True, slots=True)
class Flow:
    """Values lead from a place in one collection to a place in another, both given by the collection's key."""

    origin: str
    source: Place
    target: str
    into: Place


class Keys:
    """Finds out which edges are parts of a key, from the live databases.

    Args:
        reader: the open read transactions.
        data_map: the data map.
    """

    def __init__(self, reader: Reader, data_map: DataMap) -> None:
        self.reader = reader
        self.data_map = data_map
        self.down: set[str] = set()
        """Keys of the sources that did not answer; nothing is known of their keys."""

    def sort(self, edges: Iterable[Edge]) -> tuple[list[Edge], list[Flow]]:
        """Return the edges that lead one value at a time, and the flows of whole keys that the others are part of."""
        groups: dict[tuple[str, str], list[Edge]] = defaultdict(list)
        for edge in edges:
            groups[(edge.origin.collection, edge.target.collection)].append(edge)
        alone: list[Edge] = []
        flows: list[Flow] = []
        for (origin, target), group in groups.items():
            rest = group
            for columns in self._keys(self.data_map.collections[origin], self.data_map.collections[target], group):
                source, into = (Place(tuple(pair[end] for pair in columns)) for end in (0, 1))
                flows.append(Flow(origin, source, target, into))
                rest = [edge for edge in rest if _columns(edge) not in columns]
            alone += rest
        return alone, flows

    def _keys(self, origin: Collection, target: Collection, group: list[Edge]) -> Iterator[Pairs]:
        """Yield each key of several columns that edges of ``group`` are part of, as pairs of columns."""
        pairs = [_columns(edge) for edge in group if not edge.origin.path and not edge.target.path]
        if not pairs:
            return
        kept = self._kept_by_database(origin, target) if origin.source == target.source else []
        known = [columns for columns in kept if set(columns) & set(pairs)]
        yield from known
        left = [pair for pair in pairs if not any(pair in columns for columns in known)]
        for place, collection in enumerate((origin, target)):
            key = self._primary_key(collection) if len(left) > 1 else ()
            part = [pair for pair in left if pair[place] in key]
            others = {pair[1 - place] for pair in part}
            if len(key) > 1 and len(part) == len(key) == len(others) and {pair[place] for pair in part} == set(key):
                yield tuple(part)
                return

    def _kept_by_database(self, origin: Collection, target: Collection) -> list[Pairs]:
        """Return the foreign keys of several columns between two tables of one source, in the direction asked for."""
        if origin.source in self.down:
            return []
        try:
            source = self.reader.sources.of(origin)
            return source.wide_references(self.reader.connection(source.key)).get((origin.name, target.name), [])
        except SourceDown:
            self.down.add(origin.source)
            return []

    def _primary_key(self, collection: Collection) -> tuple[str, ...]:
        if collection.primary_key or collection.source in self.down:
            return collection.primary_key
        try:
            return self.reader.primary_key(collection)
        except SourceDown:
            self.down.add(collection.source)
            return ()


def _columns(edge: Edge) -> tuple[str, str]:
    return edge.origin.field, edge.target.field
