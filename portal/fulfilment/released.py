"""The release guard as the worker meets it: before a source is touched, and once more before a copy is handed over."""

from datetime import timedelta

from sqlalchemy.orm import Session

from portal.cases.access import may_release
from portal.cases.letters import hold_ends_at
from portal.cases.lifecycle import Status, Unmet
from portal.cases.models import Case
from portal.cases.undo import is_held
from portal.clock import now
from portal.jobs.worker import NeverAgain, TryLater

LOOK_AGAIN = timedelta(minutes=10)


class NotReleased(NeverAgain):
    """The release guard is not met: nothing was read, written or handed over."""


def must_be_released(session: Session, case: Case, decided: str | None = None) -> None:
    """Let nothing be carried out that may not be released now.

    Args:
        session: any session.
        case: the case, as it is now.
        decided: id of the decision that was carried out; another one may have taken its place meanwhile.

    Raises:
        TryLater: the 72 hours are not over, a legal hold was set since, the answer can still be taken back, or another
            decision was taken meanwhile.
        NotReleased: anything else of the guard is not met.
    """
    missing = may_release(session, case, now())
    if missing and set(missing) <= {Unmet.HOLD, Unmet.LEGAL_HOLD}:
        ends = hold_ends_at(session, case) if missing == (Unmet.HOLD,) else None
        raise TryLater(ends or now() + LOOK_AGAIN)
    if missing or case.status not in {Status.ANSWERED, Status.CARRIED_OUT}:
        raise NotReleased
    if case.undo_until is not None and is_held(case, now()):  # what waited for something else may be woken before
        raise TryLater(case.undo_until)
    if decided is not None and case.decision_id != decided:
        raise TryLater(now())
