"""Staff sign-in and links in mail: who gets in, how often, and what a link opens."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from itsdangerous import URLSafeSerializer
from sqlalchemy import func, select

from portal.accounts import staff, tokens
from portal.accounts.models import Role, Staff
from portal.accounts.tokens import LinkPurpose, make_link, read_link
from portal.db import Database
from portal.errors import InputRejected, LinkExpired
from tests.support.critic import Critic
from tests.support.factories import PASSWORD, add_member, submit_case

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def member(database: Database) -> str:
    """Give the address of a reviewer."""
    with database.writing() as session:
        return add_member(session).login


def code_now(database: Database, login: str) -> str:
    with database.reader() as session:
        found = staff.find(session, login)
        assert found is not None
        return staff.current_code(session, found)


def sign_in(database: Database, login: str, code: str, fits: bool = True) -> bool:
    with database.writing() as session:
        return staff.sign_in(session, login, fits, code) is not None


def test_a_new_portal_has_no_staff(database: Database) -> None:
    with database.reader() as session:
        assert session.scalar(select(func.count()).select_from(Staff)) == 0


def test_a_short_password_and_a_taken_address_are_refused(database: Database, member: str) -> None:
    with database.writing() as session:
        with pytest.raises(InputRejected):
            staff.add_staff(session, "Rex", "rex@medbook.example", "fourteen chars", Role.REVIEWER)
        with pytest.raises(InputRejected):
            staff.add_staff(session, "Rex", f" {member.upper()} ", PASSWORD, Role.REVIEWER)


def test_a_password_is_compared_whole_and_for_strangers_too(database: Database, member: str) -> None:
    with database.reader() as session:
        found = staff.find(session, member)
    assert staff.password_fits(found, PASSWORD)
    assert not staff.password_fits(found, PASSWORD + " ")
    assert not staff.password_fits(found, PASSWORD.upper())
    assert not staff.password_fits(found, "")
    assert not staff.password_fits(None, PASSWORD)


def test_a_stranger_costs_as_much_hashing_as_a_member(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Counting(type(staff._hasher)):  # type: ignore[misc]
        def verify(self, hash: str, password: str) -> bool:
            seen.append(hash)
            return bool(super().verify(hash, password))

    hasher = Counting()
    monkeypatch.setattr(staff, "_hasher", hasher)
    assert not staff.password_fits(None, "anything at all")
    assert len(seen) == 1
    assert not hasher.check_needs_rehash(seen[0]), "the stand-in hash has the strength of a real one"


def test_an_app_code_is_good_for_one_sign_in(database: Database, member: str) -> None:
    with time_machine.travel(START, tick=False):
        code = code_now(database, member)
        assert sign_in(database, member, code)
        assert not sign_in(database, member, code)


def test_an_older_app_code_is_refused_after_a_newer_one(database: Database, member: str) -> None:
    """A, B, A: remembering only the last code would let the third in (T14)."""
    with time_machine.travel(START, tick=False) as clock:
        first = code_now(database, member)
        assert sign_in(database, member, first)
        clock.shift(timedelta(seconds=30))
        assert sign_in(database, member, code_now(database, member))
        assert not sign_in(database, member, first)


def test_an_app_code_works_half_a_minute_early_and_late_and_no_more(database: Database, member: str) -> None:
    with time_machine.travel(START, tick=False) as clock:
        code = code_now(database, member)
        clock.shift(timedelta(seconds=61))
        assert not sign_in(database, member, code)
        clock.shift(timedelta(seconds=-31))
        assert sign_in(database, member, code)


@pytest.mark.parametrize("typed", ["", "１２３４５６", "12345", "abcdef", "0" * 5000, "\x00"])
def test_an_app_code_that_is_none_is_refused_without_a_fault(database: Database, member: str, typed: str) -> None:
    assert not sign_in(database, member, typed)


def test_one_app_code_typed_in_two_windows_lets_one_in(database: Database, member: str) -> None:
    found: list[bool] = []
    gate = threading.Barrier(6)
    code = code_now(database, member)

    def enter() -> None:
        gate.wait()
        found.append(sign_in(database, member, code))

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(True) == 1


def test_after_five_failures_nobody_gets_in_for_a_quarter_of_an_hour(database: Database, member: str) -> None:
    with time_machine.travel(START, tick=False) as clock:
        for _ in range(5):
            assert not sign_in(database, member, code_now(database, member), fits=False)
        assert not sign_in(database, member, code_now(database, member))
        clock.shift(timedelta(minutes=15, seconds=1))
        assert sign_in(database, member, code_now(database, member))


def test_a_good_sign_in_forgives_earlier_failures(database: Database, member: str) -> None:
    with time_machine.travel(START, tick=False) as clock:
        for _ in range(3):
            for _ in range(4):
                assert not sign_in(database, member, "000000", fits=False)
            assert sign_in(database, member, code_now(database, member))
            clock.shift(timedelta(minutes=1))


# -- links


def stop_token(database: Database) -> str:
    with database.writing() as session:
        return make_link(session, LinkPurpose.STOP, submit_case(session).id)


def other_salt(database: Database) -> str:
    with database.reader() as session:
        key = session.info["settings"].secret_key
        said = ["stop", "http://localhost", "target"]
        return URLSafeSerializer(key, salt="portal.session.light").dumps(said)  # type: ignore[return-value]


def other_purpose(database: Database) -> str:
    with database.reader() as session:
        said = ["download", "http://localhost", "target"]
        return str(tokens._serializer(session, LinkPurpose.STOP).dumps(said))


def other_host(database: Database) -> str:
    with database.reader() as session:
        said = ["stop", "http://elsewhere.example", "target"]
        return str(tokens._serializer(session, LinkPurpose.STOP).dumps(said))


@pytest.mark.parametrize("make", [other_salt, other_purpose, other_host])
def test_a_link_made_for_something_else_opens_nothing(
    database: Database, client: Critic, make: Callable[[Database], str]
) -> None:
    token = make(database)
    with database.reader() as session, pytest.raises(LinkExpired):
        read_link(session, LinkPurpose.STOP, token)
    assert client.get(f"/nl/stop/{token}").status_code == 410


def test_a_link_with_any_character_changed_opens_nothing(database: Database) -> None:
    token = stop_token(database)
    with database.reader() as session:
        assert read_link(session, LinkPurpose.STOP, token)
        for place in range(len(token) - 1):  # the last character of base64 may carry unused bits
            other = "A" if token[place] != "A" else "B"
            with pytest.raises(LinkExpired):
                read_link(session, LinkPurpose.STOP, token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize("token", ["x", "é", "a.b", ".", "A" * 8000])
def test_a_made_up_link_says_that_it_no_longer_works(client: Critic, token: str) -> None:
    assert client.get(f"/nl/stop/{token}").status_code == 410
