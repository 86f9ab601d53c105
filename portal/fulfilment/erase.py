"""Decides, row by row, what erasing does: delete, de-identify or keep, and until when (Art. 17, clauses 5.2 and 7.5).

Two walks make the difference: own rows meet their collection's rule, rows of others that mention the person only lose
the mention. Nothing is written here.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from sqlalchemy import Table
from sqlalchemy.types import JSON, String

from portal.fulfilment.known import Known, names_the_person
from portal.fulfilment.locate import Subject, reach_of
from portal.fulfilment.mask import Tokens, marker
from portal.fulfilment.plans import Effect, ErasePlan, Key, Line
from portal.fulfilment.references import Fates, Settling, can_be_emptied, empty_value, is_text
from portal.fulfilment.shared import used_by_others
from portal.fulfilment.steps import SourceSteps, Update
from portal.sources.engines import Reader
from portal.sources.model import Collection, DataMap, Erase, Field, FieldRef, Hold, Mask, Texts, Value
from portal.sources.reach import Reach
from portal.sources.reading import Found, is_own, rows
from portal.sources.values import day_of
from portal.words import N_

WHY_RULE = N_("These rows stay: they are not about you alone, or a duty keeps them.")
WHY_REFUSED = N_("We refused to delete these rows. Our answer says why.")
WHY_SHARED = N_("These rows stay: others use them too.")
WHY_EMPTIED = N_("Other rows need these, so they stay without their content.")
WHY_MENTION = N_("These rows belong to others; only what names you is taken out.")
WHY_MASKED = N_("The rows stay without what tells who you are.")
WHY_CUT = N_("The rows stay; what they pointed at is gone.")
WHY_ORDER = N_("An order of a court or an authority keeps these rows for now.")

MENTION_MASKS = frozenset({Mask.REDACT, Mask.UNLINK})


@dataclass(slots=True)
class _Tally:
    """What was decided for one collection."""

    held: Counter[date | None] = field(default_factory=Counter)
    kept: int = 0
    refused: int = 0
    ordered: int = 0
    masked: set[Key] = field(default_factory=set)
    mentions: set[Key] = field(default_factory=set)


class Erasing:
    """The decisions for one person.

    Args:
        reader: the open read transactions.
        subject: whose data.
        plan: which activities.
        today: the day holds are counted on.
    """

    def __init__(self, reader: Reader, subject: Subject, plan: ErasePlan, today: date) -> None:
        self.reader = reader
        self.today = today
        self.without = plan.without
        self.order = plan.hold
        self.data_map: DataMap = reader.sources.data_map
        self.own: Reach = reach_of(reader, subject)
        self.full: Reach = reach_of(reader, subject, mentions=True)
        self.collections = [
            each for each in self.data_map.in_order() if plan.activities is None or each.activity in plan.activities
        ]
        self.origins: dict[FieldRef, list[FieldRef]] = defaultdict(list)
        for edge in self.data_map.edges:
            self.origins[edge.target].append(edge.origin)
        self.known = Known(reader, self.own, {origin for each in self.origins.values() for origin in each})
        self.tokens = Tokens()
        self.fates: dict[str, Fates] = defaultdict(Fates)
        self.tallies: dict[str, _Tally] = defaultdict(_Tally)

    def decide(self) -> tuple[list[Line], dict[str, SourceSteps]]:
        """Return the lines of the preview and the steps by source."""
        for collection in self.collections:
            self._decide_collection(collection)
            self._leave_what_others_use(collection)
        steps: dict[str, SourceSteps] = {}
        for key, fates in self.fates.items():
            settling = Settling(self.reader, self.reader.sources[key], self.full, fates, self._ordered_in(key))
            settling.settle()
            steps[key] = self._steps(key, fates, settling.ordered())
        return [line for collection in self.data_map.in_order() for line in self._lines(collection)], steps

    def _decide_collection(self, collection: Collection) -> None:
        selectors = self.full.selectors(collection.key)
        if not selectors:
            return
        own = self.own.selectors(collection.key)
        table = self.reader.table(collection)
        fates, tally = self.fates[collection.source], self.tallies[collection.key]
        refused = self.without.covers(collection.key, collection.activity)
        for row in rows(self.reader, collection, selectors, self._needed(collection)):
            key = tuple(row[name] for name in collection.primary_key)
            held, until = self._held(collection.hold, row)
            if self.order is not None and self.order.keeps(collection.key):
                tally.ordered += 1
            elif held:
                tally.held[until] += 1
            elif refused:
                tally.refused += 1
            elif not is_own(own, row):
                self._change(collection, table, row, key, tally.mentions, MENTION_MASKS)
            elif collection.erase is Erase.DELETE:
                fates.deletes[collection.name][key] = row
            elif collection.erase is Erase.DEIDENTIFY:
                self._change(collection, table, row, key, tally.masked, frozenset(Mask))
            else:
                tally.kept += 1

    def _leave_what_others_use(self, collection: Collection) -> None:
        """Take back what was decided for rows that others use too, where no note of ours decided it."""
        fates, tally = self.fates[collection.source], self.tallies[collection.key]
        if tally.masked and any(each.mask_assumed for each in collection.fields):
            for key in used_by_others(self.reader, self.own, collection) & tally.masked:
                del fates.changes[collection.name][key]
                tally.masked.discard(key)
                fates.shared[collection.name].add(key)

    def _ordered_in(self, source: str) -> frozenset[str]:
        """Return the tables of ``source`` that an order keeps: nothing in them is written, no reference either."""
        tables = self.data_map.of(source)
        return frozenset(each.name for each in tables if self.order is not None and self.order.keeps(each.key))

    def _needed(self, collection: Collection) -> list[str]:
        """Return the fields a decision needs: key, hold, what is masked, and what references hang on."""
        source = self.reader.sources.of(collection)
        names = [*collection.primary_key, *(each.name for each in collection.fields if each.mask)]
        if collection.hold:
            names.append(collection.hold.start)
        for fk in source.foreign_keys(self.reader.connection(source.key)):
            names += fk.columns if fk.table == collection.name else ()
            names += fk.parent_columns if fk.parent == collection.name else ()
        return names

    def _held(self, hold: Hold | None, row: Found) -> tuple[bool, date | None]:
        """Return whether a law keeps ``row``, and until when; None when that cannot be told yet."""
        if hold is None:
            return False, None
        start = day_of(row[hold.start])
        until = hold.duration.after(start) if start else None
        return until is None or until >= self.today, until

    def _change(
        self,
        collection: Collection,
        table: Table,
        row: Found,
        key: Key,
        counted: set[Key],
        masks: frozenset[Mask],
    ) -> None:
        values: dict[str, Value] = {}
        for each in collection.fields:
            if each.mask in masks and row[each.name] is not None:
                new = self._masked(collection, each, table, row, key)
                if new != row[each.name]:
                    values[each.name] = new
        if values:
            self.fates[collection.source].changes[collection.name][key] = values
            counted.add(key)

    def _masked(self, collection: Collection, each: Field, table: Table, row: Found, key: Key) -> Value:
        value, kind = row[each.name], table.c[each.name].type
        length = kind.length if isinstance(kind, String) else None
        if each.mask_assumed:
            return self._assumed(collection, each, table, row, key)
        match each.mask:
            case Mask.NULL:
                return None
            case Mask.UNLINK:
                return None if self.known.holds(self.origins[FieldRef(collection.key, each.name)], value) else value
            case Mask.HASH:
                return self.tokens.token(value, length)
            case Mask.REDACT if names_the_person(each) and isinstance(value, str):
                unique = self.reader.sources.of(collection).unique_columns(
                    collection.name, self.reader.connection(collection.source)
                )
                return self._whole(value, marker(length, key if each.name in unique else ()))
            case Mask.REDACT:
                return self._redacted(value, isinstance(kind, JSON), length)
            case _:
                return value

    def _assumed(self, collection: Collection, each: Field, table: Table, row: Found, key: Key) -> Value:
        """Return what Fides' masking leaves in a field, as far as the column takes it."""
        column, value = table.c[each.name], row[each.name]
        if each.mask is Mask.HASH and is_text(column):
            return self.tokens.token(value, cast("String", column.type).length)
        if each.mask in {Mask.NULL, Mask.HASH} and can_be_emptied(column):
            return empty_value(column, key)
        return value

    def _whole(self, value: str, new: str) -> str:
        """Replace a value that says who somebody is; in rows of others only when it says who this person is."""
        return new if self.known.words.redacted(value) != value else value

    def _redacted(self, value: Value, is_json: bool, length: int | None) -> Value:
        words = self.known.words
        if isinstance(value, str) and not is_json:
            return words.redacted(value)[:length]
        if isinstance(value, str):
            clean = words.redacted(value)
            parsed: Value = json.loads(clean)
            return value if clean == value else parsed
        if isinstance(value, list | dict):
            found = words.redacted_json(value)
            return found if isinstance(found, list | dict) else None
        return value

    def _steps(self, source: str, fates: Fates, deletes: dict[str, list[Key]]) -> SourceSteps:
        steps = SourceSteps(source, deletes=deletes)
        steps.keys = {each.name: each.primary_key for each in self.data_map.of(source)}
        for name, changes in fates.changes.items():
            steps.updates[name] = [Update(key, values, Effect.DEIDENTIFY) for key, values in changes.items()]
        return steps

    def _lines(self, collection: Collection) -> Iterator[Line]:
        fates, tally = self.fates[collection.source], self.tallies[collection.key]
        name = collection.name
        cut = fates.cut[name] - tally.masked - tally.mentions
        counted: list[tuple[int, Effect, Texts | str, date | None]] = [
            (len(fates.deletes[name]), Effect.DELETE, "", None),
            (len(tally.masked), Effect.DEIDENTIFY, WHY_MASKED, None),
            (len(fates.emptied[name]), Effect.DEIDENTIFY, WHY_EMPTIED, None),
            (len(tally.mentions), Effect.DEIDENTIFY, WHY_MENTION, None),
            (len(cut), Effect.DEIDENTIFY, WHY_CUT, None),
            (len(fates.shared[name]), Effect.KEEP, WHY_SHARED, None),
            (tally.refused, Effect.KEEP, WHY_REFUSED, None),
            (tally.kept, Effect.KEEP, collection.reason or WHY_RULE, None),
            (tally.ordered, Effect.KEEP, WHY_ORDER, self.order.until if self.order else None),
        ]
        known = [until for until in tally.held if until is not None]
        law = _law(collection.hold)
        counted.append((sum(tally.held[until] for until in known), Effect.KEEP, law, max(known, default=None)))
        counted.append((tally.held[None], Effect.KEEP, law, None))
        for found, effect, why, until in counted:
            if found:
                yield Line(collection.key, collection.title, found, effect, why, until)


def _law(hold: Hold | None) -> Texts | str:
    if hold is None:
        return ""
    return {language: f"{law} ({hold.article})" for language, law in hold.law.items()} or hold.article
