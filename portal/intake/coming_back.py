"""Coming back in the same browser once the session is over: a code by mail, and the turn that was open.

The browser's word (``accounts.ways_back``) only points. Where an address was given the code goes there, so another
person at the same computer learns when something was begun and nothing else. Where none was given yet, the words may be
anybody's: the way ends a day after the last turn, and who goes it leaves an address of their own in the draft.
Who opens a request by a code holds it alone: every other session that had it open ends.
"""

from datetime import datetime, timedelta
from typing import cast

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import codes, gates, ways_back
from portal.accounts.codes import Verdict, mailbox_hash
from portal.accounts.models import CodePurpose
from portal.accounts.sessions import PortalSession, close_elsewhere
from portal.audit.record import PERSON
from portal.cases.models import Conversation
from portal.cases.retention import forget_draft
from portal.clock import now
from portal.errors import NotYours, PortalError, TooManyTries
from portal.intake import conversations, limits, script
from portal.intake.carrying import Luggage, packed, travelling, unpacked
from portal.intake.conversations import AlreadySent, Draft, Notice
from portal.intake.keeping import confirmed_address
from portal.intake.replies import NOT_AN_ADDRESS
from portal.intake.room import blueprint, by_script, language, lead, onward_url, open_mailbox, open_room
from portal.intake.talking import wrong_code
from portal.intake.vouching import OTHER_VISIT
from portal.ui.forms import is_address, one_line
from portal.ui.problems import refusal_page, stale_page

NAMELESS = timedelta(days=1)
"""How long the way leads to a draft in which no address was given, after its last turn."""
PURPOSE = CodePurpose.CONVERSATION
WAY = "intake.way_back"


@blueprint.errorhandler(gates.NotOpenHere)
def lead_back(fault: gates.NotOpenHere) -> ResponseReturnValue:
    """Lead who began this conversation in this browser to the code; to all others it is not there."""
    draft = _led_to(db.reader(), _named())
    if draft is None:
        return refusal_page(fault)
    if request.method == "POST":
        return _stopped(draft) or refusal_page(fault)
    return redirect(url_for(WAY, conversation_id=draft.id), 303)


@blueprint.errorhandler(CSRFError)
def keep_typed(_error: CSRFError) -> ResponseReturnValue:
    """Ask for the code where the session of a conversation ended, and take along what was typed."""
    draft = None if _named() in gates.open_here() else _led_to(db.reader(), _named())
    return (_stopped(draft) if draft else None) or stale_page()


@blueprint.get("/c/<conversation_id>/back")
@gates.public
def way_back(conversation_id: str) -> ResponseReturnValue:
    """Say what was begun when, and offer the code; lead on where it is open."""
    if conversation_id in gates.open_here():
        return redirect(onward_url(conversations.load(db.reader(), conversation_id)), 303)
    draft = _led_to(db.reader(), conversation_id)
    if draft is None:
        raise NotYours
    return _page(draft, Luggage())


@blueprint.post("/c/<conversation_id>/back")
@gates.public
def come_back(conversation_id: str) -> ResponseReturnValue:
    """Mail a code, take the one that was typed, or throw away what was begun.

    The page that asks for the code is the answer to the form, not an address of its own: what travels along would have
    to stand in it. Loading it again mails no second code.
    """
    draft = _led_to(db.session(), conversation_id, to_change=True)
    if draft is None:
        raise NotYours
    if "forget" in request.form:
        return _throw_away(draft)
    address = _address_of(draft) or one_line(request.form.get("email"))
    if "another" in request.form:
        return _page(draft, travelling())
    if not is_address(address):
        return _page(draft, travelling(), _(NOT_AN_ADDRESS))
    if "code" not in request.form or "again" in request.form:
        return _send_code(draft, address)
    mailbox = mailbox_hash(db.session(), address)
    if error := _fault_of(draft, mailbox):
        db.session().commit()
        return _page(draft, travelling(), error, address)
    onward = _open(draft, address, mailbox)
    db.session().commit()
    return redirect(onward, 303)


def begun_here() -> list[tuple[str, datetime]]:
    """Return what was begun in this browser and is open nowhere in it: the way back, and when it began."""
    reading, open_here = db.reader(), gates.open_here()
    found = (_led_to(reading, each) for each in ways_back.leads_to(reading) if each not in open_here)
    return [(url_for(WAY, conversation_id=each.id), _begun(each)) for each in found if each]


def _named() -> str:
    return str((request.view_args or {}).get("conversation_id", ""))


