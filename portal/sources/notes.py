"""Reads our own additions, the Dataset's top-level ``meta``, and notes every fault instead of stopping at the first.

Keys are ``_source``, ``collection`` or ``collection.field``. What Fides itself understands is read in ``loading``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias, TypeVar

from portal.sources.duration import Duration
from portal.sources.faults import Fault
from portal.sources.model import (
    Action,
    Collection,
    Erase,
    Field,
    Flag,
    Hold,
    Mask,
    Provided,
    Recipients,
    Retention,
    Source,
    Supplement,
    Texts,
    Value,
)

Node: TypeAlias = Mapping[str, object]
Told: TypeAlias = Callable[[str, str, str], None]
Choice = TypeVar("Choice", bound=StrEnum)

SOURCE_KEYS = frozenset({"title", "kind", "not_personal", "schema"})
FLAG_RIGHTS = ("restrict", "object", "withdraw")
COLLECTION_KEYS = frozenset(
    {"activity", "provided", "title", "erase", "hold", "order", "changed_at", "release", "reason", "dated"}
    | {"rectify", "supplement", "recipients", "retention", "ask", *FLAG_RIGHTS}
)
FIELD_KEYS = frozenset(
    {"title", "on_file", "on_file_if", "on_file_until", "name", "account", "identifies", "mentions", "third_party"}
    | {"rectify", "release", "provided", "erase", "reason"}
)


@dataclass(slots=True)
class Notes:
    """Reads values out of YAML nodes and collects what is wrong with them."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)

    def remark(self, path: str, what: str, todo: str) -> None:
        """Note something that the check tells, but that does not keep the data map from being used."""
        self.remarks.append(Fault(self.file, path, what, todo))

    def fault(self, path: str, what: str, todo: str) -> None:
        """Note one fault."""
        self.faults.append(Fault(self.file, path, what, todo))

    def only(self, node: Node, allowed: frozenset[str], path: str, told: Told | None = None) -> None:
        """Note every key of ``node`` that nobody would read, as a fault unless ``told`` is given."""
        for key in node:
            if key not in allowed:
                (told or self.fault)(
                    f"{path}.{key}", "This key is unknown.", f"Use one of: {', '.join(sorted(allowed))}."
                )

    def node(self, node: object, path: str) -> Node:
        """Return ``node`` as a mapping with text keys; empty when it is none."""
        if node is None:
            return {}
        if isinstance(node, Mapping):
            return {str(key): value for key, value in node.items()}
        self.fault(path, "A mapping is expected here.", "Write it as `key: value` lines.")
        return {}

    def text(self, node: Node, key: str, path: str, default: str = "") -> str:
        """Return the text under ``key``."""
        value = node.get(key, default)
        if isinstance(value, str):
            return value
        self.fault(f"{path}.{key}", "A text is expected here.", "Put the value between quotes.")
        return default

    def name(self, node: Node, key: str, path: str) -> str | None:
        """Return the field name under ``key``, or nothing when it is not there."""
        return self.text(node, key, path) or None

    def yes(self, node: Node, key: str, path: str, default: bool = False) -> bool:
        """Return the truth value under ``key``."""
        value = node.get(key, default)
        if isinstance(value, bool):
            return value
        self.fault(f"{path}.{key}", "True or false is expected here.", "Write `true` or `false`.")
        return default

    def choice(self, node: Node, key: str, path: str, kind: type[Choice]) -> Choice | None:
        """Return the member of ``kind`` under ``key``; YAML's own null counts as the word."""
        if key not in node:
            return None
        value = "null" if node[key] is None else node[key]
        try:
            return kind(str(value))
        except ValueError:
            words = ", ".join(member.value for member in kind)
            self.fault(f"{path}.{key}", "This value is unknown.", f"Use one of: {words}.")
            return None

    def texts(self, node: Node, key: str, path: str) -> Texts:
        """Return the text per language under ``key``; one plain text counts for English."""
        value = node.get(key)
        if value is None:
            return {}
        if isinstance(value, str):
            return {"en": value}
        found = self.node(value, f"{path}.{key}")
        return {language: self.text(found, language, f"{path}.{key}") for language in found}


def read_source(notes: Notes, key: str, title: str, schema: str | None, node: Node) -> Source:
    """Return the source described by ``meta._source``."""
    path = "meta._source"
    notes.only(node, SOURCE_KEYS, path)
    if node.get("kind", "sql") != "sql":
        notes.fault(f"{path}.kind", "Only SQL databases are read.", "Write `kind: sql`, or leave the source out.")
    skipped = node.get("not_personal", [])
    if not isinstance(skipped, list):
        notes.fault(f"{path}.not_personal", "A list is expected here.", "Write one `- table` line per table.")
        skipped = []
    return Source(
        key=key,
        title=notes.texts(node, "title", path) or {"en": title},
        file=notes.file,
        not_personal=frozenset(str(name) for name in skipped),
        schema=notes.name(node, "schema", path) or schema,
    )


