"""Writes what was collected as a ZIP, in one pass over the sources and in bounded memory.

``data.json`` is exact, the CSV files are safe in a spreadsheet, ``schema.json`` explains both, ``index.html`` is for
reading, ``manifest.json`` proves that nothing is missing. The words stand in ``templates/package``.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import orjson

from portal.fulfilment.archive import Archive, FileFact, Sink
from portal.fulfilment.collect import Collected, Columns
from portal.fulfilment.columns import csv_lines, exact, json_lines
from portal.fulfilment.encoding import PICTURES, Json, as_json, as_text, kind_of, schema_of, suffix_of
from portal.fulfilment.package_pages import Cell, Cover, Table, render_index, render_readme
from portal.fulfilment.spool import Spool
from portal.sources.model import Collection, Value, say

FORMAT = "privacy-portal-package/1"
SHOWN_ROWS = 200
"""Rows of a collection that the readable page shows; the files hold all of them."""

SHOWN_TEXT = 3000
"""Characters of one value that the readable page shows."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What was written.

    Args:
        files: each file with size, SHA-256 and rows.
        rows: rows by collection key.
        left_out: how many kinds of things were left out (each told in the package).
    """

    files: tuple[FileFact, ...]
    rows: Mapping[str, int]
    left_out: int


def write_package(sink: Sink, collected: Collected, cover: Cover) -> Packed:
    """Write the package to ``sink``; needs an app context with the person's language forced.

    Raises:
        SourceDown: a source stopped half-way; what the sink holds is then no package and must be dropped.
    """
    with Archive(sink, cover.made_at) as archive, Spool() as data:
        packing = _Packing(archive, data, cover)
        for collection, stream in collected.tables():
            if cover.copy:
                packing.add(collection, stream)
            else:
                for _ in stream:
                    pass  # counted for the information of Art. 15(1); no copy was asked
        if cover.copy:
            packing.finish_data(collected)
        with archive.entry("index.html") as page:
            page.text(render_index(cover, collected, packing.tables))
        with archive.entry("README.txt") as page:
            page.text(render_readme(cover))
        _write_manifest(archive, cover)
    rows = {key: tally.rows for key, tally in collected.tallies.items() if tally.rows}
    return Packed(tuple(archive.facts), rows, len(collected.left_out))


@dataclass(slots=True)
class _Packing:
    """The package while its collections pass by: CSV goes out at once, JSON waits encrypted in the spool."""

    archive: Archive
    data: Spool
    cover: Cover
    tables: list[Table] = field(default_factory=list)
    schemas: dict[str, Json] = field(default_factory=dict)
    files: int = 0

    def add(self, collection: Collection, batches: Iterator[Columns]) -> None:
        """Write every row of one collection."""
        names = [each.name for each in collection.fields]
        kinds: dict[str, set[str]] = {name: set() for name in names}
        titles = [say(each.title, self.cover.language) or each.name for each in collection.fields]
        path = self.archive.free(f"csv/{_plain(collection.key)}.csv")
        table = Table(say(collection.title, self.cover.language), path, titles)
        self._open_json(collection.key)
        with Spool() as contents:
            waiting: list[tuple[str, int]] = []
            with self.archive.entry(path) as target:
                target.text("\ufeff")
                target.write(csv_lines([[name] for name in names]))
                for columns in batches:
                    for name, column in zip(names, columns, strict=True):
                        kinds[name].update(map(kind_of, set(map(type, column))))
                    told = [
                        self._exact(collection, name, column, kinds[name], contents, waiting)
                        for name, column in zip(names, columns, strict=True)
                    ]
                    target.write(csv_lines(told))
                    self.data.write((b",\n" if table.total else b"\n") + json_lines(names, told))
                    for line in islice(zip(*told, strict=True), max(SHOWN_ROWS - table.total, 0)):
                        table.rows.append([_cell(value) for value in line])
                    table.total += len(told[0])
                target.rows = table.total
            self._write_files(contents, waiting)
        self.data.write(b"\n]")
        self.tables.append(table)
        self.schemas[collection.key] = schema_of(collection, kinds, self.cover.language)

    def finish_data(self, collected: Collected) -> None:
        """Write ``data.json`` out of the spool, and ``schema.json``."""
        head: dict[str, Json] = {
            "format": FORMAT,
            "right": self.cover.right,
            "reference": self.cover.reference,
            "made_at": self.cover.made_at.isoformat(),
            "searched": dict(collected.searched),
            "left_out": [
                {
                    "collection": each.collection.key,
                    "field": each.field.name if each.field else None,
                    "rows": each.rows,
                    "why": each.why.value,
                    "reason": say(each.said, self.cover.language),
                    **({"ground": each.ground} if each.ground else {}),
                }
                for each in collected.left_out
            ],
        }
        with self.archive.entry("data.json") as target:
            target.rows = sum(table.total for table in self.tables)
            target.text(json.dumps(head, ensure_ascii=False, indent=1).rstrip("}\n") + ',\n "collections": {')
            for chunk in self.data.read():
                target.write(chunk)
            target.text("\n}}\n")
        schema: dict[str, Json] = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": FORMAT,
            "type": "object",
            "properties": {"collections": {"type": "object", "properties": self.schemas}},
        }
        with self.archive.entry("schema.json") as target:
            target.write(orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))

    def _open_json(self, key: str) -> None:
        self.data.write((("," if self.tables else "") + f"\n{json.dumps(key)}: [").encode())

    def _exact(
        self,
        collection: Collection,
        name: str,
        column: Sequence[Value],
        kinds: set[str],
        contents: Spool,
        waiting: list[tuple[str, int]],
    ) -> Sequence[Json]:
        if "object:file" not in kinds:
            return exact(column)
        return [
            self._file(collection, name, bytes(value), contents, waiting)
            if isinstance(value, bytes | memoryview)
            else as_json(value)
            for value in column
        ]

    def _file(
        self, collection: Collection, name: str, content: bytes, contents: Spool, waiting: list[tuple[str, int]]
    ) -> Json:
        self.files += 1
        path = f"files/{_plain(collection.key)}/{self.files:06d}-{_plain(name)}.{suffix_of(content)}"
        contents.write(content)
        waiting.append((path, len(content)))
        return {"file": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    def _write_files(self, contents: Spool, waiting: list[tuple[str, int]]) -> None:
        chunks = contents.read()
        left = b""
        for path, size in waiting:
            with self.archive.entry(path, packed=path.rpartition(".")[2] not in PICTURES) as target:
                while size:
                    left = left or next(chunks)
                    target.write(left[:size])
                    size, left = size - len(left[:size]), left[size:]


def _write_manifest(archive: Archive, cover: Cover) -> None:
    files = [
        {"path": fact.path, "bytes": fact.size, "sha256": fact.sha256, "rows": fact.rows} for fact in archive.facts
    ]
    content = {"format": FORMAT, "made_at": cover.made_at.isoformat(), "files": files}
    with archive.entry("manifest.json") as target:
        target.text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def _cell(value: Json) -> Cell:
    if isinstance(value, dict) and set(value) == {"file", "bytes", "sha256"}:
        path = str(value["file"])
        return Cell(text=path.rpartition("/")[2], file=path, picture=path.rpartition(".")[2] in PICTURES)
    text = as_text(value) or ""
    return Cell(text=text[:SHOWN_TEXT], cut=len(text) > SHOWN_TEXT, missing=value is None)


def _plain(name: str) -> str:
    """Return ``name`` with only letters, digits, dots, dashes and underscores: safe as a part of a path anywhere."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "_"
