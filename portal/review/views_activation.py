"""Activating an account: the link of the mail and the code of an administrator, then a password and a second factor."""

from datetime import datetime, timedelta

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import activations, factors, gates, passkeys, staff
from portal.accounts.models import Activation, Staff
from portal.clock import now
from portal.config import settings_of
from portal.errors import InputRejected, LinkExpired
from portal.review.desk import blueprint, home_of
from portal.review.fresh import CHALLENGE, take_challenge
from portal.review.views_account import app_values
from portal.review.views_sign_in import come_in
from portal.ui.forms import one_line

ACTIVATING = "activating"
BEGUN_LIVES = timedelta(minutes=10)


@blueprint.get("/activate/<token>")
@gates.public
def activate(token: str) -> ResponseReturnValue:
    """Ask for the code and a password; the link alone opens nothing."""
    activations.from_link(db.reader(), token)
    return _first_page(token)


@blueprint.post("/activate/<token>")
@gates.public
def begin_activation(token: str) -> ResponseReturnValue:
    """Take code and password; a wrong code is counted, and the fifth ends the link."""
    activation = activations.from_link(db.reader(), token)
    member = db.reader().get_one(Staff, activation.staff_id)
    password, code = request.form.get("password", ""), one_line(request.form.get("code"))
    try:
        staff.check_password(password, member.name, member.login)
    except InputRejected as refused:
        return _first_page(token, [("password", _(refused.sentence))]), 422
    hashed = staff.hash_password(password)  # slow: before the write transaction
    right = activations.check_code(db.session(), activation, code)
    if right:
        activations.take_password(db.session(), activation, hashed)
        session[ACTIVATING] = {"id": activation.id, "until": (now() + BEGUN_LIVES).isoformat()}
        session.renew()  # type: ignore[attr-defined]
    db.session().commit()
    if not right:
        return _first_page(token, [("code", _("This code is not right. After five tries the link ends."))]), 422
    return redirect(url_for("review.second_factor"), 303)


@blueprint.get("/second-factor")
@gates.public
def second_factor() -> ResponseReturnValue:
    """Show the secret to scan, and offer a passkey."""
    return _second_page(_begun(db.reader()))


@blueprint.post("/second-factor")
@gates.public
def finish_activation() -> ResponseReturnValue:
    """Activate the account with the first code of the app, or with the passkey that was just made; and come in."""
    activation = _begun(db.reader())
    answer, name = request.form.get("passkey", ""), one_line(request.form.get("name"))
    if answer:
        member = db.reader().get_one(Staff, activation.staff_id)
        made = passkeys.read_new(db.reader(), member, answer, take_challenge())
        called = name or _("Passkey")
        done = activations.finish_with_passkey(db.session(), activation, made, called) if made else None
    else:
        code = one_line(request.form.get("code"))
        done = activations.finish_with_code(db.session(), activation, code)
    if done is None:
        db.session().rollback()
        return _second_page(_begun(db.reader()), [("code", _("This does not belong to it. Try it again."))]), 422
    session.pop(ACTIVATING, None)
    come_in(done)
    db.session().commit()
    return redirect(home_of(done), 303)


@blueprint.post("/second-factor/passkey")
@gates.public
def offer_first_passkey() -> ResponseReturnValue:
    """Give the browser what it needs to make the first passkey."""
    activation = _begun(db.reader())
    offered = passkeys.offer(db.reader(), db.reader().get_one(Staff, activation.staff_id))
    session[CHALLENGE] = offered["challenge"]
    return offered


def _begun(reading: Session) -> Activation:
    """Return the activation that this browser typed the code of, within the last ten minutes.

    Raises:
        LinkExpired: there is none.
    """
    begun: dict[str, str] = session.get(ACTIVATING) or {}
    found = reading.get(Activation, begun.get("id", ""))
    lives = found is not None and datetime.fromisoformat(begun["until"]) > now()
    if found is None or not lives or found.ended_at is not None:
        raise LinkExpired
    return found


def _first_page(token: str, errors: list[tuple[str, str]] | None = None) -> str:
    return render_template("review/activate.html", token=token, errors=errors or [])


def _second_page(activation: Activation, errors: list[tuple[str, str]] | None = None) -> str:
    reading = db.reader()
    member = reading.get_one(Staff, activation.staff_id)
    secret = factors.next_secret(reading, member)
    if secret is None:
        raise LinkExpired
    return render_template(
        "review/second_factor.html",
        errors=errors or [],
        passkeys_possible=passkeys.is_possible(settings_of(reading)),
        **app_values(reading, member, secret),
    )
