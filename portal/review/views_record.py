"""The record for the auditor and the privacy manager: what happened, and whether the chain is whole. No content."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.accounts.models import Role
from portal.audit.checking import ask_check, is_waiting, last_checks
from portal.audit.record import head
from portal.review import record_page
from portal.review.desk import blueprint
from portal.review.record_page import GROUPS
from portal.ui.forms import one_line

READERS = (Role.AUDITOR, Role.MANAGER)


@blueprint.get("/record", endpoint="the_record")
@gates.staff(*READERS)
def show_record() -> ResponseReturnValue:
    """Show a page of the record, newest first, and what the last checks found."""
    reading, chosen = db.reader(), request.args
    group = chosen.get("group", "") if chosen.get("group", "") in GROUPS else ""
    reference = one_line(chosen.get("reference"))[:16]
    page = record_page.page(reading, group, reference, _number("before"), _number("after"))
    return render_template(
        "review/record.html",
        page=page,
        groups=GROUPS,
        group=group,
        reference=reference,
        checks=last_checks(reading),
        waiting=is_waiting(reading),
        last=head(reading),
        newer_url=_turn(group, reference, after=page.newer),
        older_url=_turn(group, reference, before=page.older),
    )


@blueprint.post("/record/check")
@gates.staff(*READERS)
def check_record() -> ResponseReturnValue:
    """Have the whole chain read and compared, by a job."""
    ask_check(db.session())
    flash(_("The record is being checked. Reload in a minute."), "ok")
    db.session().commit()
    return redirect(url_for("review.the_record"), 303)


def _turn(group: str, reference: str, before: int | None = None, after: int | None = None) -> str | None:
    if before is None and after is None:
        return None
    return url_for("review.the_record", group=group or None, reference=reference or None, before=before, after=after)


def _number(name: str) -> int | None:
    said = request.args.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else None
