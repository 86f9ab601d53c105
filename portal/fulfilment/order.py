"""The order in which sources are changed, one transaction each."""

from portal.sources.across import children_first, neighbours, references_of
from portal.sources.engines import Reader
from portal.sources.model import DataMap


def write_order(reader: Reader) -> list[str]:
    """Return the keys of the sources as they are changed: what refers before what it refers to, else ``last_first``.

    Raises:
        SourceDown: a database that several sources stand in does not answer.
    """
    near = [key for keys in neighbours(reader.sources) for key in keys]
    references = [fk for key in near for fk in references_of(reader, key)]
    return children_first(references, last_first(reader.sources.data_map))


def last_first(data_map: DataMap) -> list[str]:
    """Return the keys of the sources so that a source comes before the ones that lead to it."""
    leads: dict[str, set[str]] = {key: set() for key in data_map.sources}
    for edge in data_map.edges:
        origin, target = edge.origin.collection.split(".")[0], edge.target.collection.split(".")[0]
        if origin != target:
            leads[origin].add(target)
    order: list[str] = []
    waiting = list(leads)
    while waiting:
        free = [key for key in waiting if not leads[key] & set(waiting) - {key}]
        order += free or waiting[:1]
        waiting = [key for key in waiting if key not in order]
    return order
