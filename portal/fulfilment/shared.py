"""Tells which rows other people's rows refer to: an address of a household, which one of it may not take away.

Only asked of collections that lead nowhere: what leads on to more of the person's rows is the person, not something
that people share.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import cast

from sqlalchemy import select

from portal.fulfilment.plans import Key
from portal.sources.direction import flowing
from portal.sources.engines import Reader
from portal.sources.meeting import meeting
from portal.sources.model import Collection, FieldRef, Value
from portal.sources.reach import Reach
from portal.sources.reading import Selector, Selectors, is_own, looked_at, raw, rows, within
from portal.sources.values import DoesNotFit, fitted

CHUNK = 500


def used_by_others(
    reader: Reader, own: Reach, collection: Collection, only: AbstractSet[Key] | None = None
) -> set[Key]:
    """Return the keys of the person's rows that were only reached by their key and that a row of others refers to.

    Args:
        reader: the open read transactions.
        own: how far the person reaches.
        collection: whose rows.
        only: the keys to ask about, where rows are known by their keys and nobody is looked for any more.

    Raises:
        SourceDown: a source does not answer.
    """
    data_map = reader.sources.data_map
    kinds = {each.kind for each in data_map.identities}
    leads_on = any(edge.origin.collection == collection.key for edge in flowing(data_map, kinds))
    selectors = own.selectors(collection.key)
    if len(collection.primary_key) != 1 or leads_on or not (selectors if only is None else only):
        return set()
    name = collection.primary_key[0]
    asked = _below(reader, collection, selectors) if only is None else (key[0] for key in only)
    spell = meeting(reader, collection, name)
    below = {spell(value): value for value in asked}
    target = FieldRef(collection.key, name)
    origins = {edge.origin for edge in data_map.edges if edge.target == target and not edge.origin.path}
    shared: set[Key] = set()
    for origin in origins if below else ():
        if origin.collection != collection.key:
            referring = data_map.collections[origin.collection]
            told = _referring(reader, own, referring, origin.field, list(below.values()))
            shared |= {(below[spell(value)],) for value in told if spell(value) in below}
    return shared


def _below(reader: Reader, collection: Collection, selectors: Selectors) -> Iterable[Value]:
    """Yield the keys of the rows that nothing but their key makes the person's."""
    name = collection.primary_key[0]
    others = [each for each in selectors.values() if each.columns != (name,) or each.place]
    for row in rows(reader, collection, selectors, [name]):
        if not any(selector.holds(row) for selector in others):
            yield row[name]


def _referring(
    reader: Reader, own: Reach, collection: Collection, name: str, values: Iterable[Value]
) -> Iterable[Value]:
    """Yield those of ``values`` that a row of ``collection`` which is not the person's holds in the field ``name``."""
    table = reader.table(collection)
    dialect = reader.sources.of(collection).dialect
    selector = Selector(name, spellings=(meeting(reader, collection, name),))
    for value in values:
        try:
            selector.add(fitted(value, table.c[name].type, dialect))
        except DoesNotFit:
            continue
    known = own.selectors(collection.key)
    names = dict.fromkeys([name, *looked_at(known)])
    connection = reader.connection(collection.source)
    for piece in selector.pieces(CHUNK):
        part = within(reader, table, collection.source, piece)
        for row in connection.execute(select(*(raw(table.c[each]) for each in names)).where(part)).mappings():
            if not is_own(known, dict(row)) and row[name] is not None:
                yield cast("Value", row[name])
