"""Messages of the desk to the person, with files; and the files that either side sent."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases.attachments import (
    FileRefused,
    Sealed,
    attachment_at,
    note_fetched,
    read_attachment,
    take_files,
)
from portal.review import forms
from portal.review.desk import DESK, blueprint
from portal.review.forms import FormFault
from portal.review.handling import ask_person, must_have, tell_person
from portal.review.views_case import load
from portal.ui.chosen import uploads
from portal.ui.headers import as_file
from portal.words import N_

CHOOSE_AGAIN = N_("Nothing was sent. Choose your files again: a browser forgets them.")


@blueprint.post("/cases/<case_id>/question")
@gates.staff(*DESK)
def ask(case_id: str) -> ResponseReturnValue:
    """Ask the person something; the case waits, the clock runs on."""
    text, files = _read(case_id, N_("Write your question."))
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    ask_person(db.session(), found, text, by, files=files)
    flash(_("Your question is on its way. The clock runs on."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/message")
@gates.staff(*DESK)
def tell(case_id: str) -> ResponseReturnValue:
    """Tell the person something and go on: the case does not wait."""
    text, files = _read(case_id, N_("Write your message."))
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    tell_person(db.session(), found, text, by, files)
    flash(_("Your message is on its way."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/files/<attachment_id>")
@gates.staff(*DESK)
def attachment(case_id: str, attachment_id: str) -> ResponseReturnValue:
    """Give staff one file of the messages; the person sees that it was opened, by which role and when.

    A file of a mail may be a card: until somebody said that it is none, only who has the request opens it.
    """
    found = load(db.reader(), case_id)
    row = attachment_at(db.reader(), found, attachment_id, of_person=False)
    if row.own_key:
        must_have(db.reader(), found, gates.staff_actor())
    name, content = read_attachment(db.reader(), row)
    note_fetched(db.session(), row, gates.staff_actor())
    db.session().commit()
    return as_file(content, name, row.media_type)


def _read(case_id: str, missing: str) -> tuple[str, list[Sealed]]:
    """Return what was written and the files, in the vault already: no write lock is held while they are looked at.

    Raises:
        FormFault: nothing was written, or a file cannot be taken. MoveRefused: somebody else has the case.
    """
    must_have(db.reader(), load(db.reader(), case_id), gates.staff_actor())
    text, sent = forms.read_text(request.form, "question", missing), uploads("files")
    if not sent:
        return text, []
    db.session().commit()  # what was kept at a sign-out is dropped on the way here: no lock may outlive that
    try:
        return text, take_files(db.database(), case_id, sent)
    except FileRefused as refused:
        said = _(refused.sentence, **refused.values)
        told = f"{refused.name}: {said}" if refused.name else said
        raise FormFault([("files", f"{told} {_(CHOOSE_AGAIN)}")]) from None
