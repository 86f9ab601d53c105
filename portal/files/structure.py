"""The skeleton of a picture file, walked in Python before any decoder sees it. Decodes nothing.

Finds what decoders forgive and attackers use: files that are two things at once, pieces after the end, pictures that
move, chunks that unpack to far more than they are, scans without number. What a phone itself appends after a photo (a
second picture, the video of a motion photo, a maker's trailer) passes: only pixels survive anyway.
"""

import io
import re
import zipfile
import zlib

from portal.files.sniff import Kind
from portal.files.verdicts import Reason, Refused

MAX_SCANS = 100
MAX_CHUNKS = 512
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|script|svg|iframe|object|\?php|\?xml)", re.IGNORECASE)
_NO_LENGTH = {0x01, *range(0xD0, 0xD8)}
_EOI, _SOS, _COMMENT = 0xD9, 0xDA, 0xFE


def check(kind: Kind, data: bytes) -> None:
    """Walk ``data``, which sniffing found to be ``kind``.

    Raises:
        Refused: damaged, moving, mixed with another format, or built to exhaust a decoder.
    """
    if _is_archive(data):
        raise Refused(Reason.MIXED)
    if kind is not Kind.PDF and b"%PDF-" in data[:1024]:
        raise Refused(Reason.MIXED)
    if kind is Kind.JPEG:
        _check_tail(data[jpeg_end(data) :])
    elif kind is Kind.PNG:
        _check_tail(data[_png_end(data) :])
    elif kind is Kind.WEBP:
        _check_tail(data[_webp_end(data) :])


def jpeg_end(data: bytes) -> int:
    """Return where the first picture in a JPEG file ends, just after its end marker."""
    place, scans = 2, 0
    while True:
        place, marker = _next_marker(data, place)
        if marker == _EOI:
            return place
        if marker in _NO_LENGTH:
            continue
        length = int.from_bytes(data[place : place + 2], "big")
        if length < 2 or place + length > len(data):
            raise Refused(Reason.DAMAGED)
        place += length
        if marker == _SOS:
            scans += 1
            if scans > MAX_SCANS:
                raise Refused(Reason.TOO_HEAVY)
            place = _end_of_scan(data, place)


def is_plain_jpeg(data: bytes) -> bool:
    """Tell whether ``data`` is one JPEG picture that carries no metadata, no comment and nothing after its end."""
    try:
        return data.startswith(b"\xff\xd8") and _is_bare(data) and jpeg_end(data) == len(data)
    except Refused:
        return False


def _is_bare(data: bytes) -> bool:
    """Tell whether no application segment but JFIF's (APP0) and no comment stands before the first scan."""
    place = 2
    while True:
        place, marker = _next_marker(data, place)
        if marker == _SOS:
            return True
        if marker in range(0xE1, 0xF0) or marker in {_COMMENT, _EOI}:
            return False
        place += int.from_bytes(data[place : place + 2], "big")


def _next_marker(data: bytes, place: int) -> tuple[int, int]:
    """Return the place after the marker at ``place`` (fill bytes skipped) and the marker's second byte."""
    if data[place : place + 1] != b"\xff":
        raise Refused(Reason.DAMAGED)
    while data[place : place + 1] == b"\xff":
        place += 1
    if place >= len(data):
        raise Refused(Reason.DAMAGED)
    return place + 1, data[place]


def _end_of_scan(data: bytes, place: int) -> int:
    """Return where the entropy-coded bytes from ``place`` on end: at a marker that is no stuffing and no restart."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            raise Refused(Reason.DAMAGED)
        following = data[place + 1]
        if following == 0xFF:
            place += 1
        elif following == 0 or following in _NO_LENGTH:
            place += 2
        else:
            return place


def _png_end(data: bytes) -> int:
    place, others, pixels = 8, 0, False
    while True:
        head = data[place : place + 8]
        if len(head) < 8:
            raise Refused(Reason.DAMAGED)
        length, name = int.from_bytes(head[:4], "big"), head[4:]
        end = place + 12 + length
        if end > len(data) or zlib.crc32(data[place + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise Refused(Reason.DAMAGED)
        if name == b"acTL":
            raise Refused(Reason.MOVING)
        if name == b"IEND":
            if not pixels:
                raise Refused(Reason.DAMAGED)
            return end
        pixels = pixels or name == b"IDAT"
        others += name != b"IDAT"
        if others > MAX_CHUNKS:
            raise Refused(Reason.TOO_HEAVY)
        place = end


def _webp_end(data: bytes) -> int:
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise Refused(Reason.DAMAGED)
    place = 12
    while place + 8 <= end:
        if data[place : place + 4] in {b"ANIM", b"ANMF"}:
            raise Refused(Reason.MOVING)
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + length + length % 2
    return end


def _is_archive(data: bytes) -> bool:
    return zipfile.is_zipfile(io.BytesIO(data)) or data[-65600:].rfind(b"PK\x05\x06") >= 0


def _check_tail(tail: bytes) -> None:
    """Refuse what stands after a picture's end when another program could run or open it."""
    tail = tail.strip(b"\0")
    if not tail:
        return
    starts = (b"%PDF-", b"PK\x03\x04", b"MZ", b"\x7fELF", b"#!", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"GIF8", b"%!PS")
    if tail.startswith(starts) or _MARKUP.search(tail) or b"%PDF-" in tail or _is_text(tail):
        raise Refused(Reason.MIXED)


def _is_text(tail: bytes) -> bool:
    return len(tail) >= 16 and not re.search(rb"[^\t\n\r\x20-\x7e\x80-\xff]", tail[:4096])
