"""How a message leaves: by SMTP, or into a folder that the demo shows on a page."""

import os
import secrets
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from portal.clock import now
from portal.config import Settings, SettingsFault, Smtp

TIMEOUT = 30.0  # seconds
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Transport(Protocol):
    """Hands one message over; returns once the other side has taken it."""

    def send(self, message: EmailMessage) -> None:
        """Send ``message`` or raise OSError or smtplib.SMTPException."""


class SmtpTransport:
    """A mail server, spoken to over verified TLS unless it listens on this machine.

    Raises:
        SettingsFault: it is elsewhere, and would be spoken to in the clear.
    """

    def __init__(self, smtp: Smtp) -> None:
        if smtp.security == "none" and smtp.host not in LOOPBACK:
            raise SettingsFault("PORTAL_SMTP_SECURITY may be none only for a mail server on this machine.")
        self.smtp = smtp

    def send(self, message: EmailMessage) -> None:
        """Send ``message``; a refused recipient is an error."""
        with self._connect() as server:
            if self.smtp.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.smtp.user:
                server.login(self.smtp.user, self.smtp.password)
            server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        if self.smtp.security == "tls":
            return smtplib.SMTP_SSL(
                self.smtp.host, self.smtp.port, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        return smtplib.SMTP(self.smtp.host, self.smtp.port, timeout=TIMEOUT)


class FolderTransport:
    """The demo's post box: one file a message, newest last by name. Never used outside the demo."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write ``message`` as one ``.eml`` file."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.eml"
        temporary = self.folder / f".{name}"
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(bytes(message))
        temporary.rename(self.folder / name)


def transport_for(settings: Settings) -> Transport:
    """Return the transport that ``settings`` ask for."""
    if settings.smtp is not None:
        return SmtpTransport(settings.smtp)
    return FolderTransport(settings.mail_dir)
