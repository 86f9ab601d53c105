"""What a person can add to a running request, signed anew: what stands there stays."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.events import CaseAmended
from portal.audit.record import PERSON, record
from portal.cases.letters import queue_staff_letter
from portal.cases.lifecycle import OPEN
from portal.cases.models import Amendment, Case, Channel
from portal.cases.papers import Added, amend, amendments_of, queue_paper
from portal.clock import now
from portal.db import changed, new_id
from portal.errors import MoveRefused
from portal.files.keys import Purpose, seal
from portal.words import N_

MOST_AMENDMENTS = 20
ENOUGH = N_("You added to this request twenty times. Send us a message instead.")


def add_to(session: Session, case: Case, text: str, name: str) -> Added:
    """Append ``text``, signed with the typed ``name``, to the request: what stands there stays. The caller commits.

    Whoever was deciding on the request as it was is told that it changed, and looks again.

    Raises:
        MoveRefused: the request is no longer open, or was added to twenty times.
    """
    still = update(Case).where(Case.id == case.id, Case.status.in_(OPEN))
    if not changed(session, still.values(version=Case.version + 1, sleeps_until=None)):
        raise MoveRefused
    session.refresh(case)
    earlier = amendments_of(session, case)
    if len(earlier) >= MOST_AMENDMENTS:
        raise MoveRefused(ENOUGH)
    moment = now()
    added = amend(earlier[-1].sha256 if earlier else case.signed_hash, len(earlier) + 1, text, name, moment)
    session.add(
        Amendment(
            id=new_id(),
            case_id=case.id,
            number=added.number,
            text=seal(session, case.id, Purpose.ANSWERS, added.canonical.encode()),
            hash=added.sha256,
            created_at=moment,
        )
    )
    session.flush()
    record(session, CaseAmended(number=added.number, digest=added.sha256), PERSON, case.id)
    if case.channel is Channel.PORTAL:  # a request that nobody signed has no signed paper
        queue_paper(session, case.id, added.number + 1)
    queue_staff_letter(session, case, "staff-reply")
    return added
