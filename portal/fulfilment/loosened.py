"""Rows that were the person's only through rows that go, and that name the person by a mention as well.

Once an erasure is done they are rows that name somebody, like anybody's: what names the person is taken out of them at
once. A second erasure would do so else, and erasing twice would not be the same as erasing once.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from portal.fulfilment.locate import Subject, reach_of
from portal.fulfilment.masking import MENTION_MASKS, Masking
from portal.fulfilment.plans import Key
from portal.fulfilment.references import Fates
from portal.sources.afterwards import Afterwards, Decided
from portal.sources.engines import Reader
from portal.sources.model import Collection, DataMap, Value
from portal.sources.reading import Found, is_own


@dataclass(slots=True)
class Loosening:
    """The person's rows that stay whole and name the person, and those of them that will merely name them.

    Args:
        reader: the open read transactions.
        subject: whose data.
        masking: what taking a name out leaves.
    """

    reader: Reader
    subject: Subject
    masking: Masking
    _places: frozenset[str] = field(init=False)
    _naming: dict[str, dict[Key, tuple[Found, dict[str, Value]]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._places = mentioning(self.reader.sources.data_map)
        self._naming = defaultdict(dict)

    def note(self, collection: Collection, row: Found, key: Key) -> None:
        """Note ``row``, which is to stay as it is, where a mention may lead to it and it names the person."""
        if collection.key in self._places:
            values = self.masking.changes(collection, row, key, MENTION_MASKS)
            if values:
                self._naming[collection.key][key] = row, values

    @property
    def none_left(self) -> bool:
        """Whether no row that stays names the person."""
        return not any(self._naming.values())

    def loosened(self, fates: Mapping[str, Fates]) -> Iterator[tuple[Collection, Key]]:
        """Yield the rows that will merely name the person, and add to ``fates`` what takes the name out of them.

        What one of them loses can loosen the next, so it is asked again until there is none.
        """
        while not self.none_left:
            fresh = self._merely_named(_as_decided(fates))
            if not fresh:
                return
            for collection, key in fresh:
                _row, values = self._naming[collection.key].pop(key)
                fates[collection.source].changes[collection.name].setdefault(key, {}).update(values)
            yield from fresh

    def _merely_named(self, afterwards: Afterwards) -> list[tuple[Collection, Key]]:
        """Return which of the noted rows will be reached by a mention and by nothing else."""
        own = reach_of(self.reader, self.subject, afterwards=afterwards)
        full = reach_of(self.reader, self.subject, mentions=True, afterwards=afterwards)
        found = []
        for place, noted in self._naming.items():
            collection = self.reader.sources.data_map.collections[place]
            for key, (row, _values) in noted.items():
                left = afterwards.row(collection, row)
                if left and is_own(full.selectors(place), left) and not is_own(own.selectors(place), left):
                    found.append((collection, key))
        return found


def mentioning(data_map: DataMap) -> frozenset[str]:
    """Return the collections that a mention may lead to, by itself or by what it leads on to. Pure."""
    found = {edge.target.collection for edge in data_map.edges if edge.mention}
    while more := {edge.target.collection for edge in data_map.edges if edge.origin.collection in found} - found:
        found |= more
    return frozenset(found)


def _as_decided(fates: Mapping[str, Fates]) -> Afterwards:
    decided = {}
    for source, each in fates.items():
        for table in {*each.deletes, *each.changes}:
            decided[f"{source}.{table}"] = Decided(each.deletes.get(table, {}).keys(), each.changes.get(table, {}))
    return Afterwards(decided)
