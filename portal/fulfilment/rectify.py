"""Decides what correcting writes (Art. 16): a new value where it is the person's, a statement where others judged.

The old value is checked before it is replaced, here and again when it is written. Writes nothing itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.types import Boolean, Date, DateTime, Float, Integer, Numeric, String, TypeEngine

from portal.errors import InputRejected
from portal.fulfilment.encoding import Json, as_json, as_text
from portal.fulfilment.filling import Filling, stamp, taken
from portal.fulfilment.locate import Subject, reach_of
from portal.fulfilment.plans import Correction, Effect, Key, Line, RectifyPlan, ValueChanged
from portal.fulfilment.steps import Insert, SourceSteps, Update
from portal.sources.engines import Reader, Sources
from portal.sources.model import Collection, Field, Provided, Texts, Value
from portal.sources.reach import Reach
from portal.sources.reading import Found, rows
from portal.sources.values import DoesNotFit, day_of, fitted
from portal.words import N_

SUPPLEMENT = "supplement:"
SHOWN = 200
"""Rows of one field that the desk is shown."""
DESCRIBED = 60
"""Characters of a row's longest text by which the desk tells it from the next one."""

WHY_OTHER = N_("The value at the source is not what the request says.")
WHY_SAID = N_("The source says so already.")
UNKNOWN = N_("This cannot be corrected at the source by itself. Choose another field, or write a statement.")

