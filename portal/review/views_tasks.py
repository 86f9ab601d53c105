"""Manual tasks: what somebody of the desk looks up, or does, by hand in a system without a database."""

from collections.abc import Mapping

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.cases.access import contact_of, right_of
from portal.cases.models import Case
from portal.cases.tasks import Task, answer_task, task_for, tasks_for
from portal.clock import today
from portal.errors import MoveRefused, NotYours
from portal.review.desk import DESK, blueprint
from portal.review.findings import in_language
from portal.review.handling import must_be_anothers
from portal.ui.forms import clean
from portal.words import N_

LONGEST = 20_000
NO_ANSWER = N_("Write what you found or did, or say that you found nothing.")
BOTH = N_("You wrote something and also said that you found nothing. Choose one of the two.")
TOO_LONG = N_("Use at most %(limit)s characters.")


@blueprint.get("/tasks")
@gates.staff(*DESK)
def tasks() -> ResponseReturnValue:
    """Show the open tasks of who is signed in, the first due first."""
    found = tasks_for(db.reader(), gates.current_staff())
    return render_template("review/tasks.html", tasks=found, today=today(), spoken=_spoken, right_of=right_of)


@blueprint.get("/tasks/<task_id>")
@gates.staff(*DESK)
def task(task_id: str) -> ResponseReturnValue:
    """Show one task: where to look, for what and for whom."""
    return _page(*_open_task(db.reader(), task_id))


@blueprint.post("/tasks/<task_id>")
@gates.staff(*DESK)
def answer(task_id: str) -> ResponseReturnValue:
    """Keep what was found; the request goes on once each of its tasks is answered."""
    found, case = _open_task(db.session(), task_id)
    text, nothing = clean(request.form.get("answer")), "nothing" in request.form
    fault = _fault(text, nothing=nothing)
    if fault:
        return _page(found, case, text, fault), 422
    try:
        must_be_anothers(db.session(), case, gates.staff_actor())
        answer_task(db.session(), found, text, gates.staff_actor())
    except MoveRefused as refused:
        db.session().rollback()
        return _page(found, case, text, _(refused.sentence)), refused.status
    flash(_("Kept. The request goes on once each of its tasks is answered."), "ok")
    db.session().commit()
    return redirect(url_for("review.tasks"), 303)


def _open_task(session: Session, task_id: str) -> tuple[Task, Case]:
    found = task_for(session, task_id, gates.current_staff())
    if found is None:
        raise NotYours
    return found


def _fault(text: str, *, nothing: bool) -> str:
    if text and nothing:
        return str(_(BOTH))
    if not text and not nothing:
        return str(_(NO_ANSWER))
    return str(_(TOO_LONG, limit=LONGEST)) if len(text) > LONGEST else ""


def _page(found: Task, case: Case, text: str = "", fault: str = "") -> str:
    return render_template(
        "review/task.html",
        task=found,
        case=case,
        right=right_of(case),
        contact=contact_of(db.reader(), case),
        today=today(),
        spoken=_spoken,
        text=text,
        nothing="nothing" in request.form,
        errors=[("answer", fault)] if fault else [],
    )


def _spoken(texts: Mapping[str, str]) -> str:
    return in_language(texts, g.language)
