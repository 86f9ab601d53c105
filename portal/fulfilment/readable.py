"""The rows of a collection as people read them: a few on the contents page, many on pages of their own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import islice
from types import TracebackType
from typing import cast

from flask_babel import gettext as _
from markupsafe import Markup

from portal.fulfilment.encoding import PICTURES, Json, as_text
from portal.fulfilment.spool import Spool

INLINE = 200
"""A collection of so many rows stands on the contents page as a whole."""

EXCERPT = 20
"""Rows of a larger one that stand there."""

PAGE_ROWS, PAGE_BYTES = 500, 256 << 10
"""What one page holds at most."""

MOST_PAGES = 10
"""Pages of one collection: nobody turns more of them; the CSV file and ``data.json`` hold every row."""

SHOWN_TEXT = 3000
"""Characters of one value that a page shows."""


_MARKS = re.compile("[&<>\"']")
_BETWEEN = "\x1e"


@dataclass(slots=True)
class Table:
    """One collection in one part of a package.

    Args:
        key: the collection's key.
        title: what it is called.
        path: its CSV file.
        columns: titles of the fields.
        first: how many of its rows stand in the parts before.
        total: its rows in this part.
        rows: those that the contents page shows.
        pages: paths of its pages; none where the contents page shows all.
        paged: how many rows those hold.
        split: other parts hold rows of the same collection.
    """

    key: str
    title: str
    path: str
    columns: list[str]
    first: int = 0
    total: int = 0
    rows: list[Markup] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    paged: int = 0
    split: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows: how many stand before it, and the rows themselves."""

    before: int
    count: int
    rows: Markup


class Readable:
    """Takes the rows of one collection as they pass by; those for pages wait encrypted.

    Args:
        cells: what turns values into cells, on the contents page and on the pages below it.
    """

    def __init__(self, cells: "tuple[Cells, Cells]") -> None:
        self.inline: list[Markup] = []
        self._spool = Spool()
        self._sizes: list[tuple[int, int]] = []  # rows and bytes of each page
        self._full = False
        self._cells, self._cells_below = cells

    def __enter__(self) -> "Readable":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.close()

    def take(self, columns: Sequence[Sequence[Json]]) -> None:
        """Take some rows, given by their columns, as many as are ever shown."""
        missing = INLINE + 1 - len(self.inline)
        if missing > 0:
            self.inline += map(Markup, self._cells.lines(_first(columns, missing)))
        if not self._full:
            self._spool.write(b"".join(self._paged(columns)))

    def _paged(self, columns: Sequence[Sequence[Json]]) -> Iterator[bytes]:
        """Yield the lines of the pages that there is still room for."""
        for line in self._cells_below.lines(columns):
            content = line.encode("utf-8", "replace")
            rows, size = self._sizes[-1] if self._sizes else (PAGE_ROWS, 0)
            if rows == PAGE_ROWS or size + len(content) > PAGE_BYTES:
                if len(self._sizes) == MOST_PAGES:
                    self._full = True
                    return
                rows, size = 0, 0
                self._sizes.append((rows, size))
            self._sizes[-1] = (rows + 1, size + len(content))
            yield content

    def shown(self, table: Table, stem: str) -> None:
        """Tell ``table`` what of it is shown, and where."""
        if table.total <= INLINE:
            table.rows = self.inline
            return
        table.rows = self.inline[:EXCERPT]
        table.pages = [f"{stem}-{number}.html" for number in range(1, len(self._sizes) + 1)]
        table.paged = sum(rows for rows, _size in self._sizes)

    def pages(self) -> Iterator[Page]:
        """Yield the pages in order."""
        chunks, left, before = self._spool.read(), b"", 0
        for rows, size in self._sizes:
            while len(left) < size:
                left += next(chunks)
            yield Page(before, rows, Markup(left[:size].decode()))  # noqa: S704 - every value was escaped in ``Cells``
            left, before = left[size:], before + rows


class Cells:
    """Turns values into cells; ``up`` leads from the page to where the files are."""

    def __init__(self, up: str) -> None:
        self._up = up
        missing, rest = escape(_("no value")), escape(_("(the rest is in the CSV file)"))
        self._none = f'<td class="none"><span aria-label="{missing}">–</span></td>'
        self._cut = f"… <em>{rest}</em></td>"

    def lines(self, columns: Sequence[Sequence[Json]]) -> Iterator[str]:
        """Yield each row of ``columns`` as a line of a table."""
        cells = [self._column(column) for column in columns]
        for line in zip(*cells, strict=True):
            yield f"<tr>{''.join(line)}</tr>\n"

    def _column(self, column: Sequence[Json]) -> list[str]:
        kinds = set(map(type, column))
        if kinds <= {int, float}:
            return [f"<td>{value!r}</td>" for value in column]
        if kinds == {str} and (texts := _escaped(cast("Sequence[str]", column))):
            return [f"<td>{text}</td>" for text in texts]
        return [self._cell(value) for value in column]

    def _cell(self, value: Json) -> str:
        if value is None:
            return self._none
        if isinstance(value, str) and len(value) <= SHOWN_TEXT:
            return f"<td>{escape(value) if _MARKS.search(value) else value}</td>"
        if isinstance(value, dict) and set(value) == {"file", "bytes", "sha256"}:
            return self._file(str(value["file"]))
        text = as_text(value) or ""
        if len(text) > SHOWN_TEXT:
            return f"<td>{escape(text[:SHOWN_TEXT])}{self._cut}"
        return f"<td>{escape(text)}</td>"

    def _file(self, path: str) -> str:
        name = path.rpartition("/")[2]
        target = escape(self._up + path)
        if path.rpartition(".")[2] not in PICTURES:
            return f'<td><a href="{target}">{escape(name)}</a></td>'
        words = escape(_("Picture %(name)s", name=name))
        return f'<td><a href="{target}"><img src="{target}" alt="{words}" loading="lazy"></a></td>'


def _escaped(texts: Sequence[str]) -> Sequence[str]:
    """Return ``texts`` as HTML, all looked at together; nothing where each has to be looked at by itself."""
    together = _BETWEEN.join(texts)
    if together.count(_BETWEEN) != len(texts) - 1 or max(map(len, texts)) > SHOWN_TEXT:
        return ()
    return escape(together).split(_BETWEEN) if _MARKS.search(together) else texts


def _first(columns: Sequence[Sequence[Json]], number: int) -> list[list[Json]]:
    return [list(islice(column, number)) for column in columns]
