"""Getting a case going again: search again, take up, carry out again, open again, lift a stop."""

from collections.abc import Callable
from typing import TypeAlias

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.accounts.models import Role
from portal.audit.record import Actor
from portal.cases.models import Case
from portal.review import forms, recovery
from portal.review.desk import DESK, blueprint
from portal.review.fresh import fresh
from portal.review.handling import must_have
from portal.review.views_case import load
from portal.words import N_

Step: TypeAlias = Callable[[Session, Case, Actor], None]


@blueprint.post("/cases/<case_id>/search-again")
@gates.staff(*DESK)
def search_again(case_id: str) -> ResponseReturnValue:
    """Have the sources searched again."""
    _go_on(case_id, recovery.search_again, _("The sources are being searched again. Reload in a minute."))
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/take-up")
@gates.staff(*DESK)
def take_up(case_id: str) -> ResponseReturnValue:
    """Go on although not every source was searched."""
    _go_on(case_id, recovery.take_up, _("Taken up. Settle who it is."))
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/try-again")
@gates.staff(*DESK)
@fresh
def try_again(case_id: str) -> ResponseReturnValue:
    """Have the answer carried out again."""
    _go_on(case_id, recovery.carry_out_again, _("It is being carried out again."))
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/reopen")
@gates.staff(*DESK)
def reopen(case_id: str) -> ResponseReturnValue:
    """Open a granted case again, for a new decision."""
    _go_on(case_id, recovery.reopen, _("Opened again. The person is told; decide anew."))
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/lift-stop")
@gates.staff(Role.MANAGER)
@fresh
def lift_stop(case_id: str) -> ResponseReturnValue:
    """Lift the stop, with a note that says why."""
    found = load(db.session(), case_id)
    why = forms.read_text(request.form, "lift", N_("Write why the stop is lifted."))
    recovery.lift(db.session(), found, why, gates.staff_actor())
    flash(_("The stop is lifted, with your note."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


def _go_on(case_id: str, step: Step, told: str) -> None:
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    step(db.session(), found, by)
    flash(told, "ok")
