"""Numbers in JSON documents that Python would round: kept as they are written, digit by digit. Pure."""

import json
from decimal import Decimal

import orjson

SURE = 15
"""So many digits of a decimal a float always keeps."""


class JsonNumber(float):
    """A number as it stands in a document, where the nearest float is another one; it counts as that float."""

    text: str

    @classmethod
    def of(cls, text: str) -> "JsonNumber":
        """Return the number that is written as ``text``."""
        made = cls(text)
        made.text = text
        return made


def read_json(text: str | bytes) -> object:
    """Return the document in ``text``, with each number exactly as it stands there.

    Raises:
        ValueError: it is no JSON.
    """
    return _DECODER.decode(text if isinstance(text, str) else text.decode())


def write_json(value: object) -> str:
    """Return the document ``value`` as JSON text, with what ``read_json`` kept exactly as it was."""
    try:
        orjson.dumps(value)
    except TypeError:  # a number that a float rounds, one beyond 64 bits, a lone surrogate
        return _exactly(value)
    return json.dumps(value, ensure_ascii=False)


def _number(text: str) -> float:
    found = float(text)
    if len(text) <= SURE and "e" not in text and "E" not in text:
        return found
    return found if Decimal(repr(found)) == Decimal(text) else JsonNumber.of(text)


def _exactly(value: object) -> str:
    if isinstance(value, JsonNumber):
        return value.text
    if isinstance(value, list):
        return f"[{', '.join(map(_exactly, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_exactly(str(name))}: {_exactly(each)}" for name, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


_DECODER = json.JSONDecoder(parse_float=_number)
