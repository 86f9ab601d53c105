"""The gates: each route wears exactly one. A gate looks at the session only; loading a case is a check of its own."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal import db
from portal.accounts.models import Role, Staff
from portal.audit.record import Actor, ActorKind
from portal.clock import now
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

MOST_OPEN = 5
"""How many conversations one browser holds open, each in its tab."""
PUT_ASIDE, BEHIND = timedelta(hours=12), timedelta(hours=2)
"""How long the conversation that was used last may lie still, and how long one behind it: on a shared computer an older
one may be another person's."""
USED_EVERY = timedelta(minutes=5)


class NotOpenHere(NotYours):
    """A conversation that this browser does not hold open, or not any more."""

    default = N_("This conversation is not open in this browser. Follow a request by mail to go on.")


def public(view: View[P]) -> View[P]:
    """Anyone may come in."""
    view.__gate__ = "public"  # type: ignore[attr-defined]
    return view


def conversation(view: View[P]) -> View[P]:
    """Only the browser that holds the conversation named in the address open, in whichever tab."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        conversation_id = str(kwargs.get("conversation_id"))
        if conversation_id not in open_here():
            raise NotOpenHere
        if request.method == "POST":
            _use(conversation_id)
        return view(*args, **kwargs)

    guarded.__gate__ = "conversation"  # type: ignore[attr-defined]
    return guarded


def open_here() -> list[str]:
    """Return the conversations that this browser holds open, the one that was used last first."""
    return [each["id"] for each in _held()]


def hold(conversation_id: str, mailbox: str = "") -> None:
    """Open the conversation in this browser, beside those of its other tabs; of too many the oldest gives way.

    Args:
        conversation_id: which one.
        mailbox: hash of the mailbox that was confirmed here in it; without one, what was known of it stays.
    """
    known = mailbox or mailbox_in(conversation_id)
    others = [each for each in _held() if each["id"] != conversation_id]
    newest = {"id": conversation_id, "at": now().isoformat(), "mailbox": known}
    session[CONVERSATION] = [newest, *others][:MOST_OPEN]


def mailbox_in(conversation_id: str) -> str:
    """Return the hash of the mailbox that was confirmed here in that conversation; empty where none was."""
    return next((each.get("mailbox", "") for each in _held() if each["id"] == conversation_id), "")


def _held() -> list[dict[str, str]]:
    said = session.get(CONVERSATION) or []
    if isinstance(said, str):  # a session of before there could be several
        return [{"id": said, "at": now().isoformat(), "mailbox": session.get(MAILBOX, "")}]
    return [each for place, each in enumerate(said) if _last_used(each) > now() - (BEHIND if place else PUT_ASIDE)]


def _use(conversation_id: str) -> None:
    """Note that somebody wrote in the conversation just now; a note of a moment ago will do."""
    newest = _held()[0]
    if newest["id"] != conversation_id or _last_used(newest) < now() - USED_EVERY:
        hold(conversation_id)


def _last_used(entry: dict[str, str]) -> datetime:
    return datetime.fromisoformat(entry["at"])


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
