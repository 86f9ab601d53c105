"""What many people share in turn: a room, led to by the lesson that all attend, is nobody's own. Pure."""

from collections.abc import Iterable

from portal.sources.edges import Edge
from portal.sources.model import DataMap


def shared_in_turn(data_map: DataMap, edges: Iterable[Edge]) -> dict[str, str]:
    """Return the collections that are only reached by their key, from rows that are reached by theirs as well.

    Args:
        data_map: the data map.
        edges: those that are followed, each in its direction.

    Returns:
        For each of these collections the one that leads to it.
    """
    followed = [edge for edge in edges if edge.origin.collection != edge.target.collection]
    up = [edge for edge in followed if _by_key(data_map, edge)]
    own = {each.ref.collection for each in data_map.identities}
    own |= {edge.target.collection for edge in followed if not _by_key(data_map, edge)}
    shared = by_key_of(data_map, up)
    return {
        edge.target.collection: edge.origin.collection
        for edge in sorted(up, key=str)
        if edge.origin.collection in shared and edge.target.collection not in own
    }


def by_key_of(data_map: DataMap, edges: Iterable[Edge]) -> set[str]:
    """Return the collections that one of ``edges`` leads to by their key, so that rows of several people may."""
    return {edge.target.collection for edge in edges if _by_key(data_map, edge)}


def _by_key(data_map: DataMap, edge: Edge) -> bool:
    here, there = (data_map.collections[ref.collection].primary_key for ref in (edge.origin, edge.target))
    return there == (edge.target.field,) and here != (edge.origin.field,) and not edge.target.path
