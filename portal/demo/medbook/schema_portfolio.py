"""Tables of the main database about learning: portfolio, assessments, training plans, messages between users."""

from sqlalchemy import Column, Date, Integer, LargeBinary, String, Table, Text

from portal.db import UtcDateTime
from portal.demo.medbook.schema_base import MEDBOOK, key, link

tags = Table("tags", MEDBOOK, key(), Column("name", String(60), nullable=False))

competencies = Table(
    "competencies",
    MEDBOOK,
    key(),
    Column("code", String(12), nullable=False),
    Column("name", String(120), nullable=False),
)

portfolio_items = Table(
    "portfolio_items",
    MEDBOOK,
    key(),
    link("account_id", "accounts.id", optional=True),  # empty for parts that an older system hung under their parent
    link("parent_id", "portfolio_items.id", optional=True),
    Column("kind", String(40), nullable=False),
    Column("title", String(240), nullable=False),
    Column("body", Text),
    Column("happened_on", Date),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime),
)

item_attachments = Table(
    "item_attachments",
    MEDBOOK,
    key(),
    link("item_id", "portfolio_items.id"),
    Column("filename", String(200), nullable=False),
    Column("media_type", String(60), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
)

portfolio_item_tags = Table(
    "portfolio_item_tags",
    MEDBOOK,
    link("item_id", "portfolio_items.id", primary=True),
    link("tag_id", "tags.id", primary=True),
    Column("added_at", UtcDateTime),
)

assessments = Table(
    "assessments",
    MEDBOOK,
    key(),
    link("subject_id", "accounts.id", optional=True),
    link("author_id", "accounts.id", optional=True),
    Column("author_name", String(160)),
    Column("kind", String(40), nullable=False),
    Column("given_on", Date, nullable=False),
    Column("judgement", Text, nullable=False),
    Column("advice", Text),
)

assessment_scores = Table(
    "assessment_scores",
    MEDBOOK,
    link("assessment_id", "assessments.id", primary=True),
    link("competency_id", "competencies.id", primary=True),
    Column("score", Integer),
    Column("comment", Text),
)

assessment_statements = Table(
    "assessment_statements",
    MEDBOOK,
    key(),
    link("assessment_id", "assessments.id"),
    link("account_id", "accounts.id", optional=True),
    Column("statement", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

training_plans = Table(
    "training_plans",
    MEDBOOK,
    key(),
    link("account_id", "accounts.id"),
    link("supervisor_id", "accounts.id", optional=True),
    link("institution_id", "institutions.id", optional=True),
    Column("title", String(200), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("remarks", Text),
)

plan_periods = Table(
    "plan_periods",
    MEDBOOK,
    key(),
    link("plan_id", "training_plans.id"),
    link("hospital_id", "hospitals.id", optional=True),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("remarks", Text),
)

period_goals = Table(
    "period_goals",
    MEDBOOK,
    link("period_id", "plan_periods.id", primary=True),
    link("competency_id", "competencies.id", primary=True),
    Column("target_level", Integer, nullable=False),
    Column("reached_on", Date),
    Column("remark", Text),
)

messages = Table(
    "messages",
    MEDBOOK,
    key(),
    link("sender_id", "accounts.id", optional=True),
    Column("subject", String(240)),
    Column("body", Text, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
)

message_recipients = Table(
    "message_recipients",
    MEDBOOK,
    link("message_id", "messages.id", primary=True),
    link("account_id", "accounts.id", primary=True),
    Column("kind", String(4), nullable=False),
    Column("read_at", UtcDateTime),
)
