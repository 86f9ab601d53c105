"""Uploads stay in memory: what replaces Werkzeug's temporary files, which hold anything above 500 kB in the clear.

The bytes of a file field go into a bounded buffer. What is above the limit is counted, not kept, so the rest of the
form arrives whole and the page can say its sentence beside the field (``evidence.take_in`` raises ``UploadTooBig``).
"""

from io import BytesIO
from typing import IO

from portal.files.evidence import LIMIT

MAX_BODY = 32 * 1024 * 1024
"""Suggested ``MAX_CONTENT_LENGTH`` in bytes: room for a photo that is too large, so that a sentence can be said."""


class BoundedBuffer(BytesIO):
    """Bytes in memory, at most one more than the limit; whatever comes after is dropped.

    Attributes:
        refused: how many bytes were dropped.
    """

    refused = 0

    def write(self, piece: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Keep what fits and report all of ``piece`` as written, as the form parser expects."""
        room = max(LIMIT + 1 - self.tell(), 0)
        self.refused += max(len(piece) - room, 0)
        super().write(piece[:room])
        return len(piece)


class EncryptedUploads:
    """Mixin for the app's request class; put it before ``flask.Request``. No upload reaches a disk unencrypted.

    The clear bytes live in this process's memory for as long as the request; what is stored later is only what
    ``vault`` encrypts.
    """

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BoundedBuffer()
