"""Medbook's own uses of the made-up databases. Each leaves out whoever withdrew, objected or asked for restriction.

Pure functions over a connection: they read (and the purges delete), and leave the commit to the caller.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, not_, or_, select

from portal.demo.medbook.schema_business import (
    company_contacts,
    consents,
    newsletter_subscriptions,
    recognition_files,
    research_shares,
    usage_events,
)
from portal.demo.medbook.schema_people import accounts, login_events, processing_flags
from portal.demo.medbook.schema_support import devices, server_logs, ticket_attachments, ticket_messages, tickets

LOG_DAYS = 365  # clause 5.4: up to 12 months after the visit
TICKET_DAYS = 5 * 365  # clause 5.4: at most five years after closing
SURVEY_DAYS = 30


def newsletter_recipients(medbook: Connection) -> list[str]:
    """Return the addresses that get a newsletter; an account's flag counts for its address too."""
    flagged = (
        select(accounts.c.id)
        .join(processing_flags, processing_flags.c.account_id == accounts.c.id)
        .where(processing_flags.c.activity == "marketing")
        .where(
            or_(
                accounts.c.id == newsletter_subscriptions.c.account_id,
                func.lower(accounts.c.email) == func.lower(newsletter_subscriptions.c.email),
            )
        )
        .correlate(newsletter_subscriptions)
    )
    chosen = (
        select(newsletter_subscriptions.c.email)
        .where(newsletter_subscriptions.c.active.is_(True), newsletter_subscriptions.c.objected_at.is_(None))
        .where(not_(flagged.exists()))
    )
    return sorted({address.lower() for address in medbook.scalars(chosen)})


def research_share(medbook: Connection) -> list[tuple[str, str]]:
    """Return project and pseudonym of everybody whose consent to research stands."""
    agreed = (
        select(consents.c.id)
        .where(consents.c.account_id == research_shares.c.account_id, consents.c.purpose == "research")
        .where(consents.c.granted.is_(True), consents.c.withdrawn_at.is_(None))
        .correlate(research_shares)
    )
    chosen = (
        select(research_shares.c.project, research_shares.c.pseudonym)
        .where(research_shares.c.stopped_at.is_(None), agreed.exists())
        .where(_unflagged(research_shares.c.account_id, "research"))
        .order_by(research_shares.c.project, research_shares.c.pseudonym)
    )
    return [(row.project, row.pseudonym) for row in medbook.execute(chosen)]


def committee_export(medbook: Connection) -> list[int]:
    """Return the numbers of the recognition files that go to a committee (clause 4.1)."""
    chosen = (
        select(recognition_files.c.id)
        .where(recognition_files.c.objected_at.is_(None))
        .where(_unflagged(recognition_files.c.account_id, "committee"))
        .order_by(recognition_files.c.id)
    )
    return list(medbook.scalars(chosen))


def usage_report(medbook: Connection) -> dict[str, int]:
    """Return how often each thing was done, without those who objected or asked for restriction."""
    counted = (
        select(usage_events.c.event, func.count())
        .where(or_(usage_events.c.account_id.is_(None), _unflagged(usage_events.c.account_id, "usage")))
        .group_by(usage_events.c.event)
    )
    return {event: count for event, count in medbook.execute(counted)}


def supplier_mailing(medbook: Connection) -> list[str]:
    """Return the addresses of companies' contacts who may be written to about contracts."""
    chosen = select(company_contacts.c.email).where(
        company_contacts.c.objected_at.is_(None), company_contacts.c.restricted_at.is_(None)
    )
    return sorted(medbook.scalars(chosen))


def device_statistics(support: Connection) -> dict[str, int]:
    """Return how many devices run each system, without those whose owner objected or asked for restriction."""
    counted = (
        select(devices.c.system, func.count())
        .where(devices.c.objected_at.is_(None), devices.c.restricted_at.is_(None))
        .group_by(devices.c.system)
    )
    return {system or "": count for system, count in support.execute(counted)}


def satisfaction_survey(support: Connection, now: datetime) -> list[int]:
    """Return the numbers of lately closed tickets whose requester is asked how it went."""
    chosen = (
        select(tickets.c.id)
        .where(tickets.c.closed_at > now - timedelta(days=SURVEY_DAYS))
        .where(tickets.c.objected_at.is_(None), tickets.c.restricted_at.is_(None))
        .order_by(tickets.c.id)
    )
    return list(support.scalars(chosen))


def purge(support: Connection, now: datetime) -> dict[str, int]:
    """Delete server logs after 12 months and closed tickets after five years, but nothing under restriction.

    Returns:
        How many rows went, by table.
    """
    expired = select(tickets.c.id).where(
        tickets.c.closed_at < now - timedelta(days=TICKET_DAYS), tickets.c.restricted_at.is_(None)
    )
    old: Sequence[int] = support.scalars(expired).all()
    logs = server_logs.c.at < now - timedelta(days=LOG_DAYS)
    return {
        "ticket_messages": support.execute(
            delete(ticket_messages).where(ticket_messages.c.ticket_id.in_(old))
        ).rowcount,
        "ticket_attachments": support.execute(
            delete(ticket_attachments).where(ticket_attachments.c.ticket_id.in_(old))
        ).rowcount,
        "tickets": support.execute(delete(tickets).where(tickets.c.id.in_(old))).rowcount,
        "server_logs": support.execute(delete(server_logs).where(logs, server_logs.c.restricted_at.is_(None))).rowcount,
    }


def purge_sign_ins(medbook: Connection, now: datetime) -> int:
    """Delete sign-ins after 12 months, save of accounts under restriction; return how many went."""
    old = login_events.c.at < now - timedelta(days=LOG_DAYS)
    return medbook.execute(
        delete(login_events).where(old, _unflagged(login_events.c.account_id, "account", ("restricted",)))
    ).rowcount


def _unflagged(
    account_id: ColumnElement[int], activity: str, flags: tuple[str, ...] = ("objected", "restricted")
) -> ColumnElement[bool]:
    found = select(processing_flags.c.account_id).where(
        processing_flags.c.account_id == account_id,
        processing_flags.c.activity == activity,
        processing_flags.c.flag.in_(flags),
    )
    return not_(found.exists())
