"""Every event the record knows: one frozen dataclass each. Fields are ids, counts and codes, never a name or answer."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events; ``kind`` names it for ever, ``title`` is what people read."""

    kind: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class CaseReceived(Event):
    kind: ClassVar[str] = "case:received"
    right: str
    channel: str


@dataclass(frozen=True, slots=True)
class CaseMoved(Event):
    kind: ClassVar[str] = "case:moved"
    move: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CaseLocated(Event):
    kind: ClassVar[str] = "case:located"
    collections: int
    searched: int
    rows: int
    failed: int
    on_file: bool


@dataclass(frozen=True, slots=True)
class NoticeQueued(Event):
    kind: ClassVar[str] = "case:notice_queued"
    addresses: int


@dataclass(frozen=True, slots=True)
class CaseAmended(Event):
    kind: ClassVar[str] = "case:amended"
    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class PaperMade(Event):
    kind: ClassVar[str] = "paper:made"
    paper: str
    number: int
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class PaperFetched(Event):
    kind: ClassVar[str] = "paper:fetched"
    paper: str
    number: int


@dataclass(frozen=True, slots=True)
class CaseStopped(Event):
    kind: ClassVar[str] = "case:stopped"


@dataclass(frozen=True, slots=True)
class StopLifted(Event):
    kind: ClassVar[str] = "case:stop_lifted"


@dataclass(frozen=True, slots=True)
class WorkRepeated(Event):
    kind: ClassVar[str] = "case:work_repeated"
    job: str


@dataclass(frozen=True, slots=True)
class CaseClaimed(Event):
    kind: ClassVar[str] = "case:claimed"


@dataclass(frozen=True, slots=True)
class CaseHandedOver(Event):
    kind: ClassVar[str] = "case:handed_over"
    to: str


@dataclass(frozen=True, slots=True)
class CaseRead(Event):
    kind: ClassVar[str] = "case:read"


@dataclass(frozen=True, slots=True)
class CardViewed(Event):
    kind: ClassVar[str] = "identity:card_viewed"
    evidence: str
    role: str


@dataclass(frozen=True, slots=True)
class CardMasked(Event):
    kind: ClassVar[str] = "identity:card_masked"
    evidence: str
    boxes: int
    place: str


@dataclass(frozen=True, slots=True)
class IdentityJudged(Event):
    kind: ClassVar[str] = "identity:judged"
    verdict: str
    proof: str
    checks: str


@dataclass(frozen=True, slots=True)
class HandoverMade(Event):
    kind: ClassVar[str] = "handover:made"
    handover: str


@dataclass(frozen=True, slots=True)
class HandoverOpened(Event):
    kind: ClassVar[str] = "handover:opened"
    handover: str
    conversation: str


@dataclass(frozen=True, slots=True)
class AccountTrusted(Event):
    kind: ClassVar[str] = "identity:account_trusted"


@dataclass(frozen=True, slots=True)
class AccountNotTrusted(Event):
    kind: ClassVar[str] = "identity:account_not_trusted"


@dataclass(frozen=True, slots=True)
class CardDestroyed(Event):
    kind: ClassVar[str] = "identity:card_destroyed"
    evidence: str
    reason: str


@dataclass(frozen=True, slots=True)
class UploadRefused(Event):
    kind: ClassVar[str] = "identity:upload_refused"
    conversation: str


@dataclass(frozen=True, slots=True)
class QuestionAsked(Event):
    kind: ClassVar[str] = "case:question_asked"
    message: str


@dataclass(frozen=True, slots=True)
class PersonReplied(Event):
    kind: ClassVar[str] = "case:person_replied"
    message: str


@dataclass(frozen=True, slots=True)
class NoteWritten(Event):
    kind: ClassVar[str] = "case:note_written"
    message: str


@dataclass(frozen=True, slots=True)
class TermExtended(Event):
    kind: ClassVar[str] = "case:extended"
    because: str
    first: str
    until: str


@dataclass(frozen=True, slots=True)
class FeeAnnounced(Event):
    kind: ClassVar[str] = "fee:announced"
    cents: int
    answer_by: str


@dataclass(frozen=True, slots=True)
class FeeAccepted(Event):
    kind: ClassVar[str] = "fee:accepted"
    cents: int


@dataclass(frozen=True, slots=True)
class PassedOn(Event):
    kind: ClassVar[str] = "case:passed_on"
    to: str


@dataclass(frozen=True, slots=True)
class DecisionWritten(Event):
    kind: ClassVar[str] = "decision:written"
    version: int
    outcome: str
    ground: str


@dataclass(frozen=True, slots=True)
class DecisionReleased(Event):
    kind: ClassVar[str] = "decision:released"
    version: int
    outcome: str


@dataclass(frozen=True, slots=True)
class SourceChanged(Event):
    kind: ClassVar[str] = "fulfilment:source_changed"
    source: str
    changed: int
    kept: int
    digest: str


@dataclass(frozen=True, slots=True)
class PackageMade(Event):
    kind: ClassVar[str] = "package:made"
    package: str
    size: int
    rows: int
    digest: str
    searched: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class PackageOpened(Event):
    kind: ClassVar[str] = "package:opened"
    package: str
    nth: int


@dataclass(frozen=True, slots=True)
class PackageRenewed(Event):
    kind: ClassVar[str] = "package:renewed"
    package: str


@dataclass(frozen=True, slots=True)
class PackageForgotten(Event):
    kind: ClassVar[str] = "package:forgotten"
    package: str


@dataclass(frozen=True, slots=True)
class DraftForgotten(Event):
    kind: ClassVar[str] = "draft:forgotten"
    conversation: str


@dataclass(frozen=True, slots=True)
class CaseForgotten(Event):
    kind: ClassVar[str] = "case:forgotten"


@dataclass(frozen=True, slots=True)
class StaffAdded(Event):
    kind: ClassVar[str] = "staff:added"
    staff: str
    roles: str


@dataclass(frozen=True, slots=True)
class StaffSignedIn(Event):
    kind: ClassVar[str] = "staff:signed_in"
    staff: str


@dataclass(frozen=True, slots=True)
class StaffSignInFailed(Event):
    kind: ClassVar[str] = "staff:sign_in_failed"
    staff: str


@dataclass(frozen=True, slots=True)
class StaffSignedOut(Event):
    kind: ClassVar[str] = "staff:signed_out"
    staff: str


@dataclass(frozen=True, slots=True)
class AccessRefused(Event):
    kind: ClassVar[str] = "staff:access_refused"
    staff: str
    endpoint: str
