"""A new picture of the card for a request that waits for one: chosen, covered and handed over as the first one was."""

from datetime import datetime, timedelta

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates
from portal.audit.record import PERSON
from portal.cases.access import awaits_picture, case_of_person
from portal.cases.letters import queue_staff_letter
from portal.cases.lifecycle import Move
from portal.cases.models import Case, Evidence
from portal.cases.moves import move
from portal.cases.siblings import card_siblings
from portal.clock import now
from portal.errors import NotYours, PortalError, TooManyTries, UploadRejected, UploadTooBig
from portal.files import masks
from portal.files.evidence import Covered, Picture
from portal.files.sandbox import SandboxBroken, SandboxBusy
from portal.intake import pictures
from portal.intake.card import ACCEPT, NO_FILE, TOO_MANY_FILES, mark
from portal.intake.conversations import UPLOADS_PER_HOUR
from portal.intake.pictures import Sealed
from portal.intake.room import Elsewhere, blueprint, by_script, lead, typed
from portal.intake.taking import Taken, take, words_of_the_editor
from portal.ui.covering import faults_in_words, mask_sheet
from portal.ui.headers import PICTURE_POLICY

UPLOADS = "card_uploads"  # moments at which this browser sent a file


@blueprint.get("/s/<case_id>/card")
@gates.person
def new_card(case_id: str) -> ResponseReturnValue:
    """Ask for a new picture of the card."""
    return _card_page(_waiting(db.reader(), case_id))


@blueprint.post("/s/<case_id>/card")
@gates.person
def send_new_card(case_id: str) -> ResponseReturnValue:
    """Take a new picture in, sealed under its own key; nobody else sees it before it is covered."""
    case = _waiting(db.reader(), case_id)
    lately = [each for each in session.get(UPLOADS, []) if datetime.fromisoformat(each) > now() - timedelta(hours=1)]
    if len(lately) >= UPLOADS_PER_HOUR:
        return _card_page(case, TooManyTries(TOO_MANY_FILES))
    file = request.files.get("card")
    if file is None or not file.filename:
        return _card_page(case, UploadRejected(NO_FILE))
    session[UPLOADS] = [*lately, now().isoformat()]
    try:
        taken = take(db.database(), file.stream, typed(), mark())
    except (UploadRejected, UploadTooBig, SandboxBusy, SandboxBroken) as fault:
        return _card_page(case, fault)
    onward = _keep(_waiting(db.session(), case_id), taken)
    db.session().commit()
    return lead(onward)


@blueprint.get("/s/<case_id>/card/cover")
@gates.person
def new_mask(case_id: str) -> ResponseReturnValue:
    """Ask what to cover."""
    case, card = _uncovered(db.reader(), case_id)
    return _mask_page(case, card, masks.Mask(), {})


@blueprint.post("/s/<case_id>/card/cover")
@gates.person
def cover_new_card(case_id: str) -> ResponseReturnValue:
    """Show the boxes over the picture, or burn them in, hand the picture to the desk and end the wait."""
    case, card = _uncovered(db.reader(), case_id)
    wanted, faults = masks.read_mask(typed())
    using = "use" in request.form
    faults = faults or (wanted.open_parts() if using else {})
    if faults or not using:
        return _mask_page(case, card, wanted, faults)
    covered = pictures.cover(db.reader(), card, wanted, mark())
    sealed = pictures.seal(db.database(), covered.jpeg)
    case, newest = _uncovered(db.session(), case_id)
    if newest.id != card.id:
        raise Elsewhere(url_for("intake.new_card", case_id=case_id))
    _hand_over(case, sealed, card, covered, len(wanted.all_covers), pictures.Place.SERVER)
    db.session().commit()
    return redirect(url_for("tracking.status", case_id=case_id), 303)


@blueprint.get("/s/<case_id>/card/picture")
@gates.person
def new_picture(case_id: str) -> ResponseReturnValue:
    """Show the person the picture that they are covering, and nobody else."""
    _case, card = _uncovered(db.reader(), case_id)
    return Response(pictures.read(db.reader(), card), mimetype="image/jpeg", headers=PICTURE_POLICY)


def _keep(case: Case, taken: Taken) -> str:
    """Keep the picture that was taken in; return where to go from here."""
    if taken.covered:
        boxes = len(taken.mask.all_covers)
        _hand_over(case, taken.sealed, taken.picture, taken.covered, boxes, pictures.Place.BROWSER)
        return url_for("tracking.status", case_id=case.id)
    pictures.put(db.session(), str(case.conversation_id), taken.sealed, taken.picture)
    return url_for("intake.new_mask", case_id=case.id)


def _hand_over(
    case: Case, sealed: Sealed, card: Evidence | Picture, covered: Covered, boxes: int, place: pictures.Place
) -> None:
    """Give the covered picture to the desk and end the wait of every request sent together that needs it."""
    waiting = [case, *(each for each in card_siblings(db.session(), case) if awaits_picture(db.session(), each))]
    pictures.put_covered(db.session(), str(case.conversation_id), sealed, card, covered, boxes, place, case.id)
    for each in waiting:
        move(db.session(), each, Move.REPLY, PERSON)
        queue_staff_letter(db.session(), each, "staff-reply")
    flash(_("Your picture is sent."), "ok")


def _waiting(source: Session, case_id: str) -> Case:
    """Return the person's case, as long as it waits for a picture."""
    case = case_of_person(source, case_id, gates.mailbox())
    if not awaits_picture(source, case):
        raise NotYours
    return case


def _uncovered(source: Session, case_id: str) -> tuple[Case, Evidence]:
    """Return the case and the picture that is to be covered; without one, lead back to choosing."""
    case = _waiting(source, case_id)
    card = pictures.living(source, str(case.conversation_id))
    if card is None:
        raise Elsewhere(url_for("intake.new_card", case_id=case_id))
    return case, card


def _card_page(case: Case, fault: PortalError | None = None) -> ResponseReturnValue:
    error = _(fault.sentence) if fault else ""
    if fault and by_script():
        return {"sentence": error}, fault.status
    page = render_template(
        "intake/again_card.html",
        case=case,
        card=pictures.living(db.reader(), str(case.conversation_id)),
        accept=ACCEPT,
        editor=words_of_the_editor(),
        mark=mark(),
        error=error,
        errors=[("card", error)] if error else [],
    )
    return page, fault.status if fault else 200


def _mask_page(case: Case, card: Evidence, wanted: masks.Mask, faults: dict[str, str]) -> ResponseReturnValue:
    page = render_template(
        "intake/again_mask.html",
        title=_("Cover the photo and every number"),
        case=case,
        picture_url=url_for("intake.new_picture", case_id=case.id),
        another_url=url_for("intake.new_card", case_id=case.id),
        other_url=None,
        sheet=mask_sheet(card, wanted, faults),
        errors=faults_in_words(faults),
    )
    return page, 422 if faults else 200
