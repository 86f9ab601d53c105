"""The child process that looks at files: reads one message, locks itself in, works, answers, ends.

Started by ``sandbox`` as a fresh interpreter with an empty environment. Holds no key, no setting, no database. It says
``READY`` once it is locked in: if it then ends without an answer, whatever the cause, the file is at fault and refused.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

from portal.files import jail, sniff, structure
from portal.files.frames import Field, pack, unpack
from portal.files.verdicts import Reason, Refused

READY = b"\x06"
Reading = Callable[[sniff.Kind, bytes, list[list[float]], dict[str, str]], bytes]
_MESSAGE_MOST = 12 << 20


def main() -> None:
    """Do the one task that waits on standard input and leave the answer on standard output."""
    jail.limit()
    fields, payload = unpack(_read())
    tasks = {
        "take_in": lambda: _look(fields, payload, _taken_in),
        "pages": lambda: _look(fields, payload, _paged),
        "read_inside": lambda: _read_inside(payload),
    }
    answer = tasks.get(str(fields["task"]), lambda: _mark(fields, payload))()
    place = 0
    while place < len(answer):
        place += os.write(1, answer[place:])
    os._exit(0)


def _look(fields: dict[str, Field], data: bytes, read: Reading) -> bytes:
    head = data[: sniff.HEAD_BYTES]
    kind = sniff.signature(head)
    names = sniff.load_names()
    if kind:
        _prepare(kind)
    _lock(threads=kind is sniff.Kind.HEIC)
    named = {"media_type": sniff.media_type(head, names)}
    try:
        return read(sniff.sniff(head, names), data, _boxes(fields), named)
    except Refused as refusal:
        return pack({**named, "reason": refusal.reason.value})
    except MemoryError:
        return pack({**named, "reason": Reason.TOO_HEAVY.value})


def _prepare(kind: sniff.Kind) -> None:
    from portal.files import pages, pixels  # noqa: F401 # only now: a file of another kind needs no Pillow

    pixels.prepare(kind)


def _taken_in(kind: sniff.Kind, data: bytes, boxes: list[list[float]], named: dict[str, str]) -> bytes:
    from portal.files import pixels

    structure.check(kind, data)
    seen = pixels.take_in(kind, data, boxes)
    size = {"width": seen.width, "height": seen.height}
    remarks = [remark.value for remark in seen.remarks]
    return pack({**named, **size, "black": seen.black, "remarks": remarks}, seen.jpeg)


def _paged(kind: sniff.Kind, data: bytes, _boxes: list[list[float]], named: dict[str, str]) -> bytes:
    from portal.files import pages

    structure.check(kind, data)
    found = pages.pages_of(kind, data)
    sizes = [[float(each.width), float(each.height), float(len(each.jpeg))] for each in found]
    return pack({**named, "pages": sizes}, b"".join(each.jpeg for each in found))


def _mark(fields: dict[str, Field], jpeg: bytes) -> bytes:
    from fontpkg_atkinson_hyperlegible import ROOT

    from portal.files import looks, pixels

    font = (Path(ROOT) / "files" / "AtkinsonHyperlegible-Bold.ttf").read_bytes()
    pixels.prepare(sniff.Kind.JPEG)
    _lock()
    picture, boxes = pixels.reopen(jpeg), _boxes(fields)
    named: dict[str, Field] = {}
    if fields["task"] == "cover":
        veil = looks.Veil(tuple(boxes), foot=bool(fields["foot"]))
        named["fingerprint"] = looks.fingerprint(picture.convert("L"), veil)
        pixels.burn_boxes(picture, boxes)
    return pack(named, pixels.encode(pixels.watermark(picture, str(fields["text"]), font)))


def _boxes(fields: dict[str, Field]) -> list[list[float]]:
    return cast(list[list[float]], fields.get("boxes", []))


def _read_inside(pdf: bytes) -> bytes:
    from portal.files import inside

    inside.prepare()
    _lock()
    return inside.read(pdf)


def _lock(threads: bool = False) -> None:
    jail.lock(threads)
    os.write(1, READY)


def _read() -> bytes:
    with os.fdopen(0, "rb", closefd=False) as source:
        return source.read(_MESSAGE_MOST)
