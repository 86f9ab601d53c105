"""Turns every error into a page with a sentence that says what to do, and a reference. Never a trace, never JSON.

The pages need no database and no context processor, so they stand when the rest does not. The log gets the reference,
the kind of error and the place in the code; never a message, a path or an address: those may hold personal data.
"""

import secrets
import traceback
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from flask import Flask, Response, current_app, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from portal.errors import LinkExpired, MovedOn, NotYours, PortalError, SourceDown, TooManyTries, UploadTooBig
from portal.ui.languages import current_language
from portal.ui.pages import footer_links, home_url
from portal.words import N_

_log = structlog.get_logger("problems")
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

_TITLES = {
    404: N_("We cannot find this page"),
    405: N_("This page does not work that way"),
    409: N_("This has moved on"),
    410: N_("This link no longer works"),
    413: N_("This file is too big"),
    422: N_("Something is missing or not right"),
    429: N_("Too many tries"),
    500: N_("Something went wrong on our side"),
    503: N_("This does not work right now"),
}
_TITLE = N_("We could not take this")
_SENTENCES = {
    404: NotYours.default,
    405: N_("Go back and use the buttons on the page."),
    410: LinkExpired.default,
    413: UploadTooBig.default,
    429: TooManyTries.default,
    500: N_("What you saved is kept. Try again in a few minutes."),
    503: SourceDown.default,
}
_NEVER_SHOWN = frozenset(
    {"csrf_token", "password", "new_password", "code", "fresh_code", "passkey", "fresh_passkey", "strokes"}
)
_STALE_TITLE = N_("This page was open for too long")
_STALE = N_("Your session ended, or the form you sent was too old.")


@dataclass(frozen=True, slots=True)
class Problem:
    """What a problem page shows; texts are translated."""

    status: int
    template: str
    title: str
    sentence: str
    reference: str
    typed: tuple[str, ...] = ()  # texts of the form that could not be taken, to copy
    onward: str = ""  # address where the person goes on


def init_app(app: Flask) -> None:
    """Show a problem page for every error of ``app``. Needs ``ui.pages`` for what stands at its head and foot."""

    def show_stale(_error: CSRFError) -> Response:
        return stale_page()

    def show_stranger(_error: SecurityError) -> Response:
        return Response(gettext(_SENTENCES[404]), status=400, content_type="text/plain; charset=utf-8")

    def show_http(error: HTTPException) -> Response | HTTPException:
        if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
            return error
        response = _page(error.code, gettext(_SENTENCES.get(error.code, PortalError.default)))
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After"}:
                response.headers[name] = value
        return response

    def show_crash(error: Exception) -> Response:
        if _tests_want_it():
            raise error
        return _page(500, gettext(_SENTENCES[500]), error)

    app.register_error_handler(PortalError, refusal_page)
    app.register_error_handler(CSRFError, show_stale)
    app.register_error_handler(SecurityError, show_stranger)  # another host name: no address of ours can be built
    app.register_error_handler(HTTPException, show_http)
    app.register_error_handler(Exception, show_crash)


def refusal_page(error: PortalError) -> Response:
    """Return the page that says what ``error`` says, with what was typed into the form that could not be taken."""
    typed = typed_texts() if request.method == "POST" else ()
    onward = error.onward if isinstance(error, MovedOn) else ""
    return _page(error.status, gettext(error.sentence, **error.values), typed=typed, onward=onward)


def stale_page() -> Response:
    """Return the page for a form whose session has ended, or that is too old, with what was typed into it."""
    return _page(400, gettext(_STALE), template="stale.html", typed=typed_texts())


def typed_texts() -> tuple[str, ...]:
    """Return what a person wrote in the form that could not be taken: sentences and addresses, no secrets."""
    fields = ((name, text.strip()) for name in request.form for text in request.form.getlist(name))
    return tuple(text for name, text in fields if name not in _NEVER_SHOWN and (" " in text or "@" in text))


def _page(
    status: int,
    sentence: str,
    crash: Exception | None = None,
    template: str = "problem.html",
    typed: tuple[str, ...] = (),
    onward: str = "",
) -> Response:
    heading = _STALE_TITLE if template == "stale.html" else _TITLES.get(status, _TITLE)
    title = gettext(heading)
    problem = Problem(status, template, title, sentence, new_reference(), typed, onward)
    _write_log(problem, crash)
    page = current_app.jinja_env.get_template(f"problems/{problem.template}")
    text = page.render(
        problem=problem,
        language=current_language(),
        home_url=home_url(),
        footer_links=footer_links(),
    )
    return Response(text, status=status, content_type="text/html; charset=utf-8")


def new_reference() -> str:
    """Return a short reference for one problem, to say on the phone and to find in the log."""
    letters = [secrets.choice(_ALPHABET) for _ in range(8)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def _write_log(problem: Problem, crash: Exception | None) -> None:
    facts = {"reference": problem.reference, "status": problem.status, "endpoint": request.endpoint}
    if crash is None:
        _log.info("problem shown", **facts)
    else:
        _log.error("crash", **facts, kind=type(crash).__name__, trail=_trail(crash))


def _trail(crash: Exception) -> list[str]:
    frames = traceback.extract_tb(crash.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]


def _tests_want_it() -> bool:
    wanted = current_app.config["PROPAGATE_EXCEPTIONS"]
    return bool(current_app.testing or current_app.debug) if wanted is None else bool(wanted)
