"""What keeps an outcome from being decided besides the release guard, and when somebody else must look. Reads only."""

from enum import StrEnum
from typing import TypeAlias

from sqlalchemy.orm import Session

from portal.cases.access import answers_of, contact_of, nobody_to_tell, right_of
from portal.cases.asked_by_hand import waits_for_hand
from portal.cases.lifecycle import OPEN, Outcome, Unmet
from portal.cases.mail_files import SORT_FIRST, is_unsorted
from portal.cases.models import Case
from portal.cases.representing import is_for_other
from portal.cases.siblings import siblings
from portal.cases.trial import look_is_owed
from portal.register import Register
from portal.review.findings import load_findings
from portal.rights.base import Effect
from portal.rights.scope import scope
from portal.words import N_


class NotYet(StrEnum):
    """Why the desk cannot decide this now."""

    SEARCH = "search"
    UNSEARCHED = "unsearched"
    NO_CHANGE = "no_change"
    PAUSE = "pause"
    LOOK = "look"
    SORT = "sort"
    HAND = "hand"

    @property
    def sentence(self) -> str:
        """What staff read."""
        return SENTENCES[self]


SENTENCES = {
    NotYet.SEARCH: N_("Not every source was searched, so nobody knows what granting would change: search again first."),
    NotYet.UNSEARCHED: N_("Not every source was searched: search again before you say that nothing was found."),
    NotYet.NO_CHANGE: N_(
        "Granting this would change nothing: ask the person what they mean, or choose another outcome."
    ),
    NotYet.PAUSE: N_("The person asked to pause this use until you decide (art. 18(1)(d)): decide that request first."),
    NotYet.LOOK: N_("Look the copy through first, and release it: it may show something about somebody else."),
    NotYet.SORT: SORT_FIRST,
    NotYet.HAND: N_("A task that you asked waits: have it answered, or drop it with a reason."),
}

Obstacle: TypeAlias = Unmet | NotYet


def not_yet(session: Session, case: Case, outcome: Outcome, *, partly: bool = False) -> tuple[NotYet, ...]:
    """Return what the search keeps from being decided: nothing is said or changed on half a search, or for nothing."""
    if is_unsorted(session, case):
        return (NotYet.SORT,)
    if outcome is not Outcome.GRANT and waits_for_hand(session, case):
        return (NotYet.HAND,)
    findings, right = load_findings(session, case), right_of(case)
    if (partly or outcome is Outcome.REFUSE) and pause_asked(session, case) is not None:
        return (NotYet.PAUSE,)
    if outcome is Outcome.NO_DATA and not findings.is_whole:
        return (NotYet.UNSEARCHED,)
    if outcome is not Outcome.GRANT:
        return ()
    if right.effect is Effect.COLLECT:
        return (NotYet.LOOK,) if look_is_owed(session, case) else ()
    if not findings.is_whole:
        return (NotYet.SEARCH,)
    if right.effect is Effect.RECTIFY or not case.found:
        return ()
    register: Register = session.info["register"]
    unsure = scope(right, answers_of(session, case), register.activities).unsure
    return (NotYet.NO_CHANGE,) if unsure or not findings.changes_something else ()


def pause_asked(session: Session, case: Case) -> Case | None:
    """Return the request, sent together with this objection, to pause the use meanwhile that is not decided yet."""
    if right_of(case).effect is not Effect.OBJECT:
        return None
    pauses = (each for each in siblings(session, case) if right_of(each).effect is Effect.RESTRICT)
    return next((each for each in pauses if each.status in OPEN), None)


def needs_second(session: Session, case: Case, outcome: Outcome, *, partly: bool = False) -> bool:
    """Whether somebody else must confirm: every refusal, also in part; a grant that cannot be undone; a grant to who
    asks for somebody else (product.md, mail intake); and one to an address that is not on file, of which nobody on
    file can be told (product.md, decision).
    """
    if outcome is not Outcome.GRANT:
        return outcome is Outcome.REFUSE
    serious = partly or right_of(case).four_eyes_on_grant
    return serious or is_for_other(contact_of(session, case)) or untold(session, case)


def untold(session: Session, case: Case) -> bool:
    """Whether somebody was found, asked from elsewhere, and nobody on file can be told of it."""
    return case.found and not case.on_file and nobody_to_tell(session, case)
