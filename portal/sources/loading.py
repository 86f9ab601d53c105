"""Reads the manifests: plain fideslang Datasets plus our ``meta``. Every fault of every file is told at once.

fideslang sorts what it reads, so this module looks at the YAML itself for the order of fields, and lets fideslang judge
the rest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from fideslang.models import Dataset, DatasetCollection, DatasetField
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from portal.sources.agreement import agree, remarks_on
from portal.sources.aliases import alias, title_of
from portal.sources.defaults import with_defaults
from portal.sources.edges import Edge, FieldRef
from portal.sources.faults import DataMapFault, Fault
from portal.sources.ineffective import tell_without_effect
from portal.sources.linking import collection_key, edges_of, source_key
from portal.sources.manual import is_manual, read_manual
from portal.sources.model import Collection, DataMap, Field, Inner, Manual, Source
from portal.sources.notes import Node, Notes, read_collection, read_field, read_source
from portal.sources.turns import Turn, remarks_on_turns
from portal.sources.unknown import nodes, tell_unknown_keys, tell_unknown_places

OTHER_RESOURCES = frozenset(
    {"system", "policy", "organization", "evaluation", "data_category", "data_subject", "data_use", "data_purpose"}
    | {"registry", "rule", "connector"}
)
"""What else may stand in a file written for Fides; it does not tell where data is."""


@dataclass(slots=True)
class _Read:
    """What was read so far of all files."""

    sources: dict[str, Source] = field(default_factory=dict)
    manual: dict[str, Manual] = field(default_factory=dict)
    collections: dict[str, Collection] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    skipped: set[str] = field(default_factory=set)
    plain: dict[str, DatasetCollection] = field(default_factory=dict)
    turns: dict[str, Turn] = field(default_factory=dict)


def load_data_map(folder: Path) -> DataMap:
    """Return the data map written in the ``*.yml`` and ``*.yaml`` files of ``folder``, with remarks on them.

    Raises:
        DataMapFault: with every fault of every file.
    """
    files = sorted(path for path in folder.glob("*.y*ml") if path.suffix in {".yml", ".yaml"})
    if not files:
        raise DataMapFault([Fault(str(folder), "*.yml", "There is no manifest here.", "Add one file per source.")])
    return _read_manifests(tuple((path.name, path.read_bytes()) for path in files))


@lru_cache(maxsize=8)
def _read_manifests(files: tuple[tuple[str, bytes], ...]) -> DataMap:
    """Return the data map of the files, each a name and its content; the same content is read once a process."""
    faults: list[Fault] = []
    remarks: list[Fault] = []
    read = _Read()
    for name, content in files:
        notes = Notes(name)
        for number, node in enumerate(_datasets(notes, content)):
            _read_dataset(notes, f"dataset.{number}", node, read)
        faults += notes.faults
        remarks += notes.remarks
    data_map = _made(read)
    faults += agree(data_map)
    if faults:
        raise DataMapFault([*faults, *remarks])
    known = data_map.collections.keys() | data_map.sources.keys() | read.skipped
    remarks += remarks_on_turns(read.turns, data_map.collections, known)
    return replace(data_map, remarks=(*remarks, *remarks_on(data_map)))


def _made(read: _Read) -> DataMap:
    edges = (edge for edge in read.edges if not {edge.origin.collection, edge.target.collection} & read.skipped)
    kept = tuple(dict.fromkeys(_mentions(edge, read.collections) for edge in edges))
    ends = [ref for edge in kept for ref in (edge.origin, edge.target)]
    collections = {}
    for key, collection in read.collections.items():
        if key in read.plain:
            referring = frozenset(ref.field for ref in ends if ref.collection == key and not _in_list(collection, ref))
            collection = with_defaults(collection, read.plain[key], referring)
        turn = read.turns[key]
        earlier, erased_earlier = turn.earlier(key, read.collections), turn.erased_earlier(key, read.collections)
        collections[key] = replace(collection, after=earlier, erase_after=erased_earlier)
    return DataMap(read.sources, collections, kept, manual=read.manual)


def _in_list(collection: Collection, ref: FieldRef) -> bool:
    """Return whether ``ref`` is a value in the elements of a list: these may go without the column's others."""
    found = [each for each in collection.fields if each.name == ref.field and ref.path]
    kinds = [each.data_type or "" for each in found]
    kinds += [
        inner.data_type or "" for each in found for inner in each.inner if inner.path == ref.path[: len(inner.path)]
    ]
    return any(kind.endswith("[]") for kind in kinds)


def _mentions(edge: Edge, collections: dict[str, Collection]) -> Edge:
    target = collections.get(edge.target.collection)
    named = target is not None and any(each.name == edge.target.field and each.mentions for each in target.fields)
    return replace(edge, mention=named)


def _datasets(notes: Notes, content: bytes) -> Iterator[Node]:
    try:
        document = YAML(typ="safe", pure=True).load(content.decode())
    except (YAMLError, UnicodeDecodeError) as wrong:
        where = getattr(wrong, "problem_mark", None)
        line = f"line {where.line + 1}" if where is not None else "file"
        notes.fault(line, f"This is no YAML: {getattr(wrong, 'problem', wrong)}.", "Mend that line.")
        return
    top = notes.node(document, "file")
    told = notes.remark if "dataset" in top else None
    notes.only(top, OTHER_RESOURCES | {"dataset"}, "file", told=told)
    given = [top["dataset"]] if isinstance(top.get("dataset"), Mapping) else top.get("dataset")
    if not given and OTHER_RESOURCES & set(top):
        return
    if not isinstance(given, list) or not given:
        notes.fault(
            "dataset", "A list with one Dataset is expected.", "Start the file with `dataset:` and `- fides_key:`."
        )
        return
    for number, each in enumerate(given):
        yield notes.node(each, f"dataset.{number}")


