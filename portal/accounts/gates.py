"""The gates: each route wears exactly one. A gate looks at the session only; loading a case is a check of its own."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import db
from portal.accounts.models import Role, Staff
from portal.audit.record import Actor, ActorKind
from portal.errors import NotYours
from portal.words import N_

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)
View = Callable[P, ResponseReturnValue]

CONVERSATION, MAILBOX = "conversation", "mailbox"
FINDING, WINDOWS, VOUCHED = "finding", "windows", "vouched"
OF_A_PERSON = (MAILBOX, FINDING, WINDOWS, VOUCHED)
"""What a session knows of who sat here: a mailbox, one that is being confirmed, files that may be fetched, and the
conversation for which the controller's app said who it is."""

NOT_OPEN_HERE = N_("This conversation is not open in this browser. Follow a request by mail to go on.")


def public(view: View[P]) -> View[P]:
    """Anyone may come in."""
    view.__gate__ = "public"  # type: ignore[attr-defined]
    return view


def conversation(view: View[P]) -> View[P]:
    """Only the browser that holds the conversation named in the address."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not session.get(CONVERSATION) or session[CONVERSATION] != kwargs.get("conversation_id"):
            raise NotYours(NOT_OPEN_HERE)
        return view(*args, **kwargs)

    guarded.__gate__ = "conversation"  # type: ignore[attr-defined]
    return guarded


def person(view: View[P]) -> View[P]:
    """Only who confirmed a mailbox in this session; others go to the code page and come back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not session.get(MAILBOX):
            back = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("tracking.find", next=back), 303)
        return view(*args, **kwargs)

    guarded.__gate__ = "person"  # type: ignore[attr-defined]
    return guarded


def staff(*roles: Role) -> Callable[[View[P]], View[P]]:
    """Only signed-in staff with one of ``roles``. To others the page does not exist."""

    def wear(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return redirect(url_for("review.sign_in", next=request.path if request.method == "GET" else None), 303)
            if current_staff().role not in roles:
                raise NotYours
            return view(*args, **kwargs)

        guarded.__gate__ = "staff:" + ",".join(sorted(role.value for role in roles))  # type: ignore[attr-defined]
        return guarded

    return wear


def signed_in() -> Staff | None:
    """Return the member of staff who is signed in, or None."""
    return current_staff() if current_user.is_authenticated else None


def current_staff() -> Staff:
    """Return the member of staff who is signed in. Only behind a staff gate."""
    found: Staff = current_user._get_current_object()
    return found


def staff_actor() -> Actor:
    """Return who is signed in, for the record."""
    member = current_staff()
    return Actor(ActorKind.STAFF, member.id, member.role.value)


def mailbox() -> str:
    """Return the hash of the mailbox confirmed in this session. Only behind a person gate."""
    return str(session[MAILBOX])


def load_staff(staff_id: str) -> Staff | None:
    """Return the member of staff flask-login asks for, read afresh on each request: a changed role counts at once."""
    if "staff_row" not in g:
        found = db.reader().get(Staff, staff_id)
        g.staff_row = found if found is not None and found.is_active else None
    row: Staff | None = g.staff_row
    return row
