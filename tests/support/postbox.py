"""A post box for tests: runs the jobs that send mail and reads what arrived, codes and links with it."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Flask

from portal.accounts import codes
from portal.db import Database
from portal.jobs.worker import Worker
from portal.mail.outbox import SEND
from portal.mail.sender import Sender
from portal.mail.transport import FolderTransport


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail that arrived."""

    to: str
    subject: str
    text: str
    message: EmailMessage


class Postbox:
    """Where the mails of one portal arrive.

    Args:
        app: the portal.
        folder: an empty folder.
    """

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder

    def deliver(self) -> list[Letter]:
        """Send what is due and return every mail so far, oldest first."""
        database: Database = self.app.extensions["portal_db"]
        sender = Sender(FolderTransport(self.folder), {codes.LETTER: codes.mint})

        def leave(_database: Database, _payload: object) -> None:
            """Do nothing: the other jobs are not what these tests are about."""

        kinds = ("case.locate", "case.fulfil", "case.paper", "files.unlink")
        with self.app.app_context():
            Worker(database, {SEND: sender} | dict.fromkeys(kinds, leave)).run_until_idle()
        arrived = sorted(
            self.folder.glob("2*.eml"), key=lambda path: path.stat().st_mtime_ns
        )  # a test's clock may stand
        return [_read(path) for path in arrived]

    def code(self, to: str) -> str:
        """Return the six digits of the newest code mail to ``to``."""
        found = [code for letter in self.deliver() if letter.to == to for code in re.findall(r"\b\d{6}\b", letter.text)]
        return str(found[-1])


def _read(path: Path) -> Letter:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    return Letter(str(message["To"]), str(message["Subject"]), text, message)
