"""The figures of a period: a page with charts, the same as CSV, and the yearly report to print."""

import csv
import io
from collections.abc import Iterator
from datetime import date

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.accounts.models import Role
from portal.cases.arrivals import CHANNELS
from portal.cases.disagreements import Ending
from portal.cases.grounds import GROUNDS
from portal.cases.models import Channel
from portal.clock import today
from portal.config import LANGUAGES
from portal.errors import NotYours
from portal.review.desk import blueprint
from portal.review.figures import OPEN_STILL, Figures, figures, first_day
from portal.review.periods import Period, choices, period_named
from portal.review.tallies import Line
from portal.rights import RIGHTS
from portal.ui.csvsafe import safe
from portal.ui.filters import article
from portal.words import N_

READERS = (Role.REVIEWER, Role.MANAGER, Role.AUDITOR)
COLUMNS = (
    *("group", "name", "received", "answered", "in_time_percent", "median_days", "p90_days"),
    *("extended", "refused", "withdrawn"),
)
KEPT_BACK = "×"
ENDINGS = {
    OPEN_STILL: N_("Not answered yet"),
    Ending.UPHELD: N_("The answer was kept"),
    Ending.ANEW: N_("Decided anew"),
    Ending.TAKEN_BACK: N_("Taken back by the person"),
}


@blueprint.get("/figures", endpoint="figures")
@gates.staff(*READERS)
def show_figures() -> ResponseReturnValue:
    """Show the figures of a quarter or a year, beside those of the period before."""
    return _page("review/figures.html", _wanted())


@blueprint.get("/figures/report/<int:year>")
@gates.staff(*READERS)
def yearly_report(year: int) -> ResponseReturnValue:
    """Show the report of a year, made to be printed."""
    period = Period(year)
    if period not in choices(first_day(db.reader(), today()), today()):
        raise NotYours
    return _page("review/yearly_report.html", period)


@blueprint.get("/figures.csv")
@gates.staff(*READERS)
def figures_csv() -> ResponseReturnValue:
    """Give the figures as a table for a spreadsheet; small counts stay out of it too."""
    period = _wanted()
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    table.writerows(
        [safe(cell) if cell else "" for cell in row] for row in _rows(figures(db.reader(), period, today()))
    )
    headers = {"Content-Disposition": f'attachment; filename="figures-{period.name}.csv"'}
    return Response("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _page(template: str, period: Period) -> str:
    reader, day = db.reader(), today()
    return render_template(
        template,
        now=figures(reader, period, day),
        before=figures(reader, period.before(), day),
        offered=choices(first_day(reader, day), day),
        titles={"right": _right_title, "language": LANGUAGES.__getitem__, "channel": _channel_title},
        month_title=_month_title,
        period_title=_period_title,
        ground_title=_ground_title,
        ending_title=_ending_title,
        report_url=url_for("review.yearly_report", year=period.year),
        today=day,
    )


def _wanted() -> Period:
    """Return the period that the address names; without one the present year."""
    day = today()
    named = period_named(request.args.get("period", ""))
    return named if named in choices(first_day(db.reader(), day), day) and named else Period(day.year)


def _rows(found: Figures) -> Iterator[list[str]]:
    yield ["all", "", *_cells(found.whole)]
    for group, lines in [*found.groups.items(), ("month", found.months)]:
        for line in lines:
            yield [group, line.name, *_cells(line)]
    for ground, count in found.grounds:
        yield ["ground", ground, "", "", "", "", "", "", _shown(count), ""]
    if found.period.quarter is None:
        yield ["identity doubts", "", _shown(found.doubts), *[""] * 7]
        yield ["disagreements", "", _shown(found.disagreed), *[""] * 7]
        for ending, count in found.endings:
            yield ["disagreements", ending, _shown(count), *[""] * 7]
        yield ["manual tasks", "", "", _shown(found.by_hand), *[""] * 6]


def _cells(line: Line) -> list[str]:
    rates = (line.in_time_share, line.median, line.p90)
    return [
        _shown(line.received),
        _shown(line.answered),
        *("" if each is None else str(each) for each in rates),
        _shown(line.extended),
        _shown(line.refused),
        _shown(line.withdrawn),
    ]


def _shown(count: int | None) -> str:
    return KEPT_BACK if count is None else str(count)


def _month_title(first: str) -> str:
    return str(format_date(date.fromisoformat(first), "MMMM y"))


def _period_title(period: Period) -> str:
    if period.quarter is None:
        return str(_("the year %(year)s", year=period.year))
    return str(_("%(year)s, quarter %(quarter)s", year=period.year, quarter=period.quarter))


def _right_title(slug: str) -> str:
    return str(_(RIGHTS[slug].title))


def _channel_title(channel: str) -> str:
    return str(_(CHANNELS[Channel(channel)]))


def _ground_title(slug: str) -> str:
    ground = GROUNDS[slug]
    return f"{_('art. %(article)s', article=article(ground.article))} · {_(ground.title)}"


def _ending_title(ending: str) -> str:
    return str(_(ENDINGS[ending]))
