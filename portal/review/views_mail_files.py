"""The files of a mail: which one is the copy of a card, and which one nobody needs."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases import mail_files
from portal.cases.attachments import attachment_at, read_attachment
from portal.cases.mail_files import NOT_NOW, copy_of, may_name_card
from portal.clock import today
from portal.config import settings_of
from portal.errors import MoveRefused, UploadRejected
from portal.review.desk import DESK, blueprint
from portal.review.handling import must_have
from portal.review.views_case import load


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
        copy = copy_of(db.database(), content, _mark())
    except UploadRejected as refused:
        raise MoveRefused(refused.sentence) from None
    found = load(db.session(), case_id)
    must_have(db.session(), found, by)
    row = attachment_at(db.session(), found, attachment_id, of_person=False)
    mail_files.name_card(db.session(), found, row, copy, by)
    flash(_("Kept as the copy of the card. The file is deleted."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id, _anchor="identity"), 303)


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


def _mark() -> str:
    """Return the words across the copy: what it is for, and when it was made."""
    product = settings_of(db.reader()).controller.product
    return str(_("COPY only for a privacy request to %(product)s, %(day)s", product=product, day=f"{today():%d-%m-%Y}"))
