"""How values of a database look in a package: exact in JSON, as safe text in CSV, as kinds in the schema. Pure."""

import math
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from types import NoneType
from typing import TypeAlias, cast
from uuid import UUID

import orjson

from portal.sources.model import Collection, Value
from portal.sources.numbers import JsonNumber, write_json

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

SIGNATURES = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"%PDF-", "pdf"),
    (b"GIF8", "gif"),
)
PICTURES = frozenset({"jpg", "png", "gif", "webp"})


_AS_PYTHON_WRITES = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


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
        return value if math.isfinite(value) or isinstance(value, JsonNumber) else str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, list | dict):
        return _nested(value)
    return str(value)


def _nested(value: list[object] | dict[str, object]) -> Json:
    found: Json
    if isinstance(value, list) and any(isinstance(each, float | bytes | list) for each in value):
        return [_inside(cast("Value", each)) for each in value]
    try:
        found = orjson.loads(orjson.dumps(value, default=_as_text, option=_AS_PYTHON_WRITES))
    except TypeError:  # a number that a float rounds, one beyond 64 bits, a lone surrogate
        if isinstance(value, list):
            return [_inside(cast("Value", each)) for each in value]
        return {str(name): _inside(cast("Value", each)) for name, each in value.items()}
    return found


def _as_text(value: object) -> str:
    if isinstance(value, JsonNumber):
        raise TypeError
    return str(value)


def _inside(value: Value) -> Json:
    """Return what stands in an array as ``as_json`` does; binary content, which cannot be a file there, in base64."""
    return b64encode(value).decode() if isinstance(value, bytes) else as_json(value)


def as_text(value: Json) -> str | None:
    """Return a JSON value as the text of a CSV cell, before it is made safe."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict) and set(value) == {"file", "bytes", "sha256"}:
        return str(value["file"])
    return write_json(value)


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (NoneType, "null"),
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (timedelta, "number:seconds"),
    (Decimal, "string:decimal"),
    (UUID, "string:uuid"),
    (datetime, "string:date-time"),
    (date, "string:date"),
    (time, "string:time"),
    ((bytes, memoryview), "object:file"),
    (list, "array"),
    (dict, "object"),
)


@lru_cache(256)
def kind_of(kind: type) -> str:
    """Return the JSON Schema type of values of type ``kind`` in ``data.json``, with its format after a colon."""
    return next((name for family, name in _KINDS if issubclass(kind, family)), "string")


def schema_of(collection: Collection, kinds: Mapping[str, set[str]], language: str) -> dict[str, Json]:
    """Return the JSON Schema of one row of ``collection``, with titles, categories and who provided each field."""
    properties: dict[str, Json] = {}
    for each in collection.fields:
        seen = sorted(kinds[each.shown])
        about: dict[str, Json] = {
            "title": each.title.get(language) or each.title.get("en") or each.shown,
            "type": [*dict.fromkeys(kind.partition(":")[0] for kind in seen)],
            "x-data-categories": list(each.categories),
            "x-provided": collection.provider(each).value,
            "x-primary-key": each.primary_key,
        }
        if each.column_type:
            about["x-column-type"] = each.column_type
        formats = {kind.partition(":")[2] for kind in seen if kind.startswith("string")}
        formats |= {kind.partition(":")[2] for kind in seen if ":" in kind}
        if len(formats) == 1 and all(formats):
            about["format"] = formats.pop()
        properties[each.shown] = about
    return {
        "title": collection.title.get(language) or collection.title.get("en") or collection.shown,
        "description": collection.description,
        "x-activity": collection.activity,
        "type": "array",
        "items": {"type": "object", "properties": properties, "required": [each.shown for each in collection.fields]},
    }


def plain_name(name: str) -> str:
    """Return ``name`` with only letters, digits, dots, dashes and underscores: safe as a part of a path anywhere."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "_"
