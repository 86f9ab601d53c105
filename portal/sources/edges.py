"""How values lead from one field to another, and where a person can be found. Pure values, part of the data map."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class FieldRef:
    """A field by the key of its collection, its name and, inside a document, the path to a value in it."""

    collection: str
    field: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ".".join((self.collection, self.field, *self.path))


class Way(StrEnum):
    """How a reference was written.

    ``ONE`` names its direction. A reference without one is kept as two edges: ``DOWN`` from the field that is referred
    to, ``UP`` towards it; which of the two is followed depends on where the person is found (``direction``).
    """

    ONE = "one"
    DOWN = "down"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Edge:
    """Values flow from ``origin`` into ``target``; a ``mention`` leads to rows of others that name the person."""

    origin: FieldRef
    target: FieldRef
    mention: bool = False
    way: Way = Way.ONE


@dataclass(frozen=True, slots=True)
class Identity:
    """A field that a person can be found by, and the kind of identity it holds."""

    ref: FieldRef
    kind: str
