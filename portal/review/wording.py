"""What changed between two versions of a letter, paragraph by paragraph and word by word. Pure: knows no case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from html.parser import HTMLParser

OWN_LINE = frozenset({"p", "li", "h2", "h3"})


class Change(StrEnum):
    """What became of some words."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that share a fate."""

    change: Change
    text: str = field(repr=False)


Paragraph = tuple[Piece, ...]


def paragraphs_of(html: str) -> list[str]:
    """Return the text of each paragraph, heading and list item of ``html``, in order; empty ones are left out."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [text for part in reader.parts if (text := " ".join("".join(part).split()))]


def difference(before: Sequence[str], after: Sequence[str]) -> list[Paragraph]:
    """Return the paragraphs that are not the same in both, as they stand ``after``, with what was removed."""
    found: list[Paragraph] = []
    for kind, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        old, new = before[first:last], after[start:end]
        paired = min(len(old), len(new))
        found += [tuple(_pieces(was, says)) for was, says in zip(old, new, strict=False)]
        found += [(Piece(Change.REMOVED, text),) for text in old[paired:]]
        found += [(Piece(Change.ADDED, text),) for text in new[paired:]]
    return found


def _pieces(before: str, after: str) -> Iterator[Piece]:
    old, new = before.split(), after.split()
    for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece(Change.SAME, " ".join(new[start:end]))
            continue
        if last > first:
            yield Piece(Change.REMOVED, " ".join(old[first:last]))
        if end > start:
            yield Piece(Change.ADDED, " ".join(new[start:end]))


class _Reader(HTMLParser):
    """Gathers text by the element that stands on a line of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[list[str]] = [[]]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a new paragraph where ``tag`` does."""
        if tag in OWN_LINE:
            self.parts.append([])

    def handle_data(self, data: str) -> None:
        """Add ``data`` to the paragraph in hand."""
        self.parts[-1].append(data)
