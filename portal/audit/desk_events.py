"""What happens around the cases at the desk: holds, returned mail, freed work, checks of the record. Never content."""

from dataclasses import dataclass
from typing import ClassVar

from portal.audit.events import Event


@dataclass(frozen=True, slots=True)
class CaseReleased(Event):
    kind: ClassVar[str] = "case:released"
    staff: str


@dataclass(frozen=True, slots=True)
class MailBounced(Event):
    kind: ClassVar[str] = "mail:bounced"
    mail: str
    letter: str
    status: str


@dataclass(frozen=True, slots=True)
class HoldSet(Event):
    kind: ClassVar[str] = "hold:set"
    hold: str
    collections: int


@dataclass(frozen=True, slots=True)
class HoldLifted(Event):
    kind: ClassVar[str] = "hold:lifted"
    hold: str


@dataclass(frozen=True, slots=True)
class RecordChecked(Event):
    kind: ClassVar[str] = "record:checked"
    entries: int
    faults: int


@dataclass(frozen=True, slots=True)
class CasePutAside(Event):
    kind: ClassVar[str] = "case:put_aside"
    until: str


@dataclass(frozen=True, slots=True)
class CaseWoken(Event):
    kind: ClassVar[str] = "case:woken"


@dataclass(frozen=True, slots=True)
class QueueExported(Event):
    kind: ClassVar[str] = "queue:exported"
    view: str
    right: str
    language: str


@dataclass(frozen=True, slots=True)
class CopyAsked(Event):
    kind: ClassVar[str] = "copy:asked"
    copy: str


@dataclass(frozen=True, slots=True)
class CopyPrepared(Event):
    kind: ClassVar[str] = "copy:prepared"
    copy: str
    rows: int
    suggested: int
    changed: int


@dataclass(frozen=True, slots=True)
class CopyHidden(Event):
    kind: ClassVar[str] = "copy:hidden"
    count: int
    ground: str


@dataclass(frozen=True, slots=True)
class CopyShownAgain(Event):
    kind: ClassVar[str] = "copy:shown_again"
    redaction: str


@dataclass(frozen=True, slots=True)
class CopyCleared(Event):
    kind: ClassVar[str] = "copy:cleared"
    copy: str
    rows: int
    hidden: int


@dataclass(frozen=True, slots=True)
class DossierMade(Event):
    kind: ClassVar[str] = "case:dossier_made"
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class AttachmentFetched(Event):
    kind: ClassVar[str] = "message:file_fetched"
    attachment: str


@dataclass(frozen=True, slots=True)
class PersonTold(Event):
    kind: ClassVar[str] = "case:person_told"
    message: str


@dataclass(frozen=True, slots=True)
class PersonDisagreed(Event):
    kind: ClassVar[str] = "case:disagreed"
    version: int
    until: str


@dataclass(frozen=True, slots=True)
class DisagreementEnded(Event):
    kind: ClassVar[str] = "case:disagreement_ended"
    end: str


@dataclass(frozen=True, slots=True)
class TaskMade(Event):
    kind: ClassVar[str] = "fulfilment:task_made"
    source: str


@dataclass(frozen=True, slots=True)
class TaskDropped(Event):
    kind: ClassVar[str] = "fulfilment:task_dropped"
    source: str


@dataclass(frozen=True, slots=True)
class TaskAnswered(Event):
    kind: ClassVar[str] = "fulfilment:task_answered"
    source: str
    nothing: bool
    files: int = 0


@dataclass(frozen=True, slots=True)
class ArrivalSet(Event):
    kind: ClassVar[str] = "case:arrival_set"
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class AskedSet(Event):
    kind: ClassVar[str] = "case:asked_set"
    right: str
    language: str
    acting: str


@dataclass(frozen=True, slots=True)
class MailSetAside(Event):
    kind: ClassVar[str] = "case:mail_set_aside"
    about: str


@dataclass(frozen=True, slots=True)
class MailAttached(Event):
    kind: ClassVar[str] = "case:mail_attached"
    message: str


@dataclass(frozen=True, slots=True)
class MandateSeen(Event):
    kind: ClassVar[str] = "case:mandate_seen"


@dataclass(frozen=True, slots=True)
class CardNamed(Event):
    kind: ClassVar[str] = "card:named"
    evidence: str
    attachment: str


@dataclass(frozen=True, slots=True)
class FileDropped(Event):
    kind: ClassVar[str] = "message:file_dropped"
    attachment: str


@dataclass(frozen=True, slots=True)
class FileKept(Event):
    kind: ClassVar[str] = "message:file_kept"
    attachment: str


@dataclass(frozen=True, slots=True)
class IdentitySeen(Event):
    kind: ClassVar[str] = "identity:seen"
    document: str


@dataclass(frozen=True, slots=True)
class SaidWrittenDown(Event):
    kind: ClassVar[str] = "case:said_written_down"
    how: str
    what: str
