"""The pages of a package that people read, rendered from ``templates/package``. Offline: nothing remote, no script.

Renders with the app's own template environment but without its context processors, for there is no request here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app
from flask_babel import lazy_gettext as _

from portal.cases.grounds import GROUNDS
from portal.clock import local
from portal.config import Controller
from portal.fulfilment.collect import PORT, Collected, LeftOut, Why
from portal.fulfilment.sheet import build_sheet
from portal.register import Register
from portal.sources.model import say
from portal.ui.filters import datelong

REASONS = {
    Why.NOT_ASKED: _("You did not ask for this use of your data."),
    Why.REFUSED: _("We refused this part. Our answer says why, and where you can complain."),
    Why.OUTSIDE_PERIOD: _("These rows are outside the period you asked for."),
    Why.WITHHELD: _("We may not give this out."),
    Why.THIRD_PARTY: _("This is about someone else, or may harm someone else (art. 15(4) and 20(4))."),
    Why.REDACTED: _("We looked your copy through and left this out, for the rights of others."),
    Why.OTHER_BASIS: _(
        "Portability covers only data we use with your consent or for a contract with you (art. 20(1))."
    ),
    Why.DERIVED: _("We made this ourselves; portability covers what you provided (art. 20(1))."),
    Why.BY_OTHERS: _("Others wrote this about you; portability covers what you provided (art. 20(1))."),
}


@dataclass(frozen=True, slots=True)
class Cover:
    """What the package says about itself.

    Args:
        right: ``access`` or ``port``.
        language: the person's language: nl, fr, de or en.
        made_at: the moment everything in it was true; also the time of its files.
        controller: who answers.
        register: the register of processing the request was made under.
        reference: the short reference of the request.
        copy: False when the person wanted the information only (Art. 15(1) without 15(3)).
    """

    right: str
    language: str
    made_at: datetime
    controller: Controller
    register: Register
    reference: str = ""
    copy: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as the page shows it."""

    text: str
    file: str = ""
    picture: bool = False
    cut: bool = False
    missing: bool = False


@dataclass(slots=True)
class Table:
    """The first rows of a collection as the page shows them; ``total`` counts all."""

    title: str
    path: str
    columns: list[str]
    rows: list[list[Cell]] = field(default_factory=list)
    total: int = 0


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that is not in the copy, in words."""

    title: str
    field: str
    rows: int
    reason: str


def render_index(cover: Cover, collected: Collected, tables: list[Table]) -> str:
    """Return ``index.html``: the summary, the information of Art. 15(1) for access, the data, what was left out."""
    data_map = collected.sources.data_map
    return current_app.jinja_env.get_template("package/index.html").render(
        cover=cover,
        made_at=local(cover.made_at),
        day=datelong,
        tables=tables,
        sheet=None if cover.right == PORT else build_sheet(cover.register, data_map, collected.tallies, cover.language),
        sources=[say(source.title, cover.language) for source in data_map.sources.values()],
        searched=len(collected.searched),
        rows=sum(tally.rows for tally in collected.tallies.values()),
        left_out=[_omission(each, cover.language) for each in _sorted(collected.left_out)],
    )


def render_readme(cover: Cover) -> str:
    """Return ``README.txt``: what each file is, and the rule that makes CSV cells safe."""
    return current_app.jinja_env.get_template("package/README.txt").render(
        cover=cover, made_at=local(cover.made_at), day=datelong
    )


def _sorted(left_out: Iterable[LeftOut]) -> list[LeftOut]:
    return sorted(left_out, key=lambda each: (each.collection.order, each.collection.key))


def _omission(each: LeftOut, language: str) -> Omission:
    return Omission(
        title=say(each.collection.title, language),
        field=say(each.field.title, language) if each.field else "",
        rows=each.rows,
        reason=say(each.said, language) or str(_(GROUNDS[each.ground].letter) if each.ground else REASONS[each.why]),
    )
