"""The data map as frozen values. Pure: knows neither files nor databases.

A *source* is a database, a *collection* one of its tables, a *field* one of its columns. An *edge* says that values
flow from one field into another: the rows of the target that hold one of the person's values are the person's too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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

Row: TypeAlias = Mapping[str, Value]
"""One row by field name, in the order of the manifest."""


def say(texts: Texts, language: str) -> str:
    """Return the text in ``language``, else in English, else in the first language there is, else nothing."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


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
    UNLINK = "unlink"
    KEEP = "keep"


class Action(StrEnum):
    """Whether a flag changes the person's rows or adds a row."""

    SET = "set"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class FieldRef:
    """A field by the key of its collection and its name."""

    collection: str
    field: str

    def __str__(self) -> str:
        return f"{self.collection}.{self.field}"


@dataclass(frozen=True, slots=True)
class Edge:
    """Values flow from ``origin`` into ``target``; a ``mention`` leads to rows of others that name the person."""

    origin: FieldRef
    target: FieldRef
    mention: bool = False


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
class Field:
    """One column and what it means."""

    name: str
    title: Texts = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    data_type: str | None = None
    length: int | None = None
    primary_key: bool = False
    read_only: bool = False
    identity: str | None = None
    on_file: bool = False
    on_file_if: str | None = None
    is_name: bool = False
    is_account: bool = False  # the number by which the controller's app names an account when it hands a person over
    identifies: bool = False
    mentions: bool = False
    third_party: bool = False
    rectify: bool = False
    release: bool = True
    reason: Texts = field(default_factory=dict)
    provided: Provided | None = None
    mask: Mask | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """One table and what each right does to it."""

    source: str
    name: str
    title: Texts
    fields: tuple[Field, ...]
    activity: str = ""
    description: str = ""
    schema: str | None = None
    order: int = 1000
    provided: Provided = Provided.PERSON
    release: bool = True
    reason: Texts = field(default_factory=dict)
    erase: Erase = Erase.KEEP
    hold: Hold | None = None
    changed_at: str | None = None
    dated: str | None = None
    rectify: str = ""
    supplement: Supplement | None = None
    recipients: Recipients | None = None
    retention: Retention | None = None
    ask: Mapping[str, Texts] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()

    @property
    def key(self) -> str:
        """The key among all sources: ``source.collection``."""
        return f"{self.source}.{self.name}"

    @property
    def moment(self) -> str | None:
        """The field that dates a row, for a request about one period."""
        return (
            self.dated or (self.retention.start if self.retention else None) or (self.hold.start if self.hold else None)
        )

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Names of the fields that identify a row; empty when the manifest marks none."""
        return tuple(each.name for each in self.fields if each.primary_key)

    def field(self, name: str) -> Field:
        """Return the field called ``name``.

        Raises:
            KeyError: the data map has no such field.
        """
        for each in self.fields:
            if each.name == name:
                return each
        raise KeyError(f"{self.key}.{name}")

    def provider(self, each: Field) -> Provided:
        """Return who provided ``each``: its own mark, else the collection's."""
        return each.provided or self.provided

    def flag(self, right: str, activity: str) -> Flag | None:
        """Return the rule for ``right`` on ``activity``; a rule for the activity itself beats ``*``."""
        rules = {rule.activity: rule for rule in self.flags if rule.right == right}
        return rules.get(activity) or rules.get("*")


@dataclass(frozen=True, slots=True)
class Source:
    """One database."""

    key: str
    title: Texts
    file: str
    not_personal: frozenset[str] = frozenset()
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """A field that a person can be found by, and the kind of identity it holds."""

    ref: FieldRef
    kind: str


@dataclass(frozen=True, slots=True)
class DataMap:
    """Every source, collection and edge, checked for agreement with one another."""

    sources: Mapping[str, Source]
    collections: Mapping[str, Collection]
    edges: tuple[Edge, ...]

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Every field a person can be found by."""
        return tuple(
            Identity(FieldRef(collection.key, each.name), each.identity)
            for collection in self.collections.values()
            for each in collection.fields
            if each.identity
        )

    def in_order(self) -> list[Collection]:
        """Return the collections as a person reads them: by their order, then by key."""
        return sorted(self.collections.values(), key=lambda each: (each.order, each.key))

    def of(self, source: str) -> list[Collection]:
        """Return the collections of one source, in the manifest's order."""
        return [each for each in self.collections.values() if each.source == source]

    def find(self, name: str, source: str) -> Collection | None:
        """Return the collection called ``name`` (``collection`` in ``source``, or ``source.collection``), if any."""
        return self.collections.get(f"{source}.{name}") or self.collections.get(name)
