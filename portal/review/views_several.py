"""What is done with several requests at once: giving them to somebody, and the view as a file. Nothing is decided."""

import csv
import io
from collections.abc import Iterator

from flask import Response, flash, redirect, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import db
from portal.accounts import gates
from portal.accounts.models import Staff
from portal.audit.desk_events import QueueExported
from portal.audit.record import record
from portal.clock import now, today
from portal.errors import MoveRefused, NotYours
from portal.review.desk import DESK, blueprint
from portal.review.handling import assign
from portal.review.queue import PAGE, Row, every_row
from portal.review.views_case import load
from portal.review.views_queue import queue_address, queue_page
from portal.review.wanted import Wanted
from portal.rights import RIGHTS
from portal.ui.csvsafe import safe
from portal.ui.filters import daysleft

LONGEST_SELECTION = PAGE
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else


@blueprint.post("/assign")
@gates.staff(*DESK)
def assign_several() -> ResponseReturnValue:
    """Give the chosen requests to a member of staff; those that somebody else was first with stay as they are."""
    wanted, to = Wanted.read(request.form), request.form.get("to", "")
    chosen = request.form.getlist("chosen")[:LONGEST_SELECTION]
    faults = [("chosen", _("Choose at least one request."))] * (not chosen)
    faults += [("to", _("Choose a colleague."))] * (not to)
    if faults:
        return queue_page(wanted, faults), 422
    given = sum(_assigned(each, to) for each in chosen)
    told = ngettext("%(num)d request has a new owner.", "%(num)d requests have a new owner.", given)
    flash(told, "ok" if given else "warn")
    if given < len(chosen):
        left = len(chosen) - given
        flash(
            ngettext(
                "%(num)d stayed as it is: somebody else was first, or it is their own.",
                "%(num)d stayed as they are: somebody else was first, or it is their own.",
                left,
            ),
            "warn",
        )
    db.session().commit()
    return redirect(queue_address(wanted.address), 303)


def _assigned(chosen: str, to: str) -> bool:
    """Give one request, named with the owner that the page showed, to ``to``; False where that was refused."""
    case_id, _dot, owner = chosen.partition(".")
    try:
        assign(db.session(), load(db.session(), case_id), to, owner or None, gates.staff_actor())
    except (MoveRefused, NotYours):
        return False
    return True


@blueprint.post("/queue.csv")
@gates.staff(*DESK)
def export_queue() -> ResponseReturnValue:
    """Give the whole view as a file: what the queue shows, nothing besides; that it was taken goes on record."""
    wanted, member = Wanted.read(request.form), gates.current_staff()
    taken = QueueExported(view=wanted.view.slug, right=wanted.right, language=wanted.language)
    record(db.session(), taken, gates.staff_actor())
    db.session().commit()
    answer = Response(stream_with_context(_lines(wanted, member)), content_type="text/csv; charset=utf-8")
    name = f"{wanted.view.slug}-{today().isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _lines(wanted: Wanted, member: Staff) -> Iterator[str]:
    heads = [_("Due"), _("Days left"), _("Number"), _("Right"), _("Who"), _("Language"), _("Step"), _("With")]
    yield BYTE_ORDER_MARK + _line([*heads, _("Remarks")])
    for row in every_row(db.reader(), member, wanted, today(), now()):
        yield _line(_cells(row))


def _cells(row: Row) -> list[str]:
    case = row.case
    return [
        case.due_on.isoformat(),
        "" if case.answered_at or case.closed_at else daysleft(case.due_on, today()),
        case.reference,
        _(RIGHTS[case.right_slug].title),
        row.name,
        case.language,
        _(case.status.desk_label),
        row.owner,
        ", ".join(_(tag.text) for tag in row.tags),
    ]


def _line(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([safe(cell or None) for cell in cells])
    return written.getvalue()
