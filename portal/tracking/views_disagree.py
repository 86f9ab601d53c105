"""The person's "I disagree": what it does is said first, then why is asked."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases.access import case_of_person, right_of
from portal.cases.deadlines import add_months
from portal.cases.disagreements import TERM_MONTHS, may_disagree
from portal.cases.models import Case
from portal.cases.remedies import remedies
from portal.cases.said import disagree
from portal.clock import local, today
from portal.errors import NotYours
from portal.tracking.views import blueprint
from portal.tracking.views_message import LONGEST_MESSAGE
from portal.ui.forms import clean


@blueprint.get("/s/<case_id>/disagree")
@gates.person
def ask_disagree(case_id: str) -> ResponseReturnValue:
    """Say what happens, and ask why."""
    return _page(_answered(case_id), "", "")


@blueprint.post("/s/<case_id>/disagree")
@gates.person
def disagree_case(case_id: str) -> ResponseReturnValue:
    """Have somebody else look at the answer again."""
    case, text = _answered(case_id), clean(request.form.get("why"))
    fault = _("Write what you disagree with.") if not text else ""
    if len(text) > LONGEST_MESSAGE:
        fault = _("Use at most %(limit)s characters.", limit=LONGEST_MESSAGE)
    if fault:
        return _page(case, text, fault), 422
    disagree(db.session(), case, text)
    flash(_("Somebody else looks at it again. You get an answer by %(day)s.", day=f"{case.due_on:%d-%m-%Y}"), "ok")
    db.session().commit()
    return redirect(url_for("tracking.status", case_id=case_id), 303)


def _answered(case_id: str) -> Case:
    case = case_of_person(db.session(), case_id, gates.mailbox())
    if not may_disagree(db.session(), case):
        raise NotYours
    return case


def _page(case: Case, typed: str, fault: str) -> str:
    answered_on = local(case.answered_at).date() if case.answered_at else None
    return render_template(
        "tracking/disagree.html",
        case=case,
        right=right_of(case),
        due_on=add_months(today(), TERM_MONTHS),
        remedies=remedies(case.residence, answered_on, late=bool(answered_on and answered_on > case.due_on)),
        typed=typed,
        errors=[("why", fault)] if fault else [],
    )
