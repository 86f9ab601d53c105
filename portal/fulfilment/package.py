"""Writes what was collected as a ZIP, in one pass over the sources and in bounded memory; as several when it is large.

``data.json`` is exact, the CSV files are safe in a spreadsheet, ``schema.json`` and ``dictionary.html`` explain both,
``index.html`` and the pages it leads to are for reading, ``search.json`` proves where was searched, ``manifest.json``
that nothing is missing. The words stand in ``templates/package``; what one part holds in ``part``.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, count

import orjson

from portal.fulfilment.archive import FileFact, Sink
from portal.fulfilment.collect import Collected, Columns
from portal.fulfilment.encoding import Json
from portal.fulfilment.found_files import Answered, write_found
from portal.fulfilment.package_pages import Cover, Whole, render_dictionary, render_index, render_readme
from portal.fulfilment.part import FORMAT, Part
from portal.fulfilment.parts import StoredPart, Track
from portal.sources.model import Collection, say


@dataclass(frozen=True, slots=True)
class Packed:
    """What was written.

    Args:
        files: each file with size, SHA-256 and rows.
        rows: rows by collection key.
        left_out: how many kinds of things were left out (each told in the package).
        searched: how many collections were searched.
        seconds: what reading them took; for the record, not for the package, which is the same for the same data.
        parts: each part, and where it stands in what the sink was given.
    """

    files: tuple[FileFact, ...]
    rows: Mapping[str, int]
    left_out: int
    searched: int
    seconds: float
    parts: tuple[StoredPart, ...]


def write_package(
    sink: Sink, collected: Collected, cover: Cover, part_size: int | None = None, by_hand: Sequence[Answered] = ()
) -> Packed:
    """Write the package to ``sink``; needs an app context with the person's language forced.

    Args:
        sink: where the bytes go.
        collected: what was collected.
        cover: what the package says about itself.
        part_size: bytes of a part, about: a new one begins where the next rows would not fit. None makes one ZIP.
        by_hand: what colleagues found where no database is searched; their files go into the first part.

    Raises:
        SourceDown: a source stopped half-way; what the sink holds is then no package and must be dropped.
    """
    with ExitStack() as stack:
        packing = _Packing(sink, cover, part_size, stack)
        for collection, stream in collected.tables():
            if cover.copy:
                packing.add(collection, stream)
            else:
                for _ in stream:
                    pass  # counted for the information of Art. 15(1); no copy was asked
        packing.finish(collected, by_hand)
    rows = {key: tally.rows for key, tally in collected.tallies.items() if tally.rows}
    facts = tuple(fact for part in packing.parts for fact in part.archive.facts)
    stored = tuple(part.sink.stored(part.rows) for part in packing.parts)
    seconds = sum(collected.seconds.values())
    return Packed(facts, rows, len(collected.left_out), len(collected.searched), seconds, stored)


class _Packing:
    """The package while its collections pass by. All its parts are open until the whole is known."""

    def __init__(self, sink: Sink, cover: Cover, part_size: int | None, stack: ExitStack) -> None:
        self.cover, self.part_size = cover, part_size
        self.parts: list[Part] = []
        self._track, self._stack = Track(sink), stack
        self._numbers = count(1)  # of files: they never meet, even when all parts are unpacked into one folder
        self._begin()

    def add(self, collection: Collection, batches: Iterator[Columns]) -> None:
        """Write every row of one collection, and begin a new part wherever one is full."""
        before = 0
        while (first := next(batches, None)) is not None:
            if self.parts[-1].is_full(self.part_size):
                self._begin()
            before += self.parts[-1].add(collection, chain([first], batches), before, self.part_size)
        mine = [table for part in self.parts for table in part.tables if table.key == collection.shown]
        for table in mine:
            table.split = len(mine) > 1

    def finish(self, collected: Collected, by_hand: Sequence[Answered]) -> None:
        """End every part: the exact copy, and the pages that tell the whole."""
        told = write_found(self.parts[0].archive, self._numbers, by_hand) if self.cover.copy else ()
        whole = Whole(self.cover, collected, [part.tables for part in self.parts], told)
        for number, part in enumerate(self.parts, 1):
            if self.cover.copy:
                part.write_data(data_head(whole, number))
                part.write_schema()
                with part.archive.entry("search.json") as target:
                    target.write(orjson.dumps(search_proof(self.cover, collected), option=_LINES))
                with part.archive.entry("dictionary.html") as page:
                    page.text(render_dictionary(self.cover, collected.sources.data_map, part.seen))
            with part.archive.entry("index.html") as page:
                page.text(render_index(whole, number))
            with part.archive.entry("README.txt") as page:
                page.text(render_readme(self.cover, len(self.parts)))
            part.write_manifest(number, len(self.parts))
            part.archive.close()

    def _begin(self) -> None:
        self.parts.append(self._stack.enter_context(Part(self._track, self.cover, self._numbers)))


_LINES = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def data_head(whole: Whole, number: int) -> dict[str, Json]:
    """Return what ``data.json`` of part ``number`` says before its rows."""
    cover, collected = whole.cover, whole.collected
    collections = collected.sources.data_map.collections
    return {
        "format": FORMAT,
        "right": cover.right,
        "reference": cover.reference,
        "made_at": cover.made_at.isoformat(),
        "part": number,
        "parts": len(whole.parts),
        "searched": {collections[key].shown: rows for key, rows in collected.searched.items()},
        "left_out": [
            {
                "collection": each.collection.shown,
                "field": each.field.shown if each.field else None,
                "rows": each.rows,
                "why": each.why.value,
                "reason": say(each.said, cover.language),
                **({"ground": each.ground} if each.ground else {}),
            }
            for each in collected.left_out
        ],
        "by_hand": [
            {
                "source": each.found.source,
                "title": say(each.found.title, cover.language),
                "text": each.found.text or None,
                "looked_at": each.found.at.isoformat(),
                "files": [
                    {"file": file.path, "part": 1, "name": file.name, "bytes": file.size, "sha256": file.sha256}
                    for file in each.files
                ],
            }
            for each in whole.by_hand
        ],
    }


def search_proof(cover: Cover, collected: Collected) -> dict[str, Json]:
    """Return the proof of search: when, and every collection that was searched to the end, with its rows."""
    collections = collected.sources.data_map.collections
    return {
        "format": FORMAT,
        "made_at": cover.made_at.isoformat(),
        "searched": [
            {
                "collection": collections[key].shown,
                "title": say(collections[key].title, cover.language),
                "rows": rows,
                "state": "found" if rows else "empty",
            }
            for key, rows in collected.searched.items()
        ],
    }
