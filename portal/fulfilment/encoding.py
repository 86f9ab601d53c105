"""How values of a database look in a package: exact in JSON, as safe text in CSV, as kinds in the schema. Pure."""

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from portal.sources.model import Collection, Value

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

SIGNATURES = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"%PDF-", "pdf"),
    (b"GIF8", "gif"),
)
PICTURES = frozenset({"jpg", "png", "gif", "webp"})


def suffix_of(content: bytes) -> str:
    """Return the file name's ending for ``content``, by its first bytes; ``bin`` when it is none we know."""
    for start, suffix in SIGNATURES:
        if content.startswith(start):
            return suffix
    return "webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else "bin"


def as_json(value: Value) -> Json:
    """Return ``value`` so that JSON keeps it exactly: decimals, dates and what JSON has no word for become text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, list | dict):
        nested: Json = json.loads(json.dumps(value, default=str))
        return nested
    return str(value)


def as_text(value: Json) -> str | None:
    """Return a JSON value as the text of a CSV cell, before it is made safe."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict) and set(value) == {"file", "bytes", "sha256"}:
        return str(value["file"])
    return json.dumps(value, ensure_ascii=False)


def kind_of(value: Value) -> str:
    """Return the JSON Schema type of ``value`` in ``data.json``, with its format after a colon where it has one."""
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (type(None), "null"),
        (bool, "boolean"),
        (int, "integer"),
        ((float, timedelta), "number"),
        (Decimal, "string:decimal"),
        (datetime, "string:date-time"),
        (date, "string:date"),
        (time, "string:time"),
        (bytes, "object:file"),
        (list, "array"),
        (dict, "object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "string")


def schema_of(collection: Collection, kinds: Mapping[str, set[str]], language: str) -> dict[str, Json]:
    """Return the JSON Schema of one row of ``collection``, with titles, categories and who provided each field."""
    properties: dict[str, Json] = {}
    for each in collection.fields:
        seen = sorted(kinds[each.name])
        about: dict[str, Json] = {
            "title": each.title.get(language) or each.title.get("en") or each.name,
            "type": [*dict.fromkeys(kind.partition(":")[0] for kind in seen)],
            "x-data-categories": list(each.categories),
            "x-provided": collection.provider(each).value,
            "x-primary-key": each.primary_key,
        }
        formats = [kind.partition(":")[2] for kind in seen if ":" in kind]
        if formats:
            about["format"] = formats[0]
        properties[each.name] = about
    return {
        "title": collection.title.get(language) or collection.title.get("en") or collection.name,
        "description": collection.description,
        "x-activity": collection.activity,
        "type": "array",
        "items": {"type": "object", "properties": properties, "required": [each.name for each in collection.fields]},
    }
