"""Builds the information of Art. 15(1): for each processing that holds rows of this person, why, how long, with whom.

Pure: takes the register and what was counted while collecting; the words around it stand in ``templates/package``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from portal.fulfilment.tally import Tally
from portal.register import Register, Row
from portal.sources.model import DataMap, say

PORTAL = "portal"
"""The portal's own processing: this very request is always part of it."""


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of one collection and until when they are kept.

    Args:
        title: what the collection is called.
        rows: how many rows.
        latest_end: last day any of them is kept by the controller's own rule.
        without_end: rows whose end cannot be told yet.
        held_until: last day a law keeps any of them, with that law.
    """

    title: str
    rows: int
    latest_end: date | None = None
    without_end: int = 0
    held_until: date | None = None
    law: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the register, in the person's language, with what it means for this person."""

    title: str
    clause: str
    purpose: str
    basis: str
    data: str
    source: str
    retention: str
    recipients: tuple[str, ...]
    told: tuple[str, ...]
    transfers: tuple[str, ...]
    joint: tuple[str, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole sheet: an entry per processing, and what no processing in particular covers."""

    entries: tuple[Entry, ...]
    told_besides: tuple[str, ...]
    no_transfer: str
    aggregated: str


def build_sheet(register: Register, data_map: DataMap, tallies: Mapping[str, Tally], language: str) -> Sheet:
    """Return the sheet for the rows counted in ``tallies``, in ``language``."""
    told = {pair for tally in tallies.values() for pair in tally.recipients}
    entries: list[Entry] = []
    covered: set[str] = set()
    for row in register.rows:
        keys = [
            collection.key
            for collection in data_map.in_order()
            if collection.activity == row.slug and tallies.get(collection.key, Tally()).rows
        ]
        if keys or row.slug == PORTAL:
            covered.add(row.slug)
            held = tuple(_held(data_map, key, tallies[key], language) for key in keys)
            names = sorted(name for name, activity in told if activity == row.slug)
            entries.append(_entry(row, held, names, language))
    besides = sorted(name for name, activity in told if activity not in covered)
    return Sheet(
        tuple(entries), tuple(besides), register.text("no_transfer", language), register.text("aggregated", language)
    )


def _entry(row: Row, held: tuple[Held, ...], told: Iterable[str], language: str) -> Entry:
    return Entry(
        title=row.text("title", language),
        clause=row.activity.clause,
        purpose=row.text("purpose", language),
        basis=row.text("basis", language),
        data=row.text("data", language),
        source=row.text("source", language),
        retention=row.text("retention", language),
        recipients=tuple(each.text(language) for each in row.recipients),
        told=tuple(told),
        transfers=tuple(each.text(language) for each in row.transfers),
        joint=tuple(f"{each.name} ({each.contact}): {each.text(language)}" for each in row.joint_controllers),
        held=held,
    )


def _held(data_map: DataMap, key: str, tally: Tally, language: str) -> Held:
    collection = data_map.collections[key]
    hold = collection.hold
    return Held(
        title=say(collection.title, language),
        rows=tally.rows,
        latest_end=tally.latest_end,
        without_end=tally.without_end,
        held_until=tally.held_until,
        law=say(hold.law, language) if hold else "",
        article=hold.article if hold else "",
    )
