"""Keeps the databases' own references whole while rows are erased: what stays never points at what is gone.

A row that something else still needs is not deleted: a shared one stays as it is, the person's own is emptied of
everything but its key. References from the person's other rows are cut where the column allows it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import Connection, Table, select

from portal.fulfilment.emptying import already_empty, emptied
from portal.fulfilment.known import Named
from portal.fulfilment.order import write_order
from portal.fulfilment.plans import Key
from portal.fulfilment.rings import MARIADB, loose_columns
from portal.fulfilment.steps import key_in
from portal.sources.across import references_of
from portal.sources.alike import bare, spelling
from portal.sources.engines import ForeignKey, Reader
from portal.sources.model import Collection, Value
from portal.sources.outside import outside_of, outside_table, tells_outside
from portal.sources.reach import Reach
from portal.sources.reading import Found, is_own, looked_at, raw
from portal.sources.turns import first_in_turn

CHUNK = 500


@dataclass(slots=True)
class Fates:
    """What is to happen to the rows of one source, by table.

    Args:
        deletes: rows to be deleted: key to the values that references need.
        changes: new values by key, for rows that stay.
        emptied: keys of own rows that cannot go and lose their content instead.
        unsure: keys of own rows that may not be able to go, and lose their content instead.
        shared: keys of rows that stay because others use them too.
        cut: keys of rows that stay and lose a reference.
    """

    deletes: dict[str, dict[Key, Found]] = field(default_factory=lambda: defaultdict(dict))
    changes: dict[str, dict[Key, dict[str, Value]]] = field(default_factory=lambda: defaultdict(dict))
    emptied: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    unsure: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    shared: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    cut: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))


class Settling:
    """Settles the references among all sources before anything is written.

    Each source is changed in a transaction of its own: a reference to another source stands until its own is changed.

    Args:
        reader: the open read transactions.
        reaches: how far the person reaches, without mentions and with them.
        fates: what is to happen, by source; changed in place.
        untouched: keys of collections in which nothing may be written: what their rows need stays too.
        named: the rows to erase, where these are known by their keys and nobody is looked for any more.
    """

    def __init__(
        self,
        reader: Reader,
        reaches: tuple[Reach, Reach],
        fates: dict[str, Fates],
        untouched: frozenset[str] = frozenset(),
        named: Named | None = None,
    ) -> None:
        self.reader = reader
        self.collections = reader.sources.data_map.collections
        self.own, self.full = reaches
        self.fates = fates
        self.untouched = untouched
        self.named = named
        found = dict.fromkeys(fk for key in list(fates) for fk in references_of(reader, key) if self._is_known(fk))
        outside = dict.fromkeys(fk for key in list(fates) for fk in outside_of(reader, key))
        self.references = [fk for fk in (*found, *outside) if _parent(fk) in self.collections]
        self.outside = frozenset(outside)
        order = write_order(reader)
        ours = [fk for fk in self.references if fk not in self.outside]
        self.late = {fk for fk in ours if order.index(fk.source) > order.index(fk.parent_source)} | self.outside

    def _is_known(self, fk: ForeignKey) -> bool:
        """Return whether ``fk`` is none of those that ``outside_of`` tells."""
        return _child(fk) in self.collections or not tells_outside(self.reader.sources[fk.source])

    def settle(self) -> None:
        """Go round until nothing that stays needs anything that goes.

        References are cut last: by then it is known which rows stay anyway, and a reference to those is left alone.
        What an earlier erasure emptied is not emptied again.
        """
        for resolve in (self._keep, self._cut):
            again = True
            while again:
                again = False
                for fk in self.references:
                    for child, parent in list(self._staying(fk)):
                        again |= resolve(fk, child, parent)
        for source, fates in self.fates.items():
            for name, keys in (*fates.emptied.items(), *fates.unsure.items()):
                for key in already_empty(self.reader, self.collections[f"{source}.{name}"], keys, fates.changes[name]):
                    del fates.changes[name][key]

    def ordered(self, source: str) -> dict[str, list[Key]]:
        """Return the keys to delete in ``source``: tables children first, within a table the deepest rows first."""
        parents: dict[str, set[str]] = defaultdict(set)
        for fk in self.references:
            if fk.source == fk.parent_source == source and fk.table != fk.parent:
                parents[fk.table].add(fk.parent)
        order: list[str] = []
        waiting = [name for name, rows in self.fates[source].deletes.items() if rows]
        while waiting:
            free = [name for name in waiting if not any(name in parents[other] for other in waiting if other != name)]
            free = free or [self._first_of_ring(source, waiting)]
            order.append(first_in_turn(source, free, waiting, self.collections))
            waiting.remove(order[-1])
        return {name: self._deepest_first(source, name) for name in order}

    def _first_of_ring(self, source: str, waiting: Sequence[str]) -> str:
        """Return which of the tables that refer to one another goes first: one whose references can all be emptied."""
        tight = {
            fk.parent
            for fk in self.references
            if fk.source == fk.parent_source == source
            and fk.table in waiting
            and fk.table != fk.parent
            and self._is_tight(fk)
        }
        return next((name for name in waiting if name not in tight), waiting[0])

    def _staying(self, fk: ForeignKey) -> Iterator[tuple[Found, Key]]:
        """Yield every row that stays and refers by ``fk`` to a row that goes, with that row's key."""
        going = self.fates[fk.parent_source].deletes.get(fk.parent) if fk.parent_source in self.fates else None
        if not going:
            return
        if not fk.readable:
            yield from (({}, key) for key in going)
            return
        above = self._table(fk.parent_source, fk.parent)
        targets = {_same(above, fk, row, fk.parent_columns): key for key, row in going.items()}
        table, connection = self._below(fk, above)
        selectors = self.full.selectors(_child(fk))
        names = dict.fromkeys([*self._key_of(fk), *fk.columns, *looked_at(selectors)])
        wanted = [tuple(bare(above.c[name], row[name]) for name in fk.parent_columns) for row in going.values()]
        for start in range(0, len(wanted), CHUNK):
            where = key_in(connection, table, fk.columns, wanted[start : start + CHUNK])
            statement = select(*(raw(table.c[name]) for name in names)).where(where)
            for found in connection.execute(statement).mappings():
                child = cast("Found", dict(found))
                target = targets.get(_same(above, fk, child, fk.columns))
                if target is not None and (self._holds_itself(fk, child, target) or not self._leaves(fk, child)):
                    yield child, target

    def _holds_itself(self, fk: ForeignKey, child: Mapping[str, Value], target: Key) -> bool:
        """Return whether ``child`` refers to itself by what cannot be emptied: MariaDB lets no such row go."""
        if _child(fk) != _parent(fk) or self.reader.connection(fk.source).dialect.name not in MARIADB:
            return False
        return self._is_tight(fk) and tuple(child[name] for name in self._key_of(fk)) == target

    def _leaves(self, fk: ForeignKey, child: Mapping[str, Value]) -> bool:
        """Return whether ``child`` goes too, or loses this reference anyway, before what it refers to goes."""
        if fk in self.late or fk.source not in self.fates:
            return False
        key, fates = tuple(child[name] for name in self._key_of(fk)), self.fates[fk.source]
        if key in fates.deletes.get(fk.table, {}):
            return True
        change = fates.changes.get(fk.table, {}).get(key, {})
        return any(name in change and change[name] is None for name in fk.columns)

    def _loose(self, fk: ForeignKey, child: Found) -> list[str]:
        """Return the columns of ``child`` that may be emptied to cut its reference; none where it must stay."""
        if fk in self.late or _child(fk) in self.untouched or not self._is_reached(fk, child):
            return []
        return loose_columns(self._table(fk.source, fk.table), fk.columns, self._key_of(fk))

    def _cut(self, fk: ForeignKey, child: Found, _parent: Key) -> bool:
        """Cut the reference of ``child``."""
        key, fates = tuple(child[name] for name in self._key_of(fk)), self.fates[fk.source]
        fates.changes[fk.table].setdefault(key, {}).update(dict.fromkeys(self._loose(fk, child)))
        fates.cut[fk.table].add(key)
        return True

    def _keep(self, fk: ForeignKey, child: Found, parent: Key) -> bool:
        """Let the row ``parent`` stay where the reference of ``child`` cannot be cut; return whether it stays."""
        fates = self.fates[fk.parent_source]
        if parent not in fates.deletes[fk.parent] or self._loose(fk, child):
            return False
        row = fates.deletes[fk.parent].pop(parent)
        collection = self.collections[_parent(fk)]
        if self._is_shared(collection, parent, row):
            fates.shared[fk.parent].add(parent)
            return True
        source, connection = self.reader.sources[fk.parent_source], self.reader.connection(fk.parent_source)
        unique = source.unique_columns(fk.parent, connection)
        values = emptied(collection, source.table(fk.parent, connection), parent, unique)
        fates.changes[fk.parent][parent] = {each: new for each, new in values.items() if each not in fk.parent_columns}
        (fates.emptied if fk.readable else fates.unsure)[fk.parent].add(parent)
        return True

    def _is_shared(self, collection: Collection, key: Key, row: Found) -> bool:
        if self.named is not None:
            return key in self.named.shared.get(collection.key, ())
        return is_shared(self.own, self.references, collection, row)

    def _is_reached(self, fk: ForeignKey, row: Found) -> bool:
        place = _child(fk)
        if self.named is not None:
            key = tuple(row[name] for name in self._key_of(fk))
            return key in self.named.own.get(place, ()) or key in self.named.mentions.get(place, ())
        return is_own(self.full.selectors(place), row)

    def _table(self, source: str, name: str) -> Table:
        return self.reader.sources[source].table(name, self.reader.connection(source))

    def _below(self, fk: ForeignKey, above: Table) -> tuple[Table, Connection]:
        """Return the table whose rows refer by ``fk`` to the table ``above``, and the connection it is read over."""
        if fk in self.outside:
            return outside_table(fk, above), self.reader.connection(fk.parent_source)
        return self._table(fk.source, fk.table), self.reader.connection(fk.source)

    def _key_of(self, fk: ForeignKey) -> tuple[str, ...]:
        if fk in self.outside:
            return ()
        mapped = self.collections.get(_child(fk))
        if mapped is not None and mapped.primary_key:
            return mapped.primary_key
        return self.reader.sources[fk.source].primary_key(fk.table, self.reader.connection(fk.source))

    def _is_tight(self, fk: ForeignKey) -> bool:
        """Return whether no column of ``fk`` can be emptied: of rows that all go, what refers must go first."""
        return not loose_columns(self._table(fk.source, fk.table), fk.columns, self._key_of(fk))

    def _deepest_first(self, source: str, name: str) -> list[Key]:
        rows = self.fates[source].deletes[name]
        depth = dict.fromkeys(rows, 0)
        for fk in self.references:
            if _child(fk) == _parent(fk) == f"{source}.{name}" and self._is_tight(fk):
                table = self._table(source, name)
                by_target = {_same(table, fk, row, fk.parent_columns): key for key, row in rows.items()}
                above = {key: by_target.get(_same(table, fk, row, fk.columns)) for key, row in rows.items()}
                for key in rows:
                    depth[key] = max(depth[key], _steps_up(above, key))
        return sorted(rows, key=lambda key: -depth[key])


