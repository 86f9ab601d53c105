"""Tables of conversations, cases and what hangs on them. Content is sealed; facts and dates stand in the clear."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.cases.lifecycle import OPEN, Identity, Outcome, Status
from portal.db import Base, UtcDateTime, enum_column, new_id

GIVEN_ANSWER = frozenset({Status.ANSWERED, Status.CARRIED_OUT})


QUEUED = ("due_on", "id", "sleeps_until", "status")
"""What the open part of the queue is ordered by, and what besides is looked at to count it."""


def one_of(statuses: Iterable[Status]) -> str:
    """Return the SQL that says that a case has one of ``statuses``, as partial indexes and queries both spell it.

    Both databases take a partial index only for a query with the same words in it, not with values bound later. The
    CASE keeps SQLite from going through the index by status instead, and sorting what it finds.
    """
    return f"CASE WHEN status IN ({', '.join(repr(each.value) for each in sorted(statuses))}) THEN 1 ELSE 0 END = 1"


def _some(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Channel(StrEnum):
    """How a request came in."""

    PORTAL = "portal"
    MAIL = "mail"
    PHONE = "phone"
    COUNTER = "counter"
    POST = "post"


class Conversation(Base):
    """A draft: what a person answered so far, sealed under its own key. Gone 30 days after its last turn."""

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_draft", "submitted_at", "updated_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    language: Mapped[str] = mapped_column(String(2))
    rights: Mapped[list[str]] = mapped_column(JSON)  # slugs of what is asked so far; empty before the choice
    answers: Mapped[bytes | None]
    verified_mailbox: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Case(Base):
    """One right exercised by one person."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_queue", "status", "due_on", "id"),
        Index("ix_cases_due", "due_on", "id"),
        Index("ix_cases_mailbox", "mailbox", "received_at"),
        Index("ix_cases_name", "name_hash"),
        Index("ix_cases_account", "account_hash"),
        Index("ix_cases_right_due", "right_slug", "due_on", "id"),
        Index("ix_cases_language_due", "language", "due_on", "id"),
        Index("ix_cases_both_due", "right_slug", "language", "due_on", "id"),
        _some("ix_cases_open", *QUEUED, where=one_of(OPEN)),
        _some("ix_cases_open_right", "right_slug", *QUEUED, where=one_of(OPEN)),
        _some("ix_cases_open_language", "language", *QUEUED, where=one_of(OPEN)),
        _some("ix_cases_open_both", "right_slug", "language", *QUEUED, where=one_of(OPEN)),
        _some("ix_cases_mine", "assigned_to", *QUEUED, where=one_of(OPEN)),
        _some("ix_cases_free", *QUEUED, where=f"{one_of(OPEN)} AND assigned_to IS NULL"),
        _some("ix_cases_asleep", *QUEUED, where=f"{one_of(OPEN)} AND sleeps_until IS NOT NULL"),
        _some("ix_cases_answered", "due_on", "id", where=one_of(GIVEN_ANSWER)),
        CheckConstraint("(status != 'waiting') OR (waits_before IS NOT NULL)", name="waiting_knows_where_it_was"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(String(32), index=True)  # the same for all sent together
    right_slug: Mapped[str] = mapped_column(String(32))
    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
    language: Mapped[str] = mapped_column(String(2))
    residence: Mapped[str] = mapped_column(String(5))
    status: Mapped[Status] = mapped_column(enum_column(Status))
    waits_before: Mapped[str | None] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(default=1)
    at_once: Mapped[bool] = mapped_column(default=False)
    needs_card: Mapped[bool] = mapped_column(default=True)

    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    first_due_on: Mapped[date | None] = mapped_column(Date)  # the deadline before the one extension; None without one
    extension: Mapped[bytes | None]  # why it was extended, for the person: JSON, purpose decision
    sleeps_until: Mapped[date | None] = mapped_column(Date)  # put aside by who has it; see review.sleeping
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_before: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the answer that this one takes the place of
    undo_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # until then the answer can be taken back
    carried_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    forgotten_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    policy_version: Mapped[str] = mapped_column(String(32))
    register_version: Mapped[str] = mapped_column(String(32))
    mailbox: Mapped[str] = mapped_column(String(64))
    name_hash: Mapped[str] = mapped_column(String(64))
    account_hash: Mapped[str | None] = mapped_column(String(64))  # of the account that was handed over
    contact: Mapped[bytes]  # name, mail or postal address, other addresses, other proof, account: JSON, purpose contact
    answers: Mapped[bytes]  # the answers as signed: JSON, purpose answers
    signed_text: Mapped[bytes]  # canonical text with signature and moment, purpose answers
    signed_hash: Mapped[str] = mapped_column(String(64))

    identity: Mapped[Identity] = mapped_column(enum_column(Identity), default=Identity.OPEN)
    identity_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    on_file: Mapped[bool] = mapped_column(default=False)
    found: Mapped[bool] = mapped_column(default=False)
    located_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    findings: Mapped[bytes | None]  # counts, names and addresses on file, dry run: JSON, purpose decision
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    assigned_to: Mapped[str | None] = mapped_column(String(32), ForeignKey("staff.id"), index=True)
    decision_id: Mapped[str | None] = mapped_column(String(32))

    decisions: Mapped[list["Decision"]] = relationship(order_by="Decision.version", back_populates="case")
    messages: Mapped[list["Message"]] = relationship(order_by="Message.created_at, Message.id")


class Decision(Base):
    """One version of a decision. A later version replaces it; a confirmed one is never edited."""

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_case", "case_id", "version", unique=True),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    version: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome))
    ground: Mapped[str | None] = mapped_column(String(48))
    needs_second: Mapped[bool]
    content: Mapped[bytes]  # reason, facts, corrections as they will be made: JSON, purpose decision
    decided_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    case: Mapped[Case] = relationship(back_populates="decisions")


class Fee(Base):
    """A fee announced for a repeated or excessive request (12(5)(a)). Nothing is owed before it is accepted."""

    __tablename__ = "fees"
    __table_args__ = (
        Index("ix_fees_case", "case_id", unique=True),
        CheckConstraint("cents > 0", name="a_fee_is_some_money"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    cents: Mapped[int]  # of a euro
    content: Mapped[bytes]  # ground, evidence, earlier requests, what the costs are: JSON, purpose decision
    announced_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_by: Mapped[date] = mapped_column(Date)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Author(StrEnum):
    """Who wrote a message."""

    PERSON = "person"
    STAFF = "staff"
    NOTE = "note"  # staff to staff, never shown to the person


class Message(Base):
    """A message between the person and the desk, or a note of the desk to itself."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_case", "case_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    author: Mapped[Author] = mapped_column(enum_column(Author))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[bytes]  # purpose messages
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Evidence(Base):
    """A picture of the front of an identity card, sealed under its own key. Looked at, then forgotten."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_living", "destroyed_at", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str | None] = mapped_column(String(32), index=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)
    file: Mapped[str | None] = mapped_column(String(32))
    width: Mapped[int]
    height: Mapped[int]
    masked: Mapped[bool] = mapped_column(default=False)
    boxes: Mapped[int] = mapped_column(default=0)
    warnings: Mapped[list[str]] = mapped_column(JSON)
    fingerprint: Mapped[str | None] = mapped_column(Text)  # of what is not covered; gone with the key
    same_as: Mapped[str | None] = mapped_column(String(32), index=True)  # a living picture of somebody else it equals
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Package(Base):
    """A ZIP for the person, sealed under its own key: fourteen days, five downloads. A large one comes in parts.

    Size and sum are those of the stored file in the clear; ``parts`` tells size, sum and stretches of that file for
    each part, where there are several (see ``cases.package_parts``).
    """

    __tablename__ = "packages"
    __table_args__ = (Index("ix_packages_living", "destroyed_at", "expires_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    file: Mapped[str | None] = mapped_column(String(32))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    parts: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    downloads: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Amendment(Base):
    """What a person added to a signed request, signed anew. Appended, never edited; each hash covers the one before."""

    __tablename__ = "amendments"
    __table_args__ = (Index("ix_amendments_case", "case_id", "number", unique=True),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int]
    text: Mapped[bytes]  # its canonical text, purpose answers
    hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Paper(Base):
    """A signed request as PDF. Number n holds the request and its first n - 1 amendments.

    The file goes with the content of its case; the row stays, so that a copy can still be checked.
    """

    __tablename__ = "papers"
    __table_args__ = (
        Index("ix_papers_case", "case_id", "number", unique=True),
        Index("ix_papers_sha256", "sha256"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int]
    language: Mapped[str] = mapped_column(String(2))
    file: Mapped[str | None] = mapped_column(String(32))  # sealed with the key of the case's answers
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))  # of the PDF as it was issued
    signed_hash: Mapped[str] = mapped_column(String(64))  # of the last text in it: the request or an amendment
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Carried(Base):
    """What carrying a case out does at one source: counts and a hash, never values. It counts once ``done_at`` is set.

    The row is written before the source is touched, so that a crash in between loses no line of what was planned and
    what was begun is gone on with as it was decided.
    """

    __tablename__ = "carried"
    __table_args__ = (Index("ix_carried_case", "case_id", "source", unique=True),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    source: Mapped[str] = mapped_column(String(64))
    changed: Mapped[int]
    kept: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    proof: Mapped[bytes]  # counts per collection, what was kept and until when: JSON, purpose decision
    steps: Mapped[bytes | None]  # the writes as they were decided, until they are done: purpose decision
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
