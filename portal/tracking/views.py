"""The person's own pages: finding requests by mailed code, where each stands, answering, withdrawing, stopping."""

from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import codes, gates, ways_back
from portal.accounts.codes import Verdict
from portal.accounts.models import CodePurpose
from portal.accounts.tokens import LinkPurpose, read_link
from portal.cases.access import awaited_copy, awaits_picture, case_of_person, cases_of_person, right_of
from portal.cases.arrivals import is_read
from portal.cases.disagreements import again_of, last_day, may_disagree, open_of
from portal.cases.extension import extension_of
from portal.cases.fees import fee_of
from portal.cases.letter_papers import letter_paper_of
from portal.cases.lifecycle import OPEN, Status
from portal.cases.models import Case
from portal.cases.moves import OVER
from portal.cases.moves import stop as stop_case
from portal.cases.papers import papers_of
from portal.cases.recipients import told_of
from portal.cases.remedies import remedies
from portal.cases.said import relent, withdraw
from portal.cases.siblings import siblings
from portal.cases.undo import shown_status
from portal.clock import now, today
from portal.errors import NotYours
from portal.files.attached import ACCEPT
from portal.rights import RIGHTS
from portal.tracking import pages, standing
from portal.tracking.elsewhere import elsewhere
from portal.ui.forms import is_address, one_line

blueprint = Blueprint("tracking", __name__)
FINDING = gates.FINDING


@blueprint.get("/requests")
@gates.public
def find() -> ResponseReturnValue:
    """Ask for the mail address under which requests were made."""
    return render_template("tracking/find.html", errors=[], typed="", next=_next())


@blueprint.post("/requests")
@gates.public
def send_code() -> ResponseReturnValue:
    """Mail a code to the address, whether or not we know it: the answer is the same."""
    typed = one_line(request.form.get("email"))
    if not is_address(typed):
        errors = [("email", _("Enter an e-mail address such as name@example.com."))]
        return render_template("tracking/find.html", errors=errors, typed=typed, next=_next()), 422
    mailbox = codes.mailbox_hash(db.session(), typed)
    codes.ask(db.session(), CodePurpose.CASES, mailbox, typed, g.language)
    session[FINDING] = mailbox
    db.session().commit()
    return redirect(url_for("tracking.find_code", next=_next()), 303)


@blueprint.get("/requests/code")
@gates.public
def find_code() -> ResponseReturnValue:
    """Ask for the code."""
    if FINDING not in session:
        return redirect(url_for("tracking.find", next=_next()), 302)
    return render_template("tracking/code.html", errors=[], next=_next())


@blueprint.post("/requests/code")
@gates.public
def check_code() -> ResponseReturnValue:
    """Take the code; the right one opens every request made from this mailbox, in this browser."""
    mailbox = session.get(FINDING)
    if mailbox is None:
        return redirect(url_for("tracking.find", next=_next()), 303)
    verdict = codes.check(db.session(), CodePurpose.CASES, mailbox, request.form.get("code", ""))
    db.session().commit()
    if verdict is not Verdict.RIGHT:
        errors = [("code", _(codes.SENTENCES[verdict]))]
        return render_template("tracking/code.html", errors=errors, next=_next()), 422
    del session[FINDING]
    session[gates.MAILBOX] = mailbox
    session.renew()  # type: ignore[attr-defined]
    return redirect(_next() or url_for("tracking.requests"), 303)


@blueprint.get("/requests/mine")
@gates.person
def requests() -> ResponseReturnValue:
    """Show every request made from this mailbox, and those that were begun and not sent."""
    cases = cases_of_person(db.session(), gates.mailbox())
    drafts = pages.drafts_of(db.session(), gates.mailbox())
    return render_template(
        "tracking/requests.html", cases=cases, drafts=drafts, rights=RIGHTS, shown=_shown, **_unread(cases)
    )


@blueprint.post("/requests/mine/<conversation_id>")
@gates.person
def go_on(conversation_id: str) -> ResponseReturnValue:
    """Open a request that was not sent in this browser again; its last page leads to the question that is open."""
    if conversation_id not in {draft.id for draft in pages.drafts_of(db.reader(), gates.mailbox())}:
        raise NotYours
    gates.hold(conversation_id, gates.mailbox())
    session.renew()  # type: ignore[attr-defined]
    ways_back.open_way(db.session(), conversation_id)
    db.session().commit()
    return redirect(url_for("intake.check", conversation_id=conversation_id), 303)


