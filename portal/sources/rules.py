"""The rules of a data map as frozen values: what each right does to a table or column, and what forbids it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from portal.sources.duration import Duration

Texts: TypeAlias = Mapping[str, str]
"""One text by language code: nl, fr, de, en."""

Value: TypeAlias = (
    bool
    | int
    | float
    | Decimal
    | str
    | bytes
    | datetime
    | date
    | time
    | timedelta
    | UUID
    | list[object]
    | dict[str, object]
    | None
)
"""What a database hands over for one field."""


class Provided(StrEnum):
    """Who provided a value: decides what Art. 20 covers."""

    PERSON = "person"
    OBSERVED = "observed"
    DERIVED = "derived"
    OTHERS = "others"


class Erase(StrEnum):
    """What erasing does to the rows of a collection."""

    DELETE = "delete"
    DEIDENTIFY = "deidentify"
    KEEP = "keep"


class Mask(StrEnum):
    """What de-identifying does to one field."""

    NULL = "null"
    REDACT = "redact"
    HASH = "hash"
    RANDOM = "random"
    UNLINK = "unlink"
    KEEP = "keep"


class Action(StrEnum):
    """Whether a flag changes the person's rows or adds a row."""

    SET = "set"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class Hold:
    """A law that forbids erasing until ``duration`` after the moment in the field ``start``."""

    law: Texts
    article: str
    start: str
    duration: Duration


@dataclass(frozen=True, slots=True)
class Flag:
    """What restricting, objecting or withdrawing does in a collection.

    Args:
        activity: slug in the register, or ``*`` for every activity without a rule of its own in this collection.
        where: the rows a ``set`` touches, among the person's.
        values: field to literal, ``{now}``, ``{activity}`` or ``{collection.field}``.
    """

    right: str
    activity: str
    action: Action
    where: Mapping[str, Value]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Supplement:
    """Where a person's own statement beside an opinion of others is put, and how its row is filled."""

    collection: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Recipients:
    """The fields of a collection that records to whom the person's data was given (Art. 15(1)(c), 19)."""

    name: str
    activity: str | None = None
    at: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a row is kept: ``duration`` after the moment in the field ``start``; without that moment no end yet."""

    start: str
    duration: Duration


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What Fides' masking strategy says of the text it writes.

    Args:
        text: the same text everywhere; None is a token.
        length: how long a token is at most, without the suffix.
        suffix: what the new text ends in, so that it keeps its form, like ``@example.com``.
    """

    text: str | None = None
    length: int | None = None
    suffix: str = ""
