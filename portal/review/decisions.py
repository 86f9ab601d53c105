"""Deciding: a draft becomes a letter that is looked at, then a version of a decision; a second person confirms it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import force_locale
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.audit.events import DecisionWritten
from portal.audit.record import Actor, record
from portal.cases.access import decision_content, decision_of, may_release, right_of, seal_json
from portal.cases.complete import gaps
from portal.cases.letters import DecisionLetter, compose
from portal.cases.lifecycle import Move, Outcome, Status, Unmet
from portal.cases.models import Case, Decision
from portal.cases.moves import move
from portal.clock import now, today
from portal.db import changed, new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose, keyed_hash
from portal.review.corrections import Correction
from portal.review.findings import Findings, Line, in_language, why_in_language
from portal.review.handling import must_be_anothers, write_note
from portal.review.obstacles import Obstacle, needs_second, not_yet
from portal.review.parts import is_left_out
from portal.rights.base import Answers, Effect
from portal.rights.port import other_controller
from portal.ui.filters import datelong
from portal.words import N_

CHANGED = N_("This request changed while you were writing. Look at it again; what you wrote is kept.")
ANOTHER = N_("You decided this yourself. Somebody else must look at it.")
NOT_SENT_BY_YOU = N_("Only who sent this letter can take it back.")

Content = dict[str, object]


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision as it is written, before anybody saw its letter.

    Attributes:
        outcome: what is decided.
        ground: slug of ``cases.grounds``, for a refusal in full or in part.
        reason: for the person, in their language.
        facts: what the ground rests on.
        corrections: for rectification.
        partly: granted, but not everything that was asked: that is a refusal in part.
        more: what ``review.parts`` read: parts left out, evidence, a balance, other controllers.
        version: of the case as the reviewer saw it.
    """

    outcome: Outcome
    ground: str | None
    reason: str = field(repr=False)
    facts: str = field(repr=False)
    corrections: tuple[Correction, ...]
    version: int
    partly: bool = False
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)


def content_of(case: Case, draft: Draft, findings: Findings, answers: Answers) -> Content:
    """Return what the decision keeps: words, and what happens to which rows, in the person's language."""
    granted = draft.outcome is Outcome.GRANT
    with force_locale(case.language):
        preview = [line for line in findings.preview if not is_left_out(line, draft.more)]
        lines = [_line(line, case.language) for line in preview] if granted and "granted" not in draft.more else []
    corrections = draft.corrections if granted else ()
    changes = [line for line in lines if line["effect"] not in {"keep", "left_out"}]
    if right_of(case).effect is Effect.RECTIFY:
        changes = [_corrected(each, case.language) for each in corrections]
    return {
        "reason": draft.reason,
        "facts": draft.facts,
        "kept": [line for line in lines if line["effect"] in {"keep", "left_out"}],
        "changes": changes,
        "corrections": [each.kept for each in corrections],
        "partly": draft.partly,
        "to_other": granted and other_controller(answers) is not None,
        **draft.more,
    }


def letter_of(session: Session, case: Case, draft: Draft, content: Mapping[str, object], by: Actor) -> DecisionLetter:
    """Return the letter ``draft`` would send today."""
    return compose(case, _decision(session, case, draft, 0, b"", by), content, today())


def shown_mark(session: Session, case: Case, draft: Draft, content: Content, by: Actor) -> str:
    """Return the mark that the letter's page carries: only what was shown, to this member of staff, can be sent."""
    said = [case.id, draft.version, by.id, draft.outcome.value, draft.ground, content]
    return keyed_hash(session, "letter-shown", json.dumps(said, sort_keys=True, ensure_ascii=False))


def obstacles(
    session: Session, case: Case, outcome: Outcome, by: Actor, *, partly: bool = False
) -> tuple[Obstacle, ...]:
    """Return what keeps this outcome from being sent by ``by`` now, besides the second person.

    A refusal, also in part, waits for nothing but the pause that was asked meanwhile (18(1)(d)).
    """
    waiting = not_yet(session, case, outcome, partly=partly)
    if outcome is not Outcome.GRANT:
        return waiting
    draft = Draft(outcome, None, "", "", (), case.version)
    missing = may_release(session, case, now(), deciding=_decision(session, case, draft, 0, b"", by))
    return (*(each for each in missing if each is not Unmet.SECOND), *waiting)


