"""What is to be changed at the sources, what it would do, and the proof that it was done. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as hidden
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from portal.errors import PortalError
from portal.sources.model import Texts, Value
from portal.words import N_

Key: TypeAlias = tuple[Value, ...]
"""The values of a row's primary key, in the manifest's order."""


class ValueChanged(PortalError):
    """A value at the source is not what the request says it is, so it is not replaced (Art. 16)."""

    status = 409
    default = N_("The value at the source is not what the request says any more. Look at it again.")


class Effect(StrEnum):
    """What happens to rows at a source."""

    DELETE = "delete"
    DEIDENTIFY = "deidentify"
    KEEP = "keep"
    SET = "set"
    INSERT = "insert"
    SUPPLEMENT = "supplement"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a decision granted in part leaves out (Art. 12(4)): whole activities of the register, single collections."""

    activities: frozenset[str] = frozenset()
    collections: frozenset[str] = frozenset()

    def covers(self, collection: str, activity: str) -> bool:
        """Return whether the collection with this key, which serves ``activity``, is left out."""
        return collection in self.collections or activity in self.activities


NOTHING = Withheld()


@dataclass(frozen=True, slots=True)
class LegalHold:
    """What an order keeps: the collections by their keys, None for all of them; and until when it stands."""

    collections: frozenset[str] | None
    until: date

    def keeps(self, collection: str) -> bool:
        """Whether the collection with this key stays as it is."""
        return self.collections is None or collection in self.collections


@dataclass(frozen=True, slots=True)
class ErasePlan:
    """Erase what belongs to ``activities`` (slugs of the register); None means the whole account and all else (5.3).

    What ``hold`` keeps is not touched at all.
    """

    activities: frozenset[str] | None = None
    without: Withheld = NOTHING
    hold: LegalHold | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """One value to correct, or one statement to add.

    Args:
        field: ``source.collection.field``, or ``supplement:source.collection`` for a statement beside others' opinion.
        old: what it says now, as shown; for a statement: words of the row it is about.
        new: what it should say; for a statement: the statement.
        key: primary key of the row; None means every row of the person that says ``old``.
    """

    field: str
    old: str = hidden(repr=False)
    new: str = hidden(repr=False)
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class RectifyPlan:
    """Correct these values."""

    items: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class FlagPlan:
    """Flag ``activities`` as restricted, objected to or withdrawn: ``right`` is restrict, object or withdraw."""

    right: str
    activities: frozenset[str]


Plan: TypeAlias = ErasePlan | RectifyPlan | FlagPlan


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a preview: how many rows of a collection meet which effect, why, and until when they stay."""

    key: str
    title: Texts
    rows: int
    effect: Effect
    why: Texts | str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What applying a plan would do; counted, nothing changed."""

    lines: tuple[Line, ...]

    @property
    def kept(self) -> tuple[Line, ...]:
        """The lines that say what stays."""
        return tuple(line for line in self.lines if line.effect is Effect.KEEP)


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to one collection: rows, and the SHA-256 of their sorted primary keys. Holds no value."""

    collection: str
    effect: Effect
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What was done, by source; a source without a change has an empty tuple."""

    sources: Mapping[str, tuple[Change, ...]]

    @property
    def rows(self) -> int:
        """How many rows were touched in all."""
        return sum(change.rows for changes in self.sources.values() for change in changes)
