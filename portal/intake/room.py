"""The room in which the pages of the conversation stand: blueprint, the way in to a turn, and showing it."""

from typing import cast

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import db
from portal.accounts import gates, ways_back
from portal.accounts.sessions import PortalSession
from portal.intake import conversations, pictures, script
from portal.intake.conversations import AlreadySent, Draft, Notice
from portal.intake.retelling import Teller, step_url
from portal.intake.vouching import OTHER_VISIT, masked
from portal.register import Register

QUESTION = "q"
"""Id of the heading of the open question, in ``components/ask.html``."""

blueprint = Blueprint("intake", __name__)


class Elsewhere(Exception):
    """The person belongs at another turn."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__("elsewhere")


@blueprint.errorhandler(Elsewhere)
def show_the_way(fault: Elsewhere) -> ResponseReturnValue:
    """Lead a person who is ahead of themselves to the turn that is open."""
    _let_go()
    return redirect(fault.url, 303)


@blueprint.errorhandler(AlreadySent)
def show_the_receipt(_fault: AlreadySent) -> ResponseReturnValue:
    """Show the receipt to a person whose request was sent already."""
    _let_go()
    conversation_id = (request.view_args or {})["conversation_id"]
    return redirect(url_for("intake.received", conversation_id=conversation_id), 303)


def draft_at(conversation_id: str, key: str, source: Session) -> Draft:
    """Return the conversation of a person who stands at the turn ``key``; a write session holds it until the commit.

    Raises:
        NotYours, AlreadySent: see ``conversations.load``.
        Elsewhere: a turn before it is still open, or there is no such turn.
    """
    changing = source is not db.reader()
    draft = conversations.load(source, conversation_id, to_change=changing)
    if changing:
        draft.notices = []
        draft.unsent.pop(request.path.rpartition("/")[2], None)  # that page is sent anew
    if draft.vouch and session.get(gates.VOUCHED) != draft.id:
        draft.vouch = None  # opened by a mailed code since: that shows a mailbox, not who signed in at the app
        draft.notices.append(Notice(OTHER_VISIT, "warn"))
    if not draft.may_visit(key):
        raise Elsewhere(step_url(draft, draft.next_key))
    return draft


def save_and_go_on(draft: Draft) -> str:
    """Save the turn and return the address of the next one; the caller commits."""
    conversations.save(db.session(), draft, language())
    return onward_url(draft)


def onward_url(draft: Draft) -> str:
    """Return the address of the turn that is open, at its question: without script the page begins low otherwise.

    Where the portal has something to say first, above the question, the page is read from its top.
    """
    url = step_url(draft, draft.next_key)
    told = draft.notices or _as_whom(draft, draft.next_key)
    return url if told else f"{url}#{QUESTION}"


def show(draft: Draft, key: str, template: str, title: str, status: int = 200, **values: object) -> ResponseReturnValue:
    """Show the turn ``key`` with everything around it: the way, what was said, what the portal has to say.

    Args:
        draft: the conversation.
        key: of the turn.
        template: its page, without folder and ending.
        title: what is asked, in the language of the page.
        status: of the answer.
        values: what the page shows besides; ``back_url`` is where the way back leads, if not to the turn before.
    """
    back_url = values.pop("back_url", "") or _back(draft, key)
    teller = Teller(draft, register(), language(), pictures.living(db.reader(), draft.id))
    at = draft.progress(key)
    page = render_template(
        f"intake/{template}.html",
        title=title,
        chapters=teller.chapters(key),
        way_title=_("Your requests") if len(draft.wishes) > 1 else None,
        place=(at.number, at.total if all(wish.right for wish in draft.wishes) else 0),
        history=teller.turns(key),
        back_url=back_url,
        notices=[(_told(each), each.tone) for each in draft.notices],
        conversation_id=draft.id,
        as_whom=_as_whom(draft, key),
        **values,
    )
    return page, status


def _as_whom(draft: Draft, key: str) -> tuple[str, str] | None:
    """Return name and masked address, said at the turn ``key``, of a person whom the controller's app introduced."""
    if key not in {script.RIGHT, script.SIGN} or not draft.is_known:
        return None
    return draft.contact["name"], masked(draft.contact["email"])


def lead(url: str) -> ResponseReturnValue:
    """Lead on to ``url``: by a redirect, or by telling the script that sent the form."""
    return {"next": url.partition("#")[0]} if by_script() else redirect(url, 303)


def by_script() -> bool:
    """Tell whether a script of ours sent this, to show progress: it wants the address or the sentence, not a page."""
    return request.accept_mimetypes.best == "application/json"


def open_room(draft: Draft) -> None:
    """Give this browser, and no other, the conversation; who confirmed a mailbox here before may be another person.

    What is open in another tab stays open there. The caller commits.
    """
    holder = cast(PortalSession, session)
    for key in gates.OF_A_PERSON:
        holder.pop(key, None)
    gates.hold(draft.id)
    ways_back.open_way(db.session(), draft.id)
    holder.renew()


def open_mailbox(draft: Draft) -> None:
    """Let this browser see the requests of the mailbox that was just confirmed in ``draft``."""
    holder = cast(PortalSession, session)
    holder[gates.MAILBOX] = draft.mailbox
    gates.hold(draft.id, draft.mailbox)
    holder.renew()


def typed() -> dict[str, list[str]]:
    """Return what the form sent, without its token."""
    return {name: request.form.getlist(name) for name in request.form if name != "csrf_token"}


def register() -> Register:
    """Return the register of processing."""
    found: Register = db.reader().info["register"]
    return found


def language() -> str:
    """Return the language of this page."""
    return str(g.language)


def _back(draft: Draft, key: str) -> str:
    keys = [step.key for step in draft.steps]
    place = keys.index(key)
    return step_url(draft, keys[place - 1]) if place else url_for("intake.start")


def _told(notice: Notice) -> str:
    names = ", ".join(_(name) for name in notice.names)
    return str(_(notice.text, names=names) if names else _(notice.text))


def _let_go() -> None:
    """Drop what this request began to write, so that nobody waits for it."""
    if request.method == "POST":
        db.session().rollback()
