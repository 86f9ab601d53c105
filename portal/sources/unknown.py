"""Keys that nobody reads: fideslang drops what it does not know without a word, so the YAML itself is looked at.

What Fides would drop is told as a remark and dropped, as Fides does; one of our own additions in the wrong place, or
misspelt, is a fault, for it would change what a right does.
"""

from collections.abc import Mapping

from fideslang.models import CollectionMeta, Dataset, DatasetCollection, DatasetField, DatasetMetadata, FidesMeta
from fideslang.models import FidesDatasetReference as Reference
from pydantic import BaseModel

from portal.sources.notes import COLLECTION_KEYS, FIELD_KEYS, Node, Notes

META = frozenset({"fides_meta", "fidesops_meta"})

OURS = COLLECTION_KEYS | FIELD_KEYS

RETIRED = frozenset({"data_qualifier", "retention", "joint_controller", "third_country_transfers"} | {"fidesctl_meta"})
"""Keys that older versions of Fides wrote; they never told where data is."""


def tell_unknown_keys(notes: Notes, path: str, node: Node) -> None:
    """Note every key of the Dataset ``node`` that nobody reads."""
    notes.only(node, _known(Dataset), path, told=notes.remark)
    _in_meta(notes, path, node, DatasetMetadata)
    for number, collection in enumerate(nodes(node.get("collections"))):
        place = f"{path}.collections.{collection.get('name', number)}"
        notes.only(collection, _known(DatasetCollection), place, told=notes.remark)
        _in_meta(notes, place, collection, CollectionMeta)
        _in_fields(notes, place, collection)


def tell_unknown_places(notes: Notes, dataset: Dataset, meta: Node) -> None:
    """Note every key of ``meta`` that names no collection or field of ``dataset``."""
    places = {"_source"}
    for collection in dataset.collections:
        places.add(collection.name)
        places.update(f"{collection.name}.{each.name}" for each in collection.fields)
    ours = any(key in places or key.startswith("_") for key in meta)
    for key, value in meta.items():
        meant = isinstance(value, Mapping) and not OURS.isdisjoint(value)
        if key not in places and (ours or meant):
            notes.fault(
                f"meta.{key}", "There is no such collection or field.", "Correct the name, or take the note out."
            )


def nodes(given: object) -> list[Node]:
    """Return the mappings of a YAML list; none when it is no list."""
    return [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []


def _in_fields(notes: Notes, path: str, node: Node) -> None:
    for number, each in enumerate(nodes(node.get("fields"))):
        place = f"{path}.fields.{each.get('name', number)}"
        notes.only(each, _known(DatasetField), place, told=notes.remark)
        _in_meta(notes, place, each, FidesMeta)
        _in_fields(notes, place, each)


def _in_meta(notes: Notes, path: str, node: Node, model: type[BaseModel]) -> None:
    for name in META & set(node):
        about = notes.node(node[name], f"{path}.{name}")
        ours = sorted(FIELD_KEYS & set(about) - set(model.model_fields))
        notes.only(about, frozenset(model.model_fields), f"{path}.{name}", told=notes.remark)
        if ours:
            notes.fault(
                f"{path}.{name}", f"{', '.join(ours)} would be dropped here.", "Move it to the top-level `meta`."
            )
        for reference in nodes(about.get("references")):
            notes.only(reference, frozenset(Reference.model_fields), f"{path}.{name}.references", told=notes.remark)


def _known(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(model.model_fields) | META | RETIRED
