"""What every field of a package means: title, kind, origin, and the processing it is part of. Pure but for words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from flask_babel import gettext as _

from portal.register import Register, Row
from portal.sources.model import Collection, DataMap, Field, Provided, say
from portal.words import N_

Kinds: TypeAlias = Mapping[str, set[str]]
"""For each field the kinds of values that were seen in it (see ``encoding.kind_of``)."""

KINDS_IN_WORDS = {
    "boolean": N_("yes or no"),
    "integer": N_("whole number"),
    "number": N_("number"),
    "number:seconds": N_("number of seconds"),
    "string": N_("text"),
    "string:decimal": N_("number, exact"),
    "string:uuid": N_("identifier"),
    "string:date-time": N_("date and time"),
    "string:date": N_("date"),
    "string:time": N_("time"),
    "object:file": N_("file"),
    "array": N_("list"),
    "object": N_("structured data"),
}

ORIGINS = {
    Provided.PERSON: N_("you gave it"),
    Provided.OBSERVED: N_("we saw it when you used our service"),
    Provided.DERIVED: N_("we worked it out"),
    Provided.OTHERS: N_("others gave it"),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One field in words."""

    name: str
    title: str
    about: str
    kinds: str
    categories: str
    origin: str


@dataclass(frozen=True, slots=True)
class Described:
    """One collection in words; what the register says of its processing is None where it is part of none."""

    key: str
    title: str
    about: str
    fields: tuple[Meaning, ...]
    activity: str | None
    recipients: tuple[str, ...]
    retention: str | None
    law: str


@dataclass(frozen=True, slots=True)
class System:
    """One source and its collections."""

    title: str
    collections: tuple[Described, ...]


def dictionary(
    register: Register, data_map: DataMap, seen: Iterable[tuple[Collection, Kinds]], language: str
) -> list[System]:
    """Return what the collections in ``seen`` hold, by source, in ``language``, which is also the one in force."""
    order = list(data_map.sources)
    by_source = sorted(seen, key=lambda each: order.index(each[0].source))
    return [
        System(
            say(data_map.sources[source].title, language),
            tuple(_described(register, each, kinds, language) for each, kinds in found),
        )
        for source, found in groupby(by_source, lambda each: each[0].source)
    ]


def _described(register: Register, collection: Collection, kinds: Kinds, language: str) -> Described:
    row: Row | None = next((row for row in register.rows if row.slug == collection.activity), None)
    hold = collection.hold
    return Described(
        key=collection.shown,
        title=say(collection.title, language),
        about=collection.description,
        fields=tuple(_meaning(collection, each, kinds[each.shown], language) for each in collection.fields),
        activity=row.text("title", language) if row else None,
        recipients=tuple(each.text(language) for each in row.recipients) if row else (),
        retention=row.text("retention", language) if row else None,
        law=f"{say(hold.law, language)}, {hold.article}" if hold else "",
    )


def _meaning(collection: Collection, each: Field, kinds: Iterable[str], language: str) -> Meaning:
    known = dict.fromkeys(_(KINDS_IN_WORDS[kind]) for kind in sorted(kinds) if kind in KINDS_IN_WORDS)
    return Meaning(
        name=each.shown,
        title=say(each.title, language) or each.shown,
        about=each.about,
        kinds=", ".join(known),
        categories=", ".join(each.categories),
        origin=_(ORIGINS[collection.provider(each)]),
    )
