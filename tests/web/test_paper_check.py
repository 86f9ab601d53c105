"""The public check of a signed request: what was changed is told, file and text apart; nobody learns of a person."""

import re
import zlib
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.limits import count_try
from portal.accounts.models import Tries
from portal.cases.models import Amendment, Case
from portal.cases.papers import amendments_of
from portal.cases.retention import Kind, sweep
from portal.clock import now
from portal.db import Base, Database
from portal.errors import TooManyTries
from portal.tracking.views_verify import TRIES_AN_HOUR
from tests.corpus import FILES
from tests.corpus_writers import pdf, stream
from tests.support.critic import Critic
from tests.support.factories import ADA, BEN, finished_case, submit_case
from tests.support.papers import added_to, canonical_of, forged, make_papers, paper_of
from tests.support.visitors import visitor

FILE, TYPED = 0, 1  # the two forms of the page
NO_TEXT = "There is no signed text inside this file."
UNREADABLE = "We cannot read what is inside."


@pytest.fixture
def case(app: Flask, database: Database) -> Case:
    """Give a request whose PDF is made."""
    with database.writing() as session:
        case = submit_case(session, language="en")
    make_papers(app)
    return case


def brought(app: Flask, content: bytes, name: str = "request.pdf") -> str:
    answer = visitor(app).submit("/en/verify", {"paper": (BytesIO(content), name)}, FILE)
    assert answer.status_code == 200, said(answer)
    return said(answer)


def typed(app: Flask, reference: str, sha256: str) -> TestResponse:
    return visitor(app).submit("/en/verify", {"reference": reference, "hash": sha256}, TYPED)


