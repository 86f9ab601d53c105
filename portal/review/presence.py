"""Who has a request open just now, and who is deciding on it. A row counts for under a minute, then it is swept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.accounts.models import Staff
from portal.db import Database
from portal.review.models import Presence

COUNTS_FOR = timedelta(seconds=45)
"""Three times the 15 seconds after which a page asks again; who closed it is gone by then."""

AGAIN_AFTER = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Beside:
    """A colleague who has the request open as well."""

    name: str
    deciding: bool

    @property
    def sentence(self) -> str:
        """What is shown, in the reader's language."""
        said = _("%(name)s is deciding", name=self.name) if self.deciding else _("%(name)s is viewing", name=self.name)
        return str(said)


def be_seen(database: Database, case_id: str, staff_id: str, deciding: bool, at: datetime) -> None:
    """Say that this member of staff has the case open, in a short transaction of its own; old rows go with it."""
    with database.reader() as looking:
        known = looking.get(Presence, (case_id, staff_id))
    if known is not None and known.deciding == deciding and known.seen_at > at - AGAIN_AFTER:
        return
    with database.writing() as session:
        session.execute(delete(Presence).where(Presence.seen_at < at - COUNTS_FOR))
        session.merge(Presence(case_id=case_id, staff_id=staff_id, deciding=deciding, seen_at=at))


def beside(session: Session, case_ids: Sequence[str], member: Staff, at: datetime) -> Mapping[str, list[Beside]]:
    """Return which colleagues have each of the cases open, with one query; cases that nobody has open are left out."""
    here = (
        select(Presence.case_id, Staff.name, Presence.deciding)
        .join(Staff, Staff.id == Presence.staff_id)
        .where(Presence.case_id.in_(case_ids), Presence.staff_id != member.id, Presence.seen_at > at - COUNTS_FOR)
        .order_by(Presence.deciding.desc(), Staff.name)
    )
    found: dict[str, list[Beside]] = {}
    for case_id, name, deciding in session.execute(here):
        found.setdefault(case_id, []).append(Beside(name, deciding))
    return found
