"""The one place where everything meets: settings, database, keys, catalogues, stages and pages."""

import logging
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from flask import Flask, Request, g, has_request_context, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import db
from portal.accounts import codes, gates
from portal.accounts.sessions import SqlSessions
from portal.audit import checking as audit_checking
from portal.audit import record as audit_record
from portal.cases import by_post, letters, papers, retention, returned, undo
from portal.cases import models as case_models
from portal.clock import BRUSSELS
from portal.config import HERE, LANGUAGES, Settings
from portal.delivery.feed import blueprint as feed
from portal.delivery.receivers import load_receivers
from portal.delivery.views import blueprint as delivery
from portal.files.keys import KeyRing, subkey
from portal.files.uploads import MAX_BODY, EncryptedUploads
from portal.files.vault import Vault
from portal.fulfilment.commands import collection_titles, open_sources, source_titles
from portal.fulfilment.jobs import Fulfilment
from portal.fulfilment.nights import NIGHTS, nights_at_sources
from portal.fulfilment.trials import Trials
from portal.intake.api import blueprint as api
from portal.intake.views import blueprint as intake
from portal.jobs.outbox import Job
from portal.jobs.worker import Handler, Nightly, Worker
from portal.mail.outbox import SEND, Mail, mark_failed
from portal.mail.sender import Sender
from portal.mail.transport import transport_for
from portal.register import load_register
from portal.review import blueprint as review
from portal.review import reminders
from portal.review.blocks import load_blocks
from portal.rights import RIGHTS
from portal.rights.ladder import load_ladder
from portal.tracking.views import blueprint as tracking
from portal.ui import assets, filters, headers, pages, problems
from portal.understanding import Understanding, absent, load

TABLES = (case_models.Case, audit_record.AuditEntry)  # importing them makes every table known
PUBLIC = "/<any(nl,fr,de,en):language>"
DEFAULT_LANGUAGE = "nl"


class PortalRequest(EncryptedUploads, Request):
    """A request whose uploads never touch the disk in the clear."""


def create_app(settings: Settings) -> Flask:
    """Return the portal for ``settings``.

    Raises:
        SettingsFault, KeyFileError, RegisterFaulty, LadderFaulty: something it needs is missing or wrong; the
            message says what.
    """
    app = Flask("portal", template_folder=str(HERE.parent / "templates"), static_folder=None)
    app.config.update(_flask_settings(settings))
    app.request_class = PortalRequest
    app.session_interface = SqlSessions(settings.secret_key, settings.secure)
    app.extensions["portal_settings"] = settings
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0)  # type: ignore[method-assign]
    _start_logs(settings)
    _open_stores(app, settings)
    _speak(app)
    _guard(app)
    _add_pages(app, settings)
    app.extensions["portal_understanding"] = _understanding(settings)  # last: it loads beside what follows
    return app


def _flask_settings(settings: Settings) -> dict[str, Any]:
    host = settings.base_url.partition("://")[2]
    return {
        "SECRET_KEY": settings.secret_key,
        "TRUSTED_HOSTS": [host.partition(":")[0]],
        "MAX_CONTENT_LENGTH": MAX_BODY,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 500,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # it wants a Referer, which our policy never sends; ui.headers checks the origin
        "TESTING": settings.testing,
        "BABEL_TRANSLATION_DIRECTORIES": str(HERE / "translations"),
    }


def _understanding(settings: Settings) -> Understanding:
    """Return what reads free text. A server loads it at once, in each of its processes; a command only if it asks."""
    if settings.testing or not settings.understanding:
        return absent()
    return load(at_once=os.environ.get("FLASK_RUN_FROM_CLI") != "true")


