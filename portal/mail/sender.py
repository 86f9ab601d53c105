"""The job that sends one mail. A letter that carries a code gets it minted here, just before it leaves."""

import smtplib
from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from portal.config import settings_of
from portal.db import Database
from portal.files.keys import KeyDestroyed
from portal.jobs.worker import Finish, NeverAgain
from portal.mail.outbox import Mail, MailState, address_of, mark_sent
from portal.mail.render import render
from portal.mail.transport import Transport

Mint = Callable[[Session, Mail], dict[str, str]]
"""Returns what must be made fresh for a letter (a code), and stores only its hash."""


class MailRefused(NeverAgain):
    """The server will never take this mail."""


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
            MailRefused: the server refused the recipient for good.
            OSError, smtplib.SMTPException: try again later.
        """
        mail_id = payload["mail"]
        with database.reader() as session:
            mail = session.get_one(Mail, mail_id)
            if mail.state is MailState.SENT:
                return None
            address, settings = _address(session, mail), settings_of(session)
        facts = {**mail.facts, **self._fresh(database, mail)}
        message = render(settings, mail.letter, mail.language, address, facts, mail.id)
        try:
            self.transport.send(message)
        except smtplib.SMTPRecipientsRefused as refused:
            if all(code >= 500 for code, _reason in refused.recipients.values()):
                raise MailRefused from refused
            raise

        def finish(session: Session) -> None:
            mark_sent(session, mail_id)

        return finish

    def _fresh(self, database: Database, mail: Mail) -> dict[str, str]:
        mint = self.mints.get(mail.letter)
        if mint is None:
            return {}
        with database.writing() as session:
            return mint(session, mail)


def _address(session: Session, mail: Mail) -> str:
    try:
        return address_of(session, mail)
    except KeyDestroyed as gone:
        raise NeverAgain from gone
