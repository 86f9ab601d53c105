"""The second pair of eyes: somebody other than the decider sees what the first saw, and confirms or sends back."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.audit.desk_events import MandateSeen
from portal.audit.record import record
from portal.cases.access import contact_of, decision_of, is_granted
from portal.cases.lifecycle import Status
from portal.cases.representing import is_for_other
from portal.errors import MoveRefused
from portal.review import decisions, forms
from portal.review.desk import DESK, blueprint
from portal.review.fresh import fresh
from portal.review.undoing import offer_undo
from portal.review.views_case import case_page, load, show_up
from portal.review.views_onward import address_after
from portal.words import N_


@blueprint.get("/cases/<case_id>/second")
@gates.staff(*DESK)
def second(case_id: str) -> ResponseReturnValue:
    """Show the proposed letter with all it rests on."""
    found = load(db.reader(), case_id)
    if found.status is not Status.SECOND:
        return redirect(url_for("review.case", case_id=case_id), 302)
    show_up(found, deciding=True)
    return case_page(found)


@blueprint.post("/cases/<case_id>/second/confirm")
@gates.staff(*DESK)
@fresh
def confirm_decision(case_id: str) -> ResponseReturnValue:
    """Confirm exactly the version that was shown, of the decision and of what is asked; the letter goes out."""
    found = load(db.session(), case_id)
    if found.version != forms.read_version(request.form):
        raise MoveRefused(decisions.CHANGED)
    if is_granted(decision_of(db.session(), found)) and is_for_other(contact_of(db.session(), found)):
        forms.read_text(request.form, "mandate_seen", N_("Look at what shows that they may act, then tick this."))
        record(db.session(), MandateSeen(), gates.staff_actor(), found.id)
    decisions.confirm(db.session(), found, request.form.get("decision", ""), gates.staff_actor())
    if not offer_undo(found):
        flash(_("Confirmed. The letter is on its way."), "ok")
    onward = address_after(found)
    db.session().commit()
    return redirect(onward, 303)


@blueprint.post("/cases/<case_id>/second/back")
@gates.staff(*DESK)
def send_back(case_id: str) -> ResponseReturnValue:
    """Give the decision back with a note."""
    found = load(db.session(), case_id)
    why = forms.read_text(request.form, "why", N_("Write why you send it back."))
    decisions.send_back(db.session(), found, request.form.get("decision", ""), why, gates.staff_actor())
    flash(_("Sent back, with your note."), "ok")
    onward = address_after(found)
    db.session().commit()
    return redirect(onward, 303)
