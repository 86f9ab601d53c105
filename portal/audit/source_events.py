"""What the record knows of changes at the sources after a case was answered: counts and hashes, never a value."""

from dataclasses import dataclass
from typing import ClassVar

from portal.audit.events import Event


@dataclass(frozen=True, slots=True)
class MarkingSet(Event):
    kind: ClassVar[str] = "marking:set"
    right: str
    activities: int


@dataclass(frozen=True, slots=True)
class LiftAnnounced(Event):
    kind: ClassVar[str] = "marking:lift_announced"
    on: str


@dataclass(frozen=True, slots=True)
class MarkingLifted(Event):
    kind: ClassVar[str] = "marking:lifted"
    right: str


@dataclass(frozen=True, slots=True)
class PromisesMade(Event):
    kind: ClassVar[str] = "promise:made"
    collections: int
    rows: int


@dataclass(frozen=True, slots=True)
class PromiseKept(Event):
    kind: ClassVar[str] = "promise:kept"
    source: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class TombstonesApplied(Event):
    kind: ClassVar[str] = "tombstones:applied"
    source: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class RecipientsTold(Event):
    kind: ClassVar[str] = "recipients:told"
    recipients: int


@dataclass(frozen=True, slots=True)
class RecipientConfirmed(Event):
    kind: ClassVar[str] = "recipients:confirmed"