def _led_to(source: Session, conversation_id: str, *, to_change: bool = False) -> Draft | None:
    """Return the draft to which this browser holds a way that still counts."""
    if conversation_id not in ways_back.leads_to(source):
        return None
    try:
        draft = conversations.load(source, conversation_id, to_change=to_change)
    except (AlreadySent, PortalError):
        return None
    row = source.get_one(Conversation, conversation_id)
    return draft if _address_of(draft) or row.updated_at > now() - NAMELESS else None


def _address_of(draft: Draft) -> str:
    """Return where the code goes: the confirmed address, else the one that was given, else nothing."""
    return confirmed_address(db.reader(), draft) or draft.contact.get("email", "") or draft.keep_at


def _stopped(draft: Draft) -> ResponseReturnValue | None:
    """Answer a turn that was sent too late; None where it holds too much to travel along."""
    if by_script():
        return lead(url_for(WAY, conversation_id=draft.id))
    luggage = travelling() if request.endpoint == "intake.come_back" else packed()
    return _page(draft, luggage, status=403) if luggage else None


def _send_code(draft: Draft, address: str) -> ResponseReturnValue:
    """Mail a code, unless one that still works is on its way to the same mailbox."""
    writing = db.session()
    waits = codes.current(writing, PURPOSE, draft.id)
    ended = waits is not None and waits.expires_at is not None and waits.expires_at <= now()
    same = waits is not None and waits.mailbox == mailbox_hash(writing, address) and not ended
    if "again" in request.form or not same or not codes.tries_left(writing, PURPOSE, draft.id):
        try:
            codes.ask(writing, PURPOSE, draft.id, address, language())
        except TooManyTries as fault:
            writing.rollback()
            return _page(draft, travelling(), _(fault.sentence))
        writing.commit()
    return _page(draft, travelling(), asked=address)


def _fault_of(draft: Draft, mailbox: str) -> str:
    """Return what is wrong with the code that was typed for ``mailbox``, in the language of the page; else nothing."""
    writing = db.session()
    waits = codes.current(writing, PURPOSE, draft.id)
    if waits is None or waits.mailbox != mailbox:  # a code that went elsewhere proves nothing of this address
        return wrong_code(Verdict.EXPIRED, 0)
    verdict = codes.check(writing, PURPOSE, draft.id, request.form["code"])
    if verdict is not Verdict.RIGHT:
        return wrong_code(verdict, codes.tries_left(writing, PURPOSE, draft.id))
    draft.code_for = mailbox
    return "" if draft.mailbox == mailbox else limits.refusal_to_confirm(writing, draft)


def _open(draft: Draft, address: str, mailbox: str) -> str:
    """Open the draft here and nowhere else, with what travelled along; return where it goes on."""
    writing = db.session()
    draft.mailbox, draft.notices = mailbox, []
    if draft.contact and mailbox_hash(writing, draft.contact["email"]) == mailbox:
        draft.done.add(script.CODE)
    else:
        draft.keep_at = address
    if draft.vouch:
        draft.vouch = None
        draft.notices.append(Notice(OTHER_VISIT, "warn"))
    onward = unpacked(draft, travelling()) or onward_url(draft)
    close_elsewhere(writing, draft.id, cast(PortalSession, session))
    open_room(draft)
    open_mailbox(draft)
    conversations.save(writing, draft, language())
    return onward


def _throw_away(draft: Draft) -> ResponseReturnValue:
    """Take the way from this browser; what no confirmed address leads to is forgotten with it."""
    writing = db.session()
    files: list[str] = []
    ways_back.close_ways(writing, [draft.id])
    if not draft.mailbox:
        files = forget_draft(writing, writing.get_one(Conversation, draft.id), now(), PERSON)
    writing.commit()
    for name in files:
        writing.info["vault"].delete(name)
    return redirect(url_for("intake.start"), 303)


def _begun(draft: Draft) -> datetime:
    return db.reader().get_one(Conversation, draft.id).created_at


def _typed_here() -> str:
    return one_line(request.form.get("email")) if request.endpoint == "intake.come_back" else ""


def _page(draft: Draft, luggage: Luggage, error: str = "", asked: str = "", status: int = 0) -> ResponseReturnValue:
    """Show the page; ``asked`` is where a code went, which is shown only where the person typed it on this page."""
    given = _address_of(draft)
    field = "code" if asked else "" if given else "email"
    page = render_template(
        "intake/way_back.html",
        action=url_for(WAY, conversation_id=draft.id),
        begun=_begun(draft),
        given=bool(given),
        confirmed=bool(draft.mailbox),
        asked=bool(asked),
        typed="" if given else asked or _typed_here(),
        carried=luggage.hidden,
        file=luggage.file,
        error=error,
        errors=[(field, error)] if error else [],
    )
    return page, status or (422 if error else 200)
