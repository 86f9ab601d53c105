"""How rows will stand once a change that is decided and not yet written is done: a walk can ask for that moment."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from portal.sources.model import Collection, Value
from portal.sources.reading import Found, Selectors, is_own
from portal.sources.streaming import Line

Key: TypeAlias = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """What is decided for the rows of one collection: which go, and the new values of some that stay, by key."""

    gone: AbstractSet[Key]
    changed: Mapping[Key, Mapping[str, Value]]


class Afterwards:
    """The rows of the sources as they will be.

    Args:
        decided: by the key of the collection.
    """

    def __init__(self, decided: Mapping[str, Decided]) -> None:
        self._decided = decided

    def row(self, collection: Collection, row: Found) -> Found | None:
        """Return ``row`` as it will be; None when it goes."""
        decided = self._decided.get(collection.key)
        if decided is None:
            return row
        key = tuple(row[name] for name in collection.primary_key)
        return None if key in decided.gone else {**row, **decided.changed.get(key, {})}

    def lines(
        self, collection: Collection, names: list[str], lines: Iterable[Line], selectors: Selectors
    ) -> list[Line]:
        """Return ``lines``, in the order of ``names``, as they will be; without those ``selectors`` will not find."""
        rows = (self.row(collection, dict(zip(names, line, strict=True))) for line in lines)
        return [tuple(row[name] for name in names) for row in rows if row is not None and is_own(selectors, row)]
