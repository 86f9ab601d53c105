"""Decides what restricting, objecting and withdrawing write at the sources (Art. 18, 21, 7(3)). Writes nothing."""

from datetime import datetime

from sqlalchemy import Table

from portal.fulfilment.filling import NOW, Filling, refers
from portal.fulfilment.locate import Subject, reach_of
from portal.fulfilment.plans import Effect, FlagPlan, Key, LiftPlan, Line
from portal.fulfilment.steps import Insert, SourceSteps, Update
from portal.sources.engines import Reader
from portal.sources.model import Action, Collection, Flag, Value
from portal.sources.reading import Found, rows
from portal.sources.values import DoesNotFit, fitted


def decide_flags(
    reader: Reader, subject: Subject, plan: FlagPlan, now: datetime
) -> tuple[list[Line], dict[str, SourceSteps]]:
    """Return the lines of the preview and the steps by source for ``plan``."""
    own = reach_of(reader, subject)
    lines: list[Line] = []
    steps: dict[str, SourceSteps] = {}
    for collection in reader.sources.data_map.in_order():
        inserts: list[Insert] = []
        updates: dict[Key, Update] = {}
        for activity in sorted(plan.activities):
            rule = collection.flag(plan.right, activity)
            filling = Filling(reader, own, now, {"activity": activity}, {})
            if rule is not None and rule.action is Action.INSERT:
                inserts += [Insert(row) for row in filling.new_rows(collection, rule.values)]
            elif rule is not None:
                for each in _changed(filling, collection, rule):
                    before = updates[each.key].values if each.key in updates else {}
                    updates[each.key] = Update(each.key, {**before, **each.values}, Effect.SET)
        if inserts or updates:
            here = steps.setdefault(collection.source, SourceSteps(collection.source))
            here.keys[collection.name] = collection.primary_key
            here.inserts[collection.name] += inserts
            here.updates[collection.name] += updates.values()
        for effect, rows_changed in ((Effect.INSERT, len(inserts)), (Effect.SET, len(updates))):
            if rows_changed:
                lines.append(Line(collection.key, collection.title, rows_changed, effect))
    return lines, steps


def decide_lift(
    reader: Reader, subject: Subject, plan: LiftPlan, now: datetime
) -> tuple[list[Line], dict[str, SourceSteps]]:
    """Return the lines and steps that take back what a flag wrote: rows it added go, moments it set are emptied.

    What a rule sets to a fixed value stays: what stood there before is not known.
    """
    own = reach_of(reader, subject)
    lines: list[Line] = []
    steps: dict[str, SourceSteps] = {}
    for collection in reader.sources.data_map.in_order():
        rule = collection.flag(plan.right, plan.activity)
        if rule is None or not collection.primary_key:
            continue
        filling = Filling(reader, own, now, {"activity": plan.activity}, {})
        here = steps.setdefault(collection.source, SourceSteps(collection.source))
        here.keys[collection.name] = collection.primary_key
        if rule.action is Action.INSERT:
            here.deletes[collection.name] = _added(filling, collection, rule)
            found, effect = len(here.deletes[collection.name]), Effect.DELETE
        else:
            here.updates[collection.name] = _emptied(filling, collection, rule)
            found, effect = len(here.updates[collection.name]), Effect.SET
        if found:
            lines.append(Line(collection.key, collection.title, found, effect))
    return lines, steps


def _added(filling: Filling, collection: Collection, rule: Flag) -> list[Key]:
    """Return the keys of the person's rows that say what the rule inserts."""
    table = filling.reader.table(collection)
    selectors = filling.own.selectors(collection.key)
    fixed = {name: value for name, value in rule.values.items() if not refers(value)}
    said = {name: filling.plain_value(value, table.c[name].type) for name, value in fixed.items() if value != NOW}
    names = [*collection.primary_key, *said]
    return [
        tuple(row[name] for name in collection.primary_key)
        for row in (rows(filling.reader, collection, selectors, names) if selectors else ())
        if all(_same(table, name, row, value) for name, value in said.items())
    ]


def _emptied(filling: Filling, collection: Collection, rule: Flag) -> list[Update]:
    """Return the updates that empty the moments the rule set."""
    table = filling.reader.table(collection)
    selectors = filling.own.selectors(collection.key)
    moments = [name for name, value in rule.values.items() if value == NOW and table.c[name].nullable]
    found = rows(filling.reader, collection, selectors, [*collection.primary_key, *moments]) if selectors else ()
    return [
        Update(tuple(row[name] for name in collection.primary_key), dict.fromkeys(moments), Effect.SET)
        for row in found
        if any(row[name] is not None for name in moments)
    ]


def _changed(filling: Filling, collection: Collection, rule: Flag) -> list[Update]:
    """Return the updates for the person's rows that the rule touches and that do not say so already."""
    table = filling.reader.table(collection)
    selectors = filling.own.selectors(collection.key)
    names = [*collection.primary_key, *rule.where, *rule.values]
    found: list[Update] = []
    for row in rows(filling.reader, collection, selectors, names) if selectors else ():
        matches = all(_same(table, name, row, value) for name, value in rule.where.items())
        if matches and not all(_says(filling, table, row, name, value) for name, value in rule.values.items()):
            values = {name: filling.plain_value(value, table.c[name].type) for name, value in rule.values.items()}
            found.append(Update(tuple(row[name] for name in collection.primary_key), values, Effect.SET))
    return found


def _says(filling: Filling, table: Table, row: Found, name: str, value: Value) -> bool:
    """Return whether ``row`` says already what the rule would write; any moment counts as said."""
    if value == NOW:
        return row[name] is not None
    return _same(table, name, row, filling.plain_value(value, table.c[name].type))


def _same(table: Table, name: str, row: Found, value: Value) -> bool:
    kind = table.c[name].type
    try:
        return fitted(row[name], kind) == fitted(value, kind)
    except DoesNotFit:
        return False
