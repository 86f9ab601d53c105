"""Tables of the main database about who people are: accounts, addresses, careers, supervision, lists of reference."""

from sqlalchemy import JSON, Boolean, Column, Date, Integer, LargeBinary, String, Table, Text

from portal.db import UtcDateTime
from portal.demo.medbook.schema_base import MEDBOOK, key, link

specialties = Table(
    "specialties",
    MEDBOOK,
    key(),
    link("parent_id", "specialties.id", optional=True),
    Column("name", String(120), nullable=False),
)

hospitals = Table(
    "hospitals",
    MEDBOOK,
    key(),
    Column("name", String(160), nullable=False),
    Column("city", String(80), nullable=False),
    Column("country", String(2), nullable=False),
)

institutions = Table(
    "institutions",
    MEDBOOK,
    key(),
    Column("name", String(160), nullable=False),
    Column("country", String(2), nullable=False),
)

accounts = Table(
    "accounts",
    MEDBOOK,
    key(),
    Column("email", String(254), nullable=False, unique=True),
    Column("email_changed_at", UtcDateTime),
    Column("full_name", String(160), nullable=False),
    Column("phone", String(32)),
    Column("licence_number", String(32)),
    Column("birth_date", Date),
    Column("address", String(240)),
    Column("language", String(2), nullable=False),
    Column("country", String(2), nullable=False),
    link("specialty_id", "specialties.id", optional=True),
    link("institution_id", "institutions.id", optional=True),
    Column("password_hash", String(120)),
    Column("notes", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("terms_accepted_at", UtcDateTime),
    Column("last_login_at", UtcDateTime),
    sqlite_autoincrement=True,
)

account_emails = Table(
    "account_emails",
    MEDBOOK,
    key(),
    link("account_id", "accounts.id"),
    Column("email", String(254), nullable=False),
    Column("label", String(40)),
    Column("added_at", UtcDateTime, nullable=False),
    Column("verified_at", UtcDateTime),
    Column("replaced_at", UtcDateTime),
)

account_profiles = Table(
    "account_profiles",
    MEDBOOK,
    link("account_id", "accounts.id", primary=True),
    Column("display_name", String(160)),
    Column("biography", Text),
    Column("photo", LargeBinary),
    Column("preferences", JSON),
    Column("updated_at", UtcDateTime, nullable=False),
)

careers = Table(
    "careers",
    MEDBOOK,
    key(),
    link("account_id", "accounts.id"),
    link("hospital_id", "hospitals.id", optional=True),
    Column("job_title", String(160), nullable=False),
    Column("department", String(120)),
    Column("started_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("remark", Text),
)

supervisions = Table(
    "supervisions",
    MEDBOOK,
    key(),
    link("trainee_id", "accounts.id", optional=True),
    link("mentor_id", "accounts.id", optional=True),
    Column("started_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("note", Text),
)

login_events = Table(
    "login_events",
    MEDBOOK,
    key(),
    link("account_id", "accounts.id"),
    Column("at", UtcDateTime, nullable=False),
    Column("ip", String(45)),
    Column("user_agent", String(240)),
    Column("succeeded", Boolean, nullable=False),
)

audit_entries = Table(
    "audit_entries",
    MEDBOOK,
    key(),
    link("account_id", "accounts.id", optional=True),
    link("actor_id", "accounts.id", optional=True),
    Column("at", UtcDateTime, nullable=False),
    Column("action", String(60), nullable=False),
    Column("details", JSON),
)

processing_flags = Table(
    "processing_flags",
    MEDBOOK,
    Column("account_id", Integer, primary_key=True, autoincrement=False),
    Column("activity", String(40), primary_key=True),
    Column("flag", String(20), primary_key=True),
    Column("set_at", UtcDateTime, nullable=False),
)
