"""Dates, references and sizes as people read them."""

from datetime import UTC, date, datetime

import pytest
from babel import Locale
from markupsafe import Markup

from portal.ui import filters

TODAY = date(2026, 11, 22)
MORNING = datetime(2026, 11, 22, 9, 4, tzinfo=UTC)  # 10:04 in Brussels


@pytest.fixture(params=["nl", "fr", "de", "en_GB"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write in one of the four languages."""
    name = str(request.param)
    monkeypatch.setattr(filters, "format_locale", lambda: Locale.parse(name))
    return name[:2]


def test_a_date_is_written_day_first_in_every_language(language: str) -> None:
    written = {"nl": "22 november 2026", "fr": "22 novembre 2026", "de": "22. November 2026", "en": "22 November 2026"}
    assert filters.datelong(TODAY) == written[language]
    assert written[language] in filters.dayanddate(TODAY)


def test_a_moment_is_written_on_the_clock_of_brussels(language: str) -> None:
    assert filters.datetimelong(MORNING).endswith(", 10:04")
    assert filters.datelong(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)).startswith("23")


def test_a_moment_of_another_year_says_its_year() -> None:
    assert "2024" in filters.datetimeshort(datetime(2024, 3, 2, 9, 4, tzinfo=UTC))


@pytest.mark.parametrize(
    ("deadline", "words", "tone"),
    [
        (date(2026, 11, 20), "2 days late", "late"),
        (date(2026, 11, 21), "1 day late", "late"),
        (date(2026, 11, 22), "due today", "soon"),
        (date(2026, 11, 23), "1 day", "soon"),
        (date(2026, 11, 29), "7 days", "soon"),
        (date(2026, 11, 30), "8 days", ""),
    ],
)
def test_a_deadline_is_told_in_words_and_never_as_zero_days(deadline: date, words: str, tone: str) -> None:
    assert filters.daysleft(deadline, TODAY) == words
    assert filters.duetone(deadline, TODAY) == tone


def test_a_reference_never_breaks_and_is_escaped() -> None:
    assert filters.reference("MB-7K4Q-29") == '<span class="num">MB-7K4Q-29</span>'
    assert "<b>" not in filters.reference("<b>")


@pytest.mark.parametrize(
    ("size", "written"),
    [(1, "1 kB"), (999_499, "999 kB"), (1_000_000, "1 MB"), (4_240_000, "4.2 MB"), (6_000_000_000, "6 GB")],
)
def test_a_size_is_written_briefly(monkeypatch: pytest.MonkeyPatch, size: int, written: str) -> None:
    monkeypatch.setattr(filters, "format_locale", lambda: Locale("en"))
    assert filters.filesize(size) == written


def test_an_answer_is_heard_in_short_and_on_one_line() -> None:
    assert filters.brief("Delete\n  data.") == "Delete data"
    heard = filters.brief("word " * 40)
    assert len(heard) <= filters.LONGEST_HEARD + 1
    assert heard.endswith("word")
    assert filters.brief("Why. " + "x" * 300) == "Why"
    assert filters.brief("And so on …") == "And so on"
    assert filters.brief(Markup('<span class="asked">{}</span> {}').format("Why?", "a <b> & c")) == "Why? a <b> & c"


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("ada.peeters@mail.example.org", "ada<wbr>.peeters@<wbr>mail<wbr>.example<wbr>.org"),
        ("x@y", None),
        ("no address.", None),
    ],
)
def test_an_address_breaks_after_the_at_and_before_dots(text: str, page: str | None) -> None:
    assert filters.breakable(text) == (text if page is None else f'<span class="mail">{page}</span>')


def test_a_text_with_an_address_stays_text() -> None:
    written = filters.breakable("<b>Ada</b>, a&b@example.org.")
    assert written == '&lt;b&gt;Ada&lt;/b&gt;, a&amp;<span class="mail">b@<wbr>example<wbr>.org</span>.'


def test_no_line_of_a_heading_ends_within_e_mail() -> None:
    whole = '<span class="whole">{}</span>'
    assert filters.unbroken("Ihre E-Mail-Adresse") == f"Ihre {whole.format('E-Mail')}-Adresse"
    assert filters.unbroken("<e-mail> & e-mail") == f"&lt;{whole.format('e-mail')}&gt; &amp; {whole.format('e-mail')}"
    assert filters.unbroken(Markup('<a title="e-mail">uw e-mail</a>')) == (
        f'<a title="e-mail">uw {whole.format("e-mail")}</a>'
    )
