"""Putting a request aside, and bringing it back."""

from datetime import date

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases.models import Case
from portal.clock import today
from portal.review.desk import DESK, blueprint
from portal.review.forms import FormFault
from portal.review.handling import must_have
from portal.review.sleeping import bring_back, may_sleep_until, put_aside
from portal.review.views_case import load
from portal.ui.filters import datelong

ON_A_DAY = "day"


@blueprint.post("/cases/<case_id>/put-aside")
@gates.staff(*DESK)
def put_case_aside(case_id: str) -> ResponseReturnValue:
    """Hide the case from the queue for a while."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    until = put_aside(db.session(), found, _read_day(found), by)
    flash(_("Put aside until %(day)s, or until a reply.", day=datelong(until)), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/bring-back")
@gates.staff(*DESK)
def bring_case_back(case_id: str) -> ResponseReturnValue:
    """Show the case in the queue again."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    bring_back(db.session(), found, by)
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


def _read_day(found: Case) -> date | None:
    """Return the day that was chosen; None for as long as it may be. Raises FormFault where it cannot be that day."""
    if request.form.get("until") != ON_A_DAY:
        return None
    last = may_sleep_until(found, today())
    try:
        day = date.fromisoformat(request.form.get("day", "").strip())
    except ValueError:
        raise FormFault([("day", _("Write a day, such as %(day)s.", day=today().isoformat()))]) from None
    if last is not None and not today() < day <= last:
        raise FormFault([("day", _("Choose a day from tomorrow until %(day)s.", day=datelong(last)))])
    return day
