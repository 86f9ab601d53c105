"""What a trial copy holds, page by page, as the desk shows it; and what the ticks on a page name.

Content comes from the sealed file that the worker prepared, one page at a time; no source is read here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from portal.cases.models import Case
from portal.cases.redactions import Hidden, Kind, Target, hash_key, hidden_of, mark_of
from portal.cases.trial import TrialCopy, contents_of
from portal.errors import NotYours
from portal.files.keys import Purpose, data_key
from portal.files.vault import Vault
from portal.review.findings import in_language

Place = tuple[int, int]
"""Numbers of a part and of a page in it."""


@dataclass(frozen=True, slots=True)
class PartLine:
    """One collection of a trial copy, as the overview lists it."""

    number: int
    title: str
    rows: int
    hidden: int
    spots: tuple[int, ...]  # numbers of the pages with suggestions
    changed: tuple[int, ...]  # numbers of the pages with rows that changed since the last look


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: its text in pieces, those that may name somebody marked."""

    number: int
    title: str
    pieces: tuple[tuple[str, bool], ...] = field(repr=False)
    hidden: Hidden | None = None

    @property
    def suggested(self) -> bool:
        """Whether something in it may name somebody."""
        return any(marked for _text, marked in self.pieces)


@dataclass(frozen=True, slots=True)
class Line:
    """One row."""

    number: int
    cells: tuple[Cell, ...] = field(repr=False)
    changed: bool
    hidden: Hidden | None

    @property
    def suggested(self) -> bool:
        """Whether something in it may name somebody."""
        return any(cell.suggested for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of one collection. ``columns`` are number, title and the hiding that stands, if one does."""

    part: int
    number: int
    pages: int
    title: str
    rows: int
    lines: tuple[Line, ...] = field(repr=False)
    columns: tuple[tuple[int, str, Hidden | None], ...]
    next_spot: tuple[int, int] | None  # part and page of the next suggestion behind this page


def parts_of_copy(session: Session, case: Case, copy: TrialCopy, language: str) -> list[PartLine]:
    """Return the collections of ``copy``."""
    hidden = hidden_of(session, case)
    return [
        PartLine(
            number=number,
            title=in_language(part["title"], language),
            rows=part["rows"],
            hidden=sum(each.target.collection == part["key"] for each in hidden),
            spots=tuple(part["spots"]),
            changed=tuple(part["changed"]),
        )
        for number, part in enumerate(contents_of(session, copy)["parts"])
    ]


def stale_of(session: Session, case: Case, copy: TrialCopy, language: str) -> list[tuple[Hidden, str]]:
    """Return the hidings whose row is not as it was when it was hidden, each with the title of its collection."""
    contents = contents_of(session, copy)
    titles = {part["key"]: in_language(part["title"], language) for part in contents["parts"]}
    stale = set(contents["stale"])
    return [(each, titles.get(each.target.collection, "")) for each in hidden_of(session, case) if each.id in stale]


def page_of_copy(session: Session, case: Case, copy: TrialCopy, place: Place, language: str) -> Page:
    """Return one page of ``copy``, by the numbers of its part and of the page in it.

    Raises:
        NotYours: there is no such page.
    """
    part_number, number = place
    parts = contents_of(session, copy)["parts"]
    part = _part(parts, place)
    hidden = [each for each in hidden_of(session, case) if each.target.collection == part["key"]]
    at = {(each.target.column, each.target.row): each for each in hidden}
    titles = [in_language(each["title"], language) or each["name"] for each in part["fields"]]
    names = [each["name"] for each in part["fields"]]
    lines = []
    for count, row in enumerate(_rows(session, copy, part, number)):
        marked = {int(column): tuple(words) for column, words in row["s"].items()}
        cells = (
            Cell(column, titles[column], tuple(_pieces(_text(value), marked.get(column, ()))), at.get((name, row["k"])))
            for column, (name, value) in enumerate(zip(names, row["v"], strict=True))
        )
        lines.append(Line(count, tuple(cells), row["c"], at.get(("", row["k"]))))
    return Page(
        part=part_number,
        number=number,
        pages=len(part["pages"]),
        title=in_language(part["title"], language),
        rows=part["rows"],
        lines=tuple(lines),
        columns=tuple((column, titles[column], at.get((name, ""))) for column, name in enumerate(names)),
        next_spot=_next_spot(parts, place),
    )


def targets_of(
    session: Session, case: Case, copy: TrialCopy, place: Place, picks: Sequence[str], *, only_names: bool
) -> list[Target]:
    """Return what ``picks`` of a page name: ``row-3``, ``value-3-2``, ``column-2``.

    Args:
        session: any session.
        case: the case.
        copy: the trial copy that was looked at.
        place: numbers of the part and of the page.
        picks: as the form sends them; those that name nothing are left out.
        only_names: of a value in which names are suggested, hide these and not the whole value.

    Raises:
        NotYours: there is no such page.
    """
    part = _part(contents_of(session, copy)["parts"], place)
    rows = _rows(session, copy, part, place[1])
    key, names = hash_key(session, case), [each["name"] for each in part["fields"]]
    found: dict[tuple[str, str, str], Target] = {}
    for pick in picks:
        target = _target(pick, part["key"], rows, names, key, only_names)
        if target is not None:
            found[target.place] = target
    return list(found.values())


def _target(
    pick: str, collection: str, rows: Sequence[Mapping[str, Any]], names: Sequence[str], key: bytes, only_names: bool
) -> Target | None:
    kind, *said = pick.split("-")
    numbers = [int(each) for each in said if each.isascii() and each.isdigit() and len(each) < 6]
    match kind, numbers:
        case "column", [column] if column < len(names):
            return Target(Kind.COLUMN, collection, names[column])
        case "row", [count] if count < len(rows):
            return Target(Kind.ROW, collection, "", rows[count]["k"], rows[count]["m"])
        case "value", [count, column] if count < len(rows) and column < len(names):
            row = rows[count]
            words = tuple(row["s"].get(str(column), ())) if only_names else ()
            mark = mark_of(key, [row["v"][column]])
            return Target(Kind.WORDS if words else Kind.VALUE, collection, names[column], row["k"], mark, words)
    return None


def _part(parts: Sequence[Mapping[str, Any]], place: Place) -> Mapping[str, Any]:
    part, page = place
    if part >= len(parts) or page >= len(parts[part]["pages"]):
        raise NotYours
    return parts[part]


def _rows(session: Session, copy: TrialCopy, part: Mapping[str, Any], number: int) -> list[dict[str, Any]]:
    vault: Vault = session.info["vault"]
    start, stop = part["pages"][number]
    key = data_key(session, copy.id, Purpose.DECISION)
    found: list[dict[str, Any]] = json.loads(b"".join(vault.read(str(copy.file), key, copy.id, start, stop)))
    return found


def _next_spot(parts: Sequence[Mapping[str, Any]], place: Place) -> tuple[int, int] | None:
    spots = ((number, page) for number, part in enumerate(parts) for page in part["spots"])
    return next((spot for spot in spots if spot > place), None)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False)


def _pieces(text: str, words: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield ``text`` in pieces, each with whether it is one of ``words``."""
    place = 0
    while words and place < len(text):
        starts = [(start, -len(word), word) for word in words if (start := text.find(word, place)) >= 0]
        if not starts:
            break
        start, _length, word = min(starts)
        if start > place:
            yield text[place:start], False
        yield word, True
        place = start + len(word)
    if place < len(text):
        yield text[place:], False
