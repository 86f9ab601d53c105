"""The dossier of a case for the authority: one ZIP, made by the privacy manager, each time on record."""

import hashlib

from flask import Response
from flask.typing import ResponseReturnValue

from portal import db
from portal.accounts import gates
from portal.accounts.models import Role
from portal.audit.desk_events import DossierMade
from portal.audit.record import record
from portal.review.desk import blueprint
from portal.review.dossier import dossier
from portal.review.fresh import fresh
from portal.review.views_case import load


@blueprint.post("/cases/<case_id>/dossier")
@gates.staff(Role.MANAGER)
@fresh
def make_dossier(case_id: str) -> ResponseReturnValue:
    """Give everything on record of a case; what was given is noted by its hash."""
    found = load(db.reader(), case_id)
    content = dossier(db.reader(), found)
    made = DossierMade(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    record(db.session(), made, gates.staff_actor(), found.id)
    db.session().commit()
    headers = {"Content-Disposition": f'attachment; filename="{found.reference}.zip"', "Cache-Control": "no-store"}
    return Response(content, mimetype="application/zip", headers=headers)
