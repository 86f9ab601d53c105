"""What Fides acts upon and the portal does not: told by the check, so that nobody counts on it.

Keys that tell nothing of where data is or what happens to it, such as tags, are read by neither.
"""

from collections.abc import Mapping

from portal.sources.defaults import STRATEGIES, tells_who
from portal.sources.notes import Node, Notes
from portal.sources.unknown import META, nodes

INSIDE = {
    "primary_key": "Mark columns only.",
    "read_only": "Mark the column, or write `erase: keep` at it in `meta`.",
    "length": "Write it at the column.",
    "redact": "Write it at the column.",
    "masking_strategy_override": "Write it at the column: it is erased as a whole.",
}
"""Keys that count at a column and not at a value in its documents, with what to do."""

USED = {
    "string_rewrite": frozenset({"rewrite_value", "format_preservation"}),
    "random_string_rewrite": frozenset({"length", "format_preservation"}),
    **dict.fromkeys(("hash", "hmac", "aes_encrypt"), frozenset({"format_preservation"})),
}
"""What is used of the configuration of a masking strategy."""

ROOTS = frozenset({"user", "system"})
"""What a category begins with: the person's, or not."""

NO_EFFECT = "This has no effect here."


def tell_without_effect(notes: Notes, path: str, node: Node, meta: Node) -> None:
    """Note every key of the Dataset ``node`` that Fides acts upon and the portal does not.

    Args:
        notes: where it is told.
        path: place of the Dataset in its file.
        node: the Dataset as it was written.
        meta: our own notes in it.
    """
    for place, about in _about(path, node):
        for key in sorted(_mapping(about.get("namespace")).keys() - {"schema", "connection_type"}):
            todo = "The addresses PORTAL_SOURCE_..._READ and _WRITE say which database it is."
            notes.remark(f"{place}.namespace.{key}", NO_EFFECT, todo)
    _rooted(notes, path, node)
    for each in nodes(node.get("collections")):
        name = str(each.get("name"))
        noted = any(key == name or key.startswith(f"{name}.") for key in meta)
        here = f"{path}.collections.{name}"
        _rooted(notes, here, each)
        for place, about in _about(here, each):
            if "partitioning" in about:
                notes.remark(f"{place}.partitioning", NO_EFFECT, "Rows of every partition are read.")
            if noted and about.get("masking_strategy_override"):
                todo = f"Write `erase: delete` at `{name}` in `meta`, which decides for this collection."
                notes.remark(f"{place}.masking_strategy_override", NO_EFFECT, todo)
        for one in nodes(each.get("fields")):
            _field(notes, f"{here}.fields.{one.get('name')}", one, noted)


def _field(notes: Notes, path: str, node: Node, noted: bool) -> None:
    _rooted(notes, path, node)
    for place, about in _about(path, node):
        _custom(notes, place, about)
        override = _mapping(about.get("masking_strategy_override"))
        if override:
            tells = tells_who(about.get("identity"), map(str, _list(node.get("data_categories"))))
            stays = any(about.get(key) for key in ("primary_key", "read_only"))
            stays = stays or (bool(about.get("references")) and not tells)
            _override(notes, f"{place}.masking_strategy_override", override, noted=noted, stays=stays)
    for inner in nodes(node.get("fields")):
        _inside(notes, f"{path}.fields.{inner.get('name')}", inner)


def _inside(notes: Notes, path: str, node: Node) -> None:
    _rooted(notes, path, node)
    for place, about in _about(path, node):
        _custom(notes, place, about)
        for key, todo in INSIDE.items():
            if about.get(key):
                notes.remark(f"{place}.{key}", NO_EFFECT, todo)
    for inner in nodes(node.get("fields")):
        _inside(notes, f"{path}.fields.{inner.get('name')}", inner)


def _rooted(notes: Notes, path: str, node: Node) -> None:
    for said in map(str, _list(node.get("data_categories"))):
        if said.partition(".")[0] not in ROOTS:
            what = f"`{said}` begins with neither `user` nor `system`: erasing takes it for nobody's."
            notes.remark(f"{path}.data_categories", what, "Correct it, if it is about a person.")


def _custom(notes: Notes, place: str, about: Node) -> None:
    if about.get("custom_request_field"):
        todo = "Nobody is asked for it. Use `identity` here, and `ask` in `meta`, if a person is found by it."
        notes.remark(f"{place}.custom_request_field", NO_EFFECT, todo)


def _override(notes: Notes, place: str, override: Node, *, noted: bool, stays: bool) -> None:
    strategy = str(override.get("strategy"))
    if noted:
        notes.remark(place, NO_EFFECT, "Write `erase` in `meta`, which decides for this collection.")
    elif stays:
        notes.remark(place, NO_EFFECT, "Keys, references and what is read-only stay. Take it out.")
    elif strategy not in STRATEGIES:
        notes.remark(
            f"{place}.strategy",
            f"`{strategy}` is unknown: the column is emptied.",
            f"Use one of: {', '.join(sorted(STRATEGIES))}.",
        )
    else:
        for key in sorted(_mapping(override.get("configuration")).keys() - USED.get(strategy, frozenset())):
            todo = "A token of random letters is written, which tells nobody anything. Take it out."
            notes.remark(f"{place}.configuration.{key}", NO_EFFECT, todo if strategy in USED else "Take it out.")


def _about(path: str, node: Node) -> list[tuple[str, Node]]:
    return [(f"{path}.{name}", _mapping(node[name])) for name in sorted(META & set(node))]


def _list(given: object) -> list[object]:
    return given if isinstance(given, list) else []


def _mapping(given: object) -> Node:
    return {str(key): value for key, value in given.items()} if isinstance(given, Mapping) else {}
