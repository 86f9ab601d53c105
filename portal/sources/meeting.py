"""How values that references bring along are compared in the column they arrive at.

As a database does that joins the two columns: case makes no difference only where it makes none in either.
"""

from portal.errors import SourceDown
from portal.sources.alike import Spelling, is_address, minds_case, spelling
from portal.sources.edges import FieldRef
from portal.sources.engines import Reader
from portal.sources.model import Collection
from portal.sources.values import folded


def meeting(reader: Reader, collection: Collection, name: str) -> Spelling:
    """Return how values are compared in the column ``name`` of ``collection``.

    Raises:
        KeyError: its table has no such column. SourceDown: it does not answer.
    """
    column, here = reader.table(collection).c[name], FieldRef(collection.key, name)
    if minds_case(column):
        return spelling(column)
    origins = [edge.origin for edge in reader.sources.data_map.edges if edge.target == here]
    return spelling(column, exactly=any(_minds_case(reader, origin) for origin in origins))


def compared(reader: Reader, collection: Collection, name: str) -> Spelling:
    """Return how values of the field ``name`` are compared, mail addresses among them.

    Raises:
        KeyError: its table has no such column. SourceDown: it does not answer.
    """
    if is_address(collection, name, reader.table(collection).c[name]):
        return lambda value: folded(str(value))
    return meeting(reader, collection, name)


def _minds_case(reader: Reader, ref: FieldRef) -> bool:
    try:
        return bool(ref.path) or minds_case(
            reader.table(reader.sources.data_map.collections[ref.collection]).c[ref.field]
        )
    except (KeyError, SourceDown):  # nothing comes from there
        return False
