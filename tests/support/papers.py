"""Signed requests as PDF: made by the real job, read back with another library, and forged with our own renderer."""

import json
from dataclasses import dataclass
from io import BytesIO
from tempfile import NamedTemporaryFile

import pdfua
import pypdfium2
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.models import Case, Paper
from portal.cases.papers import MAKE, attachment, read_paper, text_signed
from portal.db import Database
from portal.fulfilment.signed import make_paper
from portal.jobs.outbox import Job
from portal.tracking.actions import add_to
from portal.ui.pdf import Attached, render

HEADS = "UA-15-003"
"""Asks a person to look whether the heads of a table are tied to its cells; ``loose_cells`` does."""


def make_papers(app: Flask) -> None:
    """Run every job that makes a PDF and was not run yet."""
    database: Database = app.extensions["portal_db"]
    with database.reader() as session:
        waiting = session.scalars(select(Job).where(Job.kind == MAKE, Job.done_at.is_(None)).order_by(Job.created_at))
        payloads = [dict(job.payload) for job in waiting]
    for payload in payloads:
        with app.app_context():
            finish = make_paper(database, payload)
        with database.writing() as session:
            if finish is not None:
                finish(session)
            job = session.scalars(select(Job).where(Job.dedup == f"{MAKE}:{payload['case']}:{payload['number']}")).one()
            job.done_at = job.created_at


def paper_of(database: Database, case: Case, number: int = 1) -> bytes:
    """Return PDF ``number`` of ``case`` as it was issued."""
    with database.reader() as session:
        wanted = select(Paper).where(Paper.case_id == case.id, Paper.number == number)
        return read_paper(session, session.scalars(wanted).one())


def added_to(session: Session, case: Case, text: str, name: str = "Ada Peeters") -> None:
    """Add ``text`` to the request, as the person does."""
    add_to(session, session.get_one(Case, case.id), text, name)


def canonical_of(database: Database, case: Case) -> str:
    """Return the text that was signed."""
    with database.reader() as session:
        return text_signed(session, case)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a reader program finds in a PDF."""

    reader: PdfReader
    pages: tuple[str, ...]  # the text of each

    @property
    def text(self) -> str:
        """Every page as text, on one line."""
        return " ".join(" ".join(self.pages).split())

    def attached(self, number: int = 0) -> str:
        """Return the file inside that holds text ``number``."""
        return bytes(self.reader.attachments[attachment(number)][0]).decode()

    def said(self, number: int = 0) -> dict[str, object]:
        """Return text ``number``, read."""
        found: dict[str, object] = json.loads(self.attached(number))
        return found

    def links(self) -> set[str]:
        """Return every address that a click leads to."""
        notes = [note.get_object() for page in self.reader.pages for note in page.get("/Annots", ())]
        return {str(note["/A"]["/URI"]) for note in notes if "/A" in note and "/URI" in note["/A"]}

    def cells(self) -> int:
        """Return how many table cells there are, heads left out."""
        return sum(each.get("/S") == "/TD" for each in self._tags())

    def loose_cells(self) -> int:
        """Return how many table cells name no head."""
        return sum(_is_loose(each) for each in self._tags())

    def _tags(self) -> list[dict[str, object]]:
        root = self.reader.trailer["/Root"]
        assert isinstance(root, dict)
        return _parts(root["/StructTreeRoot"])


def opened(pdf: bytes) -> Opened:
    """Open ``pdf``."""
    with pypdfium2.PdfDocument(pdf) as document:
        return Opened(PdfReader(BytesIO(pdf)), tuple(_text(document[place]) for place in range(len(document))))


def ua_faults(pdf: bytes) -> list[str]:
    """Return what the checker of PDF/UA finds wrong or doubtful."""
    with NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        report = pdfua.validate(file.name)
    return [f"{each.rule_id}: {each.message}" for each in report.findings if each.rule_id != HEADS]


def forged(reference: str, sha256: str, *texts: str) -> bytes:
    """Return a PDF that says it is one of ours, with ``texts`` inside."""
    page = f"""<!doctype html><html lang="en"><head><title>x</title><meta name="reference" content="{reference}">
    <meta name="sha256" content="{sha256}"></head><body><h1>Forged</h1></body></html>"""
    return render(page, {}, [Attached(attachment(place), text, "x") for place, text in enumerate(texts)])


def _text(page: pypdfium2.PdfPage) -> str:
    words = page.get_textpage()
    text = str(words.get_text_range())
    words.close()
    page.close()
    return text


def _parts(node: object) -> list[dict[str, object]]:
    plain = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(plain, list):
        return [part for each in plain for part in _parts(each)]
    if not isinstance(plain, dict):
        return []
    return [plain, *_parts(plain.get("/K"))]


def _is_loose(part: dict[str, object]) -> bool:
    if part.get("/S") != "/TD":
        return False
    named = part.get("/A")
    return not (isinstance(named, dict) and named.get("/Headers"))
