"""Coming in from the controller's app: a page with one button, and a conversation in which the person is known."""

from flask import redirect, render_template, session
from flask.typing import ResponseReturnValue

from portal import db
from portal.accounts import gates, handovers
from portal.accounts.codes import mailbox_hash
from portal.accounts.handovers import Introduced
from portal.errors import LinkExpired
from portal.intake import conversations, script
from portal.intake.contact import SELF
from portal.intake.conversations import CONTACT, Draft
from portal.intake.room import blueprint, language, onward_url, open_mailbox, open_room
from portal.intake.vouching import Vouch


@blueprint.get("/h/<token>")
@gates.public
def handover(token: str) -> ResponseReturnValue:
    """Say what the button does. Looking uses nothing up: programs that check links look too."""
    if not handovers.is_open(db.reader(), token):
        return _over_page()
    return render_template("intake/handover.html", token=token)


@blueprint.post("/h/<token>")
@gates.public
def open_handover(token: str) -> ResponseReturnValue:
    """Use the link up, and open a conversation in this browser in which the person is known."""
    writing = db.session()
    draft = conversations.begin(writing, language(), [], "")
    try:
        introduced = handovers.open_handover(writing, token, draft.id)
    except LinkExpired:
        writing.rollback()
        return _over_page()
    _introduce(draft, introduced, mailbox_hash(writing, introduced.email))
    conversations.save(writing, draft, language())
    session.pop(gates.CONVERSATION, None)  # the app says who sits here: what is open may be another person's
    open_room(draft)
    open_mailbox(draft)
    session[gates.VOUCHED] = draft.id
    onward = onward_url(draft)
    writing.commit()
    return redirect(onward, 303)


def _introduce(draft: Draft, introduced: Introduced, mailbox: str) -> None:
    """Note who the person is, that the mailbox is theirs, and that the app said so."""
    contact = {"name": introduced.name, "email": introduced.email, "known_email": "", "residence": "", "acting": SELF}
    draft.person[CONTACT] = [contact]
    draft.mailbox = mailbox
    draft.done.add(script.CODE)
    draft.vouch = Vouch(introduced.email, introduced.account, introduced.at)


def _over_page() -> ResponseReturnValue:
    return render_template("intake/handover_over.html"), 410
