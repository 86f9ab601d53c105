"""The decision letter as the person will read it: in their language, whatever the reviewer reads."""

from flask import get_template_attribute
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.access import contact_of, decision_content, right_of
from portal.cases.by_post import is_by_post
from portal.cases.letters import DecisionLetter, compose
from portal.cases.models import Case, Decision
from portal.clock import today
from portal.config import settings_of
from portal.review.casefile import CaseFile


def letter_html(session: Session, case: Case, letter: DecisionLetter) -> Markup:
    """Return ``letter`` as HTML in the language of the person of ``case``."""
    write = get_template_attribute("letters/decision.html", "decision_letter")
    with force_locale(case.language):
        right_title = _(right_of(case).title)
        by_post = case.forgotten_at is None and is_by_post(contact_of(session, case))
        return Markup(write(letter, case.language, settings_of(session).controller, right_title, by_post))  # noqa: S704 - a macro's own output


def earlier_letter(session: Session, file: CaseFile) -> Markup | None:
    """Return the letter of the version before the one that is proposed, as it would read today; None for the first."""
    case = file.case
    version = file.proposal.decision.version if file.proposal else 0
    before = select(Decision).where(Decision.case_id == case.id, Decision.version < version)
    decision = session.scalars(before.order_by(Decision.version.desc()).limit(1)).one_or_none()
    if decision is None:
        return None
    return letter_html(session, case, compose(case, decision, decision_content(session, decision), today()))
