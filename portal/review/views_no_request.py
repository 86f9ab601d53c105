"""Setting aside a mail that asks none of the rights."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.review.desk import DESK, blueprint
from portal.review.forms import LONGEST, Fault, FormFault
from portal.review.handling import must_have
from portal.review.no_request import About
from portal.review.no_request import set_aside as close
from portal.review.views_case import load
from portal.ui.forms import clean


@blueprint.post("/cases/<case_id>/set-aside")
@gates.staff(*DESK)
def set_aside(case_id: str) -> ResponseReturnValue:
    """Close a request whose mail asks nothing, and tell the person."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    about = next((each for each in About if each.value == request.form.get("asks_about")), None)
    why = clean(request.form.get("asks_why"))[:LONGEST]
    faults: list[Fault] = [("asks_about", _("Choose what it is about."))] if about is None else []
    if not why:
        faults.append(("asks_why", _("Write in a few words why it asks nothing.")))
    if faults or about is None:
        raise FormFault(faults)
    close(db.session(), found, about, why, by)
    flash(_("Closed. The person is told, and can answer."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)
