"""Several addresses of one account: each reaches all rows of it, and never a row of anybody else."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from portal.config import SourceUrls
from portal.demo.medbook import demo_people
from portal.demo.medbook.people import LOOKALIKE
from portal.fulfilment.brief import Brief
from portal.fulfilment.collect import Scope
from portal.fulfilment.findings import Finding, find
from portal.rights import RIGHTS
from portal.sources import Sources, load_data_map
from tests.web.test_collect import HERE

ADA = demo_people().ada
OLD = str(ADA.former_email)
SECOND = "lies@practice.example.org"


@pytest.fixture(scope="module")
def sources(medbook_urls: dict[str, SourceUrls]) -> Iterator[Sources]:
    """Give the opened sources of the made-up Medbook."""
    opened = Sources(load_data_map(HERE / "sources" / "manifests"), medbook_urls)
    yield opened
    opened.close()


@pytest.fixture
def practice(medbook_urls: dict[str, SourceUrls]) -> Iterator[sqlite3.Connection]:
    """Give Medbook with one more address on Ada's account: confirmed and in use. Taken away afterwards."""
    with closing(sqlite3.connect(medbook_urls["medbook"].write.removeprefix("sqlite:///"))) as medbook:
        add(medbook, ADA.account_id, SECOND)
        yield medbook
        medbook.execute("delete from account_emails where email = ?", (SECOND,))
        medbook.execute("delete from newsletter_subscriptions where email = ?", (SECOND,))
        medbook.commit()


def add(medbook: sqlite3.Connection, account: int, address: str, confirmed: str | None = "2021-01-02 00:00:00") -> None:
    medbook.execute(
        "insert into account_emails (account_id, email, label, added_at, verified_at) values (?, ?, 'work', ?, ?)",
        (account, address, "2021-01-01 00:00:00", confirmed),
    )
    medbook.commit()


def subscribe(medbook: sqlite3.Connection, address: str) -> None:
    columns = [row[1] for row in medbook.execute("pragma table_info(newsletter_subscriptions)") if row[1] != "id"]
    chosen = ", ".join(columns)
    swapped = ", ".join({"email": "?", "account_id": "null"}.get(each, each) for each in columns)
    medbook.execute(
        f"insert into newsletter_subscriptions ({chosen}) select {swapped} from newsletter_subscriptions limit 1",  # noqa: S608
        (address,),
    )
    medbook.commit()


def ask(sources: Sources, mailbox: str, claimed: str = "") -> Finding:
    none: frozenset[str] = frozenset()
    return find(
        sources,
        Brief(RIGHTS["access"], mailbox, claimed, "", True, (), frozenset(), none, Scope(), wants_copy=False),
    )


def emails(found: Finding) -> set[str]:
    return set(found.content["emails"])


def test_each_address_in_use_reaches_the_whole_account_and_what_stands_under_the_other(
    sources: Sources, practice: sqlite3.Connection
) -> None:
    before = ask(sources, ADA.email)
    subscribe(practice, SECOND)
    for mailbox in (ADA.email, SECOND, SECOND.upper()):
        found = ask(sources, mailbox)
        assert found.on_file
        assert {each.lower() for each in emails(found)} == {ADA.email, SECOND}
        assert found.content["accounts"] == [str(ADA.account_id)]
        assert found.counts["rows"] == before.counts["rows"] + 1


def test_a_former_address_reaches_the_account_but_is_not_on_file(
    sources: Sources, practice: sqlite3.Connection
) -> None:
    found = ask(sources, OLD)
    assert ADA.full_name in found.content["names"]
    assert not found.on_file
    assert set(found.addresses) == {ADA.email, SECOND}, "they are told"


def test_an_address_that_two_accounts_share_joins_neither_and_the_desk_is_told(
    sources: Sources, practice: sqlite3.Connection
) -> None:
    add(practice, LOOKALIKE.account_id, SECOND)
    subscribe(practice, SECOND)
    hers, shared = ask(sources, ADA.email), ask(sources, SECOND)
    assert (emails(hers), hers.content["apart"]) == ({ADA.email}, [SECOND])
    assert (emails(shared), shared.content["accounts"], shared.counts["rows"]) == ({SECOND}, [], 1)


def test_an_address_under_which_another_name_stands_is_kept_apart(
    sources: Sources, practice: sqlite3.Connection
) -> None:
    (contact,) = practice.execute("select email from company_contacts where id = 1").fetchone()
    practice.execute("update company_contacts set email = ? where id = 1", (SECOND,))
    practice.commit()
    hers, theirs = ask(sources, ADA.email), ask(sources, SECOND)
    practice.execute("update company_contacts set email = ? where id = 1", (contact,))
    practice.commit()
    assert (emails(hers), hers.content["apart"]) == ({ADA.email}, [SECOND])
    assert ADA.full_name not in theirs.content["names"]


def test_an_address_that_is_another_account_is_never_joined(sources: Sources, practice: sqlite3.Connection) -> None:
    practice.execute("update account_emails set email = ? where email = ?", (LOOKALIKE.email, SECOND))
    practice.commit()
    hers, theirs = ask(sources, ADA.email), ask(sources, LOOKALIKE.email)
    practice.execute("update account_emails set email = ? where email = ?", (SECOND, LOOKALIKE.email))
    practice.commit()
    assert (emails(hers), hers.content["apart"]) == ({ADA.email}, [LOOKALIKE.email])
    assert theirs.content["accounts"] == [str(LOOKALIKE.account_id)]


def test_an_address_that_nobody_confirmed_leads_to_no_account(sources: Sources, practice: sqlite3.Connection) -> None:
    practice.execute("update account_emails set verified_at = null where email = ?", (SECOND,))
    practice.commit()
    assert not ask(sources, SECOND).found


def test_a_further_address_never_lends_its_account_to_a_claim(sources: Sources, practice: sqlite3.Connection) -> None:
    found = ask(sources, SECOND, claimed=LOOKALIKE.email)
    assert LOOKALIKE.full_name not in found.content["names"]
    assert found.content["claimed_elsewhere"] is True
