"""The files of a mail: which one is the copy of a card, which one is not, and which one nobody needs."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases import mail_files
from portal.cases.attachments import attachment_at, read_attachment
from portal.cases.mail_files import NOT_NOW, copy_of, may_name_card, may_sort, seal_with_messages
from portal.errors import MoveRefused, UploadRejected
from portal.review.desk import DESK, blueprint
from portal.review.handling import must_have
from portal.review.views_case import load
from portal.review.views_identity import copy_mark, open_look


@blueprint.post("/cases/<case_id>/files/<attachment_id>/card")
@gates.staff(*DESK)
def name_card(case_id: str, attachment_id: str) -> ResponseReturnValue:
    """Say that a file of a mail is the copy of the card: from then on it is treated as one, and the file is gone."""
    found, by = load(db.reader(), case_id), gates.staff_actor()
    row = attachment_at(db.reader(), found, attachment_id, of_person=False)
    must_have(db.reader(), found, by)
    if not may_name_card(db.reader(), found) or not row.own_key:
        raise MoveRefused(NOT_NOW)
    content = read_attachment(db.reader(), row)[1]
    db.reader().rollback()
    try:
        copy = copy_of(db.database(), content, copy_mark())
    except UploadRejected as refused:
        raise MoveRefused(refused.sentence) from None
    found = load(db.session(), case_id)
    must_have(db.session(), found, by)
    row = attachment_at(db.session(), found, attachment_id, of_person=False)
    mail_files.name_card(db.session(), found, row, copy, by)
    open_look(db.session(), found, by)
    flash(_("Kept as the copy of the card. The file is deleted. Cover now what still shows."), "ok")
    db.session().commit()
    return redirect(url_for("review.cover_card", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/files/<attachment_id>/keep")
@gates.staff(*DESK)
def keep_file(case_id: str, attachment_id: str) -> ResponseReturnValue:
    """Say that a file of a mail shows no card: it stays with the messages, for the second person too."""
    found, by = load(db.reader(), case_id), gates.staff_actor()
    row = attachment_at(db.reader(), found, attachment_id, of_person=False)
    must_have(db.reader(), found, by)
    if not may_sort(row):
        raise MoveRefused(NOT_NOW)
    stored = seal_with_messages(db.reader(), row)
    found = load(db.session(), case_id)
    row = attachment_at(db.session(), found, attachment_id, of_person=False)
    must_have(db.session(), found, by)
    mail_files.keep_file(db.session(), found, row, stored, by)
    flash(_("The file stays with the messages."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id, _anchor="came"), 303)


@blueprint.post("/cases/<case_id>/files/<attachment_id>/delete")
@gates.staff(*DESK)
def drop_file(case_id: str, attachment_id: str) -> ResponseReturnValue:
    """Delete a file of a mail that nobody needs, such as the back of a card."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    row = attachment_at(db.session(), found, attachment_id, of_person=False)
    must_have(db.session(), found, by)
    mail_files.drop_file(db.session(), found, row, by)
    flash(_("The file is deleted."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id, _anchor="came"), 303)
