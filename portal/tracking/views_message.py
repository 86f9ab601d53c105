"""Messages of the person to the desk, with files; and the files that either side sent."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.audit.record import PERSON
from portal.cases.access import case_of_person
from portal.cases.attachments import FileRefused, attachment_at, note_fetched, read_attachment, take_files
from portal.cases.lifecycle import OPEN
from portal.cases.said import reply_to
from portal.errors import NotYours
from portal.tracking.views import blueprint, status_page
from portal.ui.chosen import uploads
from portal.ui.forms import clean
from portal.ui.headers import as_file
from portal.words import N_

LONGEST_MESSAGE = 5000
CHOOSE_AGAIN = N_("Nothing was sent. Choose your files again: a browser forgets them.")


@blueprint.post("/s/<case_id>/reply")
@gates.person
def reply(case_id: str) -> ResponseReturnValue:
    """Send a message to the desk; it ends the wait where we had asked something."""
    seen, text, files = case_of_person(db.reader(), case_id, gates.mailbox()), clean(request.form.get("message")), []
    if seen.status not in OPEN:
        raise NotYours
    sent = uploads("files")
    if fault := _text_fault(text, bool(sent)):
        errors = [("message", fault), *([("files", _(CHOOSE_AGAIN))] if sent else [])]
        return status_page(seen, errors, text), 422
    try:
        files = take_files(db.database(), case_id, sent)
    except FileRefused as refused:
        said = _(refused.sentence, **refused.values)
        told = f"{refused.name}: {said}" if refused.name else said
        return status_page(seen, [("files", f"{told} {_(CHOOSE_AGAIN)}")], text), refused.answer
    case = case_of_person(db.session(), case_id, gates.mailbox())
    if case.status not in OPEN:
        raise NotYours
    reply_to(db.session(), case, text, files)
    flash(_("Your message is sent."), "ok")
    db.session().commit()
    return redirect(url_for("tracking.status", case_id=case_id), 303)


@blueprint.post("/s/<case_id>/files/<attachment_id>")
@gates.person
def attachment(case_id: str, attachment_id: str) -> ResponseReturnValue:
    """Give the person one file of their messages."""
    case = case_of_person(db.reader(), case_id, gates.mailbox())
    row = attachment_at(db.reader(), case, attachment_id, of_person=True)
    name, content = read_attachment(db.reader(), row)
    note_fetched(db.session(), row, PERSON)
    db.session().commit()
    return as_file(content, name, row.media_type)


def _text_fault(text: str, with_files: bool) -> str:
    if not text and not with_files:
        return str(_("Write your answer first."))
    return str(_("Use at most %(limit)s characters.", limit=LONGEST_MESSAGE)) if len(text) > LONGEST_MESSAGE else ""
