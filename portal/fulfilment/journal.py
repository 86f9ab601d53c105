"""Writes that are decided and not done yet, as text and back: what a crash cut off is gone on with, not guessed anew.

Deciding again would not do: once one source is erased, the others no longer tell everything about the person. Pure.
"""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.fulfilment.plans import Effect, Key
from portal.fulfilment.steps import Insert, SourceSteps, Update
from portal.sources.model import Value
from portal.sources.numbers import JsonNumber

MICROSECOND = timedelta(microseconds=1)

_KINDS: tuple[tuple[str, type, Callable[[Any], str], Callable[[str], Value]], ...] = (
    ("number", JsonNumber, lambda value: value.text, JsonNumber.of),  # before float: it is one too
    ("float", float, float.hex, float.fromhex),
    ("decimal", Decimal, str, Decimal),
    ("bytes", bytes, bytes.hex, bytes.fromhex),
    ("datetime", datetime, datetime.isoformat, datetime.fromisoformat),  # before date: a moment is one too
    ("date", date, date.isoformat, date.fromisoformat),
    ("time", time, time.isoformat, time.fromisoformat),
    ("timedelta", timedelta, lambda value: str(value // MICROSECOND), lambda text: int(text) * MICROSECOND),
    ("uuid", UUID, str, UUID),
)


def steps_as_json(steps: SourceSteps) -> str:
    """Return ``steps`` as JSON text; values keep their types."""
    return json.dumps(
        {
            "source": steps.source,
            "keys": {name: list(fields) for name, fields in steps.keys.items()},
            "updates": {name: [_update(each) for each in found] for name, found in steps.updates.items() if found},
            "inserts": {name: [_insert(each) for each in found] for name, found in steps.inserts.items() if found},
            "deletes": [[name, keys_as_json(keys)] for name, keys in steps.deletes.items()],
        },
        ensure_ascii=False,
    )


def read_steps(text: str) -> SourceSteps:
    """Return the steps that ``steps_as_json`` wrote."""
    said = json.loads(text)
    steps = SourceSteps(said["source"])
    steps.keys = {name: tuple(fields) for name, fields in said["keys"].items()}
    steps.deletes = {name: read_keys(keys) for name, keys in said["deletes"]}
    for name, found in said["updates"].items():
        steps.updates[name] = [
            Update(_key(each["key"]), _values(each["values"]), Effect(each["effect"]), _values(each["old"]))
            for each in found
        ]
    for name, found in said["inserts"].items():
        steps.inserts[name] = [Insert(_values(each["values"]), Effect(each["effect"])) for each in found]
    return steps


def keys_as_json(keys: list[Key]) -> list[list[Any]]:
    """Return primary keys as JSON can hold them."""
    return [[_told(value) for value in key] for key in keys]


def read_keys(said: list[list[Any]]) -> list[Key]:
    """Return the primary keys that ``keys_as_json`` wrote."""
    return [_key(each) for each in said]


def _update(each: Update) -> dict[str, Any]:
    told = {name: _told(value) for name, value in each.values.items()}
    old = {name: _told(value) for name, value in each.old.items()}
    return {"key": [_told(value) for value in each.key], "values": told, "effect": each.effect.value, "old": old}


def _insert(each: Insert) -> dict[str, Any]:
    return {"values": {name: _told(value) for name, value in each.values.items()}, "effect": each.effect.value}


def _told(value: object) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list):
        return {"list": [_told(each) for each in value]}
    if isinstance(value, dict):
        return {"dict": {str(name): _told(each) for name, each in value.items()}}
    for kind, family, tell, _ in _KINDS:
        if isinstance(value, family):
            return {kind: tell(value)}
    raise TypeError(f"a {type(value).__name__} cannot be written down")


def _value(said: Any) -> Any:
    if not isinstance(said, dict):
        return said
    ((kind, told),) = said.items()
    if kind == "list":
        return [_value(each) for each in told]
    if kind == "dict":
        return {name: _value(each) for name, each in told.items()}
    return next(read(told) for name, _, _, read in _KINDS if name == kind)


def _key(said: list[Any]) -> Key:
    return tuple(_value(each) for each in said)


def _values(said: dict[str, Any]) -> dict[str, Value]:
    return {name: _value(each) for name, each in said.items()}
