"""One part of a package: a ZIP by itself. CSV goes out at once; JSON, pages and files wait encrypted for their turn."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from types import TracebackType

import orjson

from portal.fulfilment.archive import Archive
from portal.fulfilment.collect import Columns
from portal.fulfilment.columns import Told, csv_lines, exact, json_lines, one_by_one, spelled
from portal.fulfilment.encoding import PICTURES, Json, as_json, kind_of, plain_name, schema_of, suffix_of
from portal.fulfilment.package_pages import Cover, render_page
from portal.fulfilment.parts import PartSink, Track
from portal.fulfilment.readable import Cells, Readable, Table
from portal.fulfilment.spool import Spool
from portal.sources.model import Collection, Value, say

FORMAT = "privacy-portal-package/1"

JSON_TO_CSV = 1.2
"""How much larger the packed JSON of some rows is than their packed CSV, about."""


class Part:
    """The part being written.

    Args:
        track: the stored file that it is a part of.
        cover: what the package says about itself.
        numbers: numbers for its files.
    """

    def __init__(self, track: Track, cover: Cover, numbers: Iterator[int]) -> None:
        self.sink = PartSink(track)
        self.archive = Archive(self.sink, cover.made_at)
        self.cover = cover
        self.tables: list[Table] = []
        self.seen: list[tuple[Collection, dict[str, set[str]]]] = []
        """Its collections, each with the kinds of values that its fields hold."""
        self._data, self._numbers = Spool(), numbers
        self._cells = Cells(""), Cells("../")
        self._packed_csv = 0

    def __enter__(self) -> "Part":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._data.close()
        self.archive.abandon()

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return sum(table.total for table in self.tables)

    def is_full(self, size: int | None, waiting: float = 0) -> bool:
        """Return whether it weighs ``size`` bytes, about, with ``waiting`` bytes that are yet to come."""
        return size is not None and self.sink.size + self._packed_csv * JSON_TO_CSV + waiting >= size

    def add(self, collection: Collection, batches: Iterator[Columns], before: int, size: int | None) -> int:
        """Write rows of one collection until there are no more or the part is full; return how many.

        Args:
            collection: whose rows.
            batches: the rows; what is not taken stays in it.
            before: how many of its rows stand in earlier parts.
            size: see ``is_full``.
        """
        names = [each.shown for each in collection.fields]
        kinds: dict[str, set[str]] = {name: set() for name in names}
        titles = [say(each.title, self.cover.language) or each.shown for each in collection.fields]
        path = self.archive.free(f"csv/{plain_name(collection.shown)}.csv")
        table = Table(collection.shown, say(collection.title, self.cover.language), path, titles, before)
        self._open_json(collection.shown)
        with Readable(self._cells) as readable, _Files(self.archive, collection, self._numbers) as files:
            start = self.sink.size
            with self.archive.entry(path) as target:
                target.text("\ufeff")
                target.write(csv_lines([spelled(one_by_one([name])) for name in names]))
                for columns in batches:
                    told = [files.exact(name, column, kinds[name]) for name, column in zip(names, columns, strict=True)]
                    lines = [spelled(each) for each in told]
                    target.write(csv_lines(lines))
                    self._data.write((b",\n" if table.total else b"\n") + json_lines(names, lines))
                    readable.take([each.values for each in told])
                    table.total += len(columns[0])
                    if self.is_full(size, files.size + JSON_TO_CSV * (self.sink.size - start)):
                        break
                target.rows = table.total
            self._packed_csv += self.sink.size - start
            files.write()
            self._write_pages(readable, table)
        self._data.write(b"\n]")
        self.tables.append(table)
        self.seen.append((collection, kinds))
        return table.total

    def write_data(self, head: dict[str, Json]) -> None:
        """Write ``data.json`` out of the spool, after ``head``."""
        with self.archive.entry("data.json") as target:
            target.rows = self.rows
            target.text(json.dumps(head, ensure_ascii=False, indent=1).rstrip("}\n") + ',\n "collections": {')
            for chunk in self._data.read():
                target.write(chunk)
            target.text("\n}}\n")

    def write_schema(self) -> None:
        """Write ``schema.json``."""
        schemas: dict[str, Json] = {
            each.shown: schema_of(each, kinds, self.cover.language) for each, kinds in self.seen
        }
        schema: dict[str, Json] = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": FORMAT,
            "type": "object",
            "properties": {"collections": {"type": "object", "properties": schemas}},
        }
        with self.archive.entry("schema.json") as target:
            target.write(orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))

    def write_manifest(self, number: int, of: int) -> None:
        """Write ``manifest.json``; the part is the one with this ``number`` of so many."""
        files = [
            {"path": fact.path, "bytes": fact.size, "sha256": fact.sha256, "rows": fact.rows}
            for fact in self.archive.facts
        ]
        made_at = self.cover.made_at.isoformat()
        content = {"format": FORMAT, "made_at": made_at, "part": number, "parts": of, "files": files}
        with self.archive.entry("manifest.json") as target:
            target.text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")

    def _write_pages(self, readable: Readable, table: Table) -> None:
        readable.shown(table, f"pages/{table.path.removeprefix('csv/').removesuffix('.csv')}")
        for number, page in enumerate(readable.pages() if table.pages else (), 1):
            with self.archive.entry(table.pages[number - 1]) as target:
                target.text(render_page(self.cover, table, page, number))

    def _open_json(self, key: str) -> None:
        self._data.write((("," if self.tables else "") + f"\n{json.dumps(key)}: [").encode())


class _Files:
    """Photos and documents that stand in the rows of one collection: they follow when its rows are written."""

    def __init__(self, archive: Archive, collection: Collection, numbers: Iterator[int]) -> None:
        self._archive, self._numbers = archive, numbers
        self._folder = plain_name(collection.shown)
        self._contents = Spool()
        self._waiting: list[tuple[str, int]] = []

    def __enter__(self) -> "_Files":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._contents.close()

    @property
    def size(self) -> int:
        """Bytes that wait."""
        return self._contents.size

    def exact(self, name: str, column: Sequence[Value], kinds: set[str]) -> Told:
        """Return the values of one field as JSON has them, note their ``kinds``, and keep files for later."""
        types = frozenset(map(type, column))
        kinds.update(map(kind_of, types))
        if "object:file" not in kinds:
            told = exact(column, types)
            if float in types and str in told.kinds - types:  # NaN or Infinity, for which JSON has no number
                kinds.add("string")
            return told
        return one_by_one(
            [
                self._file(name, bytes(value)) if isinstance(value, bytes | memoryview) else as_json(value)
                for value in column
            ]
        )

    def write(self) -> None:
        """Write every file that waits."""
        chunks = self._contents.read()
        left = b""
        for path, size in self._waiting:
            with self._archive.entry(path, packed=path.rpartition(".")[2] not in PICTURES) as target:
                while size:
                    left = left or next(chunks)
                    target.write(left[:size])
                    size, left = size - len(left[:size]), left[size:]

    def _file(self, name: str, content: bytes) -> Json:
        path = f"files/{self._folder}/{next(self._numbers):06d}-{plain_name(name)}.{suffix_of(content)}"
        self._contents.write(content)
        self._waiting.append((path, len(content)))
        return {"file": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
