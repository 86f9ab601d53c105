"""The pages of a package that people read, rendered from ``templates/package``. Offline: nothing remote, no script.

Renders with the app's own template environment but without its context processors, for there is no request here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from flask import current_app
from flask_babel import lazy_gettext as _

from portal.cases.grounds import GROUNDS
from portal.clock import local
from portal.config import LANGUAGES, Controller
from portal.fulfilment.collect import PORT, Collected, LeftOut, Why
from portal.fulfilment.dictionary import Kinds, dictionary
from portal.fulfilment.found_files import Told
from portal.fulfilment.readable import Page, Table
from portal.fulfilment.sheet import build_sheet
from portal.register import Register
from portal.sources.model import Collection, DataMap, say
from portal.ui.filters import datelong, filesize
from portal.ui.filters import number as count_in_words

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
class Omission:
    """Something that is not in the copy, in words."""

    title: str
    field: str
    rows: int
    reason: str


@dataclass(frozen=True, slots=True)
class Whole:
    """What every part tells of the whole package.

    Args:
        cover: what it says about itself.
        collected: what was collected, to the last row.
        parts: the tables of each part.
        by_hand: what colleagues found where no database is searched.
    """

    cover: Cover
    collected: Collected
    parts: Sequence[Sequence[Table]]
    by_hand: Sequence[Told] = ()


@dataclass(frozen=True, slots=True)
class Searched:
    """One kind of data that was looked through, in words."""

    title: str
    rows: int


def compile_pages() -> None:
    """Compile the pages and read how dates are written, so that the first copy of a worker takes no longer than others.

    Once in the life of a worker; needs an app context.
    """
    environment = current_app.jinja_env
    for name in environment.list_templates(filter_func=lambda name: name.startswith("package/")):
        environment.get_template(name)
    for language in LANGUAGES:
        Locale.parse(language).date_formats  # noqa: B018 - read once, then remembered


def render_index(whole: Whole, number: int) -> str:
    """Return ``index.html`` of the part ``number``.

    The first one has the summary, the information of Art. 15(1) for access, where was searched and what was left out;
    each has its own data, and which part holds what.
    """
    cover, collected = whole.cover, whole.collected
    data_map = collected.sources.data_map
    told = cover.right != PORT and number == 1
    return current_app.jinja_env.get_template("package/index.html").render(
        cover=cover,
        made_at=local(cover.made_at),
        day=datelong,
        count=count_in_words,
        filesize=filesize,
        number=number,
        parts=whole.parts,
        tables=whole.parts[number - 1],
        sheet=build_sheet(cover.register, data_map, collected.tallies, cover.language) if told else None,
        sources=[say(source.title, cover.language) for source in data_map.sources.values()],
        searched=[
            Searched(say(data_map.collections[key].title, cover.language), rows)
            for key, rows in collected.searched.items()
        ],
        rows=sum(tally.rows for tally in collected.tallies.values()),
        by_hand=[
            (say(each.found.title, cover.language), each, local(each.found.at)) for each in whole.by_hand if number == 1
        ],
        left_out=[_omission(each, cover.language) for each in _sorted(collected.left_out)] if number == 1 else [],
    )


def render_page(cover: Cover, table: Table, page: Page, number: int) -> str:
    """Return one page of rows of ``table``."""
    return current_app.jinja_env.get_template("package/page.html").render(
        cover=cover, table=table, page=page, number=number, count=count_in_words
    )


def render_readme(cover: Cover, parts: int) -> str:
    """Return ``README.txt``: what each file is, and the rule that makes CSV cells safe."""
    return current_app.jinja_env.get_template("package/README.txt").render(
        cover=cover, made_at=local(cover.made_at), day=datelong, parts=parts
    )


def render_dictionary(cover: Cover, data_map: DataMap, seen: Iterable[tuple[Collection, Kinds]]) -> str:
    """Return ``dictionary.html``: what every field is, and what is done with it."""
    return current_app.jinja_env.get_template("package/dictionary.html").render(
        cover=cover, sources=dictionary(cover.register, data_map, seen, cover.language)
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
