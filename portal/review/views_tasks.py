"""Manual tasks: what somebody of the desk looks up, or does, by hand in a system without a database."""

from collections.abc import Mapping, Sequence

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.cases.access import contact_of, right_of
from portal.cases.attachments import FileRefused, Sealed, Upload, take_files
from portal.cases.models import Case
from portal.cases.tasks import Task, answer_task, task_for, tasks_for, words_of
from portal.clock import today
from portal.errors import MoveRefused, NotYours
from portal.files.attached import ACCEPT
from portal.review.desk import DESK, blueprint
from portal.review.findings import in_language
from portal.review.forms import Fault
from portal.review.handling import must_be_anothers
from portal.ui.chosen import uploads
from portal.ui.forms import clean
from portal.words import N_

LONGEST = 20_000
NO_ANSWER = N_("Write what you found or did, add a file, or say that you found nothing.")
BOTH = N_("You gave an answer and also said that you found nothing. Choose one of the two.")
CHOOSE_AGAIN = N_("Nothing was kept. Choose your files again: a browser forgets them.")
TOO_LONG = N_("Use at most %(limit)s characters.")


@blueprint.get("/tasks")
@gates.staff(*DESK)
def tasks() -> ResponseReturnValue:
    """Show the open tasks of who is signed in, the first due first."""
    found = tasks_for(db.reader(), gates.current_staff())
    titled = [(task, _spoken(words_of(db.reader(), task)[0]), case) for task, case in found]
    return render_template("review/tasks.html", tasks=titled, today=today(), right_of=right_of)


@blueprint.get("/tasks/<task_id>")
@gates.staff(*DESK)
def task(task_id: str) -> ResponseReturnValue:
    """Show one task: where to look, for what and for whom."""
    return _page(*_open_task(db.reader(), task_id))


@blueprint.post("/tasks/<task_id>")
@gates.staff(*DESK)
def answer(task_id: str) -> ResponseReturnValue:
    """Keep what was found, with the files; the request goes on once each of its tasks is answered."""
    found, case = _open_task(db.reader(), task_id)
    text, nothing, sent = clean(request.form.get("answer")), "nothing" in request.form, uploads("files")
    fault = _fault(text, nothing=nothing, files=bool(sent))
    if fault:
        return _page(found, case, text, [("answer", fault), *_again(sent)]), 422
    try:
        must_be_anothers(db.reader(), case, gates.staff_actor())
        answer_task(db.session(), found, text, gates.staff_actor(), _taken(case.id, sent))
    except FileRefused as refused:
        said = _(refused.sentence, **refused.values)
        told = f"{refused.name}: {said}" if refused.name else said
        return _page(found, case, text, [("files", f"{told} {_(CHOOSE_AGAIN)}")]), refused.answer
    except MoveRefused as refused:
        db.session().rollback()
        return _page(found, case, text, [("answer", _(refused.sentence))]), refused.status
    flash(_("Kept. The request goes on once each of its tasks is answered."), "ok")
    db.session().commit()
    return redirect(url_for("review.tasks"), 303)


def _open_task(session: Session, task_id: str) -> tuple[Task, Case]:
    found = task_for(session, task_id, gates.current_staff())
    if found is None:
        raise NotYours
    return found


def _fault(text: str, *, nothing: bool, files: bool) -> str:
    if (text or files) and nothing:
        return str(_(BOTH))
    if not (text or files or nothing):
        return str(_(NO_ANSWER))
    return str(_(TOO_LONG, limit=LONGEST)) if len(text) > LONGEST else ""


def _again(sent: Sequence[Upload]) -> list[Fault]:
    return [("files", str(_(CHOOSE_AGAIN)))] if sent else []


def _taken(case_id: str, sent: Sequence[Upload]) -> list[Sealed]:
    """Return the files, in the vault already: no write lock is held while they are looked at.

    Raises:
        FileRefused: one of them cannot be taken.
    """
    if not sent:
        return []
    db.session().commit()  # what was kept at a sign-out is dropped on the way here: no lock may outlive that
    return take_files(db.database(), case_id, sent, by_hand=True)


def _page(found: Task, case: Case, text: str = "", errors: Sequence[Fault] = ()) -> str:
    title, look_for = words_of(db.reader(), found)
    return render_template(
        "review/task.html",
        task=found,
        title=_spoken(title),
        look_for=_spoken(look_for),
        case=case,
        right=right_of(case),
        contact=contact_of(db.reader(), case),
        today=today(),
        text=text,
        nothing="nothing" in request.form,
        errors=errors,
        faults=dict(errors),
        accept=ACCEPT,
    )


def _spoken(texts: Mapping[str, str]) -> str:
    return in_language(texts, g.language)
