"""Looking a copy through before it is released: how far that is, and what may be done to the copy when by whom."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from portal.accounts.models import Staff
from portal.audit.record import Actor
from portal.cases.access import answers_of, decision_of, is_granted, right_of
from portal.cases.attachments import Sent
from portal.cases.grounds import GROUNDS, Ground
from portal.cases.lifecycle import Identity, Status
from portal.cases.models import Case
from portal.cases.redactions import HIDING_GROUNDS, count_hidden
from portal.cases.trial import NOT_READY, TrialCopy, about_others, look_is_owed, trial_of
from portal.config import settings_of
from portal.errors import MoveRefused, NotYours
from portal.review.findings import in_language
from portal.review.handling import is_own, must_be_anothers, must_have
from portal.review.shown_tasks import shown_tasks
from portal.rights.access import wants_copy
from portal.rights.base import Effect
from portal.words import N_

RELEASED = N_("This copy was released: what it hides stays as it is.")
AFTER = frozenset({Status.ANSWERED, Status.CARRIED_OUT})
KNOWN = frozenset({Identity.CONFIRMED, Identity.ACCOUNT})
"""No data is read for somebody of whom it is not settled who they are."""


@dataclass(frozen=True, slots=True)
class Look:
    """How far looking a copy through is, for the page of its case.

    Attributes:
        must: it holds texts about other people, so somebody must look.
        owed: somebody must look, or wanted to, and nobody has.
        copy: the newest trial copy.
        hidden: how many hidings stand.
        open: whether something may be hidden or undone now.
    """

    must: bool
    owed: bool
    copy: TrialCopy | None
    hidden: int
    open: bool


@dataclass(frozen=True, slots=True)
class ByHand:
    """One manual task as who looks the copy through reads it; ``waits``: nobody answered it yet."""

    title: str
    text: str = field(repr=False)
    files: tuple[Sent, ...]
    waits: bool


def look_of(session: Session, case: Case) -> Look | None:
    """Return how far looking through is; None where there is no copy to hand over."""
    right = right_of(case)
    if right.effect is not Effect.COLLECT or (right.slug == "access" and not wants_copy(answers_of(session, case))):
        return None
    must = settings_of(session).look_through and about_others(session, case)
    hidden = count_hidden(session, case)
    return Look(must, look_is_owed(session, case), trial_of(session, case), hidden, _is_open(session, case))


def by_hand_of(session: Session, case: Case, member: Staff, language: str) -> list[ByHand]:
    """Return what is looked up by hand for ``case`` and goes out with its copy, for ``member`` in ``language``."""
    return [
        ByHand(
            in_language(each.title, language),
            each.found.text if each.found else "",
            each.files,
            each.found is None,
        )
        for each in shown_tasks(session, case, member)
        if each.found is None or not each.found.dropped
    ]


def must_be_open(session: Session, case: Case, by: Actor) -> None:
    """Let only who has the case hide or undo, and only until the copy is released.

    Raises:
        MoveRefused: it is somebody else's, or the copy was released.
        NotYours: no copy was asked for.
    """
    must_have(session, case, by)
    if look_of(session, case) is None:
        raise NotYours
    if not _is_open(session, case):
        raise MoveRefused(RELEASED)


def may_see(session: Session, case: Case, by: Actor) -> bool:
    """Whether ``by`` sees the pages of the copy: who has the request, and who looks at the proposal as the second."""
    second = case.status is Status.SECOND and not is_own(session, case, session.get(Staff, by.id))
    return second or case.assigned_to == by.id


def must_see(session: Session, case: Case, by: Actor) -> None:
    """Show the pages of the copy to nobody else.

    Raises:
        MoveRefused: ``by`` neither has the request nor looks at its proposal; or it is their own.
    """
    if case.status is not Status.SECOND:
        must_have(session, case, by)
    must_be_anothers(session, case, by)


def ready_copy(session: Session, case: Case, copy_id: str | None = None) -> TrialCopy:
    """Return the trial copy of ``case`` that can be looked through.

    Raises:
        NotYours: none is ready.
        MoveRefused: it is not the one with the id ``copy_id`` any more.
    """
    found = trial_of(session, case)
    if found is None or not found.is_ready:
        raise NotYours
    if copy_id is not None and found.id != copy_id:
        raise MoveRefused(NOT_READY)
    return found


def grounds_for(case: Case) -> list[Ground]:
    """Return the grounds that a hiding in the copy of ``case`` may rest on."""
    return [GROUNDS[slug] for slug in right_of(case).grounds if slug in HIDING_GROUNDS]


def _is_open(session: Session, case: Case) -> bool:
    if case.status is Status.DECIDING:
        return case.identity in KNOWN
    newest = trial_of(session, case)
    waits = newest is not None and newest.cleared_at is None
    return case.status in AFTER and waits and is_granted(decision_of(session, case))
