"""What an open page of the desk asks every 15 seconds: who else is here, and whether the request moved on meanwhile."""

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from portal import db
from portal.accounts import gates
from portal.cases.access import case_for_staff
from portal.clock import now
from portal.review.desk import DESK, blueprint
from portal.review.presence import be_seen, beside
from portal.review.queue import PAGE


@blueprint.get("/presence")
@gates.staff(*DESK)
def presence() -> ResponseReturnValue:
    """Return who has each of the cases ``of`` open. ``here`` names the one that this page shows."""
    member, asked = gates.current_staff(), request.args.getlist("of")[:PAGE]
    here, version = request.args.get("here", ""), None
    if here:
        version = case_for_staff(db.reader(), here, member).version
        be_seen(db.database(), here, member.id, request.args.get("doing") == "deciding", now())
        asked = [here]
    found = beside(db.reader(), asked, member, now())
    words = {case_id: ", ".join(each.sentence for each in here) for case_id, here in found.items()}
    return jsonify(beside=words, version=version)
