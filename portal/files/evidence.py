"""Taking in a picture of a card: read at most 10 MiB, have the child look at it, give back fresh pixels or a sentence.

What lives here: the limits and the services for views, jobs and the command line. What must not: storing (``vault``),
keys (``keys``), which case it is for (``cases``). The original bytes go no further than the child.
"""

import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypedDict

from portal.errors import UploadRejected, UploadTooBig
from portal.files import sandbox
from portal.files.frames import Field
from portal.files.sandbox import ChildGaveUp, SandboxBroken
from portal.files.sniff import signature
from portal.files.structure import is_plain_jpeg
from portal.files.verdicts import REMARKS, SENTENCES, Reason, Remark

LIMIT = 10_485_760
MARK_LENGTH = 160
FINGERPRINT = 2880  # hex digits: 96 x 60 places, once for lighter and once for darker
LEAST_COMMON, AGAINST = 200, 150


@dataclass(frozen=True)
class Picture:
    """A picture that was taken in.

    Attributes:
        jpeg: rebuilt from pixels; carries no metadata.
        width, height: in pixels, upright, the longer side at most 2400.
        warnings: English source sentences about what is odd; they never block.
        media_type: what the original was.
        black: whether every box that the sender claims is black in the pixels; False where none is claimed.
    """

    jpeg: bytes
    width: int
    height: int
    warnings: tuple[str, ...]
    media_type: str
    black: bool


@dataclass(frozen=True)
class Box:
    """A rectangle to cover: percent of the picture's width and height, from its upper left corner."""

    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        sides = (self.left, self.top, self.width, self.height)
        if not all(math.isfinite(side) and 0 <= side <= 100 for side in sides) or not (self.width and self.height):
            raise ValueError("a box is given in percent, and has a width and a height")


@dataclass(frozen=True)
class Covered:
    """A picture with its boxes and its mark burned in.

    Attributes:
        jpeg: the picture.
        fingerprint: difference hash (hex) of what is not covered; compare with :func:`is_same`.
    """

    jpeg: bytes
    fingerprint: str


class UploadReport(TypedDict):
    """One line of ``flask check-upload``."""

    file: str
    accepted: bool
    media_type: str | None
    reason: str | None
    seconds: float


@dataclass(frozen=True)
class _Verdict:
    media_type: str | None
    picture: Picture | None
    reason: Reason | None


def take_in(stream: IO[bytes], slots: Path | None = None, boxes: Sequence[Box] = ()) -> Picture:
    """Read an uploaded file and return its picture.

    Args:
        stream: the upload; read up to one byte past the limit, never more.
        slots: folder for the two places all processes share (``Settings.data_dir / "slots"``).
        boxes: what the sender's browser says it covered; whether that is so stands in ``Picture.black``.

    Raises:
        UploadTooBig: above 10 MiB. UploadRejected: anything else about the file, with a sentence that says what to do.
        SandboxBusy, SandboxBroken: not the file's fault.
    """
    verdict = _judge(_read(stream), slots, boxes)
    if verdict.picture is None:
        reason = verdict.reason or Reason.DAMAGED
        kind = UploadTooBig if reason is Reason.TOO_BIG else UploadRejected
        raise kind(SENTENCES[reason])
    return verdict.picture


def check_upload(path: Path, slots: Path | None = None) -> UploadReport:
    """Return what the portal would say to the file at ``path``, by the same code as :func:`take_in`."""
    began = time.perf_counter()
    try:
        with path.open("rb") as stream:
            verdict = _judge(_read(stream), slots)
    except OSError as error:
        return _report(path, None, error.strerror or "unreadable", began)
    reason = SENTENCES[verdict.reason] if verdict.reason else None
    return _report(path, verdict.media_type, reason, began)


def cover(jpeg: bytes, boxes: Sequence[Box], mark: str, slots: Path | None = None, *, foot: bool = False) -> Covered:
    """Return ``jpeg`` (one of ours) with ``boxes`` painted black into its pixels and ``mark`` across it.

    Args:
        jpeg: the picture.
        boxes: what to cover.
        mark: as for :func:`watermark`.
        slots: as for :func:`take_in`.
        foot: a browser wrote its own line at the foot, which says nothing about the photo.
    """
    fields: dict[str, Field] = {"task": "cover", "boxes": _places(boxes), "text": _line(mark), "foot": foot}
    answer, covered = _redraw(fields, jpeg, slots)
    return Covered(covered, f"{int(str(answer['fingerprint']), 16):0{FINGERPRINT}x}")


