"""Erases again what a backup brought back: finds rows by their tombstones and treats them as the erasure did.

Run it before a restored source goes back into use. Rows are looked for by key and by what led to them, so a new row
that got an old number is not taken for the erased one. A legal hold on everybody keeps what it covers, and the
tombstones stay; whom a hold on one person covers, hashes do not tell.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.record import SYSTEM, record
from portal.audit.source_events import TombstonesApplied
from portal.cases.holds import held_for_everybody
from portal.cases.tombstones import Hasher, Kind, hashes_of, places_with_tombstones, which_stand
from portal.clock import now
from portal.fulfilment.apply import Prepared, carry_out, prepare_named
from portal.fulfilment.brief import legal_hold
from portal.fulfilment.known import Known, Named
from portal.fulfilment.mask import ERASED, KnownValues
from portal.fulfilment.plans import ErasePlan, Key, Part, Proof, digest_of
from portal.sources.alike import Spelling
from portal.sources.connecting import told_as_down
from portal.sources.engines import Reader, Sources
from portal.sources.meeting import compared
from portal.sources.model import Collection, FieldRef, Value
from portal.sources.reading import Found, raw
from portal.sources.values import spelled

BATCH = 500
GRAVES = (Part.OWN, Part.SHARED, Part.MENTION)
"""How rows belong to a person of which a grave tells; what only loses a reference is one of them too."""

SPACES = 16
"""White space beyond single spaces that a word in a text may hold."""


def tombstones_of(hasher: Hasher, prepared: Prepared) -> Iterator[tuple[Kind, str, str, int]]:
    """Yield kind, place, hash and size of the tombstones for what ``prepared`` erases; none where it erases nothing."""
    for grave in prepared.graves:
        where = (grave.collection, grave.part, _spelled(grave.key), grave.field, grave.value)
        yield Kind.ROW, grave.collection, hasher(Kind.ROW, *where), 0
    if prepared.graves:
        for word in prepared.known.words.words:
            plain = _plain(word)
            yield Kind.WORD, "", hasher(Kind.WORD, plain), len(plain)
        for ref, value in prepared.known.all_values():
            yield Kind.VALUE, "", hasher(Kind.VALUE, ref, value), 0


@dataclass(frozen=True, slots=True)
class Again:
    """What was erased again: rows by collection, and the proof; without a proof it was only counted."""

    rows: Mapping[str, int]
    proof: Proof


def erase_restored(session: Session, sources: Sources, *, dry_run: bool = False) -> Again:
    """Erase every row that has a tombstone and is there again.

    Args:
        session: a read session.
        sources: the opened sources.
        dry_run: only count.

    Raises:
        SourceDown: a source does not answer; run it again.
    """
    plan = ErasePlan(hold=legal_hold(held_for_everybody(session, now())))
    prepared = prepare_named(sources, plan, _find(session, sources), now())
    rows: dict[str, int] = defaultdict(int)
    for source, steps in prepared.steps.items():
        for name, updates in steps.updates.items():
            rows[f"{source}.{name}"] += len(updates)
        for name, keys in steps.deletes.items():
            rows[f"{source}.{name}"] += len(keys)
    proof = Proof({}) if dry_run else carry_out(sources, prepared.steps)
    return Again({place: count for place, count in rows.items() if count}, proof)


def note_erased_again(session: Session, again: Again) -> None:
    """Put on record what was erased again, source by source."""
    for source, changes in again.proof.sources.items():
        if changes:
            rows = sum(change.rows for change in changes)
            record(session, TombstonesApplied(source=source, rows=rows, digest=digest_of(changes)), SYSTEM)


def _find(session: Session, sources: Sources) -> Named:
    """Look at every row of every collection that has tombstones, in batches."""
    hasher, found = Hasher(session), {part: defaultdict[str, set[Key]](set) for part in GRAVES}
    with sources.reading() as reader:
        for place in sorted(places_with_tombstones(session) & set(sources.data_map.collections)):
            collection = sources.data_map.collections[place]
            leading = _leading(reader, collection)
            stream = _all_rows(reader, collection, leading)
            while batch := list(islice(stream, BATCH)):
                hashed = {
                    digest: (part, key)
                    for key, row in batch
                    for part, digest in _hashes(hasher, leading, collection, key, row)
                }
                for digest in which_stand(session, place, list(hashed)):
                    part, key = hashed[digest]
                    found[part][place].add(key)
    for place, keys in found[Part.SHARED].items():
        found[Part.OWN][place] |= keys
    return Named(found[Part.OWN], found[Part.SHARED], found[Part.MENTION], _Hashed(session, hasher))


def _all_rows(reader: Reader, collection: Collection, leading: Iterable[str]) -> Iterator[tuple[Key, Found]]:
    table = reader.table(collection)
    names = dict.fromkeys([*collection.primary_key, *leading])
    statement = select(*(raw(table.c[name]) for name in names))
    with told_as_down():
        connection = reader.connection(collection.source)
        with connection.execute(statement, execution_options={"yield_per": BATCH}) as result:
            for each in result.mappings():
                row = cast("Found", dict(each))
                yield tuple(row[name] for name in collection.primary_key), row


def _leading(reader: Reader, collection: Collection) -> dict[str, Spelling]:
    """Return the fields by which a person can be led to a row, identities and where references arrive, each with how
    its values are compared."""
    data_map = reader.sources.data_map
    arriving = {edge.target.field for edge in data_map.edges if edge.target.collection == collection.key}
    names = [each.name for each in collection.fields if each.identity or each.name in arriving]
    return {name: compared(reader, collection, name) for name in names}


def _hashes(
    hasher: Hasher, leading: Mapping[str, Spelling], collection: Collection, key: Key, row: Found
) -> Iterator[tuple[Part, str]]:
    ways = [("", ""), *((name, spell(row[name])) for name, spell in leading.items() if row[name] is not None)]
    for name, said in ways:
        for part in GRAVES:
            yield part, hasher(Kind.ROW, collection.key, part, _spelled(key), name, said)


class _Words(KnownValues):
    """Words of which only the hashes are known: every stretch of a text that may be one is hashed and looked up."""

    def __init__(self, session: Session, hasher: Hasher) -> None:
        super().__init__()
        self._hasher = hasher
        self._sizes = hashes_of(session, Kind.WORD)
        self._longest = max(self._sizes.values(), default=0)

    @property
    def knows_nothing(self) -> bool:
        """Whether there is no word to take out."""
        return not self._sizes

    def is_word(self, text: str) -> bool:
        """Return whether ``text`` is one of the words, in any case and with any white space."""
        plain = _plain(text)
        return self._hasher(Kind.WORD, plain) in self._sizes

    def _plain(self, text: str) -> str:
        clean, at = [], 0
        for start in range(len(text)):
            if start < at or text[start].isspace() or (start and _in_word(text[start - 1])):
                continue
            end = self._end_of_word(text, start)
            if end is not None:
                clean += [text[at:start], ERASED]
                at = end
        return "".join([*clean, text[at:]])

    def _end_of_word(self, text: str, start: int) -> int | None:
        """Return where the longest word that begins at ``start`` ends."""
        sizes = frozenset(self._sizes.values())
        for end in range(min(len(text), start + self._longest + SPACES), start, -1):
            if text[end - 1].isspace() or (end < len(text) and _in_word(text[end])):
                continue
            plain = _plain(text[start:end])
            if len(plain) in sizes and self._hasher(Kind.WORD, plain) in self._sizes:
                return end
        return None


class _Hashed(Known):
    """What is known of those who were erased, by hashes."""

    def __init__(self, session: Session, hasher: Hasher) -> None:
        super().__init__(_Words(session, hasher))
        self._hasher = hasher
        self._hashes = frozenset(hashes_of(session, Kind.VALUE))

    def holds(self, origins: Iterable[FieldRef], value: Value) -> bool:
        """Return whether ``value`` was an erased person's own value of one of the fields ``origins``."""
        return any(self._hasher(Kind.VALUE, origin, spelled(value)) in self._hashes for origin in origins)


def _plain(word: str) -> str:
    return " ".join(word.split()).casefold()


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _spelled(key: Key) -> str:
    return json.dumps([spelled(value) for value in key], ensure_ascii=False)
