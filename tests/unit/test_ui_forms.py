"""What people type: cleaned without being changed, and an address taken only when it is one address."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.ui.forms import clean, is_address, one_line


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (None, ""),
        ("  Lies \n", "Lies"),
        ("one\r\ntwo", "one\ntwo"),
        ("Zoe\u0308", "Zoë"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("\u202eeidO \u2066Lies\u2069\u202c", "eidO Lies"),
        ("علي \u200cرضا", "علي \u200cرضا"),
        ("O’Connor-Ødegård 李", "O’Connor-Ødegård 李"),
    ],
)
def test_text_is_cleaned_of_what_nobody_typed(typed: str | None, kept: str) -> None:
    assert clean(typed) == kept


def test_a_name_stands_on_one_line() -> None:
    assert one_line(" Lies\n  Janssens\t") == "Lies Janssens"


@pytest.mark.parametrize(
    "address",
    [
        "lies@example.com",
        "l.j+tag@mail.example.org",
        "o'connor@example.com",
        f"{'a' * 64}@example.com",
        "x@xn--bcher-kva.example",
    ],
)
def test_a_plain_address_is_taken(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "lies",
        "lies@",
        "@example.com",
        "lies@localhost",
        "a@b.com,c@d.com",
        "a@b.com\nBcc: c@d.com",
        "a@b.com\n",
        " a@b.com",
        "Lies <a@b.com>",
        '"a b"@example.com',
        "a..b@example.com",
        ".a@example.com",
        "a@-example.com",
        "a@example..com",
        "a@[127.0.0.1]",
        f"{'a' * 65}@example.com",
        f"a@{'b.' * 130}com",
        "lïes@example.com",
        "a@example.com%0d%0aBcc:x@y.com",
    ],
)
def test_anything_else_is_not_an_address(address: str) -> None:
    assert not is_address(address)


def test_an_endless_address_is_refused_at_once() -> None:
    assert not is_address("a" * 100_000 + "@" + "b." * 50_000)


@settings(deadline=None)
@given(st.text())
def test_cleaned_text_holds_no_control_characters_and_cleaning_twice_changes_nothing(text: str) -> None:
    for tidy in (clean, one_line):
        cleaned = tidy(text)
        assert "\x00" not in cleaned
        assert tidy(cleaned) == cleaned
    assert "\n" not in one_line(text)
