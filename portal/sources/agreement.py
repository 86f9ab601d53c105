"""Whether the parts of a data map agree with one another: names that are used must exist, people must be reachable.

Looks at the map only; the live databases are compared in ``checking``.
"""

import re
from collections.abc import Iterator

from portal.sources.defaults import is_personal
from portal.sources.direction import flowing
from portal.sources.edges import FieldRef, Way
from portal.sources.faults import Fault
from portal.sources.model import Action, Collection, DataMap, Erase, Flag, Mask, Value
from portal.sources.sharing import shared_in_turn

PLACE = re.compile(r"\{([\w.-]+)\}")
OWN_PLACES = frozenset({"now", "activity", "statement"})


def agree(data_map: DataMap) -> list[Fault]:
    """Return what does not agree in ``data_map``, in the order of the manifests."""
    faults: list[Fault] = []
    for collection in data_map.collections.values():
        faults += _named_fields(data_map, collection)
        faults += _rules(data_map, collection)
    faults += _edges(data_map)
    if not data_map.identities:
        faults.append(Fault("data map", "identity", "Nobody can be found.", "Mark a field with `identity: email`."))
    return faults


def remarks_on(data_map: DataMap) -> list[Fault]:
    """Return what the check tells of a ``data_map`` that can be used all the same."""
    remarks = [*_unreachable(data_map), *_emptied_for_all(data_map)]
    if not any(identity.kind == "email" for identity in data_map.identities):
        remarks.append(
            Fault("data map", "identity", "No address finds anybody.", "Mark a field with `identity: email`.")
        )
    for edge in data_map.edges:
        if edge.way is Way.UP and edge.origin.collection == edge.target.collection:
            owner = data_map.collections[edge.origin.collection]
            remarks.append(
                Fault(
                    data_map.sources[owner.source].file,
                    f"collections.{owner.name}.fields.{edge.origin.field}.references",
                    "A reference within one collection is not followed without a direction.",
                    "Write `direction: from` when the rows below are the person's too, else take it out.",
                )
            )
    return remarks


def _fault(data_map: DataMap, collection: Collection, path: str, what: str, todo: str) -> Fault:
    return Fault(data_map.sources[collection.source].file, f"meta.{collection.name}{path}", what, todo)


def _named_fields(data_map: DataMap, collection: Collection) -> Iterator[Fault]:
    named = {".changed_at": collection.changed_at, ".dated": collection.dated}
    named |= {f".{each.name}.on_file_if": each.on_file_if for each in collection.fields}
    named |= {f".{each.name}.on_file_until": each.on_file_until for each in collection.fields}
    if collection.hold:
        named[".hold.start"] = collection.hold.start
    if collection.retention:
        named[".retention.start"] = collection.retention.start
    if collection.recipients:
        told = collection.recipients
        named |= {".recipients.name": told.name, ".recipients.activity": told.activity}
        named |= {".recipients.at": told.at, ".recipients.email": told.email}
    for path, name in named.items():
        if name and not _has(collection, name):
            yield _fault(data_map, collection, path, f"`{name}` is no field here.", "Name a field of this collection.")


def _rules(data_map: DataMap, collection: Collection) -> Iterator[Fault]:
    for rule in collection.flags:
        path = f".{rule.right}.{rule.activity}"
        for name in (*rule.where, *rule.values):
            if not _has(collection, name):
                yield _fault(
                    data_map, collection, path, f"`{name}` is no field here.", "Name a field of this collection."
                )
        yield from _places(data_map, collection, path, tuple(rule.values.values()))
        if rule.action is Action.SET and rule.where and not rule.values:
            yield _fault(data_map, collection, path, "Nothing is set.", "Write what to set.")
    changed = collection.erase is not Erase.KEEP or _sets(collection.flags)
    if changed and not collection.primary_key:
        yield _fault(
            data_map, collection, "", "Its rows cannot be told apart.", "Mark the primary key: `primary_key: true`."
        )
    if collection.supplement:
        target = data_map.find(collection.supplement.collection, collection.source)
        if target is None or target.source != collection.source:
            yield _fault(
                data_map, collection, ".supplement", "There is no such collection.", "Name one of this source."
            )
        else:
            wrong = [name for name in collection.supplement.values if not _has(target, name)]
            for name in wrong:
                yield _fault(data_map, collection, ".supplement.insert", f"`{name}` is no field there.", "Correct it.")
        yield from _places(data_map, collection, ".supplement", tuple(collection.supplement.values.values()))


def _sets(flags: tuple[Flag, ...]) -> bool:
    return any(rule.action is Action.SET for rule in flags)


def _places(data_map: DataMap, collection: Collection, path: str, values: tuple[Value, ...]) -> Iterator[Fault]:
    for value in values:
        found = PLACE.fullmatch(value) if isinstance(value, str) else None
        if found is None or found[1] in OWN_PLACES:
            continue
        name, _, each = found[1].rpartition(".")
        target = data_map.find(name, collection.source)
        if target is None or not _has(target, each):
            yield _fault(
                data_map,
                collection,
                path,
                f"`{found[0]}` is no field.",
                "Write {collection.field}, {now} or {activity}.",
            )


def _edges(data_map: DataMap) -> Iterator[Fault]:
    for edge in data_map.edges:
        for here, there in ((edge.origin, edge.target), (edge.target, edge.origin)):
            owner = data_map.collections.get(there.collection)
            collection = data_map.collections.get(here.collection)
            if owner is not None and (collection is None or not _has_place(collection, here)):
                yield Fault(
                    data_map.sources[owner.source].file,
                    f"collections.{owner.name}.fields.{there.field}.references",
                    f"`{here}` does not exist in the data map.",
                    "Correct the dataset, the collection or the field.",
                )


def _unreachable(data_map: DataMap) -> Iterator[Fault]:
    reached = {identity.ref.collection for identity in data_map.identities}
    added = True
    while added:
        new = {edge.target.collection for edge in data_map.edges if edge.origin.collection in reached} - reached
        reached |= new
        added = bool(new)
    for collection in data_map.collections.values():
        said = [name for each in collection.fields for name in each.categories]
        if collection.key not in reached and (is_personal(tuple(said)) or not said):
            yield Fault(
                data_map.sources[collection.source].file,
                f"collections.{collection.name}",
                "No person is ever found here.",
                "Add a reference from a collection that is reached, or an identity.",
            )


def _emptied_for_all(data_map: DataMap) -> Iterator[Fault]:
    """Yield what erasing one person would empty for many, where no note of ours says what goes there."""
    kinds = {each.kind for each in data_map.identities}
    for there, here in shared_in_turn(data_map, flowing(data_map, kinds)).items():
        collection = data_map.collections[there]
        if any(each.mask_assumed and each.mask not in {None, Mask.KEEP} for each in collection.fields):
            yield Fault(
                data_map.sources[collection.source].file,
                f"collections.{collection.name}",
                f"Many may share its rows, by way of `{here}`: erasing one of them would empty these for all.",
                f"Write `{collection.name}: {{erase: keep}}` in `meta`, or `erase: deidentify` and what goes.",
            )


def _has_place(collection: Collection, ref: FieldRef) -> bool:
    """Return whether ``ref`` is a field of ``collection``; a document whose values are not named may hold any."""
    if not _has(collection, ref.field):
        return False
    inner = collection.field(ref.field).inner
    return not ref.path or not inner or any(each.path == ref.path for each in inner)


def _has(collection: Collection, name: str) -> bool:
    return any(each.name == name for each in collection.fields)
