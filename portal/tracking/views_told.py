"""The page of a recipient: what changed in data we once gave them, and one button to confirm it (Art. 19)."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from portal import db
from portal.accounts import gates
from portal.accounts.tokens import LinkPurpose, read_link
from portal.cases.models import Case
from portal.cases.recipients import Recipient, confirm, recipient_of, said_of
from portal.errors import NotYours
from portal.register import Register
from portal.tracking.views import blueprint
from portal.words import N_

CHANGES = {
    "erase": N_("We deleted data about this person. Please delete what you got from us too."),
    "rectify": N_("We corrected data about this person. Please ask us for the right values, and correct your copy."),
    "restrict": N_("The use of data about this person is paused. Please only store what you got from us."),
}


@blueprint.get("/told/<token>")
@gates.public
def told(token: str) -> ResponseReturnValue:
    """Show what changed, without a name: an account number and the days on which data was given."""
    reading = db.session()
    found = _recipient(token)
    case = reading.get_one(Case, found.case_id)
    register: Register = reading.info["register"]
    said = said_of(reading, found)
    return render_template(
        "tracking/told.html",
        token=token,
        said=said,
        reference=case.reference,
        change=CHANGES[case.right_slug],
        title=_title(register, said["activity"]),
        confirmed_at=found.confirmed_at,
    )


@blueprint.post("/told/<token>")
@gates.public
def confirm_told(token: str) -> ResponseReturnValue:
    """Note that the recipient did the same with their copy."""
    confirm(db.session(), _recipient(token))
    db.session().commit()
    return redirect(url_for("tracking.told", token=token), 303)


def _title(register: Register, slug: str) -> str:
    known = {row.slug: row for row in register.rows}
    return known[slug].text("title", str(get_locale())) if slug in known else ""


def _recipient(token: str) -> Recipient:
    found = recipient_of(db.session(), read_link(db.session(), LinkPurpose.TOLD, token))
    if found is None:
        raise NotYours
    return found
