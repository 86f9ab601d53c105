"""Coming in and going out: password and app code in one form, sign-out, and the language of the desk."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user

from portal import db
from portal.accounts import gates, staff
from portal.accounts.models import Staff
from portal.audit.events import StaffSignedOut
from portal.audit.record import record
from portal.config import LANGUAGES
from portal.review.desk import LANGUAGE_KEY, blueprint, own_path
from portal.ui.forms import one_line

LONGEST_PASSWORD = 1000


@blueprint.get("/sign-in")
@gates.public
def sign_in() -> ResponseReturnValue:
    """Ask for address, password and app code."""
    return _sign_in_page(request.args.get("next", ""))


@blueprint.post("/sign-in")
@gates.public
def check_sign_in() -> ResponseReturnValue:
    """Let a member of staff in; whatever was wrong, the answer is the same. A failure is counted too."""
    login = one_line(request.form.get("email"))
    password = request.form.get("password", "")[:LONGEST_PASSWORD]
    fits = staff.password_fits(staff.find(db.reader(), login), password)  # slow: before the write transaction
    member = staff.sign_in(db.session(), login, fits, one_line(request.form.get("code")))
    db.session().commit()
    if member is None:
        wrong = _("These do not go together. Check all three and use the newest app code.")
        return _sign_in_page(request.form.get("next", ""), login, wrong), 422
    login_user(member)
    session.renew()  # type: ignore[attr-defined]
    return redirect(own_path(request.form.get("next", "")), 303)


@blueprint.post("/sign-out")
@gates.public
def sign_out() -> ResponseReturnValue:
    """End the session, with everything in it."""
    if gates.signed_in() is not None:
        record(db.session(), StaffSignedOut(staff=gates.current_staff().id), gates.staff_actor())
    session.clear()
    db.session().commit()
    return redirect(url_for("review.sign_in"), 303)


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
    return redirect(own_path(request.form.get("next", "")), 303)


def _sign_in_page(following: str, login: str = "", wrong: str = "") -> str:
    return render_template(
        "review/sign_in.html",
        following=own_path(following),
        login=login,
        errors=[("email", wrong)] if wrong else [],
    )
