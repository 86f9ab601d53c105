"""A made-up server of the controller's app: signs what it says of a person and posts it. Its protocol is written anew
here, from ``docs/hand-over.md``, so that a test fails where portal and document part."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.accounts.handovers import Introduced, hand_over
from portal.accounts.models import Handover
from portal.clock import now
from portal.db import Database, new_id
from tests.support.critic import Critic
from tests.support.portals import HANDOVER_SECRET
from tests.support.walks import ANSWERS, Walk

PATH = "/api/v1/hand-over"
ADA = {"language": "en", "name": "Ada Peeters", "email": "ada@example.com", "account": "7"}


def sign(secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Return the signature of the document: HMAC-SHA256 in lower-case hexadecimal digits."""
    return hmac.new(secret.encode(), f"{timestamp}\n{nonce}\n".encode() + body, hashlib.sha256).hexdigest()


@dataclass
class App:
    """The app's server; each call takes a new nonce and the present time unless it is told otherwise."""

    portal: Flask
    secret: str = HANDOVER_SECRET
    nonces: list[str] = field(default_factory=list)

    def headers(self, body: bytes, timestamp: str = "", nonce: str = "") -> dict[str, str]:
        """Return the signed headers for ``body``."""
        moment, once = timestamp or str(int(now().timestamp())), nonce or new_id()
        self.nonces.append(once)
        return {
            "Content-Type": "application/json",
            "X-Portal-Timestamp": moment,
            "X-Portal-Nonce": once,
            "X-Portal-Signature": sign(self.secret, moment, once, body),
        }

    def post(self, said: Mapping[str, Any] | bytes = ADA, **stamp: str) -> TestResponse:
        """Post ``said``, signed."""
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return self.send(body, self.headers(body, **stamp))

    def send(self, body: bytes, headers: Mapping[str, str]) -> TestResponse:
        """Post just this, by a program that keeps no cookie."""
        return self.portal.test_client(use_cookies=False).post(PATH, data=body, headers=dict(headers))

    def link(self, **said: str) -> str:
        """Hand somebody over and return the path of the link."""
        answer = self.post({**ADA, **said})
        assert answer.status_code == 201, answer.get_data(as_text=True)
        base = self.portal.extensions["portal_settings"].base_url
        url = str(answer.get_json()["url"])
        assert url.startswith(base + "/")
        return url.removeprefix(base)


def handed_over(database: Database) -> str:
    """Hand Ada over without the door; return the token of the link."""
    with database.writing() as session:
        return hand_over(session, Introduced(**ADA, at=now()), new_id())[0]


def count(database: Database) -> int:
    """Return how many hand-overs are kept."""
    with database.reader() as session:
        return session.scalar(select(func.count()).select_from(Handover)) or 0


def refused(answer: TestResponse, status: int, database: Database) -> str:
    """Return the sentence of a refusal; nothing was kept."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/json"
    told = answer.get_json()
    assert set(told) == {"error"}
    assert told["error"].endswith(".")
    assert count(database) == 0
    return str(told["error"])


def press(browser: Critic, link: str) -> str:
    """Press the button of the page; return where it leads."""
    answer = browser.submit(link, {})
    assert answer.status_code == 303, answer.status
    return answer.location or ""


def ask(walk: Walk, right: str) -> Walk:
    """Choose ``right`` and answer its own questions."""
    walk.fill({"right": right})
    while walk.step in ANSWERS[right]:
        walk.fill(ANSWERS[right][walk.step])
    return walk
