"""The record as the auditor reads it: every entry in words and by its number, with facts that hold no content."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import desk_events, events, source_events
from portal.audit.record import ActorKind, AuditEntry
from portal.cases.models import Case
from portal.review.account_words import sentence_of
from portal.review.history import WORDS
from portal.review.queue import names_of_staff
from portal.words import N_

_: Callable[..., str] = gettext

PAGE = 50
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": (N_("Everything"), ()),
    "case": (N_("Requests"), ("case", "decision", "identity", "mail", "post", "draft", "handover", "queue")),
    "release": (N_("Carried out and handed over"), ("fulfilment", "package", "copy", "tombstones")),
    "staff": (N_("Staff"), ("staff",)),
    "hold": (N_("Legal holds"), ("hold",)),
    "record": (N_("Checks of the record"), ("record",)),
}
"""What can be filtered: a title, and how the kinds of the events begin."""
SENTENCES = {
    desk_events.RecordChecked.kind: N_("Record checked"),
    events.DraftForgotten.kind: N_("Draft forgotten"),
    events.UploadRefused.kind: N_("Picture refused"),
    events.CaseRead.kind: N_("Request read"),
    events.HandoverMade.kind: N_("Handed over by Medbook"),
    events.HandoverOpened.kind: N_("Hand-over opened"),
    source_events.TombstonesApplied.kind: N_("Erased again after a restore"),
    desk_events.QueueExported.kind: N_("Queue taken along as CSV"),
}
KINDS = tuple(sorted({each.kind for each in events.Event.__subclasses__()}))


@dataclass(frozen=True, slots=True)
class Row:
    """One entry. ``facts`` are ids, counts and codes."""

    seq: int
    at: datetime
    text: str
    kind: str
    reference: str
    by: str
    facts: str
    hash: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the record, newest first, with the numbers that lead to the ones beside it."""

    rows: tuple[Row, ...]
    newer: int | None
    older: int | None


def page(session: Session, group: str, reference: str, before: int | None, after: int | None) -> Page:
    """Return a page of the record.

    Args:
        session: any session.
        group: key of ``GROUPS``.
        reference: of one request, or empty.
        before: only entries with a lower number: the older ones.
        after: only entries with a higher number, the ones next to it.
    """
    wanted = select(AuditEntry)
    if prefixes := GROUPS[group][1]:
        wanted = wanted.where(AuditEntry.kind.in_([kind for kind in KINDS if kind.partition(":")[0] in prefixes]))
    if reference:
        wanted = wanted.where(AuditEntry.case_id.in_(select(Case.id).where(Case.reference == reference.upper())))
    if after is not None:
        found = list(session.scalars(wanted.where(AuditEntry.seq > after).order_by(AuditEntry.seq).limit(PAGE + 1)))
        more, found = len(found) > PAGE, found[:PAGE][::-1]
        newer, older = more, True
    else:
        upto = wanted.where(AuditEntry.seq < before) if before is not None else wanted
        found = list(session.scalars(upto.order_by(AuditEntry.seq.desc()).limit(PAGE + 1)))
        more, found = len(found) > PAGE, found[:PAGE]
        newer, older = before is not None, more
    return Page(
        rows=_rows(session, found),
        newer=found[0].seq if found and newer else None,
        older=found[-1].seq if found and older else None,
    )


def _rows(session: Session, entries: Sequence[AuditEntry]) -> tuple[Row, ...]:
    names = names_of_staff(session)
    wanted = {entry.case_id for entry in entries if entry.case_id}
    numbered = session.execute(select(Case.id, Case.reference).where(Case.id.in_(wanted)))
    references = {case_id: reference for case_id, reference in numbered}
    return tuple(
        Row(
            seq=entry.seq,
            at=entry.at,
            text=_text(entry, names),
            kind=entry.kind,
            reference=references.get(entry.case_id or "", ""),
            by=_who(entry, names),
            facts=", ".join(f"{key}={value}" for key, value in sorted(entry.facts.items()) if value != ""),
            hash=entry.hash,
        )
        for entry in entries
    )


def _text(entry: AuditEntry, names: Mapping[str, str]) -> str:
    if entry.kind in SENTENCES:
        return _(SENTENCES[entry.kind])
    write = WORDS.get(entry.kind)
    return write(entry.facts, names) if write else sentence_of(entry.kind, entry.facts)


def _who(entry: AuditEntry, names: Mapping[str, str]) -> str:
    match entry.actor_kind:
        case ActorKind.STAFF:
            return names.get(entry.actor_id, "")
        case ActorKind.PERSON:
            return _("the person")
        case ActorKind.SYSTEM:
            return _("the portal")
