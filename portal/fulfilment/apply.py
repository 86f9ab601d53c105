"""Changes the sources: first counted (``preview``), then done (``apply``), one transaction per source.

Doing it twice changes nothing more. Sources that others lead to come last, so that after a crash the person can still
be found and what is left is done then.
"""

from datetime import datetime

from portal import clock
from portal.clock import local
from portal.fulfilment.erase import Erasing
from portal.fulfilment.flags import decide_flags
from portal.fulfilment.locate import Subject
from portal.fulfilment.plans import Effect, ErasePlan, FlagPlan, Line, Plan, Preview, Proof, ValueChanged
from portal.fulfilment.rectify import WHY_OTHER, Rectifiable, decide_corrections, rectifiable
from portal.fulfilment.steps import SourceSteps, run
from portal.sources.engines import Reader, Sources
from portal.sources.model import DataMap

__all__ = ["Rectifiable", "apply", "preview", "rectifiable"]


def preview(sources: Sources, subject: Subject, plan: Plan, now: datetime | None = None) -> Preview:
    """Return what ``apply`` would do at ``now`` (this moment when not given), counted; reads only.

    Raises:
        SourceDown: a source does not answer.
        InputRejected: a correction cannot be made.
    """
    with sources.reading() as reader:
        lines, _ = _decide(reader, subject, plan, now or clock.now())
    return Preview(tuple(lines))


def apply(sources: Sources, subject: Subject, plan: Plan, now: datetime) -> Proof:
    """Carry ``plan`` out for ``subject`` and return the proof.

    Args:
        sources: the opened sources.
        subject: whose data; make sure that identity is settled before this is called.
        plan: what to do.
        now: the moment written at the sources, aware.

    Raises:
        SourceDown: a source does not answer; sources already changed stay so, and running it again does the rest.
        InputRejected: a correction cannot be made; nothing was changed.
        ValueChanged: a value to correct is not what the request says; nothing was changed.
    """
    with sources.reading() as reader:
        lines, steps = _decide(reader, subject, plan, now)
    if any(line.effect is Effect.CHANGE and line.why == WHY_OTHER for line in lines):
        raise ValueChanged
    done = {key: run(sources[key], steps[key]) for key in last_first(sources.data_map) if key in steps}
    return Proof(done)


def last_first(data_map: DataMap) -> list[str]:
    """Return the keys of the sources so that a source comes before the ones that lead to it."""
    leads: dict[str, set[str]] = {key: set() for key in data_map.sources}
    for edge in data_map.edges:
        origin, target = edge.origin.collection.split(".")[0], edge.target.collection.split(".")[0]
        if origin != target:
            leads[origin].add(target)
    order: list[str] = []
    waiting = list(leads)
    while waiting:
        free = [key for key in waiting if not leads[key] & set(waiting) - {key}]
        order += free or waiting[:1]
        waiting = [key for key in waiting if key not in order]
    return order


def _decide(reader: Reader, subject: Subject, plan: Plan, now: datetime) -> tuple[list[Line], dict[str, SourceSteps]]:
    match plan:
        case ErasePlan():
            return Erasing(reader, subject, plan, local(now).date()).decide()
        case FlagPlan():
            return decide_flags(reader, subject, plan, now)
        case _:
            return decide_corrections(reader, subject, plan, now)
