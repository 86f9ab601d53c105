"""The flags, for systems that ask: whose data is restricted, objected to or withdrawn, in which activity.

For programs only, each with a token of its own. The answer is signed with that token, in the order of what changed;
a reader goes on from the last number it saw. See ``docs/flags.md``.
"""

import hmac
import json

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from portal import db
from portal.accounts import gates
from portal.cases.markings import Marking, after
from portal.config import settings_of

blueprint = Blueprint("feed", __name__)
MOST = 500
"""Flags in one answer."""
STANDS = {"restrict": "restricted", "object": "objected", "withdraw": "withdrawn"}


@blueprint.get("/v1/flags")
@gates.public
def flags() -> ResponseReturnValue:
    """Answer what changed after the number that the reader names, at most ``MOST`` flags at once."""
    reading = db.reader()
    tokens = settings_of(reading).flags_tokens
    if not tokens:
        return _refusal(404, "This portal tells no flags.")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    fits = [token for token in tokens.values() if hmac.compare_digest(token.encode(), given.encode())]
    if not fits:
        return _refusal(401, "Send your token: Authorization: Bearer ...")
    asked = request.args.get("after", "0")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        return _refusal(400, "Send after as a whole number: the last one you saw.")
    found = after(reading, int(asked), MOST + 1)
    body = _body([_told(marking, subjects) for marking, subjects in found[:MOST]], int(asked), len(found) > MOST)
    return _signed(body, fits[0])


def _told(marking: Marking, subjects: dict[str, list[str]]) -> dict[str, object]:
    return {
        "number": marking.number,
        "id": marking.id,
        "flag": STANDS[marking.right_slug],
        "activity": marking.activity,
        "stands": marking.lifted_at is None,
        "since": marking.set_at.isoformat(timespec="seconds"),
        "until": marking.lifted_at.isoformat(timespec="seconds") if marking.lifted_at else None,
        "accounts": subjects["accounts"],
        "emails": subjects["emails"],
    }


def _body(flags: list[dict[str, object]], asked: int, more: bool) -> bytes:
    said = {"after": asked, "next": flags[-1]["number"] if flags else asked, "more": more, "flags": flags}
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def _signed(body: bytes, token: str) -> Response:
    signature = hmac.digest(token.encode(), body, "sha256").hex()
    answer = Response(body, mimetype="application/json")
    answer.headers["X-Portal-Signature"] = signature
    answer.set_etag(signature)
    answer.make_conditional(request)
    return answer


def _refusal(status: int, sentence: str) -> ResponseReturnValue:
    answer = Response(json.dumps({"error": sentence}), mimetype="application/json", status=status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
