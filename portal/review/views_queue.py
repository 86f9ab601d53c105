"""The queue's pages: a view with its filters in the address, and the search, which is a POST so that no name is."""

from datetime import timedelta

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.clock import now, today
from portal.config import LANGUAGES
from portal.review import queue as desk_queue
from portal.review.desk import DESK, blueprint
from portal.review.queue import DUE, VIEWS, Key, Page, Row, Wanted
from portal.rights import RIGHTS
from portal.ui.forms import one_line

WEEK = timedelta(days=7)
LONGEST_SEARCH = 254


@blueprint.get("/")
@gates.staff(*DESK)
def queue() -> ResponseReturnValue:
    """Show a view of the queue, nearest deadline first."""
    wanted = _wanted()
    page = desk_queue.page(db.reader(), gates.current_staff(), wanted, today(), now())
    return _page(wanted, page)


@blueprint.post("/search")
@gates.staff(*DESK)
def search() -> ResponseReturnValue:
    """Show the requests with this reference, name or mail address."""
    words = one_line(request.form.get("words"))[:LONGEST_SEARCH]
    if not words:
        return _page(
            _wanted(), Page((), None, None), words="", errors=[("words", _("Enter a number, name or e-mail."))]
        ), 422
    rows = desk_queue.search(db.reader(), gates.current_staff(), words, today(), now())
    return _page(_wanted(), Page(rows, None, None), words=words)


def _wanted() -> Wanted:
    chosen = request.args
    return Wanted(
        view=VIEWS.get(chosen.get("view", DUE), VIEWS[DUE]),
        right=chosen.get("right", "") if chosen.get("right") in RIGHTS else "",
        language=chosen.get("language", "") if chosen.get("language") in LANGUAGES else "",
        after=Key.read(chosen.get("after")),
        before=Key.read(chosen.get("before")),
    )


def _page(wanted: Wanted, page: Page, words: str | None = None, errors: list[tuple[str, str]] | None = None) -> str:
    rows: tuple[Row, ...] = page.rows
    return render_template(
        "review/queue.html",
        wanted=wanted,
        page=page,
        rows=rows,
        summary=desk_queue.summary(db.reader(), today(), today() + WEEK),
        today=today(),
        rights=RIGHTS,
        language_names=LANGUAGES,
        words=words,
        earlier_url=_turn(wanted, before=page.earlier),
        later_url=_turn(wanted, after=page.later),
        errors=errors or [],
    )


def _turn(wanted: Wanted, after: Key | None = None, before: Key | None = None) -> str | None:
    if after is None and before is None:
        return None
    return url_for(
        "review.queue",
        view=wanted.view.slug,
        right=wanted.right or None,
        language=wanted.language or None,
        after=str(after) if after else None,
        before=str(before) if before else None,
    )
