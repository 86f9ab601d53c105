"""What the record knows of files that leave: a package for another controller, a letter as PDF. Never what."""

from dataclasses import dataclass
from typing import ClassVar

from portal.audit.events import Event


@dataclass(frozen=True, slots=True)
class PackageSentOn(Event):
    kind: ClassVar[str] = "package:sent_on"
    package: str
    receiver: str


@dataclass(frozen=True, slots=True)
class PackageTaken(Event):
    kind: ClassVar[str] = "package:taken"
    package: str


@dataclass(frozen=True, slots=True)
class LetterMade(Event):
    kind: ClassVar[str] = "decision:letter_made"
    paper: str
    decision: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class LetterFetched(Event):
    kind: ClassVar[str] = "decision:letter_fetched"
    paper: str
