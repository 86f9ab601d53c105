"""The desk's blueprint and what stands around each page: language, views with their counts, who is signed in."""

import re
from typing import Any

from flask import Blueprint, g, request, session, url_for
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.accounts.models import Role, Staff
from portal.config import LANGUAGES
from portal.review import queue

DESK = (Role.REVIEWER, Role.MANAGER)
"""Who may read requests. The auditor reads the record and the figures, never the content."""

LANGUAGE_KEY = "desk_language"
_OWN_PATH = re.compile(r"/desk(/[A-Za-z0-9_-]+)*/?")

blueprint = Blueprint("review", __name__)


@blueprint.url_value_preprocessor
def choose_words(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Speak the language of who is signed in; before that the one chosen here, or the one the browser prefers."""
    if gates.signed_in() is None:
        chosen = session.get(LANGUAGE_KEY)
        g.language = chosen or request.accept_languages.best_match(list(LANGUAGES)) or g.language


@blueprint.context_processor
def surroundings() -> dict[str, Any]:
    """Give each page of the desk its header and footer."""
    member = gates.signed_in()
    around: dict[str, Any] = {
        "desk_url": url_for("review.queue"),
        "languages": [(code, name, code == g.language) for code, name in LANGUAGES.items()],
        "here": own_path(request.path),
    }
    if member is not None:
        around |= {"staff_name": member.name, "sign_out_url": url_for("review.sign_out")}
    if member is not None and member.role in DESK:
        around["desk_views"] = _views(member)
    return around


def own_path(path: str) -> str:
    """Return ``path`` if it is a plain page of the desk, else the queue: nobody is sent elsewhere after signing in."""
    return path if _OWN_PATH.fullmatch(path) else url_for("review.queue")


def _views(member: Staff) -> list[tuple[str, str, int | None, bool]]:
    counts = queue.counts(db.reader(), member)
    here = request.args.get("view", queue.DUE) if request.endpoint == "review.queue" else None
    return [
        (_(view.title), url_for("review.queue", view=view.slug), counts.get(view.slug), view.slug == here)
        for view in queue.VIEWS.values()
    ]
