"""Mailed six-digit codes: when they are made, how often they may be tried, how many may be asked for."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts import codes
from portal.accounts.codes import Verdict
from portal.accounts.models import CodePurpose, OneTimeCode
from portal.db import Database
from portal.errors import TooManyTries
from portal.mail.outbox import Mail
from tests.support.portals import make_settings, portal
from tests.support.postbox import Postbox

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ADDRESS = "ada@example.com"
OWNER = "thing"


def ask_and_mint(database: Database, owner: str = OWNER, address: str = ADDRESS) -> str:
    """Ask for a code and let its mail leave; return the code."""
    with database.writing() as session:
        code = codes.ask(session, CodePurpose.CASES, owner, address, "nl")
        mail = session.scalars(select(Mail).where(Mail.owner == code.id)).one()
        minted = codes.mint(session, mail)
        assert minted is not None
        return minted["code"]


def try_code(database: Database, typed: str, owner: str = OWNER, purpose: CodePurpose = CodePurpose.CASES) -> Verdict:
    with database.writing() as session:
        return codes.check(session, purpose, owner, typed)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_does_not_exist_before_its_mail_leaves_and_only_its_hash_is_kept(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        codes.ask(session, CodePurpose.CASES, OWNER, ADDRESS, "nl")
    with database.reader() as session:
        assert session.scalars(select(OneTimeCode.code_hash)).one() is None
        assert "code" not in session.scalars(select(Mail.facts)).one()
    assert try_code(database, "000000") is Verdict.EXPIRED
    typed = Postbox(app, tmp_path / "post").code(ADDRESS)
    with database.reader() as session:
        row = session.scalars(select(OneTimeCode)).one()
        assert row.code_hash is not None
        assert typed not in row.code_hash
        assert typed not in str(session.scalars(select(Mail.facts)).one())
    assert try_code(database, typed) is Verdict.RIGHT


def test_a_code_works_once(database: Database) -> None:
    code = ask_and_mint(database)
    assert try_code(database, code) is Verdict.RIGHT
    assert try_code(database, code) is Verdict.EXPIRED


def test_a_code_works_with_spaces_as_people_paste_them(database: Database) -> None:
    code = ask_and_mint(database)
    assert try_code(database, f" {code[:3]} {code[3:]}\n") is Verdict.RIGHT


def test_a_code_lives_ten_minutes_from_the_moment_it_leaves(database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock:
        code = ask_and_mint(database)
        clock.shift(timedelta(minutes=10))
        assert try_code(database, code) is Verdict.EXPIRED
    with time_machine.travel(START + timedelta(hours=2), tick=False) as clock:
        code = ask_and_mint(database)
        clock.shift(timedelta(minutes=9, seconds=59))
        assert try_code(database, code) is Verdict.RIGHT


def test_a_code_for_one_thing_opens_no_other(database: Database) -> None:
    code = ask_and_mint(database)
    assert try_code(database, code, purpose=CodePurpose.DOWNLOAD) is Verdict.EXPIRED
    assert try_code(database, code, owner="another") is Verdict.EXPIRED
    assert try_code(database, code) is Verdict.RIGHT


def test_an_older_code_stops_working_and_its_mail_is_taken_back(app: Flask, database: Database, tmp_path: Path) -> None:
    older = ask_and_mint(database)
    with database.writing() as session:
        codes.ask(session, CodePurpose.CASES, OWNER, ADDRESS, "nl")
        codes.ask(session, CodePurpose.CASES, OWNER, ADDRESS, "nl")
    assert try_code(database, older) is Verdict.EXPIRED
    post = Postbox(app, tmp_path / "post")
    assert len(post.deliver()) == 1, "only the newest is worth sending"
    assert try_code(database, post.code(ADDRESS)) is Verdict.RIGHT


def test_after_five_wrong_tries_the_right_code_is_refused_too(database: Database) -> None:
    code = ask_and_mint(database)
    assert [try_code(database, wrong(code)) for _ in range(5)] == [Verdict.WRONG] * 5
    assert try_code(database, code) is Verdict.NO_TRIES_LEFT


def test_fifteen_tries_are_all_there_are_however_many_codes_are_asked_for(database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock:
        for _ in range(3):
            code = ask_and_mint(database)
            assert [try_code(database, wrong(code)) for _ in range(5)] == [Verdict.WRONG] * 5
            clock.shift(timedelta(hours=2))
        with database.writing() as session, pytest.raises(TooManyTries):
            codes.ask(session, CodePurpose.CASES, OWNER, ADDRESS, "nl")
        assert try_code(database, code) is Verdict.SHUT


def test_the_last_of_the_fifteen_tries_is_shown_and_counted(database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock:
        for tries in (5, 5, 3):
            code = ask_and_mint(database)
            assert {try_code(database, wrong(code)) for _ in range(tries)} == {Verdict.WRONG}
            clock.shift(timedelta(hours=2))
        code = ask_and_mint(database)
        with database.reader() as session:
            assert codes.tries_left(session, CodePurpose.CASES, OWNER) == 2
        assert try_code(database, wrong(code)) is Verdict.WRONG
        assert try_code(database, wrong(code)) is Verdict.WRONG
        assert try_code(database, code) is not Verdict.RIGHT


@pytest.mark.parametrize(
    "typed",
    ["１２３４５６", "١٢٣٤٥٦", "12345", "1234567", "12345a", "", "0" * 5000, "12\x0034", "½½½½½½", "+12345", "𝟏𝟐𝟑𝟒𝟓𝟔"],
)
def test_what_is_not_six_ascii_digits_is_wrong_and_costs_no_try(database: Database, typed: str) -> None:
    code = ask_and_mint(database)
    assert try_code(database, typed) is Verdict.WRONG
    with database.reader() as session:
        assert codes.tries_left(session, CodePurpose.CASES, OWNER) == 5
    assert try_code(database, code) is Verdict.RIGHT


def guess_together(database: Database, guesses: list[str]) -> list[Verdict]:
    """Try every guess in a thread of its own, all at the same moment."""
    found: list[Verdict] = []
    gate = threading.Barrier(len(guesses))

    def guess(typed: str) -> None:
        gate.wait()
        found.append(try_code(database, typed))

    threads = [threading.Thread(target=guess, args=(typed,)) for typed in guesses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_twenty_guesses_at_once_get_exactly_five_tries(database: Database) -> None:
    code = ask_and_mint(database)
    found = guess_together(database, [wrong(code)] * 20)
    assert sorted(found) == sorted([Verdict.WRONG] * 5 + [Verdict.NO_TRIES_LEFT] * 15)
    with database.reader() as session:
        assert session.scalars(select(OneTimeCode.tries)).one() == 5


def test_the_right_code_typed_twice_at_once_opens_once(database: Database) -> None:
    found = guess_together(database, [ask_and_mint(database)] * 4)
    assert found.count(Verdict.RIGHT) == 1


def test_parallel_guesses_are_counted_exactly_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    with portal(make_settings(tmp_path, database_url=postgres_url)) as app:
        database: Database = app.extensions["portal_db"]
        code = ask_and_mint(database)
        found = guess_together(database, [wrong(code)] * 12)
        assert found.count(Verdict.WRONG) == 5
        assert try_code(database, code) is Verdict.NO_TRIES_LEFT
        second = ask_and_mint(database)
        assert guess_together(database, [second] * 4).count(Verdict.RIGHT) == 1


def asked(database: Database, purpose: CodePurpose, times: int) -> int:
    """Ask for ``times`` codes in a row; return how many were sent."""
    sent = 0
    for each in range(times):
        with database.writing() as session:
            try:
                codes.ask(session, purpose, f"{purpose.value}-{each}", ADDRESS, "nl")
                sent += 1
            except TooManyTries:
                continue
    return sent


def test_codes_for_one_page_never_use_up_those_of_another(database: Database) -> None:
    assert asked(database, CodePurpose.CASES, 5) == 3
    assert asked(database, CodePurpose.CONVERSATION, 5) == 3


def test_a_mailbox_gets_twenty_codes_a_day_in_all(database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock:
        sent = 0
        for _ in range(8):
            sent += sum(asked(database, purpose, 3) for purpose in CodePurpose)
            clock.shift(timedelta(hours=1, seconds=1))
        assert sent == 20
        clock.shift(timedelta(days=1))
        assert asked(database, CodePurpose.DOWNLOAD, 1) == 1


def test_a_mailbox_gets_three_codes_an_hour_and_ten_a_day(database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock:
        sent = 0
        for hour in range(5):
            for each in range(4):
                try:
                    ask_and_mint(
                        database, owner=f"{hour}-{each}", address=ADDRESS if each % 2 else f" {ADDRESS.upper()}"
                    )
                    sent += 1
                except TooManyTries:
                    continue
            assert sent == min(3 * (hour + 1), 10)
            clock.shift(timedelta(hours=1, seconds=1))
        ask_and_mint(database, owner="other", address="ben@example.org")
        clock.shift(timedelta(days=1))
        ask_and_mint(database, owner="next day")
