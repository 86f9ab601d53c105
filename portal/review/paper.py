"""The decision letter as the person will read it: in their language, whatever the reviewer reads."""

from flask import get_template_attribute
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from portal.cases.access import right_of
from portal.cases.letters import DecisionLetter
from portal.cases.models import Case
from portal.config import settings_of


def letter_html(session: Session, case: Case, letter: DecisionLetter) -> Markup:
    """Return ``letter`` as HTML in the language of the person of ``case``."""
    write = get_template_attribute("letters/decision.html", "decision_letter")
    with force_locale(case.language):
        right_title = _(right_of(case).title)
        return Markup(write(letter, case.language, settings_of(session).controller, right_title))  # noqa: S704 - a macro's own output
