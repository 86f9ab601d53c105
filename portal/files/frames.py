"""One message between the portal and the child that decodes: a line of JSON, then bytes."""

import json
from collections.abc import Mapping

Scalar = str | int | float | None
Field = Scalar | list[str] | list[list[float]]


def pack(fields: Mapping[str, Field], payload: bytes = b"") -> bytes:
    """Return ``fields`` and ``payload`` as one message."""
    return json.dumps(dict(fields)).encode("ascii") + b"\n" + payload


def unpack(message: bytes) -> tuple[dict[str, Field], bytes]:
    """Return what :func:`pack` was given; ValueError when it is no message."""
    head, line, payload = message.partition(b"\n")
    fields = json.loads(head)
    if not line or not isinstance(fields, dict):
        raise ValueError("not a message")
    return fields, payload
