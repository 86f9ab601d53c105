"""What the desk does for who has no mailbox: letters to post, a file to hand over, and what the person says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.delivery_events import PackageCarried
from portal.audit.desk_events import SaidWrittenDown
from portal.audit.events import PackageRenewed
from portal.audit.record import Actor, AuditEntry, record
from portal.cases.access import contact_of, may_release, package_of
from portal.cases.attachments import Sealed
from portal.cases.by_post import READY, PostLetter, Way, is_by_post, note_left, post_of
from portal.cases.disagreements import open_of
from portal.cases.fees import accept_fee
from portal.cases.lifecycle import Status
from portal.cases.models import Case, Channel, Package
from portal.cases.moves import OVER
from portal.cases.package_parts import PackagePart, part_of, parts_of
from portal.cases.retention import forget_package
from portal.cases.said import disagree, relent, reply_to, withdraw
from portal.clock import now, today
from portal.errors import MoveRefused
from portal.jobs import outbox as jobs
from portal.review.letter_titles import LETTERS
from portal.review.queue import names_of_staff
from portal.words import N_

TITLES = {**LETTERS, READY: N_("Letter that goes with the data")}
HAS_A_PAGE = N_("This person has a mailbox, and a page of their own.")
NO_FILE = N_("There is no file to take along, or it is handed over.")
TAKE_IT_ALONG = N_("Take the file along first: this letter goes with it.")
TAKE_ALL = N_("Take every part of the file along first: what stays here is deleted.")
STILL_THERE = N_("The file is still there.")
NOTHING_MORE = N_("This request is over: write down a new one.")

SAYS = {
    "answer": N_("An answer, or something new"),
    "fee": N_("Accepts the fee"),
    "withdraw": N_("Takes the request back"),
    "disagree": N_("Does not agree with our answer"),
}
"""What a person can say of their request."""
HEARD = (Channel.PHONE, Channel.POST, Channel.COUNTER)


@dataclass(frozen=True, slots=True)
class Posted:
    """One letter as the desk reads it."""

    row: PostLetter
    title: str
    noted_by: str

    @property
    def with_data(self) -> bool:
        """Whether the file with the person's data goes with it."""
        return self.row.letter == READY


@dataclass(frozen=True, slots=True)
class OnPaper:
    """What there is to do for a person without a mailbox.

    Attributes:
        address: as on an envelope, without the name.
        letters: the letters, oldest first.
        waiting: how many of them nobody posted yet.
        parts: of the file that is to be handed over; empty where there is none, or it was handed over.
        taken: whether somebody took that file along.
        again: whether it can be made again.
    """

    address: tuple[str, ...]
    letters: tuple[Posted, ...]
    waiting: int
    parts: tuple[PackagePart, ...]
    taken: bool
    again: bool


def on_paper(session: Session, case: Case) -> OnPaper | None:
    """Return what there is to do on paper for ``case``; None for who has a mailbox."""
    contact = contact_of(session, case)
    if not is_by_post(contact):
        return None
    names, package, rows = names_of_staff(session), package_of(session, case), post_of(session, case)
    letters = tuple(
        Posted(row, _(TITLES.get(row.letter, row.letter)), names.get(row.noted_by or "", "")) for row in rows
    )
    owed = _is_there(package) and _waits(rows)
    return OnPaper(
        address=tuple(contact.get("address", "").split("\n")),
        letters=letters,
        waiting=sum(each.row.left_on is None for each in letters),
        parts=tuple(parts_of(package)) if package is not None and owed else (),
        taken=package is not None and package.downloads > 0,
        again=_may_be_made_again(case, package),
    )


def take_along(session: Session, case: Case, number: int, by: Actor) -> tuple[Package, PackagePart]:
    """Let ``by`` take one part of the file to hand it over; the caller commits before the bytes leave.

    Raises:
        MoveRefused: the person has a mailbox, no file waits to be handed over, or the release guard is not met.
        NotYours: there is no such part.
    """
    _must_be_on_paper(session, case)
    package = package_of(session, case)
    if package is None or not _is_there(package) or not _waits(post_of(session, case)):
        raise MoveRefused(NO_FILE)
    if missing := may_release(session, case, now()):
        raise MoveRefused(missing[0].sentence)
    part = part_of(package, str(number))
    session.execute(update(Package).where(Package.id == package.id, Package.downloads == 0).values(downloads=1))
    session.refresh(package)
    record(session, PackageCarried(package=package.id, part=part.number), by, case.id)
    return package, part


