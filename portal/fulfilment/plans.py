"""What is to be changed at the sources, what it would do, and the proof that it was done. Values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as hidden
from datetime import date
from enum import StrEnum
from hashlib import sha256
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


class Part(StrEnum):
    """How a row belongs to a person: their own, shared with others, or another's that mentions them.

    ``tied`` is their own and stays by its collection's rule, ``referring`` is another's that mentions them: only what
    these point at may go.
    """

    OWN = "own"
    SHARED = "shared"
    MENTION = "mention"
    TIED = "tied"
    REFERRING = "referring"


TIES = frozenset({Part.TIED, Part.REFERRING})
"""Rows that stay, whatever they point at: they only lose a reference on a later day."""


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

    What ``hold`` keeps is not touched at all, nor what belongs to an activity in ``paused``, which the person had
    restricted (Art. 18); ``*`` there is every activity.
    """

    activities: frozenset[str] | None = None
    without: Withheld = NOTHING
    hold: LegalHold | None = None
    paused: frozenset[str] = frozenset()

    def pauses(self, activity: str) -> bool:
        """Whether what belongs to ``activity`` stays because its use is restricted."""
        return bool(self.paused & {activity, "*"})


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of one collection that had to stay for now and are to be erased later.

    Args:
        collection: key of the collection.
        why: ``law``, ``order`` or ``pause``.
        ground: law and article in English; empty for an order or a pause.
        until: the last day they stay; None where that cannot be told yet.
        part: how they belong to the person.
        keys: their primary keys.
        words: what names the person, for text that is to be cleaned then; empty where there is none.
        values: the person's own values by field, for references of others that are to be cut then.
    """

    collection: str
    why: str
    ground: str
    until: date | None
    part: Part
    keys: tuple[Key, ...] = hidden(repr=False)
    words: frozenset[str] = hidden(repr=False)
    values: Mapping[str, frozenset[str]] = hidden(repr=False)


@dataclass(frozen=True, slots=True)
class Grave:
    """A row that is about to be erased: what a tombstone says of it, hashed.

    Args:
        collection: key of the collection.
        part: how it belongs to the person.
        key: its primary key.
        field: the field by which the person was led to it; empty where only the key was known.
        value: what stood there.
    """

    collection: str
    part: Part
    key: Key = hidden(repr=False)
    field: str
    value: str = hidden(repr=False)


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


@dataclass(frozen=True, slots=True)
class LiftPlan:
    """End what a restriction, objection or withdrawal wrote at the sources for ``activity``: ``right`` is its right."""

    right: str
    activity: str


Plan: TypeAlias = ErasePlan | RectifyPlan | FlagPlan | LiftPlan


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


def digest_of(changes: Sequence[Change]) -> str:
    """Return one SHA-256 over what was done to each collection; the hashes of its keys are in it, no value is."""
    told = sorted(f"{each.collection} {each.effect.value} {each.rows} {each.sha256}" for each in changes)
    return sha256("\n".join(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Proof:
    """What was done, by source; a source without a change has an empty tuple."""

    sources: Mapping[str, tuple[Change, ...]]

    @property
    def rows(self) -> int:
        """How many rows were touched in all."""
        return sum(change.rows for changes in self.sources.values() for change in changes)

    def __add__(self, later: "Proof") -> "Proof":
        """Return the proof of both: what was done first, then what was done ``later``."""
        keys = [*self.sources, *(key for key in later.sources if key not in self.sources)]
        return Proof({key: (*self.sources.get(key, ()), *later.sources.get(key, ())) for key in keys})