KINDS: tuple[tuple[type, str], ...] = (
    (Boolean, "yes_no"),
    (Integer, "whole"),
    (Numeric, "number"),
    (Float, "number"),
    (DateTime, "moment"),
    (Date, "date"),
    (String, "text"),
)
"""What a column takes, as the desk is told; anything else is ``other``."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What one row says (for a statement: a short description of it), and the row's primary key as JSON keeps it."""

    value: str = field(repr=False)
    row: tuple[Json, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rectifiable:
    """Something the desk may correct.

    Args:
        key: what a ``Correction`` names.
        title: what it is called, by language.
        stated: what it says now, row by row.
        kind: what the column takes, one of ``KINDS``.
        length: most characters it takes; None where the column sets no limit.
    """

    key: str
    title: Texts
    stated: tuple[Stated, ...]
    kind: str
    length: int | None

    @property
    def values(self) -> tuple[str, ...]:
        """What it says now, each value once."""
        return tuple(dict.fromkeys(each.value for each in self.stated))


def rectifiable(sources: Sources, subject: Subject) -> list[Rectifiable]:
    """Return what may be corrected for ``subject``: fields with values, and where a statement may be added."""
    with sources.reading() as reader:
        own = reach_of(reader, subject)
        return [
            found
            for collection in sources.data_map.in_order()
            if own.selectors(collection.key)
            for found in _choices(reader, own, collection)
        ]


def _choices(reader: Reader, own: Reach, collection: Collection) -> Iterator[Rectifiable]:
    mine = [each for each in collection.fields if each.rectify and not each.primary_key and not each.read_only]
    fields = [each for each in mine if collection.provider(each) is not Provided.OTHERS]
    texts = (
        [each for each in collection.fields if each.release and not each.primary_key] if collection.supplement else []
    )
    if not fields and not texts:
        return
    stated: dict[str, list[Stated]] = {each.name: [] for each in fields}
    about: list[Stated] = []
    names = dict.fromkeys([*(each.name for each in [*fields, *texts]), *collection.primary_key])
    for row in rows(reader, collection, own.selectors(collection.key), list(names)):
        key = tuple(as_json(row[name]) for name in collection.primary_key)
        for name, seen in stated.items():
            if (shown := shown_value(row[name])) and len(seen) < SHOWN:
                seen.append(Stated(shown, key))
        if (described := _described(row, texts)) and len(about) < SHOWN:
            about.append(Stated(described, key))
    table = reader.table(collection)
    for each in fields:
        title = {
            language: f"{text}: {each.title.get(language, each.name)}" for language, text in collection.title.items()
        }
        if stated[each.name]:
            kind, length = _takes(table.c[each.name].type)
            yield Rectifiable(f"{collection.key}.{each.name}", title, tuple(stated[each.name]), kind, length)
    if about:
        yield Rectifiable(f"{SUPPLEMENT}{collection.key}", collection.title, tuple(about), "text", None)


def _takes(column: TypeEngine[object]) -> tuple[str, int | None]:
    kind = next((name for family, name in KINDS if isinstance(column, family)), "other")
    return kind, column.length if isinstance(column, String) else None


def _described(row: Found, texts: list[Field]) -> str:
    """Return a row in a few words: its day and the beginning of its longest text, not a name of others if it can."""
    days = (day_of(row[each.name]) for each in texts if isinstance(row[each.name], datetime | date | str))
    day = next((found.isoformat() for found in days if found), "")
    said = [(not each.third_party, len(shown_value(row[each.name])), shown_value(row[each.name])) for each in texts]
    longest = max((each for each in said if not (day and each[2].startswith(day))), default=(False, 0, ""))[2]
    return " · ".join(part for part in (day, " ".join(longest.split())[:DESCRIBED]) if part)


def decide_corrections(
    reader: Reader, subject: Subject, plan: RectifyPlan, now: datetime
) -> tuple[list[Line], dict[str, SourceSteps]]:
    """Return the lines of the preview and the steps by source for ``plan``.

    Raises:
        InputRejected: a field may not be corrected, or the new value does not fit it.
        ValueChanged: the row a statement is about is not there any more.
    """
    own = reach_of(reader, subject)
    lines: list[Line] = []
    steps: dict[str, SourceSteps] = {}
    for item in plan.items:
        collection, each = _target(reader, item)
        if each is None:
            lines.append(_supplement(reader, own, collection, item, now, steps))
        else:
            lines.append(_correction(reader, own, collection, each, item, now, steps))
    return lines, steps


def shown_value(value: Value) -> str:
    """Return ``value`` as the desk shows it and a ``Correction`` names it."""
    return "" if isinstance(value, bytes) else as_text(as_json(value)) or ""


def _target(reader: Reader, item: Correction) -> tuple[Collection, Field | None]:
    """Return what ``item`` is about; no field where the person's statement is added instead."""
    data_map = reader.sources.data_map
    if item.field.startswith(SUPPLEMENT):
        collection = data_map.collections.get(item.field.removeprefix(SUPPLEMENT))
        if collection is not None and collection.supplement:
            return collection, None
        raise InputRejected(UNKNOWN)
    key, _, name = item.field.rpartition(".")
    collection = data_map.collections.get(key)
    each = next((each for each in collection.fields if each.name == name), None) if collection else None
    if collection is None or each is None:
        raise InputRejected(UNKNOWN)
    opinion = collection.rectify == "supplement" or collection.provider(each) is Provided.OTHERS
    if opinion and collection.supplement:
        return collection, None
    if opinion or not each.rectify or each.primary_key or each.read_only:
        raise InputRejected(UNKNOWN)
    return collection, each


def _correction(
    reader: Reader,
    own: Reach,
    collection: Collection,
    each: Field,
    item: Correction,
    now: datetime,
    steps: dict[str, SourceSteps],
) -> Line:
    table = reader.table(collection)
    column = table.c[each.name]
    new = taken(item.new, column.type, bool(column.nullable))
    values: dict[str, Value] = {each.name: new}
    if collection.changed_at and (each.on_file or each.identity):
        values[collection.changed_at] = stamp(now, table.c[collection.changed_at].type)
    found, said = [], 0
    for key, row in _rows(reader, own, collection, each.name, item.key):
        current = row[each.name]
        if shown_value(current).strip() == item.old.strip():
            found.append(Update(key, values, Effect.CHANGE, {each.name: current}))
        else:
            said += _fits(current, column.type) == _fits(new, column.type)
    here = steps.setdefault(collection.source, SourceSteps(collection.source))
    here.keys[collection.name] = collection.primary_key
    here.updates[collection.name] += found
    why = "" if found else (WHY_SAID if said else WHY_OTHER)
    title = {language: f"{text}: {each.title.get(language, each.name)}" for language, text in collection.title.items()}
    return Line(f"{collection.key}.{each.name}", title, len(found), Effect.CHANGE, why)


def _supplement(
    reader: Reader, own: Reach, collection: Collection, item: Correction, now: datetime, steps: dict[str, SourceSteps]
) -> Line:
    rule = collection.supplement
    into = reader.sources.data_map.find(rule.collection, collection.source) if rule else None
    if rule is None or into is None or not item.new.strip():
        raise InputRejected(UNKNOWN)
    about = list(_about(reader, own, collection, item))
    if not about:
        raise ValueChanged
    fresh: list[Insert] = []
    for key in about:
        filling = Filling(reader, own, now, {"statement": item.new.strip()}, {collection.key: key})
        fresh += [Insert(row, Effect.SUPPLEMENT) for row in filling.new_rows(into, rule.values)]
    here = steps.setdefault(into.source, SourceSteps(into.source))
    here.keys[into.name] = into.primary_key
    here.inserts[into.name] += fresh
    return Line(into.key, into.title, len(fresh), Effect.SUPPLEMENT, "" if fresh else WHY_SAID)


def _about(reader: Reader, own: Reach, collection: Collection, item: Correction) -> Iterator[Key]:
    """Yield the rows a statement is about: the chosen one, or without a choice those that say the words; never all."""
    names = [each.name for each in collection.fields if each.release]
    wanted = " ".join(item.old.split()).lower()
    for row in rows(reader, collection, own.selectors(collection.key), [*names, *collection.primary_key]):
        key = tuple(row[name] for name in collection.primary_key)
        says = wanted and any(wanted in " ".join(shown_value(row[name]).split()).lower() for name in names)
        if says if item.key is None else _same(key, item.key):
            yield key


def _rows(
    reader: Reader, own: Reach, collection: Collection, name: str, wanted: Key | None
) -> Iterator[tuple[Key, Found]]:
    selectors = own.selectors(collection.key)
    for row in rows(reader, collection, selectors, [name, *collection.primary_key]) if selectors else ():
        key = tuple(row[each] for each in collection.primary_key)
        if wanted is None or _same(key, wanted):
            yield key, row


def _same(key: Key, chosen: Key) -> bool:
    """Whether ``key`` of a row is the ``chosen`` one, which went through JSON."""
    return [str(as_json(value)) for value in key] == [str(as_json(value)) for value in chosen]


def _fits(value: Value, kind: TypeEngine[object]) -> Value:
    try:
        return fitted(value, kind)
    except DoesNotFit:
        return value
