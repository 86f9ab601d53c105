"""Coming back by the link of a saved request: one code to the mailbox that was confirmed in it, and the open turn.

The link only points. Who holds it and not the mailbox reads neither an address nor what was said, and learns not even
whether the request was sent meanwhile. It lives as long as what it points to.
"""

from datetime import timedelta

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import codes, gates
from portal.accounts.codes import Verdict
from portal.accounts.models import CodePurpose
from portal.accounts.tokens import LinkPurpose, read_link
from portal.cases.models import Conversation
from portal.cases.retention import DRAFT_DAYS
from portal.clock import now
from portal.errors import LinkExpired, PortalError, TooManyTries
from portal.intake import conversations
from portal.intake.conversations import AlreadySent, Draft
from portal.intake.keeping import confirmed_address
from portal.intake.room import blueprint, language, onward_url, open_mailbox, open_room
from portal.intake.talking import wrong_code


@blueprint.get("/go-on/<token>")
@gates.public
def resume(token: str) -> ResponseReturnValue:
    """Say what happens, or ask for the code that was mailed; lead on where this browser has the request open."""
    draft = _pointed_at(token)
    if draft is None:
        return _over_page()
    if draft.id in gates.open_here():
        return redirect(onward_url(draft), 303)
    return _page(draft)


@blueprint.post("/go-on/<token>")
@gates.public
def take_up_again(token: str) -> ResponseReturnValue:
    """Mail a code, or take the one that was typed; the right one opens the request at the turn that is open."""
    draft = _pointed_at(token)
    if draft is None:
        return _over_page()
    if not _waits_for_code(draft) or "again" in request.form:
        return _send_code(draft, token)
    verdict = codes.check(db.session(), CodePurpose.CASES, draft.mailbox, request.form.get("code", ""))
    if verdict is not Verdict.RIGHT:
        error = wrong_code(verdict, codes.tries_left(db.session(), CodePurpose.CASES, draft.mailbox))
        db.session().commit()
        return _page(draft, error)
    open_room(draft)
    open_mailbox(draft)
    onward = onward_url(draft)
    db.session().commit()
    return redirect(onward, 303)


def _pointed_at(token: str) -> Draft | None:
    """Return the request that ``token`` leads to; None where that is forged, or its request sent, forgotten or old."""
    reading = db.reader()
    try:
        row = reading.get(Conversation, read_link(reading, LinkPurpose.RESUME, token))
        if row is None or row.updated_at <= now() - timedelta(days=DRAFT_DAYS):
            return None
        draft = conversations.load(reading, row.id)
    except (LinkExpired, AlreadySent, PortalError):
        return None
    return draft if confirmed_address(reading, draft) else None


def _send_code(draft: Draft, token: str) -> ResponseReturnValue:
    writing = db.session()
    address = confirmed_address(writing, draft)
    try:
        codes.ask(writing, CodePurpose.CASES, draft.mailbox, address, language())
    except TooManyTries as fault:
        writing.rollback()
        return _page(draft, str(_(fault.sentence)))
    session[gates.FINDING] = draft.mailbox
    writing.commit()
    return redirect(url_for("intake.resume", token=token), 303)


def _waits_for_code(draft: Draft) -> bool:
    """Say whether this browser asked for the code; the same as on the page that finds requests by an address."""
    return session.get(gates.FINDING) == draft.mailbox


def _page(draft: Draft, error: str = "") -> ResponseReturnValue:
    asked = _waits_for_code(draft)
    known = session.get(gates.MAILBOX) == draft.mailbox
    page = render_template(
        "intake/resume.html",
        asked=asked and not known,
        go_on_url=url_for("tracking.go_on", conversation_id=draft.id) if known else "",
        error=error,
        errors=[("code" if asked else "", error)] if error else [],
    )
    return page, 422 if error else 200


def _over_page() -> ResponseReturnValue:
    return render_template("intake/resume_over.html"), 410
