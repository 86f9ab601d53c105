"""A request after it was signed: its amendments, its PDFs, and whether a copy is what it says. Edits nothing."""

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.events import PaperFetched
from portal.audit.record import Actor, record
from portal.cases.access import open_json
from portal.cases.models import Amendment, Case, Paper
from portal.clock import local
from portal.db import new_id
from portal.errors import NotYours, PortalError
from portal.files.keys import Purpose, data_key, open_sealed
from portal.files.vault import Vault
from portal.jobs import outbox as jobs

MAKE = "case.paper"
FORMAT = 1
CANONICAL = "canonical.json"
"""Name of the attachment that holds the request; amendment n is in ``amendment-n.json``."""


@dataclass(frozen=True, slots=True)
class Added:
    """An amendment, opened. ``canonical`` is the text that ``sha256`` is of."""

    number: int
    text: str
    name: str
    at: datetime
    canonical: str
    sha256: str


def amend(previous: str, number: int, text: str, name: str, at: datetime) -> Added:
    """Bind an amendment to what it amends.

    Args:
        previous: hash of the text before: of the request, or of the last amendment.
        number: from 1.
        text: what the person adds or corrects.
        name: the typed name.
        at: moment of signing, aware; the date is the one in Brussels.
    """
    said = {
        "format": FORMAT,
        "amends": previous,
        "number": number,
        "text": text,
        "signature": {"kind": "typed", "name": name},
        "signed_at": at.isoformat(timespec="seconds"),
        "signed_on": local(at).date().isoformat(),
    }
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return _opened(unicodedata.normalize("NFC", canonical))


def amendments_of(session: Session, case: Case) -> list[Added]:
    """Return what was added to the request, oldest first.

    Raises:
        KeyDestroyed: the content of this case was forgotten.
    """
    rows = session.scalars(select(Amendment).where(Amendment.case_id == case.id).order_by(Amendment.number)).all()
    return [_opened(open_sealed(session, case.id, Purpose.ANSWERS, row.text).decode()) for row in rows]


def text_signed(session: Session, case: Case) -> str:
    """Return the canonical text that the person put their name under."""
    return str(open_json(session, case.id, Purpose.ANSWERS, case.signed_text)["text"])


def attachment(number: int) -> str:
    """Return the name under which text ``number`` is inside the PDF; 0 is the request."""
    return f"amendment-{number}.json" if number else CANONICAL


def queue_paper(session: Session, case_id: str, number: int) -> None:
    """Have PDF ``number`` made, in the caller's transaction."""
    asked = {"case": case_id, "number": str(number)}
    jobs.queue(session, MAKE, asked, case_id=case_id, dedup=f"{MAKE}:{case_id}:{number}")


def papers_of(session: Session, case: Case) -> list[Paper]:
    """Return the PDFs of ``case`` that can be read, newest first."""
    there = select(Paper).where(Paper.case_id == case.id, Paper.file.is_not(None))
    return list(session.scalars(there.order_by(Paper.number.desc())))


def store(session: Session, case_id: str, number: int, language: str, content: bytes, last: str) -> Paper:
    """Put a PDF into the vault, under the key of the answers that it repeats, and return its row, not yet added.

    Args:
        session: any session.
        case_id: the case.
        number: of the PDF, from 1.
        language: of the PDF.
        content: the PDF.
        last: hash of the last text in it.
    """
    paper_id, vault = new_id(), _vault(session)
    stored = vault.write(data_key(session, case_id, Purpose.ANSWERS), paper_id, [content])
    return Paper(
        id=paper_id,
        case_id=case_id,
        number=number,
        language=language,
        file=stored.name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        signed_hash=last,
    )


def paper_at(session: Session, case: Case, number: int) -> Paper:
    """Return PDF ``number`` of ``case``.

    Raises:
        NotYours: it is not there, or not any more.
    """
    for paper in papers_of(session, case):
        if paper.number == number:
            return paper
    raise NotYours


def file_name(case: Case, paper: Paper) -> str:
    """Return the name under which a browser saves ``paper``."""
    return f"{case.reference}.pdf" if paper.number == 1 else f"{case.reference}-{paper.number}.pdf"


def note_fetched(session: Session, paper: Paper, by: Actor) -> None:
    """Record that ``by`` downloads ``paper``; the caller commits before the bytes leave."""
    record(session, PaperFetched(paper=paper.id, number=paper.number), by, paper.case_id)


def read_paper(session: Session, paper: Paper) -> bytes:
    """Return the PDF as it was issued.

    Raises:
        KeyDestroyed: the content of its case was forgotten. BlobMissing: so was its file.
    """
    key = data_key(session, paper.case_id, Purpose.ANSWERS)
    return b"".join(_vault(session).read(paper.file or "", key, paper.id))


def forget_papers(session: Session, case: Case) -> list[str]:
    """Let go of the PDFs of ``case``, whose key is gone; return the files to unlink after the commit."""
    papers = papers_of(session, case)
    files = [str(paper.file) for paper in papers]
    for paper in papers:
        paper.file = None
    return files


def issued(session: Session, sha256: str) -> Paper | None:
    """Return the PDF whose bytes have this SHA-256, forgotten or not."""
    return session.scalars(select(Paper).where(Paper.sha256 == sha256).limit(1)).one_or_none()


def is_signed(session: Session, reference: str, hashes: Sequence[str]) -> bool:
    """Whether ``hashes`` are those of the request ``reference`` and of its first amendments, in order and all recorded.

    An unknown reference and a wrong hash give the same answer.
    """
    first, *rest = hashes
    case = select(Case.id).where(Case.reference == reference, Case.signed_hash == first)
    case_id = session.scalar(case)
    added = select(Amendment.hash).where(Amendment.case_id == (case_id or "")).order_by(Amendment.number)
    recorded = session.scalars(added.limit(len(rest))).all()
    return case_id is not None and list(recorded) == rest


def is_known(session: Session, reference: str, sha256: str) -> bool:
    """Whether ``sha256`` is the hash of the request ``reference`` or of one of its amendments."""
    signed = select(Case.id).where(Case.reference == reference, Case.signed_hash == sha256)
    added = select(Case.id).join(Amendment, Amendment.case_id == Case.id)
    added = added.where(Case.reference == reference, Amendment.hash == sha256)
    return session.scalar(signed.union(added).limit(1)) is not None


def is_whole(session: Session, case: Case) -> bool:
    """Whether the signed text and each amendment give the recorded hash, and each amendment names the one before."""
    last = case.signed_hash
    rows = session.scalars(select(Amendment).where(Amendment.case_id == case.id).order_by(Amendment.number)).all()
    try:
        if hashlib.sha256(text_signed(session, case).encode()).hexdigest() != last:
            return False
        for place, (row, added) in enumerate(zip(rows, amendments_of(session, case), strict=True), start=1):
            if (added.number, json.loads(added.canonical)["amends"], added.sha256) != (place, last, row.hash):
                return False
            last = row.hash
    except PortalError:
        return False
    return True


def _opened(canonical: str) -> Added:
    said = json.loads(canonical)
    return Added(
        number=said["number"],
        text=said["text"],
        name=said["signature"]["name"],
        at=datetime.fromisoformat(said["signed_at"]),
        canonical=canonical,
        sha256=hashlib.sha256(canonical.encode()).hexdigest(),
    )


def _vault(session: Session) -> Vault:
    found: Vault = session.info["vault"]
    return found