def send_off(session: Session, case: Case, row: PostLetter, way: Way, on: date, by: Actor) -> None:
    """Note that a letter left. With the file, once it is handed over, the portal keeps none: it is destroyed.

    Raises:
        MoveRefused: see ``note_left``; or the file that goes with it was not taken along, or may not leave (any more).
    """
    if row.letter == READY:
        _hand_over(session, case)
    note_left(session, row, way, on, by)


def _hand_over(session: Session, case: Case) -> None:
    package = package_of(session, case)
    if package is None or package.downloads == 0:
        raise MoveRefused(TAKE_IT_ALONG)
    if not _is_there(package):
        return  # its days ended between the hand-over and the note of it
    if len(_carried(session, package)) < len(parts_of(package)):
        raise MoveRefused(TAKE_ALL)
    if missing := may_release(session, case, now()):
        raise MoveRefused(missing[0].sentence)
    for name in forget_package(session, package, now()):
        jobs.queue(session, "files.unlink", {"file": name})


def _carried(session: Session, package: Package) -> set[int]:
    """Return the numbers of the parts that somebody took along."""
    taken = AuditEntry.case_id == package.case_id, AuditEntry.kind == PackageCarried.kind
    facts = session.scalars(select(AuditEntry.facts).where(*taken))
    return {int(str(each["part"])) for each in facts if each["package"] == package.id}


def make_again(session: Session, case: Case, by: Actor) -> None:
    """Have the file made again for who lost it, or never got it; the caller commits.

    Raises:
        MoveRefused: the person has a mailbox, the file is there, or the case is not carried out.
    """
    _must_be_on_paper(session, case)
    package = package_of(session, case)
    if package is None or not _may_be_made_again(case, package):
        raise MoveRefused(STILL_THERE)
    once_a_day = f"renew:{package.id}:{today().isoformat()}"
    if jobs.queue(session, "case.fulfil", {"case": case.id}, case_id=case.id, dedup=once_a_day) is not None:
        record(session, PackageRenewed(package=package.id), by, case.id)


def keep_said(
    session: Session, case: Case, what: str, text: str, how: Channel, files: Sequence[Sealed], by: Actor
) -> list[str]:
    """Keep what the person said as their own words; return the files to unlink after the caller's commit.

    Who takes back a request while they disagree with our answer takes back that.

    Args:
        session: a write session.
        case: of somebody without a mailbox.
        what: key of ``SAYS``.
        text: the words.
        how: by telephone, by letter or at the counter.
        files: what came with it.
        by: who writes it down.

    Raises:
        MoveRefused: the person has a page, the request is over, or what they say cannot be done now.
    """
    _must_be_on_paper(session, case)
    if case.status in OVER or case.forgotten_at is not None:
        raise MoveRefused(NOTHING_MORE)
    record(session, SaidWrittenDown(how=how.value, what=what), by, case.id)
    if what == "disagree":
        disagree(session, case, text, files)
        return []
    if what == "fee":
        accept_fee(session, case)
    reply_to(session, case, text, files)
    if what == "withdraw" and open_of(session, case) is not None:
        relent(session, case)  # as on the page: our answer stands
        return []
    return withdraw(session, case) if what == "withdraw" else []


def _must_be_on_paper(session: Session, case: Case) -> None:
    if not is_by_post(contact_of(session, case)):
        raise MoveRefused(HAS_A_PAGE)


def _is_there(package: Package | None) -> bool:
    return package is not None and package.destroyed_at is None and package.expires_at > now()


def _waits(rows: Sequence[PostLetter]) -> bool:
    return any(row.letter == READY and row.left_on is None for row in rows)


def _may_be_made_again(case: Case, package: Package | None) -> bool:
    return case.status is Status.CARRIED_OUT and package is not None and not _is_there(package)
