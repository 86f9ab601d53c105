"""Coming in and going out: password and second factor in one form, sign-out, staying, and the language of the desk."""

from flask import current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user
from flask_wtf.csrf import CSRFError

from portal import db
from portal.accounts import gates, staff
from portal.accounts.models import Role, Staff
from portal.accounts.passkeys import is_possible, question
from portal.accounts.staff import LONGEST_PASSWORD
from portal.audit.events import StaffSignedOut
from portal.audit.record import record
from portal.config import LANGUAGES, settings_of
from portal.review import drafts
from portal.review.desk import LANGUAGE_KEY, blueprint, home_of, own_path
from portal.review.fresh import CHALLENGE, note_confirmed, shown_factor
from portal.review.lasting import seconds_left
from portal.ui.forms import one_line
from portal.ui.problems import stale_page


@blueprint.get("/sign-in")
@gates.public
def sign_in() -> ResponseReturnValue:
    """Ask for address, password and second factor."""
    return _sign_in_page(request.args.get("next", ""))


@blueprint.post("/sign-in")
@gates.public
def check_sign_in() -> ResponseReturnValue:
    """Let a member of staff in; whatever was wrong, the answer is the same. A failure is counted too."""
    login = one_line(request.form.get("email"))
    password = request.form.get("password", "")[:LONGEST_PASSWORD]
    fits = staff.password_fits(staff.find(db.reader(), login), password)  # slow: before the write transaction
    shown = shown_factor("code", "passkey")
    member = staff.sign_in(db.session(), login, fits, shown.code, shown.proven)
    page = drafts.keep(db.session(), member, request.form) if member is not None else None
    db.session().commit()
    if member is None:
        wrong = _("These do not go together. Check all three and use the newest app code.")
        return _sign_in_page(request.form.get("next", ""), login, wrong), 422
    come_in(member)
    return redirect(page or own_path(request.form.get("next", ""), home_of(member)), 303)


@blueprint.post("/passkey")
@gates.public
def ask_passkey() -> ResponseReturnValue:
    """Give a browser what it asks a passkey; the same for everybody, so that it tells nothing."""
    asked = question(db.reader())
    session[CHALLENGE] = asked["challenge"]
    return asked


@blueprint.post("/sign-out")
@gates.public
def sign_out() -> ResponseReturnValue:
    """End the session, with everything in it."""
    if gates.signed_in() is not None:
        record(db.session(), StaffSignedOut(staff=gates.current_staff().id), gates.staff_actor())
    session.clear()
    db.session().commit()
    return redirect(url_for("review.sign_in"), 303)


@blueprint.post("/stay")
@gates.staff(*Role)
def stay() -> ResponseReturnValue:
    """Go on for another quarter of an hour: the request itself is what keeps the session."""
    return {"seconds": seconds_left()}


@blueprint.post("/language")
@gates.public
def choose_language() -> ResponseReturnValue:
    """Speak another language from now on: kept with the member of staff, or in this session before signing in."""
    language = request.form.get("language", "")
    member = gates.signed_in()
    if language in LANGUAGES and member is not None:
        db.session().get_one(Staff, member.id).language = language
    elif language in LANGUAGES:
        session[LANGUAGE_KEY] = language
    db.session().commit()
    return redirect(own_path(request.form.get("next", ""), home_of(member)), 303)


@blueprint.errorhandler(CSRFError)
def keep_typed(_error: CSRFError) -> ResponseReturnValue:
    """A form was sent after its session had ended: ask to sign in, and carry along what was typed."""
    gate = getattr(current_app.view_functions.get(str(request.endpoint)), "__gate__", "")
    if gates.signed_in() is not None or not gate.startswith("staff"):
        return stale_page()
    kept = [(drafts.PATH, request.path), *drafts.typed(request.form)]
    return _sign_in_page(drafts.page_of(request.path) or "", kept=kept), 400


def come_in(member: Staff) -> None:
    """Begin the session of ``member``, who just showed a password and a second factor."""
    login_user(member)
    note_confirmed()


def _sign_in_page(following: str, login: str = "", wrong: str = "", kept: list[tuple[str, str]] | None = None) -> str:
    return render_template(
        "review/sign_in.html",
        following=own_path(following, ""),
        login=login,
        kept=drafts.travelling(request.form) if kept is None else kept,
        locked="locked" in request.args,
        passkeys_possible=is_possible(settings_of(db.reader())),
        errors=[("email", wrong)] if wrong else [],
    )
