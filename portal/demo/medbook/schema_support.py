"""Tables of the second database, the helpdesk's: tickets, calls, mails, devices, sessions and server logs.

``account_id`` is the number of an account in the main database; no foreign key can reach across.
"""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from portal.db import UtcDateTime
from portal.demo.medbook.schema_base import SUPPORT, key, link, loose_link

tickets = Table(
    "tickets",
    SUPPORT,
    key(),
    loose_link("account_id"),
    loose_link("about_account_id"),  # the colleague a ticket is about
    Column("requester_name", String(160)),
    Column("requester_email", String(254)),
    Column("requester_phone", String(32)),
    Column("subject", String(240), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("objected_at", UtcDateTime),
    Column("restricted_at", UtcDateTime),
)

ticket_messages = Table(
    "ticket_messages",
    SUPPORT,
    key(),
    link("ticket_id", "tickets.id"),
    Column("written_by", String(20), nullable=False),
    Column("staff_name", String(160)),
    Column("body", Text, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
)

ticket_attachments = Table(
    "ticket_attachments",
    SUPPORT,
    key(),
    link("ticket_id", "tickets.id"),
    Column("filename", String(200), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

call_notes = Table(
    "call_notes",
    SUPPORT,
    key(),
    loose_link("account_id"),
    Column("caller_name", String(160)),
    Column("caller_phone", String(32)),
    Column("caller_email", String(254)),
    Column("summary", Text, nullable=False),
    Column("staff_name", String(160)),
    Column("called_at", UtcDateTime, nullable=False),
)

sent_mails = Table(
    "sent_mails",
    SUPPORT,
    key(),
    loose_link("account_id"),
    Column("recipient", String(254), nullable=False),
    Column("subject", String(240), nullable=False),
    Column("body", Text, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
)

devices = Table(
    "devices",
    SUPPORT,
    Column("id", String(36), primary_key=True),
    loose_link("account_id"),
    Column("name", String(160)),
    Column("model", String(80)),
    Column("system", String(80)),
    Column("push_token", String(120)),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime),
    Column("objected_at", UtcDateTime),
    Column("restricted_at", UtcDateTime),
)

app_sessions = Table(
    "app_sessions",
    SUPPORT,
    Column("device_id", String(36), ForeignKey("devices.id", deferrable=True, initially="DEFERRED"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("ip", String(45)),
    Column("app_version", String(20), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)

server_logs = Table(
    "server_logs",
    SUPPORT,
    key(),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("ip", String(45), nullable=False, index=True),
    Column("method", String(8), nullable=False),
    Column("path", String(240), nullable=False),
    Column("status", Integer, nullable=False),
    Column("user_agent", String(240)),
    Column("restricted_at", UtcDateTime),
)

help_articles = Table(
    "help_articles",
    SUPPORT,
    key(),
    Column("title", String(200), nullable=False),
    Column("body", Text),
)
