"""The page on which a person covers the photo and every number of their card, and the burning in of it."""

from dataclasses import dataclass

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases.models import Evidence
from portal.intake import conversations, masks, pictures, script
from portal.intake.card import mark, show_by_card
from portal.intake.conversations import Draft
from portal.intake.forms import Choice
from portal.intake.retelling import step_url
from portal.intake.room import Elsewhere, blueprint, draft_at, language, save_and_go_on, show, typed


@dataclass(frozen=True, slots=True)
class Painted:
    """A rectangle over the picture, in pixels of the picture."""

    x: float
    y: float
    width: float
    height: float


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
        **mask_sheet(card, wanted, faults),
    )


def mask_sheet(card: Evidence, wanted: masks.Mask, faults: dict[str, str]) -> dict[str, object]:
    """Return what ``intake/_mask.html`` shows of ``card``: the boxes over it, the places to choose, what was typed."""
    across, down = card.width / 100, card.height / 100
    form = typed() if request.method == "POST" else {}
    return {
        "card": card,
        "painted": [
            Painted(each.left * across, each.top * down, each.width * across, each.height * down)
            for each in wanted.all_covers
        ],
        "wanted": wanted,
        "presets": [_preset(each) for each in masks.PRESETS.values()],
        "stencils": [(slug, _(label)) for slug, (label, _presets) in masks.STENCILS.items()],
        "parts": [(part.value, _(title)) for part, title in masks.PART_TITLES.items()],
        "rows": [_row(each) for each in wanted.covers],
        "form": {name: values[0] for name, values in form.items()},
        "faults": {name: _(sentence) for name, sentence in faults.items()},
        "errors": [(name, _(sentence)) for name, sentence in faults.items()],
        "warnings": [_(sentence) for sentence in card.warnings],
    }


def _preset(preset: masks.Preset) -> Choice:
    return Choice(preset.slug, _(preset.label), _(preset.hint) if preset.hint else "")


def _row(cover: masks.Cover) -> dict[str, str]:
    return {side: f"{getattr(cover, side):g}" for side in masks.SIDES} | {"part": cover.part.value}
