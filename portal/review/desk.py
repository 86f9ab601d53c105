"""The desk's blueprint and what stands around each page: language, views with their counts, who is signed in."""

import re
from typing import Any

from flask import Blueprint, g, request, session, url_for
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.accounts.models import Role, Staff
from portal.clock import today
from portal.config import LANGUAGES
from portal.review import drafts
from portal.review.counting import Counted, counts, in_short
from portal.review.lasting import lasting
from portal.review.undoing import undoable
from portal.review.wanted import DUE, VIEWS
from portal.words import N_

DESK = (Role.REVIEWER, Role.MANAGER)
"""Who may read requests. The auditor reads the record and the figures, never the content."""

OVERSIGHT: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("review.figures", N_("Figures"), (Role.REVIEWER, Role.MANAGER, Role.AUDITOR)),
    ("review.tasks", N_("Tasks"), DESK),
    ("review.to_post", N_("To post"), DESK),
    ("review.members", N_("Staff"), (Role.ADMIN,)),
    ("review.legal_holds", N_("Legal holds"), (Role.MANAGER,)),
    ("review.resets", N_("Lost sign-ins"), (Role.MANAGER, Role.ADMIN)),
    ("review.access_review", N_("Who may do what"), (Role.MANAGER, Role.AUDITOR, Role.ADMIN)),
    ("review.the_record", N_("The record"), (Role.AUDITOR, Role.MANAGER)),
)
"""The pages beside the queue: endpoint, title, and who may see it."""

HOMES = {Role.AUDITOR: "review.the_record", Role.ADMIN: "review.members"}
"""Where who has no queue begins."""

LANGUAGE_KEY = "desk_language"
_OWN_PATH = re.compile(r"/desk(/[A-Za-z0-9_-]+)*/?")

blueprint = Blueprint("review", __name__)


@blueprint.url_value_preprocessor
def choose_words(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Speak the language of who is signed in; before that the one chosen here, or the one the browser prefers."""
    if gates.signed_in() is None:
        chosen = session.get(LANGUAGE_KEY)
        g.language = chosen or request.accept_languages.best_match(list(LANGUAGES)) or g.language


@blueprint.before_request
def drop_what_was_kept() -> None:
    """A form that is sent again takes the place of what was kept when its session had ended."""
    member = gates.signed_in()
    if request.method == "POST" and member is not None and drafts.is_kept(db.reader(), member, request.path):
        drafts.drop(db.session(), member, request.path)


@blueprint.context_processor
def surroundings() -> dict[str, Any]:
    """Give each page of the desk its header and footer."""
    member = gates.signed_in()
    around: dict[str, Any] = {
        "desk_url": home_of(member),
        "languages": [(code, name, code == g.language) for code, name in LANGUAGES.items()],
        "here": drafts.page_of(request.path) or home_of(member),
        "oversight": [],
    }
    if member is not None:
        around |= {"staff_name": member.name, "sign_out_url": url_for("review.sign_out"), "lasting": lasting()}
        around["account_url"] = url_for("review.account")
        beside = _oversight(member)
        if member.role in DESK:
            around |= {"desk_views": _views(member), "oversight": beside, "undo": undoable(db.reader())}
            around |= {"keys_on": member.keys, "settings_url": url_for("review.settings")}
            around["figures_url"] = url_for("review.figures")
            around["desk_links"] = [(_("Oversight"), url) for _title, url, _here in beside[:1]]
        else:
            around["desk_views"] = [(title, url, None, here) for title, url, here in beside]
    return around


def home_of(member: Staff | None) -> str:
    """Return where ``member`` begins: the queue, or the page that their role is there for."""
    if member is None or member.role in DESK:
        return url_for("review.queue")
    return url_for(HOMES[member.role])


def own_path(path: str, home: str) -> str:
    """Return ``path`` if it is a plain page of the desk, else ``home``: nobody is sent elsewhere after signing in."""
    plain = _OWN_PATH.fullmatch(path) and path != url_for("review.queue")
    return path if plain else home


def _oversight(member: Staff) -> list[tuple[str, str, bool]]:
    return [
        (_(title), url_for(endpoint), request.endpoint == endpoint)
        for endpoint, title, roles in OVERSIGHT
        if member.role in roles
    ]


def numbers(member: Staff) -> Counted:
    """Return what is counted for ``member``: once for a page, however many places show it."""
    if "desk_numbers" not in g:
        g.desk_numbers = counts(db.reader(), member, today())
    found: Counted = g.desk_numbers
    return found


def _views(member: Staff) -> list[tuple[str, str, str | None, bool]]:
    counted = numbers(member)
    held = counted.views
    here = request.args.get("view", DUE) if request.endpoint == "review.queue" else None
    places = ((counted.tasks, "review.tasks", _("Tasks")), (counted.posts, "review.to_post", _("To post")))
    beside = [
        (title, url_for(endpoint), in_short(waiting), request.endpoint == endpoint)
        for waiting, endpoint, title in places
        if waiting
    ]
    views = [
        (
            _(view.title),
            url_for("review.queue", view=view.slug),
            in_short(counted.views.get(view.slug)),
            view.slug == here,
        )
        for view in VIEWS.values()
        if not view.asleep or held[view.slug] or view.slug == here  # there is often nothing aside
    ]
    return [*views, *beside]
