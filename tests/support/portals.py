"""Portals to test: settings in a temporary folder, a migrated database, the app itself. One test, one portal."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from portal import migrating
from portal.config import HERE, Settings, Smtp
from portal.db import Database, make_engine
from portal.files.ring import KeyRing
from tests.support.critic import Critic

NO_MAIL_SERVER = Smtp(host="127.0.0.1", port=9, user="", password="", security="none")
"""Nobody listens there: mail fails unless a test asks for ``smtp_server``."""

HANDOVER_SECRET = "made up for the tests, and shared with a made-up app"


class _Compiled(BytecodeCache):
    """Templates as compiled for an earlier portal of this process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = _Compiled()


class _Route(Rule):
    """A route whose addresses are built as for an earlier portal of this process: compiling takes 40 ms."""

    _kept: ClassVar[dict[tuple[str, str, bool], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        """Return the function, not bound to a route yet, that builds an address."""
        key = (self.rule, repr(self.defaults), append_unknown)
        if key not in self._kept:
            self._kept[key] = super()._compile_builder(append_unknown)
        return self._kept[key]


Flask.url_rule_class = _Route


def make_settings(folder: Path, **changes: object) -> Settings:
    """Return settings for a portal that keeps everything under ``folder``; ``changes`` replace single ones."""
    key_file = folder / "keys"
    if not key_file.exists():
        KeyRing.create(key_file)
    environ = {
        "PORTAL_SECRET_KEY": "made up for the tests, 32 characters or more",
        "PORTAL_KEY_FILE": str(key_file),
        "PORTAL_DATA_DIR": str(folder / "data"),
        "PORTAL_DATABASE_URL": f"sqlite:///{folder / 'portal.db'}",
        "PORTAL_BASE_URL": "http://localhost",
        "PORTAL_HANDOVER_SECRET": HANDOVER_SECRET,
        "PORTAL_RECEIVERS_FILE": str(HERE / "demo" / "receivers.toml"),
        "PORTAL_SMTP_HOST": NO_MAIL_SERVER.host,
        "PORTAL_UNDO_SECONDS": "0",
    }
    given = replace(Settings.from_env(environ), smtp=NO_MAIL_SERVER, look_through=False, testing=True)
    return replace(given, **changes)  # type: ignore[arg-type] # the names and types are Settings' own


def make_template(path: Path) -> Path:
    """Make an empty, migrated SQLite database at ``path``, for each test to copy."""
    engine = make_engine(f"sqlite:///{path}")
    migrating.upgrade(engine)
    engine.dispose()
    return path


@contextmanager
def portal(settings: Settings, template: Path | None = None) -> Iterator[Flask]:
    """Open the portal for ``settings`` and close it again.

    Args:
        settings: of this portal.
        template: migrated SQLite file to start from; None migrates the database that ``settings`` names.
    """
    if template is None:
        engine = make_engine(settings.database_url)
        migrating.upgrade(engine)
        engine.dispose()
    else:
        shutil.copy(template, settings.database_url.removeprefix("sqlite:///"))
    from portal.app import create_app  # here, so that unit tests do not load the whole portal

    app = create_app(settings)
    app.test_client_class = Critic
    app.jinja_env.bytecode_cache = COMPILED
    yield app
    app.extensions["portal_db"].engine.dispose()


def database_of(app: Flask) -> Database:
    """Return the database of ``app``."""
    found: Database = app.extensions["portal_db"]
    return found


def work(app: Flask) -> int:
    """Do every job that is due in ``app``, as its worker would; return how many."""
    from portal.app import make_worker

    with app.app_context():
        return make_worker(app).run_until_idle()