def said(answer: TestResponse) -> str:
    text = answer.get_data(as_text=True)
    inner = text[text.index("<main") : text.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", inner))


def verdicts(page: str) -> tuple[bool, bool]:
    """Return what the page says of the file and of the text in it."""
    assert ("The file: yes" in page) != ("The file: no" in page), page
    assert ("The text inside: yes" in page) != ("The text inside: no" in page), page
    return "The file: yes" in page, "The text inside: yes" in page


# -- a file


def test_the_pdf_that_was_issued_is_told_to_be_real(app: Flask, database: Database, case: Case) -> None:
    page = brought(app, paper_of(database, case))
    assert verdicts(page) == (True, True)
    assert case.signed_hash in page


@pytest.mark.parametrize("place", [10, -2])
def test_another_byte_fails_the_file_and_not_the_text(app: Flask, database: Database, case: Case, place: int) -> None:
    changed = bytearray(paper_of(database, case))
    changed[place] ^= 1
    assert verdicts(brought(app, bytes(changed))) == (False, True)


def test_one_byte_more_fails_the_file_and_not_the_text(app: Flask, database: Database, case: Case) -> None:
    page = brought(app, paper_of(database, case) + b"\n")
    assert verdicts(page) == (False, True)
    assert "Trust that text only." in page


def test_no_changed_byte_anywhere_passes(app: Flask, database: Database, case: Case) -> None:
    genuine = paper_of(database, case)
    for place in range(37, len(genuine), len(genuine) // 12):
        changed = bytearray(genuine)
        changed[place] ^= 0x20
        assert verdicts(brought(app, bytes(changed)))[0] is False, place


def test_an_exchanged_text_fails_the_text(app: Flask, database: Database, case: Case) -> None:
    text = canonical_of(database, case).replace("everything", "nothing")
    page = brought(app, forged(case.reference, case.signed_hash, text))
    assert verdicts(page) == (False, False)


def test_a_forged_hash_in_the_properties_proves_nothing_and_is_told(app: Flask, database: Database, case: Case) -> None:
    text = canonical_of(database, case)
    page = brought(app, forged(case.reference, "0" * 64, text))
    assert verdicts(page) == (False, True)
    assert "The hash in the properties of the file is another one" in page
    assert verdicts(brought(app, forged(case.reference, case.signed_hash, "{}"))) == (False, False)


def test_the_text_of_one_case_under_the_number_of_another_fails(app: Flask, database: Database, case: Case) -> None:
    with database.writing() as session:
        other = submit_case(session, who=BEN, language="en")
    make_papers(app)
    page = brought(app, forged(other.reference, case.signed_hash, canonical_of(database, case)))
    assert verdicts(page) == (False, False)
    assert verdicts(brought(app, paper_of(database, other))) == (True, True)


def test_every_version_stays_true_and_an_exchanged_addition_does_not(app: Flask, database: Database) -> None:
    with database.writing() as session:
        case = submit_case(session, language="en")
        added_to(session, case, "And my old number.")
        added_to(session, case, "And the year 2019.")
    make_papers(app)
    for number in (1, 2, 3):
        assert verdicts(brought(app, paper_of(database, case, number))) == (True, True)
    text, first, second = texts_of(database, case)
    whole = (case.reference, case.signed_hash)
    assert verdicts(brought(app, forged(*whole, text, first, second))) == (False, True)
    assert verdicts(brought(app, forged(*whole, text, first.replace("old", "new"), second))) == (False, False)
    assert verdicts(brought(app, forged(*whole, text, second, first))) == (False, False)
    assert verdicts(brought(app, forged(*whole, text, first, second, second))) == (False, False)


def texts_of(database: Database, case: Case) -> tuple[str, ...]:
    with database.reader() as session:
        added = [each.canonical for each in amendments_of(session, session.get_one(Case, case.id))]
    return (canonical_of(database, case), *added)


def test_what_was_forgotten_can_still_be_checked(app: Flask, database: Database) -> None:
    with time_machine.travel("2026-03-12T09:00:00Z", tick=False) as clock:
        with database.writing() as session:
            case, _package = finished_case(session)
            added_hash = session.scalars(select(Amendment.hash)).all()
        make_papers(app)
        genuine, text = paper_of(database, case), canonical_of(database, case)
        clock.shift(timedelta(days=3 * 365))
        with database.writing() as session:
            files = sweep(session, now()).files
        for name in files:
            database.info["vault"].delete(name)
        assert added_hash == []
        assert database.info["vault"].names() == set()
        assert verdicts(brought(app, genuine)) == (True, True)
        assert verdicts(brought(app, forged(case.reference, case.signed_hash, text))) == (False, True)
        assert "The hash: yes" in said(typed(app, case.reference, case.signed_hash))


# -- what is no copy of ours


@pytest.mark.parametrize("name", sorted(name for name in FILES if name.startswith("pdf_")))
def test_a_hostile_pdf_is_answered_with_a_sentence(app: Flask, name: str) -> None:
    page = brought(app, FILES[name].make())
    assert verdicts(page) == (False, False)
    assert NO_TEXT in page or UNREADABLE in page


def test_files_inside_that_are_too_much_are_not_read(app: Flask) -> None:
    bomb = stream(zlib.compress(bytes(64 << 20), 9), b"/Type /EmbeddedFile /Filter /FlateDecode")
    spec = b"<< /Type /Filespec /F (canonical.json) /UF (canonical.json) /EF << /F 6 0 R >> >>"
    names = b"/Names << /EmbeddedFiles << /Names [(canonical.json) 7 0 R] >> >>"
    assert UNREADABLE in brought(app, pdf({6: bomb, 7: spec}, catalog=names))
    crowd = b"/Names << /EmbeddedFiles << /Names [%s] >> >>" % (b"(a) 7 0 R " * 5000)
    assert UNREADABLE in brought(app, pdf({6: stream(b"x"), 7: spec}, catalog=crowd))


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        (b"", 422, "This file is empty."),
        (b"hello", 422, "This is not a PDF."),
        (b" " * 2000 + b"%PDF-1.7", 422, "This is not a PDF."),
        (b"%PDF-1.7" + bytes(10_485_760), 413, "Choose a file of at most 10 MB."),
    ],
)
def test_what_is_no_pdf_is_refused_with_a_sentence(app: Flask, content: bytes, status: int, sentence: str) -> None:
    answer = visitor(app).submit("/en/verify", {"paper": (BytesIO(content), "x.pdf")}, FILE)
    answer.request.environ["wsgi.input"].close()  # a large form lies in a temporary file of the test client
    assert answer.status_code == status
    assert sentence in said(answer)


