"""Looks at each row while it passes by on its way into a copy: marks it, and takes out what a reviewer hid.

Pure: rows in, rows out. A *mark* is a keyed hash of a row as it would be handed over; the marks of a collection in
order make its *digest*, so that two readings of a source compare without a value being kept.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from typing import cast

from portal.cases.redactions import Hidden, Kind, mark_of, spelled_out
from portal.fulfilment.encoding import Json, as_json
from portal.sources.model import Value
from portal.sources.streaming import Line

HIDDEN = "[…]"
"""What stands where words were taken out of a text."""


def told(value: Value) -> Json:
    """Return ``value`` as JSON tells it; a file by its size and SHA-256."""
    if isinstance(value, bytes | memoryview):
        content = bytes(value)
        return {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    return as_json(value)


def without_words(value: Json, words: Iterable[str]) -> Json:
    """Return ``value`` with each of ``words`` taken out of its texts, at any depth."""
    if isinstance(value, str):
        for word in sorted(words, key=len, reverse=True):
            value = value.replace(word, HIDDEN)
        return value
    if isinstance(value, list):
        return [without_words(each, words) for each in value]
    if isinstance(value, dict):
        return {name: without_words(each, words) for name, each in value.items()}
    return value


@dataclass(slots=True)
class Sieve:
    """What one collection's rows pass through.

    Args:
        key: of the hashes.
        row_key: columns that identify a row; empty where none do, then the whole row does.
        given: columns that would be handed over if nothing were hidden.
        rows: hidden rows by their key.
        values: hidden values by key and column.
        apply: whether what is hidden is taken out, or only looked for.
        covered: columns hidden as a whole: a value hidden in one of them is counted with its column.
        marks: key and mark of each row of the last batch, as they came.
        met: ids of the hidings whose row passed by just as it was when it was hidden.
        hidden: how many rows, or values of a column, were taken out, by column ("" for rows) and ground.
    """

    key: bytes
    row_key: tuple[str, ...]
    given: tuple[str, ...]
    rows: Mapping[str, Hidden]
    values: Mapping[str, Mapping[str, Hidden]]
    apply: bool = True
    covered: frozenset[str] = frozenset()
    marks: list[tuple[str, str]] = field(default_factory=list)
    met: set[str] = field(default_factory=set)
    hidden: Counter[tuple[str, str]] = field(default_factory=Counter)
    _digest: "blake2b | None" = None

    @property
    def seen(self) -> bool:
        """Whether any row has passed by."""
        return self._digest is not None

    @property
    def digest(self) -> str:
        """The digest of what has passed by so far."""
        return self._running().hexdigest()

    def sift(self, wanted: Sequence[str], lines: Sequence[Line]) -> list[Line]:
        """Return ``lines`` (in the order of ``wanted``) without what is hidden, and note their marks."""
        place = {name: number for number, name in enumerate(wanted)}
        self.marks.clear()
        kept: list[Line] = []
        for line in lines:
            given = [told(line[place[name]]) for name in self.given]
            mark = mark_of(self.key, given)
            row = spelled_out([told(line[place[name]]) for name in self.row_key] or ["#", mark])
            self.marks.append((row, mark))
            self._running().update(bytes.fromhex(mark))
            values = self.values.get(row, {})
            for name, each in values.items():
                if name in place:
                    self._meet(each, mark_of(self.key, [told(line[place[name]])]))
            if (whole := self.rows.get(row)) is not None:
                self._meet(whole, mark)
            if not self.apply:
                kept.append(line)
            elif whole is not None:
                self.hidden["", whole.ground] += 1
            else:
                kept.append(self._emptied(line, place, values) if values else line)
        return kept

    def _emptied(self, line: Line, place: Mapping[str, int], hidden: Mapping[str, Hidden]) -> Line:
        new = list(line)
        for name, each in hidden.items():
            if name in self.given and name not in self.covered:
                self.hidden[name, each.ground] += 1
                words = each.target.words
                new[place[name]] = cast("Value", without_words(told(line[place[name]]), words)) if words else None
        return cast("Line", tuple(new))

    def _meet(self, each: Hidden, mark: str) -> None:
        if each.target.hash == mark:
            self.met.add(each.id)

    def _running(self) -> blake2b:
        if self._digest is None:
            self._digest = blake2b(key=self.key, digest_size=16)
        return self._digest


class Watch:
    """What passes into a copy is looked at: hidings of a case, and the sieve of each collection.

    Args:
        key: of the hashes (``cases.redactions.hash_key``).
        hidden: the hidings that stand.
        apply: False only marks rows and looks whether hidings still fit; nothing is taken out.
    """

    def __init__(self, key: bytes, hidden: Sequence[Hidden], *, apply: bool = True) -> None:
        self.key, self.hidden, self.apply = key, tuple(hidden), apply
        self.sieves: dict[str, Sieve] = {}

    def columns(self, collection: str) -> dict[str, Hidden]:
        """Return the hidden columns of ``collection``."""
        return self._of(collection, lambda each: each.target.kind is Kind.COLUMN) if self.apply else {}

    def sieve(self, collection: str, row_key: Sequence[str], given: Sequence[str]) -> Sieve:
        """Return the sieve that the rows of ``collection`` pass through from now on."""
        here = [each for each in self.hidden if each.target.collection == collection and each.target.row]
        rows = {each.target.row: each for each in here if each.target.kind is Kind.ROW}
        values: dict[str, dict[str, Hidden]] = {}
        for each in here:
            if each.target.kind in {Kind.VALUE, Kind.WORDS}:
                values.setdefault(each.target.row, {})[each.target.column] = each
        covered = frozenset(self.columns(collection))
        found = Sieve(self.key, tuple(row_key), tuple(given), rows, values, self.apply, covered)
        self.sieves[collection] = found
        return found

    @property
    def stale(self) -> list[str]:
        """Ids of hidings in what passed by whose row is not as it was when it was hidden, or is gone."""
        pinned = [each for each in self.hidden if each.target.row and self._seen(each.target.collection)]
        return [each.id for each in pinned if each.id not in self.sieves[each.target.collection].met]

    def unlike(self, looked: Mapping[str, str]) -> list[str]:
        """Return the collections that are not, row by row, as they were when they were looked through."""
        return [key for key, sieve in self.sieves.items() if sieve.seen and looked.get(key) != sieve.digest]

    def _seen(self, collection: str) -> bool:
        return collection in self.sieves and self.sieves[collection].seen

    def _of(self, collection: str, holds: Callable[[Hidden], bool]) -> dict[str, Hidden]:
        here = (each for each in self.hidden if each.target.collection == collection and holds(each))
        return {each.target.column: each for each in here}
