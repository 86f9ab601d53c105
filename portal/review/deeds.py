"""What the dossier tells of how a request came in, what was searched for it, and what was done and kept back.

Counts, places, grounds and dates; of what was found only how much, never the rows themselves.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.access import findings_of, open_json
from portal.cases.arrivals import arrival_of, told_of
from portal.cases.models import Carried, Case
from portal.cases.papers import amendments_of
from portal.cases.promises import promises_of
from portal.cases.recipients import told_of as recipients_told
from portal.cases.redactions import Redaction
from portal.files.keys import Purpose

SEARCHED = ("searched", "rows", "failed", "counts", "mailbox_on_file", "preview", "previewed_at")
"""What is told of a search: how much was found where, and no name or address of an account."""


def deeds(session: Session, case: Case, names: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    """Yield files of the dossier of ``case``, each ready for JSON; fewer of one whose content was forgotten.

    Args:
        session: a read session.
        case: the case.
        names: of staff, by id.
    """
    kept = case.forgotten_at is None
    if (arrival := arrival_of(session, case)) is not None:
        told = told_of(session, arrival) if kept else {}
        yield "arrival.json", {"basis": arrival.basis.value, "by": names.get(arrival.taken_by or "", ""), **told}
    if kept:
        added = [{"number": each.number, "at": each.at, "text": each.text} for each in amendments_of(session, case)]
        found = findings_of(session, case)
        yield "amendments.json", added
        yield "search.json", {name: found[name] for name in SEARCHED if name in found} | {"at": case.located_at}
        yield "hidden.json", _hidden(session, case, names)
    yield "carried-out.json", [_carried(session, case, each) for each in _carried_rows(session, case)]
    yield (
        "kept.json",
        [
            {name: getattr(each, name) for name in ("source", "collection", "ground", "rows", "due_on", "done_at")}
            for each in promises_of(session, case.id)
        ],
    )
    yield (
        "recipients.json",
        [
            {
                "name": each.name,
                "told_at": each.told_at,
                "confirmed_at": each.confirmed_at,
                "impossible": each.impossible,
            }
            for each in recipients_told(session, case)
        ],
    )


def _carried_rows(session: Session, case: Case) -> list[Carried]:
    done = select(Carried).where(Carried.case_id == case.id, Carried.done_at.is_not(None))
    return list(session.scalars(done.order_by(Carried.source)))


def _carried(session: Session, case: Case, row: Carried) -> Mapping[str, Any]:
    proof = open_json(session, case.id, Purpose.DECISION, row.proof) if case.forgotten_at is None else None
    names = ("source", "changed", "kept", "digest", "done_at")
    return {**{name: getattr(row, name) for name in names}, "collections": proof}


def _hidden(session: Session, case: Case, names: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return every hiding, also those undone: where and why, not what."""
    rows = session.scalars(
        select(Redaction).where(Redaction.case_id == case.id).order_by(Redaction.made_at, Redaction.id)
    )
    return [
        {
            "kind": each.kind.value,
            "ground": each.ground,
            "collection": said["collection"],
            "column": said["column"],
            "note": said.get("note", ""),
            "by": names.get(each.made_by, ""),
            "at": each.made_at,
            "undone_by": names.get(each.undone_by or "", ""),
            "undone_at": each.undone_at,
        }
        for each in rows
        if (said := open_json(session, case.id, Purpose.DECISION, each.target))
    ]
