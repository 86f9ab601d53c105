"""How the desk works for one member of staff: keys on or off, what opens after an answer; and the list of the keys."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.accounts.models import Staff
from portal.review.desk import DESK, blueprint


@blueprint.get("/settings")
@gates.staff(*DESK)
def settings() -> ResponseReturnValue:
    """Show the keys and the settings."""
    return render_template("review/settings.html", member=gates.current_staff())


@blueprint.post("/settings")
@gates.staff(*DESK)
def save_settings() -> ResponseReturnValue:
    """Keep the settings with the member of staff."""
    member = db.session().get_one(Staff, gates.current_staff().id)
    member.keys, member.next_due = request.form.get("keys") == "on", request.form.get("after") != "queue"
    flash(_("Your settings are kept."), "ok")
    db.session().commit()
    return redirect(url_for("review.settings"), 303)
