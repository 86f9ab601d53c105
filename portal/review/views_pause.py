"""Ending a restriction: one form on the case's page, for the privacy manager."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.accounts.models import Role
from portal.review import forms
from portal.review.desk import blueprint
from portal.review.pauses import end_pause
from portal.review.views_case import load
from portal.words import N_


@blueprint.post("/cases/<case_id>/end-pause")
@gates.staff(Role.MANAGER)
def end_the_pause(case_id: str) -> ResponseReturnValue:
    """Tell the person that the pause ends; it does so by itself some days later."""
    found = load(db.session(), case_id)
    why = forms.read_text(request.form, "ends", N_("Write why the pause ends."))
    end_pause(db.session(), found, why, gates.staff_actor())
    flash(_("The person is told now. The pause ends by itself in 14 days."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)
