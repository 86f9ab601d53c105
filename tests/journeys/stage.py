"""A whole portal with the made-up Medbook beside it, its worker and its mail: where a journey takes place."""

import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import MetaData, create_engine, select

from portal.accounts.staff import current_code, find
from portal.app import make_worker
from portal.config import Settings, SourceUrls
from portal.db import Database
from portal.demo.staff import STAFF, DemoSignIn, add_demo_staff
from portal.jobs.worker import Worker
from portal.verify import breaches
from tests.support.live import Live, serve
from tests.support.portals import make_settings, portal
from tests.support.postgres import free_port

Row = tuple[object, ...]
Rows = Mapping[str, Mapping[Row, Row]]
"""By ``source.table``, each row by its primary key."""
SOURCES = ("medbook", "medbook_support")


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything a journey needs, and nothing faked: a served app, two source databases, a worker, a post box."""

    live: Live
    settings: Settings
    worker: Worker
    databases: Mapping[str, Path]

    @property
    def database(self) -> Database:
        """The portal's own database."""
        found: Database = self.live.app.extensions["portal_db"]
        return found

    def work(self) -> None:
        """Run every job that is due."""
        with self.live.app.app_context():
            self.worker.run_until_idle()

    def mails(self, address: str) -> list[EmailMessage]:
        """Return the mails to ``address``, oldest first, after the worker has sent what waits."""
        self.work()
        found = []
        for path in sorted(self.settings.mail_dir.glob("2*.eml")):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            assert isinstance(message, EmailMessage)
            if str(message["To"]) == address:
                found.append(message)
        return found

    def code(self, address: str) -> str:
        """Return the code in the newest mail to ``address``."""
        found = re.search(r"^\s*(\d{6})\s*$", text_of(self.mails(address)[-1]), re.MULTILINE)
        assert found is not None
        return found.group(1)

    def app_code(self, member: DemoSignIn) -> str:
        """Return the present code of a member of staff's app."""
        with self.database.reader() as session:
            staff = find(session, member.login)
            assert staff is not None
            return current_code(session, staff)

    def rows(self) -> Rows:
        """Return every row of every table of both sources."""
        found: dict[str, dict[Row, Row]] = {}
        for key, path in self.databases.items():
            engine = create_engine(f"sqlite:///{path}")
            tables = MetaData()
            tables.reflect(engine)
            with engine.connect() as connection:
                for name, table in tables.tables.items():
                    keys = [column.name for column in table.primary_key]
                    rows = connection.execute(select(table)).mappings().all()
                    found[f"{key}.{name}"] = {tuple(row[each] for each in keys): tuple(row.values()) for row in rows}
            engine.dispose()
        return found

    def breaches(self) -> list[str]:
        """Return what ``flask verify`` would say."""
        with self.database.reader() as session:
            return list(breaches(session))


def text_of(message: EmailMessage) -> str:
    """Return the plain part of a mail."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@contextmanager
def set_stage(folder: Path, template: Path, medbook: Mapping[str, Path]) -> Iterator[Stage]:
    """Open a portal in ``folder`` with copies of the two made-up databases, and serve it."""
    databases = {key: Path(shutil.copy(path, folder / f"{key}.db")) for key, path in medbook.items()}
    port = free_port()
    urls = {key: SourceUrls(f"sqlite:///{path}", f"sqlite:///{path}") for key, path in databases.items()}
    settings = make_settings(
        folder, base_url=f"http://127.0.0.1:{port}", demo=True, smtp=None, source_urls=urls, testing=True
    )
    with portal(settings, template) as app, serve(app, port) as live:
        with live.app.extensions["portal_db"].writing() as session:
            add_demo_staff(session)
        with app.app_context():
            worker = make_worker(app)
        yield Stage(live, settings, worker, databases)


def until_next_app_code() -> None:
    """Wait until the app shows another code: one opens the desk once."""
    time.sleep(30 - time.time() % 30 + 0.2)


def member(role: str) -> DemoSignIn:
    """Return a made-up member of staff: ``els`` and ``tom`` review, ``petra`` is the privacy manager."""
    return next(each for each in STAFF if each.login.startswith(role))
