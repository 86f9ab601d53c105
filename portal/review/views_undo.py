"""Taking back a letter in the half minute before it leaves."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.review import decisions
from portal.review.desk import DESK, blueprint
from portal.review.views_case import load


@blueprint.post("/cases/<case_id>/undo")
@gates.staff(*DESK)
def take_back(case_id: str) -> ResponseReturnValue:
    """Take back the letter that who is signed in just sent; the page of the case says how it stands."""
    found = load(db.session(), case_id)
    decisions.take_back(db.session(), found, gates.staff_actor())
    flash(_("Taken back. No letter left, nothing was done."), "ok")
    db.session().commit()
    return redirect(url_for("review.second", case_id=case_id), 303)  # goes on to the case where nobody else must look
