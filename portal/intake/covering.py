"""The page on which a person covers the photo and every number of their card, and the burning in of it."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases.models import Evidence
from portal.files import masks
from portal.intake import conversations, pictures, script
from portal.intake.card import mark, show_by_card
from portal.intake.conversations import Draft
from portal.intake.retelling import step_url
from portal.intake.room import Elsewhere, blueprint, draft_at, language, save_and_go_on, show, typed
from portal.ui.covering import faults_in_words, mask_sheet


@blueprint.get("/c/<conversation_id>/mask")
@gates.conversation
def mask(conversation_id: str) -> ResponseReturnValue:
    """Ask what to cover, and show what is covered so far."""
    draft, card = _uncovered(conversation_id)
    return _mask_page(draft, card, draft.mask, {})


@blueprint.post("/c/<conversation_id>/mask")
@gates.conversation
def put_mask(conversation_id: str) -> ResponseReturnValue:
    """Show the boxes over the picture, or burn them in and use the picture."""
    seen, card = _uncovered(conversation_id)
    wanted, faults = masks.read_mask(typed())
    using = "use" in request.form
    faults = faults or (wanted.open_parts() if using else {})
    if faults:
        return _mask_page(seen, card, wanted, faults)
    if using:
        return redirect(_use(seen, card, wanted), 303)
    draft = draft_at(conversation_id, script.IDENTITY, db.session())
    draft.mask = wanted
    conversations.save(db.session(), draft, language())
    db.session().commit()
    return redirect(url_for("intake.mask", conversation_id=conversation_id), 303)


def _uncovered(conversation_id: str) -> tuple[Draft, Evidence]:
    """Return the conversation and its picture that waits to be covered; without one, lead back to choosing."""
    draft = draft_at(conversation_id, script.IDENTITY, db.reader())
    card = pictures.living(db.reader(), draft.id)
    if card is None or card.masked:
        raise Elsewhere(step_url(draft, script.IDENTITY))
    return draft, card


def _use(seen: Draft, card: Evidence, wanted: masks.Mask) -> str:
    """Burn the boxes and the mark in, seal the result under a new key, destroy the old one; return the next turn."""
    covered = pictures.cover(db.reader(), card, wanted, mark())
    sealed = pictures.seal(db.database(), covered.jpeg)
    draft = draft_at(seen.id, script.IDENTITY, db.session())
    newest = pictures.living(db.session(), draft.id)
    if newest is None or newest.id != card.id:
        raise Elsewhere(step_url(draft, script.IDENTITY))
    boxes = len(wanted.all_covers)
    pictures.put_covered(db.session(), draft.id, sealed, card, covered, boxes, pictures.Place.SERVER)
    show_by_card(draft)
    onward = save_and_go_on(draft)
    db.session().commit()
    return onward


def _mask_page(draft: Draft, card: Evidence, wanted: masks.Mask, faults: dict[str, str]) -> ResponseReturnValue:
    return show(
        draft,
        script.IDENTITY,
        "mask",
        _("Cover the photo and every number"),
        422 if faults else 200,
        picture_url=url_for("intake.picture", conversation_id=draft.id),
        another_url=step_url(draft, script.IDENTITY),
        other_url=url_for("intake.other_proof", conversation_id=draft.id),
        sheet=mask_sheet(card, wanted, faults),
        errors=faults_in_words(faults),
    )
