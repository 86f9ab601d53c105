"""A real SMTP server on a free port that keeps what it gets, and can refuse in the ways real servers do."""

import asyncio
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum

import pytest

from tests.support.postgres import free_port

with warnings.catch_warnings():
    # aiosmtpd 1.4.6 (2024) asks asyncio.iscoroutinefunction, which newer Pythons call deprecated.
    warnings.filterwarnings("ignore", message=".*iscoroutinefunction.*", category=DeprecationWarning)
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import SMTP, Envelope, Session


class Mode(StrEnum):
    """What the server says to a message."""

    ACCEPT = "accept"
    TEMPORARY = "temporary"  # 451: try again later
    REFUSE = "refuse"  # 550: this mailbox does not exist
    DROP = "drop"  # the line goes dead in the middle of the message


@dataclass(slots=True)
class Received:
    """One message as it came in: the addresses of the envelope and the message itself."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        """Return the plain-text part."""
        part = self.message.get_body(("plain",))
        return "" if part is None else str(part.get_content())

    @property
    def html(self) -> str:
        """Return the HTML part."""
        part = self.message.get_body(("html",))
        return "" if part is None else str(part.get_content())


@dataclass
class _Handler:
    mode: Mode = Mode.ACCEPT
    messages: list[Received] = field(default_factory=list)
    tries: int = 0

    # The name is aiosmtpd's.
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(0)
        self.tries += 1
        if self.mode is Mode.TEMPORARY:
            return "451 4.3.0 Try again later"
        if self.mode is Mode.REFUSE:
            return "550 5.1.1 No such mailbox"
        if self.mode is Mode.DROP:
            if isinstance(server.transport, asyncio.WriteTransport):
                server.transport.abort()
            return "421 4.3.2 Going away"
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        message = message_from_bytes(content, policy=policy.default)
        self.messages.append(Received(str(envelope.mail_from), list(map(str, envelope.rcpt_tos)), message))
        return "250 2.0.0 Taken"


class SmtpServer:
    """An SMTP server in a thread of its own."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.port = free_port()
        self._handler = _Handler()
        self._controller = Controller(self._handler, hostname=self.host, port=self.port, ready_timeout=30)

    def start(self) -> None:
        """Listen."""
        self._controller.start()

    def stop(self) -> None:
        """Stop listening and end the thread."""
        self._controller.stop()

    @property
    def messages(self) -> list[Received]:
        """Return what was taken in, oldest first."""
        return self._handler.messages

    @property
    def tries(self) -> int:
        """Return how many messages were offered, taken in or not."""
        return self._handler.tries

    def answer(self, mode: Mode) -> None:
        """Treat every message from now on as ``mode`` says."""
        self._handler.mode = mode


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """Give a listening SMTP server that accepts until told otherwise."""
    server = SmtpServer()
    server.start()
    yield server
    server.stop()
