"""More or less in one go: another right, an offer that goes with one, or one request left out again."""

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.intake import conversations, script
from portal.intake.conversations import Draft
from portal.intake.opening import CHOOSE_ONE
from portal.intake.retelling import step_url
from portal.intake.room import Elsewhere, blueprint, draft_at, register, save_and_go_on
from portal.intake.sending import check_page
from portal.rights import RIGHTS


@blueprint.post("/c/<conversation_id>/more")
@gates.conversation
def add(conversation_id: str) -> ResponseReturnValue:
    """Ask another right too, or take up an offer; what is still open in it comes next."""
    offer, chosen = request.form.get("offer", ""), request.form.get("right", "")
    if not offer and chosen not in RIGHTS:
        return _refused(draft_at(conversation_id, script.RIGHT, db.reader()), CHOOSE_ONE)
    draft = draft_at(conversation_id, script.RIGHT, db.session())
    try:
        if offer:
            conversations.add_offer(draft, offer, register())
        else:
            conversations.add_wish(draft, RIGHTS[chosen])
    except conversations.AskedTwice as fault:
        db.session().rollback()
        return _refused(draft, fault.sentence)
    onward = save_and_go_on(draft)
    db.session().commit()
    return redirect(onward, 303)


@blueprint.post("/c/<conversation_id>/less")
@gates.conversation
def leave_out(conversation_id: str) -> ResponseReturnValue:
    """Leave one request out; it is named by its right, so that two open tabs never leave out another one."""
    draft = draft_at(conversation_id, script.RIGHT, db.session())
    numbers = {wish.right.slug: number for number, wish in enumerate(draft.wishes, 1) if wish.right}
    conversations.drop_wish(draft, numbers.get(request.form.get("right", ""), 0))
    onward = save_and_go_on(draft)
    db.session().commit()
    return redirect(onward, 303)


def _refused(draft: Draft, sentence: str) -> ResponseReturnValue:
    """Say on the check page what is wrong; who does not stand there is led on."""
    if not draft.may_visit(script.CHECK):
        raise Elsewhere(step_url(draft, draft.next_key))
    return check_page(draft, [("right", _(sentence))])