@blueprint.post("/requests/leave")
@gates.public
def leave() -> ResponseReturnValue:
    """End this browser's session: for who shares a computer."""
    session.clear()
    ways_back.close_ways(db.session(), ways_back.leads_to(db.session()))
    db.session().commit()
    gone = redirect(url_for("intake.start"), 303)
    gone.headers["Clear-Site-Data"] = '"storage"'  # what a script kept in this tab for the person who leaves
    return gone


@blueprint.get("/s/<case_id>")
@gates.person
def status(case_id: str) -> ResponseReturnValue:
    """Show where a request stands, with everything that was said and done."""
    return status_page(_case(case_id))


@blueprint.get("/s/<case_id>/withdraw")
@gates.person
def ask_withdraw(case_id: str) -> ResponseReturnValue:
    """Ask whether the person is sure."""
    case = _case(case_id)
    if case.status not in OPEN:
        raise NotYours
    contested = open_of(db.session(), case) is not None
    return render_template("tracking/withdraw.html", case=case, right=right_of(case), contested=contested)


@blueprint.post("/s/<case_id>/withdraw")
@gates.person
def withdraw_case(case_id: str) -> ResponseReturnValue:
    """Take the request back, and forget a picture of a card at once; or a disagreement, so that our answer stands."""
    writing, case, files = db.session(), _case(case_id), []
    if open_of(writing, case) is not None:
        relent(writing, case)
        flash(_("You no longer disagree. Our answer stands."), "ok")
    else:
        files = withdraw(writing, case)
        flash(_("You took back your request."), "ok")
    writing.commit()
    for name in files:
        writing.info["vault"].delete(name)
    return redirect(url_for("tracking.status", case_id=case_id), 303)


@blueprint.get("/stop/<token>")
@gates.public
def stop(token: str) -> ResponseReturnValue:
    """Show one button to whoever got a notice that something is asked in their name."""
    case = _stoppable(token)
    over = case.status in OVER
    return render_template("tracking/stop.html", token=token, stopped=case.stopped_at is not None, over=over)


@blueprint.post("/stop/<token>")
@gates.public
def stop_it(token: str) -> ResponseReturnValue:
    """Stop the request: nothing is handed over or changed any more."""
    stop_case(db.session(), _stoppable(token))
    db.session().commit()
    return redirect(url_for("tracking.stop", token=token), 303)


def _case(case_id: str) -> Case:
    return case_of_person(db.session(), case_id, gates.mailbox())


def _stoppable(token: str) -> Case:
    case = db.session().get(Case, read_link(db.session(), LinkPurpose.STOP, token))
    if case is None:
        raise NotYours
    return case


def _next() -> str | None:
    """Return where to go afterwards, if it is a plain path on this site."""
    wanted = request.values.get("next", "")
    if not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted or not wanted.isprintable():
        return None
    return wanted


def _unread(cases: Sequence[Case]) -> dict[str, set[str]]:
    """Return the mails of which nobody said yet what they ask: a guess of ours is no title for them."""
    return {"unread": {case.id for case in cases if not is_read(db.session(), case)}}


def _shown(case: Case) -> Status:
    return shown_status(case, now())


def status_page(case: Case, errors: list[tuple[str, str]] | None = None, typed: str = "") -> str:
    """Return the page of ``case``, with what is wrong with a message and what was typed."""
    reading = db.session()
    again = again_of(reading, case)
    return render_template(
        "tracking/status.html",
        case=case,
        shown=_shown,
        right=right_of(case),
        **_unread([case]),
        clock=pages.clock_of(case, since=again.made_on if again and again.is_open else None),
        again=again,
        disagreeable=may_disagree(reading, case),
        disagree_until=last_day(case),
        stops=pages.track(reading, case),
        ledger=pages.ledger(reading, case),
        looks=pages.looks(reading, case),
        messages=pages.said(reading, case),
        added=pages.added(reading, case),
        papers=papers_of(reading, case),
        letter=pages.letter(reading, case),
        letter_paper=letter_paper_of(reading, case),
        carried=pages.carried(reading, case),
        kept=standing.kept(reading, case),
        told=told_of(reading, case),
        pause_ends_on=standing.pause_ends_on(reading, case),
        extension=extension_of(reading, case),
        fee=fee_of(reading, case),
        elsewhere=elsewhere(reading, case),
        remedies=remedies(case.residence, late=case.status in OPEN and today() > case.due_on),
        today=today(),
        package=pages.package_for(reading, case),
        is_open=case.status in OPEN,
        waiting=case.status is Status.WAITING,
        awaits_picture=awaits_picture(reading, case),
        together=siblings(reading, case),
        rights=RIGHTS,
        copy_first=awaited_copy(reading, case),
        now=now(),
        errors=errors or [],
        faults=dict(errors or []),
        typed=typed,
        accept=ACCEPT,
    )
