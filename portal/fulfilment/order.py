"""The order in which sources are changed, one transaction each."""

from portal.sources.across import neighbours, references_of, referring
from portal.sources.engines import Reader
from portal.sources.model import DataMap
from portal.sources.turns import in_turn, source_waits


def write_order(reader: Reader) -> list[str]:
    """Return the keys of the sources as they are changed: what refers before what it refers to, else ``last_first``.

    Raises:
        SourceDown: a database that several sources stand in does not answer.
    """
    near = [key for keys in neighbours(reader.sources) for key in keys]
    references = [fk for key in near for fk in references_of(reader, key)]
    data_map = reader.sources.data_map
    return in_turn(last_first(data_map), referring(references), source_waits(data_map.collections.values()))


def last_first(data_map: DataMap) -> list[str]:
    """Return the keys of the sources so that one comes after those it waits for, and before those that lead to it."""
    leads: dict[str, set[str]] = {key: set() for key in data_map.sources}
    for edge in data_map.edges:
        origin, target = edge.origin.collection.split(".")[0], edge.target.collection.split(".")[0]
        if origin != target:
            leads[origin].add(target)
    return in_turn(data_map.sources, source_waits(data_map.collections.values()), leads)