def _read_dataset(notes: Notes, path: str, node: Node, read: _Read) -> None:
    tell_unknown_keys(notes, path, node)
    try:
        dataset = Dataset.model_validate(node)
    except ValidationError as wrong:
        for error in wrong.errors():
            notes.fault(".".join([path, *map(str, error["loc"])]), f"{error['msg']}.", "Mend this value.")
        return
    key = source_key(dataset.fides_key)
    if key in read.sources or key in read.manual:
        notes.fault(f"{path}.fides_key", "This key is used twice.", "Give every source a key of its own.")
        return
    meta = notes.node(dataset.meta, "meta")
    said = notes.node(meta.get("_source"), "meta._source")
    if is_manual(said):
        read.manual[key] = read_manual(notes, key, dataset.name or dataset.fides_key, said)
        if dataset.collections:
            notes.fault(f"{path}.collections", "This source has no database.", "Take the collections out.")
        return
    about = dataset.fides_meta
    namespace = notes.node(about.namespace if about else None, f"{path}.fides_meta.namespace")
    skipped = [each.name for each in dataset.collections if each.fides_meta and each.fides_meta.skip_processing]
    shown = alias(about, "dataset", len(read.sources) + 1, read.sources)
    source = read_source(
        notes,
        key,
        title_of(shown)["en"] if shown else dataset.name or dataset.fides_key,
        notes.name(namespace, "schema", f"{path}.fides_meta.namespace"),
        said,
    )
    read.sources[key] = replace(source, skipped=frozenset(skipped), alias=shown)
    read.skipped.update(f"{key}.{name}" for name in skipped)
    tell_unknown_places(notes, dataset, meta)
    tell_without_effect(notes, path, node, meta)
    by_name = {each.name: each for each in dataset.collections}
    for name in _names(node.get("collections")):
        if name not in skipped:
            _read_collection(notes, dataset, by_name[name], node, read)


def _read_collection(notes: Notes, dataset: Dataset, each: DatasetCollection, node: Node, read: _Read) -> None:
    source = read.sources[source_key(dataset.fides_key)]
    meta = notes.node(dataset.meta, "meta")
    inherited = tuple(each.data_categories or dataset.data_categories or ())
    names = _names(node.get("collections"))
    shown = alias(each.fides_meta, "collection", names.index(each.name) + 1, names)
    collection = _collection(notes, source, each, _order_of_fields(node, each.name), meta, inherited, shown)
    read.collections[collection.key] = collection
    if not any(key == each.name or key.startswith(f"{each.name}.") for key in meta):
        read.plain[collection.key] = each
    read.turns[collection.key] = _turn(notes, dataset, each)
    for one in each.fields:
        read.edges.extend(edges_of(notes, FieldRef(collection.key, one.name), one, f"collections.{each.name}.fields"))


def _turn(notes: Notes, dataset: Dataset, each: DatasetCollection) -> Turn:
    about, whole = each.fides_meta, dataset.fides_meta
    after = [*((about.after if about else None) or ()), *((whole.after if whole else None) or ())]
    return Turn(
        notes.file,
        f"collections.{each.name}",
        tuple(map(collection_key, after)),
        tuple(map(collection_key, (about.erase_after if about else None) or ())),
    )


def _collection(
    notes: Notes,
    source: Source,
    read: DatasetCollection,
    order: list[str],
    meta: Node,
    inherited: tuple[str, ...],
    shown: str,
) -> Collection:
    by_name = {each.name: each for each in read.fields}
    fields: list[Field] = []
    for name in order:
        key = f"{read.name}.{name}"
        each = _field(by_name[name], inherited)
        if neutral := alias(by_name[name].fides_meta, "field", len(fields) + 1, order):
            each = replace(each, alias=neutral, title=title_of(neutral))
        fields.append(read_field(notes, each, notes.node(meta.get(key), f"meta.{key}"), f"meta.{key}"))
    plain = Collection(
        source=source.key,
        name=read.name,
        title=title_of(shown or read.name),
        description=read.description or "",
        alias=f"{source.alias or source.key}.{shown or read.name}" if shown or source.alias else "",
        fields=tuple(fields),
        schema=source.schema,
    )
    return read_collection(notes, plain, notes.node(meta.get(read.name), f"meta.{read.name}"))


def _field(read: DatasetField, inherited: tuple[str, ...]) -> Field:
    plain = Field(
        name=read.name,
        title=title_of(read.name),
        categories=tuple(read.data_categories or inherited),
        inner=tuple(_inner(read, ())),
        about=read.description or "",
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
        all_elements=bool(about.return_all_elements),
    )


def _inner(read: DatasetField, path: tuple[str, ...]) -> Iterator[Inner]:
    for each in read.fields or ():
        about, here = each.fides_meta, (*path, each.name)
        yield Inner(
            here,
            tuple(each.data_categories or ()),
            about.data_type if about else None,
            about.identity if about else None,
            bool(about and about.return_all_elements),
        )
        yield from _inner(each, here)


def _names(given: object) -> list[str]:
    return [str(each["name"]) for each in nodes(given)]


def _order_of_fields(node: Node, collection: str) -> list[str]:
    found = next(each for each in nodes(node.get("collections")) if each["name"] == collection)
    return _names(found.get("fields"))