def watermark(jpeg: bytes, text: str, slots: Path | None = None) -> bytes:
    """Return ``jpeg`` (one of ours) with ``text`` burned across it; its size stays as it was.

    Args:
        text: already in the reader's language ("COPY, only for request MB-7K4Q-29, 22 November 2026"); one line, cut
            at 160 characters. It stays out of arguments, files and logs.
    """
    return _redraw({"task": "watermark", "text": _line(text)}, jpeg, slots)[1]


def is_same(one: str, other: str) -> bool:
    """Tell whether two fingerprints are very likely of the same picture, covered in the same way or not.

    Measured on drawn cards: another size, quality or brightness contradicts in at most 1 place of 400, another name on
    a card in the very same spot in at least 1 of 80. Where too little is left to compare, the answer is no.
    """
    half = FINGERPRINT // 2
    lighter, darker = int(one[:half], 16), int(one[half:], 16)
    lighter_too, darker_too = int(other[:half], 16), int(other[half:], 16)
    common = ((lighter | darker) & (lighter_too | darker_too)).bit_count()
    against = (lighter & darker_too | darker & lighter_too).bit_count()
    return common >= LEAST_COMMON and against * AGAINST <= common


def _line(text: str) -> str:
    line = re.sub(r"\s+", " ", "".join(c for c in text if c.isprintable() or c.isspace())).strip()[:MARK_LENGTH]
    if not line:
        raise ValueError("a watermark needs words")
    return line


def _places(boxes: Sequence[Box]) -> list[list[float]]:
    return [[box.left, box.top, box.width, box.height] for box in boxes]


def _read(stream: IO[bytes]) -> bytes:
    data = bytearray()
    while len(data) <= LIMIT and (piece := stream.read(LIMIT + 1 - len(data))):
        data += piece
    return bytes(data)


def _judge(data: bytes, slots: Path | None, boxes: Sequence[Box] = ()) -> _Verdict:
    if not data:
        return _Verdict(None, None, Reason.EMPTY)
    if len(data) > LIMIT:
        return _Verdict(None, None, Reason.TOO_BIG)
    kind = signature(data)
    try:
        answer, jpeg = sandbox.run({"task": "take_in", "boxes": _places(boxes)}, data, slots)
        return _verdict(answer, jpeg)
    except ChildGaveUp as end:
        return _Verdict(kind, None, Reason.TOO_HEAVY if end.too_heavy else Reason.DAMAGED)
    except (KeyError, ValueError, TypeError):  # an answer the child's own code cannot give: do not believe it
        return _Verdict(kind, None, Reason.DAMAGED)


def _verdict(answer: dict[str, Field], jpeg: bytes) -> _Verdict:
    media_type = str(answer["media_type"])[:100]
    if "reason" in answer:
        return _Verdict(media_type, None, Reason(str(answer["reason"])))
    width, height, remarks = answer["width"], answer["height"], answer["remarks"]
    if not (isinstance(width, int) and isinstance(height, int) and isinstance(remarks, list) and is_plain_jpeg(jpeg)):
        raise ValueError("not an answer")
    warnings = tuple(REMARKS[Remark(str(remark))] for remark in remarks)
    return _Verdict(media_type, Picture(jpeg, width, height, warnings, media_type, answer["black"] is True), None)


def _redraw(fields: dict[str, Field], jpeg: bytes, slots: Path | None) -> tuple[dict[str, Field], bytes]:
    try:
        answer, redrawn = sandbox.run(fields, jpeg, slots)
    except ChildGaveUp:
        raise SandboxBroken from None
    if not is_plain_jpeg(redrawn):
        raise SandboxBroken
    return answer, redrawn


def _report(path: Path, media_type: str | None, reason: str | None, began: float) -> UploadReport:
    return {
        "file": str(path),
        "accepted": reason is None,
        "media_type": media_type,
        "reason": reason,
        "seconds": round(time.perf_counter() - began, 3),
    }
