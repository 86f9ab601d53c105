"""What comes after a request: the one that is due next."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal import db
from portal.accounts import gates
from portal.cases.models import Case
from portal.clock import today
from portal.review.desk import DESK, blueprint
from portal.review.queue import next_after
from portal.review.views_case import load


@blueprint.get("/cases/<case_id>/next")
@gates.staff(*DESK)
def next_due(case_id: str) -> ResponseReturnValue:
    """Go to the request that is due after this one and that who is signed in can work on; else to the queue."""
    return redirect(address_after(load(db.reader(), case_id), True), 302)


def address_after(case: Case, wished: bool | None = None) -> str:
    """Return where to go once ``case`` is done: the next request, or the queue where the member of staff prefers it."""
    member = gates.current_staff()
    if not (member.next_due if wished is None else wished):
        return url_for("review.queue")
    following = next_after(db.reader(), member, case, today())
    return url_for("review.case", case_id=following) if following else url_for("review.queue")
