"""The public check of a signed request: a PDF, or a reference and a hash. Keeps nothing, shows nothing of a person."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.accounts.limits import count_try
from portal.config import settings_of
from portal.errors import TooManyTries, UploadRejected
from portal.files.papers import look_inside, read_pdf
from portal.files.sandbox import SandboxBroken, SandboxBusy
from portal.tracking.checking import Finding, check_file, check_hash
from portal.tracking.views import blueprint
from portal.ui.forms import one_line
from portal.words import N_

TRIES_AN_HOUR = 30
CHECK = "verify"
NO_FILE = N_("Choose a file first.")
NO_REFERENCE = N_("Enter the number of the request, such as MB-7K4Q-29.")
NO_HASH = N_("Enter the hash: 64 digits and letters from a to f.")
HASH_LETTERS = frozenset("0123456789abcdef")


@blueprint.get("/verify")
@gates.public
def verify() -> ResponseReturnValue:
    """Offer the two ways to check."""
    return _page()


@blueprint.post("/verify")
@gates.public
def check() -> ResponseReturnValue:
    """Check what was sent and answer on the spot."""
    try:
        count_try(db.database(), CHECK, request.remote_addr, TRIES_AN_HOUR)
    except TooManyTries as fault:
        name = "reference" if "reference" in request.form else "paper"
        return _page([(name, _(fault.sentence))]), fault.status
    return _check_typed() if "reference" in request.form else _check_upload()


def _check_upload() -> ResponseReturnValue:
    file = request.files.get("paper")
    try:
        if file is None or not file.filename:
            raise UploadRejected(NO_FILE)
        pdf = read_pdf(file.stream)
        # places of its own: who checks a copy never waits for, or holds up, who shows a card
        inside = look_inside(pdf, settings_of(db.reader()).data_dir / "slots-verify")
    except (UploadRejected, SandboxBusy, SandboxBroken) as fault:
        return _page([("paper", _(fault.sentence))]), fault.status
    return _page(finding=check_file(db.reader(), pdf, inside))


def _check_typed() -> ResponseReturnValue:
    reference, typed = one_line(request.form.get("reference")), one_line(request.form.get("hash"))
    letters = "".join(typed.split()).lower()
    errors = [] if reference else [("reference", _(NO_REFERENCE))]
    if len(letters) != 64 or not HASH_LETTERS.issuperset(letters):
        errors.append(("hash", _(NO_HASH)))
    if errors:
        return _page(errors), 422
    return _page(known=check_hash(db.reader(), reference, typed))


def _page(
    errors: list[tuple[str, str]] | None = None, finding: Finding | None = None, known: bool | None = None
) -> str:
    return render_template(
        "tracking/verify.html",
        errors=errors or [],
        faults=dict(errors or []),
        finding=finding,
        known=known,
        reference=one_line(request.form.get("reference")),
        hash=one_line(request.form.get("hash")),
    )
