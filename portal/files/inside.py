"""What is inside a PDF: its properties and the files in it. Runs in the child only; nothing in it is drawn or run."""

from base64 import b64encode

from portal.files.frames import pack

MOST_FILES = 64
LONGEST = 4 << 20
"""Bytes of all files together; a signed request with everything a person may write is far smaller."""


def prepare() -> None:
    """Import everything that is wanted: once locked in, the child can open no file."""

    import encodings.utf_16_le  # noqa: F401 # names and properties are written so

    import pypdfium2  # noqa: F401


def read(pdf: bytes) -> bytes:
    """Return a message with the properties ``reference`` and ``sha256``, and name and content (base64) of each file.

    Only ``readable`` stands in it, as 0, where the PDF is damaged, locked, or holds more than any of ours.
    """
    import pypdfium2

    try:
        return _told(pypdfium2.PdfDocument(pdf))
    except (pypdfium2.PdfiumError, MemoryError, UnicodeDecodeError, ValueError):
        return pack({"readable": 0})


def _told(document: object) -> bytes:
    count = int(document.count_attachments())  # type: ignore[attr-defined] # the library has no types
    if count > MOST_FILES:
        raise ValueError("too many files")
    names, contents, total = [], [], 0
    for place in range(count):
        attached = document.get_attachment(place)  # type: ignore[attr-defined]
        content = bytes(attached.get_data())
        total += len(content)
        if total > LONGEST:
            raise ValueError("too much inside")
        names.append(str(attached.get_name())[:100])
        contents.append(b64encode(content).decode("ascii"))
    said = {key: str(document.get_metadata_value(key))[:200] for key in ("reference", "sha256")}  # type: ignore[attr-defined]
    return pack({"readable": 1, **said, "names": names, "contents": contents})
