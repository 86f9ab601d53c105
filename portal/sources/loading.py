"""Reads the manifests: plain fideslang Datasets plus our ``meta``. Every fault of every file is told at once.

fideslang drops keys it does not know and sorts what it reads, so this module looks at the YAML itself for unknown keys
and for the order of fields, and lets fideslang judge the rest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from fideslang.models import CollectionMeta, Dataset, DatasetCollection, DatasetField, DatasetMetadata, FidesMeta
from fideslang.models import FidesDatasetReference as Reference
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from portal.sources.agreement import agree
from portal.sources.faults import DataMapFault, Fault
from portal.sources.model import Collection, DataMap, Edge, Field, FieldRef, Source
from portal.sources.notes import FIELD_KEYS, Node, Notes, read_collection, read_field, read_source

META = frozenset({"fides_meta", "fidesops_meta"})


def load_data_map(folder: Path) -> DataMap:
    """Return the data map written in the ``*.yml`` and ``*.yaml`` files of ``folder``.

    Raises:
        DataMapFault: with every fault of every file.
    """
    files = sorted(path for path in folder.glob("*.y*ml") if path.suffix in {".yml", ".yaml"})
    faults: list[Fault] = []
    if not files:
        faults.append(Fault(str(folder), "*.yml", "There is no manifest here.", "Add one file per source."))
    sources: dict[str, Source] = {}
    collections: dict[str, Collection] = {}
    edges: list[Edge] = []
    for path in files:
        notes = Notes(path.name)
        for number, node in enumerate(_datasets(notes, path)):
            _read_dataset(notes, f"dataset.{number}", node, sources, collections, edges)
        faults += notes.faults
    data_map = DataMap(sources, collections, tuple(dict.fromkeys(_mentions(edge, collections) for edge in edges)))
    faults += agree(data_map)
    if faults:
        raise DataMapFault(faults)
    return data_map


def _mentions(edge: Edge, collections: dict[str, Collection]) -> Edge:
    target = collections.get(edge.target.collection)
    named = target is not None and any(each.name == edge.target.field and each.mentions for each in target.fields)
    return replace(edge, mention=named)


def _datasets(notes: Notes, path: Path) -> Iterator[Node]:
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as wrong:
        where = getattr(wrong, "problem_mark", None)
        line = f"line {where.line + 1}" if where is not None else "file"
        notes.fault(line, f"This is no YAML: {getattr(wrong, 'problem', wrong)}.", "Mend that line.")
        return
    top = notes.node(document, "file")
    notes.only(top, frozenset({"dataset"}), "file")
    given = top.get("dataset")
    if not isinstance(given, list) or not given:
        notes.fault(
            "dataset", "A list with one Dataset is expected.", "Start the file with `dataset:` and `- fides_key:`."
        )
        return
    for number, each in enumerate(given):
        yield notes.node(each, f"dataset.{number}")


def _read_dataset(
    notes: Notes,
    path: str,
    node: Node,
    sources: dict[str, Source],
    collections: dict[str, Collection],
    edges: list[Edge],
) -> None:
    _unknown_keys(notes, path, node)
    try:
        dataset = Dataset.model_validate(node)
    except ValidationError as wrong:
        for error in wrong.errors():
            notes.fault(".".join([path, *map(str, error["loc"])]), f"{error['msg']}.", "Mend this value.")
        return
    if dataset.fides_key in sources:
        notes.fault(f"{path}.fides_key", "This key is used twice.", "Give every source a key of its own.")
        return
    meta = notes.node(dataset.meta, "meta")
    namespace = notes.node(dataset.fides_meta.namespace if dataset.fides_meta else None, f"{path}.fides_meta.namespace")
    source = read_source(
        notes,
        dataset.fides_key,
        dataset.name or dataset.fides_key,
        notes.name(namespace, "schema", f"{path}.fides_meta.namespace"),
        notes.node(meta.get("_source"), "meta._source"),
    )
    sources[source.key] = source
    _unknown_places(notes, dataset, meta)
    by_name = {each.name: each for each in dataset.collections}
    for name in _names(node.get("collections")):
        read = by_name[name]
        if read.fides_meta is not None and read.fides_meta.skip_processing:
            continue
        collection = _collection(notes, source, read, _order_of_fields(node, name), meta)
        collections[collection.key] = collection
        edges.extend(_edges(notes, collection.key, read))


def _collection(notes: Notes, source: Source, read: DatasetCollection, order: list[str], meta: Node) -> Collection:
    by_name = {each.name: each for each in read.fields}
    fields = []
    for name in order:
        key = f"{read.name}.{name}"
        fields.append(read_field(notes, _field(by_name[name]), notes.node(meta.get(key), f"meta.{key}"), f"meta.{key}"))
    plain = Collection(
        source=source.key,
        name=read.name,
        title={"en": read.name.replace("_", " ").capitalize()},
        description=read.description or "",
        fields=tuple(fields),
        schema=source.schema,
    )
    return read_collection(notes, plain, notes.node(meta.get(read.name), f"meta.{read.name}"))


def _field(read: DatasetField) -> Field:
    plain = Field(
        name=read.name,
        title={"en": read.name.replace("_", " ").capitalize()},
        categories=tuple(read.data_categories or ()),
    )
    about = read.fides_meta
    if about is None:
        return plain
    return replace(
        plain,
        data_type=about.data_type,
        length=about.length,
        primary_key=bool(about.primary_key),
        read_only=bool(about.read_only),
        identity=about.identity,
    )


def _edges(notes: Notes, key: str, read: DatasetCollection) -> Iterator[Edge]:
    for each in read.fields:
        here = FieldRef(key, each.name)
        for reference in (each.fides_meta.references or ()) if each.fides_meta else ():
            path = f"collections.{read.name}.fields.{each.name}.references"
            collection, dot, name = reference.field.partition(".")
            if not dot or "." in name:
                notes.fault(path, f"`{reference.field}` is no field.", "Write it as `collection.field`.")
                continue
            there = FieldRef(f"{reference.dataset}.{collection}", name)
            if reference.direction is None:
                yield from (Edge(here, there), Edge(there, here))
            elif reference.direction.value == "to":
                yield Edge(here, there)
            else:
                yield Edge(there, here)


def _unknown_places(notes: Notes, dataset: Dataset, meta: Node) -> None:
    places = {"_source"}
    for collection in dataset.collections:
        places.add(collection.name)
        places.update(f"{collection.name}.{each.name}" for each in collection.fields)
    for key in meta:
        if key not in places:
            notes.fault(
                f"meta.{key}", "There is no such collection or field.", "Correct the name, or take the note out."
            )


def _unknown_keys(notes: Notes, path: str, node: Node) -> None:
    notes.only(node, _known(Dataset), path)
    _unknown_meta(notes, path, node, DatasetMetadata)
    for number, collection in enumerate(_nodes(node.get("collections"))):
        place = f"{path}.collections.{collection.get('name', number)}"
        notes.only(collection, _known(DatasetCollection), place)
        _unknown_meta(notes, place, collection, CollectionMeta)
        _unknown_in_fields(notes, place, collection)


def _unknown_in_fields(notes: Notes, path: str, node: Node) -> None:
    for number, each in enumerate(_nodes(node.get("fields"))):
        place = f"{path}.fields.{each.get('name', number)}"
        notes.only(each, _known(DatasetField), place)
        _unknown_meta(notes, place, each, FidesMeta)
        _unknown_in_fields(notes, place, each)


def _unknown_meta(notes: Notes, path: str, node: Node, model: type[BaseModel]) -> None:
    for name in META & set(node):
        about = notes.node(node[name], f"{path}.{name}")
        ours = sorted(FIELD_KEYS & set(about) - set(model.model_fields))
        notes.only(about, frozenset(model.model_fields), f"{path}.{name}")
        if ours:
            notes.fault(
                f"{path}.{name}", f"{', '.join(ours)} would be dropped here.", "Move it to the top-level `meta`."
            )
        for reference in _nodes(about.get("references")):
            notes.only(reference, frozenset(Reference.model_fields), f"{path}.{name}.references")


def _known(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(model.model_fields) | META


def _nodes(given: object) -> list[Node]:
    return [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []


def _names(given: object) -> list[str]:
    return [str(each["name"]) for each in _nodes(given)]


def _order_of_fields(node: Node, collection: str) -> list[str]:
    found = next(each for each in _nodes(node.get("collections")) if each["name"] == collection)
    return _names(found.get("fields"))
