"""The door for the controller's app: it hands a person over, signed, and gets a link that opens once.

For programs only: no cookie, no form token, no browser. Every answer is JSON; a refusal is {"error": sentence}.
"""

import structlog
from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from portal import db
from portal.accounts import gates
from portal.accounts.handovers import LONGEST_BODY, HandoverRefused, Stamp, check_stamp, hand_over, read_body
from portal.clock import now
from portal.config import Settings, settings_of
from portal.errors import PortalError

blueprint = Blueprint("api", __name__)
OF_BROWSERS = ("Sec-Fetch-Site", "Origin", "Cookie")
_log = structlog.get_logger("portal.api")


@blueprint.post("/v1/hand-over")
@gates.public
def take_handover() -> ResponseReturnValue:
    """Take a signed introduction; answer with the link to send the person's browser to."""
    settings = settings_of(db.reader())
    if not settings.handover_secrets:
        raise HandoverRefused(404, "This portal takes no hand-overs.")
    if any(name in request.headers for name in OF_BROWSERS):
        raise HandoverRefused(403, "Call this from your server, not from a browser.")
    if request.mimetype != "application/json":
        raise HandoverRefused(415, "Send application/json.")
    body, moment = _body(), now()
    stamp = Stamp(*(request.headers.get(f"X-Portal-{name}", "") for name in ("Timestamp", "Nonce", "Signature")))
    check_stamp(stamp, body, settings.handover_secrets, moment)
    introduced = read_body(body, moment)
    token, expires_at = hand_over(db.session(), introduced, stamp.nonce)
    told = {"url": _link(settings, introduced.language, token), "expires_at": expires_at.isoformat(timespec="seconds")}
    db.session().commit()
    return jsonify(told), 201


@blueprint.errorhandler(HandoverRefused)
def tell_refusal(fault: HandoverRefused) -> ResponseReturnValue:
    """Say in one sentence what was wrong."""
    return _refusal(fault.code, fault.sentence)


@blueprint.errorhandler(PortalError)
def tell_stranger(fault: PortalError) -> ResponseReturnValue:
    """Say the same of what the house refuses before this door."""
    return _refusal(fault.status, fault.sentence)


@blueprint.errorhandler(HTTPException)
def tell_fault(fault: HTTPException) -> ResponseReturnValue:
    """Say the same of what Flask itself refuses."""
    return _refusal(fault.code or 400, "Too long." if fault.code == 413 else "This could not be read.")


def _body() -> bytes:
    request.max_content_length = LONGEST_BODY
    try:
        return request.get_data()
    except RequestEntityTooLarge as fault:
        raise HandoverRefused(413, f"Send at most {LONGEST_BODY} bytes.") from fault


def _link(settings: Settings, language: str, token: str) -> str:
    return settings.base_url + url_for("intake.handover", language=language, token=token)


def _refusal(status: int, sentence: str) -> ResponseReturnValue:
    _log.info("hand-over refused", status=status, why=sentence)
    answer: Response = jsonify(error=sentence)
    return answer, status
