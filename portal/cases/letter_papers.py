"""The decision letter as PDF: one for each decision whose letter left. Content of its case, and forgotten with it.

The row stays, as that of a signed request does, so that a copy can still be checked.
"""

import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.audit.delivery_events import LetterFetched
from portal.audit.record import Actor, record
from portal.cases.models import Case
from portal.cases.undo import is_told
from portal.clock import now
from portal.db import Base, UtcDateTime, new_id
from portal.errors import NotYours
from portal.files.keys import Purpose, data_key
from portal.files.vault import Vault


class LetterPaper(Base):
    """A decision letter as it was issued."""

    __tablename__ = "letter_papers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decisions.id"), unique=True)
    language: Mapped[str] = mapped_column(String(2))
    file: Mapped[str | None] = mapped_column(String(32))  # sealed with the key of the decisions of its case
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)  # of the PDF as it was issued
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def store_letter(session: Session, case: Case, decision_id: str, content: bytes) -> LetterPaper:
    """Put a PDF into the vault and return its row, not yet added.

    Args:
        session: any session.
        case: the case.
        decision_id: what the letter says.
        content: the PDF.
    """
    paper_id = new_id()
    stored = _vault(session).write(data_key(session, case.id, Purpose.DECISION), paper_id, [content])
    return LetterPaper(
        id=paper_id,
        case_id=case.id,
        decision_id=decision_id,
        language=case.language,
        file=stored.name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=now(),
    )


def letter_paper_of(session: Session, case: Case) -> LetterPaper | None:
    """Return the PDF of the answer in force; None before its letter left, until it is made, and once forgotten."""
    if not is_told(case, now()):
        return None
    there = select(LetterPaper).where(LetterPaper.decision_id == case.decision_id, LetterPaper.file.is_not(None))
    return session.scalars(there).one_or_none()


def the_letter_of(session: Session, case: Case) -> LetterPaper:
    """Return the same.

    Raises:
        NotYours: there is none.
    """
    found = letter_paper_of(session, case)
    if found is None:
        raise NotYours
    return found


def letters_of(session: Session, case: Case) -> list[LetterPaper]:
    """Return every letter of ``case`` that can be read, oldest first, also those that a later one took the place of."""
    there = select(LetterPaper).where(LetterPaper.case_id == case.id, LetterPaper.file.is_not(None))
    return list(session.scalars(there.order_by(LetterPaper.created_at)))


def forget_letters(session: Session, case: Case) -> list[str]:
    """Let go of the letters of ``case``, whose key is gone; return the files to unlink after the commit."""
    papers = letters_of(session, case)
    files = [str(paper.file) for paper in papers]
    for paper in papers:
        paper.file = None
    return files


def letter_name(case: Case) -> str:
    """Return the name under which a browser saves the letter; one word in every language."""
    return f"{case.reference}-letter.pdf"


def note_letter_fetched(session: Session, paper: LetterPaper, by: Actor) -> None:
    """Record that ``by`` downloads ``paper``; the caller commits before the bytes leave."""
    record(session, LetterFetched(paper=paper.id), by, paper.case_id)


def read_letter(session: Session, paper: LetterPaper) -> bytes:
    """Return the PDF as it was issued.

    Raises:
        KeyDestroyed: the content of its case was forgotten. BlobMissing: so was its file.
    """
    key = data_key(session, paper.case_id, Purpose.DECISION)
    return b"".join(_vault(session).read(paper.file or "", key, paper.id))


def letter_was_issued(session: Session, sha256: str) -> bool:
    """Whether a letter with this SHA-256 was issued, forgotten or not."""
    return session.scalar(select(LetterPaper.id).where(LetterPaper.sha256 == sha256).limit(1)) is not None


def _vault(session: Session) -> Vault:
    found: Vault = session.info["vault"]
    return found
