"""What colleagues found by hand, as it goes into the package: their words, and the files they added to them."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from portal.cases.attachments import Attachment, read_attachment
from portal.cases.tasks import Found
from portal.db import Database
from portal.fulfilment.archive import Archive
from portal.fulfilment.encoding import PICTURES, plain_name

FOLDER = "files/by-hand"


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to one task, and how to open a file of it: ``read`` gives its name and content."""

    found: Found
    read: Callable[[Attachment], tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class FileTold:
    """A file that lies in the package, as the package tells of it."""

    path: str
    name: str
    pages: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to one task with the files that lie in the package."""

    found: Found
    files: tuple[FileTold, ...]


def with_files(database: Database, found: Sequence[Found]) -> list[Answered]:
    """Return ``found`` so that each of its files can be opened in its turn: one at a time is in memory."""

    def read(row: Attachment) -> tuple[str, bytes]:
        with database.reader() as session:
            return read_attachment(session, row)

    return [Answered(each, read) for each in found]


def write_found(archive: Archive, numbers: Iterator[int], answered: Sequence[Answered]) -> list[Told]:
    """Write every file that was added to an answer, and return what there is to tell.

    Raises:
        KeyDestroyed, BlobMissing: the content of the case was forgotten meanwhile.
    """
    return [
        Told(each.found, tuple(_written(archive, next(numbers), row, each) for row in each.found.files))
        for each in answered
    ]


def _written(archive: Archive, number: int, row: Attachment, answered: Answered) -> FileTold:
    name, content = answered.read(row)
    path = f"{FOLDER}/{number:06d}-{plain_name(name)}"
    with archive.entry(path, packed=path.rpartition(".")[2] not in PICTURES) as target:
        target.write(content)
    return FileTold(path, name, row.pages, len(content), hashlib.sha256(content).hexdigest())
