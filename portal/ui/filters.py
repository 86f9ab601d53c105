"""How dates, references and sizes are written on a page, in the language of the answer. Decides nothing."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency, format_decimal
from flask import Flask
from flask_babel import gettext, ngettext
from markupsafe import Markup, escape

from portal.clock import local, today
from portal.ui.articles import cite
from portal.ui.languages import format_locale

SOON_DAYS = 7
LONGEST_HEARD = 60  # letters
_E_MAIL = re.compile(r"\b(e-mail)(?![^<>]*>)", re.IGNORECASE)  # not within a tag
_ADDRESS = re.compile(r"([\w.+%'…-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)")


def init_app(app: Flask) -> None:
    """Give the templates of ``app`` these filters, and the day on which a page may be printed."""
    dates = (isodate, datelong, dayanddate, datetimelong, datetimeshort, clocktime, daysleft, duetone)
    for show in (*dates, reference, number, money, filesize, brief, article, breakable, unbroken):
        app.jinja_env.filters[show.__name__] = show
    app.jinja_env.globals["printed_on"] = today


def isodate(text: str) -> date:
    """Read a day as records keep it (2026-11-22), for the filters that write it."""
    return date.fromisoformat(text)


def datelong(day: date) -> str:
    """Write a date in full: 22 November 2026. A moment counts on the clock of Brussels."""
    return format_date(_day(day), "long", locale=format_locale())


def dayanddate(day: date) -> str:
    """Write a date with its weekday: Sunday 22 November 2026."""
    return format_date(_day(day), "full", locale=format_locale())


def datetimelong(moment: datetime) -> str:
    """Write an aware moment on the clock of Brussels: 22 November 2026, 10:04."""
    return str(gettext("%(date)s, %(time)s", date=datelong(moment), time=_time(moment)))


def datetimeshort(moment: datetime) -> str:
    """Write an aware moment briefly, with its year only when that is not this year: 22 Nov, 10:04."""
    there = local(moment)
    skeleton = "MMMd" if there.year == today().year else "yMMMd"
    day = format_skeleton(skeleton, there, locale=format_locale())
    return str(gettext("%(date)s, %(time)s", date=day, time=_time(moment)))


def clocktime(moment: datetime) -> str:
    """Write the time of an aware moment on the clock of Brussels: 10:04."""
    return _time(moment)


def daysleft(deadline: date, today: date) -> str:
    """Say in words how far ``deadline`` is from ``today``; the last day is "due today", never "0 days"."""
    days = (deadline - today).days
    if days == 0:
        return str(gettext("due today"))
    if days < 0:
        return str(ngettext("%(num)d day late", "%(num)d days late", -days))
    return str(ngettext("%(num)d day", "%(num)d days", days))


def duetone(deadline: date, today: date) -> str:
    """Return the tone of a deadline: ``late``, ``soon`` (the last week) or nothing."""
    days = (deadline - today).days
    if days < 0:
        return "late"
    return "soon" if days <= SOON_DAYS else ""


def reference(text: str) -> Markup:
    """Write a reference (MB-7K4Q-29) so that it never breaks over two lines."""
    return Markup('<span class="num">{}</span>').format(text)


def breakable(text: str) -> Markup:
    """Write a text so that mail addresses in it break after the @ and before a dot, and "e-mail" not at all."""
    if isinstance(text, Markup):
        return unbroken(text)
    pieces = _ADDRESS.split(str(text))
    return Markup().join(_with_breaks(each) if place % 2 else unbroken(each) for place, each in enumerate(pieces))


def unbroken(title: str) -> Markup:
    """Write a text so that no line ends within "e-mail"; its letters stay as they are, for who searches the page."""
    text, written, end = escape(title), Markup(), 0
    for found in _E_MAIL.finditer(text):
        written += text[end : found.start()] + Markup('<span class="whole">{}</span>').format(
            text[slice(*found.span())]
        )
        end = found.end()
    return written + text[end:]


def asked_and_said(asked: str, said: str) -> Markup:
    """Write an answer with what was asked set apart above it; read out as one line of text."""
    return Markup('<span class="asked">{}</span> {}').format(asked, breakable(said))


def lines(each: Iterable[str]) -> Markup:
    """Write texts below one another, each escaped unless it is markup already."""
    return Markup("\n").join(each)


def money(cents: int) -> str:
    """Write a sum in cents of a euro: € 12.50."""
    return format_currency(cents / 100, "EUR", locale=format_locale())


def article(cited: str) -> str:
    """Write an article of the GDPR, such as 12(5)(b), the way the language of the answer cites it; without "art."."""
    return cite(cited, format_locale().language)


def number(value: int | float) -> str:
    """Write a number with the separators of the language."""
    return format_decimal(value, locale=format_locale())


def filesize(size: int) -> str:
    """Write a number of bytes as people read it: kB below a million, MB or GB with one digit from there on."""
    if size < 1_000_000:
        return str(gettext("%(size)s kB", size=number(max(1, round(size / 1000)))))
    if size < 1_000_000_000:
        return str(gettext("%(size)s MB", size=number(round(size / 1_000_000, 1))))
    return str(gettext("%(size)s GB", size=number(round(size / 1_000_000_000, 1))))


def brief(text: str) -> str:
    """Return the beginning of what a person said as one short line without a full stop: to be heard, not read."""
    line = " ".join((text.striptags() if isinstance(text, Markup) else text).split())
    if len(line) > LONGEST_HEARD:
        line = line[:LONGEST_HEARD].rsplit(" ", 1)[0]
    return line.rstrip(" .,;:…")


def _with_breaks(address: str) -> Markup:
    parts = re.split(r"(?<=@)|(?=\.)", address)
    return Markup('<span class="mail">{}</span>').format(Markup("<wbr>").join(parts))


def _time(moment: datetime) -> str:
    return format_time(local(moment).time(), "HH:mm", locale=format_locale())


def _day(day: date) -> date:
    return local(day).date() if isinstance(day, datetime) else day
