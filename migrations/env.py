"""Alembic's door to the portal's tables. The connection is given by the portal or a test, or comes from settings."""

import os

from alembic import context
from sqlalchemy import Connection

from portal.accounts import models as accounts
from portal.audit import record
from portal.cases import (
    arrivals,
    attachments,
    by_post,
    disagreements,
    markings,
    promises,
    recipients,
    redactions,
    tombstones,
    trial,
)
from portal.cases import models as cases
from portal.config import Settings
from portal.db import Base, UtcDateTime, make_engine
from portal.delivery import transmission
from portal.files import keys
from portal.jobs import outbox as jobs
from portal.mail import outbox as mails
from portal.review import models as review

TABLES = (accounts.Staff, record.AuditEntry, cases.Case, keys.DataKey, jobs.Job, mails.Mail, review.Presence)
AT_SOURCES = (markings.Marking, promises.Promise, recipients.Recipient, tombstones.Tombstone)
CAME_IN = (arrivals.Arrival, arrivals.ReadMail)
ON_PAPER = (by_post.PostLetter,)
COPIES = (redactions.Redaction, trial.TrialCopy)
HANDED_OVER = (transmission.Transmission, attachments.Attachment, disagreements.Disagreement)


def plain(kind: str, item: object, _context: object) -> str | bool:
    """Write our column type into revisions as the plain type it stores: a revision must not change with the code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True, render_item=plain
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    engine = make_engine(Settings.from_env(os.environ).database_url)
    with engine.begin() as opened:
        migrate(opened)
    engine.dispose()
