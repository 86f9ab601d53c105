"""What the person does with what the desk says: accepting a fee, having another controller told."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases.access import case_of_person
from portal.cases.fees import accept_fee
from portal.tracking.elsewhere import pass_on
from portal.tracking.views import blueprint


@blueprint.post("/s/<case_id>/fee")
@gates.person
def accept(case_id: str) -> ResponseReturnValue:
    """Accept the fee that was announced; only now is it owed."""
    case = case_of_person(db.session(), case_id, gates.mailbox())
    accept_fee(db.session(), case)
    flash(_("You accepted the fee. We go on with your request."), "ok")
    db.session().commit()
    return redirect(url_for("tracking.status", case_id=case_id), 303)


@blueprint.post("/s/<case_id>/pass-on/<slug>")
@gates.person
def tell_other(case_id: str, slug: str) -> ResponseReturnValue:
    """Tell another controller that a request concerns it: the reference, no personal data."""
    case = case_of_person(db.session(), case_id, gates.mailbox())
    other = pass_on(db.session(), case, slug)
    flash(_("We tell %(name)s. They get no personal data from us.", name=other.name), "ok")
    db.session().commit()
    return redirect(url_for("tracking.status", case_id=case_id), 303)
