"""Covering, at the desk, what is still open on the copy of a card: nobody judges by it, or sees it twice, before."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.cases import covers
from portal.cases.access import evidence_of
from portal.cases.models import Case, Evidence
from portal.errors import MoveRefused
from portal.files.masks import Mask, read_mask
from portal.review.desk import DESK, blueprint
from portal.review.handling import must_have
from portal.review.views_case import load
from portal.review.views_identity import copy_mark, open_look, picture_url
from portal.ui.covering import faults_in_words, mask_sheet


@blueprint.get("/cases/<case_id>/card/cover")
@gates.staff(*DESK)
def cover_card(case_id: str) -> ResponseReturnValue:
    """Ask what to cover; the picture shows once for each look that is on record."""
    found, card = _open(db.reader(), case_id)
    return _page(found, card, Mask(), {})


@blueprint.post("/cases/<case_id>/card/cover")
@gates.staff(*DESK)
def put_cover(case_id: str) -> ResponseReturnValue:
    """Show the boxes over the picture, which is one more look; or burn them in and destroy what was open."""
    found, card = _open(db.reader(), case_id)
    typed = {name: request.form.getlist(name) for name in request.form}
    wanted, faults = read_mask(typed, by_desk=True)
    using = "use" in request.form
    faults = faults or (wanted.open_parts() if using else {})
    if using and not faults:
        return _use(card, case_id, wanted)
    found, newest = _open(db.session(), case_id)
    open_look(db.session(), found, gates.staff_actor())
    db.session().commit()
    return _page(found, newest, wanted, faults), 422 if faults else 200


def _use(card: Evidence, case_id: str, wanted: Mask) -> ResponseReturnValue:
    mark = copy_mark()
    db.reader().rollback()  # no read stays open while a child process draws
    covering = covers.cover(db.database(), card, wanted, mark)
    found, newest = _open(db.session(), case_id)
    if newest.id != card.id:
        raise MoveRefused(covers.GONE)
    covers.put_cover(db.session(), found, newest, covering, gates.staff_actor())
    flash(_("Covered for good. What was open is deleted."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id, _anchor="identity"), 303)


def _open(session: Session, case_id: str) -> tuple[Case, Evidence]:
    """Return the case and its card on which something is open, for who has the case.

    Raises:
        MoveRefused: it is somebody else's, or nothing is left to cover.
    """
    found = load(session, case_id)
    must_have(session, found, gates.staff_actor())
    card = evidence_of(session, found)
    if card is None or card.masked:
        raise MoveRefused(covers.GONE)
    return found, card


def _page(found: Case, card: Evidence, wanted: Mask, faults: dict[str, str]) -> str:
    return render_template(
        "review/cover.html",
        case=found,
        picture_url=picture_url(found, card),
        sheet=mask_sheet(card, wanted, faults),
        errors=faults_in_words(faults),
    )
