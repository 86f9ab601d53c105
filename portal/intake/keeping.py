"""Saving for later: the way back by mail, to a mailbox that the person confirmed in this conversation.

The draft itself is saved at every turn. What this adds is a confirmed mailbox, if there is none yet, and a letter with
a link. The link gives no right by itself: it opens the page that mails a code (``resuming``).
"""

from datetime import date, timedelta

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import codes, gates
from portal.accounts.codes import Verdict
from portal.accounts.models import CodePurpose
from portal.cases.letters import queue_way_back
from portal.cases.retention import DRAFT_DAYS
from portal.clock import local, now
from portal.errors import TooManyTries
from portal.intake import conversations, limits, script
from portal.intake.conversations import Draft
from portal.intake.replies import NOT_AN_ADDRESS
from portal.intake.retelling import step_url
from portal.intake.room import blueprint, draft_at, language, open_mailbox, show
from portal.intake.talking import wrong_code
from portal.ui.forms import is_address, one_line
from portal.words import N_

LINKS_PER_HOUR = 3
ENOUGH_LINKS = N_("We mailed you this link several times. Look for it in your mail, or wait an hour.")


@blueprint.get("/c/<conversation_id>/save")
@gates.conversation
def save_for_later(conversation_id: str) -> ResponseReturnValue:
    """Say that everything is saved, and offer the way back by mail."""
    return _page(_open(conversation_id, db.reader()))


@blueprint.post("/c/<conversation_id>/save")
@gates.conversation
def mail_way_back(conversation_id: str) -> ResponseReturnValue:
    """Confirm a mailbox in two steps, if none is; then mail the link."""
    draft = _open(conversation_id, db.session())
    typed = "code" in request.form and "another" not in request.form
    act = _confirmed if confirmed_address(db.session(), draft) else _take_code if typed else _take_address
    if error := act(draft):
        if typed:
            db.session().commit()  # a wrong code is counted
        return _page(draft, error)
    conversations.save(db.session(), draft, language())
    db.session().commit()
    return redirect(url_for("intake.save_for_later", conversation_id=conversation_id), 303)


def _open(conversation_id: str, source: Session) -> Draft:
    return draft_at(conversation_id, conversations.load(db.reader(), conversation_id).next_key, source)


def _take_address(draft: Draft) -> str:
    """Send a code to the address that was typed, or forget one that was wrong; return what is wrong, else nothing."""
    if "another" in request.form:
        draft.keep_at = ""
        return ""
    typed = one_line(request.form.get("email"))
    if not is_address(typed):
        return str(_(NOT_AN_ADDRESS))
    if draft.mailbox and codes.mailbox_hash(db.session(), typed) == draft.mailbox:
        draft.keep_at = typed
        return _confirmed(draft)
    try:
        codes.ask(db.session(), CodePurpose.CONVERSATION, draft.id, typed, language())
    except TooManyTries as fault:
        return str(_(fault.sentence))
    draft.keep_at, draft.code_for = typed, codes.mailbox_hash(db.session(), typed)
    return ""


def _take_code(draft: Draft) -> str:
    if not _waits_for_code(draft):
        return str(_(codes.SENTENCES[Verdict.EXPIRED]))
    verdict = codes.check(db.session(), CodePurpose.CONVERSATION, draft.id, request.form["code"])
    if verdict is not Verdict.RIGHT:
        return wrong_code(verdict, codes.tries_left(db.session(), CodePurpose.CONVERSATION, draft.id))
    if refusal := limits.refusal_to_confirm(db.session(), draft):
        return refusal
    draft.mailbox = draft.code_for
    open_mailbox(draft)
    if draft.contact and codes.mailbox_hash(db.session(), draft.contact["email"]) == draft.mailbox:
        draft.done.add(script.CODE)
    return _confirmed(draft)


def _confirmed(draft: Draft) -> str:
    """Mail the link to the mailbox that was confirmed; return what stands in the way, else nothing."""
    lately = [each for each in draft.links if each > now() - timedelta(hours=1)]
    if len(lately) >= LINKS_PER_HOUR:
        return str(_(ENOUGH_LINKS))
    draft.links = [*lately, now()]
    draft.keep_at = confirmed_address(db.session(), draft)  # the way back holds, whatever address is typed later
    queue_way_back(db.session(), draft.id, draft.keep_at, language(), _until())
    return ""


def confirmed_address(source: Session, draft: Draft) -> str:
    """Return the address whose mailbox was confirmed, never one that was only typed; empty where it is not known."""
    given = (draft.contact.get("email", ""), draft.keep_at)
    return next((each for each in given if each and codes.mailbox_hash(source, each) == draft.mailbox), "")


def _waits_for_code(draft: Draft) -> bool:
    return bool(draft.keep_at) and draft.code_for == codes.mailbox_hash(db.reader(), draft.keep_at)


def _until() -> date:
    return local(now()).date() + timedelta(days=DRAFT_DAYS)


def _page(draft: Draft, error: str = "") -> ResponseReturnValue:
    confirmed = confirmed_address(db.reader(), draft)
    state = "confirmed" if confirmed else "code" if _waits_for_code(draft) else "address"
    field = {"address": "email", "code": "code", "confirmed": ""}[state]
    return show(
        draft,
        draft.next_key,
        "save",
        _("Save for later"),
        422 if error else 200,
        state=state,
        address=confirmed or draft.keep_at,
        typed=one_line(request.form.get("email")),
        mailed=bool(draft.links),
        until=_until(),
        onward_url=step_url(draft, draft.next_key),
        error=error,
        errors=[(field, error)] if error else [],
    )
