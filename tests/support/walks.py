"""A person who walks the conversation: answers for every right, the walk itself, and people half-way."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.accounts import codes
from portal.cases.models import Case
from portal.config import Settings
from portal.db import Database
from portal.demo.specimen import draw_specimen
from portal.jobs.worker import Worker
from portal.mail.outbox import SEND
from portal.mail.sender import Sender
from portal.mail.transport import FolderTransport
from tests.support.critic import Critic
from tests.support.portals import make_settings, portal
from tests.support.reading import unbroken

NAME, ADDRESS = "Wilhelmina Zonderland", "wilhelmina@example.com"
CANARY = "quokka-7731-bezwaar"
CONTACT = {"contact-name": NAME, "contact-email": ADDRESS, "contact-residence": "be", "contact-acting": "self"}
COVERED = {"preset": ["photo-left", "number-low"], "use": "1"}

ANSWERS: dict[str, dict[str, dict[str, Any]]] = {
    "access": {
        "about": {"about": "everything"},
        "form": {"form-form": "copy", "form-from": "1-2-2020", "form-to": "31-12-2024"},
    },
    "rectify": {
        "items": {
            "items-0-what": "surname",
            "items-0-why": "wrong",
            "items-0-says": "Zonderlant",
            "items-0-should": CANARY,
            "items-0-where": "account",
        }
    },
    "erase": {
        "about": {"about": ["some", "account", "usage"]},
        "erase_why": {"erase_why-reason": "not-needed", "erase_why-facts": CANARY, "erase_why-understood": "yes"},
    },
    "restrict": {
        "about": {"about": "everything"},
        "pause_why": {"pause_why-case": "accuracy", "pause_why-facts": CANARY},
    },
    "object": {"about": {"about": ["some", "usage"]}, "circumstances": {"circumstances": CANARY}},
    "port": {
        "about": {"about": "everything"},
        "destination": {"destination-to": "other", "destination-controller": CANARY},
    },
    "withdraw": {"about": {"about": ["some", "research"]}},
}


@dataclass
class Walk:
    """One person at a browser without script, and the post box of the portal."""

    app: Flask
    language: str = "en"
    url: str = ""
    visited: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        visitor = self.app.test_client()
        assert isinstance(visitor, Critic)
        self.client = visitor

    @property
    def database(self) -> Database:
        found: Database = self.app.extensions["portal_db"]
        return found

    @property
    def settings(self) -> Settings:
        found: Settings = self.app.extensions["portal_settings"]
        return found

    @property
    def step(self) -> str:
        return self.url.rpartition("/")[2].partition("#")[0]

    @property
    def conversation(self) -> str:
        found = re.search(r"/c/([0-9a-f]{32})/", self.url)
        assert found, self.url
        return found[1]

    def at(self, step: str) -> str:
        return f"/{self.language}/c/{self.conversation}/{step}"

    def choose(self, right: str) -> "Walk":
        self.follow(self.client.submit(f"/{self.language}/", {"right": right}))
        return self

    def say(self, **values: Any) -> "Walk":
        """Fill in the turn that is open; the names of inputs have ``__`` for a hyphen."""
        return self.fill({name.replace("__", "-"): value for name, value in values.items()})

    def fill(self, values: Mapping[str, Any]) -> "Walk":
        self.visited.append(self.step)
        self.follow(self.client.submit(self.url, values))
        return self

    def answer(self, right: str, contact: Mapping[str, str] | None = None) -> "Walk":
        """Answer every question of ``right`` up to the code; ``contact`` is what is said otherwise than usual."""
        while self.step in ANSWERS[right]:
            self.fill(ANSWERS[right][self.step])
        assert self.step == "contact"
        return self.fill({**CONTACT, **(contact or {})})

    def confirm(self) -> "Walk":
        return self.say(code=self.newest_code())

    def show_card(self, covered: Mapping[str, Any] = COVERED) -> "Walk":
        self.follow(self.upload(draw_specimen(NAME, "en")))
        assert self.step == "mask"
        return self.fill(covered)

    def sign(self) -> "Walk":
        return self.say(signature=f" {NAME.upper()} ")

    def upload(self, content: bytes, name: str = "card.jpg") -> TestResponse:
        response = self.client.submit(self.at("identity"), {"card": (BytesIO(content), name)})
        response.request.environ["wsgi.input"].close()  # a large form lies in a temporary file of the test client
        return response

    def send_covered(self, content: bytes, **claimed: Any) -> TestResponse:
        """Send a picture as the script does that covered it, with what it claims of its boxes; answers in JSON."""
        page = self.client.get(self.at("identity"))
        values = {"csrf_token": token_of(page), "covered": "yes", "card": (BytesIO(content), "card.jpg")}
        fields = {name.replace("__", "-"): value for name, value in claimed.items()}
        return self.client.post(self.at("identity"), data={**values, **fields}, headers={"Accept": "application/json"})

    def deliver(self) -> None:
        """Run the worker for the mails that wait."""
        transport = FolderTransport(self.settings.mail_dir)
        with self.app.app_context():
            Worker(self.database, {SEND: Sender(transport, {codes.LETTER: codes.mint})}).run_until_idle(20)

    def newest_code(self) -> str:
        self.deliver()
        newest = max(self.settings.mail_dir.glob("*.eml"))
        body = message_from_bytes(newest.read_bytes(), policy=default).get_body(("plain",))
        assert body is not None
        found = re.search(r"\b(\d{3} ?\d{3})\b", body.get_content())
        assert found, body.get_content()
        return found[1]

    def case(self) -> Case:
        with self.database.reader() as session:
            return session.scalars(select(Case).where(Case.conversation_id == self.conversation)).one()

    def count(self, table: type[Any]) -> int:
        with self.database.reader() as session:
            return int(session.scalar(select(func.count()).select_from(table)) or 0)

    def page(self, step: str | None = None, status: int = 200) -> str:
        response = self.client.get(self.at(step) if step else self.url)
        assert response.status_code == status, response.status
        return unbroken(response.get_data(as_text=True))

    def follow(self, response: TestResponse) -> None:
        """Go where ``response`` leads; fail where it leads nowhere."""
        assert response.status_code == 303, f"{self.url}: {response.status}\n{main_of(response)}"
        self.url = (response.location or "").removesuffix("#q")


def token_of(page: TestResponse) -> str:
    """Return the token against forged requests in the form of ``page``."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
    assert found
    return found[1]


def main_of(response: TestResponse) -> str:
    """Return the text of a page between its head and foot, on one line."""
    text = unbroken(response.get_data(as_text=True))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text[text.find("<main") : text.find("</main>")]))


@pytest.fixture
def demo_app(tmp_path: Path, migrated: Path) -> Iterator[Flask]:
    """Give an empty demo portal: its mail lands in a folder."""
    with portal(make_settings(tmp_path, demo=True, smtp=None), migrated) as opened:
        yield opened


@pytest.fixture
def walk(demo_app: Flask) -> Walk:
    """Give a person at the landing page."""
    return Walk(demo_app)


@pytest.fixture
def at_identity(walk: Walk) -> Walk:
    """Give a person who stands at the turn about identity, with every answer before it given."""
    walk.choose("restrict").answer("restrict").confirm()
    assert walk.step == "identity"
    return walk


@pytest.fixture
def at_check(walk: Walk) -> Walk:
    """Give a person who only has to send; taking back a permission asks for no card."""
    walk.choose("withdraw").answer("withdraw").confirm().sign()
    assert walk.step == "check"
    return walk
