"""What is known of a person from their own rows: words that name them, and values by which rows refer to them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from portal.fulfilment.mask import KnownValues
from portal.fulfilment.plans import Key
from portal.sources.engines import Reader
from portal.sources.model import Collection, DataMap, Field, FieldRef, Value
from portal.sources.reach import Reach
from portal.sources.reading import Found, rows
from portal.sources.values import spelled

KNOWN = ""
"""Stands among the values of a place in a list once it is known which ones are the person's, were it none."""


class Known:
    """Words and references of one person.

    Args:
        words: the words that name the person, where these are known already.
    """

    def __init__(self, words: KnownValues | None = None) -> None:
        self.words = words or KnownValues()
        self._values: dict[FieldRef, set[str]] = defaultdict(set)

    def gather(self, reader: Reader, own: Reach, referred: Iterable[FieldRef] = ()) -> None:
        """Learn what the person's own rows tell; rows of others never count.

        Args:
            reader: the open read transactions.
            own: how far the person reaches without mentions.
            referred: fields whose values must be known, because others' references to them are to be cut.
        """
        wanted: dict[str, set[str]] = defaultdict(set)
        for ref in referred:
            wanted[ref.collection].add(ref.field)
        for collection in reader.sources.data_map.collections.values():
            self._gather(reader, own, collection, wanted[collection.key])

    def gather_listed(self, data_map: DataMap, full: Reach) -> None:
        """Learn which elements of lists that name several people are the person's, mentions included."""
        for key in full.entries:
            for place, selector in full.listed(data_map.collections[key]):
                pieces = selector.values.pieces() if selector else ()
                self.note_listed(
                    FieldRef(key, place.columns[0], place.path), (value for each in pieces for value in each)
                )

    def holds(self, origins: Iterable[FieldRef], value: Value) -> bool:
        """Return whether ``value`` is the person's own value of one of the fields ``origins``."""
        return any(spelled(value) in self._values[origin] for origin in origins)

    def values(self, origins: Iterable[FieldRef]) -> dict[str, frozenset[str]]:
        """Return the person's own values of the fields ``origins``, by field; only where there are any."""
        return {str(origin): frozenset(self._values[origin]) for origin in origins if self._values[origin]}

    def note_listed(self, ref: FieldRef, values: Iterable[str]) -> None:
        """Note the values, as they are compared, that make an element of a list the person's by its place ``ref``."""
        self._values[listed(ref)] |= {KNOWN, *values}

    def tells_owners(self, ref: FieldRef) -> bool:
        """Return whether it is known which elements of a list are the person's by their place ``ref``."""
        return self.holds([listed(ref)], KNOWN)

    def owns_element(self, ref: FieldRef, value: str) -> bool:
        """Return whether an element with ``value``, as it is compared, at its place ``ref`` is the person's."""
        return value != KNOWN and self.holds([listed(ref)], value)

    def note_owned(self, place: str, key: Key) -> None:
        """Note that more than an element of a list makes the row of the collection ``place`` the person's."""
        self._values[owned(place)].add(repr([spelled(value) for value in key]))

    def owns_row(self, place: str, key: Key) -> bool:
        """Return whether more than an element of a list makes a row of the collection ``place`` the person's."""
        return self.holds([owned(place)], repr([spelled(value) for value in key]))

    def all_values(self) -> Iterator[tuple[str, str]]:
        """Yield every value by which rows of others may refer to the person, with its field."""
        for ref, found in self._values.items():
            yield from ((str(ref), value) for value in found)

    def recall(self, words: Iterable[str], values: Mapping[str, Iterable[str]]) -> None:
        """Take up again what was known of the person earlier."""
        for word in words:
            self.words.add(word)
        for ref, found in values.items():
            collection, _, name = ref.rpartition(".")
            self._values[FieldRef(collection, name)] |= set(found)

    def _gather(self, reader: Reader, own: Reach, collection: Collection, referred: set[str]) -> None:
        selectors = own.selectors(collection.key)
        naming = [each for each in collection.fields if names_the_person(each)]
        wanted = {each.name for each in naming} | {each.on_file_if for each in naming if each.on_file_if} | referred
        if not selectors or not wanted:
            return
        for row in rows(reader, collection, selectors, sorted(wanted)):
            self._take(collection, row, referred)

    def _take(self, collection: Collection, row: Found, referred: set[str]) -> None:
        for each in collection.fields:
            if names_the_person(each) and (each.on_file_if is None or row[each.on_file_if] is not None):
                self.words.add(row[each.name], name=each.is_name or is_name(each.categories))
        for name in referred:
            if row[name] is not None:
                self._values[FieldRef(collection.key, name)].add(spelled(row[name]))


@dataclass(frozen=True, slots=True)
class Named:
    """Rows to erase that are known by their keys, when nobody is looked for any more.

    Args:
        own: keys of the person's rows by collection, shared ones too.
        shared: those that others may use too.
        mentions: keys of rows of others that mention the person, by collection.
        known: what is still known of the person.
    """

    own: Mapping[str, AbstractSet[Key]] = field(repr=False)
    shared: Mapping[str, AbstractSet[Key]] = field(repr=False)
    mentions: Mapping[str, AbstractSet[Key]] = field(repr=False)
    known: Known = field(repr=False)


def listed(ref: FieldRef) -> FieldRef:
    """Return what the values that own elements by their place ``ref`` are kept under."""
    return FieldRef(str(ref), "[]")


def owned(place: str) -> FieldRef:
    """Return what the rows of the collection ``place`` that are the person's by more than a list are kept under."""
    return FieldRef(place, "[]")


def names_the_person(each: Field) -> bool:
    """Return whether the values of ``each`` tell who somebody is; numbers of rows do not, they are references."""
    return bool(each.identity in {"email", "phone_number"} or each.on_file or each.is_name or each.identifies)


def is_name(categories: Iterable[str]) -> bool:
    """Return whether one of the data ``categories`` is a name of a person."""
    return any(category.startswith("user.name") for category in categories)
