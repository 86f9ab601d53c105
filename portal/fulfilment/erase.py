"""Decides, row by row, what erasing does: delete, de-identify or keep, and until when (Art. 17, clauses 5.2 and 7.5).

Two walks make the difference: own rows meet their collection's rule, rows of others that mention the person only lose
the mention. Nothing is written here.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from portal.fulfilment.erase_lines import Tally, ground_of, lines_of
from portal.fulfilment.known import Known, Named, listed, owned
from portal.fulfilment.locate import Subject, reach_of
from portal.fulfilment.loosened import Loosening
from portal.fulfilment.masking import ALL_MASKS, MENTION_MASKS, Masking
from portal.fulfilment.plans import Effect, ErasePlan, Grave, Kept, Key, Line, Part
from portal.fulfilment.references import Fates, Settling, is_shared
from portal.fulfilment.shared import used_by_others
from portal.fulfilment.steps import SourceSteps, Update, rows_of
from portal.fulfilment.ties import Ties
from portal.sources.across import references_of
from portal.sources.engines import Reader
from portal.sources.model import Collection, DataMap, Erase, FieldRef, Hold, Mask, Value
from portal.sources.outside import outside_of
from portal.sources.reach import Reach
from portal.sources.reading import Found, is_own, looked_at, rows
from portal.sources.turns import tables_in_turn
from portal.sources.values import day_of


class Erasing:
    """The decisions for one person.

    Args:
        reader: the open read transactions.
        subject: whose data.
        plan: which activities.
        today: the day holds are counted on.
        named: the rows to erase, where these are known by their keys and nobody is looked for any more.
        lawless: decide as if every hold of a law were over.
    """

    def __init__(
        self,
        reader: Reader,
        subject: Subject,
        plan: ErasePlan,
        today: date,
        named: Named | None = None,
        *,
        lawless: bool = False,
    ) -> None:
        self.reader = reader
        self.subject = subject
        self.today = today
        self.plan = plan
        self.order = plan.hold
        self.data_map: DataMap = reader.sources.data_map
        self.named = named
        self.lawless = lawless
        self.own: Reach = reach_of(reader, subject) if named is None else Reach()
        self.full: Reach = reach_of(reader, subject, mentions=True) if named is None else Reach()
        self.collections = [
            each for each in self.data_map.in_order() if plan.activities is None or each.activity in plan.activities
        ]
        self.origins: dict[FieldRef, list[FieldRef]] = defaultdict(list)
        for edge in self.data_map.edges:
            self.origins[edge.target].append(edge.origin)
        self.known = named.known if named else Known()
        if named is None:
            referred = {origin for each in self.origins.values() for origin in each}
            self.known.gather(reader, self.own, referred)
            self.known.gather_listed(self.data_map, self.full)
        self.masking = Masking(reader, self.known, self.origins)
        self.loosening = Loosening(reader, subject, self.masking)
        self.fates: dict[str, Fates] = defaultdict(Fates)
        self.loose: set[tuple[str, Key]] = set()
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        self.ties = Ties(reader)
        self._staying: dict[tuple[str, str, date | None, Part], list[Key]] = defaultdict(list)
        self._led: dict[str, dict[Key, tuple[Part, str, str]]] = defaultdict(dict)

    def decide(self) -> tuple[list[Line], dict[str, SourceSteps]]:
        """Return the lines of the preview and the steps by source."""
        self.loose = self._loose_later()
        for collection in self.collections:
            self._decide_collection(collection)
            self._leave_what_others_use(collection)
        settling = Settling(self.reader, (self.own, self.full), self.fates, self._ordered(), self.named)
        settling.settle()
        deletes = {key: settling.ordered(key) for key in list(self.fates)}
        if self.named is None:
            self.ties.add_to(self._staying, self.fates, self._led)
            self._loosen()
            self._promise_names()
        steps = {key: self._steps(key, fates, deletes[key]) for key, fates in self.fates.items()}
        return [line for collection in self.data_map.in_order() for line in self._told(collection)], steps

    def _decide_collection(self, collection: Collection) -> None:
        refused = self.plan.without.covers(collection.key, collection.activity)
        for row, own in self._rows(collection):
            fates, tally = self.fates[collection.source], self.tallies[collection.key]
            key = tuple(row[name] for name in collection.primary_key)
            self._led[collection.key][key] = self._way(collection, own, row, key)
            held, until = self._held(collection.hold, row)
            if self.order is not None and self.order.keeps(collection.key):
                tally.ordered += 1
                self._stays(collection, key, "order", self.order.until)
            elif self.plan.pauses(collection.activity):
                tally.paused += 1
                self._stays(collection, key, "pause", None)
            elif held:
                tally.held[until] += 1
                self._stays(collection, key, "law", until)
            elif refused:
                tally.refused += 1
            elif not own:
                self._change(collection, row, key, tally.mentions, MENTION_MASKS)
            elif spared := self._spared(collection, row, key):
                fates.changes[collection.name][key] = spared
                tally.masked.add(key)
            elif collection.erase is Erase.DELETE:
                fates.deletes[collection.name][key] = row
            elif collection.erase is Erase.DEIDENTIFY:
                self._change(collection, row, key, tally.masked, ALL_MASKS)
            else:
                tally.kept.add(key)
                self.loosening.note(collection, row, key)

    def _spared(self, collection: Collection, row: Found, key: Key) -> dict[str, Value]:
        """Return what a row to be deleted loses instead, where it is other people's as well (see ``Lists.spared``)."""
        if collection.erase is not Erase.DELETE:
            return {}
        return self.masking.lists.spared(collection, row, key, self.reader.table(collection))

    def _leave_what_others_use(self, collection: Collection) -> None:
        """Take back what was decided for rows that others use too, where no note of ours decided it."""
        fates, tally = self.fates[collection.source], self.tallies[collection.key]
        if tally.masked and any(each.mask_assumed for each in collection.fields):
            known = None if self.named is None else self.named.shared.get(collection.key, frozenset())
            for key in used_by_others(self.reader, self.own, collection, known) & tally.masked:
                del fates.changes[collection.name][key]
                tally.masked.discard(key)
                fates.shared[collection.name].add(key)

    def _loosen(self) -> None:
        """Treat the person's rows that will merely name them as it treats the rows of others."""
        for collection in self.collections:
            if shared := self.fates[collection.source].shared.get(collection.name):
                names = [*self._needed(collection), *looked_at(self.full.selectors(collection.key))]
                for row in rows_of(self.reader, collection, shared, names):
                    self.loosening.note(collection, row, tuple(row[name] for name in collection.primary_key))
        for collection, key in self.loosening.loosened(self.fates):
            tally = self.tallies[collection.key]
            tally.kept.discard(key)
            self.fates[collection.source].shared[collection.name].discard(key)
            tally.mentions.add(key)
            self.loose.add((collection.key, key))
            self._led[collection.key][key] = Part.MENTION, *self._led[collection.key][key][1:]

    def _promise_names(self) -> None:
        """Note the rows that will merely name the person once no law keeps what makes them the person's own.

        None are where the end of a hold cannot be told yet, or where something else keeps rows for now as well.
        """
        ends = {until for tally in self.tallies.values() for until in tally.held}
        last = max((until for until in ends if until is not None), default=None)
        if self.lawless or last is None or None in ends or self.plan.paused or self.order or self.loosening.none_left:
            return
        later = Erasing(self.reader, self.subject, self.plan, self.today, lawless=True)
        later.decide()
        for place, key in sorted(later.loose - self.loose, key=repr):
            if key in self.tallies[place].kept:
                self._staying[place, "law", last, Part.MENTION].append(key)

    def _loose_later(self) -> set[tuple[str, Key]]:
        """Return the rows that would merely name the person if nothing were paused or ordered to stay."""
        if self.named is not None or not (self.plan.paused or self.order):
            return set()
        later = Erasing(self.reader, self.subject, replace(self.plan, paused=frozenset(), hold=None), self.today)
        later.decide()
        return later.loose

    def _rows(self, collection: Collection) -> Iterator[tuple[Found, bool]]:
        """Yield the rows to decide on, and whether each is the person's own and not one that only mentions them."""
        if self.named is not None:
            for keys, own in ((self.named.own, True), (self.named.mentions, False)):
                if wanted := keys.get(collection.key):
                    named = rows_of(self.reader, collection, wanted, self._needed(collection))
                    yield from ((row, own) for row in named)
        elif selectors := self.full.selectors(collection.key):
            ours, lists = self.own.selectors(collection.key), self.own.narrowing(collection)
            for row in rows(self.reader, collection, selectors, self._needed(collection)):
                if lists.is_owned(row):
                    self.known.note_owned(collection.key, tuple(row[name] for name in collection.primary_key))
                yield row, is_own(ours, row)

    def _way(self, collection: Collection, own: bool, row: Found, key: Key) -> tuple[Part, str, str]:
        """Return how ``row`` belongs to the person, and the field and value that led to it."""
        if self.named is not None:
            shared = key in self.named.shared.get(collection.key, ())
            return (Part.SHARED if shared else Part.OWN) if own else Part.MENTION, "", ""
        selectors = (self.own if own else self.full).selectors(collection.key)
        plain = [each for _name, each in sorted(selectors.items()) if each.place is None]
        name, value = next(((each.name, each.key(row[each.name])) for each in plain if each.holds(row)), ("", ""))
        references = references_of(self.reader, collection.source)
        if not self.plan.without.covers(collection.key, collection.activity):
            self.ties.note(collection, key, row)
        shared = own and is_shared(self.own, references, collection, row)
        return (Part.SHARED if shared else Part.OWN) if own else Part.MENTION, name, value

    def _stays(self, collection: Collection, key: Key, why: str, until: date | None) -> None:
        """Note a row that is to be erased later."""
        if self.plan.without.covers(collection.key, collection.activity):
            return
        part = self._led[collection.key][key][0]
        if (collection.key, key) in self.loose:
            part = Part.MENTION
        elif part is not Part.MENTION and collection.erase is Erase.KEEP:
            part = Part.TIED
        if part is not Part.TIED or why != "law":
            self._staying[collection.key, why, until, part].append(key)

    def graves(self) -> Iterator[Grave]:
        """Yield what tells of each row that goes or changes, for a tombstone; after ``decide``."""
        for place, led in self._led.items():
            source, _, table = place.partition(".")
            fates = self.fates[source]
            for key, (part, name, value) in led.items():
                if key in fates.deletes.get(table, ()) or key in fates.changes.get(table, ()):
                    yield Grave(place, part, key, name, value)

    def kept(self) -> tuple[Kept, ...]:
        """Return the rows that stay for now and are to be erased later; after ``decide``."""
        return tuple(self._kept(*staying, tuple(keys)) for staying, keys in self._staying.items())

    def _kept(self, place: str, why: str, until: date | None, part: Part, keys: tuple[Key, ...]) -> Kept:
        """Return ``keys`` with what cleaning those rows will need: nothing of the person where they are deleted."""
        collection = self.data_map.collections[place]
        ground = ground_of(collection.hold) if why == "law" else ""
        goes = part is not Part.MENTION and collection.erase is Erase.DELETE
        masks = {} if goes or part is Part.REFERRING else {each.name: each.mask for each in collection.fields}
        words = frozenset(self.known.words.words) if Mask.REDACT in masks.values() else frozenset()
        unlinked = [FieldRef(place, name) for name, mask in masks.items() if mask is Mask.UNLINK]
        origins = {origin for ref in unlinked for origin in self.origins[ref]}
        lists = self.masking.lists
        origins |= {listed(ref) for each in collection.fields for ref in lists.places(place, each.name)}
        origins.add(owned(place))
        return Kept(place, why, ground, until, part, keys, words, self.known.values(origins))

    def _ordered(self) -> frozenset[str]:
        """Return the collections that an order or a pause keeps: nothing in them is written, no reference."""
        return frozenset(
            each.key
            for each in self.data_map.collections.values()
            if self.plan.pauses(each.activity) or (self.order is not None and self.order.keeps(each.key))
        )

    def _needed(self, collection: Collection) -> list[str]:
        """Return the fields a decision needs: key, hold, what is masked, and what references hang on."""
        names = [*collection.primary_key, *(each.name for each in collection.fields if each.mask)]
        names += [each.name for each in collection.fields if self.masking.lists.places(collection.key, each.name)]
        if collection.hold:
            names.append(collection.hold.start)
        for fk in (*references_of(self.reader, collection.source), *outside_of(self.reader, collection.source)):
            names += fk.columns if (fk.source, fk.table) == (collection.source, collection.name) else ()
            names += fk.parent_columns if (fk.parent_source, fk.parent) == (collection.source, collection.name) else ()
        return names

    def _held(self, hold: Hold | None, row: Found) -> tuple[bool, date | None]:
        """Return whether a law keeps ``row``, and until when; None when that cannot be told yet."""
        if hold is None or self.lawless:
            return False, None
        start = day_of(row[hold.start])
        until = hold.duration.after(start) if start else None
        return until is None or until >= self.today, until

    def _change(self, collection: Collection, row: Found, key: Key, counted: set[Key], masks: frozenset[Mask]) -> None:
        values = self.masking.changes(collection, row, key, masks)
        if values:
            self.fates[collection.source].changes[collection.name][key] = values
            counted.add(key)

    def _steps(self, source: str, fates: Fates, deletes: dict[str, list[Key]]) -> SourceSteps:
        steps = SourceSteps(source, deletes=deletes)
        steps.keys = {each.name: each.primary_key for each in self.data_map.of(source)}
        for name in tables_in_turn(source, fates.changes, self.data_map.collections):
            steps.updates[name] = [Update(key, new, Effect.DEIDENTIFY) for key, new in fates.changes[name].items()]
        return steps

    def _told(self, collection: Collection) -> Iterator[Line]:
        fates, until = self.fates[collection.source], self.order.until if self.order else None
        return lines_of(collection, fates, self.tallies[collection.key], until)
