"""What may be downloaded, by whom and how often. A download is counted when its code is typed, not when bytes flow."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.events import PackageOpened, PackageRenewed
from portal.audit.record import PERSON, record
from portal.cases.access import may_release
from portal.cases.lifecycle import Status
from portal.cases.models import Case, Package
from portal.clock import now, today
from portal.db import changed
from portal.errors import LinkExpired, MoveRefused, NotYours
from portal.jobs import outbox as jobs
from portal.words import N_

DOWNLOADS = 5
WINDOW = timedelta(minutes=60)


def is_there(package: Package | None, at: datetime) -> bool:
    """Whether ``package`` can still be downloaded at ``at``, its count apart."""
    return package is not None and package.destroyed_at is None and package.expires_at > at


def downloads_left(package: Package) -> int:
    """Return how many downloads ``package`` still allows."""
    return max(DOWNLOADS - package.downloads, 0)


def open_window(session: Session, case: Case, package: Package) -> datetime:
    """Count one download of ``package`` and return until when this browser may fetch it; the caller commits.

    Raises:
        LinkExpired: it is gone, or was downloaded five times.
        NotYours: the release guard is not met (any more).
    """
    moment = now()
    if not is_there(package, moment):
        raise LinkExpired(N_("This file is deleted. Ask for it again."))
    if may_release(session, case, moment):
        raise NotYours
    counted = update(Package).where(
        Package.id == package.id, Package.downloads < DOWNLOADS, Package.destroyed_at.is_(None)
    )
    if not changed(session, counted.values(downloads=Package.downloads + 1)):
        raise LinkExpired(N_("You downloaded this file five times. Ask for it again."))
    session.refresh(package)
    record(session, PackageOpened(package=package.id, nth=package.downloads), PERSON, case.id)
    return moment + WINDOW


def renew(session: Session, case: Case, package: Package) -> None:
    """Have the package made again, in one click, once the old one is gone or used up; the caller commits.

    Raises:
        MoveRefused: the old one still works, or the case is not carried out.
    """
    if case.status is not Status.CARRIED_OUT:
        raise MoveRefused(N_("This request is closed. You can make a new one."))
    if is_there(package, now()) and downloads_left(package):
        raise MoveRefused(N_("The file is still there. You can download it now."))
    once_a_day = f"renew:{package.id}:{today().isoformat()}"
    asked = jobs.queue(session, "case.fulfil", {"case": case.id}, case_id=case.id, dedup=once_a_day)
    if asked is not None:
        record(session, PackageRenewed(package=package.id), PERSON, case.id)
