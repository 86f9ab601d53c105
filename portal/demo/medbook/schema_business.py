"""Tables of the main database about contracts, money, consent, sharing and use.

They keep the number of an account without a foreign key: such rows may outlive the account.
"""

from sqlalchemy import JSON, Boolean, Column, Date, Integer, String, Table, Text, UniqueConstraint

from portal.db import UtcDateTime
from portal.demo.medbook.schema_base import MEDBOOK, key, link, loose_link

companies = Table(
    "companies",
    MEDBOOK,
    key(),
    Column("name", String(160), nullable=False),
    Column("number", String(32)),
    Column("country", String(2), nullable=False),
)

company_contacts = Table(
    "company_contacts",
    MEDBOOK,
    key(),
    link("company_id", "companies.id"),
    Column("full_name", String(160), nullable=False),
    Column("email", String(254), nullable=False),
    Column("phone", String(32)),
    Column("job_title", String(120)),
    Column("notes", Text),
    Column("since", Date, nullable=False),
    Column("objected_at", UtcDateTime),
    Column("restricted_at", UtcDateTime),
)

company_contracts = Table(
    "company_contracts",
    MEDBOOK,
    key(),
    link("company_id", "companies.id"),
    loose_link("contact_id"),
    Column("signatory_name", String(160)),
    Column("subject", String(200), nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("ended_on", Date),
)

contracts = Table(
    "contracts",
    MEDBOOK,
    key(),
    loose_link("account_id"),
    Column("signatory_name", String(160), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("billing_address", String(240)),
    Column("vat_number", String(32)),
    Column("signed_on", Date, nullable=False),
    Column("ended_on", Date),
)

invoices = Table(
    "invoices",
    MEDBOOK,
    key(),
    loose_link("account_id"),
    loose_link("contact_id"),
    Column("number", String(20), nullable=False, unique=True),
    Column("billing_name", String(160), nullable=False),
    Column("billing_email", String(254)),
    Column("billing_address", String(240)),
    Column("vat_number", String(32)),
    Column("amount_cents", Integer, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("fiscal_year_end", Date, nullable=False),  # 31 December of the year of issue: the tax period starts after it
    Column("paid_on", Date),
)

invoice_lines = Table(
    "invoice_lines",
    MEDBOOK,
    link("invoice_id", "invoices.id", primary=True),
    Column("line_no", Integer, primary_key=True, autoincrement=False),
    Column("description", String(300), nullable=False),
    Column("amount_cents", Integer, nullable=False),
    Column("fiscal_year_end", Date, nullable=False),
)

consents = Table(
    "consents",
    MEDBOOK,
    key(),
    loose_link("account_id", optional=False),
    Column("purpose", String(40), nullable=False),
    Column("wording_version", String(20), nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("granted_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime),
)

newsletter_subscriptions = Table(
    "newsletter_subscriptions",
    MEDBOOK,
    key(),
    loose_link("account_id"),
    Column("email", String(254), nullable=False),
    Column("list_name", String(60), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("subscribed_at", UtcDateTime, nullable=False),
    Column("objected_at", UtcDateTime),
    UniqueConstraint("email", "list_name"),
)

research_shares = Table(
    "research_shares",
    MEDBOOK,
    loose_link("account_id", primary=True, optional=False),
    Column("project", String(80), primary_key=True),
    Column("partner", String(160), nullable=False),
    Column("pseudonym", String(40), nullable=False),
    Column("shared_at", UtcDateTime, nullable=False),
    Column("stopped_at", UtcDateTime),
)

research_exports = Table(
    "research_exports",
    MEDBOOK,
    key(),
    Column("project", String(80), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("people_counted", Integer, nullable=False),
)

recognition_files = Table(
    "recognition_files",
    MEDBOOK,
    key(),
    loose_link("account_id"),
    Column("committee", String(160), nullable=False),
    Column("title_sought", String(160), nullable=False),
    Column("summary", Text),
    Column("submitted_on", Date),
    Column("objected_at", UtcDateTime),
)

committee_decisions = Table(
    "committee_decisions",
    MEDBOOK,
    key(),
    link("file_id", "recognition_files.id", optional=True),
    Column("outcome", String(40), nullable=False),
    Column("motivation", Text),
    Column("rapporteur", String(160)),
    Column("decided_on", Date, nullable=False),
)

disclosures = Table(
    "disclosures",
    MEDBOOK,
    key(),
    loose_link("account_id", optional=False),
    Column("activity", String(40), nullable=False),
    Column("recipient", String(160), nullable=False),
    Column("recipient_email", String(254)),
    Column("what", Text),
    Column("disclosed_at", UtcDateTime, nullable=False),
)

usage_events = Table(
    "usage_events",
    MEDBOOK,
    key(),
    loose_link("account_id"),
    Column("at", UtcDateTime, nullable=False),
    Column("event", String(60), nullable=False),
    Column("session_key", String(64)),
    Column("payload", JSON),
)
