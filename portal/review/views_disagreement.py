"""Keeping an answer that the person disagrees with: by somebody who neither decided nor confirmed it."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.audit.record import Actor
from portal.cases.access import seal_json
from portal.cases.disagreements import Ending, open_of, settle
from portal.cases.lifecycle import Move
from portal.cases.models import Case
from portal.cases.moves import move
from portal.errors import MoveRefused
from portal.files.keys import Purpose
from portal.review import forms
from portal.review.decisions import CHANGED
from portal.review.desk import DESK, blueprint
from portal.review.handling import must_have
from portal.review.views_case import load
from portal.words import N_


@blueprint.post("/cases/<case_id>/uphold")
@gates.staff(*DESK)
def uphold(case_id: str) -> ResponseReturnValue:
    """Keep the answer: the person reads why, with the authorities and the court."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    reason = forms.read_text(request.form, "uphold", N_("Write why the answer is kept."))
    if found.version != forms.read_version(request.form):
        raise MoveRefused(CHANGED)
    _keep(found, reason, by)
    flash(_("The answer is kept. The letter is on its way."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


def _keep(found: Case, reason: str, by: Actor) -> None:
    session = db.session()
    if open_of(session, found) is None:
        raise MoveRefused
    answer = seal_json(session, found.id, Purpose.DECISION, {"reason": reason, "by": by.id})
    move(session, found, Move.UPHOLD, by)
    settle(session, found, Ending.UPHELD, by, answer)
