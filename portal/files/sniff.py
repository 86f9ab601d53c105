"""What a file is, by its content: the first 8 KiB, never its name. Runs in the child process.

Two looks must agree. Our own signature decides which decoder is opened (libmagic differs by version, so it is no gate);
python-magic may object. What is not on the list is refused with the sentence that fits.
"""

from collections.abc import Callable
from enum import StrEnum

from portal.files.verdicts import Reason, Refused

HEAD_BYTES = 8192


class Kind(StrEnum):
    """The kinds of file that are taken, with their media types."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    PDF = "application/pdf"


# ISO 14496-12 brands of one still HEVC picture; "hevc" and "msf1" are sequences, "avif" another coding.
_STILL = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2"}
_SEQUENCE = {b"hevc", b"hevx", b"hevm", b"hevs", b"msf1"}
_UNSURE = {"application/octet-stream", "text/plain"}
_ALSO = {Kind.HEIC: {"image/heif", "image/heic-sequence", "image/heif-sequence", "image/avif", "video/mp4"}}
_REASONS = {
    "image/svg": Reason.DOCUMENT,
    "image/": Reason.OTHER_PICTURE,
    "video/": Reason.VIDEO,
    "audio/": Reason.VIDEO,
    "text/": Reason.DOCUMENT,
    "message/": Reason.DOCUMENT,
    "application/zip": Reason.ARCHIVE,
    "application/gzip": Reason.ARCHIVE,
    "application/x-gzip": Reason.ARCHIVE,
    "application/x-7z": Reason.ARCHIVE,
    "application/x-rar": Reason.ARCHIVE,
    "application/x-tar": Reason.ARCHIVE,
    "application/x-xz": Reason.ARCHIVE,
    "application/x-bzip2": Reason.ARCHIVE,
    "application/zstd": Reason.ARCHIVE,
    "application/vnd.": Reason.DOCUMENT,
    "application/msword": Reason.DOCUMENT,
    "application/xml": Reason.DOCUMENT,
    "application/json": Reason.DOCUMENT,
    "application/postscript": Reason.DOCUMENT,
}

Naming = Callable[[bytes], str]


def signature(head: bytes) -> Kind | None:
    """Return the kind whose signature stands at the very start of ``head``, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _STILL:
        return Kind.HEIC
    if head.startswith(b"%PDF-"):
        return Kind.PDF
    return None


def load_names() -> Naming:
    """Open libmagic's database (before the child locks itself in) and return what names a file's start."""
    import magic  # here, because only the child may pay for it, and a machine that never takes files in needs it not

    names: Naming = magic.Magic(mime=True).from_buffer
    return names


def media_type(head: bytes, names: Naming) -> str:
    """Return what to call the file: our kind when the signature is ours, else libmagic's name."""
    kind = signature(head)
    return kind.value if kind else str(names(head[:HEAD_BYTES]))


def sniff(head: bytes, names: Naming) -> Kind:
    """Return the kind of the file that starts with ``head``.

    Raises:
        Refused: not on the list, or the two looks name different things.
    """
    kind = signature(head)
    named = str(names(head[:HEAD_BYTES]))
    if kind is None:
        raise Refused(_reason(head, named))
    if named != kind.value and named not in _UNSURE and named not in _ALSO.get(kind, ()):
        raise Refused(Reason.MIXED)
    return kind


def _reason(head: bytes, named: str) -> Reason:
    if head[4:8] == b"ftyp" and head[8:12] in _SEQUENCE:
        return Reason.MOVING
    for start, reason in _REASONS.items():
        if named.startswith(start):
            return reason
    return Reason.NOT_A_PICTURE
