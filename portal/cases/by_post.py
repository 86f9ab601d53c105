"""Letters on paper, for who has no mailbox: each mail to the person becomes one to print and to post.

What a mail only points at stands in such a letter itself. It waits for the post until staff note when and how it left;
the PDF is content of its case, and forgotten with it. The row stays: it is the proof that somebody was told.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    ScalarSelect,
    Select,
    String,
    and_,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.audit.delivery_events import PostLeft, PostPrinted
from portal.audit.record import Actor, record
from portal.cases.models import Case
from portal.clock import local, now, today
from portal.db import Base, UtcDateTime, changed, enum_column, new_id
from portal.errors import MoveRefused, NotYours
from portal.files.keys import Purpose, data_key
from portal.files.vault import Vault
from portal.jobs import outbox as jobs
from portal.words import N_

WRITE = "case.post"
"""The job that writes a letter down as PDF."""
ANSWER, READY, EXPIRED = "decision", "ready", "link-expired"
REPLACES = {READY: (READY, EXPIRED), EXPIRED: (READY,)}
"""Letters about a file that take the place of those that still wait: the file they speak of is another one now."""
MOST_SHOWN = 200
LONGEST_ADDRESS, MOST_LINES = 240, 4
NOT_WRITTEN = N_("This letter is still being written.")
LEFT_BEFORE = N_("It is noted already when this letter left.")
NOT_THEN = N_("A letter cannot leave before it was written, nor on a day to come.")
BY_HAND_ONLY = N_("Data leave by registered post, or at the counter after a look at the card.")


class Way(StrEnum):
    """How a letter left."""

    POST = "post"
    REGISTERED = "registered"
    COUNTER = "counter"

    @property
    def label(self) -> str:
        """What staff read."""
        return WAYS[self]


WAYS = {
    Way.POST: N_("by post"),
    Way.REGISTERED: N_("by registered post"),
    Way.COUNTER: N_("handed over at the counter"),
}


class PostLetter(Base):
    """One letter to a person without a mailbox. ``facts`` as those of a mail: references, dates and ids, no content."""

    __tablename__ = "post_letters"
    __table_args__ = (Index("ix_post_letters_waiting", "left_on", "queued_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    letter: Mapped[str] = mapped_column(String(48))
    language: Mapped[str] = mapped_column(String(2))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leaves_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # until then the answer in it can be taken back
    file: Mapped[str | None] = mapped_column(String(32))  # sealed with the key of the contact of its case
    size: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))  # of the PDF as it was written
    left_on: Mapped[date | None] = mapped_column(Date)
    way: Mapped[Way | None] = mapped_column(enum_column(Way))
    noted_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    noted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def is_by_post(contact: Mapping[str, str]) -> bool:
    """Whether who said ``contact`` of themselves has no mailbox, so that everything goes on paper."""
    return not contact.get("email")


def queue_post(
    session: Session, case: Case, letter: str, facts: Mapping[str, Any], leaves_at: datetime | None
) -> PostLetter:
    """Queue ``letter`` on paper to the person of ``case``, with the job that writes it; the caller commits."""
    for each in _waiting_of(session, case, REPLACES.get(letter, ())):
        if each.file:
            jobs.queue(session, "files.unlink", {"file": each.file})
        session.delete(each)
    row = PostLetter(
        id=new_id(),
        case_id=case.id,
        letter=letter,
        language=case.language,
        facts=dict(facts),
        queued_at=now(),
        leaves_at=leaves_at,
    )
    session.add(row)
    session.flush()
    jobs.queue(session, WRITE, {"post": row.id}, case_id=case.id, run_at=leaves_at)
    return row


def seal_post(session: Session, row: PostLetter, content: bytes) -> tuple[str, int, str]:
    """Put the PDF of ``row`` into the vault; return the name of the file, its size in bytes and its SHA-256."""
    stored = _vault(session).write(data_key(session, row.case_id, Purpose.CONTACT), row.id, [content])
    return stored.name, len(content), hashlib.sha256(content).hexdigest()


def read_post(session: Session, row: PostLetter) -> bytes:
    """Return the PDF as it was written.

    Raises:
        MoveRefused: it is not written yet. KeyDestroyed: the content of its case was forgotten.
    """
    if row.file is None:
        raise MoveRefused(NOT_WRITTEN)
    return b"".join(_vault(session).read(row.file, data_key(session, row.case_id, Purpose.CONTACT), row.id))


def note_printed(session: Session, row: PostLetter, by: Actor) -> None:
    """Record that ``by`` takes the PDF to print it; the caller commits before the bytes leave."""
    record(session, PostPrinted(post=row.id), by, row.case_id)


def note_left(session: Session, row: PostLetter, way: Way, on: date, by: Actor) -> None:
    """Note that the letter left ``on`` a day, and how; once. The caller commits.

    Raises:
        MoveRefused: it is not written yet, or it was noted before; it cannot have left then; or a file with data went
            by plain post.
    """
    if row.file is None:
        raise MoveRefused(NOT_WRITTEN)
    if not local(row.leaves_at or row.queued_at).date() <= on <= today():
        raise MoveRefused(NOT_THEN)
    if row.letter == READY and way is Way.POST:
        raise MoveRefused(BY_HAND_ONLY)
    once = update(PostLetter).where(PostLetter.id == row.id, PostLetter.left_on.is_(None))
    if not changed(session, once.values(left_on=on, way=way, noted_by=by.id, noted_at=now())):
        raise MoveRefused(LEFT_BEFORE)
    session.refresh(row)
    record(session, PostLeft(post=row.id, letter=row.letter, way=way.value, on=on.isoformat()), by, row.case_id)


def post_of(session: Session, case: Case) -> list[PostLetter]:
    """Return the letters of ``case`` that are there for the post, oldest first; not those to be taken back still."""
    mine = select(PostLetter).where(PostLetter.case_id == case.id, _is_out(now()))
    return list(session.scalars(mine.order_by(PostLetter.queued_at, PostLetter.id)))


def post_at(session: Session, case: Case, post_id: str) -> PostLetter:
    """Return one letter of ``case``.

    Raises:
        NotYours: there is no such letter in this case.
    """
    row = session.get(PostLetter, post_id)
    if row is None or row.case_id != case.id:
        raise NotYours
    return row


def waiting_posts(session: Session) -> list[tuple[PostLetter, Case]]:
    """Return the letters that wait for the post with their cases, oldest first; at most ``MOST_SHOWN``."""
    waits = select(PostLetter, Case).join(Case, Case.id == PostLetter.case_id).where(is_waiting())
    found = session.execute(waits.order_by(PostLetter.queued_at, PostLetter.id).limit(MOST_SHOWN))
    return [(row, case) for row, case in found]


def count_waiting() -> ScalarSelect[int]:
    """Return how many letters wait for the post, as a part of another query."""
    return select(func.count(PostLetter.id)).where(is_waiting()).scalar_subquery()


def cases_waiting(session: Session, case_ids: Sequence[str]) -> set[str]:
    """Return the ids of those cases of which a letter waits for the post, with one query."""
    waits = select(PostLetter.case_id).where(PostLetter.case_id.in_(case_ids), is_waiting())
    return set(session.scalars(waits))


def answers_waiting() -> Select[str]:
    """Return the ids of the cases whose answer waits for the post: who waits for it has none yet (Art. 12(3))."""
    return select(PostLetter.case_id).where(PostLetter.letter == ANSWER, is_waiting())


def is_waiting() -> ColumnElement[bool]:
    """Return the condition that a letter waits for the post: nobody noted that it left, it cannot be taken back, and
    its content was not forgotten since.
    """
    of = aliased(Case)
    forgotten = select(of.id).where(of.id == PostLetter.case_id, of.forgotten_at.is_not(None)).exists()
    return and_(PostLetter.left_on.is_(None), _is_out(now()), not_(forgotten))


def unwritten_post(session: Session, case: Case, letter: str) -> PostLetter | None:
    """Return the newest ``letter`` of ``case`` that is not written yet: until then it can be taken back."""
    mine = select(PostLetter).where(PostLetter.case_id == case.id, PostLetter.letter == letter)
    return session.scalars(mine.where(PostLetter.file.is_(None)).order_by(PostLetter.queued_at.desc()).limit(1)).first()


def forget_post(session: Session, case: Case) -> list[str]:
    """Let go of the letters of ``case``, whose key is gone; return the files to unlink after the commit."""
    there = select(PostLetter).where(PostLetter.case_id == case.id, PostLetter.file.is_not(None))
    rows = session.scalars(there).all()
    files = [str(row.file) for row in rows]
    for row in rows:
        row.file = None
    return files


def _is_out(at: datetime) -> ColumnElement[bool]:
    return or_(PostLetter.leaves_at.is_(None), PostLetter.leaves_at <= at)


def _waiting_of(session: Session, case: Case, letters: Sequence[str]) -> Sequence[PostLetter]:
    waits = select(PostLetter).where(PostLetter.case_id == case.id, PostLetter.left_on.is_(None))
    return session.scalars(waits.where(PostLetter.letter.in_(letters))).all() if letters else []


def _vault(session: Session) -> Vault:
    found: Vault = session.info["vault"]
    return found
