"""The own account of a member of staff: password, app, passkeys, sessions, and what happened to it."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import factors, gates, passkeys, staff
from portal.accounts.factors import factors_left, locked_row, passkeys_of
from portal.accounts.members import history_of
from portal.accounts.models import Passkey, Role, Staff
from portal.accounts.notices import tell
from portal.accounts.own_sessions import end_session, end_sessions, sessions_of
from portal.audit.record import record
from portal.audit.staff_events import StaffFactorChanged
from portal.clock import now
from portal.config import settings_of
from portal.errors import InputRejected, NotYours
from portal.review.account_words import in_words
from portal.review.desk import blueprint
from portal.review.fresh import CHALLENGE, asks, fresh, is_confirmed, take_challenge
from portal.review.qr import Qr, qr_of
from portal.ui.forms import one_line
from portal.words import N_

LAST_FACTOR = N_("This is your only second factor. Add another one first.")


@blueprint.get("/account")
@gates.staff(*Role)
def account() -> ResponseReturnValue:
    """Show the own factors, sessions and history."""
    return _account_page()


@blueprint.post("/account/confirm")
@gates.staff(*Role)
@fresh
def confirm_oneself() -> ResponseReturnValue:
    """Show a second factor, so that the page opens what needs one."""
    return redirect(url_for("review.account"), 303)


@blueprint.post("/account/password")
@gates.staff(*Role)
@fresh
def change_password() -> ResponseReturnValue:
    """Take a new password; every other session ends."""
    member, new = gates.current_staff(), request.form.get("new_password", "")
    if not staff.password_fits(member, request.form.get("password", "")[: staff.LONGEST_PASSWORD]):
        return _account_page([("password", _("This is not your present password."))]), 422
    try:
        staff.check_password(new, member.name, member.login)
    except InputRejected as refused:
        return _account_page([("new_password", _(refused.sentence))]), 422
    hashed = staff.hash_password(new)  # slow: before the write transaction
    _locked().password_hash = hashed
    _changed("password")
    flash(_("Your password is changed. Your other sessions have ended."), "ok")
    db.session().commit()
    return redirect(url_for("review.account"), 303)


@blueprint.post("/account/app/new")
@gates.staff(*Role)
@fresh
def new_app() -> ResponseReturnValue:
    """Make a new secret for the app; the old one works until the first new code is typed."""
    factors.new_secret(db.session(), _locked())
    db.session().commit()
    return redirect(url_for("review.app_code"), 303)


@blueprint.get("/account/app")
@gates.staff(*Role)
def app_code() -> ResponseReturnValue:
    """Show the new secret, as a picture and as text, until its first code is typed."""
    return _app_page()


@blueprint.post("/account/app")
@gates.staff(*Role)
@fresh
def keep_app() -> ResponseReturnValue:
    """Let the new secret count, once one of its codes was typed."""
    if not factors.take_secret(db.session(), _locked(), one_line(request.form.get("code"))):
        db.session().rollback()
        return _app_page([("code", _("This code does not belong to it. Type the newest one."))])
    _changed("app")
    flash(_("Your new app code works. Your other sessions have ended."), "ok")
    db.session().commit()
    return redirect(url_for("review.account"), 303)


@blueprint.post("/account/app/remove")
@gates.staff(*Role)
@fresh
def remove_app() -> ResponseReturnValue:
    """Sign in with passkeys only from now on."""
    member = _locked()
    if not member.has_app or factors_left(db.session(), member) < 2:
        return _account_page([("", _(LAST_FACTOR))]), 409
    member.has_app = False
    _changed("app_removed")
    flash(_("The app code is taken away."), "ok")
    db.session().commit()
    return redirect(url_for("review.account"), 303)


@blueprint.post("/account/passkeys/new")
@gates.staff(*Role)
def offer_passkey() -> ResponseReturnValue:
    """Give the browser what it needs to make a passkey, if a factor is fresh."""
    if not is_confirmed():
        return {"fresh": False}, 403
    offered = passkeys.offer(db.reader(), gates.current_staff())
    session[CHALLENGE] = offered["challenge"]
    return offered


@blueprint.post("/account/passkeys")
@gates.staff(*Role)
@fresh
def keep_passkey() -> ResponseReturnValue:
    """Keep the passkey that the browser made."""
    member, name = gates.current_staff(), one_line(request.form.get("name"))
    answer = request.form.get("passkey", "")
    made = passkeys.read_new(db.reader(), member, answer, take_challenge())
    if made is None or passkeys.keep(db.session(), made, name or _("Passkey")) is None:
        db.session().rollback()
        return _account_page([("name", _("The passkey was not made. Try it again."))]), 422
    _changed("passkey")
    flash(_("Your passkey works. Your other sessions have ended."), "ok")
    db.session().commit()
    return redirect(url_for("review.account"), 303)


@blueprint.post("/account/passkeys/<passkey_id>/remove")
@gates.staff(*Role)
@fresh
def remove_passkey(passkey_id: str) -> ResponseReturnValue:
    """Take a passkey away; the last factor stays."""
    member = _locked()
    found = db.session().get(Passkey, passkey_id)
    if found is None or found.staff_id != member.id:
        raise NotYours
    if factors_left(db.session(), member) < 2:
        return _account_page([("", _(LAST_FACTOR))]), 409
    db.session().execute(delete(Passkey).where(Passkey.id == passkey_id))
    _changed("passkey_removed")
    flash(_("The passkey is taken away."), "ok")
    db.session().commit()
    return redirect(url_for("review.account"), 303)


@blueprint.post("/account/sessions")
@gates.staff(*Role)
def end_own_sessions() -> ResponseReturnValue:
    """End one other session, or all others."""
    member, key = gates.current_staff(), request.form.get("key", "")
    if key:
        end_session(db.session(), member, key, gates.staff_actor())
    else:
        end_sessions(db.session(), member, gates.staff_actor(), but=_sid())
    flash(_("Ended."), "ok")
    db.session().commit()
    return redirect(url_for("review.account"), 303)


def _locked() -> Staff:
    return locked_row(db.session(), gates.current_staff().id)


def _changed(what: str) -> None:
    """Put a changed factor on record, tell the member by mail, and end every other session (ASVS 7.4.3, 6.3.7)."""
    writing, member = db.session(), _locked()
    writing.flush()
    end_sessions(writing, member, gates.staff_actor(), but=_sid())
    record(writing, StaffFactorChanged(staff=member.id, what=what), gates.staff_actor())
    tell(writing, member, what)


def _sid() -> str | None:
    sid: str | None = session.sid  # type: ignore[attr-defined] # flask's proxy of our own session
    return sid


def _account_page(errors: list[tuple[str, str]] | None = None) -> str:
    session_of, member = db.reader(), gates.current_staff()
    return render_template(
        "review/account.html",
        member=member,
        passkeys=passkeys_of(session_of, member),
        sessions=sessions_of(session_of, member, _sid()),
        history=in_words(session_of, history_of(session_of, member)),
        errors=errors or [],
        now=now(),
        **asks(),
    )


def _app_page(errors: list[tuple[str, str]] | None = None) -> ResponseReturnValue:
    member = db.reader().get_one(Staff, gates.current_staff().id)
    secret = factors.next_secret(db.reader(), member) if is_confirmed() else None
    if secret is None:
        return redirect(url_for("review.account"), 303)
    page = render_template("review/app_code.html", errors=errors or [], **app_values(db.reader(), member, secret))
    return page, 422 if errors else 200


def app_values(reading: Session, member: Staff, secret: str) -> dict[str, str | Qr]:
    """Return what a page shows of a new secret: a picture to scan, and the secret in groups of four to type."""
    address = factors.app_address(member, secret, settings_of(reading).controller.product)
    return {"picture": qr_of(address), "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))}
