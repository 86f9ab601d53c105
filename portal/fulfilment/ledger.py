"""The ledger of a case at the sources: what was begun, what was done, what is promised, what stands from then on."""

import json
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.audit.events import SourceChanged
from portal.audit.record import SYSTEM, record
from portal.cases.access import findings_of, open_json, seal_json
from portal.cases.lifecycle import Move
from portal.cases.markings import mark
from portal.cases.models import Carried, Case
from portal.cases.moves import move
from portal.cases.tombstones import Hasher, drop_tombstones, set_tombstones
from portal.clock import now
from portal.files.keys import Purpose
from portal.fulfilment.apply import Prepared
from portal.fulfilment.findings import lines_by_source
from portal.fulfilment.journal import read_steps, steps_as_json
from portal.fulfilment.plans import Change, Effect, FlagPlan, Proof, digest_of
from portal.fulfilment.promises import make_promises
from portal.fulfilment.restored import tombstones_of
from portal.fulfilment.steps import SourceSteps
from portal.sources.model import DataMap

ERASES = frozenset({Effect.DELETE, Effect.DEIDENTIFY, Effect.KEEP})


def note_begun(session: Session, case: Case, data_map: DataMap, prepared: Prepared) -> None:
    """Write down what is about to be done, before it is; what an earlier decision planned and never did goes.

    For an erasure the writes themselves are kept too, sealed, until they are done: once one source is erased the
    others no longer tell who the person was. A correction or a flag can be decided anew at any time.
    """
    session.execute(delete(Carried).where(Carried.case_id == case.id, Carried.done_at.is_(None)))
    for source, told in lines_by_source(data_map, prepared.lines).items():
        kept = sum(int(line["rows"]) for line in told if line["effect"] == "keep")
        steps = prepared.steps.get(source)
        session.add(
            Carried(
                case_id=case.id,
                source=source,
                changed=sum(int(line["rows"]) for line in told) - kept,
                kept=kept,
                digest=sha256(json.dumps(told, sort_keys=True).encode()).hexdigest(),
                proof=seal_json(session, case.id, Purpose.DECISION, told),
                steps=_sealed(session, case, steps)
                if steps and all(line.effect in ERASES for line in prepared.lines)
                else None,
                at=now(),
            )
        )
    make_promises(session, case, prepared.kept)
    drop_tombstones(session, case.id)
    set_tombstones(session, case.id, tombstones_of(Hasher(session), prepared))


def steps_begun(session: Session, case: Case) -> dict[str, SourceSteps]:
    """Return the writes that were begun for ``case`` and may not be done, by source."""
    open_still = Carried.case_id == case.id, Carried.done_at.is_(None), Carried.steps.is_not(None)
    found = session.execute(select(Carried.source, Carried.steps).where(*open_still))
    return {
        source: read_steps(open_json(session, case.id, Purpose.DECISION, steps)) for source, steps in found if steps
    }


def note_carried(session: Session, case: Case, proof: Proof) -> None:
    """Note that it was done, with the proof, and move ``case`` on; the writes themselves are not kept any longer."""
    for row in session.scalars(select(Carried).where(Carried.case_id == case.id)):
        changes: tuple[Change, ...] = proof.sources.get(row.source, ())
        if changes:
            row.changed, row.digest = sum(change.rows for change in changes), digest_of(changes)
        row.done_at, row.steps = now(), None
        event = SourceChanged(source=row.source, changed=row.changed, kept=row.kept, digest=row.digest)
        record(session, event, SYSTEM, case.id)
    move(session, case, Move.FULFIL, SYSTEM)


def mark_standing(session: Session, case: Case, plan: FlagPlan) -> None:
    """Note what stands from now on because of ``case``: for systems that ask, and against every purge."""
    found = findings_of(session, case)
    mark(session, case, plan.activities, {"accounts": found.get("accounts", ()), "emails": found.get("emails", ())})


def _sealed(session: Session, case: Case, steps: SourceSteps) -> bytes:
    return seal_json(session, case.id, Purpose.DECISION, steps_as_json(steps))