def _open_stores(app: Flask, settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    ring = KeyRing.load(settings.key_file)
    info = {
        "settings": settings,
        "keyring": ring,
        "audit_key": subkey(ring, "audit"),
        "vault": Vault(settings.files_dir),
        "register": load_register(settings.register_dir),
        "collection_titles": partial(collection_titles, settings.manifests_dir),  # read when somebody first asks
        "source_titles": partial(source_titles, settings.manifests_dir),
        "ladder": load_ladder(settings.ladder_file, RIGHTS),
        "receivers": load_receivers(settings.receivers_file),
        "blocks": load_blocks(settings.blocks_dir, RIGHTS),
    }
    db.init_app(app, settings.database_url, info)


def _speak(app: Flask) -> None:
    """Choose the language: the first part of a public address, else the member of staff's own."""

    def language() -> str:
        return str(g.get("language", DEFAULT_LANGUAGE)) if request else DEFAULT_LANGUAGE

    Babel(app, default_locale="en", locale_selector=language, timezone_selector=lambda: str(BRUSSELS))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.url_value_preprocessor
    def take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.language = (values or {}).pop("language", None) or _wanted()

    @app.url_defaults
    def give_language(endpoint: str, values: dict[str, Any]) -> None:
        if "language" not in values and app.url_map.is_endpoint_expecting(endpoint, "language"):
            values["language"] = g.get("language", DEFAULT_LANGUAGE)


def _wanted() -> str:
    if request.path.startswith("/desk"):
        member = gates.signed_in()
        return member.language if member else DEFAULT_LANGUAGE
    return request.accept_languages.best_match(list(LANGUAGES)) or DEFAULT_LANGUAGE


def _guard(app: Flask) -> None:
    CSRFProtect(app).exempt(api)  # signed, without a cookie, and closed to browsers
    manager = LoginManager(app)
    manager.session_protection = None  # the session lives on the server; see accounts.sessions
    manager.user_loader(gates.load_staff)


def _add_pages(app: Flask, settings: Settings) -> None:
    assets.init_app(app)
    filters.init_app(app)
    headers.init_app(app, base_url=settings.base_url)
    problems.init_app(app)
    pages.init_app(app, gates.public, home="intake.start", follow="tracking.find", verify="tracking.verify")
    for stage in (intake, tracking, delivery):
        app.register_blueprint(stage, url_prefix=PUBLIC)
    app.register_blueprint(review, url_prefix="/desk")
    app.register_blueprint(api, url_prefix="/api")
    app.register_blueprint(feed, url_prefix="/api")
    if settings.demo:
        from portal.demo.pages import blueprint as demo

        app.register_blueprint(demo, url_prefix="/demo")
    app.add_url_rule("/", "front", gates.public(_front))
    app.add_url_rule("/healthz", "healthz", gates.public(_healthz))
    app.context_processor(_context(settings))


def _front() -> ResponseReturnValue:
    return redirect(url_for("intake.start"), 302)


def _healthz() -> ResponseReturnValue:
    db.reader().connection()
    return {"ok": True}


def _context(settings: Settings) -> Callable[[], dict[str, Any]]:
    def values() -> dict[str, Any]:
        if not has_request_context():
            return {}  # a letter or a package, which brings its own
        return {
            "language": g.get("language", DEFAULT_LANGUAGE),
            "controller": settings.controller,
            "language_links": _language_links(),
            "demo": settings.demo,
            "demo_url": url_for("demo.show") if settings.demo else None,
        }

    return values


def _language_links() -> list[tuple[str, str, str, bool]]:
    """Return the other languages of this very page: the switch keeps step and answers."""
    if request.endpoint is None or "language" not in (request.url_rule.arguments if request.url_rule else ()):
        return []
    values = dict(request.view_args or {})
    here = g.get("language", DEFAULT_LANGUAGE)
    return [
        (code, name, url_for(request.endpoint, **{**values, "language": code}), code == here)
        for code, name in LANGUAGES.items()
    ]


def _start_logs(settings: Settings) -> None:
    """Log as JSON lines; only what a call names is written, and nobody names personal data (see tests/house)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR if settings.testing else logging.INFO),
        cache_logger_on_first_use=False,
    )


def make_worker(app: Flask) -> Worker:
    """Return the worker that runs this app's jobs; run it inside ``app.app_context()``."""
    from portal.fulfilment import by_post as posts
    from portal.fulfilment import letter, signed  # here: they bring the renderer, which only the worker needs

    settings: Settings = app.extensions["portal_settings"]
    fulfilment = Fulfilment(open_sources(settings))
    handlers: dict[str, Handler] = {
        SEND: Sender(transport_for(settings), {codes.LETTER: codes.mint}),
        "case.locate": fulfilment.locate_case,
        "case.fulfil": fulfilment.fulfil_case,
        "case.trial": Trials(fulfilment.sources).prepare,
        papers.MAKE: signed.make_paper,
        undo.LETTER: letter.make_letter,
        by_post.WRITE: posts.make_post,
        "sweep.nightly": retention.sweep_job,
        "files.unlink": retention.unlink_job,
        "audit.export": audit_record.export_job,
        **nights_at_sources(fulfilment.sources),
        audit_checking.CHECK: audit_checking.check_job,
        reminders.REMIND: reminders.remind_job,
    }
    nightly = (
        *(Nightly(kind, 1) for kind in NIGHTS),
        Nightly("sweep.nightly", 2),
        Nightly("audit.export", 3),
        Nightly(audit_checking.CHECK, 4),
        Nightly(reminders.REMIND, 6),
    )
    return Worker(app.extensions["portal_db"], handlers, nightly, on_dead=_note_dead)


def _note_dead(session: Session, job: Job) -> None:
    """Tell of a job that is given up: a mail is marked as failed, and both are told to the desk."""
    if job.kind == SEND:
        mark_failed(session, job.payload["mail"])
        if mail := session.get(Mail, job.payload["mail"]):
            returned.tell_not_delivered(session, mail)
    elif job.case_id:
        letters.queue_staff_letter(session, session.get_one(case_models.Case, job.case_id), "staff-failed")
