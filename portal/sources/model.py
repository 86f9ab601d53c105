"""The data map as frozen values. Pure: knows neither files nor databases.

A *source* is a database, a *collection* one of its tables, a *field* one of its columns, an *inner* field a value in
the documents of a column. An *edge* says that values flow from one field into another: the rows of the target that hold
one of the person's values are the person's too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from portal.sources.edges import Edge as Edge
from portal.sources.edges import FieldRef as FieldRef
from portal.sources.edges import Identity as Identity
from portal.sources.faults import Fault
from portal.sources.hands import Manual as Manual
from portal.sources.rules import Action as Action
from portal.sources.rules import Erase as Erase
from portal.sources.rules import Flag as Flag
from portal.sources.rules import Hold as Hold
from portal.sources.rules import Mask as Mask
from portal.sources.rules import Provided as Provided
from portal.sources.rules import Recipients as Recipients
from portal.sources.rules import Retention as Retention
from portal.sources.rules import Rewrite as Rewrite
from portal.sources.rules import Supplement as Supplement
from portal.sources.rules import Texts as Texts
from portal.sources.rules import Value as Value

Row: TypeAlias = Mapping[str, Value]
"""One row by field name, in the order of the manifest."""


def say(texts: Texts, language: str) -> str:
    """Return the text in ``language``, else in English, else in the first language there is, else nothing."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class Inner:
    """A value inside the documents of a column, by the names that lead to it."""

    path: tuple[str, ...]
    categories: tuple[str, ...] = ()
    data_type: str | None = None
    identity: str | None = None
    all_elements: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One column and what it means."""

    name: str
    title: Texts = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    data_type: str | None = None
    column_type: str = ""  # what the database calls the type of the column; read from it with the rows
    length: int | None = None
    primary_key: bool = False
    read_only: bool = False
    all_elements: bool = False  # a list all of which belongs to whoever the row belongs to
    identity: str | None = None
    on_file: bool = False
    on_file_if: str | None = None
    on_file_until: str | None = None  # once this is set the address is out of use: told, and never trusted
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
    mask_assumed: bool = False  # the manifest does not say it; what the column does not take is emptied another way
    rewrite: Rewrite = field(default_factory=Rewrite)  # what Fides would write there
    alias: str = ""  # by what name it is given, where its own is not to be shown
    inner: tuple[Inner, ...] = ()
    about: str = ""  # what the manifest says it means, in the language of whoever wrote it

    @property
    def shown(self) -> str:
        """The name under which its values are given."""
        return self.alias or self.name


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
    after: tuple[str, ...] = ()  # of these the rows are looked for first
    erase_after: tuple[str, ...] = ()  # of these the rows are erased first
    alias: str = ""  # by what key it is given, where its own is not to be shown

    @property
    def key(self) -> str:
        """The key among all sources: ``source.collection``."""
        return f"{self.source}.{self.name}"

    @property
    def shown(self) -> str:
        """The key under which its rows are given."""
        return self.alias or self.key

    @property
    def moment(self) -> str | None:
        """The field that dates a row, for a request about one period."""
        rule = self.retention or self.hold
        return self.dated or (rule.start if rule else None)

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

    def identity_at(self, name: str, path: tuple[str, ...] = ()) -> str | None:
        """Return the kind of identity that the field ``name``, or the value at ``path`` in it, holds, if any."""
        each = self.field(name)
        return next((inner.identity for inner in each.inner if inner.path == path), None if path else each.identity)

    def is_identity(self, name: str) -> bool:
        """Return whether a person can be found by the field ``name`` or by a value in its documents."""
        each = next((each for each in self.fields if each.name == name), None)
        return each is not None and bool(each.identity or any(inner.identity for inner in each.inner))

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
    alias: str = ""  # by what name it is shown, where its own is not to be
    skipped: frozenset[str] = frozenset()  # tables the manifest names only to say that they are left out


@dataclass(frozen=True, slots=True)
class DataMap:
    """Every source, collection and edge, checked for agreement with one another; ``remarks`` is for the check only."""

    sources: Mapping[str, Source]
    collections: Mapping[str, Collection]
    edges: tuple[Edge, ...]
    remarks: tuple[Fault, ...] = ()
    manual: Mapping[str, Manual] = field(default_factory=dict)  # where somebody looks by hand

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Every field, or value in a document, that a person can be found by."""
        return tuple(
            Identity(FieldRef(collection.key, each.name, path), kind)
            for collection in self.collections.values()
            for each in collection.fields
            for path, kind in [((), each.identity), *((inner.path, inner.identity) for inner in each.inner)]
            if kind
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
