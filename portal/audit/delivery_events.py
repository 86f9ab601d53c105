"""What the record knows of what leaves: a package for another controller, a letter as PDF or on paper. Never what."""

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


@dataclass(frozen=True, slots=True)
class PostWritten(Event):
    kind: ClassVar[str] = "post:written"
    post: str
    letter: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class PostPrinted(Event):
    kind: ClassVar[str] = "post:printed"
    post: str


@dataclass(frozen=True, slots=True)
class PostLeft(Event):
    kind: ClassVar[str] = "post:left"
    post: str
    letter: str
    way: str
    on: str


@dataclass(frozen=True, slots=True)
class PackageCarried(Event):
    kind: ClassVar[str] = "package:carried"
    package: str
    part: int
