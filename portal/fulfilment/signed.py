"""The job that writes a signed request down as PDF. Only the worker loads this: it brings the renderer along.

What is shown is read out of the canonical text, so the pages say what was signed; the text itself travels inside.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.events import PaperMade
from portal.audit.record import SYSTEM, record
from portal.cases.access import right_of
from portal.cases.models import Case, Paper
from portal.cases.papers import Added, amendments_of, attachment, store, text_signed
from portal.cases.strokes import to_svg, unpack
from portal.clock import now
from portal.config import Settings, settings_of
from portal.db import Database
from portal.jobs.worker import Finish
from portal.register import Register
from portal.register.reading import retold
from portal.rights.base import Right
from portal.ui.pdf import Attached, lacks, render
from portal.words import N_

DRAWING = "signature.svg"
RESIDENCES = {"be": N_("Belgium"), "nl": N_("The Netherlands"), "other": N_("Another country")}
SELF = "self"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a PDF says, in the language of its case; texts are translated."""

    case: Case
    right: Right
    number: int
    settings: Settings
    who: list[tuple[str, str]]
    for_self: bool
    asked: list[tuple[str, str]]
    name: str  # under which it was signed
    drawing: bytes | None
    signed_at: datetime
    canonical: str
    added: list[Added]
    made_at: datetime

    @property
    def last_hash(self) -> str:
        """The hash of the last text in it."""
        return self.added[-1].sha256 if self.added else self.case.signed_hash

    @property
    def verify_url(self) -> str:
        """Where a copy can be checked."""
        return f"{self.settings.base_url}/{self.case.language}/verify"

    @property
    def lacks_letters(self) -> bool:
        """Whether something in it is written in letters that our face does not have."""
        words = [text for row in (*self.who, *self.asked) for text in row] + [self.name]
        return lacks("".join(words + [each.text + each.name for each in self.added]))


def make_paper(database: Database, payload: Mapping[str, str]) -> Finish | None:
    """Write PDF ``payload["number"]`` of a case into the vault; nothing where it is there, or the case is forgotten."""
    number = int(payload["number"])
    with database.reader() as session:
        case = session.get_one(Case, payload["case"])
        there = select(Paper.id).where(Paper.case_id == case.id, Paper.number == number)
        if case.forgotten_at is not None or session.scalar(there) is not None:
            return None
        with force_locale(case.language):
            sheet = _sheet(session, case, number)
    with force_locale(case.language):
        content = write(sheet)
    with database.reader() as session:
        paper = store(session, case.id, number, case.language, content, sheet.last_hash)
    paper.created_at = sheet.made_at

    def finish(session: Session) -> None:
        if session.get_one(Case, paper.case_id).forgotten_at is None:
            session.add(paper)
            session.flush()
            made = PaperMade(paper=paper.id, number=number, size=paper.size, digest=paper.sha256)
            record(session, made, SYSTEM, paper.case_id)

    return finish


def write(sheet: Sheet) -> bytes:
    """Return ``sheet`` as PDF; needs an app context with the language of the case forced."""
    page = current_app.jinja_env.get_template("paper/request.html")
    html = page.render(sheet=sheet, language=sheet.case.language, controller=sheet.settings.controller)
    texts = [sheet.canonical, *(each.canonical for each in sheet.added)]
    attached = [Attached(attachment(number), text, _("The text that was signed")) for number, text in enumerate(texts)]
    return render(html, {} if sheet.drawing is None else {DRAWING: sheet.drawing}, attached)


def _sheet(session: Session, case: Case, number: int) -> Sheet:
    canonical, right = text_signed(session, case), right_of(case)
    said, register = json.loads(canonical), _register(session)
    contact = said["contact"]
    return Sheet(
        case=case,
        right=right,
        number=number,
        settings=settings_of(session),
        who=_who(contact),
        for_self=contact.get("acting", SELF) == SELF,
        asked=retold(right.questions, said["answers"], register, case.language, _),
        name=said["signature"]["name"],
        drawing=_drawing(said["signature"]),
        signed_at=datetime.fromisoformat(said["signed_at"]),
        canonical=canonical,
        added=amendments_of(session, case)[: number - 1],
        made_at=now(),
    )


def _who(contact: Mapping[str, str]) -> list[tuple[str, str]]:
    way, note = contact.get("other_proof", ""), contact.get("other_proof_note", "")
    residence = RESIDENCES.get(contact.get("residence", ""), "")
    rows = [
        (_("Full name"), contact["name"]),
        (_("E-mail address"), _("%(address)s (confirmed)", address=contact["email"])),
        (_("Address that Medbook knows, if it is another one"), contact.get("known_email", "")),
        (_("Lives in"), _(residence) if residence else ""),
        (_("Who it is for"), _("For myself") if contact.get("acting", SELF) == SELF else _("For someone else")),
        (_("Other proof"), "\n".join(part for part in (_(way) if way else "", note) if part)),
    ]
    return [(label, text) for label, text in rows if text]


def _drawing(signature: Mapping[str, Any]) -> bytes | None:
    """Return the drawn signature as SVG; None where it was typed."""
    strokes = signature.get("strokes")
    return to_svg(unpack(strokes)).encode() if strokes else None


def _register(session: Session) -> Register:
    found: Register = session.info["register"]
    return found
