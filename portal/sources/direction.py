"""Which way a reference without a direction is followed: from where the person is found outwards, never back.

As Fides walks: collections are taken in the order in which they are reached from the person's identities (a collection
that says ``after`` waits), and such a reference leads from the earlier one to the later one. Following it back as well
would lead through a shared row to other people's rows. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable

from portal.sources.defaults import is_personal
from portal.sources.edges import Edge, FieldRef, Way
from portal.sources.model import Collection, DataMap


def flowing(data_map: DataMap, kinds: Iterable[str], *, mentions: bool = False) -> tuple[Edge, ...]:
    """Return the edges that are followed for a person known by identities of ``kinds``, each in one direction.

    Args:
        data_map: the data map.
        kinds: kinds of identity that are known of the person, like ``email``.
        mentions: also the edges that lead to rows of others which merely name the person.
    """
    edges = tuple(edge for edge in data_map.edges if mentions or not edge.mention)
    if all(edge.way is Way.ONE for edge in edges):
        return edges
    levels = _levels(data_map, frozenset(kinds), edges)
    return tuple(edge for edge in edges if edge.way is Way.ONE or _leads(data_map, levels, edge))


def _levels(data_map: DataMap, kinds: frozenset[str], edges: tuple[Edge, ...]) -> dict[str, int]:
    """Return in which round each collection is reached, starting at 1 where the person is found."""
    onward: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        onward[edge.origin.collection].add(edge.target.collection)
    waiting = {each.ref.collection for each in data_map.identities if each.kind in kinds}
    levels: dict[str, int] = {}
    level = 1
    while waiting:
        ready = {key for key in waiting if levels.keys() >= set(data_map.collections[key].after) - {key}} or waiting
        levels |= dict.fromkeys(ready, level)
        reached = {target for key in ready for target in onward[key] if target in data_map.collections}
        waiting = (waiting | reached) - levels.keys()
        level += 1
    return levels


def _leads(data_map: DataMap, levels: dict[str, int], edge: Edge) -> bool:
    origin, target = levels.get(edge.origin.collection), levels.get(edge.target.collection)
    if edge.origin.collection == edge.target.collection or origin is None or target is None:
        return False
    if origin != target:
        return origin < target
    if origin == 1:  # the person is found in both: the parent's rows lead to the children's
        keyed = _is_key(data_map, edge.origin), _is_key(data_map, edge.target)
        return keyed[0] if keyed[0] != keyed[1] else edge.way is Way.DOWN
    return _is_key(data_map, edge.target) and _is_impersonal(data_map, data_map.collections[edge.target.collection])


def _is_key(data_map: DataMap, ref: FieldRef) -> bool:
    return data_map.collections[ref.collection].primary_key == (ref.field,)


def _is_impersonal(data_map: DataMap, collection: Collection) -> bool:
    """Return whether the manifests, which do say what is personal, say nothing of the kind here: products, for one."""
    return not _is_said_personal(collection) and any(map(_is_said_personal, data_map.collections.values()))


def _is_said_personal(collection: Collection) -> bool:
    return any(is_personal(each.categories) for each in collection.fields)
