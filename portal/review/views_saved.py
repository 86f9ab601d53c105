"""Saving a view of the queue under a name, and removing it."""

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.review.desk import DESK, blueprint
from portal.review.saved import LONGEST_NAME, MOST_SAVED, forget, is_full, keep
from portal.review.views_queue import queue_address, queue_page
from portal.review.wanted import Wanted
from portal.ui.forms import one_line


@blueprint.post("/views")
@gates.staff(*DESK)
def save_view() -> ResponseReturnValue:
    """Save what the queue shows, without its page."""
    wanted, name, member = Wanted.read(request.form), one_line(request.form.get("name")), gates.current_staff()
    if not name or len(name) > LONGEST_NAME:
        return queue_page(wanted, [("name", _("Write a name of at most %(num)d letters.", num=LONGEST_NAME))]), 422
    if is_full(db.session(), member):
        return queue_page(wanted, [("name", _("You saved %(num)d views. Remove one first.", num=MOST_SAVED))]), 422
    keep(db.session(), member, name, wanted)
    flash(_("Saved: %(name)s", name=name), "ok")
    db.session().commit()
    return redirect(queue_address(wanted.filters), 303)


@blueprint.post("/views/<saved_id>/remove")
@gates.staff(*DESK)
def remove_view(saved_id: str) -> ResponseReturnValue:
    """Remove a saved view; the requests in it stay where they are."""
    wanted = forget(db.session(), gates.current_staff(), saved_id)
    db.session().commit()
    return redirect(queue_address(wanted.filters), 303)