def read_collection(notes: Notes, collection: Collection, node: Node) -> Collection:
    """Return ``collection`` completed with ``meta.<collection>``."""
    path = f"meta.{collection.name}"
    notes.only(node, COLLECTION_KEYS, path)
    order = node.get("order", collection.order)
    if not isinstance(order, int):
        notes.fault(f"{path}.order", "A whole number is expected here.", "Write a number such as 10.")
        order = collection.order
    return replace(
        collection,
        activity=notes.text(node, "activity", path),
        title=notes.texts(node, "title", path) or collection.title,
        order=order,
        provided=notes.choice(node, "provided", path, Provided) or collection.provided,
        release=notes.yes(node, "release", path, True),
        reason=notes.texts(node, "reason", path),
        erase=notes.choice(node, "erase", path, Erase) or collection.erase,
        hold=_hold(notes, node, path),
        changed_at=notes.name(node, "changed_at", path),
        dated=notes.name(node, "dated", path),
        rectify=notes.text(node, "rectify", path),
        supplement=_supplement(notes, node, path),
        recipients=_recipients(notes, node, path),
        retention=_retention(notes, node, path),
        ask=_ask(notes, node, path),
        flags=_flags(notes, node, path),
    )


def read_field(notes: Notes, each: Field, node: Node, path: str) -> Field:
    """Return ``each`` completed with ``meta.<collection>.<field>``."""
    notes.only(node, FIELD_KEYS, path)
    return replace(
        each,
        title=notes.texts(node, "title", path) or each.title,
        on_file=notes.yes(node, "on_file", path),
        on_file_if=notes.name(node, "on_file_if", path),
        on_file_until=notes.name(node, "on_file_until", path),
        identifies=notes.yes(node, "identifies", path),
        mentions=notes.yes(node, "mentions", path),
        is_name=notes.yes(node, "name", path),
        is_account=notes.yes(node, "account", path),
        third_party=notes.yes(node, "third_party", path),
        rectify=notes.yes(node, "rectify", path),
        release=notes.yes(node, "release", path, True),
        reason=notes.texts(node, "reason", path),
        provided=notes.choice(node, "provided", path, Provided),
        mask=notes.choice(node, "erase", path, Mask),
    )


def _hold(notes: Notes, node: Node, path: str) -> Hold | None:
    if "hold" not in node:
        return None
    path = f"{path}.hold"
    hold = notes.node(node["hold"], path)
    notes.only(hold, frozenset({"law", "article", "start", "duration"}), path)
    for key in ("law", "article", "start", "duration"):
        if not hold.get(key):
            notes.fault(
                f"{path}.{key}",
                "A hold needs this.",
                "Name law and article, the field it starts at, the duration.",
            )
    duration = _duration(notes, hold, path)
    if duration is None:
        return None
    return Hold(
        notes.texts(hold, "law", path), notes.text(hold, "article", path), notes.text(hold, "start", path), duration
    )


def _supplement(notes: Notes, node: Node, path: str) -> Supplement | None:
    if "supplement" not in node:
        return None
    path = f"{path}.supplement"
    found = notes.node(node["supplement"], path)
    notes.only(found, frozenset({"collection", "insert"}), path)
    return Supplement(notes.text(found, "collection", path), _values(notes, found.get("insert"), f"{path}.insert"))


def _recipients(notes: Notes, node: Node, path: str) -> Recipients | None:
    if "recipients" not in node:
        return None
    path = f"{path}.recipients"
    found = notes.node(node["recipients"], path)
    notes.only(found, frozenset({"name", "activity", "at", "email"}), path)
    return Recipients(
        notes.text(found, "name", path),
        notes.name(found, "activity", path),
        notes.name(found, "at", path),
        notes.name(found, "email", path),
    )


def _retention(notes: Notes, node: Node, path: str) -> Retention | None:
    if "retention" not in node:
        return None
    path = f"{path}.retention"
    found = notes.node(node["retention"], path)
    notes.only(found, frozenset({"start", "duration"}), path)
    duration = _duration(notes, found, path)
    return Retention(notes.text(found, "start", path), duration) if duration else None


def _ask(notes: Notes, node: Node, path: str) -> dict[str, Texts]:
    asked = notes.node(node.get("ask"), f"{path}.ask")
    return {kind: notes.texts(asked, kind, f"{path}.ask") for kind in asked}


def _duration(notes: Notes, node: Node, path: str) -> Duration | None:
    try:
        return Duration.parse(notes.text(node, "duration", path))
    except ValueError as wrong:
        notes.fault(f"{path}.duration", "This is no duration.", f"Please {wrong}.")
        return None


def _flags(notes: Notes, node: Node, path: str) -> tuple[Flag, ...]:
    rules: list[Flag] = []
    for right in FLAG_RIGHTS:
        for activity, given in notes.node(node.get(right), f"{path}.{right}").items():
            rules.append(_flag(notes, right, activity, given, f"{path}.{right}.{activity}"))
    return tuple(rules)


def _flag(notes: Notes, right: str, activity: str, given: object, path: str) -> Flag:
    rule = notes.node(given, path)
    notes.only(rule, frozenset({"where", "set", "insert"}), path)
    if ("set" in rule) == ("insert" in rule):
        notes.fault(path, "A rule either sets fields or inserts a row.", "Write `set:` or `insert:`, one of the two.")
    action = Action.INSERT if "insert" in rule else Action.SET
    return Flag(
        right,
        activity,
        action,
        where=_values(notes, rule.get("where"), f"{path}.where"),
        values=_values(notes, rule.get(action.value), f"{path}.{action.value}"),
    )


def _values(notes: Notes, node: object, path: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, value in notes.node(node, path).items():
        if value is None or isinstance(value, str | int | float | bool):
            found[key] = value
        else:
            notes.fault(f"{path}.{key}", "One plain value is expected here.", "Write a text, a number or true/false.")
    return found
