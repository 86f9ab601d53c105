"""The job that writes a decision letter down as PDF. Only the worker loads this: it brings the renderer along.

It runs once the letter can no longer be taken back, and says what the mailed person reads on their page.
"""

from collections.abc import Mapping

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.delivery_events import LetterMade
from portal.audit.record import SYSTEM, record
from portal.cases.access import contact_of, decision_content, right_of
from portal.cases.by_post import is_by_post
from portal.cases.letter_papers import LetterPaper, store_letter
from portal.cases.letters import DecisionLetter, compose
from portal.cases.models import Case, Decision
from portal.clock import local, now
from portal.config import Settings, settings_of
from portal.db import Database
from portal.jobs.worker import Finish
from portal.ui.pdf import render


def make_letter(database: Database, payload: Mapping[str, str]) -> Finish | None:
    """Write the letter of ``payload["decision"]`` into the vault.

    Nothing where it is there, its case is forgotten, or another decision took its place.
    """
    with database.reader() as session:
        case = session.get_one(Case, payload["case"])
        decision = session.get_one(Decision, payload["decision"])
        there = session.scalar(select(LetterPaper.id).where(LetterPaper.decision_id == decision.id))
        replaced = case.decision_id != decision.id or case.answered_at is None
        if case.forgotten_at is not None or there is not None or replaced or is_by_post(contact_of(session, case)):
            return None  # who has no mailbox gets it on paper, see fulfilment.by_post
        sent_on = local(case.answered_at or now()).date()
        letter, settings = compose(case, decision, decision_content(session, decision), sent_on), settings_of(session)
    content = write(case, letter, settings)
    with database.reader() as session:
        paper = store_letter(session, case, decision.id, content)

    def finish(session: Session) -> None:
        if session.get_one(Case, case.id).forgotten_at is None:
            session.add(paper)
            session.flush()
            made = LetterMade(paper=paper.id, decision=decision.id, size=paper.size, digest=paper.sha256)
            record(session, made, SYSTEM, case.id)

    return finish


def write(case: Case, letter: DecisionLetter, settings: Settings) -> bytes:
    """Return ``letter`` as PDF, in the language of ``case``; needs an app context."""
    page = current_app.jinja_env.get_template("paper/letter.html")
    with force_locale(case.language):
        html = page.render(
            case=case,
            letter=letter,
            right_title=_(right_of(case).title),
            language=case.language,
            controller=settings.controller,
            status_url=f"{settings.base_url}/{case.language}/s/{case.id}",
            verify_url=f"{settings.base_url}/{case.language}/verify",
        )
    return render(html, {}, [])
