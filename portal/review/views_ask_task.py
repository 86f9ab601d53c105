"""Asking a colleague to look something up by hand for one request, in words of one's own; and asking no longer."""

from datetime import date

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.accounts.models import Role, Staff
from portal.cases.asked_by_hand import Errand, ask_hand, drop_task
from portal.cases.models import Case
from portal.cases.tasks import Task
from portal.clock import today
from portal.errors import NotYours
from portal.review.desk import DESK, blueprint
from portal.review.forms import Fault, FormFault
from portal.review.handling import is_own, must_have
from portal.review.shown_tasks import ROLES
from portal.review.views_case import load
from portal.ui.forms import clean, one_line

LONGEST_TITLE, LONGEST_WORDS = 120, 2000


@blueprint.post("/cases/<case_id>/tasks")
@gates.staff(*DESK)
def ask_task(case_id: str) -> ResponseReturnValue:
    """Ask a role or a colleague to look something up; the request is not carried out before it is answered."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    ask_hand(db.session(), found, _read(db.session(), found), by)
    flash(_("Asked. Whose task it is gets a mail that names nobody."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id, _anchor="tasks"), 303)


@blueprint.post("/cases/<case_id>/tasks/<task_id>/drop")
@gates.staff(*DESK)
def drop_task_asked(case_id: str, task_id: str) -> ResponseReturnValue:
    """Ask no longer what a reviewer asked, with a reason for the file."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    task = db.session().get(Task, task_id)
    if task is None or task.case_id != found.id:
        raise NotYours
    must_have(db.session(), found, by)
    why = clean(request.form.get("why"))[:LONGEST_WORDS]
    if not why:
        raise FormFault([(f"drop-{task_id}", _("Write why nobody has to look any more."))])
    drop_task(db.session(), found, task, why, by)
    flash(_("Dropped. The reason is in the file."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id, _anchor="tasks"), 303)


def _read(session: Session, case: Case) -> Errand:
    """Return what the form asks.

    Raises:
        FormFault: a field is empty, or cannot be taken.
    """
    form, faults = request.form, list[Fault]()
    title, words = one_line(form.get("task_title"))[:LONGEST_TITLE], clean(form.get("task_words"))[:LONGEST_WORDS]
    if not title:
        faults.append(("task_title", _("Say in a few words where to look.")))
    if not words:
        faults.append(("task_words", _("Write what to look for.")))
    whose = form.get("task_whose", "")
    colleague = session.get(Staff, whose) if whose not in set(ROLES) else None
    if whose not in set(ROLES) and not _may_look(session, case, colleague):
        faults.append(("task_whose", _("Choose whose task it is.")))
    due = _day(form.get("task_due", ""))
    last = max(case.due_on, today())
    if due is None or not today() <= due <= last:
        faults.append(("task_due", _("Choose a day from today to the last day for the answer.")))
    if faults or due is None:
        raise FormFault(faults)
    role = colleague.role if colleague else Role(whose)
    return Errand(title, words, role, colleague.login if colleague else "", due)


def _may_look(session: Session, case: Case, member: Staff | None) -> bool:
    return member is not None and member.is_active and member.role in ROLES and not is_own(session, case, member)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
