"""The job that sends one mail. A letter that carries a code gets it minted here, just before it leaves."""

import smtplib
from collections.abc import Callable, Mapping
from email.message import EmailMessage

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.config import settings_of
from portal.db import Database
from portal.files.keys import KeyDestroyed
from portal.jobs.worker import Finish, NeverAgain
from portal.mail.outbox import Mail, MailState, address_of, mark_sent
from portal.mail.render import render
from portal.mail.transport import Transport

PERMANENT = 500  # SMTP replies from here on will not change by trying again (RFC 5321, 4.2.1)

Mint = Callable[[Session, Mail], dict[str, str] | None]
"""Returns what must be made fresh for a letter (a code) and keeps only its hash; None where it is no longer wanted."""


class MailRefused(NeverAgain):
    """The server will never take this mail."""


class MailUnfit(NeverAgain):
    """Its address or subject would add a header."""


class Sender:
    """Handler of ``mail.send``.

    Args:
        transport: how mail leaves.
        mints: by letter, what makes its fresh values.
    """

    def __init__(self, transport: Transport, mints: Mapping[str, Mint]) -> None:
        self.transport, self.mints = transport, mints

    def __call__(self, database: Database, payload: Mapping[str, str]) -> Finish | None:
        """Send the mail named in ``payload`` unless it has left already.

        Raises:
            MailRefused: the server refused the recipient or the message for good.
            MailUnfit: the message cannot be written.
            OSError, smtplib.SMTPException: try again later.
        """
        mail_id = payload["mail"]
        with database.reader() as session:
            mail = session.get_one(Mail, mail_id)
            if mail.state is MailState.SENT:
                return None
            address, settings = _address(session, mail), settings_of(session)
        fresh = self._fresh(database, mail)
        if fresh is None:
            return _taker_back(mail_id)
        try:
            message = render(settings, mail.letter, mail.language, address, {**mail.facts, **fresh}, mail.id)
        except ValueError as fault:
            raise MailUnfit from fault
        self._hand_over(message)

        def finish(session: Session) -> None:
            mark_sent(session, mail_id)

        return finish

    def _hand_over(self, message: EmailMessage) -> None:
        try:
            self.transport.send(message)
        except smtplib.SMTPRecipientsRefused as refused:
            if all(code >= PERMANENT for code, _reason in refused.recipients.values()):
                raise MailRefused from refused
            raise
        except smtplib.SMTPDataError as refused:
            if refused.smtp_code >= PERMANENT:
                raise MailRefused from refused
            raise

    def _fresh(self, database: Database, mail: Mail) -> dict[str, str] | None:
        mint = self.mints.get(mail.letter)
        if mint is None:
            return {}
        with database.writing() as session:
            return mint(session, mail)


def _taker_back(mail_id: str) -> Finish:
    """Return what takes back a mail that is no longer wanted: nothing of it was sent."""

    def finish(session: Session) -> None:
        session.execute(delete(Mail).where(Mail.id == mail_id))

    return finish


def _address(session: Session, mail: Mail) -> str:
    try:
        return address_of(session, mail)
    except KeyDestroyed as gone:
        raise NeverAgain from gone
