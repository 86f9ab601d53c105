"""What the record knows of a package that goes straight to another controller: which file and to whom, never what."""

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
