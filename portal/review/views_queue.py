"""The queue's pages: a view with its filters in the address, and the search, which is a POST so that no name is."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.clock import now, today
from portal.config import LANGUAGES
from portal.review import queue as desk_queue
from portal.review.counting import MOST, in_short
from portal.review.desk import DESK, blueprint, numbers
from portal.review.queue import Page, colleagues
from portal.review.saved import saved_views
from portal.review.wanted import Key, Wanted
from portal.rights import RIGHTS
from portal.ui.forms import one_line

LONGEST_SEARCH = 254


@blueprint.get("/")
@gates.staff(*DESK)
def queue() -> ResponseReturnValue:
    """Show a view of the queue, nearest deadline first."""
    return queue_page(Wanted.read(request.args))


@blueprint.post("/search")
@gates.staff(*DESK)
def search() -> ResponseReturnValue:
    """Show the requests with this reference, name or mail address."""
    words = one_line(request.form.get("words"))[:LONGEST_SEARCH]
    wanted = Wanted.read({})
    if not words:
        empty = [("words", _("Enter a number, name or e-mail."))]
        return _page(wanted, Page((), None, None), words="", errors=empty), 422
    rows = desk_queue.search(db.reader(), gates.current_staff(), words, today(), now())
    return _page(wanted, Page(rows, None, None), words=words)


def queue_page(wanted: Wanted, errors: Sequence[tuple[str, str]] = ()) -> str:
    """Return the page of the queue at ``wanted``; ``errors`` says what of a form could not be taken."""
    page = desk_queue.page(db.reader(), gates.current_staff(), wanted, today(), now())
    return _page(wanted, page, errors=errors)


def _page(wanted: Wanted, page: Page, words: str | None = None, errors: Sequence[tuple[str, str]] = ()) -> str:
    return render_template(
        "review/queue.html",
        wanted=wanted,
        page=page,
        rows=page.rows,
        summary=numbers(gates.current_staff()).summary,
        most=MOST,
        short=in_short,
        today=today(),
        rights=RIGHTS,
        language_names=LANGUAGES,
        words=words,
        earlier_url=_turn(wanted, "before", page.earlier),
        later_url=_turn(wanted, "after", page.later),
        member=gates.current_staff(),
        saved=saved_views(db.reader(), gates.current_staff()),
        typed_name=request.form.get("name", ""),
        colleagues=colleagues(db.reader(), gates.current_staff()),
        errors=list(errors),
    )


def queue_address(said: Mapping[str, str]) -> str:
    """Return the address of the queue with this view, filters and place."""
    return f"{url_for('review.queue')}?{urlencode(said)}"


def _turn(wanted: Wanted, side: str, place: Key | None) -> str | None:
    return queue_address({**wanted.filters, side: str(place)}) if place else None
