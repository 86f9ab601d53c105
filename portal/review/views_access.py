"""Who may do what: the access review with its CSV, and the second person who confirms that somebody begins anew."""

import csv
import io

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import activations, gates
from portal.accounts.members import Access, access_review
from portal.accounts.models import Activation, Role
from portal.clock import local, now, today
from portal.errors import MoveRefused, NotYours
from portal.review.desk import blueprint
from portal.review.fresh import asks, fresh
from portal.review.queue import names_of_staff
from portal.ui.csvsafe import safe

CONFIRMERS = (Role.ADMIN, Role.MANAGER)
REVIEWERS = (Role.ADMIN, Role.MANAGER, Role.AUDITOR)
QUIET_DAYS = 90
COLUMNS = ("name", "login", "role", "role_since", "added", "last_sign_in", "app", "passkeys", "state")


@blueprint.get("/access", endpoint="access_review")
@gates.staff(*REVIEWERS)
def show_access_review() -> ResponseReturnValue:
    """Show every account with its role, its factors and its last sign-in."""
    accesses = access_review(db.reader())
    return render_template("review/access.html", accesses=accesses, now=now(), quiet_days=QUIET_DAYS)


@blueprint.get("/access.csv", endpoint="access_review_csv")
@gates.staff(*REVIEWERS)
def give_access_review() -> ResponseReturnValue:
    """Give the same as a table for a spreadsheet."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    table.writerows([safe(cell) for cell in _cells(each)] for each in access_review(db.reader()))
    name = f"access-{today().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.get("/resets")
@gates.staff(*CONFIRMERS)
def resets() -> ResponseReturnValue:
    """Show who waits to begin anew."""
    return _resets_page()


@blueprint.post("/resets/<reset_id>/confirm")
@gates.staff(*CONFIRMERS)
@fresh
def confirm_reset(reset_id: str) -> ResponseReturnValue:
    """Confirm that somebody may begin anew: their factors and sessions end now."""
    try:
        activations.confirm_reset(db.session(), _load(reset_id), gates.staff_actor())
    except MoveRefused as refused:
        return _refused(refused)
    flash(_("Confirmed. Who asked it sees the code for ten minutes; the link is on its way."), "ok")
    db.session().commit()
    return redirect(url_for("review.resets"), 303)


@blueprint.post("/resets/<reset_id>/refuse")
@gates.staff(*CONFIRMERS)
@fresh
def refuse_reset(reset_id: str) -> ResponseReturnValue:
    """Refuse it; nothing changes."""
    try:
        activations.refuse_reset(db.session(), _load(reset_id), gates.staff_actor())
    except MoveRefused as refused:
        return _refused(refused)
    flash(_("Refused. Nothing changed."), "ok")
    db.session().commit()
    return redirect(url_for("review.resets"), 303)


def _load(reset_id: str) -> Activation:
    found = db.session().get(Activation, reset_id)
    if found is None:
        raise NotYours
    return found


def _refused(refused: MoveRefused) -> ResponseReturnValue:
    db.session().rollback()
    return _resets_page([("", _(refused.sentence, **refused.values))]), refused.status


def _resets_page(errors: list[tuple[str, str]] | None = None) -> str:
    reading, me = db.reader(), gates.current_staff()
    return render_template(
        "review/resets.html",
        waiting=[
            (activation, staff, me.id not in {activation.asked_by, staff.id})
            for activation, staff in activations.waiting_resets(reading)
        ],
        names=names_of_staff(reading),
        errors=errors or [],
        **asks(),
    )


def _cells(each: Access) -> list[str | None]:
    member = each.member
    state = "disabled" if member.disabled_at else "invited" if member.invited_at else "active"
    return [
        member.name,
        member.login,
        member.role.value,
        local(each.role_since).date().isoformat(),
        local(member.created_at).date().isoformat(),
        local(member.signed_in_at).date().isoformat() if member.signed_in_at else None,
        "yes" if member.has_app else "no",
        str(each.passkeys),
        state,
    ]
