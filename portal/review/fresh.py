"""A second factor once more, at most ten minutes old, before what cannot be taken back (ASVS 7.5.3).

What was sent travels along on the page that asks, so that one code and one press are enough and nothing is typed twice.
Signing in counts too: who just came in is not asked.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal import db
from portal.accounts import gates
from portal.accounts.factors import Shown, confirm, is_fresh, is_locked, locked_row
from portal.accounts.own_sessions import end_sessions
from portal.accounts.passkeys import is_possible, prove
from portal.accounts.sessions import spend
from portal.clock import now
from portal.config import settings_of
from portal.ui.forms import one_line

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]

CONFIRMED = "confirmed_at"
CHALLENGE = "passkey_challenge"
CODE, PASSKEY = "fresh_code", "fresh_passkey"
SECRET = frozenset({CODE, PASSKEY, "csrf_token", "password", "new_password", "code", "passkey"})
"""Fields that never travel along."""


def fresh(view: View[P]) -> View[P]:
    """Wear this below a staff gate on a POST: without a fresh second factor the page asks for one."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not is_confirmed():
            if not (request.form.get(CODE) or request.form.get(PASSKEY)):
                return _page(), 403
            if not _confirm():
                return (_page(wrong=True), 422) if session else _send_out()
        return view(*args, **kwargs)

    guarded.__fresh__ = True  # type: ignore[attr-defined]
    return guarded


def is_confirmed() -> bool:
    """Whether this session showed a second factor within the last ten minutes."""
    return is_fresh(session.get(CONFIRMED))


def note_confirmed() -> None:
    """Remember that a second factor was just shown; the session takes a new id."""
    session[CONFIRMED] = now().isoformat()
    session.renew()  # type: ignore[attr-defined]


def shown_factor(code_field: str, passkey_field: str) -> Shown:
    """Return what the form shows as a second factor; a passkey's answer is verified here, once for each challenge."""
    answer = request.form.get(passkey_field, "")
    proven = prove(db.reader(), answer, take_challenge()) if answer else None
    return Shown(one_line(request.form.get(code_field)), proven)


def take_challenge() -> str | None:
    """Return the challenge that this session was asked, and forget it for good: each is answered once."""
    challenge = session.get(CHALLENGE)
    if not challenge or not spend(db.database(), session, CHALLENGE):  # type: ignore[arg-type] # flask's proxy of ours
        return None
    return str(challenge)


def carried(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Return what travels along while somebody shows a factor or signs in again; never a secret."""
    return [(name, value) for name, value in form.items(multi=True) if name not in SECRET]


def asks() -> dict[str, object]:
    """Return what a page needs to ask for a factor in its own form: nothing is asked while one is fresh."""
    return {"asks_factor": not is_confirmed(), "passkeys_possible": is_possible(settings_of(db.reader()))}


def _confirm() -> bool:
    """Take the factor that the form shows; a wrong one is counted, and the fifth ends every session of the member."""
    shown, member_id = shown_factor(CODE, PASSKEY), gates.current_staff().id
    with db.database().writing() as writing:
        confirmed = confirm(writing, member_id, shown)
        staff = locked_row(writing, member_id)
        if not confirmed and is_locked(staff):
            end_sessions(writing, staff, gates.staff_actor())
            session.clear()
    if confirmed:
        note_confirmed()
    return confirmed


def _page(wrong: bool = False) -> str:
    sentence = _("This does not prove it. Use the newest app code, or another passkey.")
    return render_template(
        "review/fresh.html",
        carried=carried(request.form),
        target=request.full_path.rstrip("?"),
        errors=[(CODE, sentence)] if wrong else [],
        **asks(),
    )


def _send_out() -> ResponseReturnValue:
    return redirect(url_for("review.sign_in", locked=1), 303)  # a session that is gone carries no message
