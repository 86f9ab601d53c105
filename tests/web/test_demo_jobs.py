"""The made-up Medbook's own uses of its databases leave out whoever withdrew, objected or asked for restriction."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, insert, select, update

from portal.demo.medbook import Person, jobs, schema_people, schema_support
from portal.demo.medbook import schema_business as business
from tests.support.medbook import NOW, Built, build_both


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    yield from build_both(tmp_path_factory.mktemp("medbook"))


def test_the_newsletter_skips_who_objected_to_marketing(built: Built) -> None:
    ada = built.world.ada
    table = business.newsletter_subscriptions
    with built.open() as databases:
        medbook = databases["medbook"]
        assert ada.email in jobs.newsletter_recipients(medbook)
        mine = func.lower(table.c.email) == ada.email
        medbook.execute(update(table).where(mine).values(active=False, objected_at=NOW))
        assert ada.email not in jobs.newsletter_recipients(medbook)


@pytest.mark.parametrize("flag", ["objected", "restricted"])
def test_the_newsletter_skips_a_flagged_account_even_where_only_the_address_is_known(built: Built, flag: str) -> None:
    ada = built.world.ada
    with built.open() as databases:
        medbook = databases["medbook"]
        medbook.execute(update(business.newsletter_subscriptions).values(account_id=None))
        before = jobs.newsletter_recipients(medbook)
        _flag(medbook, ada, "marketing", flag)
        assert set(before) - set(jobs.newsletter_recipients(medbook)) == {ada.email}


def test_research_skips_who_withdrew_consent(built: Built) -> None:
    with built.open() as databases:
        medbook = databases["medbook"]
        mine = _pseudonyms(medbook, built.world.ada)
        assert mine <= {pseudonym for _, pseudonym in jobs.research_share(medbook)}
        withdrawn = update(business.consents).where(business.consents.c.account_id == built.world.ada.account_id)
        medbook.execute(withdrawn.values(granted=False, withdrawn_at=NOW))
        assert not mine & {pseudonym for _, pseudonym in jobs.research_share(medbook)}


def test_research_skips_who_asked_for_restriction(built: Built) -> None:
    with built.open() as databases:
        medbook = databases["medbook"]
        mine = _pseudonyms(medbook, built.world.ada)
        _flag(medbook, built.world.ada, "research", "restricted")
        assert mine
        assert not mine & {pseudonym for _, pseudonym in jobs.research_share(medbook)}


def test_the_committee_gets_no_file_of_who_objected(built: Built) -> None:
    files = business.recognition_files
    with built.open() as databases:
        medbook = databases["medbook"]
        mine = set(medbook.scalars(select(files.c.id).where(files.c.account_id == built.world.ada.account_id)))
        assert mine <= set(jobs.committee_export(medbook))
        medbook.execute(update(files).where(files.c.id.in_(mine)).values(objected_at=NOW))
        assert not mine & set(jobs.committee_export(medbook))


@pytest.mark.parametrize("flag", ["objected", "restricted"])
def test_the_committee_gets_no_file_of_a_flagged_account(built: Built, flag: str) -> None:
    with built.open() as databases:
        before = jobs.committee_export(databases["medbook"])
        _flag(databases["medbook"], built.world.ada, "committee", flag)
        assert len(before) - len(jobs.committee_export(databases["medbook"])) == 1


@pytest.mark.parametrize("flag", ["objected", "restricted"])
def test_the_usage_report_skips_a_flagged_account(built: Built, flag: str) -> None:
    events = business.usage_events
    with built.open() as databases:
        medbook = databases["medbook"]
        mine = medbook.scalar(select(func.count()).where(events.c.account_id == built.world.ada.account_id))
        before = jobs.usage_report(medbook)
        _flag(medbook, built.world.ada, "usage", flag)
        assert sum(before.values()) - sum(jobs.usage_report(medbook).values()) == mine


@pytest.mark.parametrize("mark", ["objected_at", "restricted_at"])
def test_uses_skip_marked_rows_of_contacts_devices_and_tickets(built: Built, mark: str) -> None:
    with built.open() as databases:
        medbook, support = databases["medbook"], databases["medbook_support"]
        assert jobs.supplier_mailing(medbook) == [built.world.contact.email]
        assert jobs.device_statistics(support)
        support.execute(update(schema_support.tickets).where(schema_support.tickets.c.id == 1).values(closed_at=NOW))
        assert 1 in jobs.satisfaction_survey(support, NOW)
        for connection, table in (
            (medbook, business.company_contacts),
            (support, schema_support.devices),
            (support, schema_support.tickets),
        ):
            connection.execute(update(table).values({mark: NOW}))
        assert jobs.supplier_mailing(medbook) == []
        assert jobs.device_statistics(support) == {}
        assert jobs.satisfaction_survey(support, NOW) == []


def test_the_purge_takes_what_is_old_and_leaves_what_is_restricted(built: Built) -> None:
    logs, tickets = schema_support.server_logs, schema_support.tickets
    with built.open() as databases:
        support = databases["medbook_support"]
        old_logs = logs.c.at < NOW - timedelta(days=365)
        old_tickets = tickets.c.closed_at < NOW - timedelta(days=5 * 365)
        kept_log = support.scalar(select(func.min(logs.c.id)).where(old_logs))
        kept_ticket = support.scalar(select(func.min(tickets.c.id)).where(old_tickets))
        support.execute(update(logs).where(logs.c.id == kept_log).values(restricted_at=NOW))
        support.execute(update(tickets).where(tickets.c.id == kept_ticket).values(restricted_at=NOW))
        gone = jobs.purge(support, NOW)
        assert all(gone.values())
        assert list(support.scalars(select(logs.c.id).where(old_logs))) == [kept_log]
        assert list(support.scalars(select(tickets.c.id).where(old_tickets))) == [kept_ticket]
        replies = schema_support.ticket_messages
        assert support.scalar(select(func.count()).where(replies.c.ticket_id == kept_ticket)) == 2
        assert not any(jobs.purge(support, NOW).values())


def test_the_purge_of_sign_ins_leaves_restricted_accounts_alone(built: Built) -> None:
    later, logins = NOW + timedelta(days=400), schema_people.login_events
    with built.open() as databases:
        medbook = databases["medbook"]
        _flag(medbook, built.world.ada, "account", "restricted")
        assert jobs.purge_sign_ins(medbook, later)
        assert set(medbook.scalars(select(logins.c.account_id))) == {built.world.ada.account_id}


def _flag(medbook: Connection, person: Person, activity: str, flag: str) -> None:
    row = {"account_id": person.account_id, "activity": activity, "flag": flag, "set_at": NOW}
    medbook.execute(insert(schema_people.processing_flags).values(row))


def _pseudonyms(medbook: Connection, person: Person) -> set[str]:
    shares = business.research_shares
    return set(medbook.scalars(select(shares.c.pseudonym).where(shares.c.account_id == person.account_id)))
