"""The turn about identity: choose a picture of the card, or another way. Covering it on a page is ``covering``."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import db
from portal.accounts import gates
from portal.clock import now, today
from portal.config import settings_of
from portal.errors import NotYours, PortalError, TooManyTries, UploadRejected, UploadTooBig
from portal.files.masks import Mask
from portal.files.sandbox import SandboxBroken, SandboxBusy
from portal.intake import conversations, pictures, script
from portal.intake.conversations import Draft
from portal.intake.replies import TOO_LONG
from portal.intake.retelling import step_url
from portal.intake.room import blueprint, by_script, draft_at, language, lead, save_and_go_on, show, typed
from portal.intake.taking import Taken, take, words_of_the_editor
from portal.ui.choices import Choice
from portal.ui.forms import clean
from portal.ui.headers import PICTURE_POLICY
from portal.words import N_

ACCEPT = "image/jpeg,image/png,image/webp,image/heic,image/heif,application/pdf,.heic,.heif"
TELL_FROM = 3  # say how many files may still be chosen once so few are left
LONGEST_NOTE = 1000
OTHER_PROOF = "other-proof"
"""Name of the page, at the turn about identity, that offers other ways."""
NO_FILE = N_("Choose a photo or a PDF of the front of your card.")
TOO_MANY_FILES = N_("You chose ten files within an hour. Wait an hour, or choose another way to show that it is you.")
CHOOSE_WAY = N_("Choose how you want to show that it is you.")
WAYS = {
    "video": (N_("By video call"), N_("An employee calls you. You hold your card before the camera for a moment.")),
    "visit": (N_("At our office"), N_("You show your card at the counter. We make no copy.")),
    "letter": (N_("By post"), N_("You send a covered copy of your card to our address.")),
    "else": (N_("In another way"), N_("An employee looks for a way with you.")),
}


@blueprint.get("/c/<conversation_id>/identity")
@gates.conversation
def identity(conversation_id: str) -> ResponseReturnValue:
    """Ask for a picture of the card."""
    return _identity_page(draft_at(conversation_id, script.IDENTITY, db.reader()))


@blueprint.post("/c/<conversation_id>/identity")
@gates.conversation
def upload(conversation_id: str) -> ResponseReturnValue:
    """Take a picture in, covered by the browser or not: looked at in a child, built anew, sealed under its own key."""
    seen = draft_at(conversation_id, script.IDENTITY, db.reader())
    if seen.uploads_left(now()) <= 0:
        return _identity_page(seen, TooManyTries(TOO_MANY_FILES))
    file = request.files.get("card")
    if file is None or not file.filename:
        return _identity_page(seen, UploadRejected(NO_FILE))
    try:
        taken = take(db.database(), file.stream, typed(), mark())
    except (UploadRejected, UploadTooBig, SandboxBusy, SandboxBroken) as fault:
        return _refuse(conversation_id, fault)
    return lead(_keep(conversation_id, taken))


@blueprint.get("/c/<conversation_id>/picture")
@gates.conversation
def picture(conversation_id: str) -> ResponseReturnValue:
    """Show the person their own picture, and nobody else."""
    draft = draft_at(conversation_id, script.IDENTITY, db.reader())
    card = pictures.living(db.reader(), draft.id)
    if card is None:
        raise NotYours
    return Response(pictures.read(db.reader(), card), mimetype="image/jpeg", headers=PICTURE_POLICY)


@blueprint.get("/c/<conversation_id>/other-proof")
@gates.conversation
def other_proof(conversation_id: str) -> ResponseReturnValue:
    """Offer other ways to show who the person is."""
    draft = draft_at(conversation_id, script.IDENTITY, db.reader())
    chosen = next((slug for slug, (label, _hint) in WAYS.items() if label == draft.other_proof), "")
    typed_before = {name: values[0] for name, values in draft.unsent.get(OTHER_PROOF, {}).items()}
    return _other_page(draft, typed_before.get("way", chosen), typed_before.get("note", draft.other_proof_note), [])


@blueprint.post("/c/<conversation_id>/other-proof")
@gates.conversation
def choose_other_proof(conversation_id: str) -> ResponseReturnValue:
    """Take another way: no card is asked, and a picture that was sent is thrown away."""
    chosen, note = request.form.get("way", ""), clean(request.form.get("note"))
    errors = [] if chosen in WAYS else [("way", _(CHOOSE_WAY))]
    if len(note) > LONGEST_NOTE:
        errors.append(("note", _(TOO_LONG, limit=LONGEST_NOTE)))
    if errors:
        return _other_page(draft_at(conversation_id, script.IDENTITY, db.reader()), chosen, note, errors)
    draft = draft_at(conversation_id, script.IDENTITY, db.session())
    settle(draft, WAYS[chosen][0], note)
    pictures.throw_away(db.session(), draft.id)
    onward = save_and_go_on(draft)
    db.session().commit()
    return redirect(onward, 303)


def mark() -> str:
    """Return the words across a covered picture: what it is for, and when it was made."""
    product = settings_of(db.reader()).controller.product
    return str(_("COPY only for a privacy request to %(product)s, %(day)s", product=product, day=f"{today():%d-%m-%Y}"))


def _refuse(conversation_id: str, fault: PortalError) -> ResponseReturnValue:
    """Count and record a refused file; everything else the person said stays."""
    draft = draft_at(conversation_id, script.IDENTITY, db.session())
    if isinstance(fault, UploadRejected):
        draft.count_upload(now())
        pictures.note_refusal(db.session(), draft.id)
        conversations.save(db.session(), draft, language())
    db.session().commit()
    return _identity_page(draft, fault)


def _keep(conversation_id: str, taken: Taken) -> str:
    """Make the picture the one of this conversation; return the next turn, or where to cover what is not covered."""
    draft = draft_at(conversation_id, script.IDENTITY, db.session())
    draft.count_upload(now())
    if taken.covered:
        boxes = len(taken.mask.all_covers)
        pictures.put_covered(
            db.session(), draft.id, taken.sealed, taken.picture, taken.covered, boxes, pictures.Place.BROWSER
        )
        show_by_card(draft)
    else:
        draft.done.discard(script.IDENTITY)
        draft.mask = taken.mask
        pictures.put(db.session(), draft.id, taken.sealed, taken.picture)
    onward = save_and_go_on(draft)
    db.session().commit()
    return onward if taken.covered else url_for("intake.mask", conversation_id=conversation_id)


def show_by_card(draft: Draft) -> None:
    """Note that the person shows a covered card."""
    settle(draft, "", "")
    draft.done.add(script.IDENTITY)
    draft.mask = Mask()


def settle(draft: Draft, other: str, note: str) -> None:
    """Note how the person shows who they are; a signature over another way no longer counts."""
    if (draft.other_proof, draft.other_proof_note) != (other, note):
        draft.reopen({script.SIGN})
    draft.other_proof, draft.other_proof_note = other, note
    if other:
        draft.done.add(script.IDENTITY)


def _left_over(draft: Draft) -> str:
    """Return how many files may still be chosen, once that is worth saying."""
    left = draft.uploads_left(now())
    told = ngettext("You can choose %(num)d more file this hour.", "You can choose %(num)d more files this hour.", left)
    return str(told) if 0 < left <= TELL_FROM else ""


def _identity_page(draft: Draft, fault: PortalError | None = None) -> ResponseReturnValue:
    card = pictures.living(db.reader(), draft.id)
    error = _(fault.sentence) if fault else ""
    if fault and by_script():
        return {"sentence": error}, fault.status
    return show(
        draft,
        script.IDENTITY,
        "identity",
        _("Show that it is you"),
        fault.status if fault else 200,
        card=card,
        accept=ACCEPT,
        editor=words_of_the_editor(),
        left_over=_left_over(draft),
        onward_url=step_url(draft, draft.next_key) if script.IDENTITY in draft.done else None,
        mark=mark(),
        error=error,
        errors=[("card", error)] if error else [],
    )


def _other_page(draft: Draft, chosen: str, note: str, errors: list[tuple[str, str]]) -> ResponseReturnValue:
    return show(
        draft,
        script.IDENTITY,
        "other_proof",
        _("Other ways to show that it is you"),
        422 if errors else 200,
        ways=[Choice(slug, _(label), _(hint)) for slug, (label, hint) in WAYS.items()],
        chosen=chosen,
        note=note,
        longest=LONGEST_NOTE,
        errors=errors,
        faults=dict(errors),
        card_url=step_url(draft, script.IDENTITY),
    )
