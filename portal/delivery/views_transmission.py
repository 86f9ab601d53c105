"""Sending a package straight on: the person's button, and the page of who receives it. GET takes nothing."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.cases.package_parts import part_of, parts_of
from portal.clock import local
from portal.delivery.receivers import Receiver
from portal.delivery.transmission import TAKEN, is_used, send_on, sending_behind, take
from portal.delivery.views import as_file, blueprint, load, page_of, window_of
from portal.errors import LinkExpired


@blueprint.post("/s/<case_id>/download/send")
@gates.person
def send(case_id: str) -> ResponseReturnValue:
    """Send the file straight to the organisation chosen; only behind a fresh code, like the download."""
    case, package = load(case_id)
    if window_of(package) is None:
        return redirect(url_for("delivery.download", case_id=case_id), 303)
    receivers: Mapping[str, Receiver] = db.session().info["receivers"]
    chosen = receivers.get(request.form.get("receiver", ""))
    if chosen is None:
        return page_of(case, package, "receiver", _("Choose the organisation that gets your file.")), 422
    send_on(db.session(), case, package, chosen)
    flash(_("We sent %(name)s a link to your file. It opens once.", name=chosen.name), "ok")
    db.session().commit()
    return redirect(url_for("delivery.download", case_id=case_id), 303)


@blueprint.get("/receive/<token>")
@gates.public
def receive(token: str) -> ResponseReturnValue:
    """Show what waits for the receiver, with one button."""
    sending, case, package = sending_behind(db.session(), token)
    if is_used(sending):
        raise LinkExpired(TAKEN)
    return render_template(
        "delivery/receive.html",
        token=token,
        name=sending.name,
        reference=case.reference,
        package=package,
        parts=parts_of(package),
        until=local(package.expires_at).date(),
    )


@blueprint.post("/receive/<token>")
@gates.public
def take_file(token: str) -> ResponseReturnValue:
    """Give the receiver the file, or one part of it; the link is used with that, and works for an hour more."""
    sending, _case, package = sending_behind(db.session(), token)
    part = part_of(package, request.form.get("part", "1"))
    take(db.session(), sending)
    db.session().commit()
    return as_file(package, part, 0, part.size)