def is_shared(reach: Reach, references: Iterable[ForeignKey], collection: Collection, row: Found) -> bool:
    """Return whether ``row`` was only reached from below: by its own key, from rows that refer to it.

    ``reach`` is without mentions: naming the person makes a row nobody's own.
    """
    referring = {name for fk in references if _child(fk) == collection.key for name in fk.columns}
    for selector in reach.selectors(collection.key).values():
        columns = selector.columns
        own = bool(referring & set(columns)) or collection.is_identity(columns[0]) or collection.primary_key != columns
        if own and selector.holds(row):
            return False
    return True


def _same(above: Table, fk: ForeignKey, row: Mapping[str, Value], names: Sequence[str]) -> tuple[str | None, ...]:
    """Return what stands in the columns ``names`` of ``row`` as the table that ``fk`` refers to compares it."""
    told = zip(fk.parent_columns, names, strict=True)
    return tuple(None if row[name] is None else spelling(above.c[there])(row[name]) for there, name in told)


def _child(fk: ForeignKey) -> str:
    return f"{fk.source}.{fk.table}"


def _parent(fk: ForeignKey) -> str:
    return f"{fk.parent_source}.{fk.parent}"


def _steps_up(above: Mapping[Key, Key | None], key: Key) -> int:
    """Return how many rows stand above ``key``; a ring ends where it began."""
    seen = {key}
    upper = above[key]
    while upper is not None and upper not in seen:
        seen.add(upper)
        upper = above[upper]
    return len(seen)
