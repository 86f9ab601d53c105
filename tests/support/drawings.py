"""Made-up signatures, drawn: as a browser sends one, a draft that is signed with it, and what is no signature."""

import json
import struct
from base64 import b64encode
from dataclasses import replace

from sqlalchemy.orm import Session

from portal.cases.strokes import MAX_BYTES, MAX_POINTS, MAX_STROKES, parse
from portal.intake import conversations
from portal.intake.card import WAYS
from portal.intake.script import SIGN

DRAWN = (
    "[[[90,250],[130,120],[190,90],[200,180],[170,280],[230,240],[270,170],[300,190],[290,250],[340,240],[390,170],"
    "[420,200],[410,250],[470,230],[520,180],[560,190],[560,250],[640,220],[720,200]],[[120,320],[400,300],[880,270]],[[360,110]]]"
)
"""Two lines and a dot, as ``static/js/signature.js`` sends them."""
STROKES = parse(DRAWN)


def copy_draft(session: Session, draft_id: str, *, drawn: bool = False) -> str:
    """Begin another conversation with everything said in ``draft_id``, signed by drawing or not yet; return its id.

    There is no picture of a card in it: identity is shown in another way.
    """
    said = conversations.load(session, draft_id)
    copy = replace(said, id=conversations.begin(session, "nl", [], said.words).id)
    copy.other_proof = next(iter(WAYS.values()))[0]
    if drawn:
        copy.strokes = STROKES
    else:
        copy.signature, copy.done = "", copy.done - {SIGN}
    conversations.save(session, copy, "nl")
    return copy.id


def json_of(value: object) -> str:
    """Return ``value`` as a browser writes it."""
    return json.dumps(value, separators=(",", ":"))


def zigzag(strokes: int, points: int) -> list[list[list[int]]]:
    """Return that many strokes of that many points, up and down the box."""
    return [[[(number * 7) % 1000, (line * 3) % 400] for number in range(points)] for line in range(strokes)]


def png_of(width: int, height: int) -> bytes:
    """Return the head of a transparent picture of that size."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)


HOSTILE: dict[str, str] = {
    "svg": '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "svg address": "data:image/svg+xml,<svg onload=alert(1)>",
    "html address": "data:text/html,<script>alert(1)</script>",
    "bad base64": "data:image/png;base64,%%%not-base64%%%",
    "transparent canvas": f"data:image/png;base64,{b64encode(png_of(1, 1)).decode()}",
    "900 megapixels": f"data:image/png;base64,{b64encode(png_of(30_000, 30_000)).decode()}",
    "file": "file:///etc/passwd",
    "an address": "https://example.org/signature.png",
    "not a number": "[[[NaN,1],[500,300]]]",
    "infinite": "[[[Infinity,1],[500,300]]]",
    "huge": "[[[1e308,1],[500,300]]]",
    "five thousand digits": f"[[[{'9' * 5000},1],[500,300]]]",
    "a fraction": "[[[1.5,1],[500,300]]]",
    "below zero": "[[[-1,1],[500,300]]]",
    "leading zeros": "[[[007,1],[500,300]]]",
    "other digits": "[[[١,1],[500,300]]]",
    "text": '[[["1",1],[500,300]]]',
    "truth": "[[[true,1],[500,300]]]",
    "nothing": "[[[null,1],[500,300]]]",
    "null": "null",
    "an object": '{"0":[[1,1],[500,300]]}',
    "an object for a point": '[[{"x":1,"y":1},{"x":500,"y":300}]]',
    "a bare point": "[[1,1],[500,300]]",
    "three places": "[[[1,1,1],[500,300,1]]]",
    "one place": "[[[1],[500]]]",
    "an empty stroke": "[[],[[1,1],[500,300]]]",
    "one level too deep": "[[[[1,1],[500,300]]]]",
    "deep": "[" * 60_000,
    "deeper": "[" * 100_000,
    "deep and closed": "[" * 30_000 + "]" * 30_000,
    "no end": "[[[1,1],[500,300]]",
    "two drawings": "[[[1,1],[500,300]]][[[1,1],[500,300]]]",
    "a comment": "[[[1,1],[500,300]]]/*",
    "a lone surrogate": "[[[1,1],[500,300]]]\ud800",
    "nul": "[[[1,1],[500,300]]]\0",
    "too wide": "[[[1001,1],[500,300]]]",
    "too high": "[[[1,401],[500,300]]]",
    "too many strokes": json_of(zigzag(MAX_STROKES + 1, 2)),
    "too many points": json_of(zigzag(1, MAX_POINTS + 1)),
    "too many bytes": DRAWN + " " * MAX_BYTES,
}
"""What somebody may send instead of a drawing, by what it is."""
