"""What happens to the accounts of staff: invited, activated, changed, reset. Ids and codes only, like every event."""

from dataclasses import dataclass
from typing import ClassVar

from portal.audit.events import Event


@dataclass(frozen=True, slots=True)
class StaffInvited(Event):
    kind: ClassVar[str] = "staff:invited"
    staff: str


@dataclass(frozen=True, slots=True)
class StaffActivated(Event):
    kind: ClassVar[str] = "staff:activated"
    staff: str


@dataclass(frozen=True, slots=True)
class StaffActivationFailed(Event):
    kind: ClassVar[str] = "staff:activation_failed"
    staff: str


@dataclass(frozen=True, slots=True)
class StaffRoleChanged(Event):
    kind: ClassVar[str] = "staff:role_changed"
    staff: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class StaffDisabled(Event):
    kind: ClassVar[str] = "staff:disabled"
    staff: str


@dataclass(frozen=True, slots=True)
class StaffEnabled(Event):
    kind: ClassVar[str] = "staff:enabled"
    staff: str


@dataclass(frozen=True, slots=True)
class StaffResetAsked(Event):
    kind: ClassVar[str] = "staff:reset_asked"
    staff: str


@dataclass(frozen=True, slots=True)
class StaffResetConfirmed(Event):
    kind: ClassVar[str] = "staff:reset_confirmed"
    staff: str


@dataclass(frozen=True, slots=True)
class StaffResetRefused(Event):
    kind: ClassVar[str] = "staff:reset_refused"
    staff: str


@dataclass(frozen=True, slots=True)
class StaffFactorChanged(Event):
    kind: ClassVar[str] = "staff:factor_changed"
    staff: str
    what: str


@dataclass(frozen=True, slots=True)
class StaffConfirmed(Event):
    kind: ClassVar[str] = "staff:confirmed"
    staff: str


@dataclass(frozen=True, slots=True)
class StaffConfirmFailed(Event):
    kind: ClassVar[str] = "staff:confirm_failed"
    staff: str


@dataclass(frozen=True, slots=True)
class StaffSessionsEnded(Event):
    kind: ClassVar[str] = "staff:sessions_ended"
    staff: str
    sessions: int


KINDS = tuple(sorted({event.kind for event in Event.__subclasses__() if event.kind.startswith("staff:")}))
"""The kind of every event about an account, also those in ``audit.events``."""
