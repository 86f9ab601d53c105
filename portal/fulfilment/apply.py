"""Changes the sources: first counted (``preview``), then done (``apply``), one transaction per source.

Doing it twice changes nothing more. Sources that others lead to come last, so that after a crash the person can still
be found and what is left is done then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal import clock
from portal.clock import local
from portal.fulfilment.erase import Erasing
from portal.fulfilment.flags import decide_flags, decide_lift
from portal.fulfilment.known import Known, Named
from portal.fulfilment.locate import Subject
from portal.fulfilment.order import write_order
from portal.fulfilment.plans import (
    Change,
    Effect,
    ErasePlan,
    FlagPlan,
    Grave,
    Kept,
    LiftPlan,
    Line,
    Plan,
    Preview,
    Proof,
    ValueChanged,
)
from portal.fulfilment.rectify import WHY_OTHER, Rectifiable, decide_corrections, rectifiable
from portal.fulfilment.steps import SourceSteps, run
from portal.sources.engines import Reader, Sources

__all__ = ["Prepared", "Rectifiable", "apply", "carry_out", "prepare", "preview", "rectifiable"]


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
    return carry_out(sources, prepare(sources, subject, plan, now).steps)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is about to be done: counted, and as the writes themselves. Nothing is written yet.

    Args:
        lines: what it means, counted.
        steps: the writes by source, in the order in which the sources are changed.
        kept: rows that stay for now and are to be erased later.
        graves: the rows an erasure deletes or changes.
        known: what an erasure knows of the person.
    """

    lines: tuple[Line, ...]
    steps: Mapping[str, SourceSteps]
    kept: tuple[Kept, ...] = ()
    graves: tuple[Grave, ...] = field(default=(), repr=False)
    known: Known = field(default_factory=Known, repr=False)


def prepare(sources: Sources, subject: Subject, plan: Plan, now: datetime) -> Prepared:
    """Decide what ``plan`` writes for ``subject``; reads only.

    Raises:
        SourceDown: a source does not answer.
        InputRejected: a correction cannot be made.
        ValueChanged: a value to correct is not what the request says.
    """
    with sources.reading() as reader:
        if isinstance(plan, ErasePlan):
            return _prepared(reader, Erasing(reader, subject, plan, local(now).date()))
        lines, steps = _decide(reader, subject, plan, now)
        if any(line.effect is Effect.CHANGE and line.why == WHY_OTHER for line in lines):
            raise ValueChanged
        return Prepared(tuple(lines), _in_order(reader, steps))


def prepare_named(sources: Sources, plan: ErasePlan, named: Named, now: datetime) -> Prepared:
    """Decide what erasing the rows of ``named`` writes; reads only, and looks for nobody.

    Args:
        sources: the opened sources.
        plan: what an order or a restriction keeps; its activities do not count.
        named: the rows; those that are gone are left out.
        now: the moment.

    Raises:
        SourceDown: a source does not answer.
    """
    with sources.reading() as reader:
        return _prepared(reader, Erasing(reader, Subject(()), plan, local(now).date(), named))


def carry_out(
    sources: Sources, steps: Mapping[str, SourceSteps], done: Callable[[str, tuple[Change, ...]], None] | None = None
) -> Proof:
    """Write ``steps``, one transaction per source, and return the proof.

    Writing the same deletes and updates again changes nothing more, so what a crash cut off can be written again.

    Args:
        sources: the opened sources.
        steps: by source, as ``prepare`` gave them.
        done: told of each source once its transaction is kept.

    Raises:
        SourceDown: a source does not answer; sources already changed stay so.
        SourceRefused: the rules of a source forbid a change; sources already changed stay so.
        ValueChanged: a value to be corrected was changed meanwhile.
    """
    proof: dict[str, tuple[Change, ...]] = {}
    for key, todo in steps.items():
        proof[key] = run(sources[key], todo)
        if done is not None:
            done(key, proof[key])
    return Proof(proof)


def in_order(sources: Sources, steps: Mapping[str, SourceSteps]) -> dict[str, SourceSteps]:
    """Return ``steps`` in the order in which the sources are changed.

    Raises:
        SourceDown: a database that several sources stand in does not answer.
    """
    with sources.reading() as reader:
        return _in_order(reader, steps)


def _prepared(reader: Reader, erasing: Erasing) -> Prepared:
    lines, steps = erasing.decide()
    return Prepared(tuple(lines), _in_order(reader, steps), erasing.kept(), tuple(erasing.graves()), erasing.known)


def _in_order(reader: Reader, steps: Mapping[str, SourceSteps]) -> dict[str, SourceSteps]:
    return {key: steps[key] for key in write_order(reader) if key in steps}


def _decide(reader: Reader, subject: Subject, plan: Plan, now: datetime) -> tuple[list[Line], dict[str, SourceSteps]]:
    match plan:
        case ErasePlan():
            return Erasing(reader, subject, plan, local(now).date()).decide()
        case FlagPlan():
            return decide_flags(reader, subject, plan, now)
        case LiftPlan():
            return decide_lift(reader, subject, plan, now)
        case _:
            return decide_corrections(reader, subject, plan, now)
