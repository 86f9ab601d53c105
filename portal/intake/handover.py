"""Coming in from the controller's app: a page with one button, and a conversation in which the person is known."""

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates, handovers, ways_back
from portal.accounts.codes import mailbox_hash
from portal.accounts.handovers import Introduced
from portal.audit.record import PERSON
from portal.cases.models import Conversation
from portal.cases.retention import forget_draft
from portal.clock import now
from portal.errors import LinkExpired
from portal.intake import conversations, script
from portal.intake.contact import SELF
from portal.intake.conversations import CONTACT, Draft
from portal.intake.room import Elsewhere, blueprint, draft_at, language, onward_url, open_mailbox, open_room
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


@blueprint.get("/c/<conversation_id>/not-me")
@gates.conversation
def not_me(conversation_id: str) -> ResponseReturnValue:
    """Ask whether the conversation was opened for another person than who sits here."""
    draft = _introduced(conversation_id, db.reader())
    return render_template("intake/not_me.html", conversation_id=draft.id, onward_url=onward_url(draft))


@blueprint.post("/c/<conversation_id>/not-me")
@gates.conversation
def end_handover(conversation_id: str) -> ResponseReturnValue:
    """Forget a conversation that was opened for another person, and all that this browser knows of that person."""
    draft = _introduced(conversation_id, db.session())
    row = db.session().get_one(Conversation, draft.id)
    files = forget_draft(db.session(), row, now(), PERSON)
    session.clear()
    ways_back.close_ways(db.session(), ways_back.leads_to(db.session()))
    db.session().commit()
    for name in files:
        db.session().info["vault"].delete(name)
    return redirect(url_for("intake.handover_ended"), 303)


@blueprint.get("/not-me")
@gates.public
def handover_ended() -> ResponseReturnValue:
    """Say that it is closed, and what to do where somebody else is signed in at the app."""
    return render_template("intake/handover_ended.html")


def _introduced(conversation_id: str, source: Session) -> Draft:
    """Return the conversation; in one that nobody was introduced for there is nothing to end."""
    draft = draft_at(conversation_id, script.RIGHT, source)
    if draft.vouch is None:
        raise Elsewhere(onward_url(draft))
    return draft


def _introduce(draft: Draft, introduced: Introduced, mailbox: str) -> None:
    """Note who the person is, that the mailbox is theirs, and that the app said so."""
    contact = {"name": introduced.name, "email": introduced.email, "known_email": "", "residence": "", "acting": SELF}
    draft.person[CONTACT] = [contact]
    draft.mailbox = mailbox
    draft.done.add(script.CODE)
    draft.vouch = Vouch(introduced.email, introduced.account, introduced.at)


def _over_page() -> ResponseReturnValue:
    return render_template("intake/handover_over.html"), 410
