"""Reads the references of a Dataset, and the keys by which they name what they lead to."""

from collections.abc import Iterator
from dataclasses import replace

from fideslang.models import DatasetField, FidesDatasetReference

from portal.sources.edges import Edge, FieldRef, Way
from portal.sources.notes import Notes


def edges_of(notes: Notes, here: FieldRef, each: DatasetField, path: str) -> Iterator[Edge]:
    """Yield what the references of ``each``, which stands at ``here``, and of the values in it say."""
    for reference in (each.fides_meta.references or ()) if each.fides_meta else ():
        there = _there(reference)
        if there is None:
            place = f"{path}.{each.name}.references"
            notes.fault(place, f"`{reference.field}` is no field.", "Write it as `collection.field`.")
        elif reference.direction is None:
            yield from (Edge(there, here, way=Way.DOWN), Edge(here, there, way=Way.UP))
        else:
            yield Edge(here, there) if reference.direction.value == "to" else Edge(there, here)
    for inner in each.fields or ():
        deeper = replace(here, path=(*here.path, inner.name))
        yield from edges_of(notes, deeper, inner, f"{path}.{each.name}.fields")


def _there(reference: FidesDatasetReference) -> FieldRef | None:
    collection, *names = reference.field.split(".")
    if not collection or not all(names) or not names:
        return None
    return FieldRef(f"{source_key(reference.dataset)}.{collection}", names[0], tuple(names[1:]))


def source_key(fides_key: str) -> str:
    """Return the key of a source: a dot would part it from the collection's name."""
    return fides_key.replace(".", "_")


def collection_key(name: str) -> str:
    """Return the key of a collection, or of a source, as Fides names it."""
    dataset, dot, collection = name.rpartition(".")
    return f"{source_key(dataset)}.{collection}" if dot else name
