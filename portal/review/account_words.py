"""What happened to an account, in words. Knows every event about staff; decides nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.accounts.models import ROLE_TITLES, Role
from portal.audit import events, staff_events
from portal.audit.record import ActorKind, AuditEntry
from portal.review.queue import names_of_staff
from portal.words import N_

_: Callable[..., str] = gettext

SENTENCES = {
    events.StaffAdded.kind: N_("Account added"),
    events.StaffSignedIn.kind: N_("Signed in"),
    events.StaffSignInFailed.kind: N_("Wrong sign-in"),
    events.StaffSignedOut.kind: N_("Signed out"),
    events.AccessRefused.kind: N_("Page refused"),
    staff_events.StaffInvited.kind: N_("Invited, with a new code"),
    staff_events.StaffActivated.kind: N_("Account activated"),
    staff_events.StaffActivationFailed.kind: N_("Wrong activation code"),
    staff_events.StaffDisabled.kind: N_("Account disabled"),
    staff_events.StaffEnabled.kind: N_("Account enabled"),
    staff_events.StaffResetAsked.kind: N_("Asked to begin anew"),
    staff_events.StaffResetConfirmed.kind: N_("Beginning anew confirmed"),
    staff_events.StaffResetRefused.kind: N_("Beginning anew refused"),
    staff_events.StaffConfirmed.kind: N_("Showed the second factor again"),
    staff_events.StaffConfirmFailed.kind: N_("Wrong second factor"),
}
FACTORS = {
    "password": N_("Password changed"),
    "app": N_("New app code"),
    "app_removed": N_("App code taken away"),
    "passkey": N_("Passkey added"),
    "passkey_removed": N_("Passkey taken away"),
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One line, its words translated: when, to whose account, what, and by whom where that is somebody else."""

    at: datetime
    whose: str
    text: str
    by: str


def in_words(session: Session, entries: Sequence[AuditEntry]) -> list[Happened]:
    """Return ``entries`` about accounts in the reader's language."""
    names = names_of_staff(session)
    return [_happened(entry, names) for entry in entries]


def sentence_of(kind: str, facts: Mapping[str, str | int | bool]) -> str:
    """Return what an event about an account says, translated; empty for other events."""
    if kind == staff_events.StaffRoleChanged.kind:
        before, after = (_(ROLE_TITLES[Role(str(facts[when]))]) for when in ("before", "after"))
        return _("Role changed from %(before)s to %(after)s", before=before, after=after)
    if kind == staff_events.StaffFactorChanged.kind:
        return _(FACTORS[str(facts["what"])])
    if kind == staff_events.StaffSessionsEnded.kind:
        return _("Sessions ended: %(count)s", count=facts["sessions"])
    return _(SENTENCES[kind]) if kind in SENTENCES else ""


def _happened(entry: AuditEntry, names: Mapping[str, str]) -> Happened:
    whose = str(entry.facts.get("staff", ""))
    by = names.get(entry.actor_id, "") if entry.actor_kind is ActorKind.STAFF and entry.actor_id != whose else ""
    return Happened(entry.at, names.get(whose, ""), sentence_of(entry.kind, entry.facts), by)