def send(session: Session, case: Case, draft: Draft, content: Content, by: Actor) -> Decision:
    """Write the next version of the decision, then answer the person, or propose it to a second one.

    Raises:
        MoveRefused: the case changed since the reviewer looked, a condition for release is not met, or the letter lacks
            what a refusal must say.
    """
    if case.version != draft.version or case.status is not Status.DECIDING:
        raise MoveRefused(CHANGED)
    if missing := obstacles(session, case, draft.outcome, by, partly=draft.partly):
        raise MoveRefused(missing[0].sentence)
    if lacking := gaps(letter_of(session, case, draft, content, by), case.residence):
        raise MoveRefused(lacking[0].sentence)
    last = session.scalar(select(func.coalesce(func.max(Decision.version), 0)).where(Decision.case_id == case.id))
    sealed = seal_json(session, case.id, Purpose.DECISION, content)
    decision = _decision(session, case, draft, int(last or 0) + 1, sealed, by)
    seen = update(Case).where(Case.id == case.id, Case.version == draft.version)
    if not changed(session, seen.values(decision_id=decision.id)):
        raise MoveRefused(CHANGED)
    session.add(decision)
    session.flush()
    session.refresh(case)
    written = DecisionWritten(version=decision.version, outcome=draft.outcome.value, ground=draft.ground or "")
    record(session, written, by, case.id)
    move(session, case, Move.PROPOSE if decision.needs_second else Move.ANSWER, by)
    return decision


def confirm(session: Session, case: Case, decision_id: str, by: Actor) -> None:
    """Confirm exactly this version of the decision; the letter goes out.

    Raises:
        MoveRefused: a later version stands there, ``by`` decided it or asked it, or a condition for release is not met.
    """
    proposed = _proposed(session, case, decision_id, by)
    letter = compose(case, proposed, decision_content(session, proposed), today())
    if lacking := gaps(letter, case.residence):
        raise MoveRefused(lacking[0].sentence)
    once = update(Decision).where(
        Decision.id == proposed.id, Decision.confirmed_by.is_(None), Decision.decided_by != by.id
    )
    if not changed(session, once.values(confirmed_by=by.id, confirmed_at=now())):
        raise MoveRefused
    session.refresh(proposed)
    move(session, case, Move.CONFIRM, by)


def take_back(session: Session, case: Case, by: Actor) -> None:
    """Take back the letter that ``by`` just sent: the case stands where it stood, with the decision as it was written.

    Raises:
        MoveRefused: somebody else sent it, its half minute is over, or it has left.
    """
    decision = decision_of(session, case)
    if decision is None or by.id != (decision.confirmed_by or decision.decided_by):
        raise MoveRefused(NOT_SENT_BY_YOU)
    move(session, case, Move.TAKE_BACK, by)


def send_back(session: Session, case: Case, decision_id: str, why: str, by: Actor) -> None:
    """Give the decision back to who wrote it, with a note that says why.

    Raises:
        MoveRefused: a later version stands there, or ``by`` decided it.
    """
    _proposed(session, case, decision_id, by)
    write_note(session, case, why, by)
    move(session, case, Move.SEND_BACK, by)


def _proposed(session: Session, case: Case, decision_id: str, by: Actor) -> Decision:
    must_be_anothers(session, case, by)
    decision = decision_of(session, case)
    if case.status is not Status.SECOND or decision is None or decision.id != decision_id:
        raise MoveRefused
    if decision.decided_by == by.id:
        raise MoveRefused(ANOTHER)
    return decision


def _decision(session: Session, case: Case, draft: Draft, version: int, sealed: bytes, by: Actor) -> Decision:
    return Decision(
        id=new_id(),
        case_id=case.id,
        version=version,
        outcome=draft.outcome,
        ground=draft.ground,
        needs_second=needs_second(session, case, draft.outcome, partly=draft.partly),
        content=sealed,
        decided_by=by.id,
        decided_at=now(),
    )


def _line(line: Line, language: str) -> dict[str, str]:
    return {
        "title": in_language(line.title, language),
        "rows": str(line.rows),
        "effect": line.effect,
        "why": why_in_language(line.why, language),
        "until": datelong(line.until) if line.until else "",
    }


def _corrected(each: Correction, language: str) -> dict[str, str]:
    statement = each.what.is_statement
    return {
        "title": in_language(each.what.title, language),
        "rows": "1",
        "effect": "supplement" if statement else "change",
        "old": "" if statement else each.what.value,
        "new": each.new,
    }