def test_a_form_without_a_file_says_so(client: Critic) -> None:
    answer = client.submit("/en/verify", {}, FILE)
    assert answer.status_code == 422
    assert "Choose a file first." in said(answer)


# -- number and hash


def test_number_and_hash_that_belong_together_are_known(app: Flask, database: Database, case: Case) -> None:
    with database.writing() as session:
        added_to(session, case, "More.")
        added = session.scalars(select(Amendment.hash)).one()
    spaced = " ".join(case.signed_hash[place : place + 8] for place in range(0, 64, 8)).upper()
    assert "The hash: yes" in said(typed(app, f" {case.reference.lower()} ", spaced))
    assert "The hash: yes" in said(typed(app, case.reference, added))


def test_an_unknown_number_and_a_wrong_hash_get_the_same_answer(app: Flask, case: Case) -> None:
    wrong, unknown = typed(app, case.reference, "a" * 64), typed(app, "MB-AAAA-00", case.signed_hash)
    shown = [said(answer) for answer in (wrong, unknown)]
    assert (wrong.status_code, shown[0]) == (unknown.status_code, shown[1])
    assert "We know no request with this number and this hash." in shown[0]


def test_the_page_shows_nothing_of_a_person_and_keeps_nothing(app: Flask, database: Database, case: Case) -> None:
    def rows() -> dict[str, list[str]]:
        with database.reader() as session:
            tables = [table for table in Base.metadata.sorted_tables if table.name != Tries.__tablename__]
            return {table.name: sorted(map(repr, session.execute(select(table)))) for table in tables}

    before = rows()
    pages = brought(app, paper_of(database, case)) + said(typed(app, case.reference, case.signed_hash))
    after = rows()
    del before["server_sessions"], after["server_sessions"]  # each browser that looks has a session with its token
    assert after == before
    for part in (ADA["name"], ADA["email"], "Peeters", "access", "2026"):
        assert part not in pages


@pytest.mark.parametrize(
    ("reference", "sha256", "sentence"),
    [
        ("", "a" * 64, "Enter the number of the request"),
        ("MB-7K4Q-29", "", "Enter the hash"),
        ("MB-7K4Q-29", "g" * 64, "Enter the hash"),
        ("MB-7K4Q-29", "' or 1=1 --", "Enter the hash"),
    ],
)
def test_what_cannot_be_right_is_named_and_kept(app: Flask, reference: str, sha256: str, sentence: str) -> None:
    answer = typed(app, reference, sha256)
    assert answer.status_code == 422
    assert sentence in said(answer)
    assert f'value="{reference}"' in answer.get_data(as_text=True)


# -- how often


def test_one_network_may_try_so_often_an_hour_and_others_still_may(app: Flask, database: Database) -> None:
    with time_machine.travel("2026-03-12T09:10:00Z", tick=False) as clock:
        person = visitor(app)
        page = {"reference": "MB-AAAA-00", "hash": "a" * 64}
        for _ in range(TRIES_AN_HOUR):
            assert person.submit("/en/verify", page, TYPED).status_code == 200
        shut = person.submit("/en/verify", page, TYPED)
        assert shut.status_code == 429
        assert "That was too many tries." in said(shut)
        elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
        assert person.submit("/en/verify", page, TYPED, environ_overrides=elsewhere).status_code == 200
        clock.shift(timedelta(hours=1))
        assert person.submit("/en/verify", page, TYPED).status_code == 200
        with database.reader() as session:
            assert not any("127.0.0.1" in each for each in session.scalars(select(Tries.key)))
        clock.shift(timedelta(hours=1))
        with database.writing() as session:
            assert sweep(session, now()).counts[Kind.TRIES] == 3


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "nonsense", True),
    ],
)
def test_one_connection_counts_as_one_visitor(database: Database, first: str, second: str, alike: bool) -> None:
    count_try(database, "test", first, 1)
    if alike:
        with pytest.raises(TooManyTries):
            count_try(database, "test", second, 1)
    else:
        count_try(database, "test", second, 1)
